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
	ctx     context.Context
	end     context.CancelFunc
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
