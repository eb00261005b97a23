package reconcile

import (
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// mark says that a zone changed; created if it did not exist before. Published
// is the revision since which it is served as it is now.
type mark struct {
	want      Wanted
	published skein.Revision
	created   bool
}

// mark takes over the newest entries of the feed. A worker that is not at the
// feed's end finds them by itself; it only lets single changes overtake.
func (w *worker) mark(marks []mark, cursor store.Cursor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	few := len(marks) <= freshPage
	for _, m := range marks {
		if m.want.Revision <= w.pos {
			continue
		}
		if w.live && !w.room(0) {
			w.live = false
		}
		_, there := w.items[m.want.Zone]
		switch {
		case w.live:
			w.admit(m, few, now)
			w.pos = m.want.Revision
		case there || few && !w.away && w.room(overtaking): // pos stays: the feed brings it again, settled
			w.admit(m, few, now)
		default:
			w.behind++
		}
	}
	if w.live && cursor != "" {
		w.cursor = cursor
		w.dirty = true
	}
	if !w.live {
		w.scan.wake()
	}
	w.wake()
}

// room reports whether more zones may be worked on; extra are for some that matter more. w.mu is held.
func (w *worker) room(extra int) bool {
	resting := w.counts[skein.StateForeign] + w.counts[skein.StateFailed] + w.counts[skein.StateDiffers]
	most := w.loop.cfg.most
	return len(w.items)-resting < most.items+extra && resting < most.parked+extra
}

// admit begins, or goes on, to bring one zone to a new version. w.mu is held.
func (w *worker) admit(m mark, fresh bool, now time.Time) {
	it := w.items[m.want.Zone]
	switch {
	case it == nil && w.live && m.published <= w.pos: // settled, and what is served has not changed since
		w.loop.watch.touch(m.want.Zone)
		return
	case it == nil:
		seen := Seen{Expect: Serves, Doubt: w.doubtful}
		switch {
		case !w.live:
			seen.Expect = Unseen // nobody has looked yet
		case m.created:
			seen.Expect = Absent
		}
		w.begin(m.want, seen, fresh, now)
		return
	case it.want.Revision >= m.want.Revision:
		return
	case m.published <= it.want.Revision: // the same contents are on their way
		it.want = m.want
		return
	}
	it.want = m.want
	it.tells, it.looks, it.fails = 0, 0, 0
	promoted := fresh && !it.fresh && it.at == ready
	it.fresh = fresh
	if promoted {
		w.toTell.push(it)
	}
	if it.state == skein.StateForeign && !m.want.Deleted {
		return // the driver's word holds until it is asked again
	}
	was := it.seen
	it.seen = Seen{Expect: Serves, Doubt: was.Doubt, Parted: was.Parted}
	switch {
	case was.Look == Foreign:
		it.seen.Look = Foreign
	case m.created || was.Look == Absent || was.Told.IsZero() && was.Expect == Absent:
		it.seen.Expect = Absent
	case was == Seen{Doubt: was.Doubt, Parted: was.Parted}: // nobody has looked yet
		it.seen.Expect = Unseen
	}
	if it.at != ready { // what is queued is decided again when its turn comes
		w.advance(it, now)
	}
}

// begin makes an item. w.mu is held.
func (w *worker) begin(want Wanted, seen Seen, fresh bool, now time.Time) {
	it := &item{want: want, seen: seen, fresh: fresh, index: -1}
	if done, ok := w.recent.get(want.Zone); ok {
		it.got = done.got
	}
	w.items[want.Zone] = it
	w.setState(it, skein.StatePending, "", now)
	if w.away {
		it.at = sleeping
		return
	}
	w.advance(it, now)
}

// looked takes the answer to a question about asked.
func (w *worker) looked(asked Wanted, r probe.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.wake()
	now := w.now()
	w.asking--
	w.heard(r, now)
	it := w.items[asked.Zone]
	if it == nil {
		return
	}
	it.asking = false
	if it.want.Revision != asked.Revision {
		if it.at == watch { // it was asked for an older version's sake
			w.due.at(it, now)
		}
		return
	}
	it.seen.Look, it.seen.Serial = lookOf(r), r.Serial
	it.seen.Parted = it.seen.Parted && (it.seen.Look == Unseen || it.seen.Look == Serves)
	if it.at != watch {
		return
	}
	if w.transferring(now) && now.Before(it.seen.Told.Add(longQueue)) {
		it.seen.Due = now.Add(patience) // its turn may come yet
	}
	w.advance(it, now)
	if w.items[asked.Zone] == it && (r.Outcome == probe.NoAnswer || r.Outcome == probe.Broken) {
		it.reason = "the member " + r.Text()
	}
}

// transferring reports whether the member works through many zones that it
// was told of: then a zone is late because others are before it. w.mu is held.
func (w *worker) transferring(now time.Time) bool {
	if w.counts[skein.StateTold] > crowded {
		w.crowdedAt = now
	}
	return now.Sub(w.crowdedAt) < patience+longLook && now.Sub(w.progress) < patience
}

func lookOf(r probe.Result) Look {
	switch r.Outcome {
	case probe.Serves:
		return Serves
	case probe.Absent, probe.NotServed:
		return Absent
	case probe.NotLoaded:
		return NotLoaded
	}
	return Unseen
}

// transferred: the member has fetched a serial and is about to serve it.
func (w *worker) transferred(name zone.Name, serial uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	it, got := w.items[name], fetched{serial, true}
	if it == nil { // the change that it is of has not come by the feed yet
		if done, ok := w.recent.get(name); ok {
			done.got = got
			w.recent.add(name, done)
		}
		return
	}
	if it.got = got; !it.proven() {
		return
	}
	if it.seen.By == member.ActionRetransfer || it.at == busy && it.step == member.ActionRetransfer {
		it.seen.Parted = false
	}
	w.progress = w.now()
	if it.at == watch && !it.asking {
		it.looks = 0
		w.due.at(it, w.now())
		w.wake()
	}
}

// published: our own nameserver serves a serial now.
func (w *worker) published(name zone.Name, serial uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if it := w.items[name]; it != nil && it.at == gate && !zone.SerialLess(serial, it.want.Serial) {
		w.due.at(it, w.now())
		w.wake()
	}
}
