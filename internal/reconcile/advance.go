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
		if w.leave(it) {
			return
		}
		it.seen = Seen{Doubt: it.seen.Doubt || it.seen.Look == Foreign || w.suspects(), Parted: it.seen.Parted, Differ: it.seen.Differ}
		if it.state == skein.StateForeign && !w.caps.Own {
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
func (w *worker) questions(now time.Time) []Wanted {
	w.backed = false
	if w.away {
		return nil
	}
	most, extra := window, freshWindow
	if w.caps.Own {
		most, extra = ownWindow, ownWindow
	}
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
	w.backed = len(w.toAsk.bulk) > 0 && now.Before(w.flood.crest())
	if !w.backed {
		taken = append(taken, pop(&w.toAsk.bulk, most-w.asking-len(taken), askable)...)
	}
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
	w.noteAhead(it, d)
	switch {
	case d.Settled:
		w.settle(it, d, now)
		return
	case d.Check:
		if w.caps.Transfer || !w.gated(it, now) { // contents are compared with what is published, which is to be this version
			w.move(it, ready)
			w.toCheck = append(w.toCheck, it)
		}
	case d.Step == ActionNotify:
		if !w.gated(it, now) {
			w.notify = append(w.notify, it.want.Zone)
			w.hurryOn(it)
			w.tell(it, ActionNotify, now)
			return
		}
	case d.Step != "":
		if d.Step == member.ActionDelete || !w.gated(it, now) {
			w.move(it, ready)
			w.toTell.push(it)
		}
	case it.seen.Look == Foreign, d.Ahead, d.Held && w.caps.Own:
		w.park(it, now.Add(w.seldom()))
	case d.Held:
		w.park(it, now.Add(backoff(time.Second, rarely, it.fails, w.loop.cfg.Rand())))
		it.fails++
	default:
		w.move(it, watch)
		w.due.at(it, now.Add(w.lookAgain(it)))
	}
	if it.state == skein.StateForeign && d.Step != "" {
		return // it stays so until the driver says otherwise
	}
	w.setState(it, d.State, d.Reason, now)
}

func (w *worker) decide(it *item, now time.Time) Decision {
	seen := it.seen
	seen.Proven = it.proven()
	d := w.rules(now).Decide(it.want, seen)
	if it.drifted && w.reports() && w.mode == working {
		return reported(d, seen)
	}
	return d
}

func (w *worker) rules(now time.Time) Rules {
	return Rules{Caps: w.caps, Now: now, Served: w.loop.cfg.Announcer.Serial, Present: w.present(), Watch: w.why, Compare: w.trial && !w.caps.Own, Read: w.reads}
}

// present reports whether no zone is put on the member that it does not have;
// one that is never written is missing none.
func (w *worker) present() bool {
	return w.member.Only == skein.OnlyPresent || len(writtenPools(w.member)) == 0
}

// noteAhead keeps that the histories have parted, and tells of a conflict that
// begins or ends. Of a member that is only watched others' changes are no
// conflict. w.mu is held.
func (w *worker) noteAhead(it *item, d Decision) {
	it.seen.Parted = it.seen.Parted || d.Ahead
	is := lead{it.seen.Serial, false}
	switch {
	case d.Ahead && it.ahead != is:
		if it.ahead == (lead{}) {
			w.ahead++
		}
	case !d.Ahead && !d.Check && it.ahead != lead{} && (d.Settled || it.seen.Look != Unseen):
		w.ahead--
		is = lead{it.ahead.serial, true}
	default:
		return
	}
	if it.ahead = is; is.over {
		it.ahead = lead{}
	}
	w.tellAhead(it, is)
}

func (w *worker) tellAhead(it *item, is lead) {
	if !w.trial {
		w.loop.news.isAhead(conflict{w.member.Name, it.want.Zone}, is)
	}
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
	it.seen = Seen{Expect: it.seen.Expect, Doubt: it.seen.Doubt, Parted: it.seen.Parted, Differ: it.seen.Differ, Told: now, By: by, Due: now.Add(late)}
	if by == member.ActionAdd {
		it.seen.Expect, it.seen.Doubt = Absent, false
	}
	if !w.caps.Transfer { // it was given the whole zone
		it.seen.Parted = false
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
	if w.caps.Own && n > 0 {
		return backoff(ownFirst, longest, n-1, w.loop.cfg.Rand()/2)
	}
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
		if !it.want.Changed.IsZero() {
			w.loop.pace.note(now.Sub(it.want.Changed), now)
		}
	}
	w.setState(it, d.State, d.Reason, now)
	w.forget(it)
	w.recent.add(it.want.Zone, settled{it.want.Revision, it.seen.Serial, it.seen.Told, now, it.got, d.State == skein.StateAbsent})
	w.loop.watch.touch(it.want.Zone)
	if !w.live && len(w.items) < w.loop.cfg.most.items/2 {
		w.scan.wake()
	}
}

// forget drops an item. w.mu is held.
func (w *worker) forget(it *item) {
	w.due.remove(it)
	w.count(it.state, -1)
	w.line.keep(it, false, time.Time{})
	if it.want.Deleted {
		w.going--
	}
	if it.ahead != (lead{}) {
		w.ahead--
		w.tellAhead(it, lead{it.ahead.serial, true})
	}
	if it.lost && w.lost != jobNone { // it was done after all, or need not be any more
		w.recovered(w.now())
	}
	if w.deny(it, false); w.denied && w.refusals == 0 && !w.away && w.silent < muteAfter { // nothing is left that was refused
		w.denied = false
		w.recovered(w.now())
	}
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
	w.line.keep(it, underWay(s), now)
	w.dirty = true
	w.loop.events.send(skein.Event{Revision: it.want.Revision, At: now, Kind: "zone",
		Zone: it.want.Zone, Member: w.member.Name, State: string(s), Text: reason})
}
