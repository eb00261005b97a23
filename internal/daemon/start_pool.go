package daemon

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/skein-dns/skein/zone"
)

// startPool has a changed nameserver set come to the zones.
func (n *node) startPool(ctx context.Context) (func(context.Context) error, error) {
	return n.background(ctx, "the pools", n.control.ApplyPools), nil
}

// lookUp asks the system's resolver for the addresses of a host.
func lookUp(ctx context.Context, name zone.Name) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", strings.TrimSuffix(string(name), ".")+".")
}
