package reconcile

import (
	"container/heap"
	"context"
	"errors"
	"sync"
	"sync/atomic"
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
	stance
	loop    *Loop
	member  skein.Member
	secrets skein.MemberSecrets
	target  Target
	driver  member.Driver // nil where nothing may be told
	asker   *asker        // nil where the member is asked over DNS
	reader  member.Driver // compares contents, where the driver brings them; else nil
	caps    member.Capabilities
	trace   member.Trace
	pulse   *pulse
	names   *instances
	pools   []string        // whose zones it is to have
	tallies []*atomic.Int64 // how many zones those have

	wakeup chan struct{}
	jobs   chan job
	hurry  chan zone.Name // that the driver is to prompt the member of; nil: it cannot
	scan   *scanner
	done   sync.WaitGroup

	life    sync.Mutex // owns the two: a loop that begins starts what is being replaced
	cancel  context.CancelFunc
	stopped bool

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

	line    line // of the items that are under way
	expiry  expiry
	reading reading // of whole contents
	parity  parity

	flood     flood
	backed    bool      // looks wait for the flood's crest
	progress  time.Time // when a zone last came to be as it was told
	crowdedAt time.Time // when many zones were last waiting at once

	// How far the feed was taken over: every entry up to pos is as wanted or an item.
	pos       skein.Revision
	cursor    store.Cursor
	newest    time.Time // when the newest change up to pos was made
	asOf      time.Time // newest, when the worker was last at the feed's end: a zone that was made since may be another's there
	left      []string  // pools that the member was in: their zones are looked for once, and deleted
	live      bool      // at the end of the feed; marks go on from pos
	behind    int       // about how many zones are beyond pos while not live
	lateSince time.Time // since when there are such
	doubtful  bool      // zones there may be another's, or set up otherwise: check each once
	dirty     bool      // since the last snapshot

	// The member as a whole.
	away      bool
	knockAt   time.Time // when away: next sign of life
	lost      jobKind   // the call that it went away at, until one of that kind succeeds
	denied    bool
	holdTill  time.Time // when denied: no step before
	refusals  int       // items that are denied
	silent    int       // unanswered questions in a row
	checkUp   bool      // it went silent: find out whether it is away altogether
	failures  int
	missAgain time.Time      // before, a zone that is gone is no reason to look at all
	countAt   time.Time      // when silence counts as the next failure
	proofs    int            // how often it was tried since the threshold disabled it
	hailAt    time.Time      // when it is silent: next sign of life over DNS
	holding   time.Time      // of contents to be compared: not before
	going     int            // zones among the items that it is to have no more
	ahead     int            // zones that it has at a later serial than we ever published
	errs      map[string]int // by kind, for people to look at
	lastErr   string
	lastSeen  time.Time
	version   string
	latency   time.Duration
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
	jobNone jobKind = iota
	jobSteps
	jobCheck
	jobKnock
	jobProve
	jobCompare
	jobCount
	jobLook // what an asker does
)

// newWorker makes a worker. l.mu is held.
func newWorker(l *Loop, m skein.Member, s skein.MemberSecrets, st stance) *worker {
	w := &worker{
		stance: st, loop: l, member: m, secrets: s,
		target: TargetOf(m, l.cfg.Local),
		wakeup: make(chan struct{}, 1),
		jobs:   make(chan job, 1),
		caps:   member.Capabilities{Own: l.cfg.Own(m)}, // the rest is the driver's to tell
		items:  map[zone.Name]*item{},
		counts: map[skein.ZoneState]int{},
		away:   st.mode != watching, // until it gives a sign of life
		pools:  servedPools(m),
		pulse:  &pulse{},
		names:  &instances{},
	}
	w.tallies = l.census.counters(w.pools)
	w.behind, w.parity.there = w.zones(), -1 // until it is known how far it was
	w.lateSince = l.cfg.Now()
	if m.Debug {
		w.trace = l.cfg.Trace(m, s)
	}
	w.scan = &scanner{w: w, woken: make(chan struct{}, 1)}
	return w
}

// zones is how many zones the member is to have.
func (w *worker) zones() (n int) {
	for _, tally := range w.tallies {
		n += int(tally.Load())
	}
	return n
}

// follows reports whether the worker knows what the member has.
func (w *worker) follows() bool { return w.mode >= watching }

// start begins the work, once, unless the worker was stopped before.
func (w *worker) start(ctx context.Context) {
	w.life.Lock()
	defer w.life.Unlock()
	if w.mode == off || w.cancel != nil || w.stopped {
		return
	}
	ctx, w.cancel = context.WithCancel(ctx)
	if w.mode == knocking {
		w.proveLater(w.now())
	}
	if w.follows() {
		w.done.Go(func() { w.scan.run(ctx) })
	}
	if w.asker != nil {
		w.done.Go(func() { w.asker.run(ctx) })
	}
	if w.readsContents() {
		w.done.Go(func() { w.readContents(ctx) })
	}
	w.done.Go(func() { w.execute(ctx) })
	if p, is := w.driver.(member.Prompter); is && w.mode == working {
		w.done.Go(func() { w.prompt(ctx, p) })
	}
	w.done.Go(func() { w.run(ctx) })
}

// stop ends the work and waits for it. A driver that is amid a call is closed.
func (w *worker) stop() {
	w.life.Lock()
	if w.stopped = true; w.cancel != nil {
		w.cancel()
	}
	w.life.Unlock()
	if w.driver != nil {
		_ = w.driver.Close()
	}
	if w.asker != nil {
		_ = w.asker.driver.Close()
	}
	if w.reader != nil {
		_ = w.reader.Close()
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
	ask := append(w.questions(now), w.hail(now)...)
	next, some := w.nextJob(now)
	notify := w.notify
	w.notify = nil
	w.mu.Unlock()

	for _, name := range notify {
		w.loop.cfg.Announcer.Notify(w.target, name)
		w.trace.Record(now, now, "dns", "NOTIFY "+string(name), "", nil)
	}
	for _, q := range ask {
		w.ask(q.Zone, func(a answer) { w.looked(q, a) })
	}
	if some {
		select {
		case w.jobs <- next:
		case <-ctx.Done():
		}
	}
}

// ask asks what the member has. done is called from another goroutine.
func (w *worker) ask(name zone.Name, done func(answer)) {
	switch {
	case w.asker != nil:
		w.asker.ask(name, done)
		return
	case w.trace == nil:
		w.loop.cfg.Prober.Ask(w.target.Addr, name, func(r probe.Result) {
			w.beat(r)
			done(answerOf(r))
		})
		return
	}
	began := w.now()
	w.loop.cfg.Prober.Ask(w.target.Addr, name, func(r probe.Result) {
		var err error
		if r.Outcome == probe.NoAnswer {
			err = errors.New(r.Text())
		}
		w.trace.Record(began, w.now(), "dns", "SOA "+string(name), r.Text(), err)
		w.beat(r)
		done(answerOf(r))
	})
}

// beat notes how fast the member answered, and under which name.
func (w *worker) beat(r probe.Result) {
	if r.Outcome != probe.NoAnswer {
		w.pulse.note(r.RTT, w.now())
		w.names.note(r.NSID, w.now())
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
	case w.mode == watching && len(w.toCheck) > 0:
		earliest(w.holding)
	}
	if w.backed {
		earliest(w.flood.crest())
	}
	if w.silent >= muteAfter && w.asking == 0 && !w.away {
		earliest(w.hailAt)
	}
	return next
}
