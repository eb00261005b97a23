package zone

import (
	"cmp"
	"slices"
	"sort"
)

// Node is one owner name with its RRsets, in ascending order of type.
type Node struct {
	Key  string // Name.Key
	Name Name
	Sets []RRset
}

// Get returns the set of a type; ok is false if there is none.
func (n Node) Get(t Type) (set RRset, ok bool) {
	for i := range n.Sets {
		if n.Sets[i].Type == t {
			return n.Sets[i], true
		}
	}
	return RRset{}, false
}

func (n Node) records() (count int) {
	for _, s := range n.Sets {
		count += len(s.Data)
	}
	return count
}

// page is a page of a B+ tree: a leaf with nodes, or a branch over pages of
// one height. Pages never change and are shared between the trees of
// successive contents; an edit copies those on the way to what it touches.
// No page is empty. nil is the tree without nodes.
type page struct {
	nodes []Node // of a leaf, in order of their keys

	kids   []*page  // of a branch
	firsts []string // the kids' first keys

	names, records int // at and below it
}

// fanout bounds a page's nodes or kids.
const fanout = 32

func leaf(nodes []Node) *page {
	p := &page{nodes: nodes, names: len(nodes)}
	for _, n := range nodes {
		p.records += n.records()
	}
	return p
}

func branch(kids []*page) *page {
	p := &page{kids: kids, firsts: make([]string, len(kids))}
	for i, kid := range kids {
		p.firsts[i] = kid.first()
		p.names += kid.names
		p.records += kid.records
	}
	return p
}

func (p *page) first() string {
	if p.kids != nil {
		return p.firsts[0]
	}
	return p.nodes[0].Key
}

func (p *page) size() int { return len(p.nodes) + len(p.kids) }

// cut divides entries evenly into pages.
func cut[E any](entries []E, build func([]E) *page) []*page {
	count := (len(entries) + fanout - 1) / fanout
	pages := make([]*page, count)
	for i := range pages {
		from, to := i*len(entries)/count, (i+1)*len(entries)/count
		pages[i] = build(entries[from:to:to])
	}
	return pages
}

// grow returns the tree over pages of one height.
func grow(pages []*page) *page {
	for len(pages) > 1 {
		pages = cut(pages, branch)
	}
	if len(pages) == 0 {
		return nil
	}
	root := pages[0]
	for len(root.kids) == 1 {
		root = root.kids[0]
	}
	return root
}

// kid returns the place of the kid that holds key if any does.
func (p *page) kid(key string) int {
	return max(sort.Search(len(p.firsts), func(i int) bool { return p.firsts[i] > key })-1, 0)
}

func (p *page) get(key string) (Node, bool) {
	if p == nil {
		return Node{}, false
	}
	for p.kids != nil {
		p = p.kids[p.kid(key)]
	}
	i, found := slices.BinarySearchFunc(p.nodes, key, func(n Node, k string) int { return cmp.Compare(n.Key, k) })
	if !found {
		return Node{}, false
	}
	return p.nodes[i], true
}

// walk yields the nodes whose key is key or after it, until yield returns false.
func (p *page) walk(key string, yield func(Node) bool) bool {
	if p == nil {
		return true
	}
	if p.kids == nil {
		i := sort.Search(len(p.nodes), func(i int) bool { return p.nodes[i].Key >= key })
		for ; i < len(p.nodes); i++ {
			if !yield(p.nodes[i]) {
				return false
			}
		}
		return true
	}
	for i := p.kid(key); i < len(p.kids); i++ {
		if !p.kids[i].walk(key, yield) {
			return false
		}
	}
	return true
}

// with returns the tree with nodes in place of those of the same key, or
// beside the others; one without sets takes its place out. The nodes are in
// order, one a key.
func (p *page) with(edits []Node) *page {
	if p == nil {
		return grow(cut(merge(nil, edits), leaf))
	}
	return grow(p.edit(edits))
}

// edit returns the pages, of the same height, that take p's place.
func (p *page) edit(edits []Node) []*page {
	if p.kids == nil {
		return cut(merge(p.nodes, edits), leaf)
	}
	kids := make([]*page, 0, len(p.kids)+1)
	for i, kid := range p.kids {
		n := len(edits) // how many edits fall into this kid
		if i+1 < len(p.kids) {
			n = sort.Search(len(edits), func(j int) bool { return edits[j].Key >= p.firsts[i+1] })
		}
		if n == 0 {
			kids = join(kids, kid)
			continue
		}
		for _, edited := range kid.edit(edits[:n]) {
			kids = join(kids, edited)
		}
		edits = edits[n:]
	}
	return cut(kids, branch)
}

// join appends a page, or merges it with the last one when the two are small:
// so that what deletions leave does not stay in crumbs.
func join(pages []*page, next *page) []*page {
	last := len(pages) - 1
	switch {
	case last < 0 || pages[last].size()+next.size() > fanout/2:
		return append(pages, next)
	case next.kids != nil:
		pages[last] = branch(slices.Concat(pages[last].kids, next.kids))
	default:
		pages[last] = leaf(slices.Concat(pages[last].nodes, next.nodes))
	}
	return pages
}

func merge(nodes, edits []Node) []Node {
	merged := make([]Node, 0, len(nodes)+len(edits))
	for _, e := range edits {
		i := sort.Search(len(nodes), func(i int) bool { return nodes[i].Key >= e.Key })
		merged = append(merged, nodes[:i]...)
		nodes = nodes[i:]
		if len(nodes) > 0 && nodes[0].Key == e.Key {
			nodes = nodes[1:]
		}
		if len(e.Sets) > 0 {
			merged = append(merged, e)
		}
	}
	return append(merged, nodes...)
}
