package zone

import (
	"fmt"
	"testing"
)

// Enough names for many pages, every second one asked for.
func TestNodeAtOrBefore(t *testing.T) {
	t.Parallel()
	const names = 1000
	at := func(i int) Name { return Name(fmt.Sprintf("n%04d.example.", i)) }
	var sets []RRset
	for i := 1; i <= names; i++ {
		sets = append(sets, RRset{Name: at(2 * i), Type: TypeA, TTL: 1, Data: []Rdata{"abcd"}})
	}
	c, err := NewContents("example.", sets)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2*names + 3 {
		node, ok := c.NodeAtOrBefore(at(i).Key())
		want := min(i/2*2, 2*names)
		if ok != (want >= 2) || ok && node.Name != at(want) {
			t.Errorf("at or before %s: %s %v", at(i), node.Name, ok)
		}
	}
	if _, ok := (Contents{}).NodeAtOrBefore("x"); ok {
		t.Error("the zero value has a node")
	}
}
