package zone_test

import (
	"net/netip"
	"testing"

	"github.com/skein-dns/skein/zone"
)

func TestReverse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		addr string
		bits int
		want zone.Name
	}{
		{"192.0.2.10", 32, "10.2.0.192.in-addr.arpa."},
		{"192.0.2.10", 24, "2.0.192.in-addr.arpa."},
		{"192.0.2.10", 25, "2.0.192.in-addr.arpa."},
		{"192.0.2.10", 0, "in-addr.arpa."},
		{"::ffff:192.0.2.10", 32, "10.2.0.192.in-addr.arpa."},
		{"2001:db8::10", 128, "0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."},
		{"2001:db8::10", 64, "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."},
		{"2001:db8::10", 999, "0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."},
	} {
		if got := zone.Reverse(netip.MustParseAddr(c.addr), c.bits); got != c.want {
			t.Errorf("%s/%d: %s, want %s", c.addr, c.bits, got, c.want)
		}
	}
}
