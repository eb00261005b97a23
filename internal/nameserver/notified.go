package nameserver

import "github.com/miekg/dns"

// notified hands a NOTIFY on (RFC 1996) and answers it.
func (s *Server) notified(r *request) answer {
	name, ok := nameOf(r.name)
	if r.questions != 1 || !ok || r.qtype != dns.TypeSOA || r.qclass != dns.ClassINET {
		return answer{rcode: dns.RcodeFormatError}
	}
	serial, hasSerial := r.notifySerial()
	if s.opts.Notify == nil || !s.opts.Notify.Notified(name, r.from, r.key(), serial, hasSerial) {
		return answer{rcode: dns.RcodeNotAuth, reason: causeNotAuthoritative}
	}
	return answer{authoritative: true}
}
