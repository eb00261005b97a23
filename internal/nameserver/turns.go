package nameserver

import (
	"context"
	"sync"
	"time"
)

// turnLength is how long a transfer may keep others from beginning. One that
// takes longer, since it is long or its peer is slow, goes on without a turn.
const turnLength = 5 * time.Second

// turns lets only so many transfers begin at once. Who waits is served in
// rotation over peers, so that one that wants ten thousand zones does not hold
// up one that wants a single one.
type turns struct {
	mu    sync.Mutex // owns the rest
	free  int
	queue map[string][]chan struct{} // peer → its waiting ones, first come first
	order []string                   // peers with a queue, whose turn is next first
}

func newTurns(n int) *turns { return &turns{free: n, queue: map[string][]chan struct{}{}} }

// take waits for a turn as long as it takes. done gives it back.
func (t *turns) take(ctx context.Context, peer string) (done func(), err error) {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return t.begin(), nil
	}
	mine := make(chan struct{})
	if len(t.queue[peer]) == 0 {
		t.order = append(t.order, peer)
	}
	t.queue[peer] = append(t.queue[peer], mine)
	t.mu.Unlock()
	select {
	case <-mine:
		return t.begin(), nil
	case <-ctx.Done():
		go func() { <-mine; t.pass() }() // the turn that will come is for the next
		return nil, ctx.Err()
	}
}

func (t *turns) begin() (done func()) {
	pass := sync.OnceFunc(t.pass)
	timer := time.AfterFunc(turnLength, pass)
	return func() {
		timer.Stop()
		pass()
	}
}

// pass gives a turn to the next peer in rotation.
func (t *turns) pass() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.order) == 0 {
		t.free++
		return
	}
	peer := t.order[0]
	t.order = t.order[1:]
	waiting := t.queue[peer]
	close(waiting[0])
	if len(waiting) == 1 {
		delete(t.queue, peer)
		return
	}
	t.queue[peer] = waiting[1:]
	t.order = append(t.order, peer)
}
