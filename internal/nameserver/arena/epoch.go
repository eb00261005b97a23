package arena

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// readers are those who look at items without a lock. Time is cut into epochs;
// a reader that is in says since which, and a chunk that was retired in an
// epoch is given back when everyone who is in came later.
type readers struct {
	epoch atomic.Uint64

	mu  sync.Mutex // owns all
	all []*Reader
}

// Reader is one goroutine's place among the readers. It is not for concurrent use.
type Reader struct {
	since atomic.Uint64 // 0: out
	_     [56]byte      // a cache line of its own
	among *readers
}

// Reader enrols a reader.
func (a *Arena) Reader() *Reader {
	r := &Reader{among: &a.readers}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, r)
	return r
}

// Enter begins a stretch in which items are looked at. It should be short: of
// a few messages, say. Who waits for something must leave before.
func (r *Reader) Enter() { r.since.Store(r.among.epoch.Load()) }

// Leave ends it: no item may be looked at from here on.
func (r *Reader) Leave() { r.since.Store(0) }

// Close takes the reader off the list.
func (r *Reader) Close() {
	r.among.mu.Lock()
	defer r.among.mu.Unlock()
	r.among.all = slices.DeleteFunc(r.among.all, func(o *Reader) bool { return o == r })
}

// turn ends an epoch and returns it. Whoever comes in later sees what was
// stored before the call.
func (r *readers) turn() uint64 { return r.epoch.Add(1) - 1 }

// oldest returns since when the one who is in longest is in.
func (r *readers) oldest() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	oldest := uint64(math.MaxUint64)
	for _, reader := range r.all {
		if since := reader.since.Load(); since != 0 {
			oldest = min(oldest, since)
		}
	}
	return oldest
}
