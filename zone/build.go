package zone

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// NewContents gathers sets into contents at origin. Sets of one name and type
// are joined; the first TTL wins. It fails for a name outside origin, for
// data that is not well formed wire data of its type, for a set that no DNS
// message holds and for a second SOA.
// What else a zone must satisfy is the business of Validate.
func NewContents(origin Name, sets []RRset) (Contents, error) {
	return new(order).contents(origin, sets)
}

// order puts sets in order.
type order struct {
	keys  []byte // of the sets' names, one after another
	spans []span // of each set's key
	items []item
}

type span struct{ from, to int }

func (o *order) contents(origin Name, sets []RRset) (Contents, error) {
	items, err := o.of(origin, sets)
	if err != nil {
		return Contents{}, err
	}
	// Nodes and their sets lie side by side, so that a zone of a dozen records
	// is made of a handful of blocks of memory.
	nodes := make([]Node, 0, names(items))
	all := make([]RRset, 0, len(items))
	for len(items) > 0 {
		first := items[0]
		from := len(all)
		for len(items) > 0 && items[0].key == first.key {
			var set RRset
			if set, items = joinFirst(items); len(set.Data) == 0 {
				continue
			}
			if err := set.fits(); err != nil {
				return Contents{}, err
			}
			if set.Type == TypeSOA && len(set.Data) > 1 {
				return Contents{}, fmt.Errorf("%w: %s has more than one SOA record", ErrRdata, set.Name)
			}
			all = append(all, set)
		}
		if at := all[from:len(all):len(all)]; len(at) > 0 {
			nodes = append(nodes, Node{Key: first.key, Name: first.set.Name, Sets: at})
		}
	}
	return Contents{origin, grow(cut(nodes, leaf))}, nil
}

// item is a set on its way into contents.
type item struct {
	key string
	set *RRset
}

// names returns how many names items are of, which are in order.
func names(items []item) (n int) {
	for i := range items {
		if i == 0 || items[i].key != items[i-1].key {
			n++
		}
	}
	return n
}

// of returns the sets in canonical order of names and ascending type, equal
// ones as they came. They are good until the next call.
func (o *order) of(origin Name, sets []RRset) ([]item, error) {
	o.keys = slices.Grow(o.keys[:0], 32*len(sets))
	o.spans = slices.Grow(o.spans[:0], len(sets))
	o.items = slices.Grow(o.items[:0], len(sets))
	var at span
	for i := range sets {
		if i == 0 || sets[i].Name != sets[i-1].Name { // often it is that of the last
			at.from = len(o.keys)
			o.keys = sets[i].Name.appendKey(o.keys)
			at.to = len(o.keys)
		}
		o.spans = append(o.spans, at)
	}
	text := string(o.keys)
	apex := origin.Key()
	for i := range sets {
		s := &sets[i]
		key := text[o.spans[i].from:o.spans[i].to]
		if !strings.HasPrefix(key, apex) {
			return nil, fmt.Errorf("%w: %s is not in zone %s", ErrName, s.Name, origin)
		}
		if err := s.check(); err != nil {
			return nil, err
		}
		o.items = append(o.items, item{key, s})
	}
	if !slices.IsSortedFunc(o.items, item.compare) {
		slices.SortStableFunc(o.items, item.compare)
	}
	return o.items, nil
}

func (a item) compare(b item) int {
	if c := cmp.Compare(a.key, b.key); c != 0 {
		return c
	}
	return cmp.Compare(a.set.Type, b.set.Type)
}

// joinFirst makes one normal set of the first items, which share name and type.
func joinFirst(items []item) (RRset, []item) {
	set, n := *items[0].set, 1
	for n < len(items) && items[n].compare(items[0]) == 0 {
		if n == 1 {
			set.Data = slices.Clone(set.Data) // so far it is the caller's
		}
		set.Data = append(set.Data, items[n].set.Data...)
		n++
	}
	return set.normalize(), items[n:]
}
