package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// A small DNS of real servers, all at one port: a root, the domain club below
// it, and a hoster. Nobody is at 127.64.0.9.
const (
	traceRoot = `$TTL 60
@ IN SOA a.root. x. 1 3600 600 86400 60
  IN NS a.root.
a.root. IN A 127.64.0.1
club. IN NS ns.club.
club. IN NS gone.club.
ns.club. IN A 127.64.0.2
gone.club. IN A 127.64.0.9
`
	traceClub = `$TTL 60
@ IN SOA ns x. 1 3600 600 86400 60
  IN NS ns
  IN NS gone
ns IN A 127.64.0.2
gone IN A 127.64.0.9
ours IN NS ns1.ours
ours IN NS ns2.hoster.
ns1.ours IN A 127.64.0.3
lame IN NS a.lame
lame IN NS b.lame
lame IN NS c.lame
lame IN NS d.lame
lame IN NS e.hoster.
a.lame IN A 127.64.0.3
b.lame IN A 127.64.0.1
c.lame IN A 127.64.0.9
moved IN NS ns1.hoster.
moved IN NS ns2.hoster.
glued IN NS ns.glued
ns.glued IN A 127.64.0.3
beside IN NS ns
`
	traceHead   = "$TTL 60\n@ IN SOA x. x. 1 3600 600 86400 60\n"
	traceHoster = traceHead + "@ IN NS ns1\nns1 IN A 127.64.0.3\nns2 IN A 127.64.0.3\n"
)

// traced starts them, and returns who follows delegations there.
func traced(t *testing.T) Tracer {
	at := netip.MustParseAddr
	port := servertest.FreeAt(t, at("127.64.0.1"), at("127.64.0.2"), at("127.64.0.3")).Port()
	start := func(ip string, zones map[string]string) *servertest.Server {
		s := servertest.NewAt(t, ip, at(ip))
		s.DNS = netip.AddrPortFrom(at(ip), port)
		conf := "zone:\n"
		for name, text := range zones {
			conf += fmt.Sprintf("  - domain: %q\n    file: %q\n", name, s.File(strings.Trim(name, ".")+".zone", text))
		}
		s.Knotd(conf)
		return s
	}
	root := start("127.64.0.1", map[string]string{".": traceRoot})
	start("127.64.0.2", map[string]string{"club.": traceClub, "beside.club.": traceHead + "@ IN NS ns.club.\n"})
	hoster := start("127.64.0.3", map[string]string{
		"hoster.": traceHoster, "ours.club.": traceHead + "@ IN NS ns1\n@ IN NS ns2.hoster.\nns1 IN A 127.64.0.3\n",
		"moved.club.": traceHead + "@ IN NS ns1.hoster.\n@ IN NS ns3.hoster.\n",
		"glued.club.": traceHead + "@ IN NS ns\nns IN A 127.64.0.5\n",
	})
	return Tracer{Roots: []netip.AddrPort{root.DNS}, Parents: NewParents([]netip.AddrPort{hoster.DNS}, nil)}
}

func TestTheWayFromTheRootToAZone(t *testing.T) {
	t.Parallel()
	tracer := traced(t)
	const (
		root = ". 127.64.0.1 refers\n"
		club = "club. gone.club. 127.64.0.9 glue silent\nclub. ns.club. 127.64.0.2 glue refers\n"
	)
	for situation, row := range map[string]struct {
		zone   zone.Name
		held   []zone.Name
		inside bool // the hoster's servers are not to be asked
		steps  string
		faults string
	}{
		"all is well": {"ours.club.", []zone.Name{"ns2.HOSTER.", "ns1.ours.club."}, false,
			root + club + "ours.club. ns1.ours.club. 127.64.0.3 glue answers\nours.club. ns2.hoster. 127.64.0.3 answers\n", ""},
		"servers that do not have it": {"lame.club.", []zone.Name{"ns1.hoster."}, false,
			root + club + "lame.club. a.lame.club. 127.64.0.3 glue lame\nlame.club. b.lame.club. 127.64.0.1 glue lame\nlame.club. c.lame.club. 127.64.0.9 glue silent\nlame.club. d.lame.club. not-asked\nlame.club. e.hoster. not-asked\n",
			`a.lame.club. (127.64.0.3) is named for lame.club. and does not have it: it answers REFUSED
b.lame.club. (127.64.0.1) is named for lame.club. and does not have it: it refers to others, and not downwards
c.lame.club. (127.64.0.9) does not answer
d.lame.club. is inside of lame.club., and the parent says no address of it
no address is found for the nameserver e.hoster.
nobody that the parent names has lame.club.
`},
		"parent and zone name others": {"moved.club.", []zone.Name{"ns4.hoster."}, false,
			root + club + "moved.club. ns1.hoster. 127.64.0.3 answers\nmoved.club. ns2.hoster. 127.64.0.3 answers\n",
			`the parent names ns2.hoster., and the zone does not (warning)
the zone names ns3.hoster., and the parent does not (warning)
the zone that is served names ns1.hoster., ns3.hoster., and the one here ns4.hoster. (warning)
`},
		"glue of long ago": {"glued.club.", []zone.Name{"ns.glued.club."}, false,
			root + club + "glued.club. ns.glued.club. 127.64.0.3 glue answers\n",
			"the parent says that ns.glued.club. is at 127.64.0.3, and the zone that it is at 127.64.0.5 (warning)\n"},
		"nobody has registered it": {"never.club.", []zone.Name{"ns1.hoster."}, false,
			root + strings.Replace(club, "refers", "no-name", 1), "club. has no delegation of never.club.\n"},
		"not below the root at all": {"shop.nowhere.", nil, false,
			". 127.64.0.1 no-name\n", ". has no delegation of shop.nowhere.\n"},
		"on the servers of its parent": {"beside.club.", []zone.Name{"ns.club."}, false,
			root + strings.Replace(club, "refers", "answers", 1) + "beside.club. ns.club. 127.64.0.2 answers\n", ""},
		"below one on the servers of its parent": {"never.beside.club.", nil, false,
			root + strings.Replace(club, "refers", "answers", 1) + "beside.club. gone.club. 127.64.0.9 glue silent\nbeside.club. ns.club. 127.64.0.2 glue no-name\n",
			"beside.club. has no delegation of never.beside.club.\n"},
		"led to addresses that are not to be asked": {"ours.club.", []zone.Name{"ns1.ours.club."}, true,
			root + club + "ours.club. ns1.ours.club. 127.64.0.3 glue not-asked\nours.club. ns2.hoster. 127.64.0.3 not-asked\n",
			"none of the nameservers of ours.club. was asked: its address is not one of the public Internet (warning)\n"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			got := tracer.Trace(t.Context(), row.zone, row.held, func(a netip.Addr) bool { return !row.inside || a != netip.MustParseAddr("127.64.0.3") })
			var steps, wrong strings.Builder
			for _, step := range got.Steps {
				for _, s := range step.Servers {
					line := []string{string(step.Zone), string(s.Name), s.Address.String(), "glue", string(s.Outcome)}
					fmt.Fprintln(&steps, strings.Join(slices.DeleteFunc(line, func(w string) bool {
						return w == "glue" && !s.Glue || w == "invalid IP" || s.Name == zone.Root && w == "." && step.Zone != zone.Root
					}), " "))
				}
			}
			for _, f := range got.Faults {
				text := f.Text
				if f.Warning {
					text += " (warning)"
				}
				if fmt.Fprintln(&wrong, text); f.Mend == "" {
					t.Errorf("%q has no mend", f.Text)
				}
			}
			want := strings.Replace(row.steps, ". 127.64.0.1", ". . 127.64.0.1", 1)
			if steps.String() != want || wrong.String() != row.faults {
				t.Errorf("%s\n%s\nwant\n%s\n%s", &steps, &wrong, want, row.faults)
			}
		})
	}
}

func TestNoRootAnswers(t *testing.T) {
	t.Parallel()
	tracer := Tracer{Roots: []netip.AddrPort{netip.MustParseAddrPort("127.64.0.9:1")}, Parents: NewParents(nil, nil)}
	got := tracer.Trace(t.Context(), "ours.club.", nil, func(netip.Addr) bool { return true })
	if len(got.Steps) != 1 || len(got.Faults) != 1 || got.Faults[0].Text != "no root server answers as it should" {
		t.Errorf("%+v", got)
	}
	roots, unasked := few(internetRoots(), false)
	if len(roots) != 2*fewAddresses || unasked != 26-2*fewAddresses {
		t.Errorf("%d root servers are asked, %d are not", len(roots), unasked)
	}
}

// Whatever a server says, the way goes down, and what counts is of the zone.
func FuzzSayingOf(f *testing.F) {
	f.Fuzz(func(t *testing.T, wire []byte) {
		m := new(dns.Msg)
		if m.Unpack(wire) != nil {
			return
		}
		for _, at := range []zone.Name{zone.Root, "club.", "ours.club."} {
			s := sayingOf(m, at, "ours.club.")
			if s.child != "" && (s.child.Equal(at) || !s.child.IsSubdomainOf(at) || !zone.Name("ours.club.").IsSubdomainOf(s.child)) {
				t.Errorf("%s leads to %s", at, s.child)
			}
			if s.outcome == "" || s.outcome == skein.TraceLame && s.reason == "" || len(s.nameservers) > maxServers {
				t.Errorf("%s: %+v", at, s)
			}
			for name, addrs := range s.glue {
				if !name.IsSubdomainOf(at) || !slices.Contains(s.nameservers, name) || len(addrs) > maxAddresses {
					t.Errorf("%s: glue %v of %s", at, addrs, name)
				}
			}
		}
	})
}
