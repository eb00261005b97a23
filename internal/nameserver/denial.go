package nameserver

import "github.com/skein-dns/skein/zone"

// What follows adds to the authority section the records that prove a
// negative answer, or that a wildcard applies (RFC 4035 section 3.1.3, RFC
// 5155 section 7.2). In an unsigned zone, and unless DO is set, it adds nothing.

// denyType proves that a name has no such type, or none at all.
func (l *lookup) denyType(key string) {
	switch {
	case !l.proves():
	case l.chain.kind == byName:
		l.prove(key)
	case !l.matchHash(key):
		// Only under opt-out may an existing name have no record of its own
		// (RFC 5155 sections 7.2.4 and 7.2.7).
		l.closestProvable(key, ancestorEnd(key, len(key)))
	}
}

// denyName proves that a name does not exist, nor a wildcard for it.
func (l *lookup) denyName(p place) {
	switch {
	case !l.proves():
	case l.chain.kind == byName:
		l.prove(p.key)
		l.prove(p.wildcard())
	default:
		// The wildcard that counts is at the encloser that is proven.
		p.encloser = l.closestProvable(p.key, p.encloser)
		l.proveHash(p.wildcard())
	}
}

// denyWildcardType proves that a name does not exist, and that the wildcard
// for it has no such type. The same records are looked for: where denyName
// finds one that covers the wildcard, this finds the wildcard's own.
func (l *lookup) denyWildcardType(p place) { l.denyName(p) }

// denyCloser proves that nothing is closer to a name than the wildcard that it
// was answered from.
func (l *lookup) denyCloser(p place) {
	switch {
	case !l.proves():
	case l.chain.kind == byName:
		l.prove(p.key)
	default: // the encloser follows from the signature (RFC 5155 section 7.2.6)
		l.proveHash(p.key[:nextEnd(p.key, p.encloser)])
	}
}

func (l *lookup) proves() bool { return l.dnssec && l.chain.kind != unsigned }

// prove adds the NSEC record at a key, or the one that covers it.
func (l *lookup) prove(key string) {
	if node, _, ok := l.chain.at(key); ok {
		l.addProof(node)
	}
}

// proveHash adds the NSEC3 record of a name, or the one that covers it.
func (l *lookup) proveHash(key string) { l.prove(l.chain.hashKey(key)) }

// matchHash adds the NSEC3 record of a name if it has one.
func (l *lookup) matchHash(key string) bool {
	node, exact, _ := l.chain.at(l.chain.hashKey(key))
	if exact {
		l.addProof(node)
	}
	return exact
}

// closestProvable adds the closest encloser proof (RFC 5155 section 7.2.1):
// the record of the longest ancestor that has one, from encloser upward, and
// the one that covers the next closer name. It returns that ancestor's end.
func (l *lookup) closestProvable(key string, encloser int) int {
	end := max(encloser, len(l.apex))
	for !l.matchHash(key[:end]) && end > len(l.apex) {
		end = ancestorEnd(key, end)
	}
	if end < len(key) {
		l.proveHash(key[:nextEnd(key, end)])
	}
	return end
}

// addProof adds the denying record of a node in the chain, signed, once.
func (l *lookup) addProof(node zone.Node) {
	set := node.Sets[0]
	if has(l.authority, set.Name, set.Type) {
		return
	}
	whole, _ := l.contents.Node(node.Key)
	l.authority = append(l.authority, l.signed(whole, set))
}
