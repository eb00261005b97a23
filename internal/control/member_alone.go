package control

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const (
	// hostPatience is how long the addresses of members' names are looked for:
	// a person waits for it, and a name that nobody knows is no mistake.
	hostPatience = 3 * time.Second
	hostsAtOnce  = 16
)

// hosts are the addresses that names of members lead to, where they do.
type hosts map[string][]netip.Addr

// hosts looks up the names of a described member and of those that there are.
func (c *Control) hosts(ctx context.Context, in NewMember) (hosts, error) {
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return nil, err
	}
	return c.hostsOf(ctx, skein.Member{Name: memberName(in.Member.Name)}, rows), nil
}

func (c *Control) hostsOf(ctx context.Context, m skein.Member, rows []store.MemberRow) hosts {
	ctx, cancel := context.WithTimeout(ctx, hostPatience)
	defer cancel()
	names := map[string]bool{m.Name: true}
	for _, row := range rows {
		names[row.Member.Name] = true
	}
	var mu sync.Mutex // owns found
	found := hosts{}
	var group errgroup.Group
	group.SetLimit(hostsAtOnce)
	for name := range names {
		if !strings.Contains(name, ".") || !nameForm.MatchString(name) {
			continue // a single label is no host outside
		}
		group.Go(func() error {
			addrs, err := c.addressesOf(ctx, zone.Name(name+"."))
			mu.Lock()
			defer mu.Unlock()
			found[name] = addrs
			return err
		})
	}
	if err := group.Wait(); err != nil { // what is not found is not compared
		c.Log.Warn("looking up the names of members", "err", err)
	}
	return found
}

// places are where a member may be met: where it answers, where its commands
// are taken, and where its name leads to.
type places struct {
	dns  map[netip.AddrPort]bool
	rndc netip.AddrPort
}

func placesOf(m skein.Member, h hosts) places {
	p := places{dns: map[netip.AddrPort]bool{}}
	if m.RNDCPort != 0 { // others take no rndc commands
		p.rndc = m.RNDC()
	}
	if m.Address.IsValid() {
		p.dns[m.DNS()] = true
	}
	for _, addr := range h[m.Name] {
		p.dns[netip.AddrPortFrom(addr, m.Port)] = true
	}
	return p
}

// alone refuses a member that is this node, or is another member under a
// second name, and a name whose keys would be those of another.
func (c *Control) alone(k auth.Known, actor skein.Actor, m skein.Member, rows []store.MemberRow, h hosts) error {
	conflict := func(mend, format string, args ...any) error {
		return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists, What: fmt.Sprintf(format, args...), Mend: mend}
	}
	mine := placesOf(m, h)
	for at := range mine.dns {
		if c.Own(at) {
			return conflict("give the address and port, and the name, that the member answers DNS at",
				"member %s leads to %s, which is this node's own nameserver", m.Name, at)
		}
	}
	if at, err := netip.ParseAddrPort(m.Endpoint); err == nil && c.Own(at) {
		return conflict("give the host and port of the member's own API", "%s is this node's own", at)
	}
	if mine.rndc.IsValid() && c.Own(mine.rndc) {
		return conflict("give the address and port that the member takes rndc commands at", "%s is this node's own", mine.rndc)
	}
	for _, row := range rows {
		other := row.Member
		if other.Name == m.Name {
			continue
		}
		if m.TSIGKey != "" && other.TSIGKey == m.TSIGKey { // a.b and a_b
			if !c.seesMember(k, actor, other) {
				return nameTaken("member", m.Name)
			}
			return conflict("choose another name", "member %s has keys of the same names", other.Name)
		}
		whose := "member " + other.Name
		if !c.seesMember(k, actor, other) {
			whose = "a member"
		}
		theirs := placesOf(other, h)
		for at := range mine.dns {
			if theirs.dns[at] {
				return conflict("remove that one first, or give another address or port: one server is one member",
					"%s is at %s already", whose, at)
			}
		}
		if m.Endpoint != "" && m.Endpoint == other.Endpoint && c.needs(m.Driver).URL == "" {
			return conflict("remove that one first, or give another endpoint: one server is one member", "%s has its API at %s already", whose, m.Endpoint)
		}
		if mine.rndc.IsValid() && mine.rndc == theirs.rndc && m.View == other.View {
			return conflict("remove that one first, or give another rndc address, port or view: one server is one member",
				"%s takes its rndc commands at %s already", whose, mine.rndc)
		}
	}
	return nil
}
