package control

import (
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// services are the names that cPanel answers at on every domain.
var services = [...]struct {
	name  string
	auto  bool   // by it mail programs find their settings: of AutoConfig and Autodiscover
	dav   string // protocol whose server is found by SRV and TXT records (RFC 6764)
	finds bool   // the host of Autodiscover is found by a SRV record
}{
	{name: "cpanel"}, {name: "whm"}, {name: "webmail"}, {name: "webdisk"},
	{name: "cpcontacts", dav: "carddav"}, {name: "cpcalendars", dav: "caldav"},
	{name: "autoconfig", auto: true}, {name: "autodiscover", auto: true, finds: true},
}

// The ports of cPanel's CalDAV and CardDAV, without and with TLS, and of Autodiscover.
const (
	portDAV          = 2079
	portDAVS         = 2080
	portAutodiscover = 443
)

// serviceTTL is the TTL of SRV and TXT records in seconds; addresses have that
// of the zone's own.
const serviceTTL = 14400

// place is a name that services have in a zone.
type place struct {
	name    zone.Name
	auto    bool         // of AutoConfig and Autodiscover
	address bool         // it has the addresses of the zone's apex,
	sets    []zone.RRset // else these
}

// servicePlaces returns those in a zone that are asked for.
func servicePlaces(in ServiceDomains, settings skein.ClusterSettings, origin zone.Name) (all []place) {
	auto := settings.Autodiscover || in.ForceAutodiscover
	for _, s := range services {
		if in.Subdomain != "" && in.Subdomain != s.name || s.auto && !auto {
			continue
		}
		all = append(all, place{name: zone.Name(s.name) + "." + origin, auto: s.auto, address: true})
		if s.dav != "" && auto {
			all = append(all, davPlace(s.dav, portDAV, origin), davPlace(s.dav+"s", portDAVS, origin))
		}
		if s.finds {
			all = append(all, findPlace(settings.AutodiscoverHost, origin))
		}
	}
	return all
}

func davPlace(protocol string, port uint16, origin zone.Name) place {
	name := zone.Name("_"+protocol+"._tcp.") + origin
	const path = "\x06path=/" // on the host; one string of TXT data
	text := zone.RRset{Name: name, Type: zone.TypeTXT, TTL: serviceTTL, Data: []zone.Rdata{path}}
	return place{name: name, sets: []zone.RRset{srv(name, port, origin), text}}
}

// findPlace is where the host of Autodiscover is named, if there is one.
func findPlace(host, origin zone.Name) place {
	p := place{name: "_autodiscover._tcp." + origin, auto: true}
	if host != "" {
		p.sets = []zone.RRset{srv(p.name, portAutodiscover, host)}
	}
	return p
}

// srv is a SRV record of priority and weight 0.
func srv(name zone.Name, port uint16, target zone.Name) zone.RRset {
	data := target.AppendWire([]byte{0, 0, 0, 0, byte(port >> 8), byte(port)})
	return zone.RRset{Name: name, Type: zone.TypeSRV, TTL: serviceTTL, Data: []zone.Rdata{zone.Rdata(data)}}
}

// serviceEdits works out what is to be done at places in a zone, of which now is
// as much as stands there and at the apex. What others have put there stays,
// and is in the warnings.
func serviceEdits(in ServiceDomains, all []place, now zone.Contents) (edits []Edit, warnings []skein.Problem) {
	var addresses []zone.RRset
	for _, t := range [...]zone.Type{zone.TypeA, zone.TypeAAAA} {
		if set, there := now.Get(now.Origin(), t); there {
			addresses = append(addresses, set)
		}
	}
	if in.Add && len(addresses) == 0 {
		warnings = append(warnings, skein.Problem{Name: string(now.Origin()), Warning: true, Text: fmt.Sprintf("%s has no address that services could be at", now.Origin())})
	}
	for _, p := range all {
		if p.address {
			for _, set := range addresses {
				set.Name = p.name
				p.sets = append(p.sets, set)
			}
		}
		node, _ := now.Node(p.name.Key())
		if !in.Add {
			edits = append(edits, p.removal(node, in.OldHost)...)
			continue
		}
		more, ok := p.addition(node, in)
		edits = append(edits, more...)
		if !ok {
			warnings = append(warnings, skein.Problem{Name: string(p.name), Warning: true, Text: fmt.Sprintf("%s has other records already, which stay", p.name)})
		}
	}
	return edits, warnings
}

// addition returns the edits that put a place's sets in; false if others are there.
func (p place) addition(node zone.Node, in ServiceDomains) (edits []Edit, ok bool) {
	if len(p.sets) == 0 {
		return nil, true
	}
	for _, have := range node.Sets {
		switch want := p.of(have.Type); {
		case have.Type != zone.TypeCNAME && (want == nil || sameData(have, *want)):
		case p.auto && (in.Replace || namesAlone(have, in.OldHost)):
			if want == nil {
				edits = append(edits, Edit{Op: OpDelete, Set: zone.RRset{Name: p.name, Type: have.Type}})
			}
		default:
			return nil, false
		}
	}
	for _, want := range p.sets {
		if have, there := node.Get(want.Type); !there || !sameData(have, want) {
			edits = append(edits, Edit{Op: OpSet, Set: want})
		}
	}
	return edits, true
}

// removal returns the edits that take a place's sets out again: those that hold
// just what addition puts in, or name the old host.
func (p place) removal(node zone.Node, old zone.Name) (edits []Edit) {
	for _, have := range node.Sets {
		if want := p.of(have.Type); want != nil && sameData(have, *want) || p.auto && namesAlone(have, old) {
			edits = append(edits, Edit{Op: OpDelete, Set: zone.RRset{Name: p.name, Type: have.Type}})
		}
	}
	return edits
}

// of returns the set of a type that is to stand at a place; nil if none is.
func (p place) of(t zone.Type) *zone.RRset {
	if i := slices.IndexFunc(p.sets, func(s zone.RRset) bool { return s.Type == t }); i >= 0 {
		return &p.sets[i]
	}
	return nil
}

// sameData reports whether two sets of a name and type hold the same, whatever
// their TTLs.
func sameData(a, b zone.RRset) bool {
	a.TTL = b.TTL
	return a.Equal(b)
}

// namesAlone reports whether a set is of one SRV record, which leads to a host.
func namesAlone(set zone.RRset, host zone.Name) bool {
	if host == "" || set.Type != zone.TypeSRV || len(set.Data) != 1 {
		return false
	}
	target, ok := set.Data[0].Target(set.Type)
	return ok && target.Equal(host)
}
