package sqlite

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
)

// purgeBatch is how many rows are dropped in one transaction, so that writers
// are not held up.
const purgeBatch = 500

// Purge implements store.Feed. First the floor is raised, then what lies
// below it goes, in batches: an interrupted purge is finished by the next.
// Live zones stay, however long ago they changed.
func (s *Store) Purge(ctx context.Context, keep time.Time) error {
	var floor skein.Revision
	err := s.read(ctx, "purging", func(r reader) error {
		pos, err := r.position()
		floor = pos.revision + 1
		if err != nil {
			return err
		}
		return r.each(func(row scanner) error { return row.Scan(&floor) },
			`SELECT revision FROM version WHERE at >= ? ORDER BY revision LIMIT 1`, nanos(keep))
	})
	if err != nil {
		return err
	}
	floor-- // the newest revision that is older than keep, and so is all before it
	if err := s.write.submit(ctx, func(t *txn) error { return t.raiseFloor(floor) }); err != nil {
		return err
	}
	drops := []struct {
		query string
		args  []any
	}{
		// Contents first, so that no single transaction drops a million records.
		{`DELETE FROM chunk WHERE num IN (SELECT chunk.num FROM zone JOIN chunk ON chunk.zone = zone.num
			WHERE zone.revision <= ? AND zone.deleted = 1 LIMIT ?)`, []any{floor}},
		{`DELETE FROM version WHERE revision IN (SELECT revision FROM version WHERE revision <= ? ORDER BY revision LIMIT ?)`, []any{floor}},
		{`DELETE FROM zone WHERE num IN (SELECT num FROM zone WHERE deleted = 1 AND revision <= ? LIMIT ?)`, []any{floor}},
		{`DELETE FROM change WHERE seq IN (SELECT seq FROM change WHERE seq <
			coalesce((SELECT seq FROM change WHERE at >= ? ORDER BY seq LIMIT 1), 1 << 62) ORDER BY seq LIMIT ?)`, []any{nanos(keep)}},
	}
	for _, d := range drops {
		if err := s.drop(ctx, d.query, d.args...); err != nil {
			return err
		}
	}
	return nil
}

// raiseFloor never lowers it.
func (t *txn) raiseFloor(floor skein.Revision) error {
	if floor <= t.pos.floor {
		return nil
	}
	digest := t.pos.digest
	if floor < t.pos.revision {
		if _, err := t.row(`SELECT digest FROM version WHERE revision = ?`, []any{floor}, &digest); err != nil {
			return err
		}
	}
	t.pos.floor, t.pos.floorDigest = floor, digest
	return t.savePosition()
}

// drop repeats a DELETE, whose last argument is the batch size, until it finds nothing.
func (s *Store) drop(ctx context.Context, query string, args ...any) error {
	for {
		var dropped int64
		err := s.write.submit(ctx, func(t *txn) error {
			res, err := t.exec(query, append(args, purgeBatch)...)
			if err == nil {
				dropped, err = res.RowsAffected()
			}
			return err
		})
		if err != nil || dropped < purgeBatch {
			return err
		}
	}
}
