package reconcile

import (
	"time"

	"github.com/skein-dns/skein"
)

// line is the items that are under way, the one that is so for longest first:
// how far a member lags behind. The zero value is empty.
type line struct{ first, last *item }

// underWay reports whether a zone in this state is to come to be as wanted by itself.
func underWay(s skein.ZoneState) bool {
	return s == skein.StatePending || s == skein.StateTold || s == skein.StateStale
}

// keep puts an item into the line, or takes it out. One that is in it keeps its place.
func (l *line) keep(it *item, in bool, now time.Time) {
	switch {
	case in == it.inLine:
		return
	case in:
		it.inLine, it.since, it.before = true, now, l.last
		if l.last == nil {
			l.first = it
		} else {
			l.last.after = it
		}
		l.last = it
		return
	}
	if it.before == nil {
		l.first = it.after
	} else {
		it.before.after = it.after
	}
	if it.after == nil {
		l.last = it.before
	} else {
		it.after.before = it.before
	}
	it.inLine, it.before, it.after = false, nil, nil
}

// late notes that there is more for the member than it is told of. w.mu is held.
func (w *worker) late(now time.Time) {
	if w.lateSince.IsZero() {
		w.lateSince = now
	}
}

// behindSince is since when the member has not had all that is on its way to
// it; zero if nothing is. w.mu is held.
func (w *worker) behindSince() (since time.Time) {
	if !w.live && w.behind > 0 {
		since = w.lateSince
	}
	if it := w.line.first; it != nil && (since.IsZero() || it.since.Before(since)) {
		since = it.since
	}
	return since
}
