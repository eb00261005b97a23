package secondary

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// check refuses what could never be transferred.
func (s *Set) check(setup Setup) error {
	switch {
	case len(setup.Primaries) == 0:
		return errors.New("the zone has no primaries")
	case !utf8.ValidString(setup.Label):
		return errors.New("the zone's file name is no UTF-8")
	}
	for _, p := range setup.Primaries {
		if !p.Addr.IsValid() || p.Addr.Port() == 0 {
			return fmt.Errorf("the primary %s has no address and port", p.Addr)
		}
		if _, ok := s.keys[ownerName(p.Key)]; p.Key != "" && !ok {
			return fmt.Errorf("the TSIG key %q is not known here", p.Key)
		}
	}
	return nil
}

func ownerName(key string) string { return xfr.Key{Name: key}.OwnerName() }

// Add starts a zone; false if there is one of that name. It answers SERVFAIL
// until its first transfer.
func (s *Set) Add(name zone.Name, setup Setup) (bool, error) {
	if err := s.check(setup); err != nil {
		return false, err
	}
	s.changes.Lock()
	defer s.changes.Unlock()
	s.mu.Lock()
	_, there := s.zones[name.Canonical()]
	s.nextID++
	z := &member{id: s.nextID, name: name, setup: setup, end: func() {}, index: -1}
	s.mu.Unlock()
	if there {
		return false, nil
	}
	if err := s.record(entry{ID: z.id, Zone: name, Setup: setup}); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zones[name.Canonical()] = z
	if s.into != nil {
		s.into.Fail(name)
	}
	s.schedule(z, time.Now())
	return true, nil
}

// Change replaces a zone's setup and goes on serving it; false if there is none.
func (s *Set) Change(name zone.Name, setup Setup) (bool, error) {
	if err := s.check(setup); err != nil {
		return false, err
	}
	s.changes.Lock()
	defer s.changes.Unlock()
	s.mu.Lock()
	z := s.zones[name.Canonical()]
	s.mu.Unlock()
	if z == nil {
		return false, nil
	}
	if err := s.record(entry{ID: z.id, Zone: z.name, Setup: setup}); err != nil {
		return true, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	z.setup = setup
	z.from, z.tried, z.failures, z.problem = 0, 0, 0, ""
	z.order.now = true
	s.schedule(z, time.Now())
	return true, nil
}

// Delete ends a zone and removes its file; false if there is none.
func (s *Set) Delete(name zone.Name) (bool, error) {
	s.changes.Lock()
	defer s.changes.Unlock()
	s.mu.Lock()
	z := s.zones[name.Canonical()]
	s.mu.Unlock()
	if z == nil {
		return false, nil
	}
	if err := s.record(entry{ID: z.id, Gone: true}); err != nil {
		return true, err
	}
	z.writing.Lock()
	defer z.writing.Unlock()
	s.mu.Lock()
	z.gone = true
	s.setLoaded(z, false)
	z.end()
	s.queue.remove(z)
	delete(s.zones, name.Canonical())
	into := s.into
	s.mu.Unlock()
	if into != nil {
		into.Drop(z.name)
	}
	s.disk.remove(z.id)
	return true, nil
}

// record writes a change of the list. The caller holds changes.
func (s *Set) record(e entry) error {
	err := s.disk.record(e, func() []entry {
		s.mu.Lock()
		defer s.mu.Unlock()
		all := make([]entry, 0, len(s.zones))
		for _, z := range s.zones {
			all = append(all, entry{ID: z.id, Zone: z.name, Setup: z.setup})
		}
		return all
	})
	if err != nil {
		return fmt.Errorf("the list of zones cannot be written, so nothing was changed: %w", err)
	}
	return nil
}

// Refresh asks a primary soon; with whole, the zone is transferred whatever its
// serial. False if there is no such zone.
func (s *Set) Refresh(name zone.Name, whole bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.zones[name.Canonical()]
	if z == nil {
		return false
	}
	z.order.now, z.order.whole = true, z.order.whole || whole
	s.schedule(z, time.Now())
	return true
}
