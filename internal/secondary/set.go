// Package secondary keeps a set of secondary zones (RFC 9499) in step with
// their primaries by zone transfers, and feeds a nameserver with them.
package secondary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// Setup is how one zone is kept.
type Setup struct {
	Label     string // whatever who made the zone wants to find again; BIND's file name
	Primaries []Primary
}

// Primary is a server to transfer from.
type Primary struct {
	Addr netip.AddrPort
	Key  string // name of the TSIG key; "" none
}

// Status is what is known of a zone.
type Status struct {
	Setup
	Loaded                    bool // false: never transferred, or expired
	Serial                    uint32
	Names                     int
	Since, Refreshes, Expires time.Time
}

// Options are what a Set is made of.
type Options struct {
	Dir  string
	Keys []xfr.Key
	Log  *slog.Logger
}

// Set is a set of secondary zones.
type Set struct {
	opts Options
	keys map[string]xfr.Key

	mu    sync.Mutex // owns the rest
	ctx   context.Context
	into  nameserver.Updater
	zones map[string]*member
}

type member struct {
	name  zone.Name
	setup Setup
	wake  chan bool // true: transfer whole
	end   context.CancelFunc
	since time.Time
}

// Open makes a set.
func Open(o Options) (*Set, error) {
	s := &Set{opts: o, keys: map[string]xfr.Key{}, zones: map[string]*member{}}
	for _, k := range o.Keys {
		s.keys[k.OwnerName()] = k
	}
	return s, nil
}

// Run implements nameserver.Source.
func (s *Set) Run(ctx context.Context, into nameserver.Updater) error {
	s.mu.Lock()
	s.ctx, s.into = ctx, into
	s.mu.Unlock()
	into.Ready()
	<-ctx.Done()
	return nil
}

// Add starts a zone; false if there is one of that name.
func (s *Set) Add(name zone.Name, setup Setup) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.into == nil {
		return false, errors.New("the zones are still being loaded")
	}
	if s.zones[name.Key()] != nil {
		return false, nil
	}
	ctx, end := context.WithCancel(s.ctx)
	m := &member{name: name, setup: setup, wake: make(chan bool, 1), end: end}
	s.zones[name.Key()] = m
	s.into.Fail(name)
	go s.keep(ctx, m)
	return true, nil
}

// Change replaces a zone's setup and goes on serving it; false if there is none.
func (s *Set) Change(name zone.Name, setup Setup) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.zones[name.Key()]
	if m == nil {
		return false, nil
	}
	m.setup = setup
	m.poke(false)
	return true, nil
}

// Delete ends a zone; false if there is none.
func (s *Set) Delete(name zone.Name) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.zones[name.Key()]
	if m == nil {
		return false, nil
	}
	m.end()
	delete(s.zones, name.Key())
	s.into.Drop(name)
	return true, nil
}

// Refresh asks the primaries soon; with whole, the zone is transferred whatever its serial.
func (s *Set) Refresh(name zone.Name, whole bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.zones[name.Key()]
	if m != nil {
		m.poke(whole)
	}
	return m != nil
}

// Notified implements nameserver.NotifySink.
func (s *Set) Notified(name zone.Name, _ netip.AddrPort, _ string, _ uint32, _ bool) bool {
	return s.Refresh(name, false)
}

// Look returns a zone's setup and state; false if there is none.
func (s *Set) Look(name zone.Name) (Status, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.zones[name.Key()]
	if m == nil {
		return Status{}, false
	}
	st := Status{Setup: m.setup, Since: m.since}
	if c, ok := s.into.Current(name); ok {
		soa, _ := c.SOA()
		st.Loaded, st.Serial = true, soa.Serial
		st.Names, _ = c.Len()
	}
	return st, true
}

// Len returns the number of zones.
func (s *Set) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.zones)
}

func (m *member) poke(whole bool) {
	select {
	case m.wake <- whole:
	default:
	}
}

func (s *Set) keep(ctx context.Context, m *member) {
	whole := false
	for pause := time.Second; ctx.Err() == nil; {
		next := time.Hour
		if err := s.transfer(ctx, m, whole); err != nil {
			next, pause = pause, min(2*pause, time.Minute)
			s.opts.Log.Warn("a zone could not be refreshed", "zone", m.name, "err", err)
		} else {
			pause = time.Second
		}
		select {
		case <-ctx.Done():
		case whole = <-m.wake:
		case <-time.After(next):
			whole = false
		}
	}
}

func (s *Set) transfer(ctx context.Context, m *member, whole bool) (err error) {
	s.mu.Lock()
	setup := m.setup
	s.mu.Unlock()
	var have zone.Contents
	if c, ok := s.into.Current(m.name); ok && !whole {
		have = c
	}
	for _, p := range setup.Primaries {
		r := xfr.Request{Server: p.Addr, Zone: m.name, Have: have}
		if p.Key != "" {
			k, ok := s.keys[xfr.Key{Name: p.Key}.OwnerName()]
			if !ok {
				err = errors.Join(err, fmt.Errorf("the TSIG key %q is not known here", p.Key))
				continue
			}
			r.Key = &k
		}
		c, kind, failed := xfr.Fetch(ctx, r)
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		if kind != xfr.Current && ctx.Err() == nil {
			s.into.Put(c)
			s.mu.Lock()
			m.since = time.Now()
			s.mu.Unlock()
		}
		return nil
	}
	return err
}
