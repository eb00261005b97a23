package reconcile

import (
	"slices"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// change is an entry that the follower has read; created if there was no such
// zone before, from another pool if it was in that until now.
type change struct {
	store.Entry
	created bool
	from    string
}

// mark says that a zone changed for one member; created if it was not to have
// it before. Published is the revision since which it is served as it is now.
type mark struct {
	want      Wanted
	published skein.Revision
	created   bool
}

// own makes of a change what it is to this member; false if it is nothing.
// w.mu is held.
func (w *worker) own(c change) (mark, bool) {
	m := mark{want: wantedOf(c.Entry), published: c.Zone.Published, created: c.created}
	here := w.serves(c.Zone.Pool)
	switch was := c.from != "" && w.serves(c.from); {
	case here && c.from != "" && !was: // it came from a pool that the member is not in
		m.created, m.published = true, c.Revision
	case here:
	case was, w.leaves(c.Zone.Pool):
		m.want.Deleted, m.published = true, c.Revision
	default:
		return m, false
	}
	return m, true
}

// caught makes of an entry that the worker reads itself what it is to this
// member. Which pool the zone was in, the entry tells. w.mu is held.
func (w *worker) caught(e store.Entry) (mark, bool) {
	c := change{Entry: e}
	if before := e.Zone.PoolBefore; before != "" && poolName(before) != poolName(e.Zone.Pool) {
		c.from = before
	}
	return w.own(c)
}

// serves reports whether the zones of a pool are to be on the member.
func (w *worker) serves(pool string) bool { return slices.Contains(w.pools, poolName(pool)) }

// leaves reports whether the member was in a pool, and may have its zones still. w.mu is held.
func (w *worker) leaves(pool string) bool { return slices.Contains(w.left, poolName(pool)) }

// mark takes over the newest changes. A worker that is not at the feed's end
// finds them by itself; it only lets single changes overtake.
func (w *worker) mark(changes []change, cursor store.Cursor) {
	if !w.follows() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	few := len(changes) <= freshPage
	for _, c := range changes {
		if c.Revision <= w.pos {
			continue
		}
		m, ours := w.own(c)
		m.want.Changed = c.Zone.Changed
		if !ours {
			if w.live {
				w.pass(c.Entry)
			}
			continue
		}
		if w.live && !w.room(0) {
			w.live = false
		}
		_, there := w.items[m.want.Zone]
		switch {
		case w.live:
			w.admit(m, few, now)
			w.pass(c.Entry)
		case there || few && !w.away && w.room(overtaking): // pos stays: the feed brings it again, settled
			w.admit(m, few, now)
		default:
			w.behind++
			w.late(now)
		}
	}
	if w.live && cursor != "" {
		w.cursor, w.asOf = cursor, w.newest
		w.dirty = true
	}
	if !w.live {
		w.scan.wake()
	}
	w.wake()
}

// room reports whether more zones may be worked on; extra are for some that matter more. w.mu is held.
func (w *worker) room(extra int) bool {
	most := w.loop.cfg.most
	if w.mode == watching { // whatever is not as wanted rests
		return len(w.items) < most.parked+extra
	}
	resting := w.counts[skein.StateForeign] + w.counts[skein.StateFailed] + w.counts[skein.StateDiffers]
	if w.reports() {
		resting += w.counts[skein.StateAbsent] + w.counts[skein.StateStale]
	}
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
		seen := Seen{Expect: Serves, Doubt: w.doubts()}
		switch {
		case !w.live: // nobody has looked yet, nor asked whose one is that was just made
			seen.Expect, seen.Doubt = Unseen, seen.Doubt || m.created
		case m.created:
			seen.Expect = Absent
		}
		w.begin(m.want, seen, fresh, now)
		return
	case it.want.Revision >= m.want.Revision:
		return
	case m.published <= it.want.Revision: // the same contents are on their way
		w.want(it, m.want)
		return
	}
	w.want(it, m.want)
	it.tells, it.looks, it.fails, it.drifted = 0, 0, 0, false
	promoted := fresh && !it.fresh && it.at == ready
	it.fresh = fresh
	if promoted {
		w.toTell.push(it)
	}
	if it.state == skein.StateForeign && !m.want.Deleted { // the driver's word holds until it is asked again
		if it.at == parked {
			w.due.at(it, now)
		}
		return
	}
	was := it.seen
	it.seen = Seen{Expect: Serves, Doubt: was.Doubt || w.suspects(), Parted: was.Parted}
	switch {
	case was.Look == Foreign:
		it.seen.Look = Foreign
	case m.created || was.Look == Absent || was.Told.IsZero() && was.Expect == Absent:
		it.seen.Expect = Absent
	case was == Seen{Doubt: was.Doubt, Parted: was.Parted, Differ: was.Differ}: // nobody has looked yet
		it.seen.Expect = Unseen
	}
	if it.at != ready { // what is queued is decided again when its turn comes
		w.advance(it, now)
	}
}

// doubts reports whether a zone that looks right is to be asked about: whose
// it is, or, of one that is watched, whether its contents are ours. w.mu is held.
func (w *worker) doubts() bool { return w.doubtful || w.suspects() }

// suspects reports whether it takes more than its serial to believe in a
// version of a zone that the member was not given: of one that fetches none it
// is never seen where it had a serial from.
func (w *worker) suspects() bool {
	return !w.caps.Own && (w.trial || w.mode == working && !w.caps.Transfer)
}

// want sets what an item is to come to. w.mu is held.
func (w *worker) want(it *item, want Wanted) {
	if it.want.Deleted {
		w.going--
	}
	if it.want = want; want.Deleted {
		w.going++
	}
}

// begin makes an item. w.mu is held.
func (w *worker) begin(want Wanted, seen Seen, fresh bool, now time.Time) {
	w.take(&item{seen: seen, fresh: fresh, index: -1}, want, now)
}

// take begins with an item. w.mu is held.
func (w *worker) take(it *item, want Wanted, now time.Time) {
	w.want(it, want)
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
