package block

import (
	"bytes"
	"encoding/binary"
	"iter"

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
func search[K string | []byte](b Block, key K) (place int, found bool) {
	var buf [512]byte
	place, end := 0, b.u16(atNodes)
	for place < end {
		middle := (place + end) / 2
		switch k := b.appendKey(buf[:0], b.node(middle)); {
		case string(k) < string(key):
			place = middle + 1
		default:
			end, found = middle, string(k) == string(key)
		}
	}
	return place, found
}

// Node returns what stands at a key (see zone.Contents.Node).
func (b Block) Node(key string) (zone.Node, bool) {
	i, ok := search(b, key)
	if !ok {
		return zone.Node{}, false
	}
	node := b.records(b.node(i), key, new(recordReader))
	return node, len(node.Sets) > 0
}

// Passable reports whether a name is there and nothing keeps questions from
// the names below it.
func (b Block) Passable(key string) bool {
	i, ok := search(b, key)
	return ok && !b.node(i).has(flagAbsent|flagCut|flagRenames)
}

// Set returns the set of a type at a key.
func (b Block) Set(key string, t zone.Type) (zone.RRset, bool) {
	if i, ok := search(b, key); ok {
		n := b.node(i)
		at := n.u16(nodeSets)
		for range n[nodeCount] {
			flags := b.u16(at + setCount)
			if flags&countMask > 0 && zone.Type(b.u16(at+setType)) == t {
				return b.set(b.name(n), at, new(recordReader)), true
			}
			at += sizeOfSet(flags)
		}
	}
	return zone.RRset{}, false
}

// HasBelow reports whether a record stands below a key.
func (b Block) HasBelow(key string) bool {
	var buf [512]byte
	i, _ := search(b, key+"\x00") // no label begins with 0x00
	return i < b.u16(atNodes) && bytes.HasPrefix(b.appendKey(buf[:0], b.node(i)), []byte(key))
}

// ChainedAtOrBefore returns the last node at or before a key that has a record
// of the chain.
func (b Block) ChainedAtOrBefore(key string) (zone.Node, bool) {
	i, ok := search(b, key)
	if !ok {
		i--
	}
	for ; i >= 0; i-- {
		if n := b.node(i); n.has(flagChained) {
			return b.records(n, string(b.appendKey(nil, n)), new(recordReader)), true
		}
	}
	return zone.Node{}, false
}

// Nodes yields what has records, in canonical order, without keys.
func (b Block) Nodes() iter.Seq[zone.Node] {
	return func(yield func(zone.Node) bool) {
		var r recordReader
		for i := range b.u16(atNodes) {
			if n := b.records(b.node(i), "", &r); len(n.Sets) > 0 && !yield(n) {
				return
			}
		}
	}
}

// All returns every set, in order.
func (b Block) All() (sets []zone.RRset) {
	for n := range b.Nodes() {
		sets = append(sets, n.Sets...)
	}
	return sets
}

// records decodes a node.
func (b Block) records(n node, key string, r *recordReader) zone.Node {
	found := zone.Node{Key: key, Name: b.name(n), Sets: make([]zone.RRset, 0, n[nodeCount])}
	at := n.u16(nodeSets)
	for range n[nodeCount] {
		flags := b.u16(at + setCount)
		if flags&countMask > 0 {
			found.Sets = append(found.Sets, b.set(found.Name, at, r))
		}
		at += sizeOfSet(flags)
	}
	return found
}

// set decodes the set at a place.
func (b Block) set(name zone.Name, at int, r *recordReader) zone.RRset {
	flags := b.u16(at + setCount)
	s := zone.RRset{Name: name, Type: zone.Type(b.u16(at + setType)), Data: make([]zone.Rdata, flags&countMask)}
	if flags&hasRaw == 0 {
		t, _ := b.tail(b.u16(at + setTail))
		r.start(name, t.Records)
		for i := range s.Data {
			ttl, data, ok := r.next(s.Type)
			if !ok {
				panic("block: damaged")
			}
			s.TTL, s.Data[i] = ttl, zone.Rdata(data)
		}
		return s
	}
	raw := b.u16(at + setSize + flags>>13&2)
	s.TTL = binary.LittleEndian.Uint32(b[raw:])
	raw += 4
	for i := range s.Data {
		size := b.u16(raw)
		s.Data[i] = zone.Rdata(b[raw+2 : raw+2+size])
		raw += 2 + size
	}
	return s
}

// recordReader reads the records of a tail that was made for a question.
type recordReader struct {
	message []byte
	at      int
	data    []byte
}

// start begins with the records that follow a question with this name.
func (r *recordReader) start(name zone.Name, records []byte) {
	r.message = name.AppendWire(append(r.message[:0], "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"...))
	r.message = append(r.message, 0, 0, 0, 0)
	r.at = len(r.message)
	r.message = append(r.message, records...)
}

// next returns the next record, if it has this type; the data, with its names
// uncompressed, is good until the next call.
func (r *recordReader) next(t zone.Type) (ttl uint32, data []byte, ok bool) {
	m := r.message
	at := nameEnd(m, r.at)
	if at < 0 || at+10 > len(m) || zone.Type(binary.BigEndian.Uint16(m[at:])) != t {
		return 0, nil, false
	}
	ttl = binary.BigEndian.Uint32(m[at+4:])
	from := at + 10
	if r.at = from + int(binary.BigEndian.Uint16(m[at+8:])); r.at > len(m) || !r.expand(from, t) {
		return 0, nil, false
	}
	return ttl, r.data, true
}

// expand has data be what stands from a place on, with its names uncompressed.
func (r *recordReader) expand(from int, t zone.Type) bool {
	m, to := r.message, r.at
	skip, names := Compressible(t)
	if names == 0 || from+skip > to {
		r.data = append(r.data[:0], m[from:to]...)
		return true
	}
	r.data = append(r.data[:0], m[from:from+skip]...)
	from += skip
	for ; names > 0; names-- {
		end := nameEnd(m[:to], from)
		if end < 0 {
			return false
		}
		for at := from; ; {
			size := int(m[at])
			if size >= 0xC0 {
				to := int(binary.BigEndian.Uint16(m[at:]) & 0x3FFF)
				if to >= at { // pointers go back only
					return false
				}
				at = to
				continue
			}
			if r.data = append(r.data, m[at:at+size+1]...); size == 0 || len(r.data) > 900 {
				break
			}
			at += size + 1
		}
		from = end
	}
	r.data = append(r.data, m[from:to]...)
	return true
}
