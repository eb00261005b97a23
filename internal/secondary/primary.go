package secondary

import (
	"net/netip"
	"time"
)

// primary is what is known of one server that zones come from. Set.mu owns it.
// One that does not answer is left alone for a while, and then tried with one
// zone; those of its zones that have other primaries go there.
type primary struct {
	addr     netip.AddrPort
	running  int       // attempts
	waiting  []*member // for a place
	failures int
	away     time.Time // it is not asked until then; zero: it answers
	trying   bool      // one zone is on its way to see whether it is back
}

const (
	firstAway = time.Second // doubles with each failure
	maxAway   = time.Minute
)

func (s *Set) primary(addr netip.AddrPort) *primary {
	p := s.primaries[addr]
	if p == nil {
		p = &primary{addr: addr}
		s.primaries[addr] = p
	}
	return p
}

// open reports whether it may be asked now; if not, when to think again.
func (p *primary) open(now time.Time) (ok bool, again time.Time) {
	switch {
	case p.away.IsZero():
		return true, now
	case now.Before(p.away):
		return false, p.away
	case p.trying:
		return false, now.Add(firstAway)
	}
	return true, now
}

func (p *primary) up() { p.failures, p.away = 0, time.Time{} }

// down notes that it did not answer, and reports whether that is news.
func (p *primary) down(now time.Time, random float64) (news bool) {
	wait := maxAway
	if p.failures < 10 {
		wait = min(firstAway<<p.failures, maxAway)
	}
	p.failures++
	p.away = now.Add(jitter(wait, random))
	return p.failures == 1
}

// places returns how many attempts a primary may have now: never all that are
// left, so that however many do not answer, the next one finds a place.
func (s *Set) places() int {
	return min(s.opts.Each, max(1, (s.opts.Transfers-s.running)/2))
}

// pressed reports whether zones wait for a place at a primary.
func (s *Set) pressed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.primaries {
		if len(p.waiting) > 0 {
			return true
		}
	}
	return false
}

// choose returns the primary that z is to ask now; ok is false if none is to
// be asked, with the time to think again.
func (s *Set) choose(z *member, now time.Time) (at int, ok bool, again time.Time) {
	n, from := len(z.peers), z.from
	if z.order.by > 0 {
		from = z.order.by - 1 // it is the one that has the news
	}
	for i := range n {
		at := (from + i) % n
		open, later := s.primary(z.peers[at].Addr).open(now)
		if open || z.order.now {
			return at, true, now
		}
		if again.IsZero() || later.Before(again) {
			again = later
		}
	}
	return 0, false, again
}
