package block

import (
	"bytes"
	"encoding/binary"

	"github.com/skein-dns/skein/zone"
)

// proofs are the records that deny names and go with an answer (RFC 4035
// section 3.1.3, RFC 5155 section 7.2). They are not kept for every name that
// is not there: they are made of the records at the names in the chain.
type proofs struct {
	block  Block
	apex   int       // where it begins in the question
	places [3]uint16 // of the nodes, and one; 0: none
	size   int       // octets, once they are appended
}

// denial puts the proofs of an answer together. What it adds is false if it is
// not kept, or if the chain is broken.
type denial struct {
	Block
	*Reply
	name *Name
	apex int // the first of its labels in name
	hash [hashSize]byte
}

func (b Block) denial(r *Reply, n *Name, apex int) denial {
	r.proofs.block, r.proofs.apex = b, int(n.Starts[apex])
	return denial{Block: b, Reply: r, name: n, apex: apex}
}

// noType adds that the name has no such type, or none at all.
func (d *denial) noType() bool {
	if d.Chain() == ByName {
		return d.cover(d.from(0))
	}
	if exact, ok := d.match(0); exact {
		return ok
	}
	// Only under opt-out may an existing name have no record of its own (RFC
	// 5155 sections 7.2.4 and 7.2.7).
	_, ok := d.closest(1)
	return ok
}

// noName adds that the name is not there, nor a wildcard below its closest
// encloser, of which that label is the first; or that the wildcard has no such type.
func (d *denial) noName(encloser int) bool {
	if d.Chain() == ByName {
		return d.cover(d.from(0)) && d.cover(wanted{[]byte("*"), d.name, encloser, d.apex})
	}
	// The wildcard that counts is at the encloser that is proven.
	encloser, ok := d.closest(encloser)
	return ok && d.cover(d.hashed([]byte("\x01*"), encloser))
}

// noCloser adds that nothing is closer to the name than the wildcard below its
// encloser. The encloser follows from the signature (RFC 5155 section 7.2.6).
func (d *denial) noCloser(encloser int) bool {
	if d.Chain() == ByName {
		return d.cover(d.from(0))
	}
	return d.cover(d.hashed(nil, encloser-1))
}

// closest adds the closest encloser proof (RFC 5155 section 7.2.1), from a
// label upward, and returns the first label of that encloser.
func (d *denial) closest(label int) (encloser int, ok bool) {
	for ; label <= d.apex; label++ {
		if exact, ok := d.match(label); exact {
			return label, ok && (label == 0 || d.cover(d.hashed(nil, label-1)))
		}
	}
	return 0, false
}

// match adds the NSEC3 record of the name from a label on, if it has one.
func (d *denial) match(label int) (exact, ok bool) {
	place, exact := d.link(d.hashed(nil, label))
	return exact, exact && d.add(place)
}

// cover adds the record of the chain at a name, or the one that covers it.
func (d *denial) cover(w wanted) bool {
	place, _ := d.link(w)
	return d.add(place)
}

// add adds the record at a node, once.
func (d *denial) add(place int) bool {
	if place < 0 {
		return false
	}
	for i, have := range d.proofs.places {
		if have == uint16(place+1) {
			return true
		}
		if have != 0 {
			continue
		}
		n := d.node(place)
		t, ok := d.proof(n)
		if !ok || int(d.Counts[1])+int(t.Counts[0]) > 255 {
			return false
		}
		d.proofs.places[i] = uint16(place + 1)
		d.proofs.size += len(t.Records) + int(n[nodeLen])
		d.Counts[1] += t.Counts[0]
		return true
	}
	return false
}

// wanted is a name that is looked for in the chain: labels of a name, those of
// the apex not among them, and perhaps one before.
type wanted struct {
	first    []byte
	name     *Name
	from, to int
}

// from is the name from a label on.
func (d *denial) from(label int) wanted { return wanted{nil, d.name, label, d.apex} }

// hashed is the owner of the NSEC3 record for the name from a label on, with
// others in front of it.
func (d *denial) hashed(front []byte, label int) wanted {
	d.hash = d.hashName(front, d.name.From(label))
	return wanted{first: d.hash[:]}
}

// label returns the label so many before the apex; ok is false if there is none.
func (w *wanted) label(i int) (label []byte, ok bool) {
	if at := w.to - 1 - i; at >= w.from {
		return w.name.Wire[w.name.Starts[at]+1 : w.name.Starts[at+1]], true
	}
	return w.first, w.first != nil && i == w.to-w.from
}

// link returns the place of the record of the chain at a name (exact), or of
// the one that covers it; -1 if there is no chain.
func (b Block) link(w wanted) (place int, exact bool) {
	from, end := 0, b.u16(atNodes)
	for from < end {
		middle := (from + end) / 2
		switch c := b.compare(b.node(middle), &w); {
		case c < 0:
			from = middle + 1
		case c == 0 && b.node(middle).has(flagChained):
			return middle, true
		default:
			end = middle
		}
	}
	if place = b.chainedBefore(from); place < 0 { // it is a ring
		place = b.chainedBefore(b.u16(atNodes))
	}
	return place, false
}

func (b Block) chainedBefore(place int) int {
	for place--; place >= 0 && !b.node(place).has(flagChained); place-- {
	}
	return place
}

// compare compares a node's name with another in canonical order (RFC 4034
// section 6.1): by the last label, then the one before.
func (b Block) compare(n node, w *wanted) int {
	from := n.u16(nodeName)
	name := b[from : from+int(n[nodeLen])]
	for i := 0; ; i++ {
		label, ok := w.label(i)
		switch {
		case len(name) == 0 && !ok:
			return 0
		case len(name) == 0:
			return -1
		case !ok:
			return 1
		}
		last := 0
		for next := 0; next < len(name); next += int(name[next]) + 1 {
			last = next
		}
		if c := bytes.Compare(name[last+1:], label); c != 0 {
			return c
		}
		name = name[:last]
	}
}

// proof returns the record of the chain at a node, signed, as an answer for
// the node's own name.
func (b Block) proof(n node) (r Reply, ok bool) {
	t := zone.TypeNSEC
	if b.Chain() == ByHash {
		t = typeNSEC3
	}
	at := n.u16(nodeSets)
	for range n[nodeCount] {
		if zone.Type(b.u16(at+setType)) == t {
			return b.ofSet(at, true)
		}
		at += sizeOfSet(b.u16(at + setCount))
	}
	return r, false
}

// append appends the records to a message.
func (p *proofs) append(message []byte) []byte {
	for _, place := range p.places {
		if place != 0 {
			message = p.appendOne(message, p.block.node(int(place)-1))
		}
	}
	return message
}

// appendOne appends the proof at a node. Its records were made for a question
// for that name; now another one is asked for.
func (p *proofs) appendOne(message []byte, n node) []byte {
	t, _ := p.block.proof(n) // add found it
	from, size := n.u16(nodeName), int(n[nodeLen])
	if n.has(flagCased) {
		from += size
	}
	apex := 0xC000 | uint16(headerOctets+p.apex)
	owner, pointer := p.block[from:from+size], apex
	for at := 0; at < len(t.Records); {
		here := 0xC000 | uint16(len(message))
		message = append(message, owner...)
		if p.block[atApex] == 1 && pointer == apex {
			message = append(message, 0) // nobody points to the root
		} else {
			message = binary.BigEndian.AppendUint16(message, pointer)
		}
		if len(owner) > 0 {
			owner, pointer = nil, here
		}
		at = nameEnd(t.Records, at)
		end := at + 10 + int(binary.BigEndian.Uint16(t.Records[at+8:]))
		message = append(message, t.Records[at:end]...)
		at = end
	}
	return message
}
