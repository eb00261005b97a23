package secondary

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// attempt is one primary being asked about one zone.
type attempt struct {
	z       *member
	at      int // of the zone's primaries
	p       *primary
	order   order
	request xfr.Request
	began   time.Time
	loaded  bool
	serial  uint32 // of what is served, if loaded

	kind xfr.Kind
	soa  zone.SOA // of what came
}

// attempt looks at the serial, transfers what is newer, and serves it.
func (s *Set) attempt(ctx context.Context, a *attempt) error {
	if a.loaded && !a.order.whole && !a.announced() {
		theirs, err := s.opts.Serial(ctx, a.request)
		switch {
		case err != nil:
			return err
		case theirs == a.serial:
			a.kind = xfr.Current
			return s.confirm(a)
		case !zone.SerialLess(a.serial, theirs):
			return fmt.Errorf("%w: %d, ours is %d; `rndc retransfer %s` takes it all the same", xfr.ErrBackwards, theirs, a.serial, a.request.Zone)
		}
	}
	contents, kind, err := s.opts.Fetch(ctx, a.request)
	if err != nil {
		return err
	}
	if a.kind = kind; kind == xfr.Current {
		return s.confirm(a)
	}
	var ok bool
	if a.soa, ok = contents.SOA(); !ok {
		return fmt.Errorf("%w: it has no SOA", xfr.ErrBroken)
	}
	return s.take(a, contents)
}

// announced reports whether a NOTIFY that can be believed told of something newer.
func (a *attempt) announced() bool {
	return a.order.signed && a.order.known && zone.SerialLess(a.serial, a.order.serial)
}

// take serves contents and stores them.
func (s *Set) take(a *attempt, c zone.Contents) error {
	a.z.writing.Lock()
	defer a.z.writing.Unlock()
	if a.z.gone {
		return context.Canceled
	}
	// What stayed is shared with what was served before, and not written again.
	var delta *zone.Delta
	if before, _ := s.into.Current(a.z.name); !before.IsZero() {
		d := zone.Diff(before, c)
		if next, err := before.Apply(d); err == nil {
			c, delta = next, &d
		}
	}
	if delta == nil || !delta.IsZero() || !a.loaded {
		s.into.Put(c)
	}
	if err := s.disk.store(a.z.id, &a.z.stored, delta, c, a.began); err != nil {
		// It is served; only a restart would have to transfer it again.
		s.log.Error("a transferred zone cannot be stored", "zone", a.z.name, "err", err)
	}
	return nil
}

// confirm notes on disk that the contents are current.
func (s *Set) confirm(a *attempt) error {
	a.z.writing.Lock()
	defer a.z.writing.Unlock()
	if a.z.gone {
		return context.Canceled
	}
	if err := s.disk.confirm(a.z.id, a.began); err != nil {
		s.log.Error("that a zone is current cannot be noted on disk", "zone", a.z.name, "err", err)
	}
	return nil
}

// finish draws the consequences, and makes room for the next.
func (s *Set) finish(a *attempt, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, p := a.z, a.p
	s.running--
	p.running--
	p.trying = false
	defer s.wakeUp()
	z.state = queued
	if z.gone || errors.Is(err, context.Canceled) {
		s.release(p)
		return
	}
	s.judge(p, err)
	s.release(p)
	if err != nil {
		s.failed(a, err)
	} else {
		s.succeeded(a)
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
		z.state = queued
		if !z.gone {
			s.schedule(z, time.Now())
			places--
		}
	}
}

func (s *Set) succeeded(a *attempt) {
	z, now := a.z, time.Now()
	z.confirmed, z.from, z.tried, z.failures, z.warned = a.began, a.at, 0, 0, false
	if z.problem != "" {
		s.log.Info("a zone is in step again", "zone", z.name, "primary", a.p.addr)
		z.problem = ""
	}
	if a.kind != xfr.Current {
		s.setLoaded(z, true)
		z.soa, z.since = a.soa, now
		s.log.Info("a zone was transferred", "zone", z.name, "serial", a.soa.Serial, "by", string(a.kind), "primary", a.p.addr)
	} else if a.order.heard {
		z.quiet = now.Add(quietAfter)
	}
	s.schedule(z, now.Add(refreshIn(z.soa, s.opts.Random())))
}

// quietAfter is the pause between NOTIFYs that told of nothing.
const quietAfter = 5 * time.Second

func (s *Set) failed(a *attempt, err error) {
	z, now := a.z, time.Now()
	if z.problem != err.Error() && !errors.Is(err, xfr.ErrUnreachable) { // of those the primary is told once
		s.log.Warn("a zone cannot be refreshed", "zone", z.name, "primary", a.p.addr, "err", err)
	}
	z.problem = err.Error()
	z.from = (a.at + 1) % len(z.setup.Primaries)
	z.order.whole = z.order.whole || a.order.whole // the order stands until one of them has carried it out
	if z.tried++; z.tried < len(z.setup.Primaries) {
		s.schedule(z, now)
		return
	}
	z.tried = 0
	z.failures++
	if z.loaded && !z.warned && now.After(z.confirmed.Add(expireIn(z.soa)/2)) {
		z.warned = true
		s.log.Warn("a zone will expire unless a primary confirms it", "zone", z.name, "expires", z.expires().UTC().Format(time.RFC3339), "problem", z.problem)
	}
	s.schedule(z, now.Add(retryIn(z.soa, z.loaded, z.failures, s.opts.Random())))
}

// follow attends to what was asked for meanwhile.
func (s *Set) follow(a *attempt) {
	z := a.z
	o := z.order
	switch {
	case o.now:
		s.schedule(z, time.Now())
	case o.heard && !(z.loaded && z.problem == "" && o.known && !zone.SerialLess(z.soa.Serial, o.serial)):
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
