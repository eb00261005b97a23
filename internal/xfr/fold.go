package xfr

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/skein-dns/skein/zone"
)

// fold is what a sequence of differences comes to, so that contents are changed
// once, however many differences there are. Every step must fit what the steps
// before it left, as if it were applied alone.
type fold struct {
	base    zone.Contents
	changes map[record]change
}

// record is one record in canonical form.
type record struct {
	name zone.Name
	t    zone.Type
	ttl  uint32
	data zone.Rdata
}

type change struct {
	comes bool
	set   zone.RRset // the one record, as it came
}

// recordOf returns the canonical form. Signatures of one name have the TTLs of
// what they sign, and contents keep one for all of them: so theirs do not count.
func recordOf(s zone.RRset) record {
	r := record{s.Name.Canonical(), s.Type, s.TTL, s.Data[0].Canonical(s.Type)}
	if s.Type == zone.TypeRRSIG {
		r.ttl = 0
	}
	return r
}

// del takes a record away that the base has, or that came before.
func (f *fold) del(s zone.RRset) error {
	r := recordOf(s)
	before, changed := f.changes[r]
	switch {
	case changed && before.comes:
		delete(f.changes, r)
	case changed, !f.inBase(r):
		return fmt.Errorf("%w: a record to be removed, %s %s with TTL %d, is not there", ErrBroken, s.Name, s.Type, s.TTL)
	default:
		f.put(r, change{false, s})
	}
	return nil
}

// add brings a record that the base has not, or that went before.
func (f *fold) add(s zone.RRset) error {
	r := recordOf(s)
	before, changed := f.changes[r]
	switch {
	case changed && !before.comes:
		delete(f.changes, r)
	case changed, f.inBase(r):
		return fmt.Errorf("%w: a record to be added, %s %s, is there already", ErrBroken, s.Name, s.Type)
	default:
		f.put(r, change{true, s})
	}
	return nil
}

func (f *fold) put(r record, c change) {
	if f.changes == nil {
		f.changes = map[record]change{}
	}
	f.changes[r] = c
}

func (f *fold) inBase(r record) bool {
	set, ok := f.base.Get(r.name, r.t)
	if !ok || set.TTL != r.ttl && r.t != zone.TypeRRSIG {
		return false
	}
	_, found := slices.BinarySearchFunc(set.Data, r.data, func(d, want zone.Rdata) int { return cmp.Compare(d.Canonical(r.t), want) })
	return found
}

// delta returns the changes of one set together.
func (f *fold) delta() (d zone.Delta) {
	type place struct {
		name  zone.Name
		t     zone.Type
		ttl   uint32
		comes bool
	}
	at := map[place]int{}
	for r, c := range f.changes {
		list := &d.Del
		if c.comes {
			list = &d.Add
		}
		p := place{r.name, r.t, r.ttl, c.comes}
		if i, ok := at[p]; ok {
			(*list)[i].Data = append((*list)[i].Data, c.set.Data[0])
			continue
		}
		if have, ok := f.base.Get(r.name, r.t); ok && r.t == zone.TypeRRSIG {
			c.set.TTL = have.TTL
		}
		at[p] = len(*list)
		*list = append(*list, c.set)
	}
	return d
}
