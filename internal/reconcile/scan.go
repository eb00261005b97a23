package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/store"
)

const (
	auditPage = 64
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
	audit := time.NewTimer(s.auditGap())
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
			s.mend(ctx, f)
		case <-audit.C:
			s.auditSome(ctx)
			audit.Reset(s.auditGap())
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

// auditGap paces the audit so that a round takes the configured time.
func (s *scanner) auditGap() time.Duration {
	zones := max(s.w.loop.zones(), auditPage)
	return max(s.w.loop.cfg.AuditPeriod*auditPage/time.Duration(zones), time.Millisecond)
}

// auditSome asks for the next few zones that are believed to be right.
func (s *scanner) auditSome(ctx context.Context) {
	if !s.w.auditable() {
		return
	}
	entries, next, err := s.w.loop.cfg.Feed.Entries(ctx, s.audited, auditPage)
	if err != nil || len(entries) < auditPage {
		next = "" // the next round
	}
	s.audited = next
	for _, e := range entries {
		if e.Zone.Deleted || !s.w.believes(e) {
			continue
		}
		s.w.loop.cfg.Prober.Ask(s.w.target.Addr, e.Zone.Name, func(r probe.Result) { s.w.audited(e, r) })
	}
}

// mend takes up a zone that drifted, unless the store says otherwise by now.
func (s *scanner) mend(ctx context.Context, f found) {
	z, err := s.w.loop.cfg.Zones.Zone(ctx, f.entry.Zone.Name)
	if err != nil || z.Revision != f.entry.Revision {
		return // it has changed since, and the feed brings that
	}
	w := s.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.items[z.Name.Canonical()] == nil && w.live {
		w.begin(wantedOf(f.entry), f.seen, false, w.now())
		w.wake()
	}
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
		want := wantedOf(e)
		done, ok := w.recent.get(want.Zone)
		switch {
		case ok && done.revision >= want.Revision:
		case w.items[want.Zone] == nil:
			w.begin(want, Seen{Doubt: w.doubtful}, false, now)
		default:
			w.admit(mark{want: want, published: e.Zone.Published}, false, now)
		}
		w.pos = max(w.pos, want.Revision)
	}
	w.behind = max(0, w.behind-len(entries))
	w.cursor, w.dirty = next, true
	w.wake()
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
	w.live, w.behind = true, 0
	w.doubtful = false
	l.watch.touchAll()
	return true
}

// resync forgets how far the worker was: everything is looked at again.
func (w *worker) resync() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, it := range w.items {
		w.forget(it)
	}
	w.toTell, w.toAsk, w.toCheck = lanes{}, lanes{}, nil
	w.recent = recent{}
	w.pos, w.cursor, w.live, w.dirty = 0, "", false, true
	w.behind = w.loop.zones()
	w.scan.wake()
}

// auditable reports whether it is worth looking for drift now.
func (w *worker) auditable() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.live && w.silent < muteAfter && w.asking < window
}

// believes reports whether the zone is taken to be served as e says.
func (w *worker) believes(e store.Entry) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.items[e.Zone.Name.Canonical()] == nil && e.Revision <= w.pos
}

// audited compares what an audit saw with what was believed.
func (w *worker) audited(e store.Entry, r probe.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard(r, w.now())
	seen := Seen{Look: lookOf(r), Serial: r.Serial}
	if seen.Look == Unseen || w.items[e.Zone.Name.Canonical()] != nil {
		return
	}
	rules := Rules{Caps: w.caps, Now: w.now(), Served: w.loop.cfg.Announcer.Serial}
	if rules.Decide(wantedOf(e), seen).Settled {
		return
	}
	select {
	case w.scan.differs <- found{e, seen}:
	default: // the next round finds it
	}
}
