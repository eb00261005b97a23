package secondary

import (
	"slices"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Put begins a zone in a state, to be looked at at a time (zero: at once), and
// returns true. Of one that is there it changes the primaries, if they differ,
// and asks them at once.
func (s *Set) Put(ref Ref, peers []Peer, state State, look time.Time) (created bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if z := s.find(ref); z != nil {
		s.change(z, peers)
		return false
	}
	z := &member{Ref: ref, peers: peers, state: state, end: func() {}, index: -1}
	key := ref.Name.Canonical()
	z.twin = s.zones[key]
	s.zones[key] = z
	s.count++
	now := time.Now()
	if z.state.Confirmed.After(now) {
		z.state.Confirmed = now // the clock went back
	}
	if z.state.Loaded {
		s.loaded++
		s.expire(z, now)
	}
	if look.IsZero() {
		look = now
	}
	s.schedule(z, look)
	return true
}

// change gives a zone other primaries, which are asked at once.
func (s *Set) change(z *member, peers []Peer) {
	if slices.Equal(z.peers, peers) {
		return
	}
	if len(z.peers) == 0 {
		z.state.Confirmed = time.Now() // while nobody was asked, nothing grew old
	}
	z.peers = peers
	z.from, z.tried, z.failures, z.state.Problem = 0, 0, 0, ""
	z.order.by = 0
	if len(peers) == 0 {
		s.queue.remove(z)
		return
	}
	z.order.now = true
	s.schedule(z, time.Now())
}

// Remove ends a zone. Once ended is closed, nothing more of it reaches the keeper.
func (s *Set) Remove(ref Ref) (ended <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := make(chan struct{})
	z := s.find(ref)
	if z == nil {
		close(done)
		return done
	}
	s.unlink(z)
	z.gone = true
	z.end()
	s.queue.remove(z)
	s.setState(z, State{}, false)
	s.count--
	if z.phase == busy {
		z.done = done
	} else {
		close(done)
	}
	return done
}

func (s *Set) unlink(z *member) {
	key := z.Name.Canonical()
	if s.zones[key] == z {
		if s.zones[key] = z.twin; z.twin == nil {
			delete(s.zones, key)
		}
		return
	}
	for other := s.zones[key]; other != nil; other = other.twin {
		if other.twin == z {
			other.twin = z.twin
			return
		}
	}
}

// find returns a zone, or nil. The caller holds mu.
func (s *Set) find(ref Ref) *member {
	for z := s.zones[ref.Name.Canonical()]; z != nil; z = z.twin {
		if z.Source == ref.Source {
			return z
		}
	}
	return nil
}

// setState notes what a zone is like from now on. The caller holds mu.
func (s *Set) setState(z *member, state State, expired bool) {
	before := z.served()
	z.state, z.expired = state, expired
	switch after := z.served(); {
	case after && !before:
		s.loaded++
	case !after && before:
		s.loaded--
	}
}

// Refresh asks a primary soon; with whole, the zone is transferred whatever its
// serial. False if there is no such zone.
func (s *Set) Refresh(ref Ref, whole bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.find(ref)
	if z == nil {
		return false
	}
	z.order.now, z.order.whole = true, z.order.whole || whole
	s.schedule(z, time.Now())
	return true
}

// Look returns what is known of a zone; false if there is none.
func (s *Set) Look(ref Ref) (Status, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.find(ref)
	if z == nil {
		return Status{}, false
	}
	return s.status(z), true
}

// Expires returns how long a zone stays good if no primary speaks for it any
// more; false if it is none of the set's, or lasts. Of several sources' the longest counts.
func (s *Set) Expires(name zone.Name) (left time.Duration, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for z := s.zones[name.Canonical()]; z != nil; z = z.twin {
		if !s.opts.Lasting && len(z.peers) > 0 && z.state.Loaded {
			left, is = max(left, z.expires().Sub(now)), true
		}
	}
	return left, is
}

// Len returns the number of zones.
func (s *Set) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Counts returns how many zones are served, and how many are not: they were
// never transferred, or have expired.
func (s *Set) Counts() (served, waiting int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loaded, s.count - s.loaded
}
