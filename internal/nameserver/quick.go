package nameserver

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/nameserver/arena"
	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

// quick answers the plain questions, nearly all of them, from blocks in place:
// without a lock and without taking memory. What it does not know it leaves to
// handle, which knows everything; what both know they say alike, and but for
// the compression of some proofs in the same octets. It is for one goroutine.
type quick struct {
	*Server
	reader *arena.Reader
	one    plainQuestion
	now    uint32 // seconds since 1970, for cookies
}

// plainQuestion is a question that quick understands.
type plainQuestion struct {
	name   block.Name
	end    int // of the question
	qtype  uint16
	edns   bool
	do     bool
	size   int    // that the client takes
	cookie []byte // the client's part; nil: none
	reason cause  // of the answer
}

func (s *Server) newQuick() *quick {
	return &quick{Server: s, reader: s.zones.arena.Reader()}
}

// answer appends the answer to an empty buffer; ok is false if handle must
// give it. The reader must be in. Over TLS is as over TCP.
func (k *quick) answer(out, wire []byte, from netip.Addr, via transport) (answer []byte, ok bool) {
	if !k.one.read(wire) {
		return nil, false
	}
	return k.reply(out, wire, &k.one, from, via)
}

// reply is answer to a question that was read.
func (k *quick) reply(out, wire []byte, p *plainQuestion, from netip.Addr, via transport) (answer []byte, ok bool) {
	if k.isPrivate(&p.name) || p.cookie != nil && k.opts.RequireCookies && via == overUDP {
		return nil, false
	}
	var r block.Reply
	switch b, below := k.zones.apexes.longest(k.zones.arena, &p.name, 0); {
	case b == nil:
		k.stats.Refused.Add(1)
		p.reason, r.Rcode = causeNotAuthoritative, dns.RcodeRefused
	case b.State() != block.Answering || below == 0 && p.qtype == dns.TypeDS:
		return nil, false
	default:
		if r, ok = b.Find(&p.name, below, zone.Type(p.qtype), p.do); !ok {
			return nil, false
		}
	}
	if via == overUDP && p.end+r.Size()+p.optSize() > min(p.size, k.opts.MaxUDP) {
		return nil, false
	}
	out = append(out, wire[:p.end]...)
	flags := flagResponse | binary.BigEndian.Uint16(wire[2:])&flagRecursion | uint16(r.Rcode)
	if r.Authoritative {
		flags |= flagAuthoritative
	}
	binary.BigEndian.PutUint16(out[2:], flags)
	out[7], out[9], out[11] = r.Counts[inAnswer], r.Counts[inAuthority], r.Counts[inAdditional]
	out[10] = 0
	out = r.AppendRecords(out)
	if p.edns {
		additional := binary.BigEndian.Uint16(out[10:]) + 1
		binary.BigEndian.PutUint16(out[10:], additional)
		out = k.appendOPT(out, p, from)
	}
	return out, true
}

// read takes a message in; false if there is anything about it that is not plain.
func (p *plainQuestion) read(wire []byte) bool {
	const oneQuestion = 1 << 48 // the four counts
	if len(wire) < headerSize || wire[2]&0xF8 != 0 || binary.BigEndian.Uint64(wire[4:])&^1 != oneQuestion {
		return false
	}
	end := nameEnd(wire, headerSize, false)
	if end < 0 || end-headerSize > maxName || end+4 > len(wire) {
		return false
	}
	p.end = end + 4
	p.qtype = binary.BigEndian.Uint16(wire[end:])
	if binary.BigEndian.Uint16(wire[end+2:]) != dns.ClassINET || !isPlain(p.qtype) {
		return false
	}
	p.edns, p.do, p.size, p.cookie, p.reason = false, false, minUDP, nil, 0
	if rest := wire[p.end:]; wire[11] == 0 && len(rest) != 0 || wire[11] == 1 && !p.readOPT(rest) {
		return false
	}
	p.name.Set(wire[headerSize:end])
	return true
}

// isPlain says whether a type is looked up like others.
func isPlain(t uint16) bool {
	switch t {
	case 0, dns.TypeRRSIG, dns.TypeIXFR, dns.TypeAXFR, dns.TypeANY:
		return false
	}
	return true
}

// readOPT reads the rest of a message if that is an OPT record with a cookie
// or without options.
func (p *plainQuestion) readOPT(b []byte) bool {
	if len(b) < 11 || b[0] != 0 || binary.BigEndian.Uint16(b[1:]) != dns.TypeOPT || b[6] != 0 || int(binary.BigEndian.Uint16(b[9:])) != len(b)-11 {
		return false
	}
	p.edns, p.do = true, b[7]&0x80 != 0
	p.size = max(int(binary.BigEndian.Uint16(b[3:])), minUDP)
	if b = b[11:]; len(b) == 0 {
		return true
	}
	if len(b) < 4 || binary.BigEndian.Uint16(b) != optionCookie || int(binary.BigEndian.Uint16(b[2:])) != len(b)-4 || !cookieFormed(b[4:]) {
		return false
	}
	p.cookie = b[4 : 4+clientCookie]
	return true
}

// isPrivate says whether a question is about a zone that not everybody may see.
func (k *quick) isPrivate(name *block.Name) bool {
	for _, h := range k.access.Load().hidden {
		if bytes.HasSuffix(name.Wire[:name.Len], h.wire) { // or looks so: handle knows
			return true
		}
	}
	return false
}

// optSize is how many octets appendOPT appends.
func (p *plainQuestion) optSize() int {
	if !p.edns {
		return 0
	}
	return 11 + p.optionsSize()
}

func (p *plainQuestion) optionsSize() (size int) {
	if p.cookie != nil {
		size += 4 + clientCookie + serverCookie
	}
	if p.reason != 0 {
		size += 4 + 2
	}
	return size
}

func (k *quick) appendOPT(out []byte, p *plainQuestion, from netip.Addr) []byte {
	out = append(out, 0, 0, byte(dns.TypeOPT))
	out = binary.BigEndian.AppendUint16(out, uint16(k.opts.MaxUDP))
	flags := byte(0)
	if p.do {
		flags = 0x80
	}
	out = append(out, 0, 0, flags, 0, 0, byte(p.optionsSize()))
	if p.cookie != nil {
		out = append(out, 0, optionCookie, 0, clientCookie+serverCookie)
		out = k.appendCookie(out, p.cookie, from)
	}
	if p.reason != 0 {
		out = append(out, 0, optionError, 0, 2, byte(p.reason>>8), byte(p.reason))
	}
	return out
}

// appendCookie appends what answerCookie returns.
func (k *quick) appendCookie(out, client []byte, from netip.Addr) []byte {
	at := len(out)
	out = append(out, client...)
	out = append(out, 1, 0, 0, 0)
	out = binary.BigEndian.AppendUint32(out, k.now)
	var input [clientCookie + 8 + 16]byte
	n := copy(input[:], out[at:])
	if from = from.Unmap(); from.Is4() {
		four := from.As4()
		n += copy(input[n:], four[:])
	} else {
		sixteen := from.As16()
		n += copy(input[n:], sixteen[:])
	}
	return binary.LittleEndian.AppendUint64(out, sipHash((*k.cookies.Load())[0], input[:n]))
}
