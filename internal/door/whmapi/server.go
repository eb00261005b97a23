package whmapi

import (
	"cmp"
	"context"
	"strings"

	"github.com/skein-dns/skein"
)

// The calls that are about this server and its cluster.

func (d *Door) version(context.Context, call) (any, string, error) {
	return map[string]string{"version": d.Version}, "", nil
}

// installedVersions claims no PowerDNS: cPanel's servers would send keys then.
func (d *Door) installedVersions(context.Context, call) (any, string, error) {
	return map[string]any{"cpanel_and_whm": d.Version, "powerdns": nil}, "", nil
}

// hasTrust is cluster_member_has_trust_with: whether the server at an address
// is a member here. It may have another one behind a translation of addresses.
func (d *Door) hasTrust(ctx context.Context, c call) (any, string, error) {
	host, err := c.addr("host")
	if err == nil && !host.IsValid() {
		err = refuse(`the argument "host" is missing`)
	}
	if err != nil {
		return nil, "", err
	}
	other, err := c.addr("althost")
	if err != nil {
		return nil, "", err
	}
	members, err := d.Control.Members(ctx, c.actor)
	trusted := 0
	for _, m := range members {
		if m.Driver == "whm" && m.Address.IsValid() && (m.Address == host.Unmap() || m.Address == other.Unmap()) {
			trusted = 1
		}
	}
	return map[string]int{"has_trust": trusted}, "", err
}

// nameserverConfig is get_nameserver_config: the names that zones are to show.
func (d *Door) nameserverConfig(ctx context.Context, c call) (any, string, error) {
	set, err := d.Control.Nameservers(ctx, c.actor)
	list := make([]string, len(set))
	for i, ns := range set {
		list[i] = plain(ns.Name)
	}
	return map[string][]string{"nameservers": list}, "", err
}

// addresses returns the first address of each family of a nameserver of the
// caller's; others are not looked up.
func (d *Door) addresses(ctx context.Context, c call) (ipv4, ipv6 string, err error) {
	name, err := c.zone("host")
	if err != nil {
		return "", "", err
	}
	set, err := d.Control.Nameservers(ctx, c.actor)
	if err != nil {
		return "", "", err
	}
	for _, ns := range set {
		if !ns.Name.Equal(name) {
			continue
		}
		for _, addr := range ns.Addresses {
			if addr = addr.Unmap(); addr.Is4() {
				ipv4 = cmp.Or(ipv4, addr.String())
			} else {
				ipv6 = cmp.Or(ipv6, addr.String())
			}
		}
		return ipv4, ipv6, nil
	}
	return "", "", &skein.Error{Kind: skein.KindNotFound, What: plain(name) + " is not one of the nameservers of your zones", Mend: "they are " + listed(set)}
}

func listed(set []skein.PoolNameserver) string {
	list := make([]string, len(set))
	for i, ns := range set {
		list[i] = plain(ns.Name)
	}
	if len(list) == 0 {
		return "not set"
	}
	return strings.Join(list, ", ")
}

func (d *Door) lookupNSIP(ctx context.Context, c call) (any, string, error) {
	ipv4, ipv6, err := d.addresses(ctx, c)
	return map[string]string{"ip": cmp.Or(ipv4, ipv6)}, "", err
}

func (d *Door) lookupNSIPs(ctx context.Context, c call) (any, string, error) {
	ipv4, ipv6, err := d.addresses(ctx, c)
	return map[string]string{"ipv4": ipv4, "ipv6": ipv6}, "", err
}
