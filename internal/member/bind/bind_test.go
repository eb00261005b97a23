package bind

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// stage is a real named, with Skein's own nameserver as its primary.
type stage struct {
	named   *servertest.Server
	primary *nameserver.Server
	at      []skein.Primary // where the primary listens
	prober  *probe.Prober
	member  skein.Member
	secrets skein.MemberSecrets
	selves  int
}

// newStage makes both on one address. named is not started.
func newStage(t *testing.T, ip netip.Addr) *stage {
	t.Helper()
	s := &stage{named: servertest.NewAt(t, "named", ip), prober: probe.New(probe.Options{}), secrets: allSecrets}
	t.Cleanup(func() { s.prober.Close() })
	s.primary = nameserver.New(nameserver.Options{Listen: []netip.AddrPort{netip.AddrPortFrom(ip, 0), netip.AddrPortFrom(ip, 0)}})
	if err := s.primary.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.primary.Serve(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	for _, addr := range s.primary.Addrs() {
		s.at = append(s.at, skein.Primary{Address: addr.Addr(), Port: addr.Port()})
	}
	s.member = skein.Member{
		Name: "ns2.example.net", Driver: "bind", Address: ip, Port: s.named.DNS.Port(), RNDCPort: s.named.Control.Port(),
		Primaries: s.at[:1], TSIGKey: "skein-ns2", AuditKey: "skein-audit-ns2", Algorithm: "hmac-sha256",
	}
	s.admit()
	return s
}

// admit lets the member's key transfer from the primary.
func (s *stage) admit() {
	s.primary.SetAccess(nameserver.Access{
		Keys:         []nameserver.Key{{Name: s.member.TSIGKey, Algorithm: "hmac-sha256", Secret: s.secrets.TSIG}},
		TransferKeys: []string{s.member.TSIGKey},
	})
}

// keys are the key statements of a named.conf that Config did not print.
func (s *stage) keys() string {
	return keyStatement(rndcKeyName(s.member), s.secrets.RNDC) + keyStatement(s.member.TSIGKey, s.secrets.TSIG)
}

func keyStatement(name, secret string) string {
	return fmt.Sprintf("key %q { algorithm hmac-sha256; secret %q; };\n", name, secret)
}

// controls is the controls statement that goes with it.
func (s *stage) controls() string {
	return fmt.Sprintf("controls { inet %s port %d allow { any; } keys { %q; }; };\n", s.named.Control.Addr(), s.named.Control.Port(), rndcKeyName(s.member))
}

func (s *stage) put(t *testing.T, name zone.Name, serial uint32) {
	t.Helper()
	s.putText(t, name, fmt.Sprintf("@ 60 SOA ns.invalid. hostmaster.invalid. %d 3600 600 86400 60\n@ 60 NS ns.invalid.\n", serial))
}

func (s *stage) putText(t *testing.T, name zone.Name, text string) {
	t.Helper()
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: name})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(name, sets)
	if err != nil {
		t.Fatal(err)
	}
	s.primary.Put(c)
}

func (s *stage) serial(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error) {
	r, err := s.prober.Serial(ctx, addr, name)
	if err == nil && r.Outcome != probe.Serves {
		err = errors.New(r.Text())
	}
	return r.Serial, err
}

// signature is what a daemon gives to its drivers.
func (s *stage) signature(ctx context.Context, addr netip.AddrPort, name, algorithm, secret string) (string, error) {
	verdict, err := s.prober.Signature(ctx, addr, zone.Root, probe.Key{Name: name, Algorithm: algorithm, Secret: secret})
	return string(verdict), err
}

// driver makes one for the member, edited.
func (s *stage) driver(t *testing.T, edit func(m *skein.Member, secrets *skein.MemberSecrets)) *Driver {
	t.Helper()
	m, secrets := s.member, s.secrets
	if edit != nil {
		edit(&m, &secrets)
	}
	d, err := New(m, secrets, Options{Serial: s.serial, Signature: s.signature})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func (s *stage) subject(foreign map[string]zone.Name, moved ...skein.Primary) *membertest.Subject {
	return &membertest.Subject{
		Driver: func(t *testing.T, via netip.AddrPort) member.Driver {
			return s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets) {
				if via.IsValid() {
					m.RNDCAddr, m.RNDCPort = via.Addr(), via.Port()
				}
			})
		},
		Stranger: func(t *testing.T) member.Driver {
			return s.driver(t, func(_ *skein.Member, secrets *skein.MemberSecrets) { secrets.RNDC = "AAAA" })
		},
		Moved: func(t *testing.T) member.Driver {
			return s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets) { m.Primaries = moved })
		},
		Control: s.named.Control,
		Put:     s.put,
		Serial: func(ctx context.Context, name zone.Name) (uint32, error) {
			return s.serial(ctx, s.named.DNS, name)
		},
		Stop:    func(*testing.T) { s.named.Stop() },
		Start:   func(*testing.T) { s.named.Start() },
		Pause:   func(*testing.T) { s.named.Pause() },
		Resume:  func(*testing.T) { s.named.Resume() },
		Foreign: foreign,
		Takes:   []string{"that another added", "of another's own"},
	}
}

const ownZone = "zone \"own.example\" { type primary; file \"own.zone\"; };\n"

func (s *stage) ownZone() {
	s.named.File("own.zone", "@ 60 IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n@ 60 IN NS ns.invalid.\n")
}

// The suite of every driver against BIND, set up in the ways that there are.
func TestConformance(t *testing.T) {
	t.Parallel()
	v4, v6 := netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()
	t.Run("with the printed configuration", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, v4)
		s.ownZone()
		s.named.Named(Config(s.member, s.secrets, ConfigOptions{Directory: s.named.Dir}) + ownZone)
		membertest.Run(t, s.subject(map[string]zone.Name{"of its named.conf": "own.example."}, s.at[1]))
		// Of all stories one changes a zone's setup, so no second round did.
		if n := strings.Count(s.named.Log(), "command 'modzone"); n != 1 {
			t.Errorf("%d modzone commands were sent", n)
		}
	})
	// To Skein its own nameserver is a BIND: so it shows a zone as it was added.
	t.Run("with a Skein nameserver in its place", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, v4)
		s.put(t, "other.example.", 1)
		printed := s.named.File("member.conf", Config(s.member, s.secrets, ConfigOptions{}))
		s.named.Shell(fmt.Sprintf("exec %s nameserver --secondary %s/zones --listen %s --rndc %s --rndc-key-file %[5]s --tsig-key %[5]s\n",
			servertest.Skein(t), s.named.Dir, s.named.DNS, s.named.Control, printed))
		s.named.Key = s.named.File("skein.key", keyStatement(rndcKeyName(s.member), s.secrets.RNDC))
		if out, err := s.named.RNDC("addzone", "other.example", fmt.Sprintf("{ type secondary; file \"other.db\"; primaries { %s port %d key %q; }; };", s.at[0].Address, s.at[0].Port, s.member.TSIGKey)); err != nil {
			t.Fatal(err, out)
		}
		membertest.Run(t, s.subject(map[string]zone.Name{"that another added": "other.example."}, s.at[1]))
	})
	t.Run("over IPv6", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, v6)
		s.ownZone()
		s.named.Named(Config(s.member, s.secrets, ConfigOptions{Directory: s.named.Dir}) + ownZone)
		membertest.Run(t, s.subject(map[string]zone.Name{"of its named.conf": "own.example."}, s.at[1]))
	})
	t.Run("in a view", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, v4)
		s.member.View = "in-side_2.x"
		s.ownZone()
		s.named.Named(s.keys() + s.named.Options("") + s.controls() + `
view "other" { match-clients { none; }; allow-new-zones yes; };
view "in-side_2.x" { match-clients { any; }; allow-new-zones yes; ` + ownZone + "};\n")
		membertest.Run(t, s.subject(map[string]zone.Name{"of its named.conf": "own.example."}, s.at[1]))
	})
	t.Run("with several primaries, the first of them away", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, v4)
		gone := servertest.Free(t)
		s.member.Primaries = []skein.Primary{{Address: gone.Addr(), Port: gone.Port()}, s.at[0]}
		catalogAndOther(t, s)
		membertest.Run(t, s.subject(map[string]zone.Name{"of a catalog": "cat.example.", "that another added": "other.example.", "of another's own": "primary.example."}, s.at[0], s.member.Primaries[0]))
	})
}

// catalogAndOther starts a named that follows a catalog zone as well, and gets
// a zone over rndc from somebody else.
func catalogAndOther(t *testing.T, s *stage) {
	t.Helper()
	s.putText(t, "catalog.invalid.", `@ 0 SOA invalid. invalid. 1 60 10 2147483646 0
@ 0 NS invalid.
version 0 TXT "2"
x.zones 0 PTR cat.example.
`)
	s.put(t, "cat.example.", 1)
	s.put(t, "other.example.", 1)
	from := fmt.Sprintf("{ %s port %d key %q; }", s.at[0].Address, s.at[0].Port, s.member.TSIGKey)
	s.named.Named(s.keys() + s.named.Options("allow-new-zones yes; serial-query-rate 1000; catalog-zones { zone \"catalog.invalid\" default-primaries "+from+" in-memory yes; };") + s.controls() +
		fmt.Sprintf("zone \"catalog.invalid\" { type secondary; file \"catalog.db\"; primaries %s; };\n", from))
	s.named.Key = s.named.File("skein.key", keyStatement(rndcKeyName(s.member), s.secrets.RNDC))
	s.named.File("primary.zone", "@ 60 IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n@ 60 IN NS ns.invalid.\n")
	if out, err := s.named.RNDC("addzone", "primary.example", "{ type primary; file \"primary.zone\"; };"); err != nil {
		t.Fatal(out, err)
	}
	if out, err := s.named.RNDC("addzone", "other.example", fmt.Sprintf("{ type secondary; file \"other.db\"; primaries %s; };", from)); err != nil {
		t.Fatal(out, err)
	}
}

// A name that is longer, escaped as it is, than BIND can keep fails by itself,
// says why, and leaves nothing behind.
func TestANameThatBINDCannotKeep(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	s.named.Named(Config(s.member, s.secrets, ConfigOptions{Directory: s.named.Dir}))
	long := zone.Name(strings.Repeat(strings.Repeat(`\001`, 63)+".", 3) + strings.Repeat(`\002`, 61) + ".")
	d := s.driver(t, nil)
	for _, step := range []struct {
		name zone.Name
		ok   bool
	}{{long, false}, {"short.example.", true}} {
		err := d.Apply(t.Context(), []member.Step{{Action: member.ActionAdd, Zone: step.name}}, func(_ int, err error) {
			if (err == nil) != step.ok || err != nil && !strings.Contains(err.Error(), "511") {
				t.Errorf("%d octets: %v", len(step.name), err)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
	there, err := d.Has(t.Context(), []zone.Name{long, "short.example."})
	if err != nil || there[0].Present || !there[1].Current {
		t.Errorf("%+v, %v", there, err)
	}
}

// The printed configuration lets in what BIND by itself would not.
func TestALargeRRsetIsTaken(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	s.named.Named(Config(s.member, s.secrets, ConfigOptions{Directory: s.named.Dir}))
	var text strings.Builder
	text.WriteString("@ 60 SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n@ 60 NS ns.invalid.\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "@ 60 TXT \"record %d\"\n", i)
	}
	const name zone.Name = "large.example."
	s.putText(t, name, text.String())
	if err := s.driver(t, nil).add(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	servertest.Eventually(t, "it is served", func() error {
		_, err := s.serial(t.Context(), s.named.DNS, name)
		return err
	})
}

// A server in use takes the block beside its own options: Skein's test passes,
// its own zones are served and transferred as before, and its own rndc works.
func TestTheBlockIsMergedIntoAServerInUse(t *testing.T) {
	t.Parallel()
	s := newStage(t, netip.MustParseAddr("127.0.0.1"))
	local := servertest.Free(t)
	localKey := s.named.File("local.key", keyStatement("rndc-key", anySecret))
	block := Config(s.member, s.secrets, ConfigOptions{Merge: true})
	block = strings.NewReplacer("/etc/bind/rndc.key", localKey, "inet 127.0.0.1 port 953", fmt.Sprintf("inet 127.0.0.1 port %d", local.Port())).Replace(block)
	s.ownZone()
	s.named.Named(s.named.Options("allow-transfer { any; };\n"+forOptions(block)) + block + ownZone)
	self := s.selfTest(t)
	judge(t, s.driver(t, nil).Test(t.Context(), self), situation{})
	if out, err := servertest.RNDC(t, local, localKey, "status"); err != nil {
		t.Errorf("the machine's own rndc: %v\n%s", err, out)
	}
	out, err := s.named.Dig("own.example", "AXFR", "+short")
	if err != nil || strings.Count(out, "\n") != 2 {
		t.Errorf("a transfer of its own zone: %v\n%s", err, out)
	}
	// Skein's zones go to the audit key only, whatever is allowed otherwise.
	if err := s.driver(t, nil).add(t.Context(), self); err != nil {
		t.Fatal(err)
	}
	servertest.Eventually(t, "it is served", func() error {
		_, err := s.serial(t.Context(), s.named.DNS, self)
		return err
	})
	for situation, c := range map[string]struct {
		key probe.Key
		ok  bool
	}{
		"the audit key": {probe.Key{Name: s.member.AuditKey, Algorithm: "hmac-sha256", Secret: s.secrets.Audit}, true},
		"no key":        {probe.Key{}, false},
	} {
		if _, err := s.prober.Served(t.Context(), s.named.DNS, self, c.key); (err == nil) != c.ok {
			t.Errorf("a transfer with %s: %v", situation, err)
		}
	}
}
