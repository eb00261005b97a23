package fake

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/membertest"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// stage is a fake server, and what our nameserver would serve.
type stage struct {
	*Server
	mu        sync.Mutex // owns published
	published map[string]zone.Contents
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s, err := New(servertest.Free(t), servertest.Free(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return &stage{Server: s, published: map[string]zone.Contents{}}
}

func contents(t *testing.T, name zone.Name, serial uint32, more ...string) zone.Contents {
	t.Helper()
	c, err := parse(name, fmt.Sprintf("@ 60 SOA ns.invalid. hostmaster.invalid. %d 3600 600 86400 60\n@ 60 NS ns.invalid.\n%s", serial, strings.Join(more, "")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *stage) driver(t *testing.T, via netip.AddrPort, secret string) *Driver {
	t.Helper()
	if !via.IsValid() {
		via = s.Control()
	}
	m := skein.Member{Name: "web1", Address: via.Addr(), RNDCPort: via.Port()}
	d, err := NewDriver(m, skein.MemberSecrets{RNDC: secret}, func(name zone.Name) (zone.Contents, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		c, is := s.published[name.Key()]
		return c, is
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// The fake is held to what every driver must do.
func TestFakeIsAMember(t *testing.T) {
	t.Parallel()
	s, p := newStage(t), probe.New(probe.Options{})
	t.Cleanup(func() { p.Close() })
	s.Lock(contents(t, "web1.example.net.", 1))
	membertest.Run(t, &membertest.Subject{
		Driver:   func(t *testing.T, via netip.AddrPort) member.Driver { return s.driver(t, via, s.Secret()) },
		Stranger: func(t *testing.T) member.Driver { return s.driver(t, netip.AddrPort{}, "AAAA") },
		Control:  s.Control(),
		Put: func(t *testing.T, name zone.Name, serial uint32) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.published[name.Key()] = contents(t, name, serial)
		},
		Serial: func(ctx context.Context, name zone.Name) (uint32, error) {
			r, err := p.Serial(ctx, s.DNS(), name)
			if err == nil && r.Outcome != probe.Serves {
				err = errors.New(r.Text())
			}
			return r.Serial, err
		},
		Stop: func(*testing.T) { s.Stop() },
		Start: func(t *testing.T) {
			if err := s.Start(); err != nil {
				t.Fatal(err)
			}
		},
		Pause:   func(*testing.T) { s.Pause() },
		Resume:  func(*testing.T) { s.Resume() },
		Foreign: map[string]zone.Name{"that is locked": "web1.example.net."},
		Made:    func(t *testing.T, name zone.Name, serial uint32) { s.Server.Put(contents(t, name, serial)) },
		Other: func(t *testing.T, name zone.Name, serial uint32) {
			s.Server.Put(contents(t, name, serial, "www 60 A 192.0.2.1\n"))
		},
	})
}

// What a test scripts goes wrong, once, in that way, and what was done is done.
func TestFaults(t *testing.T) {
	t.Parallel()
	const name zone.Name = "a.example."
	for how, row := range map[How]struct {
		done bool // in spite of the error
		away bool
	}{
		Refuses: {done: false, away: false},
		Fails:   {done: true, away: false},
		Lost:    {done: true, away: true},
	} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.published[name.Key()] = contents(t, name, 7)
			d := s.driver(t, netip.AddrPort{}, s.Secret())
			s.Fault(Fault{Call: "save", How: how}, Fault{Call: "save", Zone: "other.example.", How: Refuses, Times: -1})
			err := d.save(t.Context(), name)
			if err == nil || errors.Is(err, member.ErrAway) != row.away {
				t.Errorf("saving: %v", err)
			}
			if _, is := s.Contents(name); is != row.done {
				t.Errorf("it is there: %v", is)
			}
			if err := d.save(t.Context(), name); err != nil {
				t.Errorf("saving again: %v", err)
			}
		})
	}
}

// An answer that is not what was asked for, or ends early, is an error, and
// none of it is taken for the whole.
func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.driver(t, netip.AddrPort{}, s.Secret())
	for i := range uint32(3) {
		s.Server.Put(contents(t, zone.Name(fmt.Sprintf("z%d.example.", i)), 1))
	}
	list := func() (told int, err error) {
		err = d.Inventory(t.Context(), func(skein.Held) error { told++; return nil })
		return told, err
	}
	s.Fault(Fault{Call: "list", How: Garbage})
	if told, err := list(); told != 0 || err == nil || errors.Is(err, member.ErrAway) {
		t.Errorf("a page to log in: %d zones, %v", told, err)
	}
	s.Fault(Fault{Call: "list", How: Breaks, Lines: 2})
	if told, err := list(); told != 2 || !errors.Is(err, member.ErrAway) {
		t.Errorf("a list that breaks off: %d zones, %v", told, err)
	}
	s.Fault(Fault{How: Hangs, Times: -1})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- d.Inventory(ctx, func(skein.Held) error { return nil }) }()
	cancel()
	if err := <-done; !errors.Is(err, member.ErrAway) {
		t.Errorf("a member that hangs: %v", err)
	}
	s.Heal()
	if told, err := list(); told != 3 || err != nil {
		t.Errorf("healed: %d zones, %v", told, err)
	}
}

// A test that looks for writes finds each, and older contents where there were newer ones.
func TestWhatWasDone(t *testing.T) {
	t.Parallel()
	const name zone.Name = "a.example."
	s := newStage(t)
	d := s.driver(t, netip.AddrPort{}, s.Secret())
	for _, serial := range []uint32{7, 9, 8} {
		s.published[name.Key()] = contents(t, name, serial)
		if err := d.save(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"save a.example. 7", "save a.example. 9", "save a.example. 8"}
	if got := s.Commands(); !slices.Equal(got, want) {
		t.Errorf("commands %q, want %q", got, want)
	}
	if got := s.WentBack(); !slices.Equal(got, []string{"a.example. from 9 to 8"}) {
		t.Errorf("went back: %q", got)
	}
}
