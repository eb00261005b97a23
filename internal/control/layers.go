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
