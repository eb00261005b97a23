package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

const (
	// parentWait is how long a resolver has: a door waits for the answer.
	parentWait = 700 * time.Millisecond
	// parentRest is how long nobody is asked after nobody answered, so that a
	// machine without a resolver does not spend that wait on every new zone. It
	// doubles up to maxParentRest.
	parentRest    = time.Minute
	maxParentRest = time.Hour
)

// reserved are the names for documentation and tests (RFC 2606). Nobody's
// domain is there, and some of them are signed: a first trial with
// example.com is not to be taken for somebody else's zone.
var reserved = [...]zone.Name{"example.", "test.", "invalid.", "localhost.", "example.com.", "example.net.", "example.org."}

// Parents asks resolvers what the parents of zones say. It is safe for
// concurrent use.
type Parents struct {
	resolvers []netip.AddrPort
	now       func() time.Time
	port      uint16 // of the nameservers of parents

	mu    sync.Mutex    // owns what follows
	until time.Time     // nobody is asked
	rest  time.Duration // how long the last rest was; 0 after an answer
}

// NewParents asks these resolvers, in their order; now is time.Now if nil.
func NewParents(resolvers []netip.AddrPort, now func() time.Time) *Parents {
	if now == nil {
		now = time.Now
	}
	return &Parents{resolvers: resolvers, now: now, port: 53}
}

// SystemResolvers returns those that resolv.conf(5) names.
func SystemResolvers(file string) (all []netip.AddrPort, err error) {
	config, err := dns.ClientConfigFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading which resolvers there are: %w", err)
	}
	for _, server := range config.Servers {
		if addr, err := netip.ParseAddr(server); err == nil {
			all = append(all, netip.AddrPortFrom(addr, 53))
		}
	}
	return all, nil
}

// HasDS reports whether the parent of a zone has a DS for it. What cannot be
// seen, since no resolver answers or what it says is no answer, is false: a
// hoster's zones must not wait for somebody else's server.
func (p *Parents) HasDS(ctx context.Context, name zone.Name) bool {
	if name == zone.Root || isReserved(name) || p.resting() {
		return false
	}
	heard := false
	for _, resolver := range p.resolvers {
		answer, err := p.ask(ctx, resolver, name, dns.TypeDS)
		if err != nil {
			continue
		}
		heard = true
		p.getUp()
		if answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError {
			continue
		}
		for _, rr := range answer.Answer {
			if ds, ok := rr.(*dns.DS); ok && zone.Name(ds.Hdr.Name).Equal(name) {
				return true
			}
		}
		return false
	}
	if !heard && ctx.Err() == nil {
		p.lieDown()
	}
	return false
}

func isReserved(name zone.Name) bool {
	return slices.ContainsFunc(reserved[:], name.IsSubdomainOf)
}

func (p *Parents) ask(ctx context.Context, resolver netip.AddrPort, name zone.Name, of uint16) (*dns.Msg, error) {
	q := new(dns.Msg)
	q.SetQuestion(string(name), of)
	// A delegation that is broken already has its DS all the same.
	q.CheckingDisabled = true
	return exchange(ctx, parentWait, resolver, q)
}

// exchange asks a question over UDP and, where the answer does not fit, TCP.
// Each of the two may take as long as wait.
func exchange(ctx context.Context, wait time.Duration, server netip.AddrPort, q *dns.Msg) (*dns.Msg, error) {
	if q.IsEdns0() == nil {
		q.SetEdns0(udpSize, false)
	}
	udp := &dns.Client{Timeout: wait}
	answer, _, err := udp.ExchangeContext(ctx, q, server.String())
	if err == nil && answer.Truncated {
		tcp := &dns.Client{Net: "tcp", Timeout: wait, Dialer: &net.Dialer{Timeout: wait}}
		answer, _, err = tcp.ExchangeContext(ctx, q, server.String())
	}
	return answer, err
}

func (p *Parents) resting() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.resolvers) == 0 || p.now().Before(p.until)
}

func (p *Parents) lieDown() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = min(max(2*p.rest, parentRest), maxParentRest)
	p.until = p.now().Add(p.rest)
}

func (p *Parents) getUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = 0
}
