package sqlite

import (
	"cmp"
	"context"
	"database/sql"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// selectChange goes with scanChange.
const selectChange = `SELECT seq, id, revision, at, actor, door, source, action, zone_id, zone, serial, added, removed, refused, addr, tenant, diff FROM change`

func scanChange(row scanner) (e store.AuditEntry, err error) {
	var at int64
	var revision sql.Null[skein.Revision]
	err = row.Scan(&e.Seq, &e.ID, &revision, &at, &e.Actor.Name, &e.Actor.Door, &e.Actor.Source, &e.Action,
		&e.ZoneID, &e.Zone, &e.Serial, &e.Added, &e.Removed, &e.Refused, &e.Addr, &e.Tenant, asJSON{&e.Diff})
	e.Revision, e.At = revision.V, timeOf(at)
	return e, err
}

// History implements store.Zones. Limit 0 means all.
func (s *Store) History(ctx context.Context, name zone.Name, n int) ([]skein.Change, error) {
	entries, err := s.changes(ctx, ` WHERE key = ? AND revision IS NOT NULL ORDER BY seq DESC LIMIT ?`, []byte(name.Key()), limit(n))
	changes := make([]skein.Change, len(entries))
	for i, e := range entries {
		changes[i] = e.Change
	}
	return changes, err
}

func (s *Store) changes(ctx context.Context, where string, args ...any) (entries []store.AuditEntry, err error) {
	err = s.read(ctx, "reading the audit log", func(r reader) error {
		entries, err = r.changes(where, args...)
		return err
	})
	return entries, err
}

func (r reader) changes(where string, args ...any) (entries []store.AuditEntry, err error) {
	err = r.each(func(row scanner) error {
		e, err := scanChange(row)
		entries = append(entries, e)
		return err
	}, selectChange+where, args...)
	return entries, err
}

// Deletions implements store.Zones.
func (s *Store) Deletions(ctx context.Context, q store.DeletionQuery) (n int, err error) {
	var query, of string
	switch {
	case q.Origin != "" && q.Actor == "":
		query, of = `gone = ?`, q.Origin
	case q.Actor != "" && q.Origin == "":
		query, of = `gone IS NOT NULL AND actor = ?`, q.Actor
	default:
		return 0, invalid("deletions are counted by origin or by actor")
	}
	err = s.read(ctx, "counting deletions", func(r reader) error {
		_, err := r.row(`SELECT count(*) FROM (SELECT 1 FROM change WHERE `+query+` AND at >= ? LIMIT ?)`,
			[]any{of, nanos(q.Since), limit(q.Limit)}, &n)
		return err
	})
	return n, err
}

// ChangesBy implements store.Zones. Limit 0 means all.
func (s *Store) ChangesBy(ctx context.Context, q store.ChangesQuery) ([]store.AuditEntry, error) {
	where, args := ` WHERE revision IS NOT NULL AND source = ? AND at >= ?`, []any{q.Source, nanos(q.Since)}
	if q.After != 0 {
		where, args = where+` AND (at, seq) > ((SELECT at FROM change WHERE seq = ?), ?)`, append(args, q.After, q.After)
	}
	return s.changes(ctx, where+` ORDER BY at, seq LIMIT ?`, append(args, limit(q.Limit))...)
}

// Refused implements store.Zones.
func (s *Store) Refused(ctx context.Context, c skein.Change) error {
	if c.At.IsZero() {
		c.At = s.now()
	}
	c.Revision = 0
	return s.write.submit(ctx, func(t *txn) error { return t.audit(c, sql.Null[string]{}) })
}

// audit adds a change to the log; one without a revision is a refusal. Gone is,
// of a deletion, the source that the zone belonged to.
func (t *txn) audit(c skein.Change, gone sql.Null[string]) error {
	key := []byte{}
	if c.Zone != "" {
		key = []byte(c.Zone.Key())
	}
	var diff any = ""
	if len(c.Diff) > 0 {
		diff = asJSON{&c.Diff}
	}
	revision := sql.Null[int64]{V: int64(c.Revision), Valid: c.Revision != 0}
	_, err := t.exec(`INSERT INTO change (id, revision, at, actor, door, source, action, zone_id, zone, key, serial, added, removed, refused, gone, addr, tenant, diff)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, c.ID, revision, nanos(c.At), c.Actor.Name, c.Actor.Door, c.Actor.Source,
		c.Action, c.ZoneID, c.Zone, key, c.Serial, c.Added, c.Removed, c.Refused, gone, c.Addr, cmp.Or(c.Tenant, skein.RootTenant), diff)
	return err
}
