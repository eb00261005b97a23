package zone

import "sort"

// NodeAtOrBefore returns the last node in canonical order whose key is key or
// before it; ok is false if there is none. What denies a name in a signed
// zone stands there (RFC 4035 section 3.1.3).
func (c Contents) NodeAtOrBefore(key string) (node Node, ok bool) {
	if len(c.tree.pages) == 0 {
		return Node{}, false
	}
	page := c.tree.pages[c.tree.pageOf(key)]
	i := sort.Search(len(page), func(i int) bool { return page[i].Key > key })
	if i == 0 {
		return Node{}, false // pageOf chose the first page
	}
	return page[i-1], true
}
