package daemon

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/door/plesk"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/zone"
)

// startControl makes the gate and the doors in front of it.
func (n *node) startControl(ctx context.Context) (_ func(context.Context) error, err error) {
	parents := n.parents()
	n.serving = newServing(n.store, n.access, n.log.With("part", "serving"))
	n.serving.keeping.path, n.serving.restored = filepath.Join(n.Data, "served.image"), n.restored
	n.list = listing.New(n.serving, n.server, time.Now(), n.log.With("part", "catalog"))
	n.serving.list, n.access.catalogs = n.list, n.keepCatalogs
	n.keepCatalogs(nil)
	n.control, err = control.New(control.Config{
		Store: n.store, Cluster: n.cluster, Sealer: n.sealer, Nameserver: n.serving, Drivers: n.roles(),
		DS: func(ctx context.Context, name zone.Name) (bool, error) { return parents.HasDS(ctx, name), nil }, Delegation: parents.Delegation,
		Trace:        probe.Tracer{Roots: n.Roots, Parents: parents}.Trace,
		MemberConfig: n.memberConfig, Primaries: n.primaries, Own: n.own, TryNotices: n.tryNotices(), News: n.hasNews, Resolve: lookUp,
		Intake: n.holdKeys(sources{n.intake, n.access}), Inventory: n.inventory, DebugLog: n.memberLogs.Read,
		Observed: n.observed, Keep: n.Keep, Version: Version, Hostname: n.whmName(), Now: time.Now, Log: n.log.With("part", "control"),
	})
	if err != nil {
		return nil, err
	}
	n.plesk = plesk.New(n.control, n.pleskNameservers(), n.log.With("part", "plesk"))
	if err := n.control.Start(ctx); err != nil {
		return nil, err
	}
	hearing := n.background(ctx, "what is heard of sources", n.control.Watch)
	thresholds := n.background(ctx, "the failure threshold", n.control.Thresholds)
	return func(patience context.Context) error { return errors.Join(thresholds(patience), hearing(patience)) }, nil
}

// parents asks resolvers what the parents of zones say.
func (n *node) parents() *probe.Parents {
	resolvers := n.Resolvers
	if resolvers == nil {
		var err error
		if resolvers, err = probe.SystemResolvers("/etc/resolv.conf"); err != nil {
			n.log.Warn("what the parents of new zones say is not looked at", "err", err)
		}
	}
	return probe.NewParents(resolvers, nil)
}

// memberConfig prints the block for a member's own configuration. Its commands
// come from the address that packets to it leave from or, seen from behind
// NAT, from those that it transfers from.
func (n *node) memberConfig(m skein.Member, s skein.MemberSecrets, keys control.PairKeys, style skein.ConfigStyle) string {
	var from []netip.Addr
	if local, ok := towards(cmp.Or(m.RNDCAddr, m.Address)); ok {
		from = append(from, local)
	}
	for _, p := range m.Primaries {
		from = append(from, p.Address)
	}
	for _, d := range n.drivers() {
		if d.name == m.Driver && d.config != nil {
			return d.config(m, s, keys, style, from)
		}
	}
	return ""
}

// towards returns the address of this machine that packets to another leave from.
func towards(to netip.Addr) (netip.Addr, bool) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(to, 53))) // sends nothing
	if err != nil {
		return netip.Addr{}, false
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), true
}

// primaries tells where a member reaches the nameserver: at the configured
// addresses; else at those that it listens on; else, where those are all
// addresses, at the one that packets to the member leave from.
func (n *node) primaries(member netip.Addr) (all []skein.Primary) {
	port := n.server.Addrs()[0].Port()
	for _, addr := range n.PrimaryAddress {
		if addr.Is4() == member.Is4() || !member.IsValid() {
			all = append(all, skein.Primary{Address: addr, Port: port})
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, at := range n.server.Addrs() {
		if !at.Addr().IsUnspecified() && at.Addr().Is4() == member.Is4() {
			all = append(all, skein.Primary{Address: at.Addr(), Port: at.Port()})
		}
	}
	if len(all) > 0 || !member.IsValid() {
		return all
	}
	if local, ok := towards(member); ok {
		all = append(all, skein.Primary{Address: local, Port: port})
	}
	return all
}

// own reports whether the node itself answers DNS, or takes commands of rndc or
// of cPanel servers, at an address.
func (n *node) own(at netip.AddrPort) bool {
	for _, mine := range slices.Concat(n.server.Addrs(), n.RNDC, n.WHM, n.CPanel) {
		if mine == at || mine.Addr().IsUnspecified() && mine.Port() == at.Port() && isLocal(at.Addr()) {
			return true
		}
	}
	return false
}

// isLocal reports whether an address is one of this machine's.
func isLocal(addr netip.Addr) bool {
	if addr.IsLoopback() {
		return true
	}
	mine, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range mine {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr() == addr {
			return true
		}
	}
	return false
}
