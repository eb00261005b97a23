package control

import (
	"context"
	"sync"
)

// turns lets changes of one zone through one after the other, so that nobody
// works out a change for nothing. What another node does meanwhile is noticed
// by compare and set. The zero value is ready.
type turns struct {
	mu sync.Mutex // owns of
	of map[string]*turn
}

// turn is one zone's: it exists while somebody has it or waits for it.
type turn struct {
	free  chan struct{} // holds a value while nobody has the turn
	users int           // owned by turns.mu
}

// take waits for the turn of a key, or for ctx to end. Call done afterwards.
func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	t.mu.Lock()
	if t.of == nil {
		t.of = map[string]*turn{}
	}
	mine := t.of[key]
	if mine == nil {
		mine = &turn{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		t.of[key] = mine
	}
	mine.users++
	t.mu.Unlock()

	select {
	case <-mine.free:
		return func() { mine.free <- struct{}{}; t.leave(key, mine) }, nil
	case <-ctx.Done():
		t.leave(key, mine)
		return nil, ctx.Err()
	}
}

func (t *turns) leave(key string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if mine.users--; mine.users == 0 {
		delete(t.of, key)
	}
}
