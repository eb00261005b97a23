package probe

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// parentZone has a child with a DS, one without, and one with more than fits
// into a datagram.
func parentZone() string {
	text := `$TTL 60
@ IN SOA ns.club. root.club. 1 3600 600 86400 60
  IN NS ns
ns IN A 192.0.2.1
signed IN NS ns.elsewhere.example.
signed IN DS 12345 13 2 0000000000000000000000000000000000000000000000000000000000000000
plain IN NS ns.elsewhere.example.
many IN NS ns.elsewhere.example.
`
	for i := range 40 {
		text += "many IN DS " + string(rune('1'+i%9)) + "000 13 2 " + string(rune('0'+i/10)) + string(rune('0'+i%10)) +
			"00000000000000000000000000000000000000000000000000000000000000\n"
	}
	return text
}

func TestWhatTheParentSaysOfAZone(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, "resolver")
	s.File("club.zone", parentZone())
	s.Named(s.Options("") + `
zone "club" { type primary; file "club.zone"; };
zone "example.com" { type primary; file "club.zone"; };
zone "broken" { type primary; file "missing.zone"; };
`)
	silent, err := net.ListenPacket("udp", "127.0.0.1:0") // a resolver that never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	nobody := silent.LocalAddr().(*net.UDPAddr).AddrPort()
	for name, c := range map[string]struct {
		zone      zone.Name
		resolvers []netip.AddrPort
		want      bool
	}{
		"it has a DS":                           {"signed.club.", []netip.AddrPort{s.DNS}, true},
		"in another case":                       {"SIGNED.Club.", []netip.AddrPort{s.DNS}, true},
		"so many that it takes TCP":             {"many.club.", []netip.AddrPort{s.DNS}, true},
		"a delegation without":                  {"plain.club.", []netip.AddrPort{s.DNS}, false},
		"no such name":                          {"never.club.", []netip.AddrPort{s.DNS}, false},
		"a parent that is broken":               {"child.broken.", []netip.AddrPort{s.DNS}, false},
		"a parent that the resolver refuses":    {"child.elsewhere.", []netip.AddrPort{s.DNS}, false},
		"the first resolver does not answer":    {"signed.club.", []netip.AddrPort{nobody, s.DNS}, true},
		"there is none":                         {"signed.club.", nil, false},
		"a name that is for documentation":      {"signed.example.com.", []netip.AddrPort{s.DNS}, false},
		"the root has no parent":                {zone.Root, []netip.AddrPort{s.DNS}, false},
		"the name itself, not one that is near": {"xsigned.club.", []netip.AddrPort{s.DNS}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := NewParents(c.resolvers, nil).HasDS(t.Context(), c.zone); got != c.want {
				t.Errorf("a DS of %s: %t", c.zone, got)
			}
		})
	}
}

// A machine without a resolver waits for one question a minute, not for each.
func TestNobodyIsAskedAgainAtOnceAfterNobodyAnswered(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	clock := time.Unix(1_800_000_000, 0)
	p := NewParents([]netip.AddrPort{silent.LocalAddr().(*net.UDPAddr).AddrPort()}, func() time.Time { return clock })
	asked := func() (questions int) {
		var b [1500]byte
		for {
			_ = silent.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
			if _, _, err := silent.ReadFrom(b[:]); err != nil {
				return questions
			}
			questions++
		}
	}
	for range 5 {
		p.HasDS(t.Context(), "a.club.")
	}
	if n := asked(); n != 1 {
		t.Errorf("%d questions went out", n)
	}
	clock = clock.Add(parentRest)
	p.HasDS(t.Context(), "b.club.")
	if n := asked(); n != 1 {
		t.Errorf("%d questions went out a minute later", n)
	}
	clock = clock.Add(parentRest)
	p.HasDS(t.Context(), "b.club.")
	if n := asked(); n != 0 {
		t.Errorf("%d questions went out another minute later: rests get longer", n)
	}
}

func TestTheResolversOfTheSystem(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "resolv.conf")
	text := "# made by hand\nsearch example.net\nnameserver 192.0.2.53\nnameserver 2001:db8::53\nnameserver nonsense\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := SystemResolvers(file)
	want := []netip.AddrPort{netip.MustParseAddrPort("192.0.2.53:53"), netip.MustParseAddrPort("[2001:db8::53]:53")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := SystemResolvers(file + ".none"); err == nil {
		t.Error("a file that is not there names resolvers")
	}
}
