package plesk

import (
	"context"
	"sync"

	"github.com/skein-dns/skein"
)

// turns lets one push of a source in at a time. A hook that gave up waiting
// sends its push again while the first may still be at work; side by side, the
// slower one could bring back what a later push has changed.
type turns struct {
	mu   sync.Mutex
	busy map[string]chan struct{} // by source; closed when the turn ends
}

func (t *turns) take(ctx context.Context, source string) (release func(), err error) {
	for ctx.Err() == nil {
		t.mu.Lock()
		ahead := t.busy[source]
		if ahead == nil {
			mine := make(chan struct{})
			t.busy[source] = mine
			t.mu.Unlock()
			return func() { t.end(source, mine) }, nil
		}
		t.mu.Unlock()
		select {
		case <-ahead:
		case <-ctx.Done():
		}
	}
	return nil, &skein.Error{Kind: skein.KindUnavailable, What: "another push of the same source is still at work", Mend: "send it again later", Cause: ctx.Err()}
}

func (t *turns) end(source string, mine chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.busy, source)
	close(mine)
}
