package sqlite

import (
	"cmp"
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// Audit implements store.Zones. Limit 0 means all. Its order is that of times:
// who asks for a month finds it by an index, which the order of the log, from
// which a clock may have strayed, would not allow.
func (s *Store) Audit(ctx context.Context, q skein.AuditQuery) (entries []store.AuditEntry, err error) {
	err = s.read(ctx, "reading the audit log", func(r reader) (err error) {
		if q.Tenants == nil || q.Zone != "" || q.After != 0 {
			entries, err = r.audit(q)
			return err
		}
		newest := func(a, b store.AuditEntry) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq)) }
		entries, err = merge(q.Tenants, q.Limit, newest, func(tenant string, after *store.AuditEntry, n int) ([]store.AuditEntry, error) {
			page := q
			page.Tenants, page.Limit = []string{tenant}, n
			if after != nil {
				page.Before = after.Seq
			}
			return r.audit(page)
		})
		return err
	})
	return entries, err
}

// audit reads one run of the log by one index, and looks at all else in what
// that finds.
func (r reader) audit(q skein.AuditQuery) ([]store.AuditEntry, error) {
	where, args := "", []any{}
	and := func(condition string, arg ...any) {
		where, args = where+" AND "+condition, append(args, arg...)
	}
	if q.Zone != "" {
		and(`key = ? AND zone <> ''`, []byte(q.Zone.Key()))
	}
	switch {
	case len(q.Tenants) == 1:
		and(`tenant = ?`, q.Tenants[0])
	case q.Tenants != nil:
		and(`tenant IN (SELECT value FROM json_each(?))`, asJSON{&q.Tenants})
	}
	if q.Actor != "" {
		and(`actor = ?`, q.Actor)
	}
	if q.Source != "" {
		and(`source = ?`, q.Source)
	}
	switch {
	case q.Refused == nil:
	case *q.Refused:
		and(`refused <> ''`)
	default:
		and(`refused = ''`)
	}
	if !q.Since.IsZero() {
		and(`at >= ?`, nanos(q.Since))
	}
	switch {
	case q.Before != 0:
		and(`(at, seq) < ((SELECT at FROM change WHERE seq = ?), ?)`, q.Before, q.Before)
		if !q.Until.IsZero() {
			and(`+at < ?`, nanos(q.Until)) // it goes on from before
		}
	case !q.Until.IsZero():
		and(`at < ?`, nanos(q.Until))
	}
	if q.After != 0 {
		return r.changes(` NOT INDEXED WHERE seq > ?`+where+` ORDER BY seq LIMIT ?`, append(append([]any{q.After}, args...), limit(q.Limit))...)
	}
	return r.changes(` INDEXED BY `+auditIndex(q)+` WHERE true`+where+` ORDER BY at DESC, seq DESC LIMIT ?`, append(args, limit(q.Limit))...)
}

// auditIndex names the index that finds least of what else would be found.
func auditIndex(q skein.AuditQuery) string {
	switch {
	case q.Zone != "":
		return "change_about"
	case q.Tenants != nil: // one: others are not to be gone through for it
		return "change_tenant"
	case q.Actor != "":
		return "change_actor"
	case q.Source != "":
		return "change_source"
	case q.Refused != nil && *q.Refused:
		return "change_refused"
	}
	return "change_at"
}
