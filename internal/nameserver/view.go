package nameserver

import (
	"encoding/binary"
	"iter"
	"slices"

	"github.com/skein-dns/skein/zone"
)

// view is one version of a zone. It never changes; an answer is made from one
// view alone, so that none mixes two versions.
type view struct {
	contents zoneRecords
	apex     string // the origin's key
	soa      zone.RRset
	serial   uint32
	failed   bool // answers SERVFAIL
	chain    chain
	history  history
}

// zoneRecords are what a zone holds: a tree, or a block.
type zoneRecords interface {
	Origin() zone.Name
	Node(key string) (zone.Node, bool)
	HasBelow(key string) bool
	// Passable reports that a name is there, and that neither a cut nor a
	// DNAME keeps questions from what is below. It may not know.
	Passable(key string) bool
	// Nodes yields everything in canonical order. Nodes may lack their keys.
	Nodes() iter.Seq[zone.Node]
}

// treeRecords is a zone as a tree. Every way down begins at the apex, which is
// kept at hand.
type treeRecords struct {
	zone.Contents
	apex zone.Node
}

// Node implements zoneRecords.
func (r treeRecords) Node(key string) (zone.Node, bool) {
	if key == r.apex.Key && len(r.apex.Sets) > 0 {
		return r.apex, true
	}
	return r.Contents.Node(key)
}

// Passable implements zoneRecords: to look is as quick as to know.
func (treeRecords) Passable(string) bool { return false }

// Nodes implements zoneRecords.
func (r treeRecords) Nodes() iter.Seq[zone.Node] { return r.NodesFrom("") }

// newView prepares contents for answering; old is what was served before, nil
// if nothing was.
func newView(c zone.Contents, old *view) *view {
	key := c.Origin().Key()
	apex, _ := c.Node(key)
	v := &view{contents: treeRecords{c, apex}, apex: key}
	soa, there := apex.Get(zone.TypeSOA)
	serial, _, ok := soaNumbers(soa)
	if !there || !ok { // nothing true can be said without one
		v.failed = true
		return v
	}
	v.soa, v.serial = soa, serial
	if old == nil || len(old.soa.Data) == 0 {
		v.chain = newChain(c, apex)
		return v
	}
	change := zone.Diff(old.tree(), c)
	v.chain = old.chain.follow(c, apex, change)
	if zone.SerialLess(old.serial, v.serial) {
		v.history = old.history.extend(old, v, change)
	}
	return v
}

// soaNumbers returns what of a SOA set is needed most: its names go before 20
// octets of numbers.
func soaNumbers(s zone.RRset) (serial, minimum uint32, ok bool) {
	if len(s.Data) == 0 || len(s.Data[0]) < 22 {
		return 0, 0, false
	}
	n := []byte(s.Data[0][len(s.Data[0])-20:])
	return binary.BigEndian.Uint32(n), binary.BigEndian.Uint32(n[16:]), true
}

// tree returns the zone as contents.
func (v *view) tree() zone.Contents {
	switch c := v.contents.(type) {
	case treeRecords:
		return c.Contents
	case blockRecords:
		return c.contents()
	}
	return zone.Contents{} // never had any
}

// asFailed returns a view that answers SERVFAIL; what it holds stays, so that
// the next one finds its history.
func (v *view) asFailed() *view {
	if v == nil {
		return &view{failed: true}
	}
	failed := *v
	failed.failed = true
	return &failed
}

// node returns what stands at a key.
func (v *view) node(key string) (zone.Node, bool) {
	node, ok := v.contents.Node(key)
	if ok && !v.isName(node) {
		return zone.Node{}, false
	}
	return node, ok
}

// isName reports whether a node is more than the owner of NSEC3 records, which
// does not exist as a name (RFC 5155 section 7.2.8).
func (v *view) isName(node zone.Node) bool {
	return v.chain.kind != byHash || slices.ContainsFunc(node.Sets, func(s zone.RRset) bool {
		return s.Type != typeNSEC3 && s.Type != zone.TypeRRSIG
	})
}

// kind is how a name falls in a zone.
type kind int

const (
	nowhere   kind = iota
	here           // records stand at the name
	empty          // none stand there, but some below: an empty non-terminal
	delegated      // at or below a zone cut
	renamed        // below a DNAME
)

// place is where a name falls in a zone.
type place struct {
	kind
	key      string
	node     zone.Node // what stands at the name, at the cut, or where the DNAME is
	encloser int       // how much of key is the closest encloser (RFC 4592 section 3.3.1)
}

// locate goes from the apex down towards a key (RFC 1034 section 4.3.2 step 3).
// A DS set at a cut is the upper zone's, so a question for it passes the cut.
func (v *view) locate(key string, t zone.Type) place {
	p := place{key: key, encloser: len(v.apex)}
	for end := len(v.apex); ; end = nextEnd(key, end) {
		last := end == len(key)
		if !last && v.contents.Passable(key[:end]) {
			p.encloser = end
			continue
		}
		node, ok := v.node(key[:end])
		if ok && end > len(v.apex) && (!last || t != zone.TypeDS) {
			if _, cut := node.Get(zone.TypeNS); cut {
				p.kind, p.node = delegated, node
				return p
			}
		}
		switch {
		case !ok && !v.contents.HasBelow(key[:end]):
			return p // nothing deeper either
		case last && ok:
			p.kind, p.node, p.encloser = here, node, end
			return p
		case last:
			p.kind, p.encloser = empty, end
			return p
		}
		if _, is := node.Get(zone.TypeDNAME); ok && is {
			p.kind, p.node = renamed, node
			return p
		}
		p.encloser = end
	}
}

// wildcard is the key of the wildcard at a place's closest encloser.
func (p place) wildcard() string { return p.key[:p.encloser] + "*\x00" }

// nextEnd returns where the key of the next longer ancestor ends.
func nextEnd(key string, end int) int {
	for end++; end < len(key) && key[end-1] != 0; end++ {
	}
	return end
}

// ancestorEnd returns where the key of the next shorter ancestor ends.
func ancestorEnd[K string | []byte](key K, end int) int {
	for end--; end > 0 && key[end-1] != 0; end-- {
	}
	return end
}
