package reconcile

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// bounds are how many zones of one member are kept in memory; beyond, the feed
// is read no further.
type bounds struct {
	items  int // in work at once
	parked int // failed, foreign or ahead
}

const (
	overtaking  = 1024 // single changes that are worked on beyond the bounds
	window      = 256  // questions in flight for bulk
	freshWindow = 64   // more of them for single changes
	muteWindow  = 4    // while it answers none
	muteAfter   = 3    // unanswered questions in a row, each asked several times
	maxRecent   = 4096
)

// worker keeps one member in step. Its own goroutine decides; a second one
// calls the driver, a third reads the feed, so that neither makes it wait.
type worker struct {
	loop    *Loop
	member  skein.Member
	secrets skein.MemberSecrets
	target  Target
	driver  member.Driver // nil for a member that does not take part
	caps    member.Capabilities

	wakeup chan struct{}
	jobs   chan job
	scan   *scanner
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu      sync.Mutex // owns everything below; the loop's lock is taken first
	items   map[zone.Name]*item
	counts  map[skein.ZoneState]int // of items
	due     dueHeap
	toTell  lanes
	toAsk   lanes
	toCheck []*item
	notify  []zone.Name // decided, to be sent once the lock is free
	asking  int
	working bool // the driver has a job
	recent  recent

	progress  time.Time // when a zone last came to be as it was told
	crowdedAt time.Time // when many zones were last waiting at once

	// How far the feed was taken over: every entry up to pos is as wanted or an item.
	pos      skein.Revision
	cursor   store.Cursor
	live     bool // at the end of the feed; marks go on from pos
	behind   int  // about how many zones are beyond pos while not live
	doubtful bool // zones there may be another's, or set up otherwise: check each once
	dirty    bool // since the last snapshot

	// The member as a whole.
	away     bool
	knockAt  time.Time // when away: next sign of life
	denied   bool
	holdTill time.Time // when denied: no step before
	silent   int       // unanswered questions in a row
	checkUp  bool      // it went silent: find out whether it is away altogether
	failures int
	lastErr  string
	lastSeen time.Time
	version  string
	latency  time.Duration
}

// job is one call of the driver.
type job struct {
	kind  jobKind
	items []*item
	revs  []skein.Revision // the revisions that the steps are for
	steps []member.Step
}

type jobKind uint8

const (
	jobSteps jobKind = iota
	jobCheck
	jobKnock
)

func newWorker(l *Loop, m skein.Member, s skein.MemberSecrets) *worker {
	w := &worker{
		loop: l, member: m, secrets: s,
		target: Target{Addr: m.DNS(), Key: m.TSIGKey},
		wakeup: make(chan struct{}, 1),
		jobs:   make(chan job, 1),
		items:  map[zone.Name]*item{},
		counts: map[skein.ZoneState]int{},
		away:   true, // until it gives a sign of life
	}
	for _, p := range m.Primaries {
		if l.cfg.Local(p.Address) {
			w.target.Source = p.Address
			break
		}
	}
	w.scan = &scanner{w: w, woken: make(chan struct{}, 1)}
	return w
}

// takesPart reports whether the member is written to, and counts in receipts.
func (w *worker) takesPart() bool { return w.driver != nil }

func (w *worker) start(ctx context.Context) {
	if !w.takesPart() || w.cancel != nil {
		return
	}
	ctx, w.cancel = context.WithCancel(ctx)
	w.done.Go(func() { w.scan.run(ctx) })
	w.done.Go(func() { w.execute(ctx) })
	w.done.Go(func() { w.run(ctx) })
}

// stop ends the work and waits for it. A driver that is amid a call is closed.
func (w *worker) stop() {
	if w.cancel != nil {
		w.cancel()
	}
	if w.driver != nil {
		_ = w.driver.Close()
	}
	w.done.Wait()
}

func (w *worker) wake() {
	select {
	case w.wakeup <- struct{}{}:
	default:
	}
}

func (w *worker) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		w.turn(ctx)
		w.mu.Lock()
		next := w.next()
		w.mu.Unlock()
		var alarm <-chan time.Time
		if !next.IsZero() {
			timer.Reset(next.Sub(w.now()))
			alarm = timer.C
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wakeup:
		case <-alarm:
		}
	}
}

func (w *worker) now() time.Time { return w.loop.cfg.Now() }

// turn does what is due: it decides under the lock, and acts without it.
func (w *worker) turn(ctx context.Context) {
	w.mu.Lock()
	now := w.now()
	for len(w.due) > 0 && !w.due[0].due.After(now) {
		w.ripe(heap.Pop(&w.due).(*item), now)
	}
	ask := w.questions()
	next, some := w.nextJob(now)
	notify := w.notify
	w.notify = nil
	w.mu.Unlock()

	for _, name := range notify {
		w.loop.cfg.Announcer.Notify(w.target, name)
	}
	for _, q := range ask {
		w.loop.cfg.Prober.Ask(w.target.Addr, q.Zone, func(r probe.Result) { w.looked(q, r) })
	}
	if some {
		select {
		case w.jobs <- next:
		case <-ctx.Done():
		}
	}
}

// next is when the next turn is due; zero: only when woken. w.mu is held.
func (w *worker) next() time.Time {
	var next time.Time
	earliest := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	if len(w.due) > 0 {
		earliest(w.due[0].due)
	}
	switch {
	case w.working:
	case w.away:
		earliest(w.knockAt)
	case w.denied && !w.toTell.empty():
		earliest(w.holdTill)
	}
	return next
}
