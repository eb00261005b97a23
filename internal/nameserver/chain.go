package nameserver

import (
	"iter"
	"slices"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/nameserver/block"
	"github.com/skein-dns/skein/zone"
)

const (
	typeNSEC3      = zone.Type(dns.TypeNSEC3)
	typeNSEC3PARAM = zone.Type(dns.TypeNSEC3PARAM)

	// maxIterations bounds what one answer may cost. RFC 5155 section 10.3
	// allows no more; RFC 9276 wants none at all.
	maxIterations = 2500
)

// chain is the records of a signed zone that deny existence, apart from all
// others: a copy of that part of the zone in its own order, so that the record
// before a name is found at once, however many names lie between.
type chain struct {
	kind    chainKind
	params  block.Hash  // of byHash
	records interface { // as contents of their own, or a block's
		Origin() zone.Name
		NodeAtOrBefore(key string) (zone.Node, bool)
	}
}

type chainKind int

const (
	unsigned = chainKind(0)
	byName   = chainKind(block.ByName) // NSEC (RFC 4034)
	byHash   = chainKind(block.ByHash) // NSEC3 (RFC 5155)
)

// newChain gathers the chain of contents with an apex.
func newChain(c zone.Contents, apex zone.Node) chain {
	n := chainOf(apex)
	if n.kind == unsigned {
		return n
	}
	records, err := zone.NewContents(c.Origin(), n.parts(c.All()))
	if err != nil {
		return chain{}
	}
	n.records = records
	return n
}

// chainOf says from the apex which chain there is. Of several NSEC3PARAM
// records the first that we can use counts.
func chainOf(apex zone.Node) chain {
	if set, ok := apex.Get(typeNSEC3PARAM); ok {
		for _, d := range set.Data {
			if p, ok := parseHashParams(d); ok && d[1] == 0 {
				return chain{kind: byHash, params: p}
			}
		}
	}
	if _, ok := apex.Get(zone.TypeNSEC); ok {
		return chain{kind: byName}
	}
	return chain{}
}

// parseHashParams reads how names are hashed. The data of NSEC3PARAM and that
// of NSEC3 begin with it, but for the flags.
func parseHashParams(d zone.Rdata) (p block.Hash, ok bool) {
	if len(d) < 5 || d[0] != dns.SHA1 || len(d) < 5+int(d[4]) {
		return p, false
	}
	p = block.Hash{Iterations: uint16(d[2])<<8 | uint16(d[3]), Salt: string(d[5 : 5+int(d[4])])}
	return p, p.Iterations <= maxIterations
}

// parts returns what of some sets belongs to the chain.
func (n chain) parts(sets iter.Seq[zone.RRset]) (parts []zone.RRset) {
	for s := range sets {
		switch {
		case n.kind == byName && s.Type == zone.TypeNSEC:
			parts = append(parts, s)
		case n.kind == byHash && s.Type == typeNSEC3:
			s.Data = slices.DeleteFunc(slices.Clone(s.Data), func(d zone.Rdata) bool {
				p, ok := parseHashParams(d)
				return !ok || p != n.params
			})
			if len(s.Data) > 0 {
				parts = append(parts, s)
			}
		}
	}
	return parts
}

// follow returns the chain of the contents that a change led to. Its cost
// follows the change, unless the zone got another kind of chain.
func (n chain) follow(c zone.Contents, apex zone.Node, change zone.Delta) chain {
	before, ok := n.records.(zone.Contents)
	if now := chainOf(apex); now.kind != n.kind || now.params != n.params || n.kind != unsigned && !ok {
		return newChain(c, apex)
	}
	d := zone.Delta{Del: n.parts(slices.Values(change.Del)), Add: n.parts(slices.Values(change.Add))}
	if d.IsZero() {
		return n
	}
	records, err := before.Apply(d)
	if err != nil {
		return newChain(c, apex)
	}
	n.records = records
	return n
}

// at returns the record at a place in the chain, or the one that covers it;
// exact tells which. ok is false if the chain is empty.
func (n chain) at(key string) (node zone.Node, exact, ok bool) {
	node, ok = n.records.NodeAtOrBefore(key)
	if !ok { // it is a ring
		node, ok = n.records.NodeAtOrBefore(n.records.Origin().Key() + "\xff")
	}
	return node, ok && node.Key == key, ok
}

// hashKey returns the key of the NSEC3 owner for the name with a key.
func (n chain) hashKey(key string) string {
	label := n.params.Of(wireOfKey(key))
	return n.records.Origin().Key() + string(label[:]) + "\x00"
}

// wireOfKey returns the canonical wire form of the name with a key: the way
// back from zone.AppendKey.
func wireOfKey(key string) []byte {
	return appendWireOfKey(make([]byte, 0, maxName), key) // on the caller's stack, where it stays there
}

func appendWireOfKey(wire []byte, key string) []byte {
	for end := len(key); end > 0; {
		start := ancestorEnd(key, end)
		size := len(wire)
		wire = append(wire, 0)
		for i := start; i < end-1; i++ {
			c := key[i]
			if c == 1 {
				i++
				c = key[i] - 1
			}
			wire = append(wire, c)
		}
		wire[size] = byte(len(wire) - size - 1)
		end = start
	}
	return append(wire, 0)
}
