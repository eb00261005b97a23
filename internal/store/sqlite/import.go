package sqlite

import (
	"context"
	"iter"

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
func (s *Store) importBatch(ctx context.Context, batch []*planned, done func(store.Commit)) error {
	if len(batch) == 0 {
		return nil
	}
	var commits []store.Commit
	var refusal error
	err := s.write.submit(ctx, func(t *txn) error {
		commits, refusal = commits[:0], nil
		for _, p := range batch {
			refusal = t.savepoint(func() error {
				c, err := t.apply(p)
				if err == nil {
					commits = append(commits, c)
				}
				return err
			})
			if disturbed(refusal) {
				return refusal
			}
			if refusal != nil {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range commits {
		done(c)
	}
	return refusal
}
