package zone

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// model is what a tree must hold, in the plainest form there is.
type model map[string]Node

func (m model) sorted() []Node {
	return slices.SortedFunc(maps.Values(m), func(a, b Node) int { return cmp.Compare(a.Key, b.Key) })
}

// check compares a tree with the model and with the rules of its pages.
func (m model) check(t *rapid.T, root *page) {
	t.Helper()
	var got []Node
	root.walk("", func(n Node) bool { got = append(got, n); return true })
	want := m.sorted()
	if !slices.EqualFunc(got, want, func(a, b Node) bool { return a.Key == b.Key && &a.Sets[0] == &b.Sets[0] }) {
		t.Fatalf("it holds %d nodes, want %d", len(got), len(want))
	}
	if root == nil {
		return
	}
	records := 0
	for _, n := range want {
		records += n.records()
	}
	if root.names != len(want) || root.records != records {
		t.Fatalf("it counts %d names and %d records, want %d and %d", root.names, root.records, len(want), records)
	}
	if len(root.kids) == 1 {
		t.Fatal("the root has one kid")
	}
	checkPages(t, root)
}

// checkPages returns the height.
func checkPages(t *rapid.T, p *page) int {
	if p.size() == 0 || p.size() > fanout || len(p.nodes) > 0 && len(p.kids) > 0 {
		t.Fatalf("a page has %d nodes and %d kids", len(p.nodes), len(p.kids))
	}
	height := 0
	for i, kid := range p.kids {
		h := checkPages(t, kid) + 1
		if height = h; i > 0 && h != height {
			t.Fatal("pages of one branch differ in height")
		}
		if p.firsts[i] != kid.first() {
			t.Fatal("a branch does not know its kids' first keys")
		}
		if i > 0 && p.kids[i-1].size()+kid.size() <= fanout/2 {
			t.Fatalf("pages of %d and %d entries lie side by side", p.kids[i-1].size(), kid.size())
		}
	}
	return height
}

func node(key string, records int) Node {
	return Node{Key: key, Name: Name(key), Sets: []RRset{{Name: Name(key), Type: TypeTXT, Data: make([]Rdata, records)}}}
}

// Any edits of a tree leave what a map would hold, and leave the tree that
// was there before as it was.
func TestTreeAsAMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("%04d", rapid.IntRange(0, 3000).Draw(t, "key")) })
		m := model{}
		for _, k := range rapid.SliceOfN(key, 0, 2500).Draw(t, "built of") {
			m[k] = node(k, 1)
		}
		root := grow(cut(m.sorted(), leaf))
		m.check(t, root)
		for range rapid.IntRange(1, 6).Draw(t, "edits") {
			before, beforeRoot := maps.Clone(m), root
			edits := model{}
			from := rapid.IntRange(0, 3000).Draw(t, "from")
			for i := range rapid.IntRange(0, 1500).Draw(t, "run") { // a run that goes
				edits[fmt.Sprintf("%04d", from+i)] = Node{Key: fmt.Sprintf("%04d", from+i)}
			}
			for _, k := range rapid.SliceOfN(key, 0, 300).Draw(t, "scattered") {
				edits[k] = node(k, rapid.IntRange(0, 3).Draw(t, "records"))
				if rapid.Bool().Draw(t, "goes") {
					edits[k] = Node{Key: k}
				}
			}
			for k, n := range edits {
				if m[k] = n; len(n.Sets) == 0 {
					delete(m, k)
				}
			}
			root = root.with(edits.sorted())
			m.check(t, root)
			before.check(t, beforeRoot)
		}
		probe := key.Draw(t, "probe")
		n, ok := root.get(probe)
		if want, there := m[probe]; ok != there || n.Key != want.Key {
			t.Fatalf("at %s is %v, %v", probe, n.Key, ok)
		}
		all := m.sorted()
		i, _ := slices.BinarySearchFunc(all, probe, func(n Node, k string) int { return cmp.Compare(n.Key, k) })
		count := 0
		root.walk(probe, func(n Node) bool {
			if n.Key != all[i+count].Key {
				t.Fatalf("from %s on comes %s, want %s", probe, n.Key, all[i+count].Key)
			}
			count++
			return count < 70
		})
		if count != min(70, len(all)-i) {
			t.Fatalf("from %s on came %d nodes of %d", probe, count, len(all)-i)
		}
	})
}

// An edit of one name copies the pages on the way to it and no others.
func TestTreesShareWhatStayed(t *testing.T) {
	t.Parallel()
	const names = 40_000
	nodes := make([]Node, names)
	for i := range nodes {
		nodes[i] = node(fmt.Sprintf("%06d", i), 1)
	}
	root := grow(cut(nodes, leaf))
	pages := map[*page]bool{}
	var gather func(p *page)
	gather = func(p *page) {
		pages[p] = true
		for _, kid := range p.kids {
			gather(kid)
		}
	}
	gather(root)
	height := 1
	for p := root; p.kids != nil; p = p.kids[0] {
		height++
	}
	changed := root.with([]Node{node("020000x", 1)})
	fresh := 0
	var count func(p *page)
	count = func(p *page) {
		if !pages[p] {
			fresh++
		}
		for _, kid := range p.kids {
			count(kid)
		}
	}
	count(changed)
	if fresh > 2*height { // at worst every page on the way is cut in two
		t.Errorf("%d of %d pages are new, in a tree of height %d", fresh, len(pages), height)
	}
	// So Diff has little to look at.
	looked := 0
	a, b := newCursor(root), newCursor(changed)
	for skipShared(a, b); len(a.path) > 0 && len(b.path) > 0; skipShared(a, b) {
		looked++
		if x, _ := a.peek(); x.Key == "020000x" {
			t.Fatal("the old tree has the new node")
		}
		na, _ := a.peek()
		nb, _ := b.peek()
		if na.Key <= nb.Key {
			a.next(0)
		}
		if nb.Key <= na.Key {
			b.next(0)
		}
	}
	if looked > 2*fanout {
		t.Errorf("Diff looks at %d nodes of %d", looked, names)
	}
}
