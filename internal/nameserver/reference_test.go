package nameserver

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// reference is an authoritative server of one zone that is slow and obvious:
// a list of records, gone through from end to end for every thing it wants to
// know, in the words of the RFCs. The real one is held against it.
type reference struct {
	origin  string // lower case
	records []dns.RR
	hash    *dns.NSEC3PARAM // nil: NSEC or unsigned
}

// said is an answer as lines of zone text, without order.
type said struct {
	rcode                         int
	aa                            bool
	answer, authority, additional map[string]bool
}

func (r *reference) owners(name string) (rrs []dns.RR) {
	for _, rr := range r.records {
		if strings.EqualFold(rr.Header().Name, name) {
			rrs = append(rrs, rr)
		}
	}
	return rrs
}

func (r *reference) get(name string, t uint16) (rrs []dns.RR) {
	for _, rr := range r.owners(name) {
		if rr.Header().Rrtype == t {
			rrs = append(rrs, rr)
		}
	}
	return rrs
}

func (r *reference) has(name string, t uint16) bool { return len(r.get(name, t)) > 0 }

// exists: a name exists if it or a name below it owns a record (RFC 4592
// section 2.2.2), but not as the owner of NSEC3 (RFC 5155 section 7.2.8).
func (r *reference) exists(name string) bool {
	for _, rr := range r.records {
		if dns.IsSubDomain(name, rr.Header().Name) && !hashed(rr) {
			return true
		}
	}
	return false
}

func hashed(rr dns.RR) bool {
	sig, ok := rr.(*dns.RRSIG)
	return rr.Header().Rrtype == dns.TypeNSEC3 || ok && sig.TypeCovered == dns.TypeNSEC3
}

// path is the names from the origin down to a name, both included.
func (r *reference) path(name string) (path []string) {
	for {
		path = append([]string{name}, path...)
		if strings.EqualFold(name, r.origin) {
			return path
		}
		next, end := dns.NextLabel(name, 0)
		if name = name[next:]; end || name == "" {
			name = "."
		}
	}
}

func wildcardAt(encloser string) string {
	if encloser == "." {
		return "*."
	}
	return "*." + encloser
}

// answer works through RFC 1034 section 4.3.2, RFC 4592 and RFC 6672 section 3.2.
func (r *reference) answer(qname string, qtype uint16, do bool) *said {
	s := &said{aa: true, answer: map[string]bool{}, authority: map[string]bool{}, additional: map[string]bool{}}
	seen := []string{qname}
	for name := qname; ; {
		next := r.step(s, name, qtype, do)
		if next == "" || !dns.IsSubDomain(r.origin, next) || slices.ContainsFunc(seen, func(n string) bool { return strings.EqualFold(n, next) }) || len(seen) > 16 {
			break
		}
		seen = append(seen, next)
		name = next
	}
	return s
}

func (r *reference) step(s *said, name string, qtype uint16, do bool) (next string) {
	path := r.path(name)
	encloser := r.origin
	for i, n := range path {
		last := i == len(path)-1
		if i > 0 && r.has(n, dns.TypeNS) && (!last || qtype != dns.TypeDS) {
			r.refer(s, n, do)
			return ""
		}
		if !last && r.has(n, dns.TypeDNAME) {
			if next := r.rename(s, name, n, do); qtype != dns.TypeCNAME { // which the made one answers
				return next
			}
			return ""
		}
		if r.exists(n) {
			encloser = n
		}
	}
	owner, closer := name, ""
	if !strings.EqualFold(encloser, name) {
		owner = wildcardAt(encloser)
		closer = path[slices.IndexFunc(path, func(n string) bool { return strings.EqualFold(n, encloser) })+1]
	}
	if !r.exists(owner) {
		s.rcode = dns.RcodeNameError
		r.negative(s, do)
		if do {
			r.proveNoName(s, name, encloser)
		}
		return ""
	}
	found, next := r.found(s, name, owner, qtype, do)
	switch {
	case !found && closer == "":
		r.negative(s, do)
		if do {
			r.proveNoType(s, name)
		}
	case !found:
		r.negative(s, do)
		if do {
			r.proveNoName(s, name, encloser)
		}
	case closer != "" && do:
		r.proveNoCloser(s, name, closer)
	}
	return next
}

// found answers from an owner under the name that was asked for.
func (r *reference) found(s *said, name, owner string, qtype uint16, do bool) (found bool, next string) {
	beside := qtype == dns.TypeCNAME || qtype == dns.TypeRRSIG || qtype == dns.TypeNSEC
	alias := r.get(owner, dns.TypeCNAME)
	switch {
	case len(alias) > 0 && !beside:
		r.say(s.answer, name, alias, do)
		return true, alias[0].(*dns.CNAME).Target
	case r.has(owner, qtype):
		set := r.get(owner, qtype)
		r.say(s.answer, name, set, do && qtype != dns.TypeRRSIG)
		for _, rr := range set {
			r.point(s, rr, name, do)
		}
		return true, ""
	}
	return false, ""
}

// say adds a set, and its signatures, under a name.
func (r *reference) say(section map[string]bool, name string, set []dns.RR, do bool) {
	for _, rr := range set {
		section[line(rr, name)] = true
		if !do {
			continue
		}
		for _, sig := range r.get(rr.Header().Name, dns.TypeRRSIG) {
			if sig.(*dns.RRSIG).TypeCovered == rr.Header().Rrtype {
				copied := dns.Copy(sig)
				copied.Header().Ttl = rr.Header().Ttl
				section[line(copied, name)] = true
			}
		}
	}
}

func line(rr dns.RR, name string) string {
	copied := dns.Copy(rr)
	copied.Header().Name = name
	return strings.ToLower(strings.Join(strings.Fields(copied.String()), " "))
}

func (r *reference) rename(s *said, name, at string, do bool) (next string) {
	set := r.get(at, dns.TypeDNAME)
	r.say(s.answer, set[0].Header().Name, set, do)
	prefix := strings.TrimSuffix(name[:len(name)-len(at)], ".")
	if at == "." {
		prefix = strings.TrimSuffix(name, ".")
	}
	next = prefix + "." + strings.TrimPrefix(set[0].(*dns.DNAME).Target, ".")
	if dns.Len(&dns.NULL{Hdr: dns.RR_Header{Name: next}})-10 > 255 {
		s.rcode = dns.RcodeYXDomain
		return ""
	}
	made := &dns.CNAME{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: set[0].Header().Ttl}, Target: next}
	s.answer[line(made, name)] = true
	return next
}

func (r *reference) negative(s *said, do bool) {
	soa := dns.Copy(r.get(r.origin, dns.TypeSOA)[0]).(*dns.SOA)
	soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
	r.say(s.authority, soa.Hdr.Name, []dns.RR{soa}, do)
}

func (r *reference) refer(s *said, cut string, do bool) {
	if len(s.answer) == 0 {
		s.aa = false
	}
	ns := r.get(cut, dns.TypeNS)
	r.say(s.authority, ns[0].Header().Name, ns, false)
	if do {
		if r.has(cut, dns.TypeDS) {
			r.say(s.authority, ns[0].Header().Name, r.get(cut, dns.TypeDS), true)
		} else {
			r.proveNoType(s, cut)
		}
	}
	for _, rr := range ns {
		r.addresses(s, rr.(*dns.NS).Ns, true, do)
	}
}

// point adds what a record in the answer points to.
func (r *reference) point(s *said, rr dns.RR, owner string, do bool) {
	switch rr := rr.(type) {
	case *dns.NS:
		r.addresses(s, rr.Ns, true, do)
	case *dns.MX:
		r.addresses(s, rr.Mx, false, do)
	case *dns.SRV:
		r.addresses(s, rr.Target, false, do)
	case *dns.HTTPS:
		target := rr.Target
		if target == "." {
			target = owner
		}
		switch {
		case rr.Target == "." && rr.Priority == 0:
		case rr.Priority == 0:
			r.addresses(s, target, false, do)
			if where, glue := r.reach(target); where != "" && !glue {
				for _, next := range r.get(where, dns.TypeHTTPS) {
					text := line(next, target)
					if s.answer[text] || s.additional[text] {
						continue
					}
					r.say(s.additional, target, []dns.RR{next}, do)
					r.point(s, next, target, do)
				}
			}
		default:
			r.addresses(s, target, false, do)
		}
	}
}

func (r *reference) addresses(s *said, name string, glueToo, do bool) {
	where, glue := r.reach(name)
	if where == "" || glue && !glueToo {
		return
	}
	for _, t := range []uint16{dns.TypeA, dns.TypeAAAA} {
		set := r.get(where, t)
		if len(set) > 0 && s.answer[line(set[0], name)] {
			continue
		}
		r.say(s.additional, name, set, do && !glue)
	}
}

// reach finds the owner of what a target within the zone would be answered
// with; "" if there is none. Below a cut only the name itself counts, as glue.
func (r *reference) reach(name string) (owner string, glue bool) {
	if !dns.IsSubDomain(r.origin, name) {
		return "", false
	}
	path := r.path(name)
	encloser := r.origin
	for i, n := range path {
		last := i == len(path)-1
		if i > 0 && r.has(n, dns.TypeNS) {
			return name, true
		}
		if !last && r.has(n, dns.TypeDNAME) {
			return "", false
		}
		if r.exists(n) {
			encloser = n
		}
	}
	if strings.EqualFold(encloser, name) {
		return name, false
	}
	return wildcardAt(encloser), false
}

// proveNoType: RFC 4035 section 3.1.3.1, RFC 5155 sections 7.2.3, 7.2.4, 7.2.7.
func (r *reference) proveNoType(s *said, name string) {
	switch {
	case r.hash == nil:
		r.sayNSEC(s, name)
	case r.matching(name) != nil:
		r.sayProof(s, r.matching(name))
	default:
		r.proveEncloser(s, name)
	}
}

// proveNoName: RFC 4035 sections 3.1.3.2 and 3.1.3.4, RFC 5155 sections 7.2.2
// and 7.2.5. For the wildcard the same record is looked for, whether it is
// there or not.
func (r *reference) proveNoName(s *said, name, encloser string) {
	if r.hash == nil {
		r.sayNSEC(s, name)
		r.sayNSEC(s, wildcardAt(encloser))
		return
	}
	wild := wildcardAt(r.proveEncloser(s, name))
	if match := r.matching(wild); match != nil {
		r.sayProof(s, match)
		return
	}
	r.sayProof(s, r.covering(wild))
}

// proveNoCloser: RFC 4035 section 3.1.3.3, RFC 5155 section 7.2.6.
func (r *reference) proveNoCloser(s *said, name, closer string) {
	if r.hash == nil {
		r.sayNSEC(s, name)
		return
	}
	r.sayProof(s, r.covering(closer))
}

// proveEncloser: RFC 5155 section 7.2.1. It returns the closest encloser that
// has a record of its own.
func (r *reference) proveEncloser(s *said, name string) string {
	path := r.path(name)
	for i := len(path) - 2; i >= 0; i-- {
		if match := r.matching(path[i]); match != nil {
			r.sayProof(s, match)
			r.sayProof(s, r.covering(path[i+1]))
			return path[i]
		}
	}
	return r.origin
}

func (r *reference) sayProof(s *said, rr dns.RR) {
	if rr != nil {
		r.say(s.authority, rr.Header().Name, []dns.RR{rr}, true)
	}
}

// sayNSEC says the record of a name or else the one before it.
func (r *reference) sayNSEC(s *said, name string) {
	var best dns.RR
	for _, rr := range r.records {
		if rr.Header().Rrtype == dns.TypeNSEC && compareNames(rr.Header().Name, name) <= 0 && (best == nil || compareNames(rr.Header().Name, best.Header().Name) > 0) {
			best = rr
		}
	}
	r.sayProof(s, best)
}

// compareNames is RFC 4034 section 6.1, label by label from the right.
func compareNames(a, b string) int {
	la, lb := dns.SplitDomainName(strings.ToLower(a)), dns.SplitDomainName(strings.ToLower(b))
	slices.Reverse(la)
	slices.Reverse(lb)
	return slices.Compare(la, lb)
}

func (r *reference) matching(name string) dns.RR {
	return r.find(name, func(hash, owner, _ string) bool { return hash == owner })
}

// covering finds the record between whose owner and next owner a hash lies;
// the last one's next is the first.
func (r *reference) covering(name string) dns.RR {
	return r.find(name, func(hash, owner, next string) bool {
		if owner < next {
			return owner < hash && hash < next
		}
		return owner < hash || hash < next
	})
}

func (r *reference) find(name string, fits func(hash, owner, next string) bool) dns.RR {
	hash := dns.HashName(name, dns.SHA1, r.hash.Iterations, r.hash.Salt)
	for _, rr := range r.records {
		if n, ok := rr.(*dns.NSEC3); ok && fits(hash, strings.ToUpper(dns.SplitDomainName(n.Hdr.Name)[0]), n.NextDomain) {
			return rr
		}
	}
	return nil
}
