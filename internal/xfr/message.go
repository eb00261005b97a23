package xfr

import (
	"encoding/binary"
	"fmt"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// message is what counts of one message of an answer.
type message struct {
	truncated     bool
	authoritative bool
	answer        []zone.Record
	sigAt         int    // where the TSIG record begins; -1: there is none
	sigError      uint16 // within that
}

// parse reads a message that should answer q. It takes nothing on trust:
// neither that the counts are right, nor that records have data of their type.
func parse(wire []byte, q *dns.Msg) (m message, err error) {
	m.sigAt = -1
	if len(wire) < 12 {
		return m, fmt.Errorf("%w: a message of %d octets", ErrBroken, len(wire))
	}
	bits := binary.BigEndian.Uint16(wire[2:])
	if binary.BigEndian.Uint16(wire) != q.Id || bits&(1<<15) == 0 || bits>>11&15 != dns.OpcodeQuery {
		return m, fmt.Errorf("%w: a message answers something else", ErrBroken)
	}
	m.truncated, m.authoritative = bits&(1<<9) != 0, bits&(1<<10) != 0
	count := func(i int) int { return int(binary.BigEndian.Uint16(wire[4+2*i:])) }
	off, err := question(wire, 12, count(0), q.Question[0])
	if err != nil {
		return m, err
	}
	if off, err = m.answers(wire, off, count(1)); err != nil {
		return m, err
	}
	if _, off, err = records(wire, off, count(2)); err != nil {
		return m, err
	}
	if off, err = m.additional(wire, off, count(3)); err != nil {
		return m, err
	}
	if off != len(wire) {
		return m, fmt.Errorf("%w: %d octets follow a message", ErrBroken, len(wire)-off)
	}
	if rcode := int(bits & 15); rcode != dns.RcodeSuccess {
		return m, rcodeError(rcode)
	}
	return m, nil
}

// question compares the question, which later messages of a transfer may leave out.
func question(wire []byte, off, count int, want dns.Question) (int, error) {
	if count == 0 {
		return off, nil
	}
	name, off, err := dns.UnpackDomainName(wire, off)
	if err != nil || count > 1 || off+4 > len(wire) {
		return off, fmt.Errorf("%w: a message has a malformed question", ErrBroken)
	}
	if dns.CanonicalName(name) != dns.CanonicalName(want.Name) || binary.BigEndian.Uint16(wire[off:]) != want.Qtype || binary.BigEndian.Uint16(wire[off+2:]) != want.Qclass {
		return off, fmt.Errorf("%w: a message answers another question", ErrBroken)
	}
	return off + 4, nil
}

// answers reads the records that count.
func (m *message) answers(wire []byte, off, count int) (end int, err error) {
	m.answer = make([]zone.Record, 0, min(count, len(wire)/leastRecord))
	in := zone.Records{Message: wire}
	for range count {
		if off >= len(wire) {
			return off, errWithin
		}
		rec, next, err := in.Next(off)
		if err != nil {
			return off, fmt.Errorf("%w: a record is malformed: %w", ErrBroken, err)
		}
		m.answer, off = append(m.answer, rec), next
	}
	return off, nil
}

// leastRecord is what a record takes: the root's name, the type, class, TTL and length.
const leastRecord = 11

var errWithin = fmt.Errorf("%w: a message ends within its records", ErrBroken)

// additional looks for the signature, which must be the last record.
func (m *message) additional(wire []byte, off, count int) (int, error) {
	for range count {
		rrs, next, err := records(wire, off, 1)
		switch {
		case err != nil:
			return off, err
		case m.sigAt >= 0:
			return off, fmt.Errorf("%w: a signature is not the last record", ErrBroken)
		}
		if sig, ok := rrs[0].(*dns.TSIG); ok {
			m.sigAt, m.sigError = off, sig.Error
		}
		off = next
	}
	return off, nil
}

func records(wire []byte, off, count int) (rrs []dns.RR, end int, err error) {
	for range count {
		if off >= len(wire) { // the library takes that for an empty record
			return nil, off, errWithin
		}
		rr, next, err := dns.UnpackRR(wire, off)
		if err != nil {
			return nil, off, fmt.Errorf("%w: a record is malformed: %w", ErrBroken, err)
		}
		rrs, off = append(rrs, rr), next
	}
	return rrs, off, nil
}

// setOf takes over a record of a zone.
func setOf(rec zone.Record) (s zone.RRset, err error) {
	switch {
	case rec.Class != dns.ClassINET:
		return s, fmt.Errorf("%w: a record of %s has class %s", ErrBroken, rec.Name, dns.Class(rec.Class))
	case rec.Type == zone.Type(dns.TypeNone), rec.Type == zone.Type(dns.TypeOPT), rec.Type >= 128 && rec.Type <= 255, rec.Type == zone.Type(dns.TypeReserved): // RFC 6895 section 3.1
		return s, fmt.Errorf("%w: a record of %s has type %s, which no zone holds", ErrBroken, rec.Name, rec.Type)
	}
	return zone.RRset{Name: rec.Name, Type: rec.Type, TTL: rec.TTL, Data: []zone.Rdata{rec.Data}}, nil
}
