package control

import (
	"context"
	"net/netip"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// Trace goes from the root of the DNS down to a zone that the actor may read.
// One trace of a tenant goes on at a time.
func (c *Control) Trace(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Trace, error) {
	z, err := c.Zone(ctx, actor, name)
	if err != nil {
		return skein.Trace{}, err
	}
	if c.Config.Trace == nil {
		return skein.Trace{}, &skein.Error{Kind: skein.KindUnavailable, What: "this node looks at no delegations", Mend: "ask one that runs with skein serve"}
	}
	held, err := c.nameserversOf(ctx, z)
	if err != nil {
		return skein.Trace{}, err
	}
	k, err := c.enter(ctx, actor)
	if err != nil {
		return skein.Trace{}, err
	}
	may := anyAddress
	if !k.Whole(actor) {
		if may, err = c.harmless(ctx, z.Pool); err != nil {
			return skein.Trace{}, err
		}
	}
	done, err := c.tracing.take(ctx, k.TenantOf(actor))
	if err != nil {
		return skein.Trace{}, err
	}
	defer done()
	return c.Config.Trace(ctx, z.Name, held, may), nil
}

func anyAddress(netip.Addr) bool { return true }

// harmless tells which addresses are asked for others than root's people. Whom
// a domain is delegated to is the choice of whoever has it: led to addresses
// inside of the hoster's network, this node would look there for strangers, and
// tell what it saw. So it asks public addresses, and members of the zone's pool.
func (c *Control) harmless(ctx context.Context, pool string) (func(netip.Addr) bool, error) {
	rows, err := c.Store.Members(ctx)
	members := map[netip.Addr]bool{}
	for _, row := range rows {
		if roleIn(row.Member, pool) != "" {
			members[row.Member.Address] = true
		}
	}
	return func(a netip.Addr) bool { return members[a] || public(a) }, err
}

// nameserversOf returns those that a zone names at its apex.
func (c *Control) nameserversOf(ctx context.Context, z skein.Zone) (names []zone.Name, err error) {
	sets, _, err := c.Store.Nodes(ctx, z.ID, []zone.Name{z.Name})
	for _, set := range sets {
		for _, d := range set.Data {
			if name, ok := d.Target(zone.TypeNS); ok && set.Type == zone.TypeNS {
				names = append(names, name)
			}
		}
	}
	return names, err
}

// special are networks of IANA's registries of special-purpose addresses, and
// those that lead to IPv4 addresses, beside what netip knows.
var special = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("fec0::/10"),
}

// public reports whether an address is one of the public Internet.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	for _, net := range special {
		if net.Contains(a) {
			return false
		}
	}
	return true
}
