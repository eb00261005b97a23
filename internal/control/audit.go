package control

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// Audit returns changes and refusals of actors of the actor's tenants, the
// newest first, or the oldest first after a sequence number. 100 where no limit
// is given, at most 1000.
func (c *Control) Audit(ctx context.Context, actor skein.Actor, q skein.AuditQuery) ([]skein.AuditEntry, error) {
	k, err := c.see(ctx, actor, skein.PermitAccess)
	if err != nil {
		return nil, err
	}
	q.Limit = limited(q.Limit)
	switch {
	case k.Whole(actor):
	case len(q.Tenants) == 0:
		q.Tenants = k.Tenancy(actor)
	default:
		q.Tenants = slices.DeleteFunc(slices.Clone(q.Tenants), func(t string) bool { return !k.Reaches(actor, t) })
		if len(q.Tenants) == 0 {
			return nil, nil
		}
	}
	return c.Store.Audit(ctx, q)
}

// AuditDiff returns what an entry of the audit log was about, a line each: "- "
// what was, "+ " what came. Of a committed change of a zone it is worked out
// from its history, for as long as that is kept.
func (c *Control) AuditDiff(ctx context.Context, actor skein.Actor, seq int64) ([]string, error) {
	// One before the first is none that After could name.
	entries, err := c.Audit(ctx, actor, skein.AuditQuery{After: cmp.Or(seq-1, -1), Limit: 1})
	if err != nil {
		return nil, err
	}
	if seq <= 0 || len(entries) == 0 || entries[0].Seq != seq {
		return nil, &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound, What: fmt.Sprintf("there is no entry %d in the audit log", seq), Mend: "skein audit shows those that there are"}
	}
	change := entries[0].Change
	if change.Revision == 0 || len(change.Diff) > 0 {
		return change.Diff, nil
	}
	delta, err := c.deltaOf(ctx, change)
	return diffLines(append(linesOf("- ", delta.Del), linesOf("+ ", delta.Add)...)), err
}

// aside is a change beside the zones: of members, tokens, tenants and users.
func (c *Control) aside(actor skein.Actor, action, subject string) skein.Change {
	subject = bounded(subject, maxText)
	if strings.ContainsFunc(subject, func(r rune) bool { return !unicode.IsPrint(r) }) {
		subject = strconv.Quote(subject) // the log is read on terminals
	}
	return skein.Change{ID: rand.Text(), At: c.Now(), Actor: actor, Action: strings.TrimSpace(action + " " + subject)}
}

// recorded puts a change beside the zones into the audit log, done or refused,
// and returns err, or that the log could not be written.
func (c *Control) recorded(ctx context.Context, change skein.Change, err error) error {
	if err != nil {
		c.refuse(ctx, change, err)
		return err
	}
	c.mark(ctx, &change)
	return c.Store.Refused(context.WithoutCancel(ctx), change)
}

// mark completes what a change says of its actor: where it came from, and whose
// it is. A panel is known by its source.
func (c *Control) mark(ctx context.Context, change *skein.Change) {
	change.Diff = diffLines(change.Diff)
	if a := change.Actor.Addr; a.IsValid() {
		change.Addr = a.Unmap().String()
	}
	if change.Tenant != "" {
		return
	}
	if k, err := c.known(ctx); err == nil {
		change.Tenant = k.TenantOf(change.Actor)
	}
}
