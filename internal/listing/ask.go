package listing

import (
	"context"

	"github.com/skein-dns/skein/zone"
)

// Await waits until the newest version of a catalog lists a zone, or does not,
// as is wanted, and returns its serial.
func (s *Set) Await(ctx context.Context, origin, name zone.Name, wanted bool) (serial uint32, err error) {
	name = name.Canonical()
	for {
		is := s.lives.Life(name) // without our lock: who tells of changes holds his
		s.mu.Lock()
		l, err := s.of(origin)
		if err != nil {
			s.mu.Unlock()
			return 0, err
		}
		done, serial, news := l.settled(name) && l.lists(name, is) == wanted, l.serial, l.news
		s.mu.Unlock()
		if done {
			return serial, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// Lists reports whether a catalog is to list a zone, perhaps from its next
// version on. Sure is false where that may be otherwise in a moment: there is
// no such catalog or zone yet, or the zone is left out for now.
func (s *Set) Lists(origin, name zone.Name) (lists, sure bool) {
	name = name.Canonical()
	is := s.lives.Life(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.of(origin)
	if err != nil {
		return false, false
	}
	lists = l.lists(name, is)
	return lists, lists || is.ID != "" && l.left[name] == 0
}

// Renew makes another version of a catalog, for consumers that look at their
// zones when there is one, and returns its serial. A whole one is handed out
// without increments: consumers go through all of it.
func (s *Set) Renew(ctx context.Context, origin zone.Name, whole bool) (serial uint32, err error) {
	s.mu.Lock()
	l, err := s.of(origin)
	if err != nil {
		s.mu.Unlock()
		return 0, err
	}
	before := l.serial
	l.renew, l.whole = true, l.whole || whole
	s.hint()
	s.mu.Unlock()
	for {
		s.mu.Lock()
		l, err := s.of(origin)
		if err != nil {
			s.mu.Unlock()
			return 0, err
		}
		serial, news := l.serial, l.news
		done := !l.renew && l.working == nil && serial != before // one that was being made is not it
		s.mu.Unlock()
		if done {
			return serial, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// Lend lists a zone whatever it is, until the function that it returns is
// called: for a test that is to leave nothing behind.
func (s *Set) Lend(origin, name zone.Name) (takeBack func()) {
	return s.except(origin, []zone.Name{name}, func(l *list) map[zone.Name]int { return l.lent })
}

// Leave lists zones no more whatever they are, until the function that it
// returns is called: consumers forget what they have of them.
func (s *Set) Leave(origin zone.Name, names []zone.Name) (takeBack func()) {
	return s.except(origin, names, func(l *list) map[zone.Name]int { return l.left })
}

// except makes exceptions until the function that it returns is called.
func (s *Set) except(origin zone.Name, names []zone.Name, of func(*list) map[zone.Name]int) (takeBack func()) {
	var canonical []zone.Name
	for _, name := range names {
		canonical = append(canonical, name.Canonical())
	}
	by := func(n int) {
		for _, name := range canonical {
			s.exceptOne(origin, name, n, of)
		}
	}
	by(1)
	return func() { by(-1) }
}

// exceptOne makes an exception, or ends it, and lists the zone as it is. Who
// tells of changes holds the lives: so they are asked without our lock, and
// again if the zone changed meanwhile: then what was noted before may be listed already.
func (s *Set) exceptOne(origin, name zone.Name, by int, of func(*list) map[zone.Name]int) {
	var noted *Life
	for is := s.lives.Life(name); ; by = 0 {
		s.mu.Lock()
		l, err := s.of(origin)
		if err != nil {
			s.mu.Unlock()
			return
		}
		before, exceptions := l.counts(name, is), of(l)
		if exceptions[name] += by; exceptions[name] <= 0 {
			delete(exceptions, name)
		}
		after := l.counts(name, is)
		if noted != nil {
			before = *noted
		}
		l.note(name, before, after)
		noted = &after
		s.hint()
		s.mu.Unlock()
		now := s.lives.Life(name)
		if now == is {
			return
		}
		is = now
	}
}

// Has reports whether there is a catalog of a name.
func (s *Set) Has(origin zone.Name) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.of(origin)
	return err == nil
}
