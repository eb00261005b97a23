package reconcile

import (
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// ripe takes up an item whose time has come. w.mu is held.
func (w *worker) ripe(it *item, now time.Time) {
	switch it.at {
	case parked: // whatever it was, look afresh
		it.seen = Seen{Doubt: it.seen.Doubt || it.seen.Look == Foreign, Parted: it.seen.Parted}
		if it.state == skein.StateForeign {
			it.seen.Look = NotLoaded // the driver's word is asked for
		}
		it.at = watch
		w.advance(it, now)
	case gate:
		w.advance(it, now)
	case watch:
		w.toAsk.push(it)
	}
}

// questions takes from the queues what may be asked now. w.mu is held.
func (w *worker) questions() []Wanted {
	if w.away {
		return nil
	}
	most, extra := window, freshWindow
	if w.silent >= muteAfter {
		most, extra = muteWindow, 0
	}
	askable := func(it *item) bool {
		if it.at != watch || it.asking || w.items[it.want.Zone] != it {
			return false
		}
		it.asking = true
		return true
	}
	taken := pop(&w.toAsk.fresh, most+extra-w.asking, askable)
	taken = append(taken, pop(&w.toAsk.bulk, most-w.asking-len(taken), askable)...)
	w.asking += len(taken)
	ask := make([]Wanted, len(taken))
	for i, it := range taken {
		ask[i] = it.want
	}
	return ask
}

// advance decides about an item and does, or queues, what was decided. w.mu is held.
func (w *worker) advance(it *item, now time.Time) {
	if it.at == busy || it.at == sleeping {
		return
	}
	d := w.decide(it, now)
	it.seen.Parted = it.seen.Parted || d.Ahead
	switch {
	case d.Settled:
		w.settle(it, d, now)
		return
	case d.Check:
		w.move(it, ready)
		w.toCheck = append(w.toCheck, it)
	case d.Step == ActionNotify:
		if !w.gated(it, now) {
			w.notify = append(w.notify, it.want.Zone)
			w.tell(it, ActionNotify, now)
			return
		}
	case d.Step != "":
		if d.Step == member.ActionDelete || !w.gated(it, now) {
			w.move(it, ready)
			w.toTell.push(it)
		}
	case it.seen.Look == Foreign, d.Ahead:
		w.park(it, now.Add(rarely))
	default:
		w.move(it, watch)
		w.due.at(it, now.Add(w.lookAgain(it)))
	}
	w.setState(it, d.State, d.Reason, now)
}

func (w *worker) decide(it *item, now time.Time) Decision {
	rules := Rules{Caps: w.caps, Now: now, Served: w.loop.cfg.Announcer.Serial}
	seen := it.seen
	seen.Proven = it.proven()
	return rules.Decide(it.want, seen)
}

// gated keeps an item back until our own nameserver serves what the member is
// to be told of: BIND that asks too early waits a minute. w.mu is held.
func (w *worker) gated(it *item, now time.Time) bool {
	serial, ok := w.loop.cfg.Announcer.Serial(it.want.Zone)
	if ok && !zone.SerialLess(serial, it.want.Serial) {
		it.looks = 0
		return false
	}
	w.move(it, gate)
	w.due.at(it, now.Add(backoff(firstGate, longGate, it.looks, 0)))
	it.looks++
	return true
}

// move puts an item at a place without a due time. w.mu is held.
func (w *worker) move(it *item, at place) {
	w.due.remove(it)
	it.at = at
}

func (w *worker) park(it *item, until time.Time) {
	w.move(it, parked)
	w.due.at(it, until)
}

// tell notes that the member was told, and when to look. w.mu is held.
func (w *worker) tell(it *item, by member.Action, now time.Time) {
	late := patience
	if it.tells > 0 {
		late += backoff(patience, longest-patience, it.tells, w.loop.cfg.Rand())
	}
	it.tells++
	it.looks = 0
	it.seen = Seen{Expect: it.seen.Expect, Doubt: it.seen.Doubt, Parted: it.seen.Parted, Told: now, By: by, Due: now.Add(late)}
	if by == member.ActionAdd {
		it.seen.Expect, it.seen.Doubt = Absent, false
	}
	w.move(it, watch)
	w.due.at(it, now.Add(w.lookAgain(it)))
	if it.state == skein.StateStale || it.state == skein.StateDiffers {
		return // it stays so until seen otherwise
	}
	w.setState(it, skein.StateTold, it.reason, now)
}

// lookAgain is how long to wait before the next look. w.mu is held.
func (w *worker) lookAgain(it *item) time.Duration {
	n := it.looks
	it.looks++
	if it.seen.Told.IsZero() {
		return backoff(firstLook, longLook, n, 0) - firstLook // never looked at: now
	}
	first := firstLook
	if it.proven() && it.fresh {
		first = nextLook
	}
	d := backoff(first, longLook, n, w.loop.cfg.Rand()/2)
	if it.proven() {
		return d
	}
	return max(d, min(time.Duration(w.counts[skein.StateTold])*crowd, longLook))
}

// settle: the zone is as wanted; nothing needs to be kept of it but, for a
// while, when. w.mu is held.
func (w *worker) settle(it *item, d Decision, now time.Time) {
	w.move(it, watch)
	if !it.seen.Told.IsZero() {
		w.progress = now
	}
	w.setState(it, d.State, d.Reason, now)
	w.forget(it)
	w.recent.add(it.want.Zone, settled{it.want.Revision, it.seen.Serial, it.seen.Told, now, it.got})
	w.loop.watch.touch(it.want.Zone)
	if !w.live && len(w.items) < w.loop.cfg.most.items/2 {
		w.scan.wake()
	}
}

// forget drops an item. w.mu is held.
func (w *worker) forget(it *item) {
	w.due.remove(it)
	w.count(it.state, -1)
	delete(w.items, it.want.Zone)
	w.dirty = true
}

func (w *worker) count(s skein.ZoneState, by int) {
	if s == "" {
		return
	}
	if w.counts[s] += by; w.counts[s] == 0 {
		delete(w.counts, s)
	}
}

// setState notes where a zone stands and tells those who listen. w.mu is held.
func (w *worker) setState(it *item, s skein.ZoneState, reason string, now time.Time) {
	it.reason = reason
	if it.state == s {
		return
	}
	w.count(it.state, -1)
	w.count(s, 1)
	it.state = s
	w.dirty = true
	w.loop.events.send(skein.Event{Revision: it.want.Revision, At: now, Kind: "zone",
		Zone: it.want.Zone, Member: w.member.Name, State: string(s), Text: reason})
}
