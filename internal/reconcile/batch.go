package reconcile

import (
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

const (
	bulkBatch  = 32 // a single change waits for so many steps at most, of a driver that makes them one by one
	bulkShare  = 8  // of bulk in a batch of single changes, so that it goes on
	checkBatch = 16 // a call without progress: short also for a member that is far away
)

// nextJob takes what the driver is to do next. w.mu is held.
func (w *worker) nextJob(now time.Time) (job, bool) {
	switch {
	case w.working:
		return job{}, false
	case w.away && now.Before(w.knockAt):
		return job{}, false
	case w.mode == watching && !w.away:
		return w.nextCompare(now)
	case w.mode == knocking:
		w.working = true
		return job{kind: jobProve}, true
	case w.away || w.checkUp:
		w.checkUp = false
		w.working = true
		return job{kind: jobKnock}, true
	}
	if steps, some := w.nextSteps(now); some {
		w.working = true
		return steps, true
	}
	checks := pop(&w.toCheck, max(checkBatch, w.caps.Batch), w.takeUp)
	if len(checks) == 0 && w.parity.due {
		w.parity.due, w.working = false, true
		return job{kind: jobCount}, true
	}
	if len(checks) > 0 {
		w.working = true
	}
	return job{kind: jobCheck, items: checks, revs: revisions(checks)}, len(checks) > 0
}

// takeUp marks a queued item as busy; false if it left the queue otherwise.
func (w *worker) takeUp(it *item) bool {
	if it.at != ready || w.items[it.want.Zone] != it {
		return false
	}
	it.at = busy
	return true
}

// nextSteps makes a batch: single changes first, and some bulk. w.mu is held.
func (w *worker) nextSteps(now time.Time) (job, bool) {
	many, some := freshPage, bulkShare
	if len(w.toTell.fresh) == 0 {
		some = max(bulkBatch, w.caps.Batch)
	}
	if w.denied {
		if now.Before(w.holdTill) {
			return job{}, false
		}
		many, some = 1, 1 // try one; the others wait for what becomes of it
	}
	j := job{kind: jobSteps}
	j.items = pop(&w.toTell.fresh, many, w.takeUp)
	j.items = append(j.items, pop(&w.toTell.bulk, some, w.takeUp)...)
	kept := j.items[:0]
	for _, it := range j.items {
		d := w.decide(it, now) // again: much may have changed while it waited
		if d.Step == "" || d.Step == ActionNotify || d.Step != member.ActionDelete && !w.primaryServes(it) {
			it.at = watch
			w.advance(it, now)
			continue
		}
		it.step = d.Step
		kept = append(kept, it)
		j.steps = append(j.steps, member.Step{Action: d.Step, Zone: it.want.Zone, Serial: it.want.Serial, Reason: d.Reason})
	}
	if j.items, j.revs = kept, revisions(kept); len(kept) == 0 && !w.toTell.empty() {
		w.wake() // none of these needed it any more: those behind them have their turn
	}
	return j, len(kept) > 0
}

func (w *worker) primaryServes(it *item) bool {
	serial, ok := w.loop.cfg.Announcer.Serial(it.want.Zone)
	return ok && !zone.SerialLess(serial, it.want.Serial)
}

func revisions(items []*item) []skein.Revision {
	revs := make([]skein.Revision, len(items))
	for i, it := range items {
		revs[i] = it.want.Revision
	}
	return revs
}
