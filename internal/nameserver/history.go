package nameserver

import (
	"slices"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// maxHistory bounds how many versions a zone can be transferred from by
// difference.
const maxHistory = 200

// history is how a zone came to be what it is, for IXFR. It never changes.
type history struct {
	steps  []*xfr.Version // oldest first; by reference, as each change copies the list
	weight int            // records in them
}

// extend returns the history with one more step. It drops the oldest while
// all are heavier than the zone: beyond that an AXFR is cheaper for everyone,
// and no zone takes more than twice its memory.
func (h history) extend(from, to *view, change zone.Delta) history {
	after := to.tree()
	change = resigned(change.Without(after.Origin(), zone.TypeSOA), from.tree(), after)
	step := condense([]*xfr.Version{{From: from.soa, To: to.soa, Delta: change}})
	_, bound := after.Len()
	before, weight := h.steps, h.weight+weigh(&step)
	for len(before) > 0 && (weight > bound || len(before) == maxHistory) {
		weight -= weigh(before[0])
		before = before[1:]
	}
	if weight > bound {
		return history{}
	}
	return history{append(slices.Clip(before), &step), weight}
}

func weigh(step *xfr.Version) int {
	return 2 + records(step.Delta.Del) + records(step.Delta.Add)
}

func records(sets []zone.RRset) (n int) {
	for _, s := range sets {
		n += len(s.Data)
	}
	return n
}

// since returns what happened after a serial as one step; false if the
// history does not reach back.
func (h history) since(serial uint32) (xfr.Version, bool) {
	for i, step := range h.steps {
		if soa, err := zone.ParseSOA(step.From.Data[0]); err == nil && soa.Serial == serial {
			return condense(h.steps[i:]), true
		}
	}
	return xfr.Version{}, false
}

// entry is one record, in the form in which two are the same (RFC 1034 section 3.6).
type entry struct {
	key  string
	t    zone.Type
	ttl  uint32
	data zone.Rdata
}

// condense makes one step of many: what came and went again is left out (RFC
// 1995 section 5).
func condense(steps []*xfr.Version) xfr.Version {
	last := len(steps) - 1
	net := map[entry]int{} // record → times it came, less times it went
	for _, step := range steps {
		tally(net, step.Delta.Del, -1)
		tally(net, step.Delta.Add, +1)
	}
	whole := xfr.Version{From: steps[0].From, To: steps[last].To}
	for _, step := range steps {
		whole.Delta.Del = collect(whole.Delta.Del, net, step.Delta.Del, -1)
		whole.Delta.Add = collect(whole.Delta.Add, net, step.Delta.Add, +1)
	}
	return whole
}

func entryOf(s zone.RRset, d zone.Rdata) entry {
	return entry{s.Name.Key(), s.Type, s.TTL, d.Canonical(s.Type)}
}

func tally(net map[entry]int, sets []zone.RRset, sign int) {
	for _, s := range sets {
		for _, d := range s.Data {
			net[entryOf(s, d)] += sign
		}
	}
}

// collect appends the records that net still holds with this sign, and takes
// them out, so that each is there once.
func collect(to []zone.RRset, net map[entry]int, sets []zone.RRset, sign int) []zone.RRset {
	for _, s := range sets {
		left := zone.RRset{Name: s.Name, Type: s.Type, TTL: s.TTL}
		for _, d := range s.Data {
			if e := entryOf(s, d); net[e] == sign {
				left.Data = append(left.Data, d)
				delete(net, e)
			}
		}
		if len(left.Data) > 0 {
			to = append(to, left)
		}
	}
	return to
}
