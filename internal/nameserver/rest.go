package nameserver

import (
	"sync/atomic"
	"time"
)

// rest is what changes of zones leave behind: memory that the runtime keeps for
// more of the same, for minutes, and up to as much again as is in use. Once
// many changes are over it goes back to the system. A few are not worth it.
type rest struct {
	changes atomic.Int64 // since it was given back
	release func()
}

const (
	manyChanges = 1000
	// calm is how long there must be no change.
	calm = 5 * time.Second
)

// add counts a change.
func (r *rest) add() {
	if n := r.changes.Add(1); n == manyChanges {
		r.wait(n)
	}
}

// wait gives back what is left after so many changes if there is none for a
// while; else it goes on waiting.
func (r *rest) wait(changes int64) {
	time.AfterFunc(calm, func() {
		if !r.changes.CompareAndSwap(changes, 0) {
			r.wait(r.changes.Load())
			return
		}
		r.release()
	})
}
