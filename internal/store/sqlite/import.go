package sqlite

import (
	"context"
	"errors"
	"iter"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// importBatch is how many zones of an import share a transaction. Other
// writers come in between.
const importBatch = 1000

// Import implements store.Zones. Every write must create a zone.
func (s *Store) Import(ctx context.Context, writes iter.Seq[store.Write], done func(store.Commit)) error {
	batch := make([]*planned, 0, importBatch)
	for w := range writes {
		p, err := s.plan(w)
		if err == nil && !p.creates() {
			err = invalid("zone %s is not new: only new zones are imported", w.Zone.Name)
		}
		if err == nil {
			batch = append(batch, p)
		}
		if err != nil || len(batch) == importBatch {
			if failure := s.importBatch(ctx, batch, done); failure != nil {
				return failure
			}
			batch = batch[:0]
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
