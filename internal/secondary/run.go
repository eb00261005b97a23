package secondary

import (
	"context"
	"sync"
	"time"
)

// StartRate is how many zones are looked at in a second after a start, as
// NOTIFYs may have been missed.
const StartRate = 1000

// Run keeps all zones in step until ctx ends. It is called once.
func (s *Set) Run(ctx context.Context) {
	var attempts sync.WaitGroup
	for ctx.Err() == nil {
		next := s.start(ctx, &attempts)
		var due <-chan time.Time
		if !next.IsZero() {
			due = time.After(time.Until(next))
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-due:
		}
	}
	attempts.Wait()
}

// start begins the attempts that are due, as many as there are places, and
// returns when something is due next; zero if nothing is.
func (s *Set) start(ctx context.Context, attempts *sync.WaitGroup) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		a, due := s.next(ctx)
		if a == nil {
			return due
		}
		attempts.Go(func() {
			for a != nil { // one after the other: a fresh stack would grow for each
				a = s.finish(ctx, a, s.attempt(a.ctx, a))
			}
		})
	}
}

// next begins the attempt that is due; nil if none is, or has a place, and when
// one will be due: zero if the end of another wakes. s.mu is held.
func (s *Set) next(ctx context.Context) (a *attempt, due time.Time) {
	for s.running < s.opts.Transfers && ctx.Err() == nil {
		z, now := s.queue.first(), time.Now()
		switch {
		case z == nil:
			return nil, time.Time{}
		case z.at.After(now):
			return nil, z.at
		}
		s.queue.remove(z)
		s.expire(z, now)
		if z.try.After(now) { // it was due to expire only
			s.schedule(z, z.try)
			continue
		}
		at, ok, again := s.choose(z, now)
		if !ok {
			s.schedule(z, again.Add(time.Duration(s.opts.Random()*float64(firstAway))))
			continue
		}
		if p := s.primary(z.peers[at].Addr); p.running >= s.places() {
			z.phase = waiting
			p.waiting = append(p.waiting, z)
			continue
		}
		return s.begin(ctx, z, at), time.Time{}
	}
	return nil, time.Time{}
}

// begin makes the attempt at one primary. s.mu is held.
func (s *Set) begin(ctx context.Context, z *member, at int) *attempt {
	peer := z.peers[at]
	p := s.primary(peer.Addr)
	a := &attempt{z: z, at: at, p: p, order: z.order, began: time.Now(), before: z.state}
	a.ctx, a.end = context.WithCancel(ctx)
	a.request.Server, a.request.Zone, a.request.Key, a.request.TLS = peer.Addr, z.Name, peer.Key, peer.TLS
	if z.order.heard || z.order.now {
		z.tried = 0
	}
	z.phase, z.order, z.end = busy, order{}, a.end
	p.trying = !p.away.IsZero()
	p.running++
	s.running++
	return a
}

// schedule makes a zone be asked about at a time. One that is busy is
// scheduled when it is done.
func (s *Set) schedule(z *member, at time.Time) {
	if z.gone || z.phase != queued || len(z.peers) == 0 {
		return
	}
	z.try = at
	if !s.opts.Lasting && z.served() && z.expires().Before(at) {
		at = z.expires()
	}
	s.queue.put(z, at)
	if s.queue.first() == z {
		s.wakeUp()
	}
}

func (s *Set) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// expire ends the service of a zone of which no primary has spoken for too
// long (RFC 1034 section 4.3.5).
func (s *Set) expire(z *member, now time.Time) {
	if s.opts.Lasting || !z.served() || len(z.peers) == 0 || now.Before(z.expires()) {
		return
	}
	s.setState(z, z.state, true)
	s.opts.Keeper.Expire(z.Ref)
	s.log.Error("a zone has expired: no primary has confirmed it; it answers SERVFAIL until one does",
		"zone", z.Ref, "serial", z.state.SOA.Serial, "confirmed", z.state.Confirmed.UTC().Format(time.RFC3339), "problem", z.state.Problem)
}

// warn says that a zone will expire, once, when half of its time is over.
func (s *Set) warn(z *member, now time.Time) {
	if s.opts.Lasting || !z.served() || z.warned || now.Before(z.state.Confirmed.Add(expireIn(z.state.SOA)/2)) {
		return
	}
	z.warned = true
	s.log.Warn("a zone will expire unless a primary confirms it", "zone", z.Ref,
		"expires", z.expires().UTC().Format(time.RFC3339), "problem", z.state.Problem)
	if s.opts.Expiring != nil {
		s.opts.Expiring(z.Ref, s.status(z))
	}
}
