package probe

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// udpSize is advertised in EDNS: what passes unfragmented nearly everywhere.
const udpSize = 1232

// appendQuestion packs a SOA question with RD=0 (a resolver must not go and
// look elsewhere) and the empty options NSID (RFC 5001 section 2.1) and EXPIRE
// (RFC 7314 section 3.1).
func appendQuestion(b []byte, id uint16, name zone.Name) []byte {
	b = binary.BigEndian.AppendUint16(b, id)
	b = append(b, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1) // flags; QDCOUNT 1, ARCOUNT 1
	b = name.AppendWire(b)
	b = binary.BigEndian.AppendUint16(b, dns.TypeSOA)
	b = binary.BigEndian.AppendUint16(b, dns.ClassINET)
	b = append(b, 0) // OPT at the root
	b = binary.BigEndian.AppendUint16(b, dns.TypeOPT)
	b = binary.BigEndian.AppendUint16(b, udpSize)
	b = append(b, 0, 0, 0, 0)                                             // extended rcode, version, flags
	b = append(b, 0, 8, 0, dns.EDNS0NSID, 0, 0, 0, dns.EDNS0EXPIRE, 0, 0) // RDLENGTH 8: options NSID and EXPIRE, empty
	return b
}

// readAnswer reads a packet as the answer to a SOA question for name. It is
// not ok when the packet answers something else, is malformed, or was cut
// short by rate limiting (TC=1): then the question is asked again in time.
func readAnswer(packet []byte, name zone.Name) (r Result, ok bool) {
	var m dns.Msg
	if m.Unpack(packet) != nil || !m.Response || m.Opcode != dns.OpcodeQuery || m.Truncated {
		return Result{}, false
	}
	if len(m.Question) != 1 || m.Question[0].Qtype != dns.TypeSOA || m.Question[0].Qclass != dns.ClassINET ||
		!zone.Name(m.Question[0].Name).Equal(name) {
		return Result{}, false
	}
	r = Result{Zone: name, Rcode: m.Rcode}
	if opt := m.IsEdns0(); opt != nil {
		r.NSID = nsid(opt)
	}
	switch m.Rcode {
	case dns.RcodeSuccess:
		r.Outcome = NotServed
		if m.Authoritative {
			r.Outcome = Absent // NODATA: a zone above answers
			for _, rr := range m.Answer {
				if soa, is := rr.(*dns.SOA); is && zone.Name(soa.Hdr.Name).Equal(name) {
					r.Outcome, r.Serial, r.SOA = Serves, soa.Serial, soaOf(soa)
					r.Left, r.Lost = expiry(m.IsEdns0(), soa)
				}
			}
		}
	case dns.RcodeRefused, dns.RcodeNameError, dns.RcodeNotAuth:
		r.Outcome = Absent
	case dns.RcodeServerFailure:
		r.Outcome = NotLoaded
	default:
		r.Outcome = Broken
	}
	return r, true
}

// soaOf takes a SOA record over. A name of it that none of ours can be is empty.
func soaOf(rr *dns.SOA) zone.SOA {
	soa := zone.SOA{Serial: rr.Serial, Refresh: rr.Refresh, Retry: rr.Retry, Expire: rr.Expire, Minimum: rr.Minttl}
	soa.MName, _ = zone.ParseName(rr.Ns)
	soa.RName, _ = zone.ParseName(rr.Mbox)
	return soa
}

// expiry reads how long a secondary goes on serving a zone, and whether it has
// had no answer of its primary for longer than the zone says it should.
func expiry(opt *dns.OPT, soa *dns.SOA) (left time.Duration, lost bool) {
	if opt == nil {
		return 0, false
	}
	for _, o := range opt.Option {
		e, is := o.(*dns.EDNS0_EXPIRE)
		if !is || e.Empty || e.Expire > soa.Expire {
			continue
		}
		// Servers do not ask as often as a SOA may want: ten minutes are their due.
		patience := max(uint64(soa.Refresh), leastRefresh) + 2*max(uint64(soa.Retry), leastRefresh)
		patience = min(patience, uint64(soa.Expire)/4*3)
		return time.Duration(e.Expire) * time.Second, uint64(soa.Expire-e.Expire) > patience
	}
	return 0, false
}

// leastRefresh is how often a server asks its primary at least that it need not, in seconds.
const leastRefresh = 600

// maxNSID is more than any server says, and fits a line.
const maxNSID = 128

// nsid returns the server's identifier: as text where it is text that can be
// printed anywhere, else in hex; a long one is cut.
func nsid(opt *dns.OPT) string {
	for _, o := range opt.Option {
		id, is := o.(*dns.EDNS0_NSID)
		if !is || id.Nsid == "" {
			continue
		}
		raw, err := hex.DecodeString(id.Nsid)
		if err != nil || slices.ContainsFunc(raw, func(b byte) bool { return b < ' ' || b >= 0x7f }) {
			return id.Nsid[:min(len(id.Nsid), maxNSID)]
		}
		return string(raw[:min(len(raw), maxNSID)])
	}
	return ""
}

func rcodeText(rcode int) string {
	if s, ok := dns.RcodeToString[rcode]; ok {
		return s
	}
	return "with an unknown code"
}
