package update

import (
	"maps"
	"slices"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// edit is contents while an update changes them: the sets of the names that it
// touches. An update sees what the ones before it did.
type edit struct {
	before zone.Contents
	names  map[string]map[zone.Type]zone.RRset // by key
}

func newEdit(c zone.Contents) *edit {
	return &edit{c, map[string]map[zone.Type]zone.RRset{}}
}

// at returns the sets of a name, for reading and writing.
func (e *edit) at(name zone.Name) map[zone.Type]zone.RRset {
	key := name.Key()
	sets, ok := e.names[key]
	if !ok {
		sets = map[zone.Type]zone.RRset{}
		if node, there := e.before.Node(key); there {
			for _, s := range node.Sets {
				sets[s.Type] = s
			}
		}
		e.names[key] = sets
	}
	return sets
}

// apply does one line of the update section (section 3.4.2.7).
func (e *edit) apply(u Record) {
	sets, apex := e.at(u.Name), u.Name.Equal(e.before.Origin())
	switch u.Class {
	case dns.ClassINET:
		add(sets, u)
	case dns.ClassANY:
		for t := range sets {
			kept := apex && (t == zone.TypeSOA || t == zone.TypeNS)
			if (t == u.Type || u.Type == typeANY) && !kept {
				delete(sets, t)
			}
		}
	case dns.ClassNONE:
		if set := sets[u.Type]; u.Type != zone.TypeSOA && (!apex || u.Type != zone.TypeNS || len(set.Data) != 1) {
			remove(sets, u)
		}
	}
}

// add puts a record in, unless it must not stand there; a record of which
// there is one only takes the place of the one that is there (section 3.4.2.2).
// The set takes the TTL of the record (RFC 2181 section 5.2).
func add(sets map[zone.Type]zone.RRset, u Record) {
	set, there := sets[u.Type]
	switch {
	case u.Type == zone.TypeCNAME && hasOthers(sets):
		return
	case u.Type != zone.TypeCNAME && !beside(u.Type) && has(sets, zone.TypeCNAME):
		return
	case u.Type == zone.TypeSOA && (!there || !ahead(set.Data[0], u.Data)):
		return
	case !there:
		set = zone.RRset{Name: u.Name, Type: u.Type}
	case u.Type == zone.TypeCNAME || u.Type == zone.TypeSOA || u.Type == zone.TypeDNAME:
		set.Data = nil
	}
	set.TTL = u.TTL
	set.Data = append(without(set, u.Data), u.Data)
	sets[u.Type] = set
}

func remove(sets map[zone.Type]zone.RRset, u Record) {
	set, there := sets[u.Type]
	if !there {
		return
	}
	if set.Data = without(set, u.Data); len(set.Data) == 0 {
		delete(sets, u.Type)
		return
	}
	sets[u.Type] = set
}

// without returns a copy of a set's data that lacks one record.
func without(s zone.RRset, d zone.Rdata) []zone.Rdata {
	canonical := d.Canonical(s.Type)
	return slices.DeleteFunc(slices.Clone(s.Data), func(x zone.Rdata) bool { return x.Canonical(s.Type) == canonical })
}

func has(sets map[zone.Type]zone.RRset, t zone.Type) bool {
	_, ok := sets[t]
	return ok
}

// beside: what may stand beside a CNAME (RFC 4035 section 2.5).
func beside(t zone.Type) bool { return t == zone.TypeRRSIG || t == zone.TypeNSEC }

func hasOthers(sets map[zone.Type]zone.RRset) bool {
	for t := range sets {
		if t != zone.TypeCNAME && !beside(t) {
			return true
		}
	}
	return false
}

// ahead says whether a SOA record may take another's place: its serial must
// not be behind.
func ahead(have, put zone.Rdata) bool {
	old, err := zone.ParseSOA(have)
	if err != nil {
		return true
	}
	soa, err := zone.ParseSOA(put)
	return err == nil && !zone.SerialLess(soa.Serial, old.Serial)
}

// delta is what became of it.
func (e *edit) delta() (d zone.Delta) {
	for _, key := range slices.Sorted(maps.Keys(e.names)) {
		node, _ := e.before.Node(key)
		after := e.names[key]
		for _, old := range node.Sets {
			if s, ok := after[old.Type]; !ok || s.TTL != old.TTL {
				d.Del = append(d.Del, old)
			} else if gone := minus(old, s); len(gone.Data) > 0 {
				d.Del = append(d.Del, gone)
			}
		}
		for _, t := range slices.Sorted(maps.Keys(after)) {
			s := after[t]
			if old, ok := node.Get(t); !ok || s.TTL != old.TTL {
				d.Add = append(d.Add, s)
			} else if come := minus(s, old); len(come.Data) > 0 {
				d.Add = append(d.Add, come)
			}
		}
	}
	return d
}

// minus returns the records of a that b has not.
func minus(a, b zone.RRset) zone.RRset {
	have := map[zone.Rdata]bool{}
	for _, d := range b.Data {
		have[d.Canonical(b.Type)] = true
	}
	a.Data = slices.DeleteFunc(slices.Clone(a.Data), func(d zone.Rdata) bool { return have[d.Canonical(a.Type)] })
	return a
}
