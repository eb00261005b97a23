package daemon

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// announce prints what an operator needs next. Scripts may read it; the log is elsewhere.
func (n *node) announce(ctx context.Context) {
	p := func(format string, args ...any) { fmt.Fprintf(n.out, format+"\n", args...) }
	p("Skein %s serves.", Version)
	p("")
	p("  data directory  %s", n.Data)
	p("  secrets' key    %s (keep a copy apart from your backups)", n.keyFrom)
	for _, at := range n.server.Addrs() {
		p("  DNS             %s", at)
	}
	p("  API             https://%s", n.publicAddr())
	p("  certificate     %s", n.fingerprint())
	if code, ok := n.control.ClaimCode(ctx); ok {
		p("")
		p("First administrator, once: https://%s/claim#%s", n.publicAddr(), code)
	}
	p("")
	p("Next, on this machine:")
	if n.Data != DefaultData {
		p("  export SKEIN_DATA=%s", n.Data)
	}
	p("  skein zone create example.com --ns ns1.example.net --ns ns2.example.net")
	p("  skein record set example.com www A 192.0.2.1")
	p("  skein member config bind --name ns2.example.net --address 192.0.2.53 > ns2.conf")
}

// publicAddr is the API's HOST:PORT for links: the configured name, the
// address that it listens on, or this machine's name where that is all of them.
func (n *node) publicAddr() string {
	at, err := netip.ParseAddrPort(n.apiAt.Addr().String())
	if err != nil {
		return n.apiAt.Addr().String()
	}
	host := at.Addr().String()
	switch {
	case len(n.Hostnames) > 0:
		host = n.Hostnames[0]
	case at.Addr().IsUnspecified():
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return net.JoinHostPort(host, fmt.Sprint(at.Port()))
}

// certificateHosts is every name and address that a client may use for the API.
func (n *node) certificateHosts() []string {
	hosts := append(slices.Clone(n.Hostnames), "localhost", "127.0.0.1", "::1")
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	at, err := netip.ParseAddrPort(n.apiAt.Addr().String())
	if err == nil && !at.Addr().IsUnspecified() {
		hosts = append(hosts, at.Addr().Unmap().String())
	}
	if addrs, err := net.InterfaceAddrs(); err == nil && at.Addr().IsUnspecified() {
		for _, a := range addrs {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil && !prefix.Addr().IsLinkLocalUnicast() {
				hosts = append(hosts, prefix.Addr().String())
			}
		}
	}
	hosts = slices.DeleteFunc(hosts, func(h string) bool { return strings.ContainsAny(h, " /") })
	slices.Sort(hosts)
	return slices.Compact(hosts)
}
