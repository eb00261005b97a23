package nameserver

import (
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/tsig"
)

// transport is how a message came.
type transport uint8

const (
	overUDP transport = iota
	overTCP
	overTLS
)

// request is one message from a client, as far as every kind of it is judged
// alike: form, signature, EDNS. It is valid until the next message is read.
type request struct {
	message
	from    netip.AddrPort
	via     transport
	access  *access
	session *tsig.Session // nil: not signed
	cookie  []byte        // of the answer; nil: none
}

// read takes a message in. A nil request is not answered at all; with another
// rcode than success the answer is that and nothing else.
func (s *Server) read(wire []byte, from netip.AddrPort, via transport) (r *request, rcode int) {
	s.stats.Queries.Add(1)
	if len(wire) < headerSize || wire[2]&0x80 != 0 {
		return nil, 0 // nothing to answer, or an answer itself
	}
	m, ok := parse(wire)
	r = &request{message: m, from: from, via: via, access: s.access.Load()}
	now := time.Now()
	if !ok {
		if r.edns = (edns{}); !handled(m.opcode) {
			return r, dns.RcodeNotImplemented
		}
		return r, dns.RcodeFormatError
	}
	if m.tsigAt > 0 {
		var problem tsig.Problem
		r.session, problem = tsig.Receive(wire, m.tsigAt, r.access.key, now)
		switch problem {
		case tsig.None:
		case tsig.Malformed:
			return r, dns.RcodeFormatError
		default:
			s.stats.BadTSIG.Add(1)
			s.log.Warn("a message has a bad signature", "peer", from, "problem", problem)
			return r, dns.RcodeNotAuth
		}
	}
	return r, s.readEDNS(r, now)
}

// handled says whether we know what an opcode asks.
func handled(opcode int) bool {
	return opcode == dns.OpcodeQuery || opcode == dns.OpcodeNotify || opcode == dns.OpcodeUpdate
}

// readEDNS judges the OPT record (RFC 6891 section 6.1.3) and the cookie in it
// (RFC 7873 section 5.2).
func (s *Server) readEDNS(r *request, now time.Time) (rcode int) {
	switch {
	case !r.edns.present:
		return dns.RcodeSuccess
	case r.edns.version != 0:
		return dns.RcodeBadVers
	case r.edns.cookie == nil:
		return dns.RcodeSuccess
	case !cookieFormed(r.edns.cookie):
		return dns.RcodeFormatError
	}
	secrets := *s.cookies.Load()
	known := cookieHolds(secrets, r.edns.cookie, r.from.Addr(), now)
	r.cookie = answerCookie(secrets[0], r.edns.cookie, r.from.Addr(), now)
	if s.opts.RequireCookies && !known && r.via == overUDP && r.opcode == dns.OpcodeQuery {
		return dns.RcodeBadCookie
	}
	return dns.RcodeSuccess
}

// key returns the name of the key that signed, lower case, without the final
// dot; "" if none did.
func (r *request) key() string {
	if r.session == nil {
		return ""
	}
	name := r.session.Key()
	if name == "" {
		return ""
	}
	return name[:len(name)-1]
}
