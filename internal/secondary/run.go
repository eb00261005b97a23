package secondary

import (
	"context"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
)

const (
	flushEvery = time.Second
	// After a start, zones are looked at as NOTIFYs may have been missed; so many in a second.
	startRate = 1000
)

// Run implements nameserver.Source: it serves what is on disk, says Ready, and
// keeps all of it in step until ctx ends. It is called once.
func (s *Set) Run(ctx context.Context, into nameserver.Updater) error {
	s.load(ctx, into)
	into.Ready()
	var attempts, flushing sync.WaitGroup
	flushing.Go(func() {
		s.disk.flushUntil(ctx, flushEvery, func(err error) { s.log.Error("zones that were transferred are not on disk yet", "err", err) })
	})
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
	flushing.Wait()
	return s.disk.flush()
}

// start begins the attempts that are due, as many as there are places, and
// returns when something is due next; zero if nothing is.
func (s *Set) start(ctx context.Context, attempts *sync.WaitGroup) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.running < s.opts.Transfers {
		z, now := s.queue.first(), time.Now()
		switch {
		case z == nil:
			return time.Time{}
		case z.at.After(now):
			return z.at
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
		if p := s.primary(z.setup.Primaries[at].Addr); p.running >= s.places() {
			z.state = waiting
			p.waiting = append(p.waiting, z)
			continue
		}
		s.begin(ctx, z, at, attempts)
	}
	return time.Time{} // the end of an attempt wakes
}

// begin starts one attempt at one primary.
func (s *Set) begin(ctx context.Context, z *member, at int, attempts *sync.WaitGroup) {
	p := s.primary(z.setup.Primaries[at].Addr)
	ctx, end := context.WithCancel(ctx)
	a := &attempt{z: z, at: at, p: p, order: z.order, began: time.Now(), loaded: z.loaded, serial: z.soa.Serial}
	a.request.Server, a.request.Zone = p.addr, z.name
	if k, ok := s.keys[ownerName(z.setup.Primaries[at].Key)]; ok {
		a.request.Key = &k
	}
	if z.loaded && !a.order.whole {
		a.request.Have, _ = s.into.Current(z.name)
	}
	if z.order.heard || z.order.now {
		z.tried = 0
	}
	z.state, z.order, z.end = busy, order{}, end
	p.trying = !p.away.IsZero()
	p.running++
	s.running++
	attempts.Go(func() {
		defer end()
		s.finish(a, s.attempt(ctx, a))
	})
}

// schedule makes a zone be asked about at a time. One that is busy is
// scheduled when it is done.
func (s *Set) schedule(z *member, at time.Time) {
	if z.gone || z.state != queued {
		return
	}
	z.try = at
	if z.loaded && z.expires().Before(at) {
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
	if !z.loaded || now.Before(z.expires()) {
		return
	}
	s.setLoaded(z, false)
	s.into.Fail(z.name)
	s.log.Error("a zone has expired: no primary has confirmed it; it answers SERVFAIL until one does",
		"zone", z.name, "serial", z.soa.Serial, "confirmed", z.confirmed.UTC().Format(time.RFC3339), "problem", z.problem)
}
