// Package listing keeps catalog zones (RFC 9432) of what a nameserver serves:
// one of all zones, or one for each pool whose members follow a catalog. It
// knows zones by name, pool and life, and no contents but its own.
package listing

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/zone"
)

// Catalog is a catalog zone that there is to be.
type Catalog struct {
	Origin zone.Name
	Pool   string // whose zones it lists; "": all
	Group  string // what it says of each of them (RFC 9432 section 4.3.2); "": nothing
}

// Life is what a zone is while it lasts: one that was deleted and made again
// has another ID (see catalog.ID). The zero value is that of a zone that is
// not there.
type Life struct{ ID, Pool string }

// Lives are the zones that there are. While Each runs nothing may be told by Changed.
type Lives interface {
	Each(yield func(zone.Name, Life))
	Life(zone.Name) Life
}

// Updater serves the catalogs; nameserver.Updater is one.
type Updater interface {
	Put(zone.Contents)
	Drop(zone.Name)
}

// Set keeps catalogs. Its methods are safe for concurrent use, and may be
// called on nil, which lists nothing.
type Set struct {
	lives Lives
	into  Updater
	log   *slog.Logger
	begun uint32 // seconds since 1970, as serials count
	wake  chan struct{}

	mu      sync.Mutex           // owns the rest
	lists   map[zone.Name]*list  // by origin
	serials map[zone.Name]uint32 // of those that there were: they go on
	drop    []zone.Name          // are to be served no more
}

// New makes a set without catalogs. Lives may be nil where all zones come by
// Changed, and none is asked about. Begun is when the process was started: up to
// then another one may have made versions.
func New(lives Lives, into Updater, begun time.Time, log *slog.Logger) *Set {
	return &Set{lives: lives, into: into, log: log, begun: uint32(begun.Unix()), wake: make(chan struct{}, 1),
		lists: map[zone.Name]*list{}, serials: map[zone.Name]uint32{}}
}

// Keep says which catalogs there are from now on. A new one costs a look at
// all zones.
func (s *Set) Keep(all []Catalog) {
	if s == nil {
		return
	}
	fresh := s.replace(all)
	if len(fresh) > 0 && s.lives != nil {
		s.lives.Each(func(name zone.Name, is Life) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, l := range fresh {
				l.changed(name.Canonical(), Life{}, is)
			}
		})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range fresh {
		l.filled = true
	}
	s.hint()
}

// replace begins the catalogs that there are not yet, and ends those that there
// are to be no more.
func (s *Set) replace(all []Catalog) (fresh []*list) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ends := maps.Clone(s.lists)
	for _, c := range all {
		c.Origin = c.Origin.Canonical()
		if l := s.lists[c.Origin]; l != nil && l.Catalog == c {
			delete(ends, c.Origin)
			continue
		}
		l := newList(c, s.begun)
		if before := s.lists[c.Origin]; before != nil { // it lists others now
			s.serials[c.Origin] = before.serial
			delete(ends, c.Origin)
			close(before.news)
		}
		if serial, was := s.serials[c.Origin]; was {
			l.serial = serial
		}
		s.lists[c.Origin] = l
		fresh = append(fresh, l)
	}
	for origin, l := range ends {
		delete(s.lists, origin)
		s.serials[origin] = l.serial
		s.drop = append(s.drop, origin)
		close(l.news)
	}
	return fresh
}

// Changed notes what became of a zone. Changes of one name come one after the other.
func (s *Set) Changed(name zone.Name, before, after Life) {
	if s == nil {
		return
	}
	name = name.Canonical()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lists {
		l.changed(name, before, after)
	}
	s.hint()
}

// hint has Run look. s.mu is held.
func (s *Set) hint() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run publishes the catalogs until ctx ends: first when all zones are loaded,
// since one that lists only some would have consumers delete the others.
func (s *Set) Run(ctx context.Context, loaded <-chan struct{}) error {
	if s == nil {
		return nil
	}
	select {
	case <-loaded:
	case <-ctx.Done():
		return nil
	}
	for {
		var alarm <-chan time.Time
		if pause, waits := s.publish(); waits {
			alarm = time.After(pause)
		}
		select {
		case <-s.wake:
		case <-alarm:
		case <-ctx.Done():
			return nil
		}
	}
}

// publish makes the versions that are due. It tells after which pause there is
// another one, if it waits.
func (s *Set) publish() (pause time.Duration, waits bool) {
	s.mu.Lock()
	drop := s.drop
	s.drop = nil
	lists := slices.Collect(maps.Values(s.lists))
	s.mu.Unlock()
	for _, origin := range drop {
		s.into.Drop(origin)
	}
	for _, l := range lists {
		next, more := s.publishOne(l)
		if more && (!waits || next < pause) {
			pause, waits = next, true
		}
	}
	return pause, waits
}

// publishOne makes the next version of a catalog, if it is due.
func (s *Set) publishOne(l *list) (pause time.Duration, waits bool) {
	s.mu.Lock()
	work, pause, due := l.take(time.Now())
	s.mu.Unlock()
	if !due {
		return pause, pause > 0
	}
	contents, err := work.edit()
	switch {
	case err != nil: // a bug: consumers go on with what they have
		s.log.Error("the catalog cannot be made", "catalog", l.Origin, "err", err)
	case work.differs(contents):
		if work.whole {
			s.into.Drop(l.Origin)
		}
		s.into.Put(contents) // one that is not wanted any more is dropped in the next round
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists[l.Origin] != l {
		return 0, false
	}
	l.done(contents, err)
	return pace, l.wants()
}

// of returns the catalog of a name. s.mu is held.
func (s *Set) of(origin zone.Name) (*list, error) {
	l := s.lists[origin.Canonical()]
	if l == nil {
		return nil, fmt.Errorf("there is no catalog %s", origin)
	}
	return l, nil
}

func listed(name zone.Name, is Life, group string) *catalog.Member {
	if is.ID == "" {
		return nil
	}
	m := &catalog.Member{ID: catalog.ID(name, is.ID), Zone: name}
	if group != "" {
		m.Groups = []string{group}
	}
	return m
}
