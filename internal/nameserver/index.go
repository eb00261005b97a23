package nameserver

import (
	"bytes"
	"errors"
	"hash/maphash"
	"sync"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/nameserver/arena"
	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

// index holds the zones: small ones as blocks in an arena, and beside them
// what is in no block. Questions look at blocks in place; who wants a zone
// for longer gets a copy, so that nobody stands in the way of the next version.
type index struct {
	apexes table

	mu    sync.RWMutex // owns what apexes refers to, arena and kept
	arena *arena.Arena
	kept  map[string]kept // by apex in lower case wire form

	tools   sync.Pool      // of *tools
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

// write takes the lock of the writer of an apex and returns it.
func (x *index) write(key string) *sync.Mutex {
	lock := &x.writing[maphash.String(x.apexes.seed, key)%uint64(len(x.writing))]
	lock.Lock()
	return lock
}

// view returns the view of an apex, for as long as it is wanted; nil if the
// apex is not served.
func (x *index) view(key string) *view {
	apex := wireOfKey(key)
	x.mu.RLock()
	_, b := x.apexes.find(x.arena, apex)
	more := x.kept[string(apex)]
	if b != nil && b.State() != block.Elsewhere {
		b, more.view = bytes.Clone(b), nil
	}
	x.mu.RUnlock()
	if b == nil || more.view != nil {
		return more.view
	}
	v := viewOf(b, more.history)
	v.soa, _ = b.Set(key, zone.TypeSOA)
	return v
}

// count returns how many zones there are.
func (x *index) count() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.apexes.zones
}

// serial returns the serial of a zone; false if it is not served.
func (x *index) serial(key string) (serial uint32, ok bool) {
	apex := wireOfKey(key)
	x.mu.RLock()
	defer x.mu.RUnlock()
	_, b := x.apexes.find(x.arena, apex)
	switch {
	case b == nil || b.State() == block.Failed:
		return 0, false
	case b.State() == block.Answering:
		return b.Serial(), true
	}
	v := x.kept[string(apex)].view
	return v.serial, !v.failed
}

// ask finds the zone that a question belongs to and asks it; ok is false if
// there is none. What it looks at stays in place: the lock is held meanwhile.
func (x *index) ask(q question) (a answer, ok bool) {
	var name block.Name
	name.Set(q.name.AppendWire(nil))
	x.mu.RLock()
	defer x.mu.RUnlock()
	v, below := x.longest(&name, 0)
	switch {
	case v == nil:
		return a, false
	case q.qtype == zone.TypeDS && below == 0 && name.Labels > 0:
		// The upper side of a cut has the DS set (RFC 4035 section 3.1.4.1).
		// If the zone hosted above leads elsewhere, its own parent is not
		// here, and the question stays with the child.
		if parent, _ := x.longest(&name, 1); parent != nil {
			if a := parent.ask(q); a.authoritative || a.rcode != dns.RcodeSuccess {
				return a, true
			}
		}
	}
	return v.ask(q), true
}

// longest returns the view of the longest apex at or above a name, from one of
// its labels on, and how many labels the name has below it. It is good while
// the lock is held.
func (x *index) longest(n *block.Name, from int) (v *view, below int) {
	b, below := x.apexes.longest(x.arena, n, from)
	switch {
	case b == nil:
		return nil, 0
	case b.State() == block.Elsewhere:
		return x.kept[string(b.Apex())].view, below
	}
	return viewOf(b, history{}), below
}

// put makes c the zone's contents.
func (x *index) put(c zone.Contents) error {
	key := c.Origin().Key()
	defer x.write(key).Unlock()
	return x.store(newView(c, x.view(key)))
}

// fail makes a zone answer SERVFAIL.
func (x *index) fail(name zone.Name) error {
	key := name.Key()
	defer x.write(key).Unlock()
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
	key := name.Key()
	defer x.write(key).Unlock()
	return x.set(wireOfKey(key), nil, kept{})
}

// store has a view served; the caller writes the zone.
func (x *index) store(v *view) error {
	apex := wireOfKey(v.apex)
	t, _ := x.tools.Get().(*tools)
	if t == nil {
		t = new(tools)
	}
	defer x.tools.Put(t)
	if b, ok := compile(v, t); ok {
		return x.set(apex, b, kept{history: v.history})
	}
	return x.set(apex, block.Empty(apex, block.Elsewhere), kept{view: v})
}

// set puts a block in place of an apex's; nil takes the apex out.
func (x *index) set(apex []byte, b block.Block, more kept) error {
	if x.arena == nil {
		return errors.New("there is no memory for zones")
	}
	soon, err := x.refer(apex, b, more)
	x.arena.Provide(soon)
	return err
}

// refer does that, and returns where memory will soon be needed.
func (x *index) refer(apex []byte, b block.Block, more kept) (soon []byte, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	err = x.replace(apex, b, more)
	return x.arena.Ahead(), err
}

// replace does it; x.mu is held.
func (x *index) replace(apex []byte, b block.Block, more kept) error {
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

// settle gives back what changes left behind.
func (x *index) settle() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.arena == nil {
		return nil
	}
	return x.arena.Settle(x)
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
