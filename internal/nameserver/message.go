package nameserver

import (
	"encoding/binary"

	"github.com/miekg/dns"
)

const (
	headerSize = 12
	maxName    = 255 // octets of a name on the wire (RFC 1035 section 2.3.4)
)

// message is a request, taken apart in place: slices point into wire. It knows
// what every request is judged by; records in it are skipped.
type message struct {
	wire        []byte
	opcode      int
	questions   int    // as the header says
	name        []byte // of the question, in wire form, case as asked; nil if there is none
	qtype       uint16
	qclass      uint16
	questionEnd int // where the question ends; headerSize if there is none
	edns        edns
	tsigAt      int // where the TSIG record begins; 0 if there is none
}

// parse takes a message apart. ok is false if it has a form error: what was
// understood before it, the question above all, is there nevertheless.
// The caller has seen that there is a header.
func parse(wire []byte) (m message, ok bool) {
	m = message{wire: wire, opcode: int(wire[2]>>3) & 15, questionEnd: headerSize}
	if m.questions = m.count(4); m.questions > 1 || m.questions == 1 && !m.question() {
		return m, false
	}
	at := m.questionEnd
	for _, section := range []int{6, 8, 10} {
		for left := m.count(section); left > 0; left-- {
			if at, ok = m.record(at, section == 10, left == 1); !ok {
				return m, false
			}
		}
	}
	return m, at == len(wire)
}

// count reads a number from the header.
func (m *message) count(at int) int { return int(binary.BigEndian.Uint16(m.wire[at:])) }

// question reads the question. Nothing goes before its name that it could
// point to, so it is not compressed.
func (m *message) question() bool {
	end := nameEnd(m.wire, headerSize, false)
	if end < 0 || end-headerSize > maxName || end+4 > len(m.wire) {
		return false
	}
	m.name = m.wire[headerSize:end]
	m.qtype = binary.BigEndian.Uint16(m.wire[end:])
	m.qclass = binary.BigEndian.Uint16(m.wire[end+2:])
	m.questionEnd = end + 4
	return true
}

// record passes over a record. It notes OPT (RFC 6891 section 6.1.1) and TSIG
// (RFC 8945 section 5.1), which stand in the additional section only, once,
// and TSIG at the end.
func (m *message) record(at int, additional, last bool) (end int, ok bool) {
	owner := nameEnd(m.wire, at, true)
	if owner < 0 || owner+10 > len(m.wire) {
		return 0, false
	}
	fixed := m.wire[owner : owner+10]
	data := owner + 10
	if end = data + int(binary.BigEndian.Uint16(fixed[8:])); end > len(m.wire) {
		return 0, false
	}
	switch binary.BigEndian.Uint16(fixed) {
	case dns.TypeOPT:
		if !additional || m.edns.present || m.wire[at] != 0 {
			return 0, false
		}
		return end, m.edns.parse(fixed, m.wire[data:end])
	case dns.TypeTSIG:
		m.tsigAt = at
		return end, additional && last
	}
	return end, true
}

// nameEnd returns where a name ends; -1 if it is malformed. What a pointer
// points to is not looked at.
func nameEnd(wire []byte, at int, pointers bool) int {
	for at < len(wire) {
		size := int(wire[at])
		switch {
		case size == 0:
			return at + 1
		case size >= 0xC0 && pointers && at+1 < len(wire):
			return at + 2
		case size > 63:
			return -1
		}
		at += size + 1
	}
	return -1
}

// ixfrSerial reads the serial of the SOA record that an IXFR request brings in
// its authority section (RFC 1995 section 3).
func (m *message) ixfrSerial() (serial uint32, ok bool) {
	if m.count(6) != 0 || m.count(8) != 1 {
		return 0, false
	}
	return m.firstSerial()
}

// notifySerial reads the serial that a NOTIFY may bring in its answer section
// (RFC 1996 section 3.7).
func (m *message) notifySerial() (serial uint32, ok bool) {
	if m.count(6) != 1 {
		return 0, false
	}
	return m.firstSerial()
}

// firstSerial reads the serial of the first record, if that is a SOA.
func (m *message) firstSerial() (serial uint32, ok bool) {
	at := nameEnd(m.wire, m.questionEnd, true)
	if binary.BigEndian.Uint16(m.wire[at:]) != dns.TypeSOA {
		return 0, false
	}
	end := at + 10 + int(binary.BigEndian.Uint16(m.wire[at+8:]))
	at += 10
	for range 2 { // the primary's name and the mailbox
		if at = nameEnd(m.wire[:end], at, true); at < 0 {
			return 0, false
		}
	}
	if end-at != 20 {
		return 0, false
	}
	return binary.BigEndian.Uint32(m.wire[at:]), true
}
