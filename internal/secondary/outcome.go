package secondary

import (
	"context"
	"errors"
	"time"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// finish draws the consequences, and returns the attempt that comes in the
// place of this one; nil if none does.
func (s *Set) finish(ctx context.Context, a *attempt, err error) *attempt {
	a.end()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conclude(a, err)
	next, _ := s.next(ctx)
	if z := s.queue.first(); next == nil || z != nil && !z.at.After(time.Now()) {
		s.wakeUp() // to wait for what is due next, or to begin more
	}
	return next
}

// conclude draws the consequences of an attempt. s.mu is held.
func (s *Set) conclude(a *attempt, err error) {
	z, p := a.z, a.p
	s.running--
	p.running--
	p.trying = false
	z.phase = queued
	if z.done != nil {
		close(z.done)
	}
	if z.gone || errors.Is(err, context.Canceled) {
		s.release(p)
		return
	}
	s.judge(p, err)
	s.release(p)
	switch {
	case err == nil:
		s.succeeded(a)
	case errors.Is(err, ErrNotTaken):
		s.notTaken(a)
	default:
		s.failed(a, err)
	}
	s.follow(a)
}

// judge notes whether a primary answers at all.
func (s *Set) judge(p *primary, err error) {
	switch {
	case !errors.Is(err, xfr.ErrUnreachable):
		if p.failures > 0 {
			s.log.Info("a primary answers again", "primary", p.addr)
		}
		p.up()
	case p.down(time.Now(), s.opts.Random()):
		s.log.Warn("a primary does not answer", "primary", p.addr, "err", err)
	}
}

// release lets those go that wait for a place at a primary: as many as there
// are places, and all of them where nobody would let them go later, or where
// they do better to think again.
func (s *Set) release(p *primary) {
	places := s.places() - p.running
	if p.running == 0 || !p.away.IsZero() {
		places = len(p.waiting)
	}
	for ; places > 0 && len(p.waiting) > 0; p.waiting = p.waiting[1:] {
		z := p.waiting[0]
		z.phase = queued
		if !z.gone {
			s.schedule(z, time.Now())
			places--
		}
	}
}

func (s *Set) succeeded(a *attempt) {
	z, now := a.z, time.Now()
	if z.state.Problem != "" && a.after.Problem == "" {
		s.log.Info("a zone is in step again", "zone", z.Ref, "primary", a.p.addr)
	}
	s.setState(z, a.after, false)
	z.from, z.tried, z.failures, z.warned = a.at, 0, 0, false
	if a.kind != xfr.Current {
		s.log.Info("a zone was transferred", "zone", z.Ref, "serial", z.state.SOA.Serial, "by", string(a.kind), "primary", a.p.addr)
	} else if a.order.heard {
		z.quiet = now.Add(quietAfter)
	}
	s.schedule(z, now.Add(s.untilRefresh(z)))
}

// quietAfter is the pause between NOTIFYs that told of nothing.
const quietAfter = 5 * time.Second

// notTaken is a refresh like any other, but for the problem: what the zone has
// stays, and does not grow old.
func (s *Set) notTaken(a *attempt) {
	z, now := a.z, time.Now()
	if z.state.Problem != a.after.Problem {
		s.log.Warn("a zone was transferred, and not taken", "zone", z.Ref, "primary", a.p.addr, "serial", a.after.Offered, "err", a.after.Problem)
	}
	s.setState(z, a.after, false)
	z.from, z.tried, z.failures, z.warned, z.quiet = a.at, 0, 0, false, now.Add(quietAfter)
	s.schedule(z, now.Add(s.untilRefresh(z)))
}

// untilRefresh is how long a zone is left alone that a primary spoke for. One
// that never had any contents has no times of its own.
func (s *Set) untilRefresh(z *member) time.Duration {
	if !z.state.Loaded {
		return jitter(maxRetry, s.opts.Random())
	}
	return refreshIn(z.state.SOA, s.opts.Random())
}

func (s *Set) failed(a *attempt, err error) {
	z, now := a.z, time.Now()
	if z.state.Problem != err.Error() && !errors.Is(err, xfr.ErrUnreachable) { // of those the primary is told once
		s.log.Warn("a zone cannot be refreshed", "zone", z.Ref, "primary", a.p.addr, "err", err)
	}
	z.state.Problem = err.Error()
	z.order.whole = z.order.whole || a.order.whole // the order stands until one of them has carried it out
	if len(z.peers) == 0 {
		return
	}
	if !errors.Is(err, errKeeping) {
		z.from = (a.at + 1) % len(z.peers)
		if z.tried++; z.tried < len(z.peers) {
			s.schedule(z, now)
			return
		}
	}
	z.tried = 0
	z.failures++
	s.warn(z, now)
	s.schedule(z, now.Add(retryIn(z.state.SOA, z.served(), z.failures, s.opts.Random())))
}

// follow attends to what was asked for meanwhile.
func (s *Set) follow(a *attempt) {
	z := a.z
	o := z.order
	switch {
	case o.now:
		s.schedule(z, time.Now())
	case o.heard && !(z.served() && z.state.Problem == "" && o.known && !zone.SerialLess(z.state.SOA.Serial, o.serial)):
		at := time.Now()
		if !o.signed && at.Before(z.quiet) {
			at = z.quiet
		}
		if at.Before(z.try) {
			s.schedule(z, at)
		}
	default:
		z.order = order{whole: o.whole}
	}
}
