package bind

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// situation is one thing that is wrong with a member, and what is to be found.
type situation struct {
	edit  func(t *testing.T, s *stage, m *skein.Member, secrets *skein.MemberSecrets, o *Options)
	check string   // that fails; "" : none
	says  []string // what its finding or mend says
}

// Each thing that can be wrong with a member is named, with its mend; what
// was added for the test is gone afterwards.
func TestFindings(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	locked, readOnly, dumb := servertest.Free(t), servertest.Free(t), silentServer(t)
	name := rndcKeyName(s.member)
	s.ownZone()
	s.named.Named(s.keys() + keyStatement("wrong-secret", "AAAA") + s.named.Options("") + fmt.Sprintf(`
controls {
	inet 127.0.0.1 port %d allow { 127.0.0.1; } keys { %q; };
	inet 127.0.0.1 port %d allow { 192.0.2.1; } keys { %[2]q; };
	inet 127.0.0.1 port %[4]d allow { 127.0.0.1; } keys { %[2]q; } read-only yes;
};
view "inside" { match-clients { any; }; allow-new-zones yes; %[5]s };
view "locked" { match-clients { none; }; };
`, s.named.Control.Port(), name, locked.Port(), readOnly.Port(), ownZone))
	s.member.View = "inside"

	type m = *skein.Member
	type secrets = *skein.MemberSecrets
	type o = *Options
	for name, c := range map[string]situation{
		"all is well":              {func(*testing.T, *stage, m, secrets, o) {}, "", nil},
		"one of two primaries":     {func(_ *testing.T, s *stage, m m, _ secrets, _ o) { m.Primaries = s.at }, "", nil},
		"the secret of the key":    {func(_ *testing.T, _ *stage, _ m, x secrets, _ o) { x.RNDC = "AAAA" }, "rndc", []string{"does not take our key", "secret", "algorithm", "hmac-sha256"}},
		"the algorithm of the key": {func(_ *testing.T, _ *stage, m m, _ secrets, _ o) { m.Algorithm = "hmac-sha512" }, "rndc", []string{"does not take our key", "secret", "algorithm", "hmac-sha512"}},
		"the clock": {func(_ *testing.T, _ *stage, _ m, _ secrets, o o) {
			o.RNDC.Now = func() time.Time { return time.Now().Add(time.Hour) }
		}, "clock", []string{" behind ours", "1h0m", "chrony"}},
		"our address is not allowed": {func(_ *testing.T, _ *stage, m m, _ secrets, _ o) { m.RNDCPort = locked.Port() }, "rndc", []string{"at sight", "allow {", "127.0.0.1"}},
		"nothing listens": {func(t *testing.T, _ *stage, m m, _ secrets, _ o) { m.RNDCPort = servertest.Free(t).Port() },
			"rndc", []string{"refused", "start named", "inet 127.0.0.1 port"}},
		"it is the DNS port": {func(_ *testing.T, _ *stage, m m, _ secrets, _ o) { m.RNDCPort = m.Port }, "rndc", []string{"no named", "--rndc-port"}},
		"it takes and says nothing": {func(_ *testing.T, _ *stage, m m, _ secrets, o o) {
			m.RNDCPort, o.RNDC.Connect = dumb.Port(), 200*time.Millisecond
		}, "rndc", []string{"does not answer", "hangs", "--rndc-port"}},
		"the channel is read-only": {func(_ *testing.T, _ *stage, m m, _ secrets, _ o) { m.RNDCPort = readOnly.Port() }, "tsig-list", []string{"read-only yes", "rndc reconfig"}},
		"a view takes no zones":    {func(_ *testing.T, _ *stage, m m, _ secrets, _ o) { m.View = "locked" }, "allow-new-zones", []string{"locked", "allow-new-zones yes;"}},
		"there is no such view":    {func(_ *testing.T, _ *stage, m m, _ secrets, _ o) { m.View = "outside" }, "view", []string{"no view outside", "--view: inside, locked"}},
		"it has views":             {func(_ *testing.T, _ *stage, m m, _ secrets, _ o) { m.View = "" }, "view", []string{"no view _default", "--view: inside, locked"}},
		"the TSIG key is not there": {func(_ *testing.T, _ *stage, m m, _ secrets, _ o) { m.TSIGKey = "missing" },
			"tsig-list", []string{"does not know the TSIG key missing", "skein member config bind --name ns2.example.net", "rndc reconfig"}},
		"the TSIG key has another secret": {func(_ *testing.T, _ *stage, m m, _ secrets, _ o) { m.TSIGKey = "wrong-secret" },
			"tsig-list", []string{"wrong-secret with another secret", "skein member config bind --name ns2.example.net"}},
		"the TSIG key has another secret, and nobody asks over DNS": {func(_ *testing.T, _ *stage, m m, _ secrets, o o) {
			m.TSIGKey, o.Transfer, o.Signature = "wrong-secret", time.Second, nil
		}, "transfer", []string{"did not fetch it from", "secret of its TSIG key wrong-secret", "firewall", "clocks", "write to its directory"}},
		"a primary cannot be reached": {func(t *testing.T, s *stage, m m, _ secrets, o o) {
			m.Primaries = []skein.Primary{s.at[0], {Address: m.Address, Port: servertest.Free(t).Port()}}
			o.Transfer = time.Second
		}, "transfer", []string{"did not fetch it from 127.0.0.1:", "--primary-address"}},
		"DNS is elsewhere": {func(t *testing.T, _ *stage, m m, _ secrets, _ o) { m.Port = servertest.Free(t).Port() },
			"dns", []string{"no DNS answer", "firewall", "listen-on", "--port"}},
	} {
		self := s.selfTest(t)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, secrets, o := s.member, s.secrets, Options{Serial: s.serial, Signature: s.signature}
			c.edit(t, s, &m, &secrets, &o)
			d, err := New(m, secrets, o)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			judge(t, d.Test(t.Context(), self), c)
			s.gone(t, self)
		})
	}

	t.Run("what a broken-off test left does not pass for a transfer", func(t *testing.T) {
		self := s.selfTest(t)
		t.Parallel()
		d := s.driver(t, nil)
		if err := d.add(t.Context(), self); err != nil {
			t.Fatal(err)
		}
		unreachable := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets) {
			m.Primaries = []skein.Primary{{Address: m.Address, Port: servertest.Free(t).Port()}}
		})
		unreachable.opts.Transfer = time.Second
		servertest.Eventually(t, "it is served", func() error {
			_, err := s.serial(t.Context(), s.named.DNS, self)
			return err
		})
		judge(t, unreachable.Test(t.Context(), self), situation{check: "transfer"})
		s.gone(t, self)
	})
	t.Cleanup(func() { // zones that are there stay untouched
		if serial, err := s.serial(context.Background(), s.named.DNS, "own.example."); err != nil || serial != 1 {
			t.Errorf("serial %d, %v", serial, err)
		}
	})
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
	var failed []string
	for _, check := range checks {
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
		t.Errorf("failed %q, want %q:\n%s", failed, c.check, sayChecks(checks))
	}
	if c.check == "" {
		var names []string
		for _, check := range checks {
			names = append(names, check.Name)
		}
		for _, want := range []string{"rndc", "version", "clock", "tsig-list", "allow-new-zones", "dns", "zones"} {
			if !slices.Contains(names, want) {
				t.Errorf("there is no finding about %s", want)
			}
		}
	}
}

func sayChecks(checks []skein.Check) string {
	var b strings.Builder
	for _, c := range checks {
		fmt.Fprintf(&b, "%+v\n", c)
	}
	return b.String()
}

// gone demands that the test zone is not there.
func (s *stage) gone(t *testing.T, self zone.Name) {
	t.Helper()
	there, err := s.driver(t, nil).presence(t.Context(), self)
	if err != nil || there.Present {
		t.Errorf("the test zone is left behind: %+v, %v", there, err)
	}
}

// silentServer takes connections and says nothing.
func silentServer(t *testing.T) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// Versions that are not installed are played by our own server.
func TestVersionsAreJudged(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		"version: BIND 9.20.4 (Stable Release) <id:abc>\nnumber of zones: 12 (9 automatic)":                         "ok",
		"version: BIND 9.18.49-1~deb12u3-Debian (Extended Support Version) <id:>\nnumber of zones: 3 (3 automatic)": "ok",
		"version: BIND 9.16.50-Debian (Extended Support Version) <id:>":                                             "warn",
		"version: BIND 9.11.36-RedHat-9.11.36-16.el8 (Extended Support Version) <id:68dbd5b>":                       "warn",
		"version: BIND 9.10.8 <id:>":                     "bad",
		"version: BIND 8.4":                              "bad",
		"version: Skein v1.2\nnumber of zones: 7":        "warn",
		"server is up and running":                       "warn",
		"version: BIND 10.0 (not made yet)":              "ok",
		"version: BIND 9.18.49 (hidden by its operator)": "ok",
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			d := &Driver{}
			test := &tester{driver: d, status: status}
			test.version(t.Context())
			test.zones()
			c := test.Checks[0]
			got := "ok"
			if !c.OK {
				got = "bad"
			} else if c.Warn {
				got = "warn"
			}
			if got != want {
				t.Errorf("%s: %+v", got, c)
			}
			if strings.Contains(status, "12 (9 automatic)") && !strings.HasPrefix(test.Checks[1].Text, "it has 3 zones already") {
				t.Errorf("%+v", test.Checks[1])
			}
		})
	}
}

// A clock that is off, but not by so much that all is refused, is worth a word.
func TestAClockThatIsOffIsToldOf(t *testing.T) {
	t.Parallel()
	d := played(t, &rndc.Server{Now: func() time.Time { return time.Now().Add(-2 * time.Minute) },
		Handler: func(context.Context, net.Addr, rndc.Key, string) rndc.Answer { return rndc.Answer{} }})
	test := &tester{driver: d}
	test.clock(t.Context())
	if c := test.Checks[0]; !c.OK || !c.Warn || !strings.Contains(c.Text, "behind ours") || c.Mend == "" {
		t.Errorf("%+v", c)
	}
}

// played is a driver for a member that our own server plays.
func played(t *testing.T, server *rndc.Server) *Driver {
	t.Helper()
	server.Keys = []rndc.Key{{Algorithm: "hmac-sha256", Secret: anySecret}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- server.Serve(ctx, l) }()
	t.Cleanup(func() { cancel(); <-done })
	m := ns2
	at := l.Addr().(*net.TCPAddr).AddrPort()
	m.Address, m.RNDCPort = at.Addr(), at.Port()
	d, err := New(m, allSecrets, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}
