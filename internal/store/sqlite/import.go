package sqlite

import (
	"context"
	"errors"
	"iter"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// One transaction of an import holds so many zones, or zones of so many
// records; other writers come in between.
const (
	importBatch   = 1000
	importRecords = 50_000
)

// Import implements store.Zones. Every write must create a zone.
func (s *Store) Import(ctx context.Context, writes iter.Seq[store.Write], done func(store.Commit)) error {
	batch, size := make([]*planned, 0, importBatch), 0
	for w := range writes {
		p, err := s.plan(w)
		if err == nil && (!p.creates() || w.Waiting != 0) {
			err = invalid("zone %s is not new: only new zones are imported", w.Zone.Name)
		}
		if err == nil {
			batch, size = append(batch, p), size+p.added
		}
		if err != nil || len(batch) == importBatch || size >= importRecords {
			if failure := s.importBatch(ctx, batch, done); failure != nil {
				return failure
			}
			clear(batch)
			batch, size = batch[:0], 0
		}
		if err != nil {
			return err
		}
	}
	return s.importBatch(ctx, batch, done)
}

// importBatch commits what comes before the first refusal, and returns that.
// The zones have no savepoint each, which would double the time: create
// refuses before it writes. Any other error undoes the batch.
func (s *Store) importBatch(ctx context.Context, batch []*planned, done func(store.Commit)) error {
	if len(batch) == 0 {
		return nil
	}
	commits := make([]store.Commit, 0, len(batch))
	var refusal *skein.Error
	err := s.write.submit(ctx, func(t *txn) error {
		for _, p := range batch {
			c, err := t.apply(p)
			if errors.As(err, &refusal) {
				return nil
			}
			if err != nil {
				return err
			}
			commits = append(commits, c)
		}
		return nil
	})
	if err != nil {
		return failed("importing zones", err)
	}
	for _, c := range commits {
		done(c)
	}
	if refusal != nil {
		return refusal
	}
	return nil
}
