package nsd

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/pki"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// situation is one thing that is wrong with a member, and what is to be found.
type situation struct {
	edit  func(t *testing.T, m *skein.Member, secrets *skein.MemberSecrets, o *Options)
	check string   // that fails; "" : none
	says  []string // what its finding or mend says
}

// Each thing that can be wrong with a member is named, with its mend; what
// was added for the test is gone afterwards.
func TestFindings(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	nowhere := skein.Primary{Address: s.member.Address, Port: servertest.Free(t).Port()}
	s.nsd.NSD(s.paste(t, ConfigOptions{}) + s.otherPattern(family(s.member)+"+nowhere", nowhere) + s.ownZone() +
		"key:\n    name: wrong-secret\n    algorithm: hmac-sha256\n    secret: \"AAAAAAAAAAAAAAAAAAAAAA==\"\n")

	type m = *skein.Member
	type secrets = *skein.MemberSecrets
	type o = *Options
	for name, c := range map[string]situation{
		"all is well":              {func(*testing.T, m, secrets, o) {}, "", nil},
		"nobody asks over DNS":     {func(_ *testing.T, _ m, _ secrets, o o) { o.Serial, o.Signature = nil, nil }, "", nil},
		"our certificate":          {func(t *testing.T, _ m, x secrets, _ o) { stranger(t, x) }, "nsd-control", []string{"certificate", "skein member config nsd --name ns3.example.net", "restart"}},
		"the server's certificate": {func(t *testing.T, _ m, x secrets, _ o) { x.Server = another(t) }, "nsd-control", []string{"another certificate", "--server-certificate-file", "/etc/nsd/nsd_server.pem"}},
		"nothing listens":          {func(t *testing.T, m m, _ secrets, _ o) { m.Endpoint = servertest.Free(t).String() }, "nsd-control", []string{"refused", "control-enable: yes", "--endpoint"}},
		"it is the DNS port": {func(_ *testing.T, m m, _ secrets, o o) {
			m.Endpoint, o.Control.Connect = m.DNS().String(), 2*time.Second
		}, "nsd-control", []string{"--endpoint"}},
		"there is no such pattern": {func(_ *testing.T, m m, _ secrets, _ o) {
			m.Settings = map[string]string{PatternSetting: family(*m) + "+x"}
		}, "pattern", []string{"no pattern skein-ns3.example.net+x", "skein member config nsd --name ns3.example.net", "nsd-control reconfig"}},
		"the TSIG key is not there": {func(_ *testing.T, m m, _ secrets, _ o) { m.TSIGKey = "missing" }, "key", []string{"does not know the TSIG key missing", "nsd-control reconfig"}},
		"the TSIG key has another secret": {func(_ *testing.T, m m, _ secrets, _ o) { m.TSIGKey = "wrong-secret" },
			"key", []string{"wrong-secret with another secret", "skein member config nsd --name ns3.example.net"}},
		"the primary cannot be reached": {func(_ *testing.T, m m, _ secrets, o o) {
			m.Settings = map[string]string{PatternSetting: family(*m) + "+nowhere"}
			o.Transfer = time.Second
		}, "transfer", []string{"did not fetch it from 127.0.0.1:", "--primary-address", "request-xfr", "firewall", "clocks"}},
		"DNS is elsewhere": {func(t *testing.T, m m, _ secrets, _ o) { m.Port = servertest.Free(t).Port() },
			"dns", []string{"no DNS answer", "firewall", "ip-address", "--port"}},
	} {
		self := s.selfTest(t)
		t.Run(name, func(t *testing.T) { // one by one: NSD drops the eleventh connection
			m, secrets, o := s.member, s.secrets, Options{Serial: s.serial, Signature: s.signature}
			c.edit(t, &m, &secrets, &o)
			d, err := New(m, secrets, o)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			checks := d.Test(t.Context(), self)
			judge(t, checks, c)
			if there, err := s.driver(t, nil).Has(t.Context(), []zone.Name{self}); err != nil || there[0].Present {
				t.Errorf("the test zone is left behind: %+v, %v", there, err)
			}
		})
	}
	t.Cleanup(func() { // zones that are there stay untouched
		if serial, err := s.serial(context.Background(), s.nsd.DNS, "own.example."); err != nil || serial != 1 {
			t.Errorf("serial %d, %v", serial, err)
		}
	})
}

func another(t *testing.T) string {
	t.Helper()
	certificate, _, err := pki.Pair("another", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// selfTest makes a zone for one test of the member.
func (s *stage) selfTest(t *testing.T) zone.Name {
	t.Helper()
	s.selves++
	name := zone.Name(fmt.Sprintf("self-test-%d.invalid.", s.selves))
	s.put(t, name, 1)
	return name
}

// judge demands that one check fails, and none if all is well; and that every
// failure comes with a mend.
func judge(t *testing.T, checks []skein.Check, c situation) {
	t.Helper()
	var failed, names []string
	for _, check := range checks {
		names = append(names, check.Name)
		if check.OK {
			continue
		}
		failed = append(failed, check.Name)
		if check.Mend == "" {
			t.Errorf("%s fails without a mend: %s", check.Name, check.Text)
		}
		for _, want := range c.says {
			if !strings.Contains(check.Text+" "+check.Mend, want) {
				t.Errorf("%s does not say %q:\n%s\n%s", check.Name, want, check.Text, check.Mend)
			}
		}
	}
	if want := []string{c.check}; c.check != "" && !slices.Equal(failed, want) || c.check == "" && failed != nil {
		t.Errorf("failed %q, want %q: %+v", failed, c.check, checks)
	}
	for _, want := range []string{"nsd-control", "version", "pattern", "dns", "zones"} {
		if c.check == "" && !slices.Contains(names, want) {
			t.Errorf("there is no finding about %s", want)
		}
	}
}

// The worst that a configuration can say: that everybody may command.
func TestAServerThatProtectsNothingIsToldOf(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	s.nsd.NSD(fmt.Sprintf("remote-control:\n    control-interface: \"%s/ctl\"\n", s.nsd.Dir) + s.paste(t, ConfigOptions{}))
	judge(t, s.driver(t, nil).Test(t.Context(), s.selfTest(t)), situation{check: "nsd-control", says: []string{"from anybody", "a path"}})
}

func TestVersionsAreJudged(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{"NSD 4.6.1": "ok", "NSD 4.12.0": "ok", "NSD 5.0": "ok", "NSD 4.1.26": "warn", "NSD 3.2.22": "bad", "NSD unknown": "warn"} {
		test := &tester{said: said}
		test.version(t.Context())
		got := "ok"
		if c := test.Checks[0]; !c.OK {
			got = "bad"
		} else if c.Warn {
			got = "warn"
		}
		if got != want {
			t.Errorf("%s: %+v", said, test.Checks)
		}
	}
}

// Everything that is said is reported, and no secret is in it even before
// anybody takes it out.
func TestTransactionsAreReportedWithoutSecrets(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	s.nsd.NSD(s.paste(t, ConfigOptions{}))
	self := s.selfTest(t)
	s.put(t, "example.com.", 1)
	var all strings.Builder
	d, err := New(s.member, s.secrets, Options{Serial: s.serial, Signature: s.signature, Trace: func(x member.Transaction) {
		if x.At.IsZero() || x.Took < 0 || x.Outcome == "" {
			t.Errorf("%+v", x)
		}
		fmt.Fprintf(&all, "%s %s → %s (%s)\n", x.What, x.Request, x.Answer, x.Outcome)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	judge(t, d.Test(t.Context(), self), situation{})
	steps := []member.Step{{Action: member.ActionAdd, Zone: "example.com."}, {Action: member.ActionRetransfer, Zone: "example.com."}, {Action: member.ActionDelete, Zone: "example.com."}}
	if err := d.Apply(t.Context(), steps, func(_ int, err error) {
		if err != nil {
			t.Error(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	text := all.String()
	for _, want := range []string{"nsd-control status → version: 4.6", "nsd-control addzones\nexample.com skein-ns3.example.net → added: example.com\nadded 1 zones\n (done)",
		"nsd-control force_transfer example.com → ok\n (done)", "nsd-control delzones\nexample.com → removed: example.com", "dns SOA " + string(self) + " → serial 1 (done)", "dns a question signed with "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, anySecret) || strings.Contains(text, "PRIVATE") {
		t.Errorf("a secret is in\n%s", text)
	}
}
