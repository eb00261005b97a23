package nameserver

import (
	"math/bits"

	"github.com/skein-dns/skein/internal/nameserver/arena"
	"github.com/skein-dns/skein/internal/nameserver/block"
)

// together is how many questions of a batch are read before the first of them is
// answered. Where there are many zones, what a question is answered from is
// seldom near the processor: each would wait for that several times, one after
// another. Asked for together, it comes together.
const together = 16

// fetch has what so many questions are answered from come near. It decides
// nothing; what it returns only shows that it looked.
func (t *table) fetch(a *arena.Arena, questions []plainQuestion) (touched byte) {
	entries := *t.entries.Load()
	mask := uint64(len(entries) - 1)
	depth := t.deepest()
	var at [together]uint64
	var blocks [together]block.Block
	for i := range questions {
		name := &questions[i].name
		at[i] = t.hash(name.From(max(0, name.Labels-depth))) & mask
	}
	// A loop for each step: nothing in it waits for what is on its way.
	for i := range questions {
		at[i] = entries[at[i]].Load() & refMask
	}
	for i := range questions {
		if ref := arena.Ref(at[i]); ref >= arena.MinRef {
			blocks[i] = a.Item(ref)
		}
	}
	for _, b := range blocks {
		touched ^= b.Touch()
	}
	return touched
}

// deepest returns how many labels the deepest apex has.
func (t *table) deepest() int {
	if high := t.depths[1].Load(); high != 0 {
		return 127 - bits.LeadingZeros64(high)
	}
	return max(0, 63-bits.LeadingZeros64(t.depths[0].Load()))
}
