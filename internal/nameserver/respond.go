package nameserver

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// handle answers one message, into w's buffer; nil: no answer is due.
// Transfers over TCP go another way.
func (s *Server) handle(w *writer, wire []byte, from netip.AddrPort, via transport) []byte {
	r, rcode := s.read(wire, from, via)
	if r == nil {
		return nil
	}
	return s.respond(w, r, rcode)
}

func (s *Server) respond(w *writer, r *request, rcode int) []byte {
	if rcode != dns.RcodeSuccess {
		return s.write(w, r, answer{rcode: rcode})
	}
	return s.write(w, r, s.answer(r))
}

// answer says what there is to say to a sound request.
func (s *Server) answer(r *request) answer {
	switch {
	case r.opcode == dns.OpcodeNotify:
		return s.notified(r)
	case r.opcode == dns.OpcodeUpdate:
		defer s.telling(printable(r.name))()
		return s.updated(r)
	case !handled(r.opcode):
		return answer{rcode: dns.RcodeNotImplemented, reason: causeNotSupported}
	case r.questions == 0 && r.cookie != nil: // asks for a cookie alone (RFC 7873 section 5.4)
		return answer{}
	case r.questions == 0:
		return answer{rcode: dns.RcodeFormatError}
	}
	return s.query(r)
}

func (s *Server) query(r *request) answer {
	switch r.qclass {
	case dns.ClassINET:
	case dns.ClassANY:
	case dns.ClassCHAOS:
		return s.chaos(r)
	default:
		return s.refuse(causeNotSupported)
	}
	name, ok := nameOf(r.name)
	if !ok {
		return answer{rcode: dns.RcodeFormatError}
	}
	if !r.access.maySee(r, name) {
		return s.refuse(causeProhibited)
	}
	switch r.qtype {
	case dns.TypeAXFR: // over TCP it went elsewhere; over UDP there is none (RFC 5936 section 4.2)
		return answer{rcode: dns.RcodeNotImplemented, reason: causeNotSupported}
	case dns.TypeIXFR:
		return s.smallIXFR(r, name)
	}
	a, ok := s.zones.ask(question{
		name:   name,
		qtype:  zone.Type(r.qtype),
		dnssec: r.edns.do,
		full:   r.via != overUDP,
	})
	if !ok {
		a = s.refuse(causeNotAuthoritative)
	}
	if r.qclass == dns.ClassANY {
		a.authoritative = false // we do not know the other classes (RFC 1034 section 6.2.2)
	}
	return a
}

// ask answers from a view, or says why not.
func (v *view) ask(q question) answer {
	if v.failed {
		return answer{rcode: dns.RcodeServerFailure, reason: causeInvalidData}
	}
	return v.lookup(q)
}

func (s *Server) refuse(why cause) answer {
	s.stats.Refused.Add(1)
	return answer{rcode: dns.RcodeRefused, reason: why}
}

// chaos answers who and what we are, as far as Options tell (RFC 4892).
func (s *Server) chaos(r *request) answer {
	name, ok := nameOf(r.name)
	text := ""
	switch strings.ToLower(string(name)) {
	case "version.bind.", "version.server.":
		text = s.opts.Version
	case "id.server.", "hostname.bind.":
		text = s.opts.Identity
	}
	if !ok || text == "" || r.qtype != dns.TypeTXT && r.qtype != dns.TypeANY {
		return s.refuse(causeNotSupported)
	}
	data := zone.Rdata(append([]byte{byte(len(text))}, text...))
	set := zone.RRset{Name: name, Type: zone.TypeTXT, Data: []zone.Rdata{data}}
	return answer{class: dns.ClassCHAOS, answers: []signedSet{{RRset: set}}}
}
