package block

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// Zone is what a block is made of.
type Zone struct {
	Origin   zone.Name
	Serial   uint32
	Chain    uint8
	Hash     Hash     // of a chain by hash
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

// Packer makes blocks, one after another in the same memory. The zero value is
// ready.
type Packer struct {
	Block
	apex   []byte
	tails  []placed
	reader recordReader
}

// placed is a tail that is written.
type placed struct {
	*Tail
	at      uint16
	records uint16 // where they are, be it in another tail
	timed   bool   // there with another TTL
}

// Pack makes a block, which is good until the next is made; ok is false if the
// zone is too large for one.
func (p *Packer) Pack(z Zone) (b Block, ok bool) {
	p.apex = lower(z.Origin.AppendWire(p.apex[:0]))
	p.tails = p.tails[:0]
	p.Block = append(p.Block[:0], make([]byte, headerSize)...)
	p.Block = append(p.Block, p.apex...)
	if z.Chain == ByHash {
		p.Block = appendHash(p.Block, z.Hash)
	}
	p.header(z)
	if len(z.Nodes) > Max/nodeSize || !p.nodes(z) || p.full() {
		return nil, false
	}
	for i, t := range z.Negative {
		p.put(atNegative+2*i, int(p.tail(t, mayBeTimed)))
	}
	p.Block = append(p.Block, make([]byte, align(len(p.Block))-len(p.Block))...)
	if p.full() {
		return nil, false
	}
	binary.LittleEndian.PutUint32(p.Block, uint32(len(p.Block)))
	clear(p.tails) // they are large, and somebody else's
	return p.Block, true
}

// lower puts a wire name into lower case; lengths are no letters.
func lower(wire []byte) []byte {
	for i, c := range wire {
		wire[i] = lowered[c]
	}
	return wire
}

func (p *Packer) full() bool { return len(p.Block) > Max }

func (p *Packer) put(at, value int) { binary.LittleEndian.PutUint16(p.Block[at:], uint16(value)) }

// room appends zeroes and returns where they begin.
func (p *Packer) room(size int) int {
	at := len(p.Block)
	p.Block = append(p.Block, make([]byte, size)...)
	return at
}

func (p *Packer) header(z Zone) {
	p.Block[atApex], p.Block[atChain] = byte(len(p.apex)), z.Chain
	binary.LittleEndian.PutUint32(p.Block[atSerial:], z.Serial)
	var buf [256]byte
	if wire := z.Origin.AppendWire(buf[:0]); !bytes.Equal(wire, p.apex) {
		p.put(atOrigin, len(p.Block))
		p.Block = append(p.Block, wire...)
	}
	p.put(atNodes, len(z.Nodes))
}

// nodes lays the tables out, then everything that they point to.
func (p *Packer) nodes(z Zone) bool {
	width := bits.Len(uint(len(z.Nodes) + len(z.Nodes)/4)) // at least a fifth is free
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
func (p *Packer) name(at int, n Node) []byte {
	var buf, lowBuf [256]byte
	wire := n.Name.AppendWire(buf[:0])
	low := lower(append(lowBuf[:0], wire...))
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
	from, size := len(p.Block), len(low)-len(p.apex)
	p.Block[at+nodeLen], p.Block[at+nodeFlags] = byte(size), flags
	p.Block = append(p.Block, low[:size]...)
	if flags&flagCased != 0 {
		p.Block = append(p.Block, wire...)
	}
	return p.Block[from : from+size]
}

func (p *Packer) enter(name []byte, place, buckets, width int) {
	hash := uint32(hashSeed)
	var buf [128]int
	starts := buf[:0]
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

func (p *Packer) sets(at int, n Node) bool {
	if len(n.Sets) > 255 {
		return false
	}
	size := 0
	var buf [16]uint16
	flags := buf[:0]
	for _, s := range n.Sets {
		if len(s.Data) > countMask {
			return false
		}
		f := p.flags(n.Name, s)
		flags = append(flags, uint16(f))
		size += sizeOfSet(f)
	}
	table := p.room(size)
	p.put(at+nodeSets, table)
	p.Block[at+nodeCount] = byte(len(n.Sets))
	for i, s := range n.Sets {
		if p.full() {
			return false
		}
		p.set(table, int(flags[i]), s)
		table += sizeOfSet(int(flags[i]))
	}
	return true
}

// flags returns the flags of a set, and its records.
func (p *Packer) flags(name zone.Name, s Set) int {
	f := len(s.Data)
	if s.Exact {
		f |= exactOnly
	}
	if !s.Tails[0].equal(s.Tails[1]) {
		f |= hasSecure
	}
	if !p.givesBack(name, s) {
		f |= hasRaw
	}
	return f
}

// set writes a set.
func (p *Packer) set(at, flags int, s Set) {
	p.put(at+setType, int(s.Type))
	p.put(at+setCount, flags)
	p.put(at+setTail, int(p.tail(s.Tails[0], asItIs)))
	at += setSize
	if flags&hasSecure != 0 {
		p.put(at, int(p.tail(s.Tails[1], asItIs)))
		at += 2
	}
	if flags&hasRaw != 0 && !p.full() {
		p.put(at, len(p.Block))
		p.raw(s.RRset)
	}
}

// sought is among how many tails an equal one is looked for: so many of the
// first, which are the apex's, and of the last.
const sought = 8

// near returns those tails.
func (p *Packer) near() iter.Seq[placed] {
	return func(yield func(placed) bool) {
		for i := 0; i < len(p.tails); i++ {
			if i == sought {
				i = max(i, len(p.tails)-sought)
			}
			if !yield(p.tails[i]) {
				return
			}
		}
	}
}

// What a tail's records may share with others.
const (
	asItIs     = iota // all or nothing: a set is given back by its tail
	mayBeTimed        // all but a TTL: the SOA that says that there is nothing (RFC 2308 section 3)
)

// tail writes a tail once, and returns where it is.
func (p *Packer) tail(t *Tail, how int) uint16 {
	if t == nil || p.full() {
		return 0
	}
	same, timed := uint16(0), false
	for have := range p.near() {
		switch {
		case have.Tail.equal(t):
			return have.at
		case bytes.Equal(have.Records, t.Records):
			same, timed = have.records, have.timed
		case same == 0 && how == mayBeTimed && t.differsInTTL(have.Tail):
			same, timed = have.records, true
		}
	}
	at := p.room(tailSize)
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
	if same != 0 {
		p.Block[at+tailVerdict] |= verdictElsewhere
		p.Block = binary.LittleEndian.AppendUint16(p.Block, same)
		if timed {
			p.Block[at+tailVerdict] |= verdictTimed
			p.Block = binary.LittleEndian.AppendUint32(p.Block, binary.BigEndian.Uint32(t.Records[ttlAt:]))
		}
	} else {
		same = uint16(len(p.Block))
		p.Block = append(p.Block, t.Records...)
	}
	p.tails = append(p.tails, placed{t, uint16(at), same, timed})
	return uint16(at)
}

func (t *Tail) equal(o *Tail) bool {
	return t == o || t != nil && o != nil && t.Rcode == o.Rcode && t.Authoritative == o.Authoritative && t.Counts == o.Counts &&
		bytes.Equal(t.Records, o.Records) && slices.Equal(t.Moves, o.Moves)
}

// differsInTTL reports whether both are one record that differs in its TTL alone.
func (t *Tail) differsInTTL(o *Tail) bool {
	a, b := t.Records, o.Records
	return int(t.Counts[0])+int(t.Counts[1])+int(t.Counts[2]) == 1 && len(a) == len(b) && len(a) > ttlAt+4 && a[0] >= 0xC0 &&
		bytes.Equal(a[:ttlAt], b[:ttlAt]) && bytes.Equal(a[ttlAt+4:], b[ttlAt+4:])
}

// raw writes a set as it is: TTL, and each record's length and data.
func (p *Packer) raw(s zone.RRset) {
	p.Block = binary.LittleEndian.AppendUint32(p.Block, s.TTL)
	for _, d := range s.Data {
		p.Block = binary.LittleEndian.AppendUint16(p.Block, uint16(len(d)))
		p.Block = append(p.Block, d...)
	}
}

// givesBack says whether the first tail holds the set exactly, so that it need
// not be kept beside it.
func (p *Packer) givesBack(name zone.Name, s Set) bool {
	if len(s.Data) == 0 {
		return true
	}
	t := s.Tails[0]
	if t == nil || int(t.Counts[0]) < len(s.Data) {
		return false
	}
	p.reader.start(name, t.Records)
	for _, d := range s.Data {
		if ttl, data, ok := p.reader.next(s.Type); !ok || ttl != s.TTL || string(data) != string(d) {
			return false
		}
	}
	return true
}
