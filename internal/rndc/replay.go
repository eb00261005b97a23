package rndc

import (
	"cmp"
	"hash/maphash"
	"sync"
	"time"
)

const (
	replayFor    = 900 * time.Second // twice maxSkew and more: an older message is refused for its time
	maxGreetings = 100_000           // first messages remembered, of all connections
	maxOfOne     = 10_000            // messages remembered of one connection
)

// replays remembers messages for replayFor at least, or the last ones if there
// are more than most. What is forgotten early is let in again by one that is
// not ordered: the first message of a connection, which is never carried out,
// of whichever peer. One that is ordered belongs to one connection, where time
// goes on: there, nothing is taken that is older than what was forgotten.
type replays struct {
	most    int // maxGreetings if 0
	ordered bool

	mu         sync.Mutex // owns the rest
	seed       maphash.Seed
	young, old generation
	turn       time.Time // when young grows old
	forgotten  time.Time // the newest of what was forgotten
}

// generation is messages by hash: a peer must not choose what memory it costs.
type generation struct {
	has    map[uint64]bool
	newest time.Time
}

// fresh notes a message of some time; false if it was, or may have been, seen before.
func (r *replays) fresh(id string, sent, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.grow(now)
	hash := maphash.String(r.seed, id)
	if r.young.has[hash] || r.old.has[hash] || r.ordered && !sent.After(r.forgotten) {
		return false
	}
	r.young.has[hash] = true
	if sent.After(r.young.newest) {
		r.young.newest = sent
	}
	return true
}

// grow makes the young generation the old one when its time has come, or its size.
func (r *replays) grow(now time.Time) {
	switch {
	case r.young.has == nil:
		r.seed = maphash.MakeSeed()
	case now.Sub(r.turn) >= replayFor: // so old that even its being old is over
		r.young = generation{}
	case now.Before(r.turn) && len(r.young.has) < cmp.Or(r.most, maxGreetings):
		return
	}
	if r.old.newest.After(r.forgotten) {
		r.forgotten = r.old.newest
	}
	r.old, r.young, r.turn = r.young, generation{has: map[uint64]bool{}}, now.Add(replayFor)
}
