package nameserver

import "github.com/skein-dns/skein/zone"

// signed joins a set of a node with its signatures.
func (q question) signed(node zone.Node, s zone.RRset) signedSet {
	if !q.dnssec {
		return signedSet{RRset: s}
	}
	return signedSet{s, signatures(node, s.Type)}
}

// signatures returns the data of a node's RRSIG records that cover a type.
func signatures(node zone.Node, t zone.Type) []zone.Rdata {
	all, ok := node.Get(zone.TypeRRSIG)
	if !ok {
		return nil
	}
	var sigs []zone.Rdata
	for _, d := range all.Data {
		if covered(d) == t {
			sigs = append(sigs, d)
		}
	}
	return sigs
}

// covered returns the type that a signature covers; 0 if it is malformed.
func covered(rrsig zone.Rdata) zone.Type {
	if len(rrsig) < 2 {
		return 0
	}
	return zone.Type(uint16(rrsig[0])<<8 | uint16(rrsig[1]))
}

// withTTLs returns a set of a node as a transfer sends it: each signature with
// the TTL of the set that it covers (RFC 4034 section 3), of which a zone file
// or a transfer in may have kept only one for all.
func withTTLs(node zone.Node, s zone.RRset) []zone.RRset {
	if s.Type != zone.TypeRRSIG {
		return []zone.RRset{s}
	}
	var parts []zone.RRset
	for _, d := range s.Data {
		ttl := s.TTL
		if set, ok := node.Get(covered(d)); ok {
			ttl = set.TTL
		}
		if n := len(parts); n > 0 && parts[n-1].TTL == ttl {
			parts[n-1].Data = append(parts[n-1].Data, d)
			continue
		}
		parts = append(parts, zone.RRset{Name: s.Name, Type: s.Type, TTL: ttl, Data: []zone.Rdata{d}})
	}
	return parts
}

// resigned replaces the signatures in a change by all signatures of the names
// it touches, before and after, as a transfer sends them. What is in both is
// no change.
func resigned(change zone.Delta, before, after zone.Contents) zone.Delta {
	var d zone.Delta
	touched := map[string]bool{}
	split := func(to, sets []zone.RRset) []zone.RRset {
		for _, s := range sets {
			touched[s.Name.Key()] = true
			if s.Type != zone.TypeRRSIG {
				to = append(to, s)
			}
		}
		return to
	}
	d.Del, d.Add = split(d.Del, change.Del), split(d.Add, change.Add)
	for key := range touched {
		for _, side := range []struct {
			contents zone.Contents
			sets     *[]zone.RRset
		}{{before, &d.Del}, {after, &d.Add}} {
			if node, ok := side.contents.Node(key); ok {
				if s, ok := node.Get(zone.TypeRRSIG); ok {
					*side.sets = append(*side.sets, withTTLs(node, s)...)
				}
			}
		}
	}
	return d
}
