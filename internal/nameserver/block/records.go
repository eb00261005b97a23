package block

import (
	"bytes"
	"encoding/binary"

	"github.com/skein-dns/skein/zone"
)

// What follows gives the records back. The results hold on to no octet of the
// block.

// Origin returns the zone's name, its case as it came.
func (b Block) Origin() zone.Name {
	wire := b.Apex()
	if at := b.u16(atOrigin); at != 0 {
		wire = b[at : at+len(wire)]
	}
	return mustName(wire)
}

func mustName(wire []byte) zone.Name {
	name, err := zone.NameFromWire(wire)
	if err != nil {
		panic("block: damaged: " + err.Error())
	}
	return name
}

// name returns the name of a node.
func (b Block) name(n node) zone.Name {
	from, size := n.u16(nodeName), int(n[nodeLen])
	if n.has(flagCased) {
		return mustName(b[from+size : from+2*size+int(b[atApex])])
	}
	return mustName(b.wire(n, nil))
}

// wire appends the name of a node in lower case.
func (b Block) wire(n node, to []byte) []byte {
	from := n.u16(nodeName)
	return append(append(to, b[from:from+int(n[nodeLen])]...), b.Apex()...)
}

// appendKey appends the key of a node.
func (b Block) appendKey(to []byte, n node) []byte {
	var wire [256]byte
	return zone.AppendKey(to, b.wire(n, wire[:0]))
}

// search returns the place of the first node whose key is key or after it, and
// whether it is key.
func (b Block) search(key string) (place int, found bool) {
	var buf [512]byte
	place, end := 0, b.u16(atNodes)
	for place < end {
		middle := (place + end) / 2
		switch k := b.appendKey(buf[:0], b.node(middle)); {
		case string(k) < key:
			place = middle + 1
		default:
			end, found = middle, string(k) == key
		}
	}
	return place, found
}

// Node returns what stands at a key (see zone.Contents.Node).
func (b Block) Node(key string) (zone.Node, bool) {
	i, ok := b.search(key)
	if !ok {
		return zone.Node{}, false
	}
	node := b.records(b.node(i), key)
	return node, len(node.Sets) > 0
}

// Passable reports whether a name is there and nothing keeps questions from
// the names below it.
func (b Block) Passable(key string) bool {
	i, ok := b.search(key)
	return ok && !b.node(i).has(flagAbsent|flagCut|flagRenames)
}

// Set returns the set of a type at a key.
func (b Block) Set(key string, t zone.Type) (zone.RRset, bool) {
	if i, ok := b.search(key); ok {
		n := b.node(i)
		at := n.u16(nodeSets)
		for range n[nodeCount] {
			if count := b.u16(at+setCount) &^ exactOnly; count > 0 && zone.Type(b.u16(at+setType)) == t {
				return b.set(b.name(n), at, t, count), true
			}
			at += setSize
		}
	}
	return zone.RRset{}, false
}

// HasBelow reports whether a record stands below a key.
func (b Block) HasBelow(key string) bool {
	var buf [512]byte
	i, _ := b.search(key + "\x00") // no label begins with 0x00
	return i < b.u16(atNodes) && bytes.HasPrefix(b.appendKey(buf[:0], b.node(i)), []byte(key))
}

// ChainedAtOrBefore returns the last node at or before a key that has a record
// of the chain.
func (b Block) ChainedAtOrBefore(key string) (zone.Node, bool) {
	i, ok := b.search(key)
	if !ok {
		i--
	}
	for ; i >= 0; i-- {
		if n := b.node(i); n.has(flagChained) {
			return b.records(n, string(b.appendKey(nil, n))), true
		}
	}
	return zone.Node{}, false
}

// All returns every set, in order.
func (b Block) All() (sets []zone.RRset) {
	for i := range b.u16(atNodes) {
		n := b.node(i)
		sets = append(sets, b.records(n, "").Sets...)
	}
	return sets
}

// records decodes a node.
func (b Block) records(n node, key string) zone.Node {
	found := zone.Node{Key: key, Name: b.name(n)}
	at := n.u16(nodeSets)
	for range n[nodeCount] {
		t, count := zone.Type(b.u16(at+setType)), b.u16(at+setCount)&^exactOnly
		if count > 0 {
			found.Sets = append(found.Sets, b.set(found.Name, at, t, count))
		}
		at += setSize
	}
	return found
}

func (b Block) set(name zone.Name, at int, t zone.Type, count int) zone.RRset {
	raw := b.u16(at + setRaw)
	if raw == 0 {
		r, _ := b.tail(b.u16(at + setTails))
		s, ok := fromTail(name, t, count, r.Records)
		if !ok {
			panic("block: damaged")
		}
		return s
	}
	s := zone.RRset{Name: name, Type: t, TTL: binary.LittleEndian.Uint32(b[raw:]), Data: make([]zone.Rdata, count)}
	raw += 4
	for i := range s.Data {
		size := b.u16(raw)
		s.Data[i] = zone.Rdata(b[raw+2 : raw+2+size])
		raw += 2 + size
	}
	return s
}

// fromTail reads the first records of a tail that was made for a question with
// this name.
func fromTail(name zone.Name, t zone.Type, count int, records []byte) (s zone.RRset, ok bool) {
	var buf [512]byte
	m := name.AppendWire(append(buf[:0], make([]byte, 12)...))
	at := len(m) + 4
	m = append(append(m, 0, 0, 0, 0), records...)
	s = zone.RRset{Name: name, Type: t, Data: make([]zone.Rdata, count)}
	for i := range s.Data {
		at = nameEnd(m, at)
		if at < 0 || at+10 > len(m) || zone.Type(binary.BigEndian.Uint16(m[at:])) != t {
			return s, false
		}
		s.TTL = binary.BigEndian.Uint32(m[at+4:])
		from := at + 10
		at = from + int(binary.BigEndian.Uint16(m[at+8:]))
		if at > len(m) {
			return s, false
		}
		if s.Data[i], ok = expand(m, from, at, t); !ok {
			return s, false
		}
	}
	return s, true
}

// expand returns data with its names uncompressed.
func expand(m []byte, from, to int, t zone.Type) (zone.Rdata, bool) {
	skip, names := Compressible(t)
	if names == 0 || from+skip > to {
		return zone.Rdata(m[from:to]), true
	}
	var buf [1024]byte
	d := append(buf[:0], m[from:from+skip]...)
	from += skip
	for ; names > 0; names-- {
		end := nameEnd(m[:to], from)
		if end < 0 {
			return "", false
		}
		for at := from; ; {
			size := int(m[at])
			if size >= 0xC0 {
				to := int(binary.BigEndian.Uint16(m[at:]) & 0x3FFF)
				if to >= at { // pointers go back only
					return "", false
				}
				at = to
				continue
			}
			if d = append(d, m[at:at+size+1]...); size == 0 || len(d) > 900 {
				break
			}
			at += size + 1
		}
		from = end
	}
	return zone.Rdata(append(d, m[from:to]...)), true
}
