package zone

import (
	"fmt"
	"hash/maphash"
	"slices"
)

// gathered is the records of a zone file, joined into sets as they come.
type gathered struct {
	sets  []RRset
	about []aboutSet // of the set at the same place
	last  int        // the set that was added to last
	seen  map[record]bool
	index setIndex
	more  func() int // how many sets may come yet, for the next growth
}

type aboutSet struct {
	line int32 // of its first record
	size int32 // of its records in a response, in octets
}

// record is one record of a set.
type record struct {
	set       int
	canonical Rdata
}

func (p *parser) put(head RRset, d Rdata, line int) error {
	i, there := p.find(head)
	if !there {
		if i == cap(p.sets) {
			n := p.more()
			p.sets, p.about = slices.Grow(p.sets, n), slices.Grow(p.about, n)
		}
		p.sets = append(p.sets, head)
		p.about = append(p.about, aboutSet{line: int32(line)})
	}
	set, about := &p.sets[i], &p.about[i]
	switch {
	case set.TTL == head.TTL:
	case head.Type == TypeRRSIG: // each goes with the TTL of the set that it covers (RFC 4034 section 3), wherever it is served
		set.TTL = max(set.TTL, head.TTL)
	default:
		p.warn(line, set.Name, "%s %s has TTL %d here and %d before; a set has one TTL (RFC 2181 section 5.2), the lower one is taken", set.Name, set.Type, head.TTL, set.TTL)
		set.TTL = min(set.TTL, head.TTL)
	}
	if there && p.isThere(i, d) {
		p.warn(line, set.Name, "this record of %s %s is there already; it is taken once", set.Name, set.Type)
		return nil
	}
	if there && head.Type == TypeSOA {
		return fmt.Errorf("%s has a second SOA record; a zone has one", set.Name)
	}
	if size := int(about.size) + recordSize(d); set.overflows(size) {
		return fmt.Errorf("the %s records of %s need %d octets with this one; no DNS message holds more than %d", set.Type, set.Name, set.emptySize()+size, maxMessage)
	}
	about.size += int32(recordSize(d))
	if !there {
		set.Data = p.room(1)
	}
	set.Data = append(set.Data, d)
	return nil
}

// find returns the place of head's set; there is false if it is to be appended.
func (g *gathered) find(head RRset) (i int, there bool) {
	if g.last < len(g.sets) && g.sets[g.last].Type == head.Type && g.sets[g.last].Name == head.Name {
		return g.last, true
	}
	g.last = g.index.find(g.sets, head)
	return g.last, g.last < len(g.sets)
}

// setIndex finds sets by name and type. A few are simply looked through; for
// more there is a hash table, at most half full, with the neighbour as the
// next choice. It costs 16 octets a set, and half the time of a map, which
// would hold every key again.
type setIndex struct {
	slots []slot
	used  int
	seed  maphash.Seed
}

type slot struct {
	hash  uint32
	place uint32 // in sets, plus one; 0: free
}

const fewSets = 16

// find returns the place of head's set in sets. If it is not there that is
// the end of sets, where it is now expected to be.
func (x *setIndex) find(sets []RRset, head RRset) int {
	if len(sets) < fewSets {
		for i := range sets {
			if sets[i].isOf(head) {
				return i
			}
		}
		return len(sets)
	}
	if 2*x.used >= len(x.slots) {
		x.grow(sets)
	}
	hash := x.hash(head)
	for i := int(hash) & (len(x.slots) - 1); ; i = (i + 1) & (len(x.slots) - 1) {
		switch s := x.slots[i]; {
		case s.place == 0:
			x.slots[i] = slot{hash, uint32(len(sets)) + 1}
			x.used++
			return len(sets)
		case s.hash == hash && sets[s.place-1].isOf(head):
			return int(s.place - 1)
		}
	}
}

func (s *RRset) isOf(head RRset) bool { return s.Type == head.Type && s.Name.Equal(head.Name) }

func (x *setIndex) hash(s RRset) uint32 {
	h := maphash.String(x.seed, string(s.Name.Canonical()))
	return uint32(h>>32) ^ uint32(s.Type)*0x9e3779b1
}

func (x *setIndex) grow(sets []RRset) {
	old := x.slots
	x.slots = make([]slot, max(4*len(old), 8*fewSets))
	if old == nil {
		x.seed = maphash.MakeSeed() // nobody outside can make names collide
		for i, s := range sets {
			x.put(slot{x.hash(s), uint32(i) + 1})
		}
		x.used = len(sets)
	}
	for _, s := range old {
		if s.place != 0 {
			x.put(s)
		}
	}
}

func (x *setIndex) put(s slot) {
	i := int(s.hash) & (len(x.slots) - 1)
	for x.slots[i].place != 0 {
		i = (i + 1) & (len(x.slots) - 1)
	}
	x.slots[i] = s
}

// isThere reports whether set i holds the record. Small sets are searched;
// from large ones the records go into a map.
func (g *gathered) isThere(i int, d Rdata) bool {
	const small = 16
	set := g.sets[i]
	d = d.Canonical(set.Type)
	if len(set.Data) < small {
		for _, have := range set.Data {
			if have.Canonical(set.Type) == d {
				return true
			}
		}
		return false
	}
	if g.seen == nil {
		g.seen = map[record]bool{}
	}
	if len(set.Data) == small {
		for _, have := range set.Data {
			g.seen[record{i, have.Canonical(set.Type)}] = true
		}
	}
	there := g.seen[record{i, d}]
	g.seen[record{i, d}] = true
	return there
}

func (p *parser) warn(line int, n Name, format string, args ...any) {
	if len(p.warnings) < maxProblems {
		p.warnings = append(p.warnings, Problem{line, n, true, fmt.Sprintf(format, args...)})
	}
}
