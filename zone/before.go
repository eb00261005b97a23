package zone

import "sort"

// NodeAtOrBefore returns the last node in canonical order whose key is key or
// before it; ok is false if there is none. What denies a name in a signed
// zone stands there (RFC 4035 section 3.1.3).
func (c Contents) NodeAtOrBefore(key string) (node Node, ok bool) {
	p := c.tree
	if p == nil {
		return Node{}, false
	}
	for p.kids != nil {
		p = p.kids[p.kid(key)]
	}
	i := sort.Search(len(p.nodes), func(i int) bool { return p.nodes[i].Key > key })
	if i == 0 {
		return Node{}, false // kid chose the first page
	}
	return p.nodes[i-1], true
}
