package control

import (
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

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
