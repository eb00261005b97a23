package zone

import "slices"

// Diff returns the delta from a to b: Apply(a, Diff(a, b)) equals b. What a
// and b share is not looked at, so after an edit its cost follows the edit.
func Diff(a, b Contents) Delta {
	var d Delta
	ca, cb := newCursor(a.tree), newCursor(b.tree)
	for {
		skipShared(ca, cb)
		na, oka := ca.peek()
		nb, okb := cb.peek()
		switch {
		case !oka && !okb:
			return d
		case !okb || oka && na.Key < nb.Key:
			d.Del = append(d.Del, na.Sets...)
			ca.next(0)
		case !oka || nb.Key < na.Key:
			d.Add = append(d.Add, nb.Sets...)
			cb.next(0)
		default:
			d.diffNode(na, nb)
			ca.next(0)
			cb.next(0)
		}
	}
}

// cursor walks a tree. Its path leads from the root to a leaf; it is empty at
// the end. Heights count from the leaf, which has height 0.
type cursor struct{ path []step }

// step is a page of the path, and the place in it.
type step struct {
	page *page
	at   int
}

func newCursor(root *page) *cursor {
	c := &cursor{path: make([]step, 0, 8)}
	if root != nil {
		c.descend(root)
	}
	return c
}

// descend extends the path to the first node at or below p.
func (c *cursor) descend(p *page) {
	c.path = append(c.path, step{p, 0})
	for p.kids != nil {
		p = p.kids[0]
		c.path = append(c.path, step{p, 0})
	}
}

func (c *cursor) peek() (Node, bool) {
	if len(c.path) == 0 {
		return Node{}, false
	}
	leaf := c.path[len(c.path)-1]
	return leaf.page.nodes[leaf.at], true
}

// next passes a node or, at a greater height, the page below that height.
func (c *cursor) next(height int) {
	for c.path = c.path[:len(c.path)-height]; len(c.path) > 0; c.path = c.path[:len(c.path)-1] {
		low := &c.path[len(c.path)-1]
		if low.at++; low.at == low.page.size() {
			continue
		}
		if low.page.kids != nil {
			c.descend(low.page.kids[low.at])
		}
		return
	}
}

// begins returns the page at a height if the cursor is at its first node.
func (c *cursor) begins(height int) *page {
	top := len(c.path) - 1 - height
	for _, s := range c.path[top:] {
		if s.at > 0 {
			return nil
		}
	}
	return c.path[top].page
}

// skipShared passes pages that are one and the same in both trees, the
// greatest first.
func skipShared(a, b *cursor) {
	for height := min(len(a.path), len(b.path)) - 1; height >= 0; height-- {
		if p := a.begins(height); p != nil && p == b.begins(height) {
			a.next(height + 1)
			b.next(height + 1)
			height = min(len(a.path), len(b.path))
		}
	}
}

func (d *Delta) diffNode(a, b Node) {
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
	for _, d := range b.Data {
		have[d.Canonical(b.Type)] = true
	}
	data := make([]Rdata, 0, len(a.Data))
	for _, d := range a.Data {
		if !have[d.Canonical(a.Type)] {
			data = append(data, d)
		}
	}
	a.Data = data
	return a
}
