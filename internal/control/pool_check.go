package control

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// lookupPatience is how long the addresses of all nameservers of a pool are
// looked for outside.
const lookupPatience = 5 * time.Second

// described returns a pool with its members, what is on its way to its zones,
// and what is wrong with its set.
func (c *Control) described(ctx context.Context, k auth.Known, name string) (skein.Pool, error) {
	row, _ := c.poolRow(name)
	p := row.Pool
	if row.Progress != nil {
		progress := *row.Progress
		p.Progress = &progress
	}
	c.pools.mu.Lock()
	for _, move := range c.pools.moves {
		if poolOf(k, move.Tenant) == name {
			p.Moves = append(p.Moves, skein.PoolMove{Tenant: move.Tenant, Progress: *move.Progress})
		}
	}
	c.pools.mu.Unlock()
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return p, err
	}
	p.Members = []string{}
	for _, row := range rows {
		if roleIn(row.Member, name) != "" {
			p.Members = append(p.Members, row.Member.Name)
		}
	}
	if p.Nameservers == nil {
		p.Nameservers = []skein.PoolNameserver{}
	}
	p.Warnings, err = c.poolWarnings(ctx, p)
	return p, err
}

// poolWarnings says what is wrong with a pool's nameserver set.
func (c *Control) poolWarnings(ctx context.Context, p skein.Pool) (warnings []skein.Problem, err error) {
	warn := func(name, format string, args ...any) {
		warnings = append(warnings, skein.Problem{Name: name, Warning: true, Text: fmt.Sprintf(format, args...)})
	}
	if n := len(p.Members); n < 2 {
		warn(p.Name, "the pool has %s: what it serves has no second server", plural(n, "member"))
	}
	switch n := len(p.Nameservers); {
	case n == 0 && (p.MName != "" || p.RName != ""):
		warn(p.Name, "the names for the SOA are not used while the rule is keep")
		return warnings, nil
	case n == 0:
		return warnings, nil
	case n < 2:
		warn(p.Name, "the pool has one nameserver: registries and resolvers expect two (RFC 2182)")
	}
	if p.Rule == skein.PoolKeep {
		warn(p.Name, "the rule is keep: zones show the nameservers that they come with")
	}
	found, err := c.addressesOfAll(ctx, p.Nameservers)
	if err != nil {
		return nil, err
	}
	for i, ns := range p.Nameservers {
		switch {
		case len(found[i]) == 0:
			warn(string(ns.Name), "no address is found for the nameserver %s, here or with the system's resolver: resolvers will not find it", ns.Name)
		case len(ns.Addresses) > 0 && !slices.ContainsFunc(found[i], func(a netip.Addr) bool { return slices.Contains(ns.Addresses, a) }):
			warn(string(ns.Name), "the nameserver %s leads to %v, and not to %v", ns.Name, found[i], ns.Addresses)
		}
	}
	return warnings, nil
}

// addressesOfAll looks up all nameservers at once: one that nobody answers
// about does not use up the time of the others.
func (c *Control) addressesOfAll(ctx context.Context, nameservers []skein.PoolNameserver) ([][]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupPatience)
	defer cancel()
	found := make([][]netip.Addr, len(nameservers))
	var group errgroup.Group
	for i, ns := range nameservers {
		group.Go(func() (err error) {
			found[i], err = c.addressesOf(ctx, ns.Name)
			return err
		})
	}
	return found, group.Wait()
}

func plural(n int, what string) string {
	switch n {
	case 0:
		return "no " + what
	case 1:
		return "one " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// addressesOf looks up a host: in the zone that is served here and covers the
// name, else outside. None is no error.
func (c *Control) addressesOf(ctx context.Context, name zone.Name) (found []netip.Addr, err error) {
	for above := name; above != zone.Root; above = above.Parent() {
		z, err := c.Store.Zone(ctx, above)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		sets, _, err := c.Store.Nodes(ctx, z.ID, []zone.Name{name})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		for _, set := range sets {
			for _, d := range set.Data {
				if a, ok := netip.AddrFromSlice([]byte(d)); ok && (set.Type == zone.TypeA || set.Type == zone.TypeAAAA) {
					found = append(found, a)
				}
			}
		}
		return found, nil
	}
	if c.Resolve == nil {
		return nil, nil
	}
	found, err = c.Resolve(ctx, name)
	if err != nil {
		c.Log.Debug("looking up a nameserver of the pool", "name", name, "err", err)
		return nil, nil // that none is found is what the warning says
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found, nil
}
