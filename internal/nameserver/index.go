package nameserver

import (
	"bytes"
	"hash/maphash"
	"sync"

	"github.com/skein-dns/skein/internal/nameserver/arena"
	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

// index holds the zones: small ones as blocks in an arena, and beside them
// what is in no block. Its users take copies, so that nothing they hold on to
// stands in the way; only the fast path (quick.go) looks at blocks in place.
type index struct {
	apexes table

	mu    sync.RWMutex // owns what apexes refers to, arena and kept
	arena *arena.Arena
	kept  map[string]kept // by apex in lower case wire form

	writing [64]sync.Mutex // held by the one who makes the next version of a zone
}

// kept is what of a zone is in no block.
type kept struct {
	view    *view // the zone, if it is none
	history history
}

// init makes the index ready; without zones it takes no memory of note.
func (x *index) init() (err error) {
	x.apexes.init()
	x.kept = map[string]kept{}
	x.arena, err = arena.New(false)
	return err
}

// write takes the lock of a zone's writer.
func (x *index) write(name zone.Name) (done func()) {
	lock := &x.writing[maphash.String(x.apexes.seed, name.Key())%uint64(len(x.writing))]
	lock.Lock()
	return lock.Unlock
}

// view returns the view of an apex; nil if it is not served.
func (x *index) view(key string) *view {
	apex := wireOfKey(key)
	x.mu.RLock()
	_, b := x.apexes.find(x.arena, apex)
	if b == nil {
		x.mu.RUnlock()
		return nil
	}
	return x.copied(b)
}

// find returns the view of the longest apex at or above a name, and how many
// labels the name has below it. With above, the apex must be a proper ancestor
// (a DS question belongs to the parent).
func (x *index) find(n *block.Name, above bool) (v *view, below int) {
	from := 0
	if above {
		from = 1
	}
	x.mu.RLock()
	b, below := x.apexes.longest(x.arena, n, from)
	if b == nil {
		x.mu.RUnlock()
		return nil, 0
	}
	return x.copied(b), below
}

// copied makes a view of a copy of a block, and lets the lock go.
func (x *index) copied(b block.Block) *view {
	more := x.kept[string(b.Apex())]
	if b.State() == block.Elsewhere {
		x.mu.RUnlock()
		return more.view
	}
	b = bytes.Clone(b)
	x.mu.RUnlock()
	return viewOf(b, more.history)
}

// put makes c the zone's contents.
func (x *index) put(c zone.Contents) error {
	defer x.write(c.Origin())()
	return x.store(newView(c, x.view(c.Origin().Key())))
}

// fail makes a zone answer SERVFAIL.
func (x *index) fail(name zone.Name) error {
	defer x.write(name)()
	key := name.Key()
	v := x.view(key).asFailed()
	if b, ok := v.contents.(blockRecords); ok {
		b.SetState(block.Failed) // a copy of ours
		return x.set(b.Apex(), b.Block, kept{history: v.history})
	}
	apex := wireOfKey(key)
	return x.set(apex, block.Empty(apex, block.Elsewhere), kept{view: v})
}

// drop takes a zone out.
func (x *index) drop(name zone.Name) error {
	defer x.write(name)()
	return x.set(wireOfKey(name.Key()), nil, kept{})
}

// store has a view served; the caller writes the zone.
func (x *index) store(v *view) error {
	apex := wireOfKey(v.apex)
	if b, ok := compile(v); ok {
		return x.set(apex, b, kept{history: v.history})
	}
	return x.set(apex, block.Empty(apex, block.Elsewhere), kept{view: v})
}

// set puts a block in place of an apex's; nil takes the apex out.
func (x *index) set(apex []byte, b block.Block, more kept) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var before arena.Ref
	if b == nil {
		before = x.apexes.remove(x.arena, apex)
	} else {
		to, err := x.arena.Add(b)
		if err != nil {
			return err
		}
		before = x.apexes.set(x.arena, apex, to)
	}
	if more.view == nil && len(more.history.steps) == 0 {
		delete(x.kept, string(apex))
	} else {
		x.kept[string(apex)] = more
	}
	if before == 0 {
		return nil
	}
	freed := len(x.arena.Item(before))
	x.arena.Free(before)
	return x.arena.Compact(2*compactBy*freed, x)
}

// compactBy is how many octets are looked at to win one.
const compactBy = 16

// Refers implements arena.Owner.
func (x *index) Refers(item []byte, at arena.Ref) bool {
	entry, _ := x.apexes.find(x.arena, block.Block(item).Apex())
	return entry != nil && arena.Ref(entry.Load()&refMask) == at
}

// Moved implements arena.Owner.
func (x *index) Moved(item []byte, _, to arena.Ref) {
	x.apexes.set(x.arena, block.Block(item).Apex(), to)
}
