package secondary

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// ErrNotTaken is wrapped where contents came, and the keeper would refuse the
// same again.
var ErrNotTaken = errors.New("what came is not taken")

// errKeeping is wrapped where the keeper has trouble of its own, which no other
// primary would mend.
var errKeeping = errors.New("what came cannot be kept")

// attempt is one primary being asked about one zone.
type attempt struct {
	z       *member
	at      int // of the zone's primaries
	p       *primary
	order   order
	request xfr.Request
	began   time.Time
	before  State

	kind  xfr.Kind
	after State // of the zone, if no error says otherwise
}

// attempt looks at the serial, transfers what is newer, and has it kept.
func (s *Set) attempt(ctx context.Context, a *attempt) error {
	if !a.before.Loaded && !a.before.Refused {
		a.before = s.opts.Keeper.Recall(ctx, a.z.Ref)
	}
	a.after = a.before
	a.after.Confirmed, a.after.Problem = a.began, ""
	whole := a.order.whole || !a.before.Loaded && !a.before.Refused
	if !whole && !a.announced() {
		theirs, err := s.opts.Serial(ctx, a.request)
		switch {
		case err != nil:
			return err
		case a.before.Refused && theirs == a.before.Offered:
			if !s.opts.Keeper.Settled(ctx, a.z.Ref, a.before) {
				a.after.Problem = a.before.Problem
				return s.confirm(ctx, a)
			}
			whole = true
		case !a.before.Loaded:
			whole = true
		case theirs == a.before.SOA.Serial && s.doubts(a):
			whole = true
		case theirs == a.before.SOA.Serial:
			a.after.Refused = false
			return s.confirm(ctx, a)
		case zone.SerialLess(a.before.SOA.Serial, theirs):
		case !s.opts.Older:
			return fmt.Errorf("%w: %d, ours is %d; `rndc retransfer %s` takes it all the same", xfr.ErrBackwards, theirs, a.before.SOA.Serial, a.z.Name)
		default:
			whole = true
		}
	}
	if !whole {
		a.request.Have = s.opts.Keeper.Have(ctx, a.z.Ref, a.before.SOA.Serial)
	}
	contents, kind, err := s.opts.Fetch(ctx, a.request)
	if err != nil {
		return err
	}
	if a.kind = kind; kind == xfr.Current {
		return s.confirm(ctx, a)
	}
	soa, ok := contents.SOA()
	if !ok {
		return fmt.Errorf("%w: it has no SOA", xfr.ErrBroken)
	}
	return s.take(ctx, a, contents, soa)
}

// announced reports whether a NOTIFY that can be believed told of something newer.
func (a *attempt) announced() bool {
	return a.order.signed && a.order.known && zone.SerialLess(a.before.SOA.Serial, a.order.serial) && !(a.before.Refused && a.before.Offered == a.order.serial)
}

// doubts reports whether a serial that did not change says too little.
func (s *Set) doubts(a *attempt) bool {
	if s.opts.Believes == nil {
		return false
	}
	long := s.opts.Believes(a.z.Ref)
	return long > 0 && a.began.Sub(a.before.Since) >= long
}

// take hands contents to the keeper. If it does not want them, the zone stays
// what it was: but the primary is there.
func (s *Set) take(ctx context.Context, a *attempt, c zone.Contents, soa zone.SOA) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	kept := a.after
	a.after = State{Loaded: true, SOA: soa, Since: time.Now(), Confirmed: a.began}
	err := s.opts.Keeper.Take(ctx, Taken{Ref: a.z.Ref, Contents: c, Kind: a.kind, From: a.p.addr, Before: a.before, State: a.after})
	if errors.Is(err, ErrNotTaken) {
		a.after = kept
		a.after.Refused, a.after.Offered, a.after.OfferedAt, a.after.Problem = true, soa.Serial, time.Now(), err.Error()
		return errors.Join(err, s.opts.Keeper.Confirm(ctx, a.z.Ref, a.after))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errKeeping, err)
	}
	return nil
}

// confirm has noted that the contents are current.
func (s *Set) confirm(ctx context.Context, a *attempt) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	a.kind = xfr.Current
	return s.opts.Keeper.Confirm(ctx, a.z.Ref, a.after)
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
