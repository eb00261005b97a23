package reconcile

import (
	"context"

	"github.com/skein-dns/skein"
)

// What an audit finds other than it was left has drifted: somebody changed or
// deleted it there. It is mended as every other zone is or, where the member's
// policy says so, only reported until somebody has it looked at (Recheck), or
// until the zone changes.

// reports reports whether what drifted is left as it is.
func (w *worker) reports() bool { return w.member.Repair == skein.RepairReport }

// drifts reports whether what was seen came about behind our back. A member
// that lost a zone's contents, as when it expired, has changed nothing.
func drifts(s Seen) bool {
	return s.Look == Absent || s.Look == Other || s.Look == Serves && (s.Differ > 0 || !s.Doubt)
}

const leftAlone = "it was changed there, and is left so: skein sync ZONE --to MEMBER puts it right"

// reported makes of what would be done about a zone that drifted a state.
func reported(d Decision, s Seen) Decision {
	switch {
	case d.Settled, d.Ask, d.Check, d.Ahead, d.Held, s.Look == Foreign:
		return d
	case s.Look == Other:
		return Decision{Held: true, State: skein.StateDiffers, Reason: "what it has is not what is published: " + leftAlone}
	case s.Look == Absent:
		return Decision{Held: true, State: skein.StateAbsent, Reason: "it is gone there, and is left so: skein sync ZONE --to MEMBER brings it back"}
	case s.Look != Serves:
		return d
	case s.Differ > 0 || s.Parted:
		return Decision{Held: true, State: skein.StateDiffers, Reason: notOurs(s) + ": " + leftAlone}
	}
	return Decision{Held: true, State: skein.StateStale, Reason: leftAlone}
}

// mend takes up a zone that drifted, unless the store says otherwise by now.
func (w *worker) mend(ctx context.Context, f found) {
	z, err := w.loop.cfg.Zones.Zone(ctx, f.entry.Zone.Name)
	if err != nil || z.Revision != f.entry.Revision {
		return // it has changed since, and the feed brings that
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.items[z.Name.Canonical()] != nil || !w.live || !w.room(0) {
		return
	}
	it := &item{seen: f.seen, drifted: drifts(f.seen), index: -1}
	w.take(it, wantedOf(f.entry), w.now())
	if f.seen.Look == Absent && !w.reports() {
		w.missed(w.now())
	}
	w.wake()
}

// leave keeps what drifted, and is only reported, until its contents were
// compared again: a question tells nothing of them. w.mu is held.
func (w *worker) leave(it *item) bool {
	if !it.drifted || !w.reports() || !it.seen.Parted || it.seen.Serial != it.want.Serial || !w.readsContents() {
		return false
	}
	w.reading.again = append(w.reading.again, it.want.Zone)
	w.move(it, parked)
	return true
}
