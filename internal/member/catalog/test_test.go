package catalog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member/catalog"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

const self zone.Name = "skein-test.invalid."

// failing returns the checks that failed, and demands a mend of each.
func failing(t *testing.T, checks []skein.Check) (names []string, text string) {
	t.Helper()
	for _, c := range checks {
		text += c.Name + ": " + c.Text + " " + c.Mend + "\n"
		if c.OK {
			continue
		}
		names = append(names, c.Name)
		if c.Mend == "" {
			t.Errorf("%s fails without a mend: %s", c.Name, c.Text)
		}
	}
	return names, text
}

// Each finding of a test, with the situation that brings it.
func TestFindings(t *testing.T) {
	t.Parallel()
	s := newStage(t, "bind")
	s.put(t, self, 1)
	s.start(t, "")
	type m = *skein.Member
	for _, c := range []struct {
		situation string
		edit      func(m, *skein.MemberSecrets)
		let       bool   // it may transfer
		check     string // the one that fails; "": none
		says      []string
	}{
		{"all is well", nil, true, "", []string{"it knows the TSIG key", "it follows the catalog default.catalog.skein.invalid.", "it forgot the test zone"}},
		{"DNS is elsewhere", func(m m, _ *skein.MemberSecrets) { m.Port = servertest.Free(t).Port() }, true, "dns", []string{"firewall", "--port"}},
		{"the key is not there", func(m m, _ *skein.MemberSecrets) { m.TSIGKey = "missing" }, true, "tsig", []string{"does not know the TSIG key missing", "skein member config catalog --name ns2.example.net --set software=bind"}},
		{"the key has another secret", func(_ m, s *skein.MemberSecrets) { s.TSIG = s.Audit }, true, "tsig", []string{"another secret"}},
		{"it follows another catalog", func(m m, _ *skein.MemberSecrets) {
			m.Settings = map[string]string{catalog.SettingSuffix: "other.invalid"}
		}, true, "catalog", []string{"default.other.invalid."}},
		{"it may fetch nothing", nil, false, "catalog", []string{"did not fetch the catalog", "firewall", "NOTIFY"}},
	} {
		t.Run(c.situation, func(t *testing.T) {
			s.let(c.let)
			defer s.let(true)
			d := s.driver(t, func(m *skein.Member, secrets *skein.MemberSecrets, o *catalog.Options) {
				if c.edit != nil {
					c.edit(m, secrets)
				}
				if c.check != "" {
					o.Patience = time.Second
				}
			})
			names, text := failing(t, d.Test(t.Context(), self))
			if c.check == "" && len(names) > 0 || c.check != "" && (len(names) != 1 || names[0] != c.check) {
				t.Errorf("failed %q, want %q:\n%s", names, c.check, text)
			}
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q:\n%s", want, text)
				}
			}
		})
	}
	s.awaits(t, self, false)
}

// PowerDNS that has no trigger fetches the catalog and none of its zones: the
// test says what is missing. With the address allowed it is well.
func TestPowerDNSWithoutTheTrigger(t *testing.T) {
	t.Parallel()
	for transfer, fails := range map[string]bool{"key": true, "address": false} {
		t.Run(transfer, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "powerdns", catalog.SettingTransfer, transfer)
			s.put(t, self, 1)
			s.start(t, "")
			if fails {
				s.server.SQL("DROP TRIGGER skein_member_key;")
			}
			names, text := failing(t, s.driver(t, nil).Test(t.Context(), self))
			if fails && (len(names) != 1 || names[0] != "transfer" || !strings.Contains(text, "--set transfer=address")) || !fails && len(names) > 0 {
				t.Errorf("failed %q:\n%s", names, text)
			}
		})
	}
}
