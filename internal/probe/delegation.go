package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// The bounds of a look at a delegation. A door waits for it, and what others
// answer decides how much there is to ask.
const (
	delegationWait = 4 * time.Second
	maxServers     = 13 // names
	maxAddresses   = 8  // of a name
	maxAsked       = 4  // of the parent's servers
)

// errUnclear: nobody said whom a domain is delegated to.
var errUnclear = errors.New("no nameserver of the parent says whom it is delegated to")

// Delegation returns the nameservers of a domain with their addresses, as its
// parent delegates it: what the domain says of itself may be anything. There
// are none where the parent has no delegation. Who answers nothing is an error.
func (p *Parents) Delegation(ctx context.Context, name zone.Name) (map[zone.Name][]netip.Addr, error) {
	if name == zone.Root || p.resting() {
		return nil, fmt.Errorf("looking for the nameservers of %s: %w", name, errUnclear)
	}
	ctx, cancel := context.WithTimeout(ctx, delegationWait)
	defer cancel()
	servers, err := p.delegation(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("looking for the nameservers of %s: %w", name, err)
	}
	for server, glue := range servers {
		if len(glue) > 0 {
			continue
		}
		if servers[server], err = p.addresses(ctx, server); err != nil {
			return nil, fmt.Errorf("looking for the addresses of %s, a nameserver of %s: %w", server, name, err)
		}
	}
	return servers, nil
}

// delegation asks the parent's nameservers, which the resolvers find.
func (p *Parents) delegation(ctx context.Context, name zone.Name) (map[zone.Name][]netip.Addr, error) {
	parents, err := p.parentServers(ctx, name.Parent())
	if err != nil {
		return nil, err
	}
	asked := 0
	for _, parent := range parents {
		addrs, err := p.addresses(ctx, parent)
		if err != nil {
			continue
		}
		for _, addr := range addrs {
			if asked++; asked > maxAsked {
				return nil, errUnclear
			}
			q := new(dns.Msg)
			q.SetQuestion(string(name), dns.TypeNS)
			q.RecursionDesired = false
			answer, err := exchange(ctx, parentWait, netip.AddrPortFrom(addr, p.port), q)
			if err != nil {
				continue
			}
			if servers, clear := delegatedIn(answer, name); clear {
				return servers, nil
			}
		}
	}
	return nil, errUnclear
}

// parentServers returns the names of the nameservers of the zone that a name
// is in, or is the apex of.
func (p *Parents) parentServers(ctx context.Context, name zone.Name) (names []zone.Name, err error) {
	for range 2 { // a name inside a zone is answered with the zone's apex
		answer, err := p.resolve(ctx, name, dns.TypeNS)
		if err != nil {
			return nil, err
		}
		apex := zone.Name("")
		for _, rr := range answer.Answer {
			if ns, ok := rr.(*dns.NS); ok && zone.Name(ns.Hdr.Name).Equal(name) && len(names) < maxServers {
				names = append(names, zone.Name(ns.Ns))
			}
		}
		for _, rr := range answer.Ns {
			if soa, ok := rr.(*dns.SOA); ok {
				apex = zone.Name(soa.Hdr.Name)
			}
		}
		if len(names) > 0 || apex == "" || !name.IsSubdomainOf(apex) || name.Equal(apex) {
			break
		}
		name = apex
	}
	if len(names) == 0 {
		return nil, errUnclear
	}
	return names, nil
}

// delegatedIn reads whom an answer of a parent's nameserver delegates a name
// to, with the addresses that it has inside the name. Clear says that the
// answer is one: a referral, or that there is no such delegation.
func delegatedIn(answer *dns.Msg, name zone.Name) (servers map[zone.Name][]netip.Addr, clear bool) {
	servers = map[zone.Name][]netip.Addr{}
	for _, section := range [][]dns.RR{answer.Answer, answer.Ns} { // one that is the child's, too, answers
		for _, rr := range section {
			if ns, ok := rr.(*dns.NS); ok && zone.Name(ns.Hdr.Name).Equal(name) && len(servers) < maxServers {
				servers[zone.Name(ns.Ns).Canonical()] = nil
			}
		}
	}
	for _, rr := range answer.Extra {
		server := zone.Name(rr.Header().Name).Canonical()
		if glue, is := servers[server]; is && server.IsSubdomainOf(name) && len(glue) < maxAddresses {
			servers[server] = append(glue, addressIn(rr)...)
		}
	}
	known := answer.Rcode == dns.RcodeSuccess || answer.Rcode == dns.RcodeNameError
	return servers, known && (len(servers) > 0 || answer.Authoritative)
}

// addresses asks for those of a host; it may have none.
func (p *Parents) addresses(ctx context.Context, host zone.Name) (found []netip.Addr, err error) {
	for _, of := range [...]uint16{dns.TypeA, dns.TypeAAAA} {
		answer, err := p.resolve(ctx, host, of)
		if err != nil {
			return nil, err
		}
		for _, rr := range answer.Answer { // behind a CNAME, too
			if len(found) < maxAddresses {
				found = append(found, addressIn(rr)...)
			}
		}
	}
	return found, nil
}

// addressIn returns the address of an A or AAAA record, none of others.
func addressIn(rr dns.RR) []netip.Addr {
	var raw []byte
	switch rr := rr.(type) {
	case *dns.A:
		raw = rr.A
	case *dns.AAAA:
		raw = rr.AAAA
	}
	if addr, ok := netip.AddrFromSlice(raw); ok {
		return []netip.Addr{addr.Unmap()}
	}
	return nil
}

// resolve returns the first answer of a resolver that is one.
func (p *Parents) resolve(ctx context.Context, name zone.Name, of uint16) (*dns.Msg, error) {
	heard := false
	for _, resolver := range p.resolvers {
		answer, err := p.ask(ctx, resolver, name, of)
		if err != nil {
			continue
		}
		heard = true
		p.getUp()
		if answer.Rcode == dns.RcodeSuccess || answer.Rcode == dns.RcodeNameError {
			return answer, nil
		}
	}
	if !heard && ctx.Err() == nil {
		p.lieDown()
	}
	return nil, errors.New("no resolver answers")
}
