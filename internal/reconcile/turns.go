package reconcile

import "sync"

// turns lets changes of one member through one after the other. Members do
// not wait for each other: cleaning one may take long. The zero value is ready.
type turns struct {
	mu sync.Mutex // owns of
	of map[string]*turn
}

// turn is one member's: it is there while somebody has it or waits for it.
type turn struct {
	sync.Mutex
	users int // owned by turns.mu
}

// take waits for the turn of a member. Call done afterwards.
func (t *turns) take(member string) (done func()) {
	t.mu.Lock()
	if t.of == nil {
		t.of = map[string]*turn{}
	}
	mine := t.of[member]
	if mine == nil {
		mine = &turn{}
		t.of[member] = mine
	}
	mine.users++
	t.mu.Unlock()
	mine.Lock()
	return func() {
		mine.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if mine.users--; mine.users == 0 {
			delete(t.of, member)
		}
	}
}
