package block

import (
	"encoding/binary"

	"github.com/skein-dns/skein/zone"
)

// The Chain of a zone, by whose records names are denied; 0: there is none.
const (
	ByName = 1 // NSEC
	ByHash = 2 // NSEC3
)

// Max is the size of the largest block: offsets in it have 16 bits.
const Max = 1<<16 - 8

// Block is a zone in flat form. The octets are Pack's; nothing here checks them.
type Block []byte

// State says whether a block answers for its zone.
type State uint8

const (
	Answering State = iota
	Failed          // answers SERVFAIL; the records are kept
	Elsewhere       // only the name is here: the zone is no block
)

// The header. All numbers are little-endian.
const (
	atSize     = 0  // uint32
	atState    = 4  // uint8
	atChain    = 5  // uint8
	atApex     = 6  // uint8: octets of the apex, in wire form
	atBits     = 7  // uint8: 1<<bits buckets
	atSerial   = 8  // uint32
	atNodes    = 12 // uint16
	atTable    = 14 // uint16: the nodes
	atBuckets  = 16 // uint16: a uint16 each, the place of a node and one
	atNegative = 18 // two uint16: tails with the SOA, without and with DNSSEC
	atOrigin   = 22 // uint16: the apex as it came, if its case is another; else 0
	headerSize = 24 // the apex follows, in lower case, and the Hash if there is one
)

// A node: name, flags, sets.
const (
	nodeName  = 0 // uint16: what stands before the apex, in lower case
	nodeLen   = 2 // uint8
	nodeFlags = 3
	nodeSets  = 4 // uint16
	nodeCount = 6 // uint8: sets
	nodeWild  = 8 // uint16: the place of the wildcard right below, and one; 0: none
	nodeSize  = 10
)

const (
	flagCut     = 1 << iota // names at it and below are another zone's (but DS)
	flagRenames             // a DNAME stands here
	flagAbsent              // no name, for questions (RFC 5155 section 7.2.8)
	flagChained             // has a record of the chain that denies names
	flagCased               // the whole name follows, as it came
)

// A set: its type (0: all types that have no set), records and flags, the
// place of its tail; then what the flags tell of.
const (
	setType  = 0 // uint16
	setCount = 2 // uint16
	setTail  = 4 // uint16; 0: unknown
	setSize  = 6 // at least

	countMask = 1<<13 - 1
	hasRaw    = 1 << 13 // uint16 at the end: data that no tail gives back; else the tail does
	hasSecure = 1 << 14 // uint16: the tail with DNSSEC is another one
	exactOnly = 1 << 15 // not for names that a wildcard stands for
)

// sizeOfSet returns the size of a set with these flags.
func sizeOfSet(flags int) int { return setSize + flags>>13&2 + flags>>12&2 }

func (b Block) u16(at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }

// Size returns the octets of the block.
func (b Block) Size() int { return int(binary.LittleEndian.Uint32(b)) }

// State returns whether the block answers.
func (b Block) State() State { return State(b[atState]) }

// SetState is for a block that nobody reads yet.
func (b Block) SetState(s State) { b[atState] = byte(s) }

// Chain returns what Zone.Chain was.
func (b Block) Chain() uint8 { return b[atChain] }

// Serial returns the serial of the SOA.
func (b Block) Serial() uint32 { return binary.LittleEndian.Uint32(b[atSerial:]) }

// Apex returns the zone's name in wire form, in lower case.
func (b Block) Apex() []byte { return b[headerSize : headerSize+int(b[atApex])] }

// MinSize is that of the smallest block.
const MinSize = headerSize + 8

// Names reports whether the block is of an apex, in lower case wire form,
// whatever else is in it.
func (b Block) Names(apex []byte) bool {
	return int(b[atApex]) == len(apex) && len(b) >= headerSize+len(apex) && string(b.Apex()) == string(apex)
}

// Touch looks at where the tables of most blocks are, so that the processor has
// that near; what it returns says nothing.
func (b Block) Touch() (touched byte) {
	const line, lines = 64, 3 // that a processor fetches at once, and how many of them
	for at := 0; at < min(lines*line, len(b)); at += line {
		touched ^= b[at]
	}
	return touched
}

// Empty makes a block of nothing but a name.
func Empty(apex []byte, s State) Block {
	b := make(Block, align(headerSize+len(apex)))
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	b[atState], b[atApex] = byte(s), byte(len(apex))
	copy(b[headerSize:], apex)
	return b
}

func align(size int) int { return (size + 7) &^ 7 }

// node is the place of a node's entry.
type node []byte

func (b Block) node(i int) node {
	at := b.u16(atTable) + i*nodeSize
	return node(b[at : at+nodeSize])
}

func (n node) u16(at int) int      { return int(binary.LittleEndian.Uint16(n[at:])) }
func (n node) has(flag uint8) bool { return n[nodeFlags]&flag != 0 }

// Name is the name of a question, taken apart.
type Name struct {
	Wire   [256]byte // in lower case
	Len    int
	Starts [128]uint8 // of the labels, the root's included
	Labels int        // without the root's
}

// Set reads a valid wire name.
func (n *Name) Set(wire []byte) {
	n.Len = len(wire)
	n.Labels = 0
	for at := 0; ; {
		size := int(wire[at])
		n.Wire[at] = wire[at]
		n.Starts[n.Labels] = uint8(at)
		if size == 0 {
			return
		}
		n.Labels++
		for at++; size > 0; size-- {
			n.Wire[at] = lowered[wire[at]]
			at++
		}
	}
}

var lowered = func() (t [256]byte) {
	for c := range t {
		t[c] = byte(c)
		if 'A' <= c && c <= 'Z' {
			t[c] += 'a' - 'A'
		}
	}
	return t
}()

// From returns the name without its first labels.
func (n *Name) From(label int) []byte { return n.Wire[n.Starts[label]:n.Len] }

// Find looks a question up, whose name has so many labels below the apex. ok
// is false if the answer is not kept: then it is made of the records.
func (b Block) Find(n *Name, below int, t zone.Type, dnssec bool) (r Reply, ok bool) {
	at := b.node(0)
	apex := int(n.Starts[below])
	hash := uint32(hashSeed)
	for i := below - 1; i >= 0; i-- {
		if at.has(flagRenames) {
			return r, false
		}
		from := int(n.Starts[i])
		hash = hashLabel(hash, n.Wire[from:n.Starts[i+1]])
		kid, ok := b.find(hash, n.Wire[from:apex])
		switch {
		case !ok:
			return b.missing(n, at, i+1, below, t, dnssec)
		case kid.has(flagCut) && (i > 0 || t != zone.TypeDS):
			r, _, ok = b.of(kid, 0, dnssec)
			r.Shift = from
			return r, ok
		}
		at = kid
	}
	if at.has(flagCut) { // of a cut, only the DS set is asked for
		return b.upper(n, at, below, dnssec)
	}
	r, known, ok := b.of(at, t, dnssec)
	if !known {
		return b.negative(n, below, 0, dnssec)
	}
	return r, ok
}

// upper answers for the DS set at a cut, which is the upper zone's.
func (b Block) upper(n *Name, cut node, apex int, dnssec bool) (r Reply, ok bool) {
	at := cut.u16(nodeSets)
	for range cut[nodeCount] {
		if zone.Type(b.u16(at+setType)) == zone.TypeDS {
			return b.ofSet(at, dnssec)
		}
		at += sizeOfSet(b.u16(at + setCount))
	}
	return b.negative(n, apex, 0, dnssec)
}

// missing answers for a name that is not there, below at, of whose name that
// label is the first.
func (b Block) missing(n *Name, at node, encloser, apex int, t zone.Type, dnssec bool) (r Reply, ok bool) {
	wild := at.u16(nodeWild)
	if wild == 0 {
		r, ok = b.negative(n, apex, encloser, dnssec)
		r.Rcode = nameError
		return r, ok
	}
	star := b.node(wild - 1)
	if star.has(flagCut | flagRenames) {
		return r, false // there is more to say
	}
	r, known, ok := b.of(star, t, dnssec)
	if !known {
		return b.negative(n, apex, encloser, dnssec)
	}
	r.Shift = int(n.Starts[encloser]) - 2 // it was made for the wildcard's own name
	if ok = ok && !r.exact; ok && dnssec && b[atChain] != 0 {
		if r.Counts[1]|r.Counts[2] != 0 { // proofs would not be the last records
			return r, false
		}
		d := b.denial(&r, n, apex)
		ok = d.noCloser(encloser)
	}
	return r, ok
}

// nameError is NXDOMAIN (RFC 1035 section 4.1.1).
const nameError = 3

// negative is the answer that there is nothing: at a name that is there; or,
// if encloser is not 0, at one whose closest encloser begins with that label.
func (b Block) negative(n *Name, apex, encloser int, dnssec bool) (r Reply, ok bool) {
	at := atNegative
	if dnssec {
		at += 2
	}
	r, ok = b.tail(b.u16(at))
	r.Shift = int(n.Starts[apex])
	if ok && dnssec && b[atChain] != 0 {
		d := b.denial(&r, n, apex)
		if encloser == 0 {
			return r, d.noType()
		}
		return r, d.noName(encloser)
	}
	return r, ok
}

// of looks for a type at a node. known is false if there is none of it.
func (b Block) of(n node, t zone.Type, dnssec bool) (r Reply, known, ok bool) {
	at := n.u16(nodeSets)
	other := 0
	for range n[nodeCount] {
		switch zone.Type(b.u16(at + setType)) {
		case t:
			r, ok = b.ofSet(at, dnssec)
			return r, true, ok
		case 0:
			other = at
		}
		at += sizeOfSet(b.u16(at + setCount))
	}
	if other == 0 {
		return r, false, false
	}
	r, ok = b.ofSet(other, dnssec)
	return r, true, ok
}

func (b Block) ofSet(at int, dnssec bool) (r Reply, ok bool) {
	flags := b.u16(at + setCount)
	tail := at + setTail
	if dnssec && flags&hasSecure != 0 {
		tail += 2
	}
	r, ok = b.tail(b.u16(tail))
	r.exact = flags&exactOnly != 0
	return r, ok
}

const hashSeed = 2166136261

// hashLabel goes on from the hash of an ancestor to that of the name with one
// label more in front (FNV-1a).
func hashLabel(hash uint32, label []byte) uint32 {
	for _, c := range label {
		hash = (hash ^ uint32(c)) * 16777619
	}
	return hash
}

// find returns the node of a name, given without the apex.
func (b Block) find(hash uint32, name []byte) (node, bool) {
	mask := uint32(1)<<b[atBits] - 1
	buckets := b.u16(atBuckets)
	for i := fold(hash) & mask; ; i = (i + 1) & mask {
		place := b.u16(buckets + 2*int(i))
		if place == 0 {
			return nil, false
		}
		n := b.node(place - 1)
		from := n.u16(nodeName)
		if int(n[nodeLen]) == len(name) && string(b[from:from+len(name)]) == string(name) {
			return n, true
		}
	}
}

// fold brings the upper bits, which FNV mixes better, down.
func fold(hash uint32) uint32 { return hash ^ hash>>15 }
