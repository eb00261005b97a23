package whm

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/dnsadmin"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/zone"
)

// stage is a server, and what our nameserver would serve.
type stage struct {
	*server
	prober *probe.Prober
	ids    *dnsadmin.Ids

	published sync.Map // text by key
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{server: newServer(t), prober: probe.New(probe.Options{}), ids: dnsadmin.NewIds(1000, time.Hour, time.Now)}
	t.Cleanup(func() { s.prober.Close() })
	return s
}

// publish has our nameserver serve a zone, with so many octets of text in it.
func (s *stage) publish(t *testing.T, name zone.Name, serial uint32, octets int) {
	t.Helper()
	var b bytes.Buffer
	if err := zone.Print(&b, contents(t, name, serial), zone.PrintOptions{}); err != nil {
		t.Fatal(err)
	}
	b.WriteString(strings.Repeat("; a remark of sixty-four octets, so that zones are of some size.\n", octets/64))
	s.published.Store(key(name), published{b.Bytes(), serial})
}

type published struct {
	text   []byte
	serial uint32
}

func contents(t *testing.T, name zone.Name, serial uint32, more ...string) zone.Contents {
	t.Helper()
	c, err := parse(name, fmt.Appendf(nil, "@ 60 SOA ns.invalid. hostmaster.invalid. %d 3600 600 86400 60\n@ 60 NS ns.invalid.\n%s", serial, strings.Join(more, "")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *stage) driver(t *testing.T, change ...func(*skein.Member, *skein.MemberSecrets, *Options)) *Driver {
	t.Helper()
	m := skein.Member{Name: "ns1", Role: skein.RoleSynchronize, Address: s.DNS().Addr(), Port: s.DNS().Port(), Endpoint: s.addr.String(), Pin: s.pin(t)}
	secrets := skein.MemberSecrets{Token: s.token}
	o := Options{Ids: s.ids, Silence: time.Minute,
		Answers: func(ctx context.Context, addr netip.AddrPort) error {
			r, err := s.prober.Serial(ctx, addr, "nobody.example.")
			if err == nil && r.Outcome == probe.NoAnswer {
				err = errors.New(r.Text())
			}
			return err
		},
		Published: func(_ context.Context, name zone.Name) ([]byte, uint32, bool) {
			p, is := s.published.Load(key(name))
			if !is {
				return nil, 0, false
			}
			return p.(published).text, p.(published).serial, true
		},
		Serials: func(ctx context.Context, addr netip.AddrPort, names []zone.Name, each func(zone.Name, uint32)) {
			for r := range s.prober.Serials(ctx, addr, slices.Values(names)) {
				if r.Outcome == probe.Serves {
					each(r.Zone, r.Serial)
				}
			}
		}}
	for _, c := range change {
		c(&m, &secrets, &o)
	}
	d, err := New(m, secrets, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// via has the driver speak to something between.
func via(addr netip.AddrPort) func(*skein.Member, *skein.MemberSecrets, *Options) {
	return func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) {
		if addr.IsValid() {
			m.Endpoint = addr.String()
		}
	}
}

func TestWHMIsAMember(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const refused zone.Name = "refused.example."
	s.refused[key(refused)] = "it is the zone of this server's own name"
	membertest.Run(t, &membertest.Subject{
		Driver: func(t *testing.T, at netip.AddrPort) member.Driver { return s.driver(t, via(at)) },
		Stranger: func(t *testing.T) member.Driver {
			return s.driver(t, func(_ *skein.Member, secrets *skein.MemberSecrets, _ *Options) { secrets.Token = "AAAA" })
		},
		Control: s.addr,
		Put:     func(t *testing.T, name zone.Name, serial uint32) { s.publish(t, name, serial, 0) },
		Serial: func(ctx context.Context, name zone.Name) (uint32, error) {
			r, err := s.prober.Serial(ctx, s.DNS(), name)
			if err == nil && r.Outcome != probe.Serves {
				err = errors.New(r.Text())
			}
			return r.Serial, err
		},
		Stop:    func(*testing.T) { s.stop() },
		Start:   func(t *testing.T) { s.start(t) },
		Pause:   func(*testing.T) { s.Pause() },
		Resume:  func(*testing.T) { s.Resume() },
		Refused: refused,
		Reloads: true,
		Made:    func(t *testing.T, name zone.Name, serial uint32) { s.Put(contents(t, name, serial)) },
		Other: func(t *testing.T, name zone.Name, serial uint32) {
			s.Put(contents(t, name, serial, "www 60 A 192.0.2.1\n"))
		},
	})
}

// A token is shown to no server but the right one.
func TestCertificate(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	pin := s.pin(t)
	if got, trusted, err := s.driver(t).Certificate(t.Context()); err != nil || trusted || got != pin {
		t.Errorf("%s, trusted %v, %v", got, trusted, err)
	}
	none := func(m *skein.Member, _ *skein.MemberSecrets, _ *Options) { m.Pin = "" }
	if _, err := s.driver(t, none).Status(t.Context()); !errors.Is(err, member.ErrDenied) || !strings.Contains(err.Error(), pin) {
		t.Errorf("one that nobody signed, and nobody pinned: %v", err)
	}
	before := s.driver(t)
	s.stop()
	s.cert = certificate(t, "ns1.example.net")
	s.start(t)
	s.took()
	if _, err := before.Status(t.Context()); !errors.Is(err, member.ErrDenied) || !strings.Contains(err.Error(), pin) || !strings.Contains(err.Error(), s.pin(t)) {
		t.Errorf("one that was replaced: %v", err)
	}
	if calls := s.took(); len(calls) > 0 {
		t.Errorf("it was called: %q", calls)
	}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t)
	if err := d.Trust(t.Context(), "root", "skein.example.net", "TOKEN456"); err != nil {
		t.Error(err)
	}
	s.fault(dnsadmin.Trust, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Access denied</html>") })
	if err := d.Trust(t.Context(), "root", "skein.example.net", "TOKEN456"); err == nil || !strings.Contains(err.Error(), "Access denied") || strings.Contains(err.Error(), "TOKEN456") {
		t.Errorf("refused: %v", err)
	}
}

// The debug log has every exchange, and no secret.
func TestTrace(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.publish(t, "a.example.", 1, 0)
	var mu sync.Mutex // owns all
	var all []member.Transaction
	d := s.driver(t, func(_ *skein.Member, secrets *skein.MemberSecrets, o *Options) {
		o.Trace = member.Trace(func(x member.Transaction) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, x)
		}).Redact(*secrets)
	})
	if told, err := add(t, d, "a.example."); err != nil || told[0] != nil {
		t.Fatal(told, err)
	}
	if err := d.Trust(t.Context(), "root", "skein.example.net", "TOKEN456"); err != nil {
		t.Fatal(err)
	}
	var calls []string
	for _, x := range all {
		calls = append(calls, x.What)
		if text := fmt.Sprint(x); strings.Contains(text, "TOKEN") || x.Outcome != member.TraceDone {
			t.Errorf("%s", text)
		}
	}
	want := []string{"GET " + dnsadmin.ShowVersion, "POST " + dnsadmin.SyncZones, "POST " + dnsadmin.ReloadBIND, "POST " + dnsadmin.Trust}
	if !slices.Equal(calls, want) {
		t.Errorf("%q", calls)
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	for what, row := range map[string]struct {
		m        skein.Member
		at, name string
	}{
		"an address":                     {skein.Member{Name: "ns1", Address: v4}, "192.0.2.1:2087", "192.0.2.1"},
		"of IPv6":                        {skein.Member{Name: "ns1", Address: v6}, "[2001:db8::1]:2087", "2001:db8::1"},
		"a member that is called a host": {skein.Member{Name: "ns1.example.net", Address: v4}, "192.0.2.1:2087", "ns1.example.net"},
		"a name":                         {skein.Member{Name: "ns1.example.net", Address: v4, Endpoint: "whm.example.net"}, "whm.example.net:2087", "whm.example.net"},
		"with a port":                    {skein.Member{Name: "ns1", Address: v4, Endpoint: "whm.example.net:8443"}, "whm.example.net:8443", "whm.example.net"},
		"nothing":                        {skein.Member{Name: "ns1.example.net"}, "", ""},
	} {
		if at, name := endpoint(row.m), certName(row.m); at != row.at || name != row.name {
			t.Errorf("%s: %s, with a certificate of %s", what, at, name)
		}
	}
}

// A member that is spoken to at an address is trusted by its name, so that its
// certificate need not be pinned, and a renewed one is taken.
func TestACertificateOfTheNameAtAnAddress(t *testing.T) {
	t.Parallel()
	authority, other := certificate(t, "authority.example.net"), certificate(t, "authority.example.net")
	roots := x509.NewCertPool()
	roots.AddCert(authority.Leaf)
	const name = "web1.example.net"
	for what, row := range map[string]struct {
		cert    tls.Certificate
		trusted bool
	}{
		"of its name":             {signed(t, name, &authority), true},
		"of its name, renewed":    {signed(t, name, &authority), true},
		"of another name":         {signed(t, "web2.example.net", &authority), false},
		"that nobody vouches for": {certificate(t, name), false},
		"of an authority unknown": {signed(t, name, &other), false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.stop()
			s.cert = row.cert
			s.start(t)
			d := s.driver(t, func(m *skein.Member, _ *skein.MemberSecrets, o *Options) { m.Name, m.Pin, o.Roots = name, "", roots })
			pin, trusted, err := d.Certificate(t.Context())
			if err != nil || trusted != row.trusted || pin != s.pin(t) {
				t.Errorf("trusted: %v, %s, %v", trusted, pin, err)
			}
			if _, err := d.Status(t.Context()); (err == nil) != row.trusted || !row.trusted && !errors.Is(err, member.ErrDenied) {
				t.Errorf("a call: %v", err)
			}
		})
	}
}

func TestNotSetUpYet(t *testing.T) {
	t.Parallel()
	at := netip.MustParseAddr("192.0.2.1")
	for says, row := range map[string]struct {
		m skein.Member
		s skein.MemberSecrets
	}{
		"no address":     {skein.Member{Name: "ns1"}, skein.MemberSecrets{Token: "T"}},
		"no API token":   {skein.Member{Name: "ns1", Address: at}, skein.MemberSecrets{}},
		"no fingerprint": {skein.Member{Name: "ns1", Address: at, Pin: "abc"}, skein.MemberSecrets{Token: "T"}},
	} {
		if _, err := New(row.m, row.s, Options{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
