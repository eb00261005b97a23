package nameserver

import (
	"encoding/binary"
	"time"

	"github.com/miekg/dns"
)

const (
	flagResponse      = 1 << 15
	flagAuthoritative = 1 << 10
	flagTruncated     = 1 << 9
	flagRecursion     = 1 << 8 // RD is copied; RA, AD and CD stay clear (RFC 4035 section 3.1.6)

	// maxTCP is the largest message of all.
	maxTCP = 65535
)

// write makes the message that carries an answer, of no more octets than the
// client takes. Whole RRsets are left out from the end, never a part of one.
func (s *Server) write(w *writer, r *request, a answer) []byte {
	opt, size := s.optFor(r, a), s.sizeFor(r)
	w.limit = size - opt.room()
	if !r.edns.present {
		w.limit = size
	}
	if w.limit -= signatureRoom(r); w.limit < len(r.wire[:r.questionEnd]) {
		// Names of the greatest length that nobody has: the question gives way.
		r.name = nil
		if w.limit < headerSize {
			w.limit, r.session = w.limit+signatureRoom(r), nil
		}
	}
	w.begin(r)
	truncated := !w.sections(a)
	if truncated && r.via != overUDP { // there is no larger message to ask for
		a = answer{rcode: dns.RcodeServerFailure}
		truncated = false
		w.begin(r)
	}
	s.stats.Responses.Add(1)
	return w.finish(r, a, opt, truncated, size)
}

// begin writes the header and, if it was understood, the question.
func (w *writer) begin(r *request) {
	id := binary.BigEndian.Uint16(r.wire)
	w.start(id, 0, r.name, r.qtype, r.qclass)
}

// sections writes an answer's sets; false if the message is truncated: then
// something that the client needs did not fit.
func (w *writer) sections(a answer) bool {
	class := a.class
	if class == 0 {
		class = dns.ClassINET
	}
	for _, set := range a.answers {
		if !w.set(inAnswer, class, set) {
			return false
		}
	}
	for _, set := range a.authority {
		if !w.set(inAuthority, class, set) {
			return false
		}
	}
	whole := true
	for i, set := range a.additional {
		if fits := w.set(inAdditional, class, set); !fits && i < a.glue {
			whole = false
		}
	}
	return whole
}

// finish fills the header in and adds what stands at the end.
func (w *writer) finish(r *request, a answer, opt optRecord, truncated bool, size int) []byte {
	flags := uint16(flagResponse) | uint16(r.opcode)<<11 | binary.BigEndian.Uint16(r.wire[2:])&flagRecursion | uint16(a.rcode&15)
	if a.authoritative {
		flags |= flagAuthoritative
	}
	if truncated {
		flags |= flagTruncated
	}
	binary.BigEndian.PutUint16(w.buf[2:], flags)
	if r.edns.present {
		if r.via == overTLS && r.edns.padding {
			opt.pad(len(w.buf), size-len(w.buf)-signatureRoom(r))
		}
		w.buf = opt.append(w.buf)
		w.count(inAdditional, 1)
	}
	if r.session != nil {
		w.buf = r.session.Sign(w.buf, time.Now())
	}
	return w.buf
}

func signatureRoom(r *request) int {
	if r.session == nil {
		return 0
	}
	return r.session.Room()
}

// sizeFor is how many octets the client takes.
func (s *Server) sizeFor(r *request) int {
	switch {
	case r.via != overUDP:
		return maxTCP
	case r.edns.present:
		return min(max(r.edns.size, minUDP), s.opts.MaxUDP)
	}
	return minUDP
}

// optFor puts the OPT record of an answer together (RFC 6891 section 6.1.1).
func (s *Server) optFor(r *request, a answer) optRecord {
	opt := optRecord{size: s.opts.MaxUDP, extended: a.rcode >> 4, do: r.edns.do}
	if r.cookie != nil {
		opt.add(optionCookie, r.cookie)
	}
	if r.edns.nsid && s.opts.Identity != "" {
		opt.add(optionNSID, []byte(s.opts.Identity))
	}
	if r.edns.keepalive && r.via != overUDP {
		wait := tcpIdle
		if s.yields() { // please go: another process takes the next connection (RFC 7828 section 3.3.2)
			wait = 0
		}
		opt.add(optionKeepalive, binary.BigEndian.AppendUint16(nil, uint16(wait/(100*time.Millisecond))))
	}
	if len(a.answers) > 0 {
		s.addExpire(&opt, r, a.answers[0].RRset)
	}
	if a.reason != 0 {
		opt.add(optionError, binary.BigEndian.AppendUint16(nil, uint16(a.reason)))
	}
	return opt
}

// padBlock is the size that answers are padded to (RFC 8467 section 4.1).
const padBlock = 468

// pad adds the PADDING option (RFC 7830), so that lengths tell little of what
// was asked; at is how long the message is, room how long the record may get.
func (o *optRecord) pad(at, room int) {
	whole := at + o.room() + 4
	fill := (whole+padBlock-1)/padBlock*padBlock - whole
	if fill = min(fill, room-o.room()-4); fill >= 0 {
		o.add(optionPadding, make([]byte, fill))
	}
}
