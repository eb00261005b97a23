package zone

import (
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

// Diff returns the delta from a to b: Apply(a, Diff(a, b)) equals b. Pages
// that a and b share are not looked at, so after an edit it is cheap.
func Diff(a, b Contents) Delta {
	var d Delta
	pa, pb := &cursor{tree: a.tree}, &cursor{tree: b.tree}
	for {
		skipShared(pa, pb)
		na, oka := pa.peek()
		nb, okb := pb.peek()
		switch {
		case !oka && !okb:
			return d
		case !okb || oka && na.Key < nb.Key:
			d.Del = append(d.Del, na.Sets...)
			pa.next()
		case !oka || nb.Key < na.Key:
			d.Add = append(d.Add, nb.Sets...)
			pb.next()
		default:
			d.diffNode(na, nb)
			pa.next()
			pb.next()
		}
	}
}

// cursor walks the nodes of a tree.
type cursor struct {
	tree       tree
	page, node int
}

func (c *cursor) peek() (*Node, bool) {
	if c.page >= len(c.tree.pages) {
		return nil, false
	}
	return &c.tree.pages[c.page][c.node], true
}

func (c *cursor) next() {
	c.node++
	if c.node == len(c.tree.pages[c.page]) {
		c.page, c.node = c.page+1, 0
	}
}

// skipShared moves both cursors past pages that are one and the same.
func skipShared(a, b *cursor) {
	for a.node == 0 && b.node == 0 && a.page < len(a.tree.pages) && b.page < len(b.tree.pages) {
		x, y := a.tree.pages[a.page], b.tree.pages[b.page]
		if len(x) != len(y) || &x[0] != &y[0] {
			return
		}
		a.page++
		b.page++
	}
}

func (d *Delta) diffNode(a, b *Node) {
	i, j := 0, 0
	for i < len(a.Sets) || j < len(b.Sets) {
		switch {
		case j == len(b.Sets) || i < len(a.Sets) && a.Sets[i].Type < b.Sets[j].Type:
			d.Del = append(d.Del, a.Sets[i])
			i++
		case i == len(a.Sets) || b.Sets[j].Type < a.Sets[i].Type:
			d.Add = append(d.Add, b.Sets[j])
			j++
		default:
			d.diffSet(a.Sets[i], b.Sets[j])
			i++
			j++
		}
	}
}

func (d *Delta) diffSet(a, b RRset) {
	if a.TTL != b.TTL {
		d.Del, d.Add = append(d.Del, a), append(d.Add, b)
		return
	}
	if slices.Equal(a.Data, b.Data) {
		return
	}
	if gone := without(a, b); len(gone.Data) > 0 {
		d.Del = append(d.Del, gone)
	}
	if come := without(b, a); len(come.Data) > 0 {
		d.Add = append(d.Add, come)
	}
}

// without returns the records of a that b has not.
func without(a, b RRset) RRset {
	have := make(map[Rdata]bool, len(b.Data))
	for _, x := range b.Data {
		have[x.Canonical(b.Type)] = true
	}
	data := make([]Rdata, 0, len(a.Data))
	for _, x := range a.Data {
		if !have[x.Canonical(a.Type)] {
			data = append(data, x)
		}
	}
	a.Data = data
	return a
}

// Apply returns c changed by d. It is strict: a record of Del must be there
// with its TTL, a record of Add must not, else ErrNotApplicable and nothing
// is changed. Its cost follows d.
func (c Contents) Apply(d Delta) (Contents, error) {
	touched := map[string]*Node{}
	at := func(set RRset) (*Node, error) {
		key := set.Name.Key()
		if n := touched[key]; n != nil {
			return n, nil
		}
		if !set.Name.IsSubdomainOf(c.origin) {
			return nil, fmt.Errorf("%w: %s is not in zone %s", ErrNotApplicable, set.Name, c.origin)
		}
		node, ok := c.tree.get(key)
		if !ok {
			node = Node{Key: key, Name: set.Name}
		}
		node.Sets = slices.Clone(node.Sets)
		touched[key] = &node
		return &node, nil
	}
	for _, set := range d.Del {
		node, err := at(set)
		if err == nil {
			err = node.remove(set)
		}
		if err != nil {
			return Contents{}, err
		}
	}
	for _, set := range d.Add {
		node, err := at(set)
		if err == nil {
			err = node.add(set)
		}
		if err != nil {
			return Contents{}, err
		}
	}
	edits := make([]edit, 0, len(touched))
	for _, key := range slices.Sorted(maps.Keys(touched)) {
		edits = append(edits, edit{*touched[key]})
	}
	return Contents{c.origin, c.tree.with(edits)}, nil
}

func (n *Node) remove(set RRset) error {
	i := slices.IndexFunc(n.Sets, func(s RRset) bool { return s.Type == set.Type })
	if i < 0 || n.Sets[i].TTL != set.TTL {
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
	have, there := n.Get(set.Type)
	switch {
	case there && have.TTL != set.TTL:
		return fmt.Errorf("%w: %s %s is there with TTL %d, not %d", ErrNotApplicable, set.Name, set.Type, have.TTL, set.TTL)
	case there && len(without(set, have).Data) != len(set.Data):
		return fmt.Errorf("%w: a record of %s %s is there already", ErrNotApplicable, set.Name, set.Type)
	case set.Type == TypeSOA && (there || len(set.Data) > 1):
		return fmt.Errorf("%w: %s would have more than one SOA", ErrNotApplicable, set.Name)
	}
	if !there {
		n.Name = set.Name // a name that comes anew brings its own case
		if len(n.Sets) > 0 {
			n.Name = n.Sets[0].Name
		}
	}
	n.join(set)
	for i := range n.Sets {
		if n.Sets[i].Type == set.Type {
			n.Sets[i] = n.Sets[i].normalize()
		}
	}
	return nil
}
