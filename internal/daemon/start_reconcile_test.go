package daemon

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/internal/store"
)

// readFeed says when it is read.
type readFeed chan struct{}

func (readFeed) Wake() (<-chan struct{}, func()) { return nil, func() {} }

func (f readFeed) Entries(_ context.Context, after store.Cursor, _ int) ([]store.Entry, store.Cursor, error) {
	close(f)
	return nil, "", errors.New("once is enough")
}

// Reading through all zones waits until what the image has is served, and no
// longer; a node that ends before does not wait.
func TestReconcileWaitsForTheImage(t *testing.T) {
	t.Parallel()
	for _, ends := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			feed := make(readFeed)
			n := &node{restored: make(chan struct{})}
			loop, err := reconcile.New(reconcile.Config{
				Feed: feed, Zones: struct{ reconcile.Zones }{}, Prober: struct{ reconcile.Prober }{}, Announcer: struct{ reconcile.Announcer }{},
				Driver: func(skein.Member, skein.MemberSecrets) (member.Driver, error) { return nil, nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- n.reconcile(ctx, loop) }()
			synctest.Wait()
			select {
			case <-feed:
				t.Error("it did not wait")
			default:
			}
			if !ends {
				close(n.restored)
				<-feed
			}
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}
