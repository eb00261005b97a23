package control

import (
	"fmt"
	"maps"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// draft is the RRsets that edits are about, as they come to be. An edit costs
// what it says, however large the set is that it is added to.
type draft struct {
	before  zone.Contents
	sets    map[setKey]*draftSet
	touched []setKey // the keys of sets, in the order of the edits
}

// draftSet is one RRset; without data there is none.
type draftSet struct {
	head zone.RRset                // name, type and TTL
	data map[zone.Rdata]zone.Rdata // canonical form → as it was written
}

// applyEdits returns what edits in their order come to, and which sets they
// were about. It is pure.
func applyEdits(before zone.Contents, edits []Edit) (d zone.Delta, touched []setKey, err error) {
	draft := &draft{before: before, sets: map[setKey]*draftSet{}}
	for _, e := range edits {
		switch {
		case e.Op != OpDelete:
			draft.put(e)
		case e.Set.Type == 0:
			err = draft.deleteName(e.Set.Name)
		default:
			err = draft.delete(e.Set)
		}
		if err != nil {
			return zone.Delta{}, nil, err
		}
	}
	return draft.delta(), draft.touched, nil
}

// at returns the set of a name and type, at first as it is in the zone.
func (d *draft) at(name zone.Name, t zone.Type) *draftSet {
	key := keyOf(name, t)
	if s := d.sets[key]; s != nil {
		return s
	}
	have, there := d.before.Get(name, t)
	if !there {
		have = zone.RRset{Name: name, Type: t}
	}
	s := &draftSet{head: have}
	s.head.Data = nil
	s.take(have.Data)
	d.sets[key] = s
	d.touched = append(d.touched, key)
	return s
}

func (s *draftSet) take(data []zone.Rdata) {
	if s.data == nil {
		s.data = make(map[zone.Rdata]zone.Rdata, len(data))
	}
	for _, x := range data {
		if canonical := x.Canonical(s.head.Type); s.data[canonical] == "" {
			s.data[canonical] = x
		}
	}
}

// put carries out a set or an add. An RRset has one TTL (RFC 2181 section
// 5.2): what is added brings its own along.
func (d *draft) put(e Edit) {
	s := d.at(e.Set.Name, e.Set.Type)
	switch {
	case !e.KeepTTL:
		s.head.TTL = e.Set.TTL
	case len(s.data) == 0:
		soa, _ := d.before.SOA()
		s.head.TTL = min(soa.Minimum, maxTTL)
	}
	if e.Op == OpSet {
		s.data = nil
	}
	s.take(e.Set.Data)
}

// delete takes records, or without data the whole set. That something of it
// is not there is an error: whoever deletes that means something else.
func (d *draft) delete(what zone.RRset) error {
	s := d.at(what.Name, what.Type)
	if len(s.data) == 0 {
		return nothing("there are no %s records at %s", what.Type, what.Name)
	}
	if len(what.Data) == 0 {
		clear(s.data)
		return nil
	}
	for _, x := range what.Data {
		if _, there := s.data[x.Canonical(what.Type)]; !there {
			return nothing("there is no record %s %s %.200s", what.Name, what.Type, x.Text(what.Type))
		}
	}
	for _, x := range what.Data {
		delete(s.data, x.Canonical(what.Type))
	}
	return nil
}

// deleteName takes every set of a name, those too that the edits before made.
func (d *draft) deleteName(name zone.Name) error {
	key, found := name.Key(), false
	node, _ := d.before.Node(key)
	for _, set := range node.Sets {
		d.at(set.Name, set.Type)
	}
	for _, k := range d.touched {
		if s := d.sets[k]; k.name == key && len(s.data) > 0 {
			clear(s.data)
			found = true
		}
	}
	if !found {
		return nothing("there are no records at %s", name)
	}
	return nil
}

// delta is what has become of the sets.
func (d *draft) delta() (delta zone.Delta) {
	for _, key := range d.touched {
		s := d.sets[key]
		have, _ := d.before.Get(s.head.Name, s.head.Type)
		gone, came := have, s.head
		if have.TTL == s.head.TTL || len(s.data) == 0 {
			gone.Data, came.Data = nil, nil
			for _, x := range have.Data {
				canonical := x.Canonical(have.Type)
				if _, stays := s.data[canonical]; !stays {
					gone.Data = append(gone.Data, x)
				}
				delete(s.data, canonical)
			}
		}
		for _, canonical := range slices.Sorted(maps.Keys(s.data)) {
			came.Data = append(came.Data, s.data[canonical])
		}
		if len(gone.Data) > 0 {
			delta.Del = append(delta.Del, gone)
		}
		if len(came.Data) > 0 {
			delta.Add = append(delta.Add, came)
		}
	}
	return delta
}

func nothing(format string, args ...any) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound, What: fmt.Sprintf(format, args...), Mend: "look at the zone as it is now; nothing was changed"}
}
