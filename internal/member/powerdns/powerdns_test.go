package powerdns

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

const tsigSecret = "c2VydmVydGVzdCBzZXJ2ZXJ0ZXN0IHNlcnZlcnRlc3Q="

// stage is a real PowerDNS, with Skein's own nameserver as its primary.
type stage struct {
	pdns    *servertest.Server
	primary *nameserver.Server
	at      []skein.Primary // where the primary listens
	prober  *probe.Prober
	member  skein.Member
	secrets skein.MemberSecrets

	mu        sync.Mutex // owns the rest
	published map[string]zone.Contents
	selves    int
}

// newStage makes both. PowerDNS is not started.
func newStage(t *testing.T) *stage {
	t.Helper()
	ip := netip.MustParseAddr("127.0.0.1")
	s := &stage{pdns: servertest.NewAt(t, "pdns_server", ip), prober: probe.New(probe.Options{}), published: map[string]zone.Contents{},
		secrets: skein.MemberSecrets{Token: servertest.APIKey, TSIG: tsigSecret}}
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
	s.member = skein.Member{Name: "ns2.example.net", Driver: "powerdns", Address: ip, Port: s.pdns.DNS.Port(), Endpoint: s.pdns.Control.String(),
		Primaries: s.at[:1], TSIGKey: "skein-ns2_example_net", Algorithm: "hmac-sha256"}
	s.primary.SetAccess(nameserver.Access{
		Keys:         []nameserver.Key{{Name: s.member.TSIGKey, Algorithm: "hmac-sha256", Secret: s.secrets.TSIG}},
		TransferKeys: []string{s.member.TSIGKey},
	})
	return s
}

// start starts PowerDNS as a fresh secondary.
func (s *stage) start(backend string) { s.pdns.PowerDNS(backend, "secondary=yes\n") }

func text(serial uint32) string {
	return fmt.Sprintf("@ 60 SOA ns.invalid. hostmaster.invalid. %d 3600 600 86400 60\n@ 60 NS ns.invalid.\n", serial)
}

func contents(t *testing.T, name zone.Name, text string) zone.Contents {
	t.Helper()
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: name})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(name, sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// put has the primary serve a zone.
func (s *stage) put(t *testing.T, name zone.Name, text string) {
	t.Helper()
	s.primary.Put(s.publish(t, name, text))
}

// publish says what is to be on the member of a zone.
func (s *stage) publish(t *testing.T, name zone.Name, text string) zone.Contents {
	t.Helper()
	c := contents(t, name, text)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.published[name.Key()] = c
	return c
}

func (s *stage) serial(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error) {
	r, err := s.prober.Serial(ctx, addr, name)
	if err == nil && r.Outcome != probe.Serves {
		err = errors.New(r.Text())
	}
	return r.Serial, err
}

func (s *stage) options() Options {
	return Options{Serial: s.serial, Published: func(_ context.Context, name zone.Name) (zone.Contents, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		c, is := s.published[name.Key()]
		return c, is
	}}
}

// driver makes one for the member, edited.
func (s *stage) driver(t *testing.T, edit ...func(*skein.Member, *skein.MemberSecrets, *Options)) *Driver {
	t.Helper()
	m, secrets, o := s.member, s.secrets, s.options()
	for _, e := range edit {
		e(&m, &secrets, &o)
	}
	d, err := New(m, secrets, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// The back ends whose databases the tests use, and what a person makes a zone with there.
var backEnds = []string{servertest.SQLite, servertest.LMDB}

// ownZones has somebody make zones there by hand: one that nobody owns, and one
// that another Skein does.
func (s *stage) ownZones(t *testing.T) map[string]zone.Name {
	t.Helper()
	nobody := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Settings = nativeMode })
	all := map[string]zone.Name{}
	for who, own := range map[string]struct {
		name    zone.Name
		account string
	}{"made by hand": {"own.example.", ""}, "of another cluster": {"theirs.example.", "skein-ns7.example.org"}} {
		want := nobody.want(own.name)
		want.Account, want.Nameservers = own.account, &[]string{}
		for set := range contents(t, own.name, text(1)).All() {
			want.RRsets = append(want.RRsets, given(set))
		}
		if err := nobody.client.call(t.Context(), "POST", "/zones", want, nil); err != nil {
			t.Fatal(err)
		}
		all[who] = own.name
	}
	return all
}

var nativeMode = map[string]string{Mode: Native}

func (s *stage) subject(foreign map[string]zone.Name) *membertest.Subject {
	return &membertest.Subject{
		Driver: func(t *testing.T, via netip.AddrPort) member.Driver {
			return s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
				if via.IsValid() {
					m.Endpoint = via.String()
				}
			})
		},
		Stranger: func(t *testing.T) member.Driver {
			return s.driver(t, func(_ *skein.Member, secrets *skein.MemberSecrets, _ *Options) { secrets.Token = "AAAA" })
		},
		Moved: func(t *testing.T) member.Driver {
			return s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Primaries = s.at[1:] })
		},
		Control: s.pdns.Control,
		Put:     func(t *testing.T, name zone.Name, serial uint32) { s.put(t, name, text(serial)) },
		Serial: func(ctx context.Context, name zone.Name) (uint32, error) {
			return s.serial(ctx, s.pdns.DNS, name)
		},
		Stop:    func(*testing.T) { s.pdns.Stop() },
		Start:   func(*testing.T) { s.pdns.Start() },
		Pause:   func(*testing.T) { s.pdns.Pause() },
		Resume:  func(*testing.T) { s.pdns.Resume() },
		Foreign: foreign,
		Takes:   slices.Collect(maps.Keys(foreign)),
		Reloads: !native(s.member),
		Unfit: func(name zone.Name) bool {
			return strings.ContainsFunc(string(name), func(r rune) bool {
				return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._/", r))
			})
		},
		Other: func(t *testing.T, name zone.Name, serial uint32) {
			c := contents(t, name, text(serial)+"www 60 A 192.0.2.1\n")
			d := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
				o.Published = func(context.Context, zone.Name) (zone.Contents, bool) { return c, true }
			})
			if err := d.write(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// The suite of every driver against PowerDNS, in both modes and over two back ends.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, backend := range backEnds {
		t.Run(backend+" as a secondary", func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.start(backend)
			membertest.Run(t, s.subject(s.ownZones(t)))
		})
		t.Run(backend+" with records written", func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.member.Settings = nativeMode
			s.start(backend)
			membertest.Run(t, s.subject(s.ownZones(t)))
		})
	}
}
