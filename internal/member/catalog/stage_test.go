package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/catalog"
	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// stage is a real consumer with Skein's own nameserver as its primary, and the
// catalogs that that serves.
type stage struct {
	server  *servertest.Server
	primary *nameserver.Server
	prober  *probe.Prober
	set     *listing.Set
	member  skein.Member
	secrets skein.MemberSecrets

	mu      sync.Mutex // owns the rest
	zones   map[zone.Name]listing.Life
	made    int
	fetched map[string]uint32 // by key and zone
	refuse  bool              // the primary lets nobody transfer
}

var secrets = skein.MemberSecrets{
	TSIG:  "VFNJRy1rZXktb2YtdGhlLXRlc3RzLTAxMjM0NTY3ODk=",
	Audit: "YXVkaXQta2V5LW9mLXRoZS10ZXN0cy0wMTIzNDU2Nzg=",
}

// newStage makes both. The server is not started.
func newStage(t *testing.T, software string, settings ...string) *stage {
	t.Helper()
	s := &stage{server: servertest.New(t, software), prober: probe.New(probe.Options{}), secrets: secrets,
		zones: map[zone.Name]listing.Life{}, fetched: map[string]uint32{}}
	t.Cleanup(func() { s.prober.Close() })
	local := netip.AddrPortFrom(s.server.DNS.Addr(), 0)
	s.primary = nameserver.New(nameserver.Options{Listen: []netip.AddrPort{local}, OnTransfer: s.transferred})
	if err := s.primary.Listen(); err != nil {
		t.Fatal(err)
	}
	at := s.primary.Addrs()[0]
	s.member = skein.Member{
		Name: "ns2.example.net", Driver: catalog.Name, Address: s.server.DNS.Addr(), Port: s.server.DNS.Port(),
		Primaries: []skein.Primary{{Address: at.Addr(), Port: at.Port()}}, TSIGKey: "skein-ns2", AuditKey: "skein-audit-ns2", Algorithm: "hmac-sha256",
		Settings: map[string]string{catalog.SettingSoftware: software},
	}
	for i := 0; i+1 < len(settings); i += 2 {
		s.member.Settings[settings[i]] = settings[i+1]
	}
	s.admit()
	s.set = listing.New(s, s.primary, time.Now().Add(-time.Hour), slog.New(slog.DiscardHandler)) // with time left for many versions
	s.set.Keep(catalog.Of(s.member))
	s.primary.Ready()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.primary.Serve(ctx) })
	running.Go(func() { _ = s.set.Run(ctx, s.primary.Loaded()) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return s
}

// admit lets the member's key transfer from the primary, unless nobody may.
func (s *stage) admit() {
	a := nameserver.Access{Keys: []nameserver.Key{{Name: s.member.TSIGKey, Algorithm: "hmac-sha256", Secret: s.secrets.TSIG}}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range catalog.Of(s.member) {
		a.Closed = append(a.Closed, nameserver.Closed{Zone: c.Origin})
		if !s.refuse {
			a.Closed[len(a.Closed)-1].Keys = []string{s.member.TSIGKey}
		}
	}
	if !s.refuse {
		a.TransferKeys = []string{s.member.TSIGKey}
		if catalog.Unsigned(s.member) {
			a.TransferNets = []netip.Prefix{netip.PrefixFrom(s.member.Address, s.member.Address.BitLen())}
		}
	}
	s.primary.SetAccess(a)
}

func (s *stage) transferred(t nameserver.Transfer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetched[t.Key+" "+string(t.Zone.Canonical())] = t.Serial
}

func (s *stage) lastFetched(name zone.Name) (serial uint32, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	serial, ok = s.fetched[s.member.TSIGKey+" "+string(name.Canonical())]
	return serial, ok
}

// Each and Life: stage is the listing.Lives.
func (s *stage) Each(yield func(zone.Name, listing.Life)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, is := range s.zones {
		yield(name, is)
	}
}

func (s *stage) Life(name zone.Name) listing.Life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.zones[name.Canonical()]
}

// lives makes a zone what the nameserver has of it, without a word to the catalogs.
func (s *stage) lives(name zone.Name, is listing.Life) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zones[name.Canonical()] = is
}

// wants makes the store want a zone on the member, or not.
func (s *stage) wants(name zone.Name, wanted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name = name.Canonical()
	before := s.zones[name]
	if (before != listing.Life{}) == wanted {
		return
	}
	s.made++
	after := listing.Life{ID: fmt.Sprint(s.made), Pool: skein.DefaultPool}
	if !wanted {
		after = listing.Life{}
	}
	if s.zones[name] = after; !wanted {
		delete(s.zones, name)
	}
	s.set.Changed(name, before, after)
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

// driver makes one for the member, edited.
func (s *stage) driver(t *testing.T, edit func(*skein.Member, *skein.MemberSecrets, *catalog.Options)) *catalog.Driver {
	t.Helper()
	m, secrets := s.member, s.secrets
	o := catalog.Options{
		Listing: s.set, Prober: s.prober, Fetched: s.lastFetched, Published: s.primary.Current,
		Busy: func() (at time.Time) { return },
		Notify: func(name zone.Name) {
			s.primary.Notify(nameserver.Target{Addr: s.server.DNS, Key: s.member.TSIGKey, Source: s.server.DNS.Addr()}, name)
		},
	}
	if edit != nil {
		edit(&m, &secrets, &o)
	}
	d, err := catalog.New(m, secrets, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func probeKey(k nameserver.Key) probe.Key { return probe.Key(k) }

func (s *stage) serial(ctx context.Context, name zone.Name) (uint32, error) {
	r, err := s.prober.Serial(ctx, s.server.DNS, name)
	if err == nil && r.Outcome != probe.Serves {
		err = errors.New(r.Text())
	}
	return r.Serial, err
}

func (s *stage) subject() *membertest.Subject {
	subject := &membertest.Subject{
		Driver: func(t *testing.T, _ netip.AddrPort) member.Driver { return s.driver(t, nil) },
		Stranger: func(t *testing.T) member.Driver {
			return s.driver(t, func(_ *skein.Member, secrets *skein.MemberSecrets, _ *catalog.Options) { secrets.TSIG = secrets.Audit })
		},
		Put: s.put, Serial: s.serial,
		Stop:   func(*testing.T) { s.server.Stop() },
		Start:  func(*testing.T) { s.server.Start() },
		Pause:  func(*testing.T) { s.server.Pause() },
		Resume: func(*testing.T) { s.server.Resume() },
	}
	subject.Follows = func(t *testing.T, action member.Action, name zone.Name) {
		wanted := action == member.ActionAdd || action == member.ActionRetransfer
		if !wanted && action != member.ActionDelete {
			return
		}
		for _, foreign := range subject.Foreign { // of which Skein has one as well, for as long as it is wanted
			if foreign == name && wanted {
				s.putOther(t, name, 1)
			} else if foreign == name {
				s.primary.Drop(name)
			}
		}
		s.wants(name, wanted)
	}
	return subject
}

// start runs the server with what is printed for it, and more beside it.
func (s *stage) start(t *testing.T, beside string) {
	t.Helper()
	printed := catalog.Config(s.member, s.secrets, nil, nil, skein.ConfigStyle{Directory: s.server.Dir})
	switch s.member.Settings[catalog.SettingSoftware] {
	case "bind":
		s.server.Named(printed + beside)
	case "knot":
		s.server.Knotd(strings.Replace(printed, `target: "syslog"`, `target: "stderr"`, 1) + beside)
	case "skein":
		s.server.Shell(strings.Replace(strings.TrimSpace(printed), "\nskein ", "\nexec "+servertest.Skein(t)+" ", 1) + beside)
	case "powerdns":
		s.server.File("pdns.d/empty.conf", "")
		s.server.PDNS("include-dir=" + s.server.Dir + "/pdns.d\n")
		s.server.SQL(beside)
		shell := exec.Command("/bin/sh", "-e")
		shell.Stdin = strings.NewReader(printed)
		if out, err := shell.CombinedOutput(); err != nil {
			t.Fatalf("what is printed does not run: %v\n%s", err, out)
		}
		s.server.Stop() // as systemctl restart does
		s.server.Start()
	}
}
