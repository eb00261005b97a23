package nameserver

import (
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// maxUDP is the largest UDP answer, whatever a client says it takes: beyond,
// fragments get lost (RFC 9715).
const maxUDP = 1232

// request is one message from a client.
type request struct {
	msg    *dns.Msg
	from   netip.AddrPort
	tcp    bool
	key    string // owner name of the TSIG key that signed it, verified; "" if none
	access *access
}

// answer makes the answer to anything but a transfer; nil: none is due.
func (s *Server) answer(r *request) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(r.msg)
	m.RecursionDesired = r.msg.RecursionDesired
	m.Compress = true
	opt := r.msg.IsEdns0()
	if opt != nil {
		m.SetEdns0(maxUDP, opt.Do())
		if opt.Version() != 0 {
			m.Rcode = dns.RcodeBadVers
			return m
		}
	}
	switch {
	case r.msg.Opcode == dns.OpcodeNotify:
		s.notified(r, m)
	case r.msg.Opcode != dns.OpcodeQuery:
		m.Rcode = dns.RcodeNotImplemented
	case len(r.msg.Question) != 1:
		m.Rcode = dns.RcodeFormatError
	default:
		s.query(r, m)
	}
	return m
}

func (s *Server) query(r *request, m *dns.Msg) {
	q := r.msg.Question[0]
	switch q.Qclass {
	case dns.ClassINET:
	case dns.ClassCHAOS:
		s.chaos(q, m)
		return
	default:
		m.Rcode = dns.RcodeRefused
		return
	}
	name, err := zone.ParseName(q.Name)
	if err != nil {
		m.Rcode = dns.RcodeFormatError
		return
	}
	switch q.Qtype {
	case dns.TypeAXFR, dns.TypeIXFR: // over TCP they went elsewhere
		m.Rcode = dns.RcodeRefused
		if q.Qtype == dns.TypeIXFR {
			s.smallIXFR(r, m, name)
		}
		return
	case dns.TypeMAILA, dns.TypeMAILB, dns.TypeTKEY, dns.TypeTSIG, dns.TypeOPT:
		m.Rcode = dns.RcodeNotImplemented
		return
	}
	key := []byte(name.Key())
	v := s.zones.find(key, false)
	if q.Qtype == dns.TypeDS && v != nil && len(v.contents.Origin().Key()) == len(key) {
		if parent := s.zones.find(key, true); parent != nil {
			v = parent // the parent's side has the DS (RFC 4035 section 3.1.4.1)
		}
	}
	switch {
	case v == nil:
		m.Rcode = dns.RcodeRefused
		s.stats.Refused.Add(1)
	case v.failed:
		m.Rcode = dns.RcodeServerFailure
	default:
		v.lookup(name, zone.Type(q.Qtype)).into(m)
	}
}

// into puts the sets into a message.
func (a answer) into(m *dns.Msg) {
	m.Rcode, m.Authoritative = a.rcode, a.authoritative
	put := func(section *[]dns.RR, sets []zone.RRset) {
		for _, set := range sets {
			rrs, err := set.ToRRs()
			if err != nil {
				m.Rcode = dns.RcodeServerFailure
				return
			}
			*section = append(*section, rrs...)
		}
	}
	put(&m.Answer, a.answer)
	put(&m.Ns, a.authority)
	opt := m.Extra
	m.Extra = nil
	put(&m.Extra, a.additional)
	m.Extra = append(m.Extra, opt...)
}

func (s *Server) chaos(q dns.Question, m *dns.Msg) {
	text := ""
	switch strings.ToLower(q.Name) {
	case "version.bind.", "version.server.":
		text = s.opts.Version
	case "id.server.", "hostname.bind.":
		text = s.opts.Identity
	}
	if text == "" || q.Qtype != dns.TypeTXT && q.Qtype != dns.TypeANY {
		m.Rcode = dns.RcodeRefused
		return
	}
	m.Authoritative = true
	m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeTXT, Class: dns.ClassCHAOS}, Txt: []string{text}}}
}

// fit makes an answer fit the way back: additional data goes first, then TC
// is set and all sections are emptied, so that no half set is ever sent.
func fit(m *dns.Msg, r *request) {
	if r.tcp {
		if m.Len() > dns.MaxMsgSize-512 {
			m.Answer, m.Ns, m.Truncated = nil, nil, true
		}
		return
	}
	room := dns.MinMsgSize
	if opt := r.msg.IsEdns0(); opt != nil {
		room = min(max(int(opt.UDPSize()), dns.MinMsgSize), maxUDP)
	}
	if r.key != "" {
		room -= 200 // for the TSIG record
	}
	if m.Len() <= room {
		return
	}
	referral := len(m.Answer) == 0 && !m.Authoritative
	var opt []dns.RR
	if o := m.IsEdns0(); o != nil {
		opt = []dns.RR{o}
	}
	m.Extra = opt
	m.Truncated = referral // glue is needed (RFC 9471)
	if m.Len() > room {
		m.Answer, m.Ns, m.Truncated = nil, nil, true
	}
}

// notified hands a NOTIFY on (RFC 1996).
func (s *Server) notified(r *request, m *dns.Msg) {
	m.Authoritative = true
	if len(r.msg.Question) != 1 || r.msg.Question[0].Qtype != dns.TypeSOA {
		m.Rcode = dns.RcodeFormatError
		return
	}
	name, err := zone.ParseName(r.msg.Question[0].Name)
	if err != nil {
		m.Rcode = dns.RcodeFormatError
		return
	}
	var serial uint32
	hasSerial := false
	if len(r.msg.Answer) == 1 {
		if soa, ok := r.msg.Answer[0].(*dns.SOA); ok {
			serial, hasSerial = soa.Serial, true
		}
	}
	if s.opts.Notify == nil || !s.opts.Notify.Notified(name, r.from, strings.TrimSuffix(r.key, "."), serial, hasSerial) {
		m.Rcode = dns.RcodeNotAuth
	}
}

// now is when a signature is made.
func now() int64 { return time.Now().Unix() }
