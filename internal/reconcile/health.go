package reconcile

import (
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/probe"
)

// heard notes whether the member answers DNS questions at all. w.mu is held.
func (w *worker) heard(r probe.Result, now time.Time) {
	if r.Outcome != probe.NoAnswer {
		w.lastSeen = now
		if w.silent >= muteAfter {
			w.recovered(now)
		}
		w.silent = 0
		return
	}
	if r.Err != nil { // not asked at all
		return
	}
	if w.silent++; w.silent == muteAfter {
		w.checkUp = true
		w.failing(fmt.Errorf("it does not answer DNS questions at %s; is the address right, "+
			"is named running, does a firewall drop UDP?", w.target.Addr), now)
	}
}

// failing notes one more failure of the member as a whole. w.mu is held.
func (w *worker) failing(err error, now time.Time) {
	w.failures++
	if w.lastErr != err.Error() {
		w.lastErr = err.Error()
		w.event("failing", w.lastErr, now)
	}
}

// recovered forgets the failures. w.mu is held.
func (w *worker) recovered(now time.Time) {
	if w.failures > 0 || w.lastErr != "" {
		w.event("ok", "", now)
	}
	w.failures, w.lastErr = 0, ""
}

func (w *worker) event(state, text string, now time.Time) {
	w.loop.events.send(skein.Event{At: now, Kind: "member", Member: w.member.Name, State: state, Text: text})
}

// goAway stops everything but knocking. w.mu is held.
func (w *worker) goAway(err error, now time.Time) {
	w.failing(err, now)
	w.away, w.live = true, false
	w.knockAt = now.Add(backoff(time.Second, longest, w.failures-1, w.loop.cfg.Rand()))
	w.toTell, w.toAsk, w.toCheck = lanes{}, lanes{}, nil
	for _, it := range w.items {
		w.move(it, sleeping)
	}
}

// comeBack takes up the work where the member stands now: what was under way
// is looked at, not done again, and the feed is read on from where it was left.
func (w *worker) comeBack(now time.Time) {
	w.away, w.silent, w.denied = false, 0, false
	w.lastSeen = now
	if w.failures > 0 {
		w.event("ok", "the member is back", now)
	}
	w.failures, w.lastErr = 0, ""
	for _, it := range w.items {
		w.move(it, watch)
		foreign := it.seen.Look == Foreign
		it.seen = Seen{Doubt: it.seen.Doubt, Parted: it.seen.Parted}
		it.tells, it.looks, it.fails = 0, 0, 0
		if foreign {
			it.seen.Look = Foreign
		}
		w.advance(it, now)
	}
	w.scan.wake()
}
