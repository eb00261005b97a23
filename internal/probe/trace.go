package probe

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// The bounds of a trace: what others answer decides how much there is to ask.
const (
	traceTime  = 20 * time.Second
	traceWait  = 2 * time.Second // of a question, twice
	traceSteps = 16
	// On the way a few addresses of each family are enough: one that answers
	// leads on. Those of the zone itself are all asked.
	fewAddresses = 3
	allAddresses = 2 * maxServers
)

// Tracer follows delegations from the root down, as a resolver does that
// remembers nothing. It is safe for concurrent use.
type Tracer struct {
	// Roots are asked first; nil: the root servers of the Internet. All servers
	// below are asked at the port of the first one.
	Roots []netip.AddrPort
	// Parents finds the addresses of nameservers that come without.
	Parents *Parents
}

// Trace goes down to a zone. Addresses that may refuses are not asked, those
// of the root always. Held are the nameservers that the zone names here.
func (t Tracer) Trace(ctx context.Context, name zone.Name, held []zone.Name, may func(netip.Addr) bool) skein.Trace {
	ctx, cancel := context.WithTimeout(ctx, traceTime)
	defer cancel()
	w := &walk{Tracer: t, name: name, port: 53}
	servers := internetRoots()
	if len(t.Roots) > 0 {
		w.port, servers = t.Roots[0].Port(), nil
		for _, root := range t.Roots {
			servers = append(servers, skein.TraceServer{Name: zone.Root, Address: root.Addr()})
		}
	}
	w.down(ctx, servers, may)
	found := skein.Trace{Zone: name, Steps: w.steps}
	found.Faults = faults(found, held, w.hosts)
	return found
}

// walk is one trace on its way.
type walk struct {
	Tracer
	name  zone.Name
	port  uint16
	steps []skein.TraceStep
	hosts []host
}

// host is a nameserver inside the zone, whose address is in two places.
type host struct {
	name       zone.Name
	glue, zone []netip.Addr
}

func (w *walk) down(ctx context.Context, servers []skein.TraceServer, may func(netip.Addr) bool) {
	at := zone.Root
	for range traceSteps {
		step := skein.TraceStep{Zone: at}
		step.Servers, step.Unasked = few(servers, w.name.Equal(at))
		said := w.askAll(ctx, at, step.Servers, func(a netip.Addr) bool { return at == zone.Root || may(a) })
		lead := slices.IndexFunc(said, func(s saying) bool { return s.child != "" })
		if lead < 0 {
			if i := slices.IndexFunc(said, func(s saying) bool { return s.outcome == skein.TraceAnswers }); i >= 0 {
				step.Nameservers = said[i].nameservers
				w.compareHosts(ctx, step.Servers, step.Servers[i].Address)
			}
			w.steps = append(w.steps, step)
			return
		}
		step.Refers, step.Nameservers = said[lead].child, said[lead].nameservers
		w.steps = append(w.steps, step)
		if at = said[lead].child; len(said[lead].nameservers) == 0 { // they have it beside the zone above
			continue
		}
		servers = w.located(ctx, at, said[lead], servers)
	}
}

// few chooses whom to ask, and counts the rest.
func few(servers []skein.TraceServer, all bool) (chosen []skein.TraceServer, unasked int) {
	var of [2]int // families
	for _, s := range servers {
		n := &of[0]
		if s.Address.Is6() {
			n = &of[1]
		}
		if !s.Address.IsValid() || *n < fewAddresses || all && len(chosen) < allAddresses {
			*n++
			chosen = append(chosen, s)
		} else {
			unasked++
		}
	}
	return chosen, unasked
}

// askAll asks servers at once, and writes into them what each says.
func (w *walk) askAll(ctx context.Context, at zone.Name, servers []skein.TraceServer, may func(netip.Addr) bool) []saying {
	said := make([]saying, len(servers))
	var asked errgroup.Group
	for i := range servers {
		s := &servers[i]
		switch {
		case !s.Address.IsValid():
			s.Outcome, s.Reason = skein.TraceNotAsked, "no address is found for it"
			continue
		case !unicast(s.Address) || !may(s.Address):
			s.Outcome, s.Reason = skein.TraceNotAsked, "its address is not one of the public Internet"
			continue
		}
		asked.Go(func() error {
			began := time.Now()
			answer, err := w.ask(ctx, s.Address, w.name, dns.TypeNS)
			switch {
			case err != nil && noRoute(err):
				s.Outcome, s.Reason = skein.TraceNotAsked, "there is no route to it from here"
			case err != nil:
				s.Outcome, s.Reason = skein.TraceSilent, "it does not answer DNS questions"
			default:
				said[i] = sayingOf(answer, at, w.name)
				s.Outcome, s.Nameservers, s.Reason = said[i].outcome, said[i].nameservers, said[i].reason
				s.Code, s.Took = rcodeText(answer.Rcode), time.Since(began)
			}
			return nil
		})
	}
	_ = asked.Wait() // none returns one
	return said
}

// ask puts a question to one address, a second time if nothing comes back.
func (w *walk) ask(ctx context.Context, addr netip.Addr, name zone.Name, of uint16) (answer *dns.Msg, err error) {
	for range 2 {
		q := new(dns.Msg)
		q.SetQuestion(string(name), of)
		q.RecursionDesired = false
		if answer, err = exchange(ctx, traceWait, netip.AddrPortFrom(addr, w.port), q); err == nil || ctx.Err() != nil || noRoute(err) {
			break
		}
	}
	return answer, err
}

// located gives the nameservers of a delegation their addresses: those that
// came along, those of servers that are above as well, else those that
// resolvers find. A name inside the zone that it is a nameserver of is found by
// nobody else.
func (w *walk) located(ctx context.Context, child zone.Name, s saying, above []skein.TraceServer) []skein.TraceServer {
	found := make([][]skein.TraceServer, len(s.nameservers))
	var looking errgroup.Group
	for i, name := range s.nameservers {
		with := func(addrs []netip.Addr, glue bool) {
			for _, addr := range addrs {
				found[i] = append(found[i], skein.TraceServer{Name: name, Address: addr, Glue: glue})
			}
			if len(addrs) == 0 {
				found[i] = []skein.TraceServer{{Name: name}}
			}
		}
		if glue := s.glue[name]; len(glue) > 0 || name.IsSubdomainOf(child) {
			with(glue, true)
			continue
		}
		if known := addressesOf(above, name); len(known) > 0 {
			with(known, false)
			continue
		}
		looking.Go(func() error {
			addrs, _ := w.Parents.addresses(ctx, name) // that there is none is what the fault says
			with(addrs, false)
			return nil
		})
	}
	_ = looking.Wait()
	return slices.Concat(found...)
}

func addressesOf(servers []skein.TraceServer, name zone.Name) (addrs []netip.Addr) {
	for _, s := range servers {
		if s.Name == name && s.Address.IsValid() {
			addrs = append(addrs, s.Address)
		}
	}
	return addrs
}

// compareHosts asks one that has the zone for the addresses of the nameservers
// that are inside it.
func (w *walk) compareHosts(ctx context.Context, servers []skein.TraceServer, at netip.Addr) {
	for _, s := range servers {
		if !s.Glue || !s.Name.IsSubdomainOf(w.name) {
			continue
		}
		if i := slices.IndexFunc(w.hosts, func(h host) bool { return h.name == s.Name }); i >= 0 {
			w.hosts[i].glue = append(w.hosts[i].glue, s.Address)
			continue
		}
		w.hosts = append(w.hosts, host{name: s.Name, glue: []netip.Addr{s.Address}})
	}
	var asked errgroup.Group
	for i := range w.hosts {
		h := &w.hosts[i]
		asked.Go(func() error {
			for _, of := range [...]uint16{dns.TypeA, dns.TypeAAAA} {
				answer, err := w.ask(ctx, at, h.name, of)
				if err != nil || !answer.Authoritative { // of a zone below: others know
					h.zone = h.glue
					return nil
				}
				for _, rr := range answer.Answer {
					if len(h.zone) < maxAddresses && zone.Name(rr.Header().Name).Equal(h.name) {
						h.zone = append(h.zone, addressIn(rr)...)
					}
				}
			}
			return nil
		})
	}
	_ = asked.Wait()
}

// unicast reports whether a packet to an address goes to one machine that is named by it.
func unicast(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && a.Zone() == "" && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

func noRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}
