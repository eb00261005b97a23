package zone

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Delta is the difference between two contents of one zone, record by record:
// first the records of Del go, then those of Add come. Each RRset in it holds
// only the records that go or come, not the whole set. A changed TTL is all
// records of the set going and coming again. The zero value changes nothing.
type Delta struct {
	Del, Add []RRset
}

// ErrNotApplicable is wrapped when a delta does not fit the contents: a record
// that should go is not there, or one that should come is there already.
var ErrNotApplicable = errors.New("the change does not fit the zone's contents")

// IsZero reports whether d changes nothing.
func (d Delta) IsZero() bool { return len(d.Del) == 0 && len(d.Add) == 0 }

// Invert returns the delta that leads back.
func (d Delta) Invert() Delta { return Delta{Del: d.Add, Add: d.Del} }

// Without returns d without the changes of one name and type (the SOA, say).
func (d Delta) Without(name Name, t Type) Delta {
	other := func(sets []RRset) []RRset {
		return slices.DeleteFunc(slices.Clone(sets), func(s RRset) bool { return s.Type == t && s.Name.Equal(name) })
	}
	return Delta{other(d.Del), other(d.Add)}
}

// Apply returns c changed by d. It is strict: a record of Del must be there
// with its TTL, a record of Add must not, else ErrNotApplicable and nothing
// is changed. What NewContents refuses is refused here too. Its cost follows d.
func (c Contents) Apply(d Delta) (Contents, error) {
	touched := map[string]*Node{}
	for _, set := range d.Del {
		node, err := c.touch(touched, set)
		if err == nil {
			err = node.remove(set)
		}
		if err != nil {
			return Contents{}, err
		}
	}
	for _, set := range d.Add {
		node, err := c.touch(touched, set)
		if err == nil {
			err = node.add(set)
		}
		if err != nil {
			return Contents{}, err
		}
	}
	edits := make([]Node, 0, len(touched))
	for _, key := range slices.Sorted(maps.Keys(touched)) {
		edits = append(edits, *touched[key])
	}
	if len(edits) == 0 {
		return c, nil
	}
	return Contents{c.origin, c.tree.with(edits)}, nil
}

// touch returns the node of set's name, copied so that it may be changed.
func (c Contents) touch(touched map[string]*Node, set RRset) (*Node, error) {
	key := set.Name.Key()
	if n := touched[key]; n != nil {
		return n, nil
	}
	if c.IsZero() || !set.Name.IsSubdomainOf(c.origin) {
		return nil, fmt.Errorf("%w: %s is not in zone %s", ErrNotApplicable, set.Name, c.origin)
	}
	node, ok := c.tree.get(key)
	if !ok {
		node = Node{Key: key}
	}
	node.Sets = slices.Clone(node.Sets)
	touched[key] = &node
	return &node, nil
}

// find returns the place of a type, or where it would stand.
func (n *Node) find(t Type) (i int, there bool) {
	return slices.BinarySearchFunc(n.Sets, t, func(s RRset, t Type) int { return cmp.Compare(s.Type, t) })
}

func (n *Node) remove(set RRset) error {
	if len(set.Data) == 0 {
		return nil
	}
	i, there := n.find(set.Type)
	if !there || n.Sets[i].TTL != set.TTL {
		return fmt.Errorf("%w: %s %s with TTL %d is not there", ErrNotApplicable, set.Name, set.Type, set.TTL)
	}
	rest := without(n.Sets[i], set)
	if len(n.Sets[i].Data)-len(rest.Data) != len(set.normalize().Data) {
		return fmt.Errorf("%w: not all records of %s %s to be removed are there", ErrNotApplicable, set.Name, set.Type)
	}
	if len(rest.Data) == 0 {
		n.Sets = slices.Delete(n.Sets, i, i+1)
		return nil
	}
	n.Sets[i] = rest
	return nil
}

func (n *Node) add(set RRset) error {
	if len(set.Data) == 0 {
		return nil
	}
	if err := set.check(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotApplicable, err)
	}
	if len(n.Sets) == 0 {
		n.Name = set.Name // a name that comes anew brings its own case
	}
	i, there := n.find(set.Type)
	switch {
	case set.Type == TypeSOA && (there || len(set.Data) > 1):
		return fmt.Errorf("%w: %s would have more than one SOA", ErrNotApplicable, set.Name)
	case !there:
		n.Sets = slices.Insert(n.Sets, i, set.normalize())
		return unfit(n.Sets[i])
	case n.Sets[i].TTL != set.TTL:
		return fmt.Errorf("%w: %s %s is there with TTL %d, not %d", ErrNotApplicable, set.Name, set.Type, n.Sets[i].TTL, set.TTL)
	case len(without(set, n.Sets[i]).Data) != len(set.Data):
		return fmt.Errorf("%w: a record of %s %s is there already", ErrNotApplicable, set.Name, set.Type)
	}
	n.Sets[i].Data = slices.Concat(n.Sets[i].Data, set.Data)
	n.Sets[i] = n.Sets[i].normalize()
	return unfit(n.Sets[i])
}

func unfit(s RRset) error {
	if err := s.fits(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotApplicable, err)
	}
	return nil
}
