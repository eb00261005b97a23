package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// PutWaiting implements store.Waitings.
func (s *Store) PutWaiting(ctx context.Context, w store.WaitingRow) (id int64, err error) {
	if w.Zone == "" || w.Source == "" || w.Kind == "" {
		return 0, invalid("a change that waits needs a zone, a source and a kind")
	}
	if w.At.IsZero() {
		w.At = s.now()
	}
	var contents, edits []byte
	if w.Sets != nil {
		contents = packSets(w.Sets)
	}
	if w.Edits != nil {
		edits = pack(w.Edits)
	}
	err = s.write.submit(ctx, func(t *txn) error {
		id, err = t.putWaiting(w, contents, edits)
		return err
	})
	return id, err
}

func (t *txn) putWaiting(w store.WaitingRow, contents, edits []byte) (id int64, err error) {
	key := []byte(w.Zone.Key())
	values := []any{w.Zone, w.ZoneID, w.Actor.Name, w.Actor.Door, w.Actor.Source, w.Action, w.Reason, w.Mend,
		w.Revision, w.Serial, w.Records, nanos(w.At), contents, edits}
	same := false
	found, err := t.row(`SELECT id, zone IS ? AND zone_id IS ? AND actor IS ? AND action IS ? AND reason IS ? AND revision IS ? AND serial IS ?
		AND records IS ? AND contents IS ? AND edits IS ? FROM waiting WHERE key = ? AND source = ? AND kind = ?`,
		[]any{w.Zone, w.ZoneID, w.Actor.Name, w.Action, w.Reason, w.Revision, w.Serial, w.Records, contents, edits, key, w.Source, w.Kind}, &id, &same)
	if err != nil || same {
		return id, err
	}
	if found {
		_, err := t.exec(`UPDATE waiting SET zone = ?, zone_id = ?, actor = ?, door = ?, speaks = ?, action = ?, reason = ?, mend = ?,
			revision = ?, serial = ?, records = ?, at = ?, contents = ?, edits = ? WHERE id = ?`, append(values, id)...)
		return id, err
	}
	var have int
	if _, err := t.row(`SELECT waiting FROM tally WHERE source = ?`, []any{w.Source}, &have); err != nil {
		return 0, err
	}
	if have >= store.MaxWaiting {
		return 0, &skein.Error{Kind: skein.KindUnavailable,
			What: fmt.Sprintf("%d changes of the source %q wait for a person already; nothing was changed or kept", have, w.Source),
			Mend: "release or discard some (skein hold list), or pause the source"}
	}
	res, err := t.exec(`INSERT INTO waiting (zone, zone_id, actor, door, speaks, action, reason, mend, revision, serial, records, at,
		contents, edits, key, source, kind) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, append(values, key, w.Source, w.Kind)...)
	if err != nil {
		return 0, err
	}
	if id, err = res.LastInsertId(); err != nil {
		return 0, err
	}
	return id, t.tally(w.Source, 0, 1)
}

const waitingColumns = `id, kind, zone, zone_id, source, actor, door, speaks, action, reason, mend, revision, serial, records, at`

// scanWaiting scans waitingColumns, and more after them.
func scanWaiting(row scanner, more ...any) (w skein.Waiting, err error) {
	var at int64
	err = row.Scan(append([]any{&w.ID, &w.Kind, &w.Zone, &w.ZoneID, &w.Source, &w.Actor.Name, &w.Actor.Door, &w.Actor.Source,
		&w.Action, &w.Reason, &w.Mend, &w.Revision, &w.Serial, &w.Records, &at}, more...)...)
	w.At = timeOf(at)
	return w, err
}

// Waiting implements store.Waitings. Limit 0 means all.
func (s *Store) Waiting(ctx context.Context, q store.WaitingQuery) (list []skein.Waiting, err error) {
	where, args := ` WHERE id > ?`, []any{q.After}
	if q.Zone != "" {
		where, args = where+` AND key = ?`, append(args, []byte(q.Zone.Key()))
	}
	if q.Source != "" {
		where, args = where+` AND source = ?`, append(args, q.Source)
	}
	if q.Sources != nil {
		where, args = where+` AND source IN (SELECT value FROM json_each(?))`, append(args, asJSON{&q.Sources})
	}
	if len(q.Kinds) > 0 {
		where += ` AND kind IN (?` + strings.Repeat(`,?`, len(q.Kinds)-1) + `)`
		for _, kind := range q.Kinds {
			args = append(args, kind)
		}
	}
	err = s.read(ctx, "listing what waits", func(r reader) error {
		return r.each(func(row scanner) error {
			w, err := scanWaiting(row)
			list = append(list, w)
			return err
		}, `SELECT `+waitingColumns+` FROM waiting`+where+` ORDER BY id LIMIT ?`, append(args, limit(q.Limit))...)
	})
	return list, err
}

// WaitingByID implements store.Waitings.
func (s *Store) WaitingByID(ctx context.Context, id int64) (w store.WaitingRow, err error) {
	err = s.readLong(ctx, "reading what waits", func(r reader) error {
		var contents, edits []byte
		err := r.each(func(row scanner) (err error) {
			w.Waiting, err = scanWaiting(row, &contents, &edits)
			return err
		}, `SELECT `+waitingColumns+`, contents, edits FROM waiting WHERE id = ?`, id)
		if err == nil && w.ID == 0 {
			err = notWaiting(id)
		}
		if err == nil && contents != nil {
			w.Sets, err = unpackSets(contents)
		}
		if err == nil && edits != nil {
			w.Edits, err = unpack(edits)
		}
		return err
	})
	return w, err
}

// DropWaiting implements store.Waitings.
func (s *Store) DropWaiting(ctx context.Context, id int64) error {
	return s.write.submit(ctx, func(t *txn) error { return t.dropWaiting(id) })
}

func (t *txn) dropWaiting(id int64) error {
	var source string
	found, err := t.row(`DELETE FROM waiting WHERE id = ? RETURNING source`, []any{id}, &source)
	if err != nil {
		return err
	}
	if !found {
		return notWaiting(id)
	}
	return t.tally(source, 0, -1)
}

func notWaiting(id int64) error { return notFound("no change number %d waits any more", id) }
