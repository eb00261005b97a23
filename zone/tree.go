package zone

import (
	"cmp"
	"iter"
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
	for _, s := range n.Sets {
		if s.Type == t {
			return s, true
		}
	}
	return RRset{}, false
}

// join adds records to the node, which must not be shared yet.
func (n *Node) join(set RRset) {
	for i := range n.Sets {
		if n.Sets[i].Type == set.Type {
			n.Sets[i].Data = append(slices.Clip(n.Sets[i].Data), set.Data...)
			return
		}
	}
	at, _ := slices.BinarySearchFunc(n.Sets, set.Type, func(s RRset, t Type) int { return cmp.Compare(s.Type, t) })
	n.Sets = slices.Insert(n.Sets, at, set)
}

func (n Node) records() (count int) {
	for _, s := range n.Sets {
		count += len(s.Data)
	}
	return count
}

func compareKeys(a, b string) int { return cmp.Compare(a, b) }

// pageSize bounds a page. An edit copies one page for each name it touches
// and the list of pages: at a million names 64 nodes a page cost least.
const pageSize = 64

// tree is a sorted sequence of nodes in pages, two levels deep. Pages are
// immutable and shared between the trees of successive contents.
type tree struct {
	pages   [][]Node // none empty, ordered by the key of their first node
	nodes   int
	records int
}

func buildTree(sorted []Node) tree {
	t := tree{nodes: len(sorted)}
	for _, n := range sorted {
		t.records += n.records()
	}
	t.pages = appendPages(nil, sorted)
	return t
}

// appendPages cuts sorted nodes into pages of at most pageSize, evenly.
func appendPages(pages [][]Node, nodes []Node) [][]Node {
	if len(nodes) == 0 {
		return pages
	}
	count := (len(nodes) + pageSize - 1) / pageSize
	for i := range count {
		from, to := i*len(nodes)/count, (i+1)*len(nodes)/count
		pages = append(pages, nodes[from:to:to])
	}
	return pages
}

// pageOf returns the index of the page that holds key if any does.
func (t tree) pageOf(key string) int {
	i := sort.Search(len(t.pages), func(i int) bool { return t.pages[i][0].Key > key })
	return max(i-1, 0)
}

func (t tree) get(key string) (Node, bool) {
	if len(t.pages) == 0 {
		return Node{}, false
	}
	page := t.pages[t.pageOf(key)]
	i, found := slices.BinarySearchFunc(page, key, func(n Node, k string) int { return cmp.Compare(n.Key, k) })
	if !found {
		return Node{}, false
	}
	return page[i], true
}

func (t tree) from(key string) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for p := t.pageOf(key); p < len(t.pages); p++ {
			page := t.pages[p]
			i := 0
			if page[0].Key < key {
				i = sort.Search(len(page), func(i int) bool { return page[i].Key >= key })
			}
			for ; i < len(page); i++ {
				if !yield(page[i]) {
					return
				}
			}
		}
	}
}

// edit is the new state of one node; no sets means that the node goes.
type edit struct{ node Node }

// with returns the tree with edits, which are sorted by key, one a key.
func (t tree) with(edits []edit) tree {
	if len(edits) == 0 {
		return t
	}
	out := tree{pages: make([][]Node, 0, len(t.pages)+len(edits)/pageSize+1), nodes: t.nodes, records: t.records}
	next := 0 // first page not yet carried over
	for len(edits) > 0 {
		var page []Node
		last := len(t.pages) - 1
		if last >= 0 {
			at := t.pageOf(edits[0].node.Key)
			out.pages = append(out.pages, t.pages[next:at]...)
			page, next = t.pages[at], at+1
		}
		n := len(edits) // how many edits fall into this page
		if next <= last {
			bound := t.pages[next][0].Key
			n = sort.Search(len(edits), func(i int) bool { return edits[i].node.Key >= bound })
		}
		out.pages = appendPages(out.pages, out.merge(page, edits[:n]))
		edits = edits[n:]
	}
	out.pages = append(out.pages, t.pages[min(next, len(t.pages)):]...)
	return out
}

// merge returns page with edits and keeps the counts of t, the tree under construction.
func (t *tree) merge(page []Node, edits []edit) []Node {
	merged := make([]Node, 0, len(page)+len(edits))
	for _, e := range edits {
		i := sort.Search(len(page), func(i int) bool { return page[i].Key >= e.node.Key })
		merged = append(merged, page[:i]...)
		page = page[i:]
		if len(page) > 0 && page[0].Key == e.node.Key {
			t.nodes--
			t.records -= page[0].records()
			page = page[1:]
		}
		if len(e.node.Sets) > 0 {
			t.nodes++
			t.records += e.node.records()
			merged = append(merged, e.node)
		}
	}
	return append(merged, page...)
}
