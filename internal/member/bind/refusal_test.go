package bind

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/rndc"
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

// BIND serves the zone, and has lost what it kept of it: it shows it no more,
// and would not have it after a restart.
func TestAZoneThatBINDLostIsOurs(t *testing.T) {
	t.Parallel()
	const name zone.Name = "example.com."
	texts, err := newText(ns2)
	if err != nil {
		t.Fatal(err)
	}
	for situation, c := range map[string]struct {
		file   string
		action member.Action
		sent   string // the last command, "": nothing changes
	}{
		"it is added again":                      {texts.file(name), member.ActionAdd, `modzone "example.com" IN _default ` + texts.block(name)},
		"it is deleted":                          {texts.file(name), member.ActionDelete, `delzone -clean "example.com" IN _default`},
		"of a catalog's, an addition is refused": {"__catz___default_catalog_example.com.db", member.ActionAdd, ""},
		"of a catalog's, a deletion is refused":  {"__catz___default_catalog_example.com.db", member.ActionDelete, ""},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			changed := make(chan string, 10)
			d := played(t, &rndc.Server{Handler: func(_ context.Context, _ net.Addr, _ rndc.Key, command string) rndc.Answer {
				switch verb, _, _ := strings.Cut(command, " "); verb {
				case "tsig-list":
					return rndc.Answer{Text: `view "_default"; type "static"; key "` + ns2.TSIGKey + `";`}
				case "addzone":
					return rndc.Answer{Result: 18, Err: "already exists"}
				case "showzone":
					return rndc.Answer{Result: 25, Err: "failure"}
				case "zonestatus":
					return rndc.Answer{Text: "name: example.com\ntype: secondary\nfiles: " + c.file + "\nreconfigurable via modzone: yes"}
				}
				changed <- command
				return rndc.Answer{}
			}})
			refused := c.sent == ""
			err := d.Apply(t.Context(), []member.Step{{Action: c.action, Zone: name}}, func(_ int, err error) {
				if errors.Is(err, member.ErrForeign) != refused || err != nil && !refused {
					t.Error(err)
				}
			})
			close(changed)
			if got := <-changed; err != nil || got != c.sent {
				t.Errorf("%q was sent, want %q (%v)", got, c.sent, err)
			}
		})
	}
}
