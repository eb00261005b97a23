package daemon

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/nameserver"
)

// listening is a node whose nameserver has taken its ports.
func listening(t *testing.T, at ...string) *node {
	t.Helper()
	n := &node{}
	for _, s := range at {
		n.DNS = append(n.DNS, netip.MustParseAddrPort(s))
	}
	n.server = nameserver.New(nameserver.Options{Listen: n.DNS})
	if err := n.server.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		n.server.Serve(ended)
	})
	return n
}

// A member is told to transfer from where it reaches the node.
func TestPrimaries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		listen []string
		own    []string // primary-address
		member string
		want   string
	}{
		"one address":                        {[]string{"127.0.0.1:0"}, nil, "192.0.2.7", "127.0.0.1"},
		"of both families, for IPv4":         {[]string{"127.0.0.1:0", "[::1]:0"}, nil, "192.0.2.7", "127.0.0.1"},
		"of both families, for IPv6":         {[]string{"127.0.0.1:0", "[::1]:0"}, nil, "2001:db8::7", "::1"},
		"all addresses: that to the member":  {[]string{"0.0.0.0:0"}, nil, "127.0.0.1", "127.0.0.1"},
		"configured, behind NAT":             {[]string{"127.0.0.1:0"}, []string{"203.0.113.1", "203.0.113.2"}, "192.0.2.7", "203.0.113.1 203.0.113.2"},
		"configured, of the member's family": {[]string{"127.0.0.1:0"}, []string{"203.0.113.1", "2001:db8::1"}, "192.0.2.7", "203.0.113.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := listening(t, c.listen...)
			for _, s := range c.own {
				n.PrimaryAddress = append(n.PrimaryAddress, netip.MustParseAddr(s))
			}
			var got []string
			for _, p := range n.primaries(netip.MustParseAddr(c.member)) {
				got = append(got, p.Address.String())
				if !slices.ContainsFunc(n.server.Addrs(), func(at netip.AddrPort) bool { return at.Port() == p.Port }) {
					t.Errorf("port %d is not one that the nameserver listens on", p.Port)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("it is to transfer from %v, want %s", got, c.want)
			}
		})
	}
}

// The printed block lets commands in from where they come from: this
// machine's address towards the member, and those that it knows us by.
func TestThePrintedBlockLetsUsIn(t *testing.T) {
	t.Parallel()
	n := listening(t, "127.0.0.1:0")
	m := skein.Member{Name: "ns2", Driver: "bind", Algorithm: "hmac-sha256", TSIGKey: "skein-ns2", AuditKey: "skein-audit-ns2",
		Address: netip.MustParseAddr("127.0.0.1"), Port: 53, RNDCPort: 953, Primaries: []skein.Primary{{Address: netip.MustParseAddr("203.0.113.1"), Port: 53}}}
	secrets := skein.MemberSecrets{RNDC: "AAAA", TSIG: "BBBB", Audit: "CCCC"}
	for style, want := range map[skein.ConfigStyle][]string{
		{}:                        {"127.0.0.1;", "203.0.113.1;", `directory "/var/cache/bind"`},
		{Directory: "/srv/named"}: {`directory "/srv/named"`},
		{Merge: true}:             {"options statement that is there"},
	} {
		block := n.memberConfig(m, secrets, control.PairKeys{}, style)
		for _, w := range want {
			if !strings.Contains(block, w) {
				t.Errorf("%+v: %q is not in\n%s", style, w, block)
			}
		}
	}
}

func TestOwnAddresses(t *testing.T) {
	t.Parallel()
	n := listening(t, "127.0.0.1:0", "[::]:0")
	v4, all := n.server.Addrs()[0], n.server.Addrs()[1].Port()
	for at, want := range map[netip.AddrPort]bool{
		v4: true,
		netip.AddrPortFrom(netip.MustParseAddr("::1"), all):             true,
		netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), all):       true,
		netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), all):       false,
		netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 1):         false,
		netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), v4.Port()): v4.Port() == all,
	} {
		if got := n.own(at); got != want {
			t.Errorf("%s is its own: %v, want %v", at, got, want)
		}
	}
}
