package nameserver

import (
	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

const (
	typeANY   = zone.Type(dns.TypeANY)
	typeSVCB  = zone.Type(dns.TypeSVCB)
	typeHTTPS = zone.Type(dns.TypeHTTPS)

	// maxChain bounds the CNAME and DNAME steps of one answer.
	maxChain = 16
	// maxSought bounds the names whose addresses are looked for.
	maxSought = 100
)

// lookup is the work on one question.
type lookup struct {
	*view
	question
	answer
	sought int             // names whose addresses were looked for
	added  map[setKey]bool // what stands in answer and additional section, once that is much

	led led

	few struct { // where most answers lie
		answers, authority [2]signedSet
	}
}

// led is where an alias led. It stays for the next question of one view: often
// that is for another type at the same alias.
type led struct {
	by  zone.Rdata
	to  zone.Name
	ok  bool
	at  place // to, for all types but DS
	has bool  // at is known
}

type setKey struct {
	name zone.Name // canonical
	t    zone.Type
}

// lookup answers a question from one view (RFC 1034 section 4.3.2, RFC 4592,
// RFC 6672, RFC 4035 section 3.1). It never leaves the zone: another tenant's
// data must not enter.
func (v *view) lookup(q question) answer { return new(lookup).of(v, q) }

// of answers a question from a view. The answer is good until it is used again.
func (l *lookup) of(v *view, q question) answer {
	return l.from(v, q, v.locate(q.name.Key(), q.qtype))
}

// from is of, where it is known where the name falls.
func (l *lookup) from(v *view, q question, p place) answer {
	l.begin(v, q)
	var few [4]zone.Name
	asked := append(few[:0], q.name)
	for name := q.name; ; p = l.reached(name) {
		var again bool
		name, again = l.step(name, p)
		if !again || len(asked) > maxChain || !name.IsSubdomainOf(v.contents.Origin()) || contains(asked, name) {
			break
		}
		asked = append(asked, name)
	}
	l.addTargets()
	return l.answer
}

func (l *lookup) begin(v *view, q question) {
	l.view, l.question = v, q
	l.answer = answer{authoritative: true, answers: l.few.answers[:0], authority: l.few.authority[:0]}
	l.sought, l.added = 0, nil
}

// nothing is the answer that there is nothing, without what proves it.
func (l *lookup) nothing(v *view, q question) answer {
	l.begin(v, q)
	l.negativeAnswer(dns.RcodeSuccess)
	return l.answer
}

func contains(names []zone.Name, name zone.Name) bool {
	for _, n := range names {
		if n.Equal(name) {
			return true
		}
	}
	return false
}

// step answers for one name. It returns where to go on after a CNAME or DNAME.
func (l *lookup) step(name zone.Name, p place) (next zone.Name, again bool) {
	switch p.kind {
	case delegated:
		l.refer(p.node)
	case renamed:
		return l.rename(name, p.node)
	case here:
		next, again, ok := l.found(name, p.node)
		if !ok {
			l.negativeAnswer(dns.RcodeSuccess)
			l.denyType(p.key)
		}
		return next, again
	case empty:
		l.negativeAnswer(dns.RcodeSuccess)
		l.denyType(p.key)
	default:
		return l.missing(name, p)
	}
	return "", false
}

// missing answers for a name that is not there: from a wildcard, or not at all.
func (l *lookup) missing(name zone.Name, p place) (next zone.Name, again bool) {
	wild, ok := l.node(p.wildcard())
	switch {
	case ok:
		if next, again, ok = l.found(name, wild); ok {
			l.denyCloser(p)
			return next, again
		}
		fallthrough
	case l.contents.HasBelow(p.wildcard()): // an empty non-terminal
		l.negativeAnswer(dns.RcodeSuccess)
		l.denyWildcardType(p)
	default:
		l.negativeAnswer(dns.RcodeNameError)
		l.denyName(p)
	}
	return "", false
}

// found answers from a node, which is name's own or a wildcard; ok is false if
// it has nothing of the type.
func (l *lookup) found(name zone.Name, node zone.Node) (next zone.Name, again, ok bool) {
	if l.qtype == typeANY {
		return "", false, l.any(name, node)
	}
	cname, isAlias := node.Get(zone.TypeCNAME)
	set, ok := node.Get(l.qtype)
	switch {
	case ok && l.qtype == zone.TypeRRSIG:
		l.signaturesOf(name, node)
		return "", false, true
	case ok && (!isAlias || beside(l.qtype)):
		l.own(name, node, set)
		return "", false, true
	case isAlias && !beside(l.qtype):
		l.own(name, node, cname)
		next, again = l.follow(cname.Data[0])
		return next, again, true
	}
	return "", false, false
}

// follow returns the name that an alias is for.
func (l *lookup) follow(alias zone.Rdata) (to zone.Name, ok bool) {
	if l.led.by != alias {
		l.led = led{by: alias}
		l.led.to, l.led.ok = alias.Target(zone.TypeCNAME)
	}
	return l.led.to, l.led.ok
}

// reached returns where the name falls that the work goes on at.
func (l *lookup) reached(name zone.Name) place {
	if name != l.led.to || l.qtype == zone.TypeDS { // that of a DNAME
		return l.locate(name.Key(), l.qtype)
	}
	if !l.led.has {
		l.led.at, l.led.has = l.locate(name.Key(), l.qtype), true
	}
	return l.led.at
}

// beside says whether a type stands beside an alias and not behind it (RFC
// 4035 section 2.5).
func beside(t zone.Type) bool {
	return t == zone.TypeCNAME || t == zone.TypeRRSIG || t == zone.TypeNSEC
}

// own puts a set into the answer under the name that was asked for, which
// differs from the node's if that is a wildcard.
func (l *lookup) own(name zone.Name, node zone.Node, s zone.RRset) {
	s.Name = name
	l.put(node, s)
}

// put puts a set into the answer unless the way here led past it.
func (l *lookup) put(node zone.Node, s zone.RRset) {
	if !has(l.answers, s.Name, s.Type) {
		l.answers = append(l.answers, l.signed(node, s))
	}
}

// any answers ANY with one set, which is not of those that only DNSSEC needs
// if there is another, or with all of them and all signatures.
func (l *lookup) any(name zone.Name, node zone.Node) bool {
	one := -1
	for i, s := range node.Sets {
		proof := s.Type == zone.TypeRRSIG || s.Type == zone.TypeNSEC || s.Type == typeNSEC3
		switch {
		case l.full && s.Type != zone.TypeRRSIG:
			s.Name = name
			l.answers = append(l.answers, signedSet{s, signatures(node, s.Type)})
		case l.full:
		case !proof:
			l.own(name, node, s)
			return true
		case one < 0:
			one = i
		}
	}
	if one >= 0 {
		l.own(name, node, node.Sets[one])
	}
	return len(l.answers) > 0
}

// signaturesOf puts a node's RRSIG records into the answer, each with the TTL
// of the set that it covers.
func (l *lookup) signaturesOf(name zone.Name, node zone.Node) {
	put := func(ttl uint32, sigs []zone.Rdata) {
		if len(sigs) > 0 {
			l.answers = append(l.answers, signedSet{RRset: zone.RRset{Name: name, Type: zone.TypeRRSIG, TTL: ttl, Data: sigs}})
		}
	}
	for _, s := range node.Sets {
		if !l.dnssec || !has(l.answers, name, s.Type) { // there it has them already
			put(s.TTL, signatures(node, s.Type))
		}
	}
	all, _ := node.Get(zone.TypeRRSIG)
	var strays []zone.Rdata // what they cover is not there
	for _, d := range all.Data {
		if _, ok := node.Get(covered(d)); !ok {
			strays = append(strays, d)
		}
	}
	put(all.TTL, strays)
}

// rename adds a DNAME and the CNAME made of it (RFC 6672 section 3.1).
func (l *lookup) rename(name zone.Name, node zone.Node) (next zone.Name, again bool) {
	d, _ := node.Get(zone.TypeDNAME)
	l.put(node, d)
	target, ok := d.Data[0].Target(zone.TypeDNAME)
	if !ok {
		l.rcode, l.authoritative, l.reason = dns.RcodeServerFailure, false, causeInvalidData
		return "", false
	}
	wire := name.AppendWire(nil)
	wire = target.AppendWire(wire[:len(wire)-len(d.Name.AppendWire(nil))])
	if next, ok = nameOf(wire); !ok {
		l.rcode = dns.RcodeYXDomain
		return "", false
	}
	cname := zone.RRset{Name: name, Type: zone.TypeCNAME, TTL: d.TTL, Data: []zone.Rdata{zone.Rdata(wire)}}
	l.answers = append(l.answers, signedSet{RRset: cname})
	return next, l.qtype != zone.TypeCNAME
}

// nameOf reads a wire name; ok is false if it is too long.
func nameOf(wire []byte) (name zone.Name, ok bool) {
	if len(wire) > maxName {
		return "", false
	}
	name, err := zone.NameFromWire(wire)
	return name, err == nil
}

// negativeAnswer adds the SOA that says how long the answer holds (RFC 2308 section 3).
func (l *lookup) negativeAnswer(rcode int) {
	l.rcode = rcode
	apex, _ := l.contents.Node(l.apex)
	soa, _ := apex.Get(zone.TypeSOA)
	if _, minimum, ok := soaNumbers(soa); ok {
		soa.TTL = min(soa.TTL, minimum)
	}
	l.authority = append(l.authority, l.signed(apex, soa))
}
