package nameserver

import (
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// Whoever transfers a zone learns how long it is good: from a primary what the
// SOA says, from a secondary what is left of that.
func TestExpireOption(t *testing.T) {
	t.Parallel()
	left := map[zone.Name]time.Duration{"secondary.": 90 * time.Minute, "overdue.": -time.Second}
	s := serve(t, Options{Expires: func(name zone.Name) (time.Duration, bool) {
		d, is := left[name]
		return d, is
	}})
	for _, name := range []zone.Name{"primary.", "secondary.", "overdue."} {
		s.Put(version(t, name, 1, 1))
		s.Put(version(t, name, 1, 2))
	}
	s.SetAccess(Access{TransferNets: loopback})
	const none = -1
	asked := opt(1232, 0, 0, option(9, ""))
	have := func(name string) string {
		return wireRecord(name, 6, 1, "\x00\x00"+"\x00\x00\x00\x01"+"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	}
	for name, c := range map[string]struct {
		wire []byte
		want int
	}{
		"SOA of a primary":                {packet(0, 1, 0, 0, 1, wireQuestion("primary", 6, 1), asked), 86400},
		"SOA of a secondary":              {packet(0, 1, 0, 0, 1, wireQuestion("secondary", 6, 1), asked), 5400},
		"SOA of one that is about to end": {packet(0, 1, 0, 0, 1, wireQuestion("overdue", 6, 1), asked), 0},
		"AXFR of a secondary":             {packet(0, 1, 0, 0, 1, wireQuestion("secondary", 252, 1), asked), 5400},
		"IXFR of a primary":               {packet(0, 1, 0, 1, 1, wireQuestion("primary", 251, 1), have("primary"), asked), 86400},
		"SOA without the option":          {packet(0, 1, 0, 0, 1, wireQuestion("secondary", 6, 1), opt(1232, 0, 0)), none},
		"another type":                    {packet(0, 1, 0, 0, 1, wireQuestion("secondary", 2, 1), asked), none},
		"SOA of a name below":             {packet(0, 1, 0, 0, 1, wireQuestion("ns.secondary", 6, 1), asked), none},
		"SOA of nobody's zone":            {packet(0, 1, 0, 0, 1, wireQuestion("nosuch", 6, 1), asked), none},
		"AXFR of nobody's zone":           {packet(0, 1, 0, 0, 1, wireQuestion("nosuch", 252, 1), asked), none},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := expireIn(exchange(t, s, [][]byte{c.wire}, 1)[0]); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

// expireIn returns the value of the EXPIRE option; -1 if there is none.
func expireIn(m *dns.Msg) int {
	for _, o := range m.IsEdns0().Option {
		if x, ok := o.(*dns.EDNS0_EXPIRE); ok {
			return int(x.Expire)
		}
	}
	return -1
}
