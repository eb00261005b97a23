package whm

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/dnsadmin"
)

func (d *Door) showVersion(_ context.Context, c *call) error { return c.say("%s\n", dnsadmin.Spoken) }

func (d *Door) getHostname(_ context.Context, c *call) error { return c.say("%s\n", d.Hostname) }

// getIPs tells every public address of the nameservers that serve the caller's
// zones, bare: of the two documented shapes the one that means the same everywhere.
func (d *Door) getIPs(ctx context.Context, c *call) error {
	nameservers, err := d.Control.Nameservers(ctx, c.actor)
	if err != nil {
		return err
	}
	var all []netip.Addr
	for _, ns := range nameservers {
		all = append(all, ns.Addresses...)
	}
	slices.SortFunc(all, netip.Addr.Compare)
	for _, a := range slices.Compact(all) {
		if err := c.say("%s\n", a); err != nil {
			return err
		}
	}
	return c.end(nil)
}

// getPath tells the peers of this node: those that serve the caller's zones.
func (d *Door) getPath(ctx context.Context, c *call) error {
	nameservers, err := d.Control.Nameservers(ctx, c.actor)
	if err != nil {
		return err
	}
	for _, ns := range nameservers {
		if peer := plain(ns.Name); !strings.EqualFold(peer, d.Hostname) {
			if err := c.say("%s\n", dnsadmin.Peer{Host: d.Hostname, Peer: peer}); err != nil {
				return err
			}
		}
	}
	return c.end(nil)
}

func (d *Door) noReload(_ context.Context, c *call) error {
	return c.say("No reload needed on %s\n", d.Hostname)
}

func (d *Door) cleanDNS(_ context.Context, c *call) error {
	return c.say("Nothing to clean up on %s\n", d.Hostname)
}

// errKeys: the keys would have to be taken by every nameserver that signs, and
// none is told. The sender tells its people that they were not taken.
var errKeys = errors.New("DNSSEC keys are not taken")

func (d *Door) keys(context.Context, *call) error {
	return &skein.Error{Kind: skein.KindInvalid, Cause: errKeys,
		What: fmt.Sprintf("%s does not sign zones with the keys of other servers", d.Hostname),
		Mend: "leave DNSSEC off for zones of this cluster, or let another server sign and Skein transfer the signed zone"}
}

// trust makes the caller a member, which is what a cPanel server asks for when
// a reverse trust relationship is to be set up.
func (d *Door) trust(ctx context.Context, c *call) error {
	m, err := d.Control.TrustMember(ctx, c.actor, control.TrustMember{
		Host: c.args.host, User: c.args.user, Token: c.args.token, Version: c.args.version, Addr: c.actor.Addr})
	switch skein.KindOf(err) {
	case "":
		return c.say("The trust relationship with %s %s; it is a member of Skein with the role %s\n", clean(m.Name), dnsadmin.Established, m.Role)
	case skein.KindInvalid, skein.KindForbidden, skein.KindConflict, skein.KindNotFound:
		c.refused, c.why = 1, clean(err.Error())
		return c.say("No trust relationship: %s\n", c.why)
	}
	return err
}
