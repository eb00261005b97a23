package nameserver

import (
	"encoding/binary"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// addExpire adds the EXPIRE option (RFC 7314) where it was asked for: how long
// whoever has the zone from us may go on with it. A primary says what the SOA
// says, a secondary what is left of that. soa is the first record of the
// answer; if it is none, the zone was not asked for it.
func (s *Server) addExpire(opt *optRecord, r *request, soa zone.RRset) {
	if !r.edns.expire || soa.Type != zone.TypeSOA || !asksForSOA(r.qtype) {
		return
	}
	data, err := zone.ParseSOA(soa.Data[0])
	if err != nil {
		return
	}
	seconds := data.Expire
	if s.opts.Expires != nil {
		if left, secondary := s.opts.Expires(soa.Name); secondary {
			seconds = uint32(max(left, 0) / time.Second)
		}
	}
	opt.add(optionExpire, binary.BigEndian.AppendUint32(nil, seconds))
}

func asksForSOA(qtype uint16) bool {
	return qtype == dns.TypeSOA || qtype == dns.TypeIXFR || qtype == dns.TypeAXFR
}
