package reconcile

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const (
	contentsPage = 64
	contentsGap  = time.Minute // between two zones at most: a few zones are compared more often than asked for
	contentsKept = 100         // a round is kept so many times: what was compared is not compared again after a restart

	// readAtOnce is how many zones are compared at once: it takes that where a
	// member is far away or slow to answer. One of so many records is alone.
	readAtOnce = 4
	readAlone  = 10_000
)

// reading is how far the audit of whole contents is. An equal serial of other
// contents is what only that finds. Those of an observed member are compared
// with its serials. Those that a driver brings are compared by another such
// driver, so that it holds up nothing.
type reading struct {
	cursor   store.Cursor
	compared int       // in this round
	kept     int       // of these, when the cursor was last to be saved
	round    time.Time // when the last round ended
	found    int       // zones with other contents, since the worker began
	refused  string    // why the last one could not be transferred
	again    []zone.Name
}

// readsContents reports whether whole contents are compared for ever.
func (w *worker) readsContents() bool {
	return w.mode == working && !w.caps.Own && (!w.caps.Transfer || w.member.AuditKey != "" && w.secrets.Audit != "")
}

// readContents compares zones so that a round over all takes the configured
// time. Each has its turn for as long again as it took, so that the member has
// half of the time for others.
func (w *worker) readContents(ctx context.Context) {
	most := int64(readAtOnce)
	if w.reader != nil { // which is asked for one after the other
		most = 1
	}
	turns := semaphore.NewWeighted(most)
	var reads sync.WaitGroup
	defer reads.Wait()
	read := func(part int64, compare func()) {
		if turns.Acquire(ctx, part) != nil {
			return
		}
		reads.Go(func() {
			defer turns.Release(part)
			began := w.now()
			compare()
			pause(ctx, w.now().Sub(began))
		})
	}
	var page []store.Entry
	for due := w.now(); ; {
		e, some := w.nextToRead(ctx, &page)
		if some {
			part := int64(1)
			if e.Zone.Records >= readAlone {
				part = most
			}
			read(part, func() { w.readZone(ctx, e) })
		}
		if name := w.nextAgain(); name != "" {
			read(1, func() { w.readAgain(ctx, name) })
		}
		due = due.Add(max(w.contentsGap(), time.Millisecond))
		if now := w.now(); due.Before(now) { // what is late is not made up for
			due = now
		}
		if !pause(ctx, due.Sub(w.now())) {
			return
		}
	}
}

func (w *worker) contentsGap() time.Duration {
	return min(w.loop.cfg.ContentsPeriod/time.Duration(max(w.zones(), 1)), contentsGap)
}

// nextToRead takes the next zone of a page that is believed to be as wanted, and
// reads the next page when that is over.
func (w *worker) nextToRead(ctx context.Context, page *[]store.Entry) (e store.Entry, some bool) {
	if !w.auditable() {
		return e, false
	}
	if len(*page) == 0 {
		*page = w.nextContents(ctx)
	}
	for len(*page) > 0 {
		e, *page = (*page)[0], (*page)[1:]
		if !e.Zone.Deleted && w.serves(e.Zone.Pool) && w.believes(e) {
			return e, true
		}
	}
	return e, false
}

// nextContents reads the next page of the feed.
func (w *worker) nextContents(ctx context.Context) []store.Entry {
	w.mu.Lock()
	cursor := w.reading.cursor
	w.mu.Unlock()
	page, next, err := w.loop.cfg.Feed.Entries(ctx, cursor, contentsPage)
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &w.reading
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, store.ErrCursor):
		r.cursor, r.compared, r.kept = "", 0, 0
	case err != nil:
	case len(page) < contentsPage: // the last of this round
		r.cursor, r.compared, r.kept, r.round = "", 0, 0, w.now()
		w.dirty = true
	default:
		r.cursor = next
		if r.compared-r.kept >= max(contentsPage, w.zones()/contentsKept) {
			r.kept, w.dirty = r.compared, true
		}
	}
	return page
}

// readZone compares one zone. What differs is mended, or reported, as
// everything that is found to have drifted; a zone that it does not give away
// may be another's by now: that is asked.
func (w *worker) readZone(ctx context.Context, e store.Entry) {
	seen := Seen{Look: Serves, Serial: e.Zone.Serial, Doubt: w.caps.Transfer}
	differ, err := w.otherRecords(ctx, e.Zone.Name)
	if ctx.Err() != nil || errors.Is(err, errUncompared) {
		return
	}
	w.mu.Lock()
	r := &w.reading
	if err != nil {
		r.refused = err.Error()
	} else {
		r.compared, r.refused = r.compared+1, ""
	}
	if differ > 0 {
		r.found++
		seen.Parted, seen.Differ = true, w.inRecords(differ)
	}
	w.mu.Unlock()
	if differ > 0 {
		w.mend(ctx, found{e, seen})
	}
}

// nextAgain takes one of the zones that are known to differ, and are left so.
func (w *worker) nextAgain() (name zone.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.reading.again) > 0 {
		name, w.reading.again = w.reading.again[0], w.reading.again[1:]
	}
	return name
}

// readAgain compares such a zone: somebody may have put it right.
func (w *worker) readAgain(ctx context.Context, name zone.Name) {
	differ, err := w.otherRecords(ctx, name)
	w.mu.Lock()
	defer w.mu.Unlock()
	it := w.items[name]
	if it == nil || it.at != parked || !it.drifted {
		return
	}
	if err != nil {
		w.park(it, w.now().Add(w.seldom()))
		return
	}
	it.seen = Seen{Look: Serves, Serial: it.want.Serial, Parted: differ > 0, Differ: w.inRecords(differ)}
	w.move(it, watch)
	w.advance(it, w.now())
	w.wake()
}

// otherRecords counts the records that a member has other than published: where its
// driver compares, one if there are any.
func (w *worker) otherRecords(ctx context.Context, name zone.Name) (int, error) {
	if w.reader == nil {
		return w.differing(ctx, name)
	}
	ctx, cancel := context.WithTimeout(ctx, compareTime)
	defer cancel()
	there, err := w.reader.Has(ctx, []zone.Name{name})
	switch {
	case err != nil:
		return 0, err
	case len(there) != 1 || !there[0].Present || !there[0].Ours: // the audit of serials finds that
		return 0, errUncompared
	case there[0].Current:
		return 0, nil
	}
	return 1, nil
}

// inRecords is how many of so many records it is known that they differ.
func (w *worker) inRecords(differ int) int {
	if !w.caps.Transfer {
		return 0
	}
	return differ
}

// audit is what is shown of it; nil where no contents are compared. w.mu is held.
func (w *worker) auditStatus() *skein.MemberAudit {
	if !w.readsContents() {
		return nil
	}
	r := w.reading
	return &skein.MemberAudit{Compared: r.compared, Round: r.round, Found: r.found, Refused: r.refused}
}

// pause reports whether the time went by without ctx ending.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
