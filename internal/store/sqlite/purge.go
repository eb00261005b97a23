package sqlite

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
)

// How many rows are dropped in one transaction, so that writers are not held up.
const (
	purgeBatch = 500
	purgeZones = 100
)

// Purge implements store.Feed. First the floor is raised, then what lies
// below it goes, in batches: an interrupted purge is finished by the next.
// Live zones stay, however long ago they changed.
func (s *Store) Purge(ctx context.Context, keep time.Time) error {
	floor, seq, err := s.bounds(ctx, keep)
	if err != nil {
		return err
	}
	if err := s.write.submit(ctx, func(t *txn) error { return t.raiseFloor(floor) }); err != nil {
		return err
	}
	for _, drop := range []func(t *txn) (more bool, err error){
		func(t *txn) (bool, error) {
			n, err := t.drop(`DELETE FROM version WHERE revision IN (SELECT revision FROM version WHERE revision <= ? ORDER BY revision LIMIT ?)`, floor, purgeBatch)
			return n == purgeBatch, err
		},
		func(t *txn) (bool, error) { return t.dropTombstones(floor) },
		func(t *txn) (bool, error) {
			n, err := t.drop(`DELETE FROM change WHERE seq IN (SELECT seq FROM change WHERE seq < ? ORDER BY seq LIMIT ?)`, seq, purgeBatch)
			return n == purgeBatch, err
		},
	} {
		for more := true; more; {
			err := s.write.submit(ctx, func(t *txn) (err error) {
				more, err = drop(t)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// bounds finds the newest revision that is older than keep, and so is all
// before it, and the first entry of the audit log that is not.
func (s *Store) bounds(ctx context.Context, keep time.Time) (floor skein.Revision, seq int64, err error) {
	err = s.read(ctx, "purging", func(r reader) error {
		pos, err := r.position()
		if err != nil {
			return err
		}
		first := pos.revision + 1
		if _, err := r.row(`SELECT revision FROM version WHERE at >= ? ORDER BY revision LIMIT 1`, []any{nanos(keep)}, &first); err != nil {
			return err
		}
		floor = first - 1
		if _, err := r.row(`SELECT coalesce(max(seq), 0) + 1 FROM change`, nil, &seq); err != nil {
			return err
		}
		_, err = r.row(`SELECT seq FROM change WHERE at >= ? ORDER BY seq LIMIT 1`, []any{nanos(keep)}, &seq)
		return err
	})
	return floor, seq, err
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

// dropTombstones drops the oldest ones: contents first, so that no single
// transaction drops a million records.
func (t *txn) dropTombstones(floor skein.Revision) (more bool, err error) {
	const oldest = `(SELECT num FROM zone WHERE deleted = 1 AND revision <= ? ORDER BY revision LIMIT ?)`
	n, err := t.drop(`DELETE FROM chunk WHERE num IN (SELECT num FROM chunk WHERE zone IN `+oldest+` LIMIT ?)`,
		floor, purgeZones, purgeBatch)
	if err != nil || n == purgeBatch {
		return true, err
	}
	n, err = t.drop(`DELETE FROM zone WHERE num IN `+oldest, floor, purgeZones)
	return n == purgeZones, err
}

func (t *txn) drop(query string, args ...any) (dropped int64, err error) {
	res, err := t.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
