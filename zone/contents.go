package zone

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"iter"
)

// Contents is everything in one zone at one moment. It never changes; Apply
// and WithSerial return new Contents that share all untouched pages, so the
// cost of an edit follows the edit, also in a zone of a million records.
// Safe for use by any number of goroutines. The zero value is an empty zone
// at no name: only good as "nothing yet".
type Contents struct {
	origin Name
	tree   *page
}

// Origin returns the apex name.
func (c Contents) Origin() Name { return c.origin }

// IsZero reports whether c is the zero value.
func (c Contents) IsZero() bool { return c.origin == "" }

// Len returns the number of owner names and of records.
func (c Contents) Len() (names, records int) {
	if c.tree == nil {
		return 0, 0
	}
	return c.tree.names, c.tree.records
}

// Get returns the RRset of a name and type; ok is false if there is none.
func (c Contents) Get(name Name, t Type) (set RRset, ok bool) {
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
func (c Contents) NodesFrom(key string) iter.Seq[Node] {
	return func(yield func(Node) bool) { c.tree.walk(key, yield) }
}

// HasBelow reports whether a record stands anywhere below key: with no node at
// key itself that makes it an empty non-terminal (RFC 8499).
func (c Contents) HasBelow(key string) bool {
	for node := range c.NodesFrom(key + "\x00") { // no label begins with 0x00
		return len(node.Key) > len(key) && node.Key[:len(key)] == key
	}
	return false
}

// All yields every RRset, in canonical order of names and ascending type.
func (c Contents) All() iter.Seq[RRset] {
	return func(yield func(RRset) bool) {
		c.tree.walk("", func(node Node) bool {
			for _, set := range node.Sets {
				if !yield(set) {
					return false
				}
			}
			return true
		})
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
	soa, ok := c.SOA()
	if !ok || soa.Serial == serial {
		return c
	}
	set, _ := c.Get(c.origin, TypeSOA)
	soa.Serial = serial
	changed, err := c.Apply(Delta{Del: []RRset{set}, Add: []RRset{{set.Name, TypeSOA, set.TTL, []Rdata{soa.Rdata()}}}})
	if err != nil {
		panic(err) // the record that goes is there, and the one that comes is well formed
	}
	return changed
}

// Equal compares canonically: the case of names does not count.
func (c Contents) Equal(o Contents) bool {
	_, n := c.Len()
	_, m := o.Len()
	return n == m && c.origin.Equal(o.origin) && Diff(c, o).IsZero()
}

// Digest is a hash over the canonical form of all records, TTLs included and
// the SOA's serial too. Equal contents have equal digests.
func (c Contents) Digest() [sha256.Size]byte {
	h := sha256.New()
	var buf []byte
	c.tree.walk("", func(node Node) bool {
		// Every part says its length, so that no two contents look alike.
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(node.Key)))
		buf = append(buf, node.Key...)
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(node.Sets)))
		for _, set := range node.Sets {
			buf = appendDigested(buf, set, h)
		}
		return true
	})
	h.Write(buf)
	return [sha256.Size]byte(h.Sum(nil))
}

const digestBlock = 4 << 10

func appendDigested(buf []byte, s RRset, h hash.Hash) []byte {
	buf = binary.BigEndian.AppendUint16(buf, uint16(s.Type))
	buf = binary.BigEndian.AppendUint32(buf, s.TTL)
	buf = binary.BigEndian.AppendUint32(buf, uint32(len(s.Data)))
	for _, d := range s.Data {
		d = d.Canonical(s.Type)
		buf = binary.BigEndian.AppendUint16(buf, uint16(len(d)))
		buf = append(buf, d...)
		if len(buf) >= digestBlock {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	return buf
}
