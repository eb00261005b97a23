package reconcile

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/skein-dns/skein"
)

// census counts live zones by pool, in about 40 octets each: the hash of its
// id is enough to know whether one is new, and which pool it was in.
type census struct {
	seed  maphash.Seed
	known map[uint64]uint32 // hash of the id → pool
	pools []string
	index map[string]uint32
	live  []*atomic.Int64 // by pool, to be read without the lock
	all   atomic.Int64
}

func newCensus() *census {
	return &census{seed: maphash.MakeSeed(), known: map[uint64]uint32{}, index: map[string]uint32{}}
}

// pool returns the number of a pool, which it gets when it is first heard of.
func (c *census) pool(name string) uint32 {
	name = poolName(name)
	n, ok := c.index[name]
	if !ok {
		n = uint32(len(c.pools))
		c.pools, c.index[name], c.live = append(c.pools, name), n, append(c.live, new(atomic.Int64))
	}
	return n
}

// learn takes in what a zone is now. It tells whether it is new, and the pool
// that it was in before if that was another.
func (c *census) learn(z skein.Zone) (created bool, from string) {
	id := maphash.String(c.seed, string(z.ID))
	before, known := c.known[id]
	now := c.pool(z.Pool)
	if known {
		c.live[before].Add(-1)
		if before != now {
			from = c.pools[before]
		}
	}
	if z.Deleted {
		delete(c.known, id)
	} else {
		c.known[id] = now
		c.live[now].Add(1)
	}
	c.all.Store(int64(len(c.known)))
	return !known && !z.Deleted, from
}

// counters are the numbers of zones of these pools, kept up to date.
func (c *census) counters(pools []string) []*atomic.Int64 {
	counters := make([]*atomic.Int64, len(pools))
	for i, name := range pools {
		counters[i] = c.live[c.pool(name)]
	}
	return counters
}

// clear forgets all zones.
func (c *census) clear() {
	clear(c.known)
	for _, n := range c.live {
		n.Store(0)
	}
	c.all.Store(0)
}
