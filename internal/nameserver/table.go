package nameserver

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/skein-dns/skein/internal/nameserver/arena"
	"github.com/skein-dns/skein/internal/nameserver/block"
)

// table finds the block of an apex. Readers need no lock: every entry is one
// word, and a change of a zone is one store. Writers hold index.mu.
type table struct {
	seed    maphash.Seed // so that nobody can choose names that meet
	entries atomic.Pointer[[]atomic.Uint64]
	depths  [2]atomic.Uint64 // bit n: there is an apex of n labels
	count   [128]int         // of them
	used    int              // entries that are not free
	zones   int
}

// An entry: 30 bits of the hash, which also say where it belongs, and 34 of
// the place. 0 is free, gone was taken out.
const (
	refBits = 34
	refMask = 1<<refBits - 1
	gone    = 1
)

// init makes the table ready.
func (t *table) init() {
	t.seed = maphash.MakeSeed()
	entries := make([]atomic.Uint64, 16)
	t.entries.Store(&entries)
}

func (t *table) hash(apex []byte) uint64 { return maphash.Bytes(t.seed, apex) >> refBits }

// find returns the entry of an apex, in lower case wire form.
func (t *table) find(a *arena.Arena, apex []byte) (*atomic.Uint64, block.Block) {
	entries := *t.entries.Load()
	mask := uint64(len(entries) - 1)
	hash := t.hash(apex)
	for i := hash; ; i++ {
		entry := &entries[i&mask]
		e := entry.Load()
		if e == 0 {
			return nil, nil
		}
		if e>>refBits != hash || e == gone {
			continue
		}
		if b := block.Block(a.Item(arena.Ref(e & refMask))); string(b.Apex()) == string(apex) {
			return entry, b
		}
	}
}

// longest returns the block of the longest apex at or above a name, from one
// of its labels on, and how many labels the name has below it; nil if there is
// none.
func (t *table) longest(a *arena.Arena, n *block.Name, from int) (b block.Block, below int) {
	depths := [2]uint64{t.depths[0].Load(), t.depths[1].Load()}
	for below = from; below <= n.Labels; below++ {
		labels := n.Labels - below
		if depths[labels/64]>>(labels%64)&1 == 0 {
			continue
		}
		if _, b := t.find(a, n.From(below)); b != nil {
			return b, below
		}
	}
	return nil, 0
}

// set has an apex refer to a block; it returns what it referred to before.
func (t *table) set(a *arena.Arena, apex []byte, to arena.Ref) (before arena.Ref) {
	if entry, _ := t.find(a, apex); entry != nil {
		before = arena.Ref(entry.Load() & refMask)
		entry.Store(t.hash(apex)<<refBits | uint64(to))
		return before
	}
	if entries := *t.entries.Load(); (t.used+1)*4 > len(entries)*3 {
		t.grow()
	}
	t.insert(*t.entries.Load(), t.hash(apex)<<refBits|uint64(to))
	t.used++
	t.zones++
	t.counted(apex, 1)
	return 0
}

func (t *table) insert(entries []atomic.Uint64, e uint64) {
	mask := uint64(len(entries) - 1)
	i := e >> refBits
	for entries[i&mask].Load() != 0 {
		i++
	}
	entries[i&mask].Store(e)
}

// grow makes room, or does away with what was taken out.
func (t *table) grow() {
	size := 16
	for size*3 < (t.zones+1)*5 {
		size *= 2
	}
	grown := make([]atomic.Uint64, size)
	old := *t.entries.Load()
	for i := range old {
		if e := old[i].Load(); e != 0 && e != gone {
			t.insert(grown, e)
		}
	}
	t.used = t.zones
	t.entries.Store(&grown)
}

// remove takes an apex out; it returns what it referred to, 0 if nothing.
func (t *table) remove(a *arena.Arena, apex []byte) (before arena.Ref) {
	entry, _ := t.find(a, apex)
	if entry == nil {
		return 0
	}
	before = arena.Ref(entry.Load() & refMask)
	entry.Store(gone)
	t.zones--
	t.counted(apex, -1)
	return before
}

// counted keeps depths.
func (t *table) counted(apex []byte, by int) {
	labels := 0
	for at := 0; apex[at] != 0; at += int(apex[at]) + 1 {
		labels++
	}
	t.count[labels] += by
	word, bit := &t.depths[labels/64], uint64(1)<<(labels%64)
	if t.count[labels] > 0 {
		word.Store(word.Load() | bit)
	} else {
		word.Store(word.Load() &^ bit)
	}
}
