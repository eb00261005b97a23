package bind

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// What a person must mend is told apart from what is wrong with one zone, and
// from a zone that is not there.
func TestRefusalsThatAPersonMustMend(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	s.named.Named(s.keys() + s.named.Options("") + s.controls() + "view \"locked\" { };\n")
	const name zone.Name = "example.com."
	for situation, c := range map[string]struct {
		edit   func(m *skein.Member)
		says   string
		hasToo bool // Has fails as well
	}{
		"new zones are not allowed": {func(m *skein.Member) { m.View = "locked" }, "allow-new-zones yes;", false},
		"there is no such view":     {func(m *skein.Member) { m.View = "inside" }, "no view inside", true},
		"there are views":           {func(*skein.Member) {}, "no view _default", true},
		"the TSIG key is not there": {func(m *skein.Member) { m.View, m.TSIGKey = "locked", "missing" }, "skein member config bind --name ns2.example.net", false},
	} {
		d := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets) { c.edit(m) })
		steps := []member.Step{{Action: member.ActionAdd, Zone: name}, {Action: member.ActionRetransfer, Zone: name}}
		told := 0
		err := d.Apply(t.Context(), steps, func(i int, err error) {
			told++
			if !errors.Is(err, member.ErrDenied) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s, %s: %v", situation, steps[i].Action, err)
			}
		})
		if err != nil || told != len(steps) {
			t.Errorf("%s: %d steps were told of, %v", situation, told, err)
		}
		if _, err := d.Has(t.Context(), []zone.Name{name}); (err != nil) != c.hasToo || err != nil && !errors.Is(err, member.ErrDenied) {
			t.Errorf("%s: Has: %v", situation, err)
		}
	}
}
