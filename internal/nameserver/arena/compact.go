package arena

import "golang.org/x/sys/unix"

// Owner knows which items are alive.
type Owner interface {
	// Refers says whether the item is the one that is referred to.
	Refers(item []byte, at Ref) bool
	// Moved has what referred to an item refer to its copy.
	Moved(item []byte, from, to Ref)
}

// tolerated is the part of the memory that may be waste: one of so many.
const tolerated = 16

// Compact does a piece of the work that keeps waste low, if there is any: it
// looks at about so many octets. Called after each Free with a few times the
// octets that were freed, it keeps up.
func (a *Arena) Compact(octets int, o Owner) error {
	a.reclaim()
	if a.victim < 0 && !a.choose() {
		return nil
	}
	c := &a.chunks[a.victim]
	for ; octets > 0 && a.scanned < c.used; c = &a.chunks[a.victim] {
		at := Ref((a.victim*chunkSize + a.scanned) / unit)
		item := a.Item(at)
		if o.Refers(item, at) {
			to, err := a.Add(item)
			if err != nil {
				return err
			}
			a.Free(at)
			o.Moved(item, at, to)
		}
		a.scanned += len(item)
		octets -= len(item)
	}
	if a.scanned == c.used {
		a.retire()
	}
	return nil
}

// Settle does all the work there is. Called when nothing is freed any more, it
// gives back what waited for the next Free.
func (a *Arena) Settle(o Owner) error {
	for a.victim >= 0 || a.choose() {
		if err := a.Compact(chunkSize, o); err != nil {
			return err
		}
	}
	a.reclaim()
	return nil
}

// choose picks the chunk of which most was freed; false if there is little to win.
func (a *Arena) choose() bool {
	if a.dead <= a.live/tolerated+chunkSize/8 {
		return false
	}
	for i, c := range a.chunks {
		if i != a.current && !c.gone && c.dead > 0 && (a.victim < 0 || c.dead > a.chunks[a.victim].dead) {
			a.victim = i
		}
	}
	a.scanned = begin(a.victim)
	return a.victim >= 0
}

// retire gives the emptied chunk up; it waits for readers.
func (a *Arena) retire() {
	c := &a.chunks[a.victim]
	a.dead -= c.dead
	c.gone = true
	a.retired = append(a.retired, retired{a.victim, a.turn()})
	a.victim = -1
}

// reclaim gives back what no reader can be looking at.
func (a *Arena) reclaim() {
	for len(a.retired) > 0 && a.retired[0].epoch < a.oldest() {
		i := a.retired[0].chunk
		a.retired = a.retired[1:]
		mem := a.chunk(i)
		if a.poison {
			for j := range mem {
				mem[j] = 0xDB
			}
		} else {
			_ = unix.Madvise(mem, unix.MADV_DONTNEED) // a wish
		}
		a.empty = append(a.empty, i)
	}
}
