package zone

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
)

// Contents is everything in one zone at one moment. It never changes; Apply
// and WithSerial return new Contents that share all untouched pages, so the
// cost of an edit follows the edit, also in a zone of a million records.
// Safe for use by any number of goroutines. The zero value is an empty zone
// at no name: only good as "nothing yet".
type Contents struct {
	origin Name
	tree   tree
}

// NewContents gathers sets into contents at origin. Sets of one name and type
// are joined; the first TTL wins. It fails for a name outside origin, for
// data that is not well formed wire data of its type and for a second SOA.
// What else a zone must satisfy is the business of Validate.
func NewContents(origin Name, sets []RRset) (Contents, error) {
	apex := origin.Key()
	nodes := map[string]*Node{}
	for _, set := range sets {
		key := set.Name.Key()
		if len(key) < len(apex) || key[:len(apex)] != apex {
			return Contents{}, fmt.Errorf("%w: %s is not in zone %s", ErrName, set.Name, origin)
		}
		if len(set.Data) == 0 {
			continue
		}
		node := nodes[key]
		if node == nil {
			node = &Node{Key: key, Name: set.Name}
			nodes[key] = node
		}
		node.join(set)
	}
	list := make([]Node, 0, len(nodes))
	for _, node := range nodes {
		for i := range node.Sets {
			node.Sets[i] = node.Sets[i].normalize()
			if node.Sets[i].Type == TypeSOA && len(node.Sets[i].Data) > 1 {
				return Contents{}, fmt.Errorf("%w: %s has more than one SOA record", ErrRdata, node.Name)
			}
		}
		list = append(list, *node)
	}
	slices.SortFunc(list, func(a, b Node) int { return compareKeys(a.Key, b.Key) })
	return Contents{origin, buildTree(list)}, nil
}

// Origin returns the apex name.
func (c Contents) Origin() Name { return c.origin }

// IsZero reports whether c is the zero value.
func (c Contents) IsZero() bool { return c.origin == "" }

// Len returns the number of owner names and of records.
func (c Contents) Len() (names, records int) { return c.tree.nodes, c.tree.records }

// Get returns the RRset of a name and type; ok is false if there is none.
func (c Contents) Get(name Name, t Type) (set RRset, ok bool) {
	if c.IsZero() {
		return RRset{}, false
	}
	node, ok := c.tree.get(name.Key())
	if !ok {
		return RRset{}, false
	}
	return node.Get(t)
}

// Node returns what stands at a key (see Name.Key); ok is false where no
// record stands, also at an empty non-terminal.
func (c Contents) Node(key string) (node Node, ok bool) { return c.tree.get(key) }

// NodesFrom yields, in canonical order, the nodes whose key is key or after it.
// HasBelow and zone transfers are made of it.
func (c Contents) NodesFrom(key string) iter.Seq[Node] { return c.tree.from(key) }

// HasBelow reports whether a record stands anywhere below key: with no node at
// key itself that makes it an empty non-terminal (RFC 8499).
func (c Contents) HasBelow(key string) bool {
	for node := range c.tree.from(key + "\x00") {
		return len(node.Key) > len(key) && node.Key[:len(key)] == key
	}
	return false
}

// All yields every RRset, in canonical order of names and ascending type.
func (c Contents) All() iter.Seq[RRset] {
	return func(yield func(RRset) bool) {
		for node := range c.tree.from("") {
			for _, set := range node.Sets {
				if !yield(set) {
					return
				}
			}
		}
	}
}

// SOA returns the apex SOA; ok is false when there is none.
func (c Contents) SOA() (soa SOA, ok bool) {
	set, ok := c.Get(c.origin, TypeSOA)
	if !ok {
		return SOA{}, false
	}
	soa, err := ParseSOA(set.Data[0])
	return soa, err == nil
}

// WithSerial returns c with another serial in its SOA; c itself if it has none.
func (c Contents) WithSerial(serial uint32) Contents {
	set, ok := c.Get(c.origin, TypeSOA)
	if !ok {
		return c
	}
	soa, err := ParseSOA(set.Data[0])
	if err != nil || soa.Serial == serial {
		return c
	}
	soa.Serial = serial
	changed, err := c.Apply(Delta{Del: []RRset{set}, Add: []RRset{{set.Name, TypeSOA, set.TTL, []Rdata{soa.Rdata()}}}})
	if err != nil {
		return c
	}
	return changed
}

// Equal compares canonically: the case of names does not count.
func (c Contents) Equal(o Contents) bool {
	return c.tree.records == o.tree.records && c.origin.Equal(o.origin) && Diff(c, o).IsZero()
}

// Digest is a hash over the canonical form of all records, TTLs included and
// the SOA's serial too. Equal contents have equal digests.
func (c Contents) Digest() [sha256.Size]byte {
	h := sha256.New()
	var buf []byte
	for set := range c.All() {
		buf = set.Name.Canonical().AppendWire(buf[:0])
		buf = binary.BigEndian.AppendUint16(buf, uint16(set.Type))
		buf = binary.BigEndian.AppendUint32(buf, set.TTL)
		for _, d := range set.Data {
			canonical := d.Canonical(set.Type)
			buf = binary.BigEndian.AppendUint16(buf, uint16(len(canonical)))
			buf = append(buf, canonical...)
		}
		h.Write(buf)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
