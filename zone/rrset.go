package zone

import (
	"cmp"
	"fmt"
	"slices"
)

// RRset is all the records of one name and type. Data is in canonical order
// without duplicates once it is part of Contents. Values are shared: never
// write into Data.
type RRset struct {
	Name Name
	Type Type
	TTL  uint32
	Data []Rdata
}

// check refuses what no zone holds.
func (s RRset) check() error {
	if !s.Type.storable() {
		return fmt.Errorf("%w: %s has type %s, which a zone cannot hold", ErrRdata, s.Name, s.Type)
	}
	for _, d := range s.Data {
		if !d.wellFormed(s.Type) {
			return fmt.Errorf("%w: %s %s holds %d octets that are no data of that type", ErrRdata, s.Name, s.Type, len(d))
		}
	}
	return nil
}

// maxMessage is the size of the largest DNS message (RFC 1035 section 4.2.2).
const maxMessage = 1<<16 - 1

// mostEmpty is the most that emptySize returns.
const mostEmpty = 12 + maxNameWire + 4

// overflows reports whether so many octets of records are more than a response for s holds.
func (s RRset) overflows(records int) bool {
	return mostEmpty+records > maxMessage && s.emptySize()+records > maxMessage
}

// emptySize returns the octets of a response before its first record: header and question.
func (s RRset) emptySize() int {
	name := len(s.Name) + 1
	if !isPlain(s.Name) {
		name = len(s.Name.AppendWire(nil))
	}
	return 12 + name + 4
}

// recordSize returns the octets of a record in a response: a pointer to the
// name, the ten that are fixed, and the data.
func recordSize(d Rdata) int { return 2 + 10 + len(d) }

// fits refuses a set that no DNS message holds: nobody could ever ask for it.
func (s RRset) fits() error {
	size := 0
	for _, d := range s.Data {
		size += recordSize(d)
	}
	if s.overflows(size) {
		return fmt.Errorf("%w: the %s records of %s need %d octets; no DNS message holds more than %d", ErrRdata, s.Type, s.Name, s.emptySize()+size, maxMessage)
	}
	return nil
}

// normalize sorts the data canonically and drops duplicates. It copies what it changes.
func (s RRset) normalize() RRset {
	if s.isNormal() {
		return s
	}
	type pair struct{ canonical, data Rdata }
	pairs := make([]pair, len(s.Data))
	for i, d := range s.Data {
		pairs[i] = pair{d.Canonical(s.Type), d}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.canonical, b.canonical) })
	pairs = slices.CompactFunc(pairs, func(a, b pair) bool { return a.canonical == b.canonical })
	s.Data = make([]Rdata, len(pairs))
	for i, p := range pairs {
		s.Data[i] = p.data
	}
	return s
}

func (s RRset) isNormal() bool {
	for i := 1; i < len(s.Data); i++ {
		if s.Data[i-1].Canonical(s.Type) >= s.Data[i].Canonical(s.Type) {
			return false
		}
	}
	return true
}

// Equal compares canonically: case of names and order of data do not count,
// the TTL does.
func (s RRset) Equal(o RRset) bool {
	return s.Type == o.Type && s.TTL == o.TTL && s.Name.Equal(o.Name) && s.sameData(o)
}

func (s RRset) sameData(o RRset) bool {
	if slices.Equal(s.Data, o.Data) {
		return true
	}
	a, b := s.normalize(), o.normalize()
	return slices.EqualFunc(a.Data, b.Data, func(x, y Rdata) bool {
		return x == y || x.Canonical(s.Type) == y.Canonical(s.Type)
	})
}
