package nameserver

import (
	"encoding/binary"
	"strings"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

const (
	// maxCompiled bounds the records of a zone that becomes a block.
	maxCompiled = 4096
	// firstPrivate is the first type that means nothing (RFC 6895 section 3.1).
	firstPrivate = zone.Type(65280)
	// maxTail bounds the answers that are kept: larger ones are truncated
	// most of the time.
	maxTail = 4096
)

// compiler makes the block of a zone. It asks the view and keeps what that
// says: there is no second lookup that could say something else. Only where
// there is nothing to look up it does without.
type compiler struct {
	*view
	*tools
	tree   zone.Contents
	signed bool      // answers differ with DO
	other  zone.Type // a type that no name has
	over   zone.Node // the cut or DNAME that was met last, on the way through the zone in its order
}

// tools are what a compiler works with; they are used again for the next zone.
type tools struct {
	w      writer // to put answers into octets with
	look   lookup // the one before
	packer block.Packer
	nodes  []block.Node
	sets   []block.Set
	tails  []block.Tail
	octets []byte // of the tails
	wire   []byte // of a name
}

// putAway lets go of the zone; its block stays.
func (t *tools) putAway() {
	clear(t.nodes)
	clear(t.sets)
	clear(t.tails)
	t.look, t.w.asked = lookup{}, ""
	t.nodes, t.sets, t.tails, t.octets = t.nodes[:0], t.sets[:0], t.tails[:0], t.octets[:0]
}

// room returns no sets, with room for so many. What there is stays where it is.
func (t *tools) room(n int) []block.Set {
	if cap(t.sets)-len(t.sets) < n {
		t.sets = make([]block.Set, 0, max(2*cap(t.sets), 64, n))
	}
	from := len(t.sets)
	t.sets = t.sets[:from+n]
	return t.sets[from : from : from+n]
}

// newTail returns where to put a tail. What there is stays where it is.
func (t *tools) newTail(tail block.Tail) *block.Tail {
	if len(t.tails) == cap(t.tails) {
		t.tails = make([]block.Tail, 0, max(2*cap(t.tails), 64))
	}
	t.tails = append(t.tails, tail)
	return &t.tails[len(t.tails)-1]
}

// keep copies octets to where they stay until the block is made.
func (t *tools) keep(octets []byte) []byte {
	from := len(t.octets)
	t.octets = append(t.octets, octets...)
	return t.octets[from:len(t.octets):len(t.octets)]
}

// compile makes the block of a view, which is good until the tools are used
// again; ok is false if the zone is too large for one, or something in it is
// too odd.
func compile(v *view, t *tools) (b block.Block, ok bool) {
	if v.failed {
		return nil, false
	}
	c := &compiler{view: v, tree: v.tree(), tools: t}
	if _, records := c.tree.Len(); records > maxCompiled || !c.survey() {
		return nil, false
	}
	z := block.Zone{Origin: c.tree.Origin(), Serial: v.serial, Chain: uint8(v.chain.kind), Hash: v.chain.params}
	defer t.putAway()
	last := ""
	for node := range c.tree.NodesFrom("") {
		for end := len(v.apex); end < len(node.Key); end = nextEnd(node.Key, end) {
			if len(last) < end || last[:end] != node.Key[:end] { // an empty non-terminal
				t.wire = appendWireOfKey(t.wire[:0], node.Key[:end])
				name, _ := nameOf(t.wire)
				t.nodes = append(t.nodes, block.Node{Key: node.Key[:end], Name: name})
			}
		}
		last = node.Key
		n, ok := c.node(node)
		if !ok {
			return nil, false
		}
		t.nodes = append(t.nodes, n)
	}
	z.Nodes = t.nodes
	z.Negative = c.negativeTails()
	return t.packer.Pack(z)
}

// survey looks at everything once; false if it is too much.
func (c *compiler) survey() bool {
	c.signed = c.chain.kind != unsigned
	size := 0
	var private map[zone.Type]bool // that are there
	for s := range c.tree.All() {
		for _, d := range s.Data {
			size += len(d)
		}
		switch {
		case s.Type == zone.TypeRRSIG || s.Type == zone.TypeDS:
			c.signed = true
		case s.Type >= firstPrivate:
			if private == nil {
				private = map[zone.Type]bool{}
			}
			private[s.Type] = true
		}
	}
	for c.other = firstPrivate; private[c.other]; c.other++ {
	}
	return size <= block.Max
}

// node makes a node with the answers to questions for its name.
func (c *compiler) node(n zone.Node) (b block.Node, ok bool) {
	b = block.Node{Key: n.Key, Name: n.Name}
	var link zone.Node
	if c.chain.kind != unsigned {
		link, b.Chained, _ = c.chain.at(n.Key)
	}
	b.Sets = c.room(len(n.Sets) + aliasSets)
	for _, s := range n.Sets {
		b.Sets = append(b.Sets, block.Set{RRset: s})
	}
	if !c.isName(n) {
		// Below the owner of NSEC3 records there is nothing in a sound zone.
		b.Absent = true
		for i := range b.Sets {
			if s := &b.Sets[i]; b.Chained && s.Type == typeNSEC3 {
				s.Tails = c.proof(n, link)
			}
		}
		return b, !c.tree.HasBelow(n.Key)
	}
	if b.Chained && c.chain.kind == byHash {
		return b, false // a name that is the hash of another
	}
	if len(c.over.Sets) > 0 && strings.HasPrefix(n.Key, c.over.Key) {
		return b, true // below it: nobody comes here
	}
	at := place{kind: here, key: n.Key, node: n, encloser: len(n.Key)} // for every type, but at cuts for DS alone
	_, ns := n.Get(zone.TypeNS)
	_, b.Renames = n.Get(zone.TypeDNAME)
	b.Cut = ns && n.Key != c.apex
	if b.Cut || b.Renames {
		c.over = n
	}
	_, alias := n.Get(zone.TypeCNAME)
	w := c.wildcard(n)
	for i := range b.Sets {
		s := &b.Sets[i]
		switch t := s.Type; {
		case b.Cut && t == zone.TypeNSEC:
			s.Tails = c.proof(n, link)
		case t == zone.TypeRRSIG, b.Cut && t != zone.TypeDS:
		case w == nil && !alias && !c.signed && pointless(t):
			s.Tails = c.direct(s.RRset)
		default:
			c.answer(s, at, n, t, w)
		}
	}
	switch {
	case b.Cut:
		b.Sets = append(b.Sets, block.Set{Tails: c.tails(c.locate(n.Key, zone.TypeA), n.Name, zone.TypeA, moveAll)})
	case alias:
		b.Sets = c.alias(b.Sets, at, n, w)
	}
	return b, true
}

// aliasSets is how many sets alias adds.
const aliasSets = 4

// alias adds to the sets of an alias the answers for the types that are often
// asked for at one. Those for others are not kept: there may be many aliases
// for one name.
func (c *compiler) alias(sets []block.Set, at place, n zone.Node, w *wildcard) []block.Set {
	for _, t := range []zone.Type{zone.TypeA, zone.TypeAAAA, typeHTTPS} {
		if _, own := n.Get(t); !own {
			sets = append(sets, block.Set{RRset: zone.RRset{Type: t}})
			c.answer(&sets[len(sets)-1], at, n, t, w)
		}
	}
	return append(sets, block.Set{}) // all others, not kept
}

// answer fills in what there is to say to a question for a type.
func (c *compiler) answer(s *block.Set, at place, n zone.Node, t zone.Type, w *wildcard) {
	if w == nil {
		s.Tails = c.tails(at, n.Name, t, moveNone)
		return
	}
	s.Tails = c.tails(at, n.Name, t, moveOthers)
	s.Exact = !w.standsFor(t)
}

// pointless says whether records of a type point to no name: then the answer
// is the set and nothing else.
func pointless(t zone.Type) bool {
	_, names := block.Compressible(t)
	return names == 0 && t != zone.TypeSRV && t != typeSVCB && t != typeHTTPS
}

// direct makes the answer of nothing but a set, without asking.
func (c *compiler) direct(s zone.RRset) (tails [2]*block.Tail) {
	size := 0
	for _, d := range s.Data {
		size += 12 + len(d)
	}
	if size > maxTail || len(s.Data) > 255 {
		return tails
	}
	from := len(c.octets)
	octets := c.octets
	for _, d := range s.Data {
		octets = append(octets, 0xC0, headerSize, byte(s.Type>>8), byte(s.Type), 0, dns.ClassINET)
		octets = binary.BigEndian.AppendUint32(octets, s.TTL)
		octets = binary.BigEndian.AppendUint16(octets, uint16(len(d)))
		octets = append(octets, d...)
	}
	c.octets = octets
	tail := c.newTail(block.Tail{Authoritative: true, Counts: [3]uint8{uint8(len(s.Data))}, Records: octets[from:len(octets):len(octets)]})
	return [2]*block.Tail{tail, tail}
}

// Which pointers of a tail move with the question's length.
const (
	moveNone   = iota // it is for the name itself
	moveOthers        // all but those to the question's name
	moveAll           // also those: they are to a name above the question's
)

// ask looks something up; what was asked before is done with.
func (c *compiler) ask(q question) answer { return c.look.of(c.view, q) }

// tails asks for a type at a name, which is known to be at a place.
func (c *compiler) tails(at place, name zone.Name, t zone.Type, moves int) (tails [2]*block.Tail) {
	tails[0] = c.tail(name, t, c.look.from(c.view, question{name: name, qtype: t}, at), moves)
	if tails[1] = tails[0]; c.signed {
		tails[1] = c.tail(name, t, c.look.from(c.view, question{name: name, qtype: t, dnssec: true}, at), moves)
	}
	return tails
}

// proof makes the answer of a record of the chain and its signatures. Nobody
// gets it who asks for that, but it denies other names.
func (c *compiler) proof(n, link zone.Node) (tails [2]*block.Tail) {
	set := question{dnssec: true}.signed(n, link.Sets[0])
	tail := c.tail(n.Name, set.Type, answer{authoritative: true, answers: []signedSet{set}}, moveNone)
	return [2]*block.Tail{tail, tail}
}

// negativeTails makes the answer that there is nothing, as far as it is the
// same for all names.
func (c *compiler) negativeTails() (tails [2]*block.Tail) {
	name := c.tree.Origin()
	tails[0] = c.tail(name, c.other, c.look.nothing(c.view, question{}), moveAll)
	if tails[1] = tails[0]; c.signed { // what proves it comes to that
		tails[1] = c.tail(name, c.other, c.look.nothing(c.view, question{dnssec: true}), moveAll)
	}
	return tails
}

// tail puts an answer into octets; nil if it is not to be kept.
func (c *compiler) tail(name zone.Name, t zone.Type, a answer, moves int) *block.Tail {
	octets, counts, ok := c.sections(name, t, a)
	if !ok {
		return nil
	}
	octets = c.keep(octets)
	tail := c.newTail(block.Tail{Rcode: uint8(a.rcode), Authoritative: a.authoritative, Counts: counts, Records: octets})
	if moves == moveNone {
		return tail
	}
	but := -1
	if moves == moveOthers {
		but = headerSize
	}
	tail.Moves, ok = block.Pointers(octets, int(counts[0])+int(counts[1])+int(counts[2]), but)
	if !ok || len(tail.Moves) > 255 {
		return nil
	}
	return tail
}

// sections returns what follows the question in a message with an answer; it is
// good until the next.
func (c *compiler) sections(name zone.Name, t zone.Type, a answer) (octets []byte, counts [3]uint8, ok bool) {
	if a.rcode != dns.RcodeSuccess && a.rcode != dns.RcodeNameError || a.reason != 0 {
		return nil, counts, false
	}
	c.w.ask(name, t)
	from := len(c.w.buf)
	c.w.limit = from + maxTail
	if !c.w.sections(a) {
		return nil, counts, false
	}
	have := len(a.answers) + len(a.authority) + len(a.additional)
	for i := range counts {
		n := binary.BigEndian.Uint16(c.w.buf[6+2*i:])
		if n > 255 {
			return nil, counts, false
		}
		counts[i] = uint8(n)
		have -= int(n)
	}
	if have > 0 { // an additional set did not fit
		return nil, counts, false
	}
	return c.w.buf[from:], counts, true
}
