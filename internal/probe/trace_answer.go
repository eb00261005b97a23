package probe

import (
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// saying is what a server of one zone says of a name in it.
type saying struct {
	outcome     skein.TraceOutcome
	child       zone.Name   // the zone below that it leads to; "" if it does not
	nameservers []zone.Name // of that, or of the name itself, in order
	glue        map[zone.Name][]netip.Addr
	reason      string
}

// sayingOf reads an answer to the question for the NS records of a name, of a
// server that is named for the zone at.
func sayingOf(m *dns.Msg, at, name zone.Name) saying {
	if !m.Response || m.Opcode != dns.OpcodeQuery || len(m.Question) != 1 || m.Question[0].Qtype != dns.TypeNS || !zone.Name(m.Question[0].Name).Equal(name) {
		return saying{outcome: skein.TraceLame, reason: "what came back answers another question"}
	}
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return saying{outcome: skein.TraceLame, reason: "it answers " + rcodeText(m.Rcode)}
	}
	if own := nameserversOf(m.Answer, name); m.Authoritative && len(own) > 0 {
		s := saying{outcome: skein.TraceAnswers, nameservers: own, glue: addressesBeside(m.Extra, at, own)}
		if !name.Equal(at) {
			s.child = name
		}
		return s
	}
	for _, rr := range slices.Concat(m.Ns, m.Answer) {
		owner := zone.Name(rr.Header().Name)
		if !name.IsSubdomainOf(owner) {
			continue
		}
		below := owner.IsSubdomainOf(at) && !owner.Equal(at)
		switch rr.(type) {
		case *dns.NS:
			if !m.Authoritative && below {
				to := nameserversOf(slices.Concat(m.Ns, m.Answer), owner)
				return saying{outcome: skein.TraceRefers, child: owner.Canonical(), nameservers: to, glue: addressesBeside(m.Extra, at, to)}
			}
		case *dns.SOA:
			switch {
			case !m.Authoritative:
			case below && !owner.Equal(name): // it has a zone in between, too
				return saying{outcome: skein.TraceAnswers, child: owner.Canonical()}
			case owner.Equal(at) && !name.Equal(at):
				return saying{outcome: skein.TraceNoName, reason: "it has no delegation for " + string(name)}
			}
		}
	}
	switch {
	case m.Authoritative:
		return saying{outcome: skein.TraceLame, reason: "it has no NS records of the zone"}
	case len(m.Ns) > 0:
		return saying{outcome: skein.TraceLame, reason: "it refers to others, and not downwards"}
	}
	return saying{outcome: skein.TraceLame, reason: "it answers without authority"}
}

// nameserversOf returns those that NS records of a name lead to, in order.
func nameserversOf(list []dns.RR, name zone.Name) (all []zone.Name) {
	for _, rr := range list {
		if ns, ok := rr.(*dns.NS); ok && zone.Name(ns.Hdr.Name).Equal(name) && len(all) < maxServers {
			all = append(all, zone.Name(ns.Ns).Canonical())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// addressesBeside returns the addresses of nameservers that a server of the
// zone at may speak of.
func addressesBeside(extra []dns.RR, at zone.Name, of []zone.Name) map[zone.Name][]netip.Addr {
	found := map[zone.Name][]netip.Addr{}
	for _, rr := range extra {
		name := zone.Name(rr.Header().Name).Canonical()
		if addrs := found[name]; slices.Contains(of, name) && name.IsSubdomainOf(at) && len(addrs) < maxAddresses {
			if a := addressIn(rr); a != nil {
				found[name] = append(addrs, a...)
			}
		}
	}
	return found
}
