package probe

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// registry delegates domains in every way. Its nameserver is the resolver of
// the test as well.
const registry = `$TTL 60
@ IN SOA ns.club. root.club. 1 3600 600 86400 60
  IN NS ns
ns IN A 127.0.0.1
ours IN NS ns1.hoster.
ours IN NS ns2.hoster.
glued IN NS ns.glued
glued IN NS ns1.hoster.
ns.glued IN A 192.0.2.99
ns.glued IN AAAA 2001:db8::99
lost IN NS ns.nowhere.hoster.
deep.er IN NS ns1.hoster.
`

const hoster = `$TTL 60
@ IN SOA ns1 root 1 3600 600 86400 60
  IN NS ns1
ns1 IN A 192.0.2.53
    IN AAAA 2001:db8::53
ns2 IN CNAME ns1
`

func TestWhomTheParentDelegatesADomainTo(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, "registry")
	s.File("club.zone", registry)
	s.File("hoster.zone", hoster)
	s.Named(s.Options("") + `
zone "club" { type primary; file "club.zone"; };
zone "hoster" { type primary; file "hoster.zone"; };
zone "broken" { type primary; file "missing.zone"; };
`)
	ours := "ns1.hoster. [192.0.2.53 2001:db8::53]"
	for name, c := range map[string]struct {
		zone  zone.Name
		want  string // nameservers with their addresses
		fails bool
	}{
		"to nameservers elsewhere":           {"ours.club.", ours + ", ns2.hoster. [192.0.2.53 2001:db8::53]", false},
		"in another case":                    {"OURS.Club.", ours + ", ns2.hoster. [192.0.2.53 2001:db8::53]", false},
		"to one inside, whose glue counts":   {"glued.club.", "ns.glued.club. [192.0.2.99 2001:db8::99], " + ours, false},
		"to a name that has no address":      {"lost.club.", "ns.nowhere.hoster. []", false},
		"two labels below":                   {"deep.er.club.", ours, false},
		"the name between has none":          {"er.club.", "", false},
		"to nobody":                          {"never.club.", "", false},
		"a name inside a zone, and no cut":   {"ns.club.", "", false},
		"a parent that the resolver refuses": {"child.elsewhere.", "", true},
		"a parent that is broken":            {"child.broken.", "", true},
		"the root is nobody's child":         {zone.Root, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := NewParents([]netip.AddrPort{s.DNS}, nil)
			p.port = s.DNS.Port()
			servers, err := p.Delegation(t.Context(), c.zone)
			var got []string
			for _, name := range slices.Sorted(maps.Keys(servers)) {
				got = append(got, fmt.Sprint(name, " ", servers[name]))
			}
			if text := strings.Join(got, ", "); text != c.want || (err != nil) != c.fails {
				t.Errorf("delegated to %q, %v; want %q", text, err, c.want)
			}
		})
	}
	if _, err := NewParents(nil, nil).Delegation(t.Context(), "ours.club."); err == nil {
		t.Error("nobody was asked, and it is clear")
	}
}

// What a parent's nameserver answers may be anything: nothing that is not of
// the name counts, and no more than is sensible.
func FuzzDelegatedIn(f *testing.F) {
	f.Fuzz(func(t *testing.T, wire []byte) {
		m := new(dns.Msg)
		if m.Unpack(wire) != nil {
			return
		}
		servers, _ := delegatedIn(m, "ours.club.")
		if len(servers) > maxServers {
			t.Errorf("%d nameservers", len(servers))
		}
		for name, addrs := range servers {
			if len(addrs) > maxAddresses || len(addrs) > 0 && !name.IsSubdomainOf("ours.club.") {
				t.Errorf("%s has %v", name, addrs)
			}
			if !slices.ContainsFunc(slices.Concat(m.Answer, m.Ns), func(rr dns.RR) bool {
				ns, ok := rr.(*dns.NS)
				return ok && strings.EqualFold(ns.Hdr.Name, "ours.club.") && zone.Name(ns.Ns).Equal(name)
			}) {
				t.Errorf("%s is not in the answer", name)
			}
		}
	})
}
