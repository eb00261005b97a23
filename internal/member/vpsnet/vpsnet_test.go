package vpsnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/flat"
	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/zone"
)

// stage is an account, and what is published.
type stage struct {
	*cloud
	mu        sync.Mutex // owns published
	published map[string]zone.Contents
}

func newStage(t *testing.T, guesses bool) *stage {
	return &stage{cloud: newCloud(t, guesses), published: map[string]zone.Contents{}}
}

func (s *stage) publish(c zone.Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.published[c.Origin().Key()] = c
}

func (s *stage) current(_ context.Context, name zone.Name) (zone.Contents, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, is := s.published[name.Key()]
	return c, is
}

func (s *stage) driver(t *testing.T, alter ...func(*skein.Member, *skein.MemberSecrets, *Options)) *Driver {
	t.Helper()
	m := skein.Member{Name: "vps", Driver: "vpsnet", Username: "host@example.com", Endpoint: "http://" + s.Addr, Settings: map[string]string{SettingExperimental: "yes"}}
	secrets := skein.MemberSecrets{Token: "key-of-ours"}
	o := Options{Published: s.current, perSecond: rate.Inf}
	for _, f := range alter {
		f(&m, &secrets, &o)
	}
	d, err := New(m, secrets, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func contents(t testing.TB, origin zone.Name, text string) zone.Contents {
	t.Helper()
	head := "$TTL 300\n@ SOA ns1.skein.example. host.skein.example. 7 7200 900 1209600 300\n@ NS ns1.skein.example.\n"
	sets, _, err := zone.Parse(strings.NewReader(head+text), zone.Options{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(origin, sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The call that is known is made as those who know it make it.
func TestTheKnownCall(t *testing.T) {
	t.Parallel()
	s := newStage(t, false)
	s.zones[7] = &site{name: "example.com"}
	d := s.driver(t)
	var made []flat.Record
	for _, r := range flat.Of(contents(t, "example.com.", "@ A 192.0.2.1\nwww CNAME example.net.\n@ MX 10 mail\n@ TXT \"v=spf1 -all\"\nv6 AAAA 2001:db8::1\nsub NS ns1.example.net.\n")) {
		out, why := d.recordOf("example.com.", r)
		if why != "" {
			t.Fatal(r, why)
		}
		if err := d.call(t.Context(), makeRecord, 7, 0, wrappedRecord{out}, nil); err != nil {
			t.Error(r, err)
		}
		back, err := d.read("example.com.", out)
		if err != nil || back.String() != r.String() || back.TTL != r.TTL {
			t.Errorf("%s becomes %s, %v", r, back, err)
		}
		made = append(made, r)
	}
	if len(s.zones[7].records) != len(made) {
		t.Errorf("%d records", len(s.zones[7].records))
	}
	err := d.call(t.Context(), makeRecord, 7, 0, wrappedRecord{record{Host: "a", Type: "a", Data: "poison", TTL: "1"}}, nil)
	if err == nil || errors.Is(err, member.ErrAway) || errors.Is(err, member.ErrDenied) || !strings.Contains(err.Error(), "data is invalid") {
		t.Errorf("refused: %v", err)
	}
	stranger := s.driver(t, func(_ *skein.Member, k *skein.MemberSecrets, _ *Options) { k.Token = "another" })
	if err := stranger.call(t.Context(), makeRecord, 7, 0, wrappedRecord{}, nil); !errors.Is(err, member.ErrDenied) || strings.Contains(err.Error(), "another") {
		t.Errorf("406 is a wrong key: %v", err)
	}
}

// Where a guess is wrong, the test of the member says which setting puts it right.
func TestAWrongGuessIsSaid(t *testing.T) {
	t.Parallel()
	s := newStage(t, false)
	checks := s.driver(t).Test(t.Context(), "self.invalid.")
	if n := len(checks); n != 2 || !checks[0].Warn || checks[1].OK || !strings.Contains(checks[1].Mend, SettingListDomains) {
		t.Errorf("%+v", checks)
	}
}

// The suite, against what the guesses are.
func TestSuiteOfGuesses(t *testing.T) {
	t.Parallel()
	s := newStage(t, true)
	address := func(serial uint32) string { return fmt.Sprintf("2001:db8::%x:1", serial) }
	membertest.Run(t, &membertest.Subject{
		Driver: func(t *testing.T, via netip.AddrPort) member.Driver {
			return s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *Options) {
				if via.IsValid() {
					o.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
						return new(net.Dialer).DialContext(ctx, network, via.String())
					}
				}
			})
		},
		Stranger: func(t *testing.T) member.Driver {
			return s.driver(t, func(_ *skein.Member, k *skein.MemberSecrets, _ *Options) { k.Token = "another" })
		},
		Control: netip.MustParseAddrPort(s.Addr),
		Put: func(t *testing.T, name zone.Name, serial uint32) {
			s.publish(contents(t, name, "@ AAAA "+address(serial)+"\n"))
		},
		Serial: func(_ context.Context, name zone.Name) (serial uint32, err error) {
			text, _ := plain(name)
			err = errors.New("it is not there")
			s.in(func() {
				if z, is := s.named(text); is && len(z.records) > 0 {
					_, err = fmt.Sscanf(z.records[0].Data, "2001:db8::%x:1", &serial)
				}
			})
			return serial, err
		},
		Stop:    func(*testing.T) { s.Stop() },
		Start:   s.Service.Start,
		Pause:   func(*testing.T) { s.Pause() },
		Resume:  func(*testing.T) { s.Resume() },
		Refused: "refused.example.",
		Unfit:   func(name zone.Name) bool { _, fits := plain(name); return !fits },
		Other: func(t *testing.T, name zone.Name, serial uint32) {
			text, _ := plain(name)
			s.in(func() {
				s.next += 2
				s.zones[s.next] = &site{name: text, records: []record{
					{ID: s.next + 1, Host: "@", Type: "aaaa", Data: address(serial), TTL: "300"}, {ID: s.next + 2, Host: "@", Type: "a", Data: "192.0.2.66", TTL: "300"}}}
				s.next += 2
			})
		},
	})
}

// Only what differs is sent, and what it cannot hold is told of.
func TestDifferences(t *testing.T) {
	t.Parallel()
	s := newStage(t, true)
	d := s.driver(t)
	add := func() {
		t.Helper()
		var told error
		if err := d.Apply(t.Context(), []member.Step{{Action: member.ActionAdd, Zone: "example.com."}}, func(_ int, err error) { told = err }); err != nil || told != nil {
			t.Fatal(err, told)
		}
	}
	text := "@ A 192.0.2.1\n@ A 192.0.2.2\nwww A 192.0.2.3\n@ CAA 0 issue \"ca.example\"\n"
	s.publish(contents(t, "example.com.", text))
	add()
	s.in(func() {
		z, _ := s.named("example.com")
		z.records = append(z.records, record{ID: 999, Host: "f", Type: "failover", Data: "x", TTL: "1"})
		s.written = 0
	})
	add()
	if s.written != 0 {
		t.Errorf("%d records are written though nothing changed", s.written)
	}
	there, err := d.Has(t.Context(), []zone.Name{"example.com."})
	if err != nil || !there[0].Current || len(there[0].Lacks) != 2 || !strings.Contains(there[0].Lacks[0], "no records of that type") || !strings.Contains(there[0].Lacks[1], "f failover") {
		t.Errorf("%+v, %v", there, err)
	}
	s.publish(contents(t, "example.com.", strings.Replace(text, "192.0.2.3", "192.0.2.4", 1)))
	add()
	if s.written != 2 {
		t.Errorf("%d, not one deleted and one made", s.written)
	}
}

func TestNotSetUpYet(t *testing.T) {
	t.Parallel()
	yes := map[string]string{SettingExperimental: "yes"}
	for says, m := range map[string]skein.Member{
		"is an experiment": {Name: "vps", Username: "u"},
		"no API key":       {Name: "vps", Settings: yes},
		"no METHOD":        {Name: "vps", Username: "u", Settings: map[string]string{SettingExperimental: "yes", SettingDropRecord: "/x"}},
		"without TLS":      {Name: "vps", Username: "u", Settings: yes, Endpoint: "http://api.example"},
	} {
		if _, err := New(m, skein.MemberSecrets{Token: "k"}, Options{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	for value, fine := range map[string]bool{"GET /a/{domain}": true, "PATCH /a": false, "GET a": false, "GET https://x/": false, "GET /../x": false, "": false} {
		if err := CheckCall(value); (err == nil) != fine {
			t.Errorf("%q: %v", value, err)
		}
	}
	if CheckExperimental("yes") != nil || CheckExperimental("no") == nil {
		t.Error("experimental")
	}
}
