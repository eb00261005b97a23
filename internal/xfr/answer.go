package xfr

import (
	"fmt"

	"github.com/skein-dns/skein/zone"
)

// answer makes contents of the records of an AXFR or IXFR answer as they come.
// An IXFR is answered with differences, in the form of an AXFR, or with a
// single SOA (RFC 1995 section 4).
type answer struct {
	origin zone.Name
	have   zone.Contents // what is here; older is not taken; may be zero
	ixfr   bool          // differences to have were asked for

	state   state
	first   zone.RRset // the SOA that the answer began with
	serial  uint32     // of first
	at      uint32     // serial that the differences have led to
	soa     zone.RRset // the SOA that they have led to
	sets    []zone.RRset
	fold    fold
	result  zone.Contents
	kind    Kind
	records int
	octets  int
}

type state int

const (
	atStart   state = iota
	afterSOA        // the next record tells differences from a whole zone
	inWhole         // within a whole zone
	inDeleted       // within the records that go
	inAdded         // within the records that come
	atEnd
)

// add takes the next record.
func (a *answer) add(rec zone.Record) error {
	s, err := setOf(rec)
	if err != nil {
		return err
	}
	a.records++
	a.octets += len(s.Name) + len(s.Data[0]) + 10
	if s.Type == zone.TypeSOA {
		if !s.Name.Equal(a.origin) {
			return fmt.Errorf("%w: it has the SOA of %s", ErrBroken, s.Name)
		}
		soa, err := zone.ParseSOA(s.Data[0])
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBroken, err)
		}
		return a.divide(s, soa.Serial)
	}
	switch a.state {
	case atStart:
		return fmt.Errorf("%w: it does not begin with a SOA", ErrBroken)
	case afterSOA, inWhole:
		if a.state == afterSOA {
			a.state, a.sets = inWhole, []zone.RRset{a.first}
		}
		a.sets = gather(a.sets, s)
		return nil
	case inDeleted:
		return a.fold.del(s)
	case inAdded:
		return a.fold.add(s)
	default:
		return fmt.Errorf("%w: records follow its end", ErrBroken)
	}
}

// divide takes a SOA: they divide the answer into its parts.
func (a *answer) divide(s zone.RRset, serial uint32) error {
	switch a.state {
	case atStart:
		if mine, ok := a.have.SOA(); ok && zone.SerialLess(serial, mine.Serial) {
			return fmt.Errorf("%w: %d, ours is %d", ErrBackwards, serial, mine.Serial)
		}
		a.first, a.serial, a.state = s, serial, afterSOA
		return nil
	case afterSOA:
		mine, _ := a.have.SOA()
		switch {
		case serial == a.serial: // a zone of nothing but its SOA
			a.sets = []zone.RRset{a.first}
			return a.endWhole(s)
		case !a.ixfr:
			return fmt.Errorf("%w: differences came that were not asked for", ErrBroken)
		}
		a.at, a.fold.base = mine.Serial, a.have
		return a.beginDifference(serial)
	case inWhole:
		return a.endWhole(s)
	case inDeleted:
		a.at, a.soa, a.state = serial, s, inAdded
		return nil
	case inAdded:
		if a.at != a.serial {
			return a.beginDifference(serial)
		}
		return a.endDifferences(s)
	default:
		return fmt.Errorf("%w: records follow its end", ErrBroken)
	}
}

func (a *answer) beginDifference(serial uint32) error {
	if serial != a.at {
		return fmt.Errorf("%w: a difference starts at serial %d, not at %d", ErrBroken, serial, a.at)
	}
	a.state = inDeleted
	return nil
}

func (a *answer) endDifferences(s zone.RRset) (err error) {
	if !s.Equal(a.first) || !s.Equal(a.soa) {
		return fmt.Errorf("%w: it does not end with the SOA that it began with", ErrBroken)
	}
	d := a.fold.delta()
	before, _ := a.have.Get(a.origin, zone.TypeSOA)
	d.Del, d.Add = append(d.Del, before), append(d.Add, a.soa)
	if a.result, err = a.have.Apply(d); err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	a.kind, a.state = IXFR, atEnd
	return nil
}

func (a *answer) endWhole(s zone.RRset) (err error) {
	if !s.Equal(a.first) {
		return fmt.Errorf("%w: it does not end with the SOA that it began with", ErrBroken)
	}
	if a.result, err = zone.NewContents(a.origin, a.sets); err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	a.sets, a.kind, a.state = nil, AXFR, atEnd
	return nil
}

// endOfMessage reports whether the answer is complete. A single SOA of our own
// serial says that there is nothing newer.
func (a *answer) endOfMessage() (done bool) {
	if mine, ok := a.have.SOA(); a.state == afterSOA && a.ixfr && ok && a.serial == mine.Serial {
		a.result, a.kind, a.state = a.have, Current, atEnd
	}
	return a.state == atEnd
}

// gather adds a record to sets, to the last one if it belongs there.
func gather(sets []zone.RRset, s zone.RRset) []zone.RRset {
	if n := len(sets); n > 0 && sets[n-1].Type == s.Type && sets[n-1].TTL == s.TTL && sets[n-1].Name == s.Name {
		sets[n-1].Data = append(sets[n-1].Data, s.Data[0])
		return sets
	}
	return append(sets, s)
}
