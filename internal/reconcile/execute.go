package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// errSuperseded: the zone has been made again since; nothing was deleted.
var errSuperseded = errors.New("superseded")

// execute calls the driver, one call after the other.
func (w *worker) execute(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-w.jobs:
			switch j.kind {
			case jobKnock:
				w.knock(ctx)
			case jobProve:
				w.prove(ctx)
			case jobCheck:
				w.check(ctx, j)
			case jobCompare:
				w.compare(ctx, j.items[0], j.revs[0])
			case jobCount:
				w.countThere(ctx)
			case jobSteps:
				w.apply(ctx, j)
			}
			w.mu.Lock()
			w.working = false
			w.mu.Unlock()
			w.wake()
		}
	}
}

// watched runs a call that must make progress at least every stalled; it
// reports progress by calling alive. A call that does not is broken off.
func (w *worker) watched(ctx context.Context, call func(ctx context.Context, alive func()) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	most := stalled
	if w.caps.Own {
		most = ownStalled
	}
	silent := fmt.Errorf("%w: it took the command and did not answer for %s; is it overloaded or stopped?", member.ErrAway, most)
	timer := time.AfterFunc(most, func() { cancel(silent) })
	defer timer.Stop()
	err := call(ctx, func() { timer.Reset(most) })
	if err != nil && errors.Is(context.Cause(ctx), member.ErrAway) {
		return context.Cause(ctx)
	}
	return err
}

func (w *worker) knock(ctx context.Context) {
	began := w.now()
	var version string
	err := w.watched(ctx, func(ctx context.Context, _ func()) (err error) {
		version, err = w.status(ctx)
		return err
	})
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if err != nil {
		w.goAway(err, now)
		return
	}
	w.version, w.latency, w.lastSeen = version, now.Sub(began), now
	if w.away {
		w.comeBack(now)
	}
}

// unclear is why a zone waits that its driver cannot tell the owner of.
const unclear = "whose the zone there is cannot be told at the moment"

// check asks whose the zones are that look right, and a driver that brings
// contents whether they are ours.
func (w *worker) check(ctx context.Context, j job) {
	names := make([]zone.Name, len(j.items))
	for i, it := range j.items {
		names[i] = it.want.Zone
	}
	there, err := w.has(ctx, w.driver, names)
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	for i, it := range j.items {
		if it.at != busy || w.items[it.want.Zone] != it {
			continue
		}
		it.at = watch
		switch {
		case errors.Is(err, member.ErrAway):
			it.lost = true
		case err != nil:
			w.failed(it, err, now)
		case there[i].Pending:
			w.setState(it, skein.StatePending, unclear, now)
			w.due.at(it, now.Add(w.lookAgain(it)))
		default:
			if it.seen = it.seen.asked(there[i], w.caps); !there[i].Present { // add sets it up
				it.seen.Look = NotLoaded
			}
			w.advance(it, now)
		}
	}
	w.called(jobCheck, err, now)
}

// has asks a driver what there is under names.
func (w *worker) has(ctx context.Context, d member.Driver, names []zone.Name) (there []member.Presence, err error) {
	err = w.watched(ctx, func(ctx context.Context, _ func()) (err error) {
		there, err = d.Has(ctx, names)
		return err
	})
	if err == nil && len(there) != len(names) {
		err = fmt.Errorf("the driver was asked for %d zones and told of %d", len(names), len(there))
	}
	return there, err
}

// apply has the driver carry out steps.
func (w *worker) apply(ctx context.Context, j job) {
	var err error
	if j = w.confirmDeletes(ctx, j); len(j.steps) > 0 {
		err = w.watched(ctx, func(ctx context.Context, alive func()) error {
			return w.driver.Apply(ctx, j.steps, func(i int, err error) {
				alive()
				if i >= 0 && i < len(j.items) {
					w.applied(j, i, err)
				}
			})
		})
	}
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	for _, it := range j.items { // what was not reported
		if it.at != busy || w.items[it.want.Zone] != it {
			continue
		}
		it.at = watch
		switch {
		case errors.Is(err, member.ErrAway):
			it.lost = true
		case err != nil:
			w.failed(it, err, now)
		default:
			w.failed(it, errors.New("the driver did not tell what became of it"), now)
		}
	}
	w.called(jobSteps, err, now)
}

// confirmDeletes drops deletes of zones that the member is to have after all:
// a tombstone may be older than the zone that took its name, and one that left
// may be back. Nothing is deleted by accident, nor while the store cannot tell.
func (w *worker) confirmDeletes(ctx context.Context, j job) job {
	kept := job{kind: j.kind}
	for i, step := range j.steps {
		if step.Action == member.ActionDelete {
			z, err := w.loop.cfg.Zones.Zone(ctx, step.Zone)
			switch {
			case err == nil && w.serves(z.Pool):
				w.applied(j, i, errSuperseded)
				continue
			case err != nil && !errors.Is(err, store.ErrNotFound):
				w.applied(j, i, fmt.Errorf("asking the store whether %s is really deleted: %w", step.Zone, err))
				continue
			}
		}
		kept.items, kept.revs, kept.steps = append(kept.items, j.items[i]), append(kept.revs, j.revs[i]), append(kept.steps, step)
	}
	return kept
}

// applied takes what became of one step.
func (w *worker) applied(j job, i int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.wake()
	now := w.now()
	it := j.items[i]
	if it.at != busy || w.items[it.want.Zone] != it {
		return
	}
	it.at = watch
	w.deny(it, errors.Is(err, member.ErrDenied))
	if errors.Is(err, member.ErrSame) { // as good as seen to fetch it: it will not be
		it.seen.Parted, err = false, nil
		if it.want.Revision == j.revs[i] {
			it.got = fetched{it.want.Serial, true}
		}
	}
	if err == nil || errors.Is(err, member.ErrForeign) {
		w.lastSeen = now
		if w.denied || w.lost == jobSteps {
			w.denied = false
			w.recovered(now)
		}
	}
	switch {
	case errors.Is(err, errSuperseded):
		if it.want.Revision == j.revs[i] { // its new life is further on in the feed
			w.forget(it)
		} else {
			w.advance(it, now)
		}
	case errors.Is(err, member.ErrAway):
		it.at = busy // the call's end deals with it
	case errors.Is(err, member.ErrForeign):
		it.seen.Look = Foreign
		w.advance(it, now)
	case errors.Is(err, member.ErrDenied):
		w.refused(it, err, now)
	case err != nil:
		w.failed(it, err, now)
	case it.want.Revision != j.revs[i]: // changed while the driver was at it
		it.seen = Seen{Expect: Serves, Doubt: w.suspects(), Parted: it.seen.Parted, Differ: it.seen.Differ}
		if j.steps[i].Action == member.ActionDelete {
			it.seen.Expect = Absent
		}
		w.advance(it, now)
	default:
		it.fails = 0
		w.tell(it, j.steps[i].Action, now)
	}
}

// failed puts off one zone. w.mu is held.
func (w *worker) failed(it *item, err error, now time.Time) {
	w.setState(it, skein.StateFailed, err.Error(), now)
	w.tally("zone")
	w.park(it, now.Add(backoff(time.Second, w.longest(), it.fails, w.loop.cfg.Rand())))
	it.fails++
}

// refused: a person must mend something, for all zones alike. w.mu is held.
func (w *worker) refused(it *item, err error, now time.Time) {
	if !w.denied || !now.Before(w.holdTill) {
		w.denied = true
		w.failing(err, now)
		w.holdTill = now.Add(backoff(time.Second, longest, w.failures-1, w.loop.cfg.Rand()))
	}
	w.setState(it, skein.StateFailed, err.Error(), now)
	w.park(it, w.holdTill)
}

// deny notes whether the last step for a zone was refused. w.mu is held.
func (w *worker) deny(it *item, denied bool) {
	switch {
	case denied && !it.denied:
		w.refusals++
	case !denied && it.denied:
		w.refusals--
	}
	it.denied = denied
}

// called takes what became of a whole call. w.mu is held.
func (w *worker) called(kind jobKind, err error, now time.Time) {
	switch {
	case errors.Is(err, member.ErrAway):
		w.lost = kind
		w.goAway(err, now)
	case err != nil:
		w.failing(err, now)
	case !w.denied && w.silent < muteAfter && w.failures > 0 && (w.lost == jobNone || w.lost == kind):
		w.recovered(now)
	}
}
