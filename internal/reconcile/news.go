package reconcile

import (
	"context"
	"sync"

	"github.com/skein-dns/skein/zone"
)

// news is what those who made the loop are to be told. Workers leave it here
// under their locks; one goroutine tells it without any, so that whoever is
// told may change members.
type news struct {
	mu    sync.Mutex // owns the group; a leaf
	calls []func()
	ahead map[conflict]lead // the newest of each: memory follows the conflicts
	some  chan struct{}
}

type conflict struct {
	member string
	zone   zone.Name
}

type lead struct {
	serial uint32
	over   bool
}

func newNews() *news {
	return &news{ahead: map[conflict]lead{}, some: make(chan struct{}, 1)}
}

func (n *news) call(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls = append(n.calls, f)
	poke(n.some)
}

func (n *news) isAhead(c conflict, a lead) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ahead[c] = a
	poke(n.some)
}

func (n *news) take() ([]func(), map[conflict]lead) {
	n.mu.Lock()
	defer n.mu.Unlock()
	calls, ahead := n.calls, n.ahead
	n.calls, n.ahead = nil, map[conflict]lead{}
	return calls, ahead
}

// tell passes the news on until ctx ends.
func (l *Loop) tell(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.news.some:
		}
		calls, ahead := l.news.take()
		for _, call := range calls {
			call()
		}
		for c, a := range ahead {
			l.cfg.Ahead(c.member, c.zone, a.serial, a.over)
		}
	}
}
