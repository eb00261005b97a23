package auth

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
)

func TestWaysIntoAZone(t *testing.T) {
	t.Parallel()
	admin := skein.Actor{Name: "anna", Source: Administrators, Admin: true}
	b := skein.Actor{Name: "b", Source: "b"}
	takeover := []skein.SourceRule{{Kind: skein.RuleTakeover, From: "a", To: "b"}}
	overlay := []skein.SourceRule{{Kind: skein.RuleOverlay, From: "a", To: "b"}}
	for situation, row := range map[string]struct {
		actor  skein.Actor
		origin string
		rules  []skein.SourceRule
		want   Way
	}{
		"nobody":                            {skein.Actor{Name: "x"}, "a", takeover, Nohow},
		"its origin":                        {b, "b", nil, Own},
		"its origin, whatever the rules":    {b, "b", []skein.SourceRule{{Kind: skein.RuleTakeover, From: "b", To: "a"}}, Own},
		"another source":                    {b, "a", nil, Nohow},
		"another source, by a takeover":     {b, "a", takeover, Takeover},
		"another source, by overlays":       {b, "a", overlay, Beside},
		"by both, the one that does more":   {b, "a", append(overlay, takeover...), Takeover},
		"a rule of others":                  {b, "c", append(overlay, takeover...), Nohow},
		"a rule the other way round":        {skein.Actor{Name: "a", Source: "a"}, "b", append(overlay, takeover...), Nohow},
		"an administrator, a panel's":       {admin, "a", nil, Over},
		"an administrator, people's":        {admin, Administrators, nil, People},
		"an administrator, a shared zone":   {admin, Reverse, nil, People},
		"an administrator of that source":   {skein.Actor{Name: "x", Source: "a", Admin: true}, "a", nil, Own},
		"a source, people's":                {b, Administrators, takeover, Nohow},
		"a source, people's, by a takeover": {b, Administrators, []skein.SourceRule{{Kind: skein.RuleTakeover, From: Administrators, To: "b"}}, Takeover},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			if got := (Known{Rules: row.rules}).WayOf(row.actor, skein.Zone{Name: "example.com.", Origin: row.origin}); got != row.want {
				t.Errorf("way %d, want %d", got, row.want)
			}
		})
	}
}

func TestWhereASourceMayComeFrom(t *testing.T) {
	t.Parallel()
	bound := skein.Source{Name: "a", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}}
	for addr, row := range map[string]struct {
		of   skein.Source
		want bool
	}{
		"192.0.2.255": {bound, true}, "192.0.3.0": {bound, false}, "::ffff:192.0.2.1": {bound, true},
		"2001:db8:1::1": {bound, true}, "2001:db9::1": {bound, false}, "": {bound, true}, "203.0.113.1": {skein.Source{Name: "free"}, true},
	} {
		a := skein.Actor{Name: "a", Source: "a"}
		if addr != "" {
			a.Addr = netip.MustParseAddr(addr)
		}
		err := Known{Sources: map[string]skein.Source{"a": row.of}}.Enter(a)
		if (err == nil) != row.want || err != nil && (skein.KindOf(err) != skein.KindForbidden || !strings.Contains(err.Error(), "network")) {
			t.Errorf("%q: %v", addr, err)
		}
	}
	for _, paused := range []bool{true, false} {
		k := Known{Sources: map[string]skein.Source{"a": {Name: "a", Paused: paused}}}
		err := k.Admit(skein.Actor{Name: "a", Source: "a"})
		if (err != nil) != paused || paused && (skein.KindOf(err) != skein.KindForbidden || !strings.Contains(err.Error(), "resume a")) {
			t.Errorf("paused %v: %v", paused, err)
		}
		if err := k.Admit(skein.Actor{Name: "b", Source: "b"}); err != nil {
			t.Errorf("another source: %v", err)
		}
	}
}
