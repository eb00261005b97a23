package nameserver

import (
	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// answer is what a zone says to a question, as sets; all from one view.
type answer struct {
	rcode                         int
	authoritative                 bool
	answer, authority, additional []zone.RRset
}

const maxChain = 16 // CNAME and DNAME steps within one zone

// lookup answers a question from one view (RFC 1034 section 4.3.2, RFC 4592,
// RFC 6672). It never leaves the zone: another tenant's data must not enter.
func (v *view) lookup(name zone.Name, t zone.Type) answer {
	a := answer{authoritative: true}
	for range maxChain {
		next, again := v.step(&a, name, t)
		if !again || !next.IsSubdomainOf(v.contents.Origin()) {
			break
		}
		name = next
	}
	if a.authoritative {
		v.additional(&a)
	}
	return a
}

// step looks one name up. It returns where to go on after a CNAME or DNAME.
func (v *view) step(a *answer, name zone.Name, t zone.Type) (next zone.Name, again bool) {
	key := name.Key()
	apex := len(v.contents.Origin().Key())
	encloser := apex // end of the closest encloser's key
	for end := apex; end < len(key); {
		node, ok := v.contents.Node(key[:end])
		if ok && end > apex {
			if ns, cut := node.Get(zone.TypeNS); cut {
				v.refer(a, ns)
				return "", false
			}
		}
		if d, is := node.Get(zone.TypeDNAME); ok && is {
			return v.redirect(a, name, d)
		}
		if ok || v.contents.HasBelow(key[:end]) {
			encloser = end
		}
		end = nextEnd(key, end)
	}
	node, ok := v.contents.Node(key)
	if ok && len(key) > apex && t != zone.TypeDS {
		if ns, cut := node.Get(zone.TypeNS); cut {
			v.refer(a, ns)
			return "", false
		}
	}
	switch {
	case ok:
		return v.found(a, node, name, t)
	case v.contents.HasBelow(key):
		v.negative(a, dns.RcodeSuccess) // an empty non-terminal
		return "", false
	}
	if wild, ok := v.contents.Node(key[:encloser] + "*\x00"); ok {
		return v.found(a, wild, name, t)
	}
	v.negative(a, dns.RcodeNameError)
	return "", false
}

// nextEnd returns where the key of the next longer ancestor ends.
func nextEnd(key string, end int) int {
	for end++; end < len(key) && key[end-1] != 0; end++ {
	}
	return end
}

// found answers from a node, which is name's own or a wildcard.
func (v *view) found(a *answer, node zone.Node, name zone.Name, t zone.Type) (next zone.Name, again bool) {
	own := func(s zone.RRset) zone.RRset {
		s.Name = name
		return s
	}
	if c, is := node.Get(zone.TypeCNAME); is && t != zone.TypeCNAME && t != zone.Type(dns.TypeANY) {
		a.answer = append(a.answer, own(c))
		target, ok := c.Data[0].Target(zone.TypeCNAME)
		return target, ok
	}
	if t == zone.Type(dns.TypeANY) && len(node.Sets) > 0 { // one set is enough (RFC 8482)
		a.answer = append(a.answer, own(node.Sets[0]))
		return "", false
	}
	if s, is := node.Get(t); is {
		a.answer = append(a.answer, own(s))
		return "", false
	}
	v.negative(a, dns.RcodeSuccess)
	return "", false
}

// redirect adds a DNAME and the CNAME made of it (RFC 6672 section 3.1).
func (v *view) redirect(a *answer, name zone.Name, d zone.RRset) (next zone.Name, again bool) {
	a.answer = append(a.answer, d)
	target, ok := d.Data[0].Target(zone.TypeDNAME)
	if !ok {
		a.rcode = dns.RcodeServerFailure
		return "", false
	}
	prefix := string(name[:len(name)-len(d.Name)])
	if d.Name == zone.Root {
		prefix = string(name)
	}
	text := prefix + string(target)
	if target == zone.Root {
		text = prefix
	}
	next, err := zone.ParseName(text)
	if err != nil { // too long
		a.rcode = dns.RcodeYXDomain
		return "", false
	}
	a.answer = append(a.answer, zone.RRset{Name: name, Type: zone.TypeCNAME, TTL: d.TTL, Data: []zone.Rdata{zone.Rdata(next.AppendWire(nil))}})
	return next, true
}

// refer answers with a delegation: its NS set, DS if there is one, and glue.
func (v *view) refer(a *answer, ns zone.RRset) {
	if len(a.answer) == 0 {
		a.authoritative = false
	}
	a.authority = append(a.authority, ns)
	for _, d := range ns.Data {
		if target, ok := d.Target(zone.TypeNS); ok {
			v.addresses(a, target)
		}
	}
}

// negative adds the SOA with the TTL of RFC 2308 section 3.
func (v *view) negative(a *answer, rcode int) {
	a.rcode = rcode
	s := v.soa
	if soa, ok := v.contents.SOA(); ok {
		s.TTL = min(s.TTL, soa.Minimum)
		a.authority = append(a.authority, s)
	}
}

// additional adds the addresses that NS, MX and SRV answers point to.
func (v *view) additional(a *answer) {
	for _, s := range a.answer {
		if s.Type != zone.TypeNS && s.Type != zone.TypeMX && s.Type != zone.TypeSRV {
			continue
		}
		for _, d := range s.Data {
			if target, ok := d.Target(s.Type); ok {
				v.addresses(a, target)
			}
		}
	}
}

func (v *view) addresses(a *answer, name zone.Name) {
	if !name.IsSubdomainOf(v.contents.Origin()) {
		return
	}
	for _, t := range []zone.Type{zone.TypeA, zone.TypeAAAA} {
		s, ok := v.contents.Get(name, t)
		if !ok {
			continue
		}
		again := false
		for _, have := range a.additional {
			again = again || have.Type == t && have.Name.Equal(name)
		}
		if !again {
			a.additional = append(a.additional, s)
		}
	}
}
