// Package arena keeps many small, unchanging items in memory that the garbage
// collector does not see, so that a million of them cost it nothing.
//
// Items are appended to chunks and never overwritten. What is freed is only
// counted; a chunk of which much was freed is emptied by moving the rest, and
// given back as a whole once no reader can be looking at it. An item's owner
// (an index) says which items are alive, so that items need no list.
package arena

import (
	"encoding/binary"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

const (
	// chunkSize is also the size of a large page.
	chunkSize = 2 << 20
	// space is how much address space is set apart; it costs nothing until
	// something lies there.
	space = 64 << 30
	// smallPages is how many chunks use small pages, for those who have few zones.
	smallPages = 8
	// together is how many chunks are opened at once, which costs no memory. The
	// system has to wait for that until nobody is being given memory, and nobody
	// is meanwhile: with each chunk by itself, loading a million zones stood still
	// for a fifth of the time.
	together = 32
	// step is how much memory is asked for at once: a fault for each page would
	// cost more than what is then done with it.
	step = 128 << 10

	// early is how much of a chunk is used when the next one should have memory.
	early = chunkSize / 4 * 3

	// MaxItem is the size of the largest item.
	MaxItem = chunkSize / 16
)

// Ref says where an item lies. It has 34 bits. The first ones are never used.
type Ref uint64

// MinRef is the smallest Ref.
const MinRef Ref = 2

// unit is what sizes of items and places are multiples of.
const unit = 8

// Arena is a set of chunks. Who calls Add, Free and Compact holds a lock over
// all of them; Item and Readers need none.
type Arena struct {
	mem     []byte // all the address space
	chunks  []chunk
	current int
	opened  int   // so many chunks may be used
	ahead   int   // the chunk that was to be provided with memory last
	empty   []int // given back
	retired []retired
	dead    int // octets freed and not yet given back
	live    int
	victim  int // the chunk that is being emptied; -1: none
	scanned int // so much of it was looked at
	poison  bool
	readers
}

type chunk struct {
	used, dead int
	there      int  // so much of it has memory behind it
	gone       bool // retired or empty
}

// retired is a chunk that nothing refers to any more.
type retired struct {
	chunk int
	epoch uint64
}

// New returns an arena. With poison, what was given back is overwritten, so
// that tests find out who still looks at it.
func New(poison bool) (*Arena, error) {
	mem, err := unix.Mmap(-1, 0, space, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("setting apart %d GB of address space for zones (is there a limit on virtual memory?): %w", space>>30, err)
	}
	a := &Arena{mem: mem, current: -1, victim: -1, poison: poison}
	a.epoch.Store(1)
	runtime.AddCleanup(a, func(mem []byte) { _ = unix.Munmap(mem) }, mem)
	return a, nil
}

// Item returns an item. It is good while the reader is in, or the writers' lock held.
func (a *Arena) Item(r Ref) []byte {
	at := uint64(r) * unit
	return a.mem[at : at+uint64(binary.LittleEndian.Uint32(a.mem[at:]))]
}

// Add copies an item, which begins with its size (a multiple of 8, at most
// MaxItem) as a little-endian uint32.
func (a *Arena) Add(item []byte) (Ref, error) {
	if a.current < 0 || a.chunks[a.current].used+len(item) > chunkSize {
		if err := a.next(); err != nil {
			return 0, err
		}
	}
	c := &a.chunks[a.current]
	at := a.current*chunkSize + c.used
	if end := c.used + len(item); end > c.there {
		from := a.current*chunkSize + c.there
		c.there = min((end+step-1)&^(step-1), chunkSize)
		_ = unix.Madvise(a.mem[from:a.current*chunkSize+c.there], unix.MADV_POPULATE_WRITE) // a wish
	}
	copy(a.mem[at:], item)
	c.used += len(item)
	a.live += len(item)
	return Ref(at / unit), nil
}

// next makes another chunk current.
func (a *Arena) next() error {
	a.reclaim()
	if n := len(a.empty); n > 0 {
		a.current, a.empty = a.empty[n-1], a.empty[:n-1]
		a.chunks[a.current] = chunk{used: begin(a.current)}
		return nil
	}
	i := len(a.chunks)
	if (i+1)*chunkSize > len(a.mem) {
		return fmt.Errorf("zones fill all %d GB that are set apart for them", len(a.mem)>>30)
	}
	if err := a.open(i); err != nil {
		return err
	}
	a.chunks, a.current = append(a.chunks, chunk{used: begin(i)}), i
	return nil
}

// open makes a chunk's address space one that memory may lie in; chunks are opened
// in order.
func (a *Arena) open(i int) error {
	if i < a.opened {
		return nil
	}
	to := min(i+together, len(a.mem)/chunkSize)
	if i < smallPages {
		to = smallPages
	}
	mem := a.mem[i*chunkSize : to*chunkSize]
	if err := unix.Mprotect(mem, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return fmt.Errorf("taking memory for zones: %w", err)
	}
	if i >= smallPages {
		_ = unix.Madvise(mem, unix.MADV_HUGEPAGE) // a wish
	}
	a.opened = to
	return nil
}

// Ahead returns where items will soon lie, once; nil if nothing is to be done.
func (a *Arena) Ahead() []byte {
	next := a.current + 1
	if next < smallPages || next <= a.ahead || next < len(a.chunks) || len(a.empty) > 0 || (next+1)*chunkSize > len(a.mem) ||
		a.chunks[a.current].used < early || a.open(next) != nil {
		return nil
	}
	a.ahead = next
	return a.chunk(next)
}

// Provide has memory behind what Ahead returned. The system clears it first,
// which takes a tenth of the time that loading zones does: nobody should hold a
// lock meanwhile.
func (a *Arena) Provide(mem []byte) {
	if len(mem) > 0 {
		_ = unix.Madvise(mem, unix.MADV_POPULATE_WRITE) // a wish
	}
	runtime.KeepAlive(a)
}

// begin is where the first item of a chunk lies.
func begin(chunk int) int {
	if chunk == 0 {
		return int(MinRef) * unit
	}
	return 0
}

func (a *Arena) chunk(i int) []byte { return a.mem[i*chunkSize : (i+1)*chunkSize : (i+1)*chunkSize] }

// Free says that an item is not referred to any more; readers may go on with it.
func (a *Arena) Free(r Ref) {
	size := len(a.Item(r))
	a.chunks[int(r)*unit/chunkSize].dead += size
	a.dead += size
	a.live -= size
}

// Size returns how many octets items take, and the chunks that they lie in.
func (a *Arena) Size() (items, chunks int) {
	for _, c := range a.chunks {
		if !c.gone {
			chunks += chunkSize
		}
	}
	return a.live, chunks
}
