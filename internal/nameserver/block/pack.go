package block

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// Zone is what a block is made of.
type Zone struct {
	Origin   zone.Name
	Serial   uint32
	Chain    uint8    // kept for the reader; not 0: names are denied by records
	Nodes    []Node   // in canonical order, the apex first, empty non-terminals included
	Negative [2]*Tail // the SOA that says that there is nothing, for the apex's own name; without and with DNSSEC
}

// Node is one name. Cut, Renames and the others are for the maker to know.
type Node struct {
	Key     string // Name.Key
	Name    zone.Name
	Cut     bool
	Renames bool
	Absent  bool
	Chained bool
	Sets    []Set
}

// Set is an RRset and the answers to a question for it. Without data it is
// only answers; with type 0 they are for every type that has no Set.
type Set struct {
	zone.RRset
	Tails [2]*Tail // without and with DNSSEC; nil: not kept
	// Exact: the answers are for questions with the node's own name alone, not
	// with those that the node stands for as a wildcard.
	Exact bool
}

// packer lays a block out.
type packer struct {
	Block
	apex  []byte
	tails []placed
}

// placed is a tail that is written.
type placed struct {
	*Tail
	at uint16
}

// Pack makes a block; ok is false if the zone is too large for one.
func Pack(z Zone) (b Block, ok bool) {
	apex := lower(z.Origin.AppendWire(nil))
	p := &packer{Block: make(Block, headerSize, 2048), apex: apex}
	p.Block = append(p.Block, apex...)
	p.header(z)
	if len(z.Nodes) > Max/nodeSize || !p.nodes(z) || p.full() {
		return nil, false
	}
	for i, t := range z.Negative {
		p.put(atNegative+2*i, int(p.tail(t)))
	}
	p.Block = append(p.Block, make([]byte, align(len(p.Block))-len(p.Block))...)
	if p.full() {
		return nil, false
	}
	binary.LittleEndian.PutUint32(p.Block, uint32(len(p.Block)))
	return p.Block, true
}

// lower returns a copy of a wire name in lower case; lengths are no letters.
func lower(wire []byte) []byte {
	low := make([]byte, len(wire))
	for i, c := range wire {
		low[i] = lowered[c]
	}
	return low
}

func (p *packer) full() bool { return len(p.Block) > Max }

func (p *packer) put(at, value int) { binary.LittleEndian.PutUint16(p.Block[at:], uint16(value)) }

// room appends zeroes and returns where they begin.
func (p *packer) room(size int) int {
	at := len(p.Block)
	p.Block = append(p.Block, make([]byte, size)...)
	return at
}

func (p *packer) header(z Zone) {
	p.Block[atApex], p.Block[atChain] = byte(len(p.apex)), z.Chain
	binary.LittleEndian.PutUint32(p.Block[atSerial:], z.Serial)
	if wire := z.Origin.AppendWire(nil); !bytes.Equal(wire, p.apex) {
		p.put(atOrigin, len(p.Block))
		p.Block = append(p.Block, wire...)
	}
	p.put(atNodes, len(z.Nodes))
}

// nodes lays the tables out, then everything that they point to.
func (p *packer) nodes(z Zone) bool {
	width := bits.Len(uint(len(z.Nodes) + len(z.Nodes)/2))
	p.Block[atBits] = byte(width)
	table := p.room(nodeSize * len(z.Nodes))
	buckets := p.room(2 << width)
	p.put(atTable, table)
	p.put(atBuckets, buckets)
	var above []int // the places of the last node and its ancestors
	for i, n := range z.Nodes {
		for len(above) > 0 && !strings.HasPrefix(n.Key, z.Nodes[above[len(above)-1]].Key) {
			above = above[:len(above)-1]
		}
		if len(above) > 0 && !n.Absent {
			if parent := above[len(above)-1]; n.Key == z.Nodes[parent].Key+"*\x00" {
				p.put(table+parent*nodeSize+nodeWild, i+1)
			}
		}
		above = append(above, i)
		name := p.name(table+i*nodeSize, n)
		if !n.Absent {
			p.enter(name, i, buckets, width)
		}
		if p.full() || !p.sets(table+i*nodeSize, n) || p.full() {
			return false
		}
	}
	return true
}

// name writes a node's name and flags, and returns the name without the apex.
func (p *packer) name(at int, n Node) []byte {
	wire := n.Name.AppendWire(nil)
	low := lower(wire)
	name := low[:len(low)-len(p.apex)]
	flags := byte(0)
	for _, f := range [...]struct {
		set  bool
		flag byte
	}{{n.Cut, flagCut}, {n.Renames, flagRenames}, {n.Absent, flagAbsent}, {n.Chained, flagChained}, {!bytes.Equal(wire, low), flagCased}} {
		if f.set {
			flags |= f.flag
		}
	}
	p.put(at+nodeName, len(p.Block))
	p.Block[at+nodeLen], p.Block[at+nodeFlags] = byte(len(name)), flags
	p.Block = append(p.Block, name...)
	if flags&flagCased != 0 {
		p.Block = append(p.Block, wire...)
	}
	return name
}

func (p *packer) enter(name []byte, place, buckets, width int) {
	hash := uint32(hashSeed)
	var starts []int
	for at := 0; at < len(name); at += int(name[at]) + 1 {
		starts = append(starts, at)
	}
	for _, at := range slices.Backward(starts) {
		hash = hashLabel(hash, name[at:at+int(name[at])+1])
	}
	mask := uint32(1)<<width - 1
	i := fold(hash) & mask
	for p.u16(buckets+2*int(i)) != 0 {
		i = (i + 1) & mask
	}
	p.put(buckets+2*int(i), place+1)
}

func (p *packer) sets(at int, n Node) bool {
	if len(n.Sets) > 255 {
		return false
	}
	table := p.room(setSize * len(n.Sets))
	p.put(at+nodeSets, table)
	p.Block[at+nodeCount] = byte(len(n.Sets))
	for i, s := range n.Sets {
		if len(s.Data) >= exactOnly || p.full() {
			return false
		}
		at := table + i*setSize
		count := len(s.Data)
		if s.Exact {
			count |= exactOnly
		}
		p.put(at+setType, int(s.Type))
		p.put(at+setCount, count)
		for j, t := range s.Tails {
			p.put(at+setTails+2*j, int(p.tail(t)))
		}
		if !p.full() && !givesBack(n.Name, s) {
			p.put(at+setRaw, len(p.Block))
			p.raw(s.RRset)
		}
	}
	return true
}

// tail writes a tail once, and returns where it is.
func (p *packer) tail(t *Tail) uint16 {
	if t == nil || p.full() {
		return 0
	}
	for _, have := range p.tails[max(0, len(p.tails)-4):] { // the same one comes again soon, if ever
		if have.Tail == t || have.equal(t) {
			return have.at
		}
	}
	at := p.room(tailSize)
	p.tails = append(p.tails, placed{t, uint16(at)})
	p.put(at+tailLen, len(t.Records))
	p.Block[at+tailMoves] = byte(len(t.Moves))
	p.Block[at+tailVerdict] = t.Rcode & verdictRcode
	if t.Authoritative {
		p.Block[at+tailVerdict] |= verdictAuthoritative
	}
	copy(p.Block[at+tailCounts:], t.Counts[:])
	for _, m := range t.Moves {
		p.Block = binary.LittleEndian.AppendUint16(p.Block, m)
	}
	p.Block = append(p.Block, t.Records...)
	return uint16(at)
}

func (t *Tail) equal(o *Tail) bool {
	return t.Rcode == o.Rcode && t.Authoritative == o.Authoritative && t.Counts == o.Counts &&
		bytes.Equal(t.Records, o.Records) && slices.Equal(t.Moves, o.Moves)
}

// raw writes a set as it is: TTL, and each record's length and data.
func (p *packer) raw(s zone.RRset) {
	p.Block = binary.LittleEndian.AppendUint32(p.Block, s.TTL)
	for _, d := range s.Data {
		p.Block = binary.LittleEndian.AppendUint16(p.Block, uint16(len(d)))
		p.Block = append(p.Block, d...)
	}
}

// givesBack says whether the first tail holds the set exactly, so that it need
// not be kept beside it.
func givesBack(name zone.Name, s Set) bool {
	if len(s.Data) == 0 {
		return true
	}
	t := s.Tails[0]
	if t == nil || int(t.Counts[0]) < len(s.Data) {
		return false
	}
	got, ok := fromTail(name, s.Type, len(s.Data), t.Records)
	return ok && got.TTL == s.TTL && slices.Equal(got.Data, s.Data)
}
