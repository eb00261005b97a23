package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

const (
	auditPage = 64 // zones that an audit asks for at once, at most
	auditRuns = 20 // a round is made of, at least: what is gone of few zones is missed early, too
	saveEvery = 10 * time.Second
)

// scanner reads the feed for one worker: to catch up, and then, slowly and
// for ever, to audit what is believed to be right.
type scanner struct {
	w     *worker
	woken chan struct{}

	// Owned by the scanner's goroutine.
	audited store.Cursor // how far this round of the audit is
	differs chan found
}

// found is a zone that an audit saw other than wanted.
type found struct {
	entry store.Entry
	seen  Seen
}

func (s *scanner) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

func (s *scanner) run(ctx context.Context) {
	s.differs = make(chan found, auditPage)
	s.w.load(ctx)
	defer s.w.save(context.WithoutCancel(ctx))
	save := time.NewTicker(saveEvery)
	defer save.Stop()
	gap, _ := s.auditPace()
	audit := time.NewTimer(gap)
	defer audit.Stop()
	s.w.wake()
	for {
		again := s.catchUp(ctx)
		var retry <-chan time.Time
		if again {
			retry = time.After(time.Second)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.woken:
		case <-retry:
		case <-save.C:
			s.w.save(ctx)
		case f := <-s.differs:
			s.w.mend(ctx, f)
		case <-audit.C:
			audit.Reset(s.auditSome(ctx))
		}
	}
}

// catchUp reads on until the end of the feed or until the worker has enough
// to do. It reports whether reading failed and should be tried again.
func (s *scanner) catchUp(ctx context.Context) (again bool) {
	for ctx.Err() == nil {
		cursor, wants := s.w.wantsMore()
		if !wants {
			return false
		}
		head, started := s.w.loop.place() // before reading: what is read then reaches at least to head
		entries, next, err := s.w.loop.cfg.Feed.Entries(ctx, cursor, feedPage)
		switch {
		case errors.Is(err, store.ErrCursor):
			s.w.loop.cfg.Log.Warn("the place in the feed does not fit the store: looking at all zones of the member again", "member", s.w.member.Name)
			s.w.resync()
			continue
		case err != nil:
			if ctx.Err() == nil {
				s.w.loop.cfg.Log.Error("reading the feed failed; it is tried again", "error", err)
			}
			return true
		}
		s.w.catch(entries, cursor, next)
		if len(entries) < feedPage {
			if !started { // the follower wakes us once it got to the end
				return false
			}
			if s.w.arrive(head) {
				return false
			}
		}
	}
	return false
}

// auditPace is how many zones the audit asks for at once, and after which time
// for the next, so that a round takes the configured time.
func (s *scanner) auditPace() (gap time.Duration, page int) {
	zones := max(int(s.w.loop.census.all.Load()), auditRuns)
	page = min(auditPage, zones/auditRuns)
	return max(s.w.loop.cfg.AuditPeriod*time.Duration(page)/time.Duration(zones), time.Millisecond), page
}

// auditSome asks for the next few zones that are believed to be right, and
// returns after which time to go on.
func (s *scanner) auditSome(ctx context.Context) (gap time.Duration) {
	gap, page := s.auditPace()
	if !s.w.auditable() {
		return gap
	}
	entries, next, err := s.w.loop.cfg.Feed.Entries(ctx, s.audited, page)
	if err != nil || len(entries) < page {
		next = "" // the next round
		s.w.countAgain()
	}
	s.audited = next
	if s.w.trial && s.w.asker == nil {
		s.compareSome(ctx, entries, s.w.now().Add(gap/10))
	}
	ask, asked := s.w.ask, 0
	if s.w.asker != nil {
		ask = s.w.asker.audit
	}
	for _, e := range entries {
		if e.Zone.Deleted || !s.w.serves(e.Zone.Pool) || !s.w.believes(e) {
			continue
		}
		asked++
		ask(e.Zone.Name, func(a answer) { s.w.audited(e, a) })
	}
	if s.w.asker != nil {
		gap = max(gap, time.Duration(asked)*ownGap)
	}
	return gap
}

// missed: a zone that the member was taken to serve is not there. Where one is
// gone all may be, of a server that was installed anew: all are looked at at
// once, but no more often than the audit comes round. w.mu is held.
func (w *worker) missed(now time.Time) {
	if !w.live || now.Before(w.missAgain) {
		return
	}
	w.missAgain = now.Add(w.round())
	w.loop.cfg.Log.Warn("a member has not the zones that it had: looking at all on it again", "member", w.member.Name)
	w.fromStart()
}

// wantsMore tells from where the worker wants to read on, if it does.
func (w *worker) wantsMore() (store.Cursor, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cursor, !w.live && !w.away && w.room(-feedPage)
}

// catch takes entries that were read while catching up: bulk, looked at first.
func (w *worker) catch(entries []store.Entry, from, next store.Cursor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.live || w.cursor != from { // started over meanwhile
		return
	}
	now := w.now()
	for _, e := range entries {
		w.pass(e)
		m, ours := w.caught(e)
		if !ours {
			continue
		}
		w.behind = max(0, w.behind-1)
		done, ok := w.recent.get(m.want.Zone)
		switch {
		case ok && done.revision >= m.want.Revision:
		case w.items[m.want.Zone] == nil:
			w.begin(m.want, Seen{Doubt: w.doubts() || m.created || e.Zone.Created.After(w.asOf)}, false, now)
		default:
			m.created = false // nobody has looked
			w.admit(m, false, now)
		}
	}
	w.cursor, w.dirty = next, true
	w.wake()
}

// pass notes that the feed was taken over up to an entry. w.mu is held.
func (w *worker) pass(e store.Entry) {
	w.pos = max(w.pos, e.Revision)
	if e.Zone.Changed.After(w.newest) {
		w.newest = e.Zone.Changed
	}
}

// arrive makes the worker live if it has everything up to head, which was the
// follower's place before the last, short page was read.
func (w *worker) arrive(head skein.Revision) bool {
	l := w.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.away || l.head != head && w.pos < l.head {
		return w.away
	}
	w.pos = max(w.pos, head)
	w.live, w.behind, w.lateSince, w.dirty = true, 0, time.Time{}, true
	w.asOf = w.newest
	w.doubtful = w.doubtful && w.paused // whose zones are is asked by a driver
	if w.mode == working {
		w.left = nil
	}
	l.watch.touchAll()
	return true
}

// relook has everything looked at again, and asked whose it is. What is known
// of zones that are not as wanted stays: serials do not tell all of it.
func (w *worker) relook() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, it := range w.items {
		it.seen.Doubt, it.drifted = true, false
		if it.at == parked || it.at == watch {
			w.due.at(it, w.now())
		}
	}
	w.doubtful = true
	w.fromStart()
	w.wake()
}

// fromStart has the whole feed read again. w.mu is held.
func (w *worker) fromStart() {
	w.recent = recent{}
	w.pos, w.cursor, w.live, w.dirty = 0, "", false, true
	w.behind = w.zones()
	w.late(w.now())
	w.scan.wake()
}

// resync forgets how far the worker was: everything is looked at again.
func (w *worker) resync() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, it := range w.items {
		w.forget(it)
	}
	w.toTell, w.toAsk, w.toCheck = lanes{}, lanes{}, nil
	w.fromStart()
}

// auditable reports whether it is worth looking for drift now.
func (w *worker) auditable() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.live && w.silent < muteAfter && w.asking < window && (w.asker == nil || w.asker.idle())
}

// believes reports whether the zone is taken to be served as e says.
func (w *worker) believes(e store.Entry) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.items[e.Zone.Name.Canonical()] == nil && e.Revision <= w.pos
}

// audited compares what an audit saw with what was believed.
func (w *worker) audited(e store.Entry, a answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard(a, w.now())
	w.expiry.note(e.Zone.Name, a, w.now())
	seen := Seen{Look: a.look, Serial: a.serial, Lacks: a.lacks}
	if seen.Look == Unseen || w.items[e.Zone.Name.Canonical()] != nil {
		return
	}
	rules := Rules{Caps: w.caps, Now: w.now(), Served: w.loop.cfg.Announcer.Serial, Present: w.present()}
	if rules.Decide(wantedOf(e), seen).Settled {
		return
	}
	select {
	case w.scan.differs <- found{e, seen}:
	default: // the next round finds it
	}
}
