package reconcile

import (
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/zone"
)

// answer is what a member was found to have under one name: over DNS or, where
// its serials are its own, by its driver.
type answer struct {
	look   Look
	serial uint32        // of Serves
	lacks  string        // of Serves: records that it cannot hold
	text   string        // of Unseen: what came instead
	silent bool          // nothing came
	lost   bool          // it was not asked
	err    error         // why of this zone nothing can be told
	left   time.Duration // of Serves, where its primary does not answer it: until it expires
}

func answerOf(r probe.Result) answer {
	a := answer{look: lookOf(r), serial: r.Serial}
	if r.Lost {
		a.left = max(r.Left, 1)
	}
	switch r.Outcome {
	case probe.NoAnswer:
		a.text, a.lost, a.silent = r.Text(), r.Err != nil, r.Err == nil
	case probe.Broken:
		a.text = r.Text()
	}
	return a
}

// looked takes the answer to a question about asked.
func (w *worker) looked(asked Wanted, a answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.wake()
	now := w.now()
	w.asking--
	w.heard(a, now)
	w.expiry.note(asked.Zone, a, now)
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
	it.seen.Look, it.seen.Serial, it.seen.Lacks = a.look, a.serial, a.lacks
	it.seen.Parted = it.seen.Parted && (it.seen.Look == Unseen || it.seen.Look == Serves)
	if it.seen.Look == Absent && it.seen.By == ActionNotify && !it.want.Deleted {
		w.missed(now)
	}
	if it.at != watch {
		return
	}
	if a.err != nil {
		w.failed(it, a.err, now)
		return
	}
	if w.transferring(now) && now.Before(it.seen.Told.Add(longQueue)) {
		it.seen.Due = now.Add(patience) // its turn may come yet
	}
	w.advance(it, now)
	if w.items[asked.Zone] == it && a.text != "" {
		it.reason = "the member " + a.text
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
	if it == nil || it.at == watch && it.seen.Told.IsZero() && !it.fresh {
		w.flood.note(w.now())
	}
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
	switch {
	case it.at == watch && !it.asking:
		it.looks = 0
	case it.at == parked && it.seen.Look == Foreign: // what is fetched from us may be ours after all
	default:
		return
	}
	due := w.now()
	if !it.fresh {
		due = due.Truncate(together).Add(together)
	}
	w.due.at(it, due)
	w.wake()
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
