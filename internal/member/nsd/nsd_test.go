package nsd

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/pki"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// stage is a real NSD, with Skein's own nameserver as its primary.
type stage struct {
	nsd     *servertest.Server
	primary *nameserver.Server
	at      []skein.Primary // where the primary listens
	prober  *probe.Prober
	member  skein.Member
	secrets skein.MemberSecrets
	selves  int
}

const anySecret = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="

// newStage makes both on one address. NSD is not started.
func newStage(t testing.TB, ip netip.Addr) *stage {
	t.Helper()
	certificate, key, err := pki.Pair("skein", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{nsd: servertest.NewAt(t, "nsd", ip), prober: probe.New(probe.Options{}),
		secrets: skein.MemberSecrets{TSIG: anySecret, Audit: anySecret, Certificate: certificate, PrivateKey: key, Server: certificate}}
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
		Name: "ns3.example.net", Driver: "nsd", Address: ip, Port: s.nsd.DNS.Port(), Endpoint: s.nsd.Control.String(),
		Primaries: s.at[:1], TSIGKey: "skein-ns3_example_net", AuditKey: "skein-audit-ns3_example_net", Algorithm: "hmac-sha256",
	}
	s.primary.SetAccess(nameserver.Access{
		Keys:         []nameserver.Key{{Name: s.member.TSIGKey, Algorithm: "hmac-sha256", Secret: s.secrets.TSIG}},
		TransferKeys: []string{s.member.TSIGKey},
	})
	return s
}

func (s *stage) put(t testing.TB, name zone.Name, serial uint32) {
	t.Helper()
	s.putText(t, name, fmt.Sprintf("@ 60 SOA ns.invalid. hostmaster.invalid. %d 3600 600 86400 60\n@ 60 NS ns.invalid.\n", serial))
}

func (s *stage) putText(t testing.TB, name zone.Name, text string) {
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
func (s *stage) driver(t testing.TB, edit func(m *skein.Member, secrets *skein.MemberSecrets)) *Driver {
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

func (s *stage) subject(foreign map[string]zone.Name) *membertest.Subject {
	return &membertest.Subject{
		Driver: func(t *testing.T, via netip.AddrPort) member.Driver {
			return s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets) {
				if via.IsValid() {
					m.Endpoint = via.String()
				}
			})
		},
		Stranger: func(t *testing.T) member.Driver {
			return s.driver(t, func(_ *skein.Member, secrets *skein.MemberSecrets) { stranger(t, secrets) })
		},
		Moved: func(t *testing.T) member.Driver {
			return s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets) {
				m.Settings = map[string]string{PatternSetting: family(*m) + "+2"}
			})
		},
		Control: s.nsd.Control,
		Put:     func(t *testing.T, name zone.Name, serial uint32) { s.put(t, name, serial) },
		Serial: func(ctx context.Context, name zone.Name) (uint32, error) {
			return s.serial(ctx, s.nsd.DNS, name)
		},
		Stop:    func(*testing.T) { s.nsd.Stop() },
		Start:   func(*testing.T) { s.nsd.Start() },
		Pause:   func(*testing.T) { s.nsd.Pause() },
		Resume:  func(*testing.T) { s.nsd.Resume() },
		Foreign: foreign,
	}
}

// stranger has a certificate that is not the server's.
func stranger(t testing.TB, secrets *skein.MemberSecrets) {
	t.Helper()
	var err error
	if secrets.Certificate, secrets.PrivateKey, err = pki.Pair("stranger", time.Now()); err != nil {
		t.Fatal(err)
	}
}

// paste does with a printed configuration what a person would, and returns the
// file of NSD's configuration that comes of it. Only the folders are other ones,
// and files are ours: a test has no root shell.
func (s *stage) paste(t testing.TB, o ConfigOptions) string {
	t.Helper()
	o.Directory = s.nsd.Dir
	etc := filepath.Dir(s.nsd.File("etc/nsd.conf", fmt.Sprintf("include: \"%s/etc/nsd.conf.d/*.conf\"\n", s.nsd.Dir)))
	if err := os.MkdirAll(filepath.Join(etc, "nsd.conf.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer("/etc/nsd", etc, "-o root -g root ", "", "-o root -g nsd ", "", "nsd-checkconf", servertest.Program(t, "nsd-checkconf"),
		"systemctl restart nsd", "echo started").Replace(Config(s.member, s.secrets, o))
	cmd := exec.Command("sh", "-e")
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "started\n" {
		t.Fatalf("%v: %s\n%s", err, out, script)
	}
	conf, err := os.ReadFile(filepath.Join(etc, "nsd.conf.d", "skein.conf"))
	if err != nil {
		t.Fatal(err)
	}
	return string(conf)
}

// otherPattern is one more pattern, besides that of the configuration.
func (s *stage) otherPattern(name string, from skein.Primary) string {
	return fmt.Sprintf("pattern:\n    name: %q\n    zonefile: \"%s/skein/%%1/%%2/%%s\"\n    request-xfr: AXFR %s@%d %q\n", name, s.nsd.Dir, from.Address, from.Port, s.member.TSIGKey)
}

// ownZone is a zone of the server's own.
func (s *stage) ownZone() string {
	s.nsd.File("own.zone", "@ 60 IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n@ 60 IN NS ns.invalid.\n")
	return "zone:\n    name: Own.example\n    zonefile: own.zone\n"
}

// The suite of every driver against NSD, set up in the ways that there are.
func TestConformance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ip    netip.Addr
		setUp func(t *testing.T, s *stage) string
	}{
		"with the printed configuration": {netip.MustParseAddr("127.0.0.1"), func(t *testing.T, s *stage) string {
			return s.paste(t, ConfigOptions{})
		}},
		"over IPv6, beside zones of its own": {netip.IPv6Loopback(), func(t *testing.T, s *stage) string {
			return "    xfrd-reload-timeout: 0\n" + s.paste(t, ConfigOptions{Merge: true})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.ip)
			s.nsd.NSD(c.setUp(t, s) + s.otherPattern(family(s.member)+"+2", s.at[1]) + s.otherPattern("hosted", s.at[0]) + s.ownZone())
			s.put(t, "other.example.", 1)
			if _, err := s.driver(t, nil).client.Call(t.Context(), "addzone other.example hosted"); err != nil {
				t.Fatal(err)
			}
			membertest.Run(t, s.subject(map[string]zone.Name{"of its nsd.conf": "own.example.", "with another pattern": "other.example."}))
		})
	}
}
