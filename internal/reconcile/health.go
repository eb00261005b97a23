package reconcile

import (
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
)

// heard notes whether the member answers DNS questions at all. w.mu is held.
func (w *worker) heard(a answer, now time.Time) {
	if a.lost {
		return
	}
	if !a.silent {
		w.lastSeen = now
		if w.silent >= muteAfter {
			w.recovered(now)
		}
		w.silent = 0
		return
	}
	w.silent++
	w.checkUp = w.checkUp || w.silent == muteAfter
	if w.silent%muteAfter == 0 && !w.away && !now.Before(w.countAt) {
		w.failing(fmt.Errorf("%w at %s; is the address right, "+
			"is named running, does a firewall drop UDP?", errSilent, w.target.Addr), now)
	}
}

// hail asks a silent member that nothing else is asked of for a sign of life. w.mu is held.
func (w *worker) hail(now time.Time) []Wanted {
	if w.silent < muteAfter || w.away || w.asking > 0 || now.Before(w.hailAt) {
		return nil
	}
	w.hailAt = now.Add(backoff(time.Second, longest, w.failures, w.loop.cfg.Rand()))
	w.asking++
	return []Wanted{{Zone: w.loop.cfg.SelfTest}}
}

// failing notes one more failure of the member as a whole. Failed questions
// count no faster than failed commands would be tried again: a member that is
// busy for a moment is not taken for dead. w.mu is held.
func (w *worker) failing(err error, now time.Time) {
	w.failures++
	w.tally(kindOf(err))
	w.countAt = now.Add(backoff(time.Second, longest, w.failures-1, w.loop.cfg.Rand()))
	if most := int(w.loop.threshold.Load()); w.mode == working && most > 0 && w.failures%most == 0 {
		name, failures, last := w.member.Name, w.failures, err.Error()
		w.loop.news.call(func() { w.loop.cfg.Crossed(name, failures, last) })
	}
	if w.lastErr != err.Error() {
		w.lastErr = err.Error()
		w.event("failing", w.lastErr, now)
	}
}

// errSilent: nothing came back over DNS.
var errSilent = errors.New("it does not answer DNS questions")

// kindOf sorts failures for those who count them.
func kindOf(err error) string {
	switch {
	case errors.Is(err, member.ErrAway):
		return "away"
	case errors.Is(err, member.ErrDenied):
		return "denied"
	case errors.Is(err, errSilent):
		return "silent"
	}
	return "other"
}

// tally counts a failure. w.mu is held.
func (w *worker) tally(kind string) {
	if w.errs == nil {
		w.errs = map[string]int{}
	}
	w.errs[kind]++
}

// recovered forgets the failures. w.mu is held.
func (w *worker) recovered(now time.Time) {
	if w.failures > 0 || w.lastErr != "" {
		w.event("ok", "", now)
	}
	w.failures, w.lastErr, w.lost = 0, "", jobNone
}

func (w *worker) event(state, text string, now time.Time) {
	w.loop.events.send(skein.Event{At: now, Kind: "member", Member: w.member.Name, State: state, Text: text})
}

// goAway stops everything but knocking. w.mu is held.
func (w *worker) goAway(err error, now time.Time) {
	w.failing(err, now)
	w.away, w.live = true, false
	w.knockAt = w.countAt
	w.toTell, w.toAsk, w.toCheck = lanes{}, lanes{}, nil
	for _, it := range w.items {
		w.move(it, sleeping)
	}
}

// comeBack takes up the work where the member stands now: what was under way
// is looked at, not done again, and the feed is read on from where it was left.
// A sign of life is no proof that it takes what it went away at: until it does,
// or until that is found to be done, its failures go on counting.
func (w *worker) comeBack(now time.Time) {
	w.away, w.silent, w.denied = false, 0, false
	w.lastSeen = now
	if w.lost == jobNone {
		if w.failures > 0 {
			w.event("ok", "the member is back", now)
		}
		w.failures, w.lastErr = 0, ""
	}
	for _, it := range w.items {
		w.move(it, watch)
		foreign := it.seen.Look == Foreign
		it.seen = Seen{Doubt: it.seen.Doubt, Parted: it.seen.Parted, Differ: it.seen.Differ}
		it.tells, it.looks, it.fails = 0, 0, 0
		if foreign {
			it.seen.Look = Foreign
		}
		w.advance(it, now)
	}
	w.scan.wake()
}
