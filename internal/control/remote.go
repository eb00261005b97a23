package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

const (
	// remotePatience is how long the nameservers of a domain are looked for: a
	// panel waits for the answer.
	remotePatience = 5 * time.Second
	// namedServers is how many of them a reason names.
	namedServers = 4
)

// nameservers are those of a domain, with their addresses.
type nameservers map[zone.Name][]netip.Addr

// errNoLookup: this node cannot ask whom domains are delegated to.
var errNoLookup = errors.New("there is no way to ask")

// remoteDomain says why a zone of others than root's people waits where the
// settings let only domains in that trusted nameservers serve today; nil if
// it does not. What cannot be found out waits.
func (c *Control) remoteDomain(ctx context.Context, z skein.Zone) (*skein.Error, error) {
	row := c.settings()
	if row.Remote != skein.RemoteTrusted {
		return nil, nil
	}
	servers, err := c.delegated(ctx, z.Name)
	if err != nil {
		c.Log.Info("looking for the nameservers of a new zone", "zone", z.Name, "err", err)
		return approval(z.Name, "it was not found out which nameservers the domain has today"), nil
	}
	if len(servers) == 0 {
		return approval(z.Name, "the domain has no nameservers today, and remote domains are not allowed"), nil
	}
	names, addrs, err := c.ours(ctx, z.Pool)
	if err != nil || servers.at(row.Trusted, names, addrs) {
		return nil, err
	}
	return approval(z.Name, fmt.Sprintf("none of the domain's nameservers of today is trusted: %s", servers)), nil
}

// delegated returns the nameservers of a domain as the parent of it, or of the
// domain that it is a part of, says.
func (c *Control) delegated(ctx context.Context, name zone.Name) (nameservers, error) {
	if c.Delegation == nil {
		return nil, errNoLookup
	}
	ctx, cancel := context.WithTimeout(ctx, remotePatience)
	defer cancel()
	for ; name != zone.Root && !isPublicSuffix(name); name = name.Parent() {
		if servers, err := c.Delegation(ctx, name); len(servers) > 0 || err != nil {
			return servers, err
		}
	}
	return nil, nil
}

// ours returns the names and addresses of a pool's nameservers and the
// addresses of members.
func (c *Control) ours(ctx context.Context, pool string) (names []zone.Name, addrs []netip.Addr, err error) {
	for _, ns := range c.pool(pool).Nameservers {
		names, addrs = append(names, ns.Name), append(addrs, ns.Addresses...)
	}
	rows, err := c.Store.Members(ctx)
	for _, row := range rows {
		addrs = append(addrs, row.Member.Address)
	}
	return names, addrs, err
}

// at reports whether one of the nameservers is in one of the networks, has one
// of the addresses, or is one of those names.
func (n nameservers) at(networks []netip.Prefix, names []zone.Name, addrs []netip.Addr) bool {
	for name, found := range n {
		if slices.ContainsFunc(names, name.Equal) {
			return true
		}
		for _, addr := range found {
			addr = addr.Unmap()
			if slices.Contains(addrs, addr) || slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(addr) }) {
				return true
			}
		}
	}
	return false
}

func (n nameservers) String() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		if len(all) == namedServers {
			all = append(all, "…")
			break
		}
		all = append(all, fmt.Sprintf("%s %v", name, n[name]))
	}
	return strings.Join(all, ", ")
}
