package control

import (
	"cmp"
	"maps"
	"slices"

	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// setKey identifies an RRset within a zone.
type setKey struct {
	name string // Name.Key
	t    zone.Type
}

func keyOf(name zone.Name, t zone.Type) setKey { return setKey{name.Key(), t} }

// layers is a zone, or the part of it that a change is about: what is
// authored, and which RRsets of that are overlays. Beneath them lies the base,
// which is what the origin put in. It is pure data.
type layers struct {
	over   zone.Contents // as authored: the overlays over the base
	stamps map[setKey]store.Stamp
	lift   lift // what of over was the pool's
}

func newLayers(over zone.Contents, stamps []store.Stamp) layers {
	l := layers{over: over, stamps: make(map[setKey]store.Stamp, len(stamps))}
	for _, s := range stamps {
		l.stamps[keyOf(s.Name, s.Type)] = s
	}
	return l.lifted()
}

// layered is what a change makes of layers.
type layered struct {
	delta  zone.Delta    // of what is authored
	stamps []store.Stamp // set, or without a source taken away
	kept   []store.Stamp // overlays that are not what was sent, and stay
	ended  []store.Stamp // those that do not stay
	over   zone.Contents // as authored afterwards
}

func (o layered) isZero() bool { return o.delta.IsZero() && len(o.stamps) == 0 }

// base returns what the origin put in.
func (l layers) base() (zone.Contents, error) {
	if len(l.stamps) == 0 {
		return l.over, nil
	}
	var d zone.Delta
	for key, s := range l.stamps {
		if set, there := l.at(key); there {
			d.Del = append(d.Del, set)
		}
		if s.Hidden != nil {
			d.Add = append(d.Add, *s.Hidden)
		}
	}
	return l.over.Apply(d)
}

// at returns the authored set of a key.
func (l layers) at(key setKey) (set zone.RRset, there bool) { return setAt(l.over, key) }

func setAt(c zone.Contents, key setKey) (set zone.RRset, there bool) {
	node, ok := c.Node(key.name)
	if !ok {
		return zone.RRset{}, false
	}
	return node.Get(key.t)
}

// beneath returns the base's set of a key; nil if it has none.
func (l layers) beneath(key setKey) *zone.RRset {
	if s, stamped := l.stamps[key]; stamped {
		return s.Hidden
	}
	if set, there := l.at(key); there {
		return &set
	}
	return nil
}

// absorb makes the overlays of a source a part of the base, as they are when
// it becomes the origin, and returns the stamps to take away for that.
func (l layers) absorb(source string) (gone []store.Stamp) {
	for _, key := range l.keys() {
		if s := l.stamps[key]; s.Source == source {
			gone = append(gone, store.Stamp{Name: s.Name, Type: s.Type})
			delete(l.stamps, key)
		}
	}
	return gone
}

// keys returns the keys of the stamps in canonical order.
func (l layers) keys() []setKey { return slices.SortedFunc(maps.Keys(l.stamps), compareKeys) }

// putBase makes a base of another: where an overlay lies over what changes,
// only what it hides becomes another.
func (l layers) putBase(base, next zone.Contents) (layered, error) {
	d := zone.Diff(base, next)
	if len(l.stamps) == 0 {
		return l.settle(layered{delta: d})
	}
	o := layered{}
	for _, key := range keysOf(d) {
		if s, stamped := l.stamps[key]; stamped {
			s.Hidden = nil
			if set, there := setAt(next, key); there {
				s.Hidden = &set
			}
			o.stamps = append(o.stamps, s)
		}
	}
	o.delta = without(d, func(key setKey) bool { _, stamped := l.stamps[key]; return stamped })
	for _, key := range l.keys() {
		sent, there := setAt(next, key)
		now, is := l.at(key)
		if there != is || there && !sent.Equal(now) {
			o.kept = append(o.kept, l.stamps[key])
		}
	}
	return l.settle(o)
}

// putting says how sets are put over the base.
type putting struct {
	source string                 // whose overlays they become; "": what is no overlay yet is the base's
	keep   func(store.Stamp) bool // overlays that stay as they are; nil: none
	ends   bool                   // deleting an overlay of source brings back what it hides
}

// putOver puts a difference of what is authored over the base: each RRset that
// is then not as the origin has it is an overlay, whose it was or the new
// source's. SOA and NS of the apex are the origin's alone, and never overlays.
func (l layers) putOver(d zone.Delta, how putting) (layered, error) {
	stays := func(key setKey) bool {
		s, stamped := l.stamps[key]
		return stamped && how.keep != nil && how.keep(s)
	}
	o := layered{delta: without(d, stays)}
	after, err := l.over.Apply(o.delta)
	if err != nil {
		return o, err
	}
	for _, key := range keysOf(d) {
		s, stamped := l.stamps[key]
		set, there := setAt(after, key)
		under := l.beneath(key)
		switch {
		case stays(key):
			o.kept = append(o.kept, s)
		case !stamped && (how.source == "" || l.originsAlone(key)):
		case !stamped && there:
			o.stamps = append(o.stamps, store.Stamp{Name: set.Name, Type: key.t, Source: how.source, Hidden: under})
		case !stamped: // it was there, else nothing would have changed
			o.stamps = append(o.stamps, store.Stamp{Name: under.Name, Type: key.t, Source: how.source, Hidden: under})
		case there && under != nil && set.Equal(*under), !there && under == nil: // as the origin has it
			o.stamps = append(o.stamps, store.Stamp{Name: s.Name, Type: key.t})
		case !there && how.ends && s.Source == how.source:
			o.stamps = append(o.stamps, store.Stamp{Name: s.Name, Type: key.t})
			o.delta.Add = append(o.delta.Add, *under)
		}
	}
	return l.settled(o)
}

// drop ends overlays: what they hide is in force again.
func (l layers) drop(keys []setKey) (layered, error) {
	o := layered{}
	for _, key := range keys {
		s := l.stamps[key]
		if set, there := l.at(key); there {
			o.delta.Del = append(o.delta.Del, set)
		}
		if s.Hidden != nil {
			o.delta.Add = append(o.delta.Add, *s.Hidden)
		}
		o.stamps = append(o.stamps, store.Stamp{Name: s.Name, Type: s.Type})
	}
	return l.settled(o)
}

// replace makes other contents the base, so that they are what is served:
// overlays of the same data stay, others end but for those that are to stay.
func (l layers) replace(next zone.Contents, stay func(store.Stamp) bool) (layered, error) {
	d := zone.Diff(l.over, next)
	o := layered{}
	for _, key := range keysOf(d) {
		switch s, stamped := l.stamps[key]; {
		case stamped && stay(s):
			o.kept = append(o.kept, s)
		case stamped:
			o.ended = append(o.ended, s)
			o.stamps = append(o.stamps, store.Stamp{Name: s.Name, Type: s.Type})
		}
	}
	o.delta = without(d, func(key setKey) bool { s, stamped := l.stamps[key]; return stamped && stay(s) })
	return l.settle(o)
}

// only makes contents the base and ends every overlay.
func (l layers) only(next zone.Contents) (layered, error) {
	o := layered{delta: zone.Diff(l.over, next)}
	for _, key := range l.keys() {
		s := l.stamps[key]
		o.ended = append(o.ended, s)
		o.stamps = append(o.stamps, store.Stamp{Name: s.Name, Type: s.Type})
	}
	return l.settle(o)
}

func (l layers) settle(o layered) (layered, error) {
	var err error
	o.over, err = l.over.Apply(o.delta)
	return o, err
}

// settled is settle with a delta in which nothing goes and comes back.
func (l layers) settled(o layered) (layered, error) {
	o, err := l.settle(o)
	if err == nil {
		o.delta = zone.Diff(l.over, o.over)
	}
	return o, err
}

// originsAlone reports whether a set says who serves the zone and how: SOA and
// NS of the apex.
func (l layers) originsAlone(key setKey) bool {
	return key.name == l.over.Origin().Key() && (key.t == zone.TypeSOA || key.t == zone.TypeNS)
}

func compareKeys(a, b setKey) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.t, b.t)) }

// keysOf returns the RRsets that a delta is about, each once, in canonical order.
func keysOf(d zone.Delta) []setKey {
	seen := make(map[setKey]struct{}, len(d.Del)+len(d.Add))
	for _, sets := range [...][]zone.RRset{d.Del, d.Add} {
		for _, set := range sets {
			seen[keyOf(set.Name, set.Type)] = struct{}{}
		}
	}
	return slices.SortedFunc(maps.Keys(seen), compareKeys)
}

// without returns a delta without the RRsets that are left out.
func without(d zone.Delta, out func(setKey) bool) zone.Delta {
	rest := func(sets []zone.RRset) []zone.RRset {
		return slices.DeleteFunc(slices.Clone(sets), func(set zone.RRset) bool { return out(keyOf(set.Name, set.Type)) })
	}
	return zone.Delta{Del: rest(d.Del), Add: rest(d.Add)}
}
