package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/skein-dns/skein"
)

// AuditQuery asks for a part of the audit log: the entries that all the fields
// fit that are set.
type AuditQuery struct {
	skein.Page // Contains is not looked at
	Zone       string
	Actor      string // name of a user or token
	Tenant     string
	Source     string
	Since      time.Time
	Until      time.Time // before this time
	Refused    *bool     // only refusals, or only what was done
	After      int64     // what has come to the log since the entry of this number, oldest first; -1: from its first
}

// ListAudit returns a part of the audit log, newest first, or with After oldest first.
func (c *Client) ListAudit(ctx context.Context, a AuditQuery) (skein.AuditList, error) {
	q := pageQuery(skein.Page{Cursor: a.Cursor, Limit: a.Limit})
	put(q, "zone", a.Zone)
	put(q, "actor", a.Actor)
	put(q, "tenant", a.Tenant)
	put(q, "source", a.Source)
	putTime(q, "since", a.Since)
	putTime(q, "until", a.Until)
	if a.Refused != nil {
		q.Set("refused", strconv.FormatBool(*a.Refused))
	}
	if a.After != 0 {
		q.Set("after", strconv.FormatInt(a.After, 10))
	}
	return get[skein.AuditList](ctx, c, "/audit", q)
}

// AuditDiff returns what the change of an entry did, or was to do.
func (c *Client) AuditDiff(ctx context.Context, seq int64) (skein.AuditDiff, error) {
	return get[skein.AuditDiff](ctx, c, "/audit/"+strconv.FormatInt(seq, 10)+"/diff", nil)
}

func putTime(q url.Values, key string, at time.Time) {
	if !at.IsZero() {
		q.Set(key, at.Format(time.RFC3339Nano))
	}
}
