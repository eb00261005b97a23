package bind

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/servertest"
)

// BIND's list of its keys ends at the first two names that share what stands
// behind a dot. A key that it does not come to may be there all the same: a
// question over DNS tells, and without one the transfer does.
func TestAListOfKeysThatEndsEarly(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	s.named.Named(s.keys() + keyStatement("a.example.net", "AAAA") + keyStatement("b.example.net", "AAAA") + s.named.Options("allow-new-zones yes;") + s.controls())

	asking, blind := s.driver(t, nil), s.driver(t, nil)
	blind.opts.Signature = nil
	for _, d := range []*Driver{asking, blind} {
		checks := d.Test(t.Context(), s.selfTest(t))
		judge(t, checks, situation{})
		listed := slices.IndexFunc(checks, func(c skein.Check) bool { return c.Name == "tsig-list" })
		if checks[listed].Warn != (d == blind) {
			t.Errorf("%+v", checks[listed])
		}
		name := s.selfTest(t)
		if err := d.add(t.Context(), name); err != nil {
			t.Errorf("a zone is refused: %v", err)
		}
		servertest.Eventually(t, "it is served", func() error {
			_, err := s.serial(t.Context(), s.named.DNS, name)
			return err
		})
	}

	lacks := func(m *skein.Member, _ *skein.MemberSecrets) { m.TSIGKey = "skein-unknown" }
	says := []string{"does not know the TSIG key skein-unknown", "rndc reconfig"}
	asking, blind = s.driver(t, lacks), s.driver(t, lacks)
	blind.opts.Signature, blind.opts.Transfer = nil, time.Second
	judge(t, asking.Test(t.Context(), s.selfTest(t)), situation{check: "tsig-list", says: says})
	judge(t, blind.Test(t.Context(), s.selfTest(t)), situation{check: "transfer", says: says})
	if err := asking.add(t.Context(), s.selfTest(t)); !errors.Is(err, member.ErrDenied) {
		t.Errorf("a zone whose key is not known: %v", err)
	}
}

func TestListedKeysAreJudged(t *testing.T) {
	t.Parallel()
	list := func(names ...string) (text string) {
		for _, view := range []string{"inside", "_default", "_bind"} {
			for _, name := range names {
				text += fmt.Sprintf("view %q; type \"static\"; key %q;\n", view, name)
			}
		}
		return text
	}
	for situation, c := range map[string]struct {
		key, list   string
		known, sure bool
	}{
		"listed":                        {"skein-ns2", list("local-ddns", "skein-ns2"), true, true},
		"listed, in other letters":      {"Skein-NS2.", list("skein-ns2"), true, true},
		"not listed, but what follows":  {"skein-ns2", list("local-ddns", "xfr"), false, true},
		"not listed, and nothing after": {"skein-ns2", list("local-ddns"), false, false},
		"listed in another view":        {"skein-ns2", "view \"inside\"; type \"static\"; key \"skein-ns2\";\nview \"_default\"; type \"static\"; key \"xfr\";", false, true},
		"an empty list":                 {"skein-ns2", "", false, false},
		"something else":                {"skein-ns2", "no keys {", false, false},
	} {
		d := &Driver{m: skein.Member{TSIGKey: c.key}, text: text{view: defaultView}}
		if known, sure := d.knows(c.list); known != c.known || sure != c.sure {
			t.Errorf("%s: known %v, sure %v", situation, known, sure)
		}
	}
}
