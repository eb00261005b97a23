package nameserver

import (
	"github.com/skein-dns/skein/zone"
)

// refer answers with a delegation: its NS set, what is known of its security
// (RFC 4035 section 3.1.4), and glue.
func (l *lookup) refer(cut zone.Node) {
	if len(l.answers) == 0 {
		l.authoritative = false
	}
	ns, _ := cut.Get(zone.TypeNS)
	l.authority = append(l.authority, signedSet{RRset: ns}) // the child signs it
	if l.dnssec {
		if ds, ok := cut.Get(zone.TypeDS); ok {
			l.authority = append(l.authority, l.signed(cut, ds))
		} else {
			l.denyType(cut.Key)
		}
	}
	// First the addresses that nobody else can tell: without them the answer
	// is of no use, so they are never left out silently (RFC 9471 section 3.1).
	for _, below := range []bool{true, false} {
		for _, d := range ns.Data {
			if target, ok := d.Target(zone.TypeNS); ok && target.IsSubdomainOf(cut.Name) == below {
				l.addresses(target, true)
			}
		}
		if below {
			l.glue = len(l.additional)
		}
	}
}

// addTargets adds the addresses that the answer points to (RFC 1035 section
// 3.3, RFC 2782, RFC 9460 section 4.1).
func (l *lookup) addTargets() {
	for _, s := range l.answers {
		switch s.Type {
		case zone.TypeNS, zone.TypeMX, zone.TypeSRV:
			for _, d := range s.Data {
				if target, ok := d.Target(s.Type); ok {
					l.addresses(target, s.Type == zone.TypeNS)
				}
			}
		case typeSVCB, typeHTTPS:
			l.services(s, 0)
		}
	}
}

// services adds what SVCB or HTTPS records point to: in service mode
// addresses, in alias mode the alias's own records and on from there.
func (l *lookup) services(s signedSet, depth int) {
	for _, d := range s.Data {
		if len(d) < 3 {
			continue
		}
		end := nameEnd([]byte(d), 2, false)
		if end < 0 {
			continue
		}
		target, ok := nameOf([]byte(d[2:end]))
		alias := d[0] == 0 && d[1] == 0
		switch {
		case !ok || alias && target == zone.Root: // no such service
			continue
		case target == zone.Root:
			target = s.Name
		}
		l.addresses(target, false)
		if next, ok := l.target(target, s.Type, false); alias && ok && depth < maxChain && l.add(next) {
			l.services(next, depth+1)
		}
	}
}

// addresses adds A and AAAA sets of a name. What is not glue is a courtesy,
// and a set of a thousand names does not get it a thousand times.
func (l *lookup) addresses(name zone.Name, glue bool) {
	if l.sought++; l.sought > maxSought && !glue {
		return
	}
	p, ok := l.reach(name, zone.TypeA, glue)
	if !ok {
		return
	}
	for _, t := range []zone.Type{zone.TypeA, zone.TypeAAAA} {
		if s, ok := l.at(p, name, t); ok {
			l.add(s)
		}
	}
}

// add puts a set into the additional section unless the answer has it.
func (l *lookup) add(s signedSet) bool {
	if l.hasAdded(s) {
		return false
	}
	l.additional = append(l.additional, s)
	return true
}

// hasAdded reports whether a set stands in answer or additional section; if not,
// it is about to.
func (l *lookup) hasAdded(s signedSet) bool {
	const few = 8
	if l.added == nil && len(l.answers)+len(l.additional) < few {
		return has(l.answers, s.Name, s.Type) || has(l.additional, s.Name, s.Type)
	}
	if l.added == nil {
		l.added = make(map[setKey]bool, 4*few)
		for _, sets := range [][]signedSet{l.answers, l.additional} {
			for _, a := range sets {
				l.added[setKey{a.Name.Canonical(), a.Type}] = true
			}
		}
	}
	key := setKey{s.Name.Canonical(), s.Type}
	there := l.added[key]
	l.added[key] = true
	return there
}

// target finds a set that something points to, in this zone only. With glue,
// what lies below a cut will do.
func (l *lookup) target(name zone.Name, t zone.Type, glue bool) (signedSet, bool) {
	p, ok := l.reach(name, t, glue)
	if !ok {
		return signedSet{}, false
	}
	return l.at(p, name, t)
}

// reach returns where something points to, with the node that has the sets.
func (l *lookup) reach(name zone.Name, t zone.Type, glue bool) (p place, ok bool) {
	if !name.IsSubdomainOf(l.contents.Origin()) {
		return p, false
	}
	p = l.locate(name.Key(), t)
	switch {
	case p.kind == here:
	case p.kind == delegated && glue:
		p.node, ok = l.node(p.key)
		return p, ok
	case p.kind == nowhere:
		p.node, ok = l.node(p.wildcard())
		return p, ok
	default:
		return p, false
	}
	return p, true
}

// at takes a set of a name from where that was reached.
func (l *lookup) at(p place, name zone.Name, t zone.Type) (signedSet, bool) {
	s, ok := p.node.Get(t)
	s.Name = name
	if p.kind == delegated {
		return signedSet{RRset: s}, ok
	}
	return l.signed(p.node, s), ok
}
