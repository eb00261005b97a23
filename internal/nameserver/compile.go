package nameserver

import (
	"encoding/binary"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

const (
	// maxCompiled bounds the records of a zone that becomes a block.
	maxCompiled = 4096
	// maxTail bounds the answers that are kept: larger ones are truncated
	// most of the time.
	maxTail = 4096
)

// compiler makes the block of a zone. It asks the view and keeps what that
// says: there is no second lookup that could say something else. Only where
// there is nothing to look up it does without.
type compiler struct {
	*view
	tree   zone.Contents
	w      *writer   // to put answers into octets with
	signed bool      // answers differ with DO
	other  zone.Type // a type that no name has
}

// compile makes the block of a view; ok is false if the zone is too large for
// one, or something in it is too odd.
func compile(v *view, w *writer) (b block.Block, ok bool) {
	if v.failed {
		return nil, false
	}
	c := &compiler{view: v, tree: v.tree(), w: w}
	if _, records := c.tree.Len(); records > maxCompiled || !c.survey() {
		return nil, false
	}
	z := block.Zone{Origin: c.tree.Origin(), Serial: v.serial, Chain: uint8(v.chain.kind)}
	last := ""
	for node := range c.tree.NodesFrom("") {
		for end := len(v.apex); end < len(node.Key); end = nextEnd(node.Key, end) {
			if len(last) < end || last[:end] != node.Key[:end] { // an empty non-terminal
				name, _ := nameOf(wireOfKey(node.Key[:end]))
				z.Nodes = append(z.Nodes, block.Node{Key: node.Key[:end], Name: name})
			}
		}
		last = node.Key
		n, ok := c.node(node)
		if !ok {
			return nil, false
		}
		z.Nodes = append(z.Nodes, n)
	}
	z.Negative = c.negativeTails()
	return block.Pack(z)
}

// survey looks at everything once; false if it is too much.
func (c *compiler) survey() bool {
	types := map[zone.Type]bool{}
	size := 0
	for s := range c.tree.All() {
		types[s.Type] = true
		for _, d := range s.Data {
			size += len(d)
		}
	}
	for c.other = 65280; types[c.other]; c.other++ {
	}
	c.signed = types[zone.TypeRRSIG] || types[zone.TypeDS] || c.chain.kind != unsigned
	return size <= block.Max
}

// node makes a node with the answers to questions for its name.
func (c *compiler) node(n zone.Node) (b block.Node, ok bool) {
	b = block.Node{Key: n.Key, Name: n.Name}
	if c.chain.kind != unsigned {
		_, b.Chained, _ = c.chain.at(n.Key)
	}
	for _, s := range n.Sets {
		b.Sets = append(b.Sets, block.Set{RRset: s})
	}
	if _, is := c.view.node(n.Key); !is {
		// Below the owner of NSEC3 records there is nothing in a sound zone.
		b.Absent = true
		return b, !c.tree.HasBelow(n.Key)
	}
	if c.locate(n.Key, zone.TypeDS).kind != here {
		return b, true // below a cut or a DNAME: nobody comes here
	}
	_, ns := n.Get(zone.TypeNS)
	_, b.Renames = n.Get(zone.TypeDNAME)
	b.Cut = ns && n.Key != c.apex
	_, alias := n.Get(zone.TypeCNAME)
	w := c.wildcard(n)
	for i := range b.Sets {
		s := &b.Sets[i]
		switch t := s.Type; {
		case t == zone.TypeRRSIG, b.Cut && t != zone.TypeDS:
		case w == nil && !alias && !c.signed && pointless(t):
			s.Tails = c.direct(s.RRset)
		default:
			c.answer(s, n, t, w)
		}
	}
	switch {
	case b.Cut:
		b.Sets = append(b.Sets, block.Set{Tails: c.tails(n.Name, zone.TypeA, moveAll)})
	case alias:
		b.Sets = c.alias(b.Sets, n, w)
	}
	return b, true
}

// alias adds to the sets of an alias the answers for the types that are often
// asked for at one. Those for others are not kept: there may be many aliases
// for one name.
func (c *compiler) alias(sets []block.Set, n zone.Node, w *wildcard) []block.Set {
	for _, t := range []zone.Type{zone.TypeA, zone.TypeAAAA, typeHTTPS} {
		if _, own := n.Get(t); !own {
			sets = append(sets, block.Set{RRset: zone.RRset{Type: t}})
			c.answer(&sets[len(sets)-1], n, t, w)
		}
	}
	return append(sets, block.Set{}) // all others, not kept
}

// answer fills in what there is to say to a question for a type.
func (c *compiler) answer(s *block.Set, n zone.Node, t zone.Type, w *wildcard) {
	if w == nil {
		s.Tails = c.tails(n.Name, t, moveNone)
		return
	}
	s.Tails = c.tails(n.Name, t, moveOthers)
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
	octets := make([]byte, 0, size)
	for _, d := range s.Data {
		octets = append(octets, 0xC0, headerSize, byte(s.Type>>8), byte(s.Type), 0, dns.ClassINET)
		octets = binary.BigEndian.AppendUint32(octets, s.TTL)
		octets = binary.BigEndian.AppendUint16(octets, uint16(len(d)))
		octets = append(octets, d...)
	}
	tail := &block.Tail{Authoritative: true, Counts: [3]uint8{uint8(len(s.Data))}, Records: octets}
	return [2]*block.Tail{tail, tail}
}

// Which pointers of a tail move with the question's length.
const (
	moveNone   = iota // it is for the name itself
	moveOthers        // all but those to the question's name
	moveAll           // also those: they are to a name above the question's
)

// tails asks for a type at a name.
func (c *compiler) tails(name zone.Name, t zone.Type, moves int) (tails [2]*block.Tail) {
	tails[0] = c.tail(name, t, c.ask(question{name: name, qtype: t}), moves)
	if tails[1] = tails[0]; c.signed {
		tails[1] = c.tail(name, t, c.ask(question{name: name, qtype: t, dnssec: true}), moves)
	}
	return tails
}

// negativeTails makes the answer that there is nothing, as far as it is the
// same for all names.
func (c *compiler) negativeTails() (tails [2]*block.Tail) {
	l := lookup{view: c.view}
	l.authoritative = true
	l.negativeAnswer(dns.RcodeSuccess)
	name := c.tree.Origin()
	tails[0] = c.tail(name, c.other, l.answer, moveAll)
	if c.chain.kind == unsigned {
		tails[1] = tails[0]
	}
	if tails[1] != nil && c.signed { // a signature without a chain
		l = lookup{view: c.view, question: question{dnssec: true}}
		l.authoritative = true
		l.negativeAnswer(dns.RcodeSuccess)
		tails[1] = c.tail(name, c.other, l.answer, moveAll)
	}
	return tails
}

// tail puts an answer into octets; nil if it is not to be kept.
func (c *compiler) tail(name zone.Name, t zone.Type, a answer, moves int) *block.Tail {
	octets, counts, ok := c.octets(name.AppendWire(nil), t, a)
	if !ok {
		return nil
	}
	tail := &block.Tail{Rcode: uint8(a.rcode), Authoritative: a.authoritative, Counts: counts, Records: octets}
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

// octets returns what follows the question in a message with an answer.
func (c *compiler) octets(name []byte, t zone.Type, a answer) (octets []byte, counts [3]uint8, ok bool) {
	if a.rcode != dns.RcodeSuccess && a.rcode != dns.RcodeNameError || a.reason != 0 {
		return nil, counts, false
	}
	c.w.start(0, 0, name, uint16(t), dns.ClassINET)
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
	return append([]byte(nil), c.w.buf[from:]...), counts, true
}
