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

const (
	maxItems    = 8192 // in work at once; then the feed is read no further
	maxParked   = 200_000
	overtaking  = 1024 // single changes that are worked on beyond maxItems
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
	pos       skein.Revision
	cursor    store.Cursor
	live      bool // at the end of the feed; marks go on from pos
	behind    int  // about how many zones are beyond pos while not live
	doubtful  bool // zones there may be another's, or set up otherwise: check each once
	keepAhead bool
	dirty     bool // since the last snapshot

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

// ripe takes up an item whose time has come. w.mu is held.
func (w *worker) ripe(it *item, now time.Time) {
	switch it.at {
	case parked: // whatever it was, look afresh
		it.seen = Seen{Doubt: it.seen.Doubt || it.seen.Look == Foreign}
		if it.state == skein.StateForeign {
			it.seen.Look = NotLoaded // the driver's word is asked for
		}
		it.at = watch
		w.advance(it, now)
	case gate:
		w.advance(it, now)
	case watch:
		w.toAsk.push(it)
	}
}

// questions takes from the queues what may be asked now. w.mu is held.
func (w *worker) questions() []Wanted {
	if w.away {
		return nil
	}
	most := window
	if w.silent >= muteAfter {
		most = muteWindow
	}
	askable := func(it *item) bool {
		if it.at != watch || it.asking || w.items[it.want.Zone] != it {
			return false
		}
		it.asking = true
		return true
	}
	taken := pop(&w.toAsk.fresh, most+freshWindow-w.asking, askable)
	taken = append(taken, pop(&w.toAsk.bulk, most-w.asking-len(taken), askable)...)
	w.asking += len(taken)
	ask := make([]Wanted, len(taken))
	for i, it := range taken {
		ask[i] = it.want
	}
	return ask
}

// advance decides about an item and does, or queues, what was decided. w.mu is held.
func (w *worker) advance(it *item, now time.Time) {
	if it.at == busy || it.at == sleeping {
		return
	}
	d := w.decide(it, now)
	switch {
	case d.Settled:
		w.settle(it, d, now)
		return
	case d.Check:
		w.move(it, ready)
		w.toCheck = append(w.toCheck, it)
	case d.Step == ActionNotify:
		if !w.gated(it, now) {
			w.notify = append(w.notify, it.want.Zone)
			w.tell(it, ActionNotify, now)
			return
		}
	case d.Step != "":
		if d.Step == member.ActionDelete || !w.gated(it, now) {
			w.move(it, ready)
			w.toTell.push(it)
		}
	case it.seen.Look == Foreign, d.State == skein.StateDiffers && w.keepAhead:
		w.park(it, now.Add(rarely))
	default:
		w.move(it, watch)
		w.due.at(it, now.Add(w.lookAgain(it)))
	}
	w.setState(it, d.State, d.Reason, now)
}

func (w *worker) decide(it *item, now time.Time) Decision {
	rules := Rules{Caps: w.caps, Now: now, Served: w.loop.cfg.Announcer.Serial, KeepAhead: w.keepAhead}
	return rules.Decide(it.want, it.seen)
}

// gated keeps an item back until our own nameserver serves what the member is
// to be told of: BIND that asks too early waits a minute. w.mu is held.
func (w *worker) gated(it *item, now time.Time) bool {
	serial, ok := w.loop.cfg.Announcer.Serial(it.want.Zone)
	if ok && !zone.SerialLess(serial, it.want.Serial) {
		it.looks = 0
		return false
	}
	w.move(it, gate)
	w.due.at(it, now.Add(backoff(firstGate, longGate, it.looks, 0)))
	it.looks++
	return true
}

// move puts an item at a place without a due time. w.mu is held.
func (w *worker) move(it *item, at place) {
	w.due.remove(it)
	it.at = at
}

func (w *worker) park(it *item, until time.Time) {
	w.move(it, parked)
	w.due.at(it, until)
}

// tell notes that the member was told, and when to look. w.mu is held.
func (w *worker) tell(it *item, by member.Action, now time.Time) {
	late := patience
	if it.tells > 0 {
		late += backoff(patience, longest-patience, it.tells, w.loop.cfg.Rand())
	}
	it.tells++
	it.looks = 0
	it.seen = Seen{Expect: it.seen.Expect, Doubt: it.seen.Doubt, Told: now, By: by, Due: now.Add(late)}
	if by == member.ActionAdd {
		it.seen.Expect, it.seen.Doubt = Absent, false
	}
	w.move(it, watch)
	w.due.at(it, now.Add(w.lookAgain(it)))
	if it.state == skein.StateStale || it.state == skein.StateDiffers {
		return // it stays so until seen otherwise
	}
	w.setState(it, skein.StateTold, it.reason, now)
}

// lookAgain is how long to wait before the next look. w.mu is held.
func (w *worker) lookAgain(it *item) time.Duration {
	n := it.looks
	it.looks++
	if it.seen.Told.IsZero() {
		return backoff(firstLook, longLook, n, 0) - firstLook // never looked at: now
	}
	d := backoff(firstLook, longLook, n, w.loop.cfg.Rand()/2)
	if it.hinted {
		return d
	}
	return max(d, min(time.Duration(w.counts[skein.StateTold])*crowd, longLook))
}

// settle: the zone is as wanted; nothing needs to be kept of it but, for a
// while, when. w.mu is held.
func (w *worker) settle(it *item, d Decision, now time.Time) {
	w.move(it, watch)
	if !it.seen.Told.IsZero() {
		w.progress = now
	}
	w.setState(it, d.State, d.Reason, now)
	w.forget(it)
	w.recent.add(it.want.Zone, settled{it.want.Revision, it.seen.Serial, it.seen.Told, now})
	w.loop.watch.touch(it.want.Zone)
	if !w.live && len(w.items) < maxItems/2 {
		w.scan.wake()
	}
}

// forget drops an item. w.mu is held.
func (w *worker) forget(it *item) {
	w.due.remove(it)
	w.count(it.state, -1)
	delete(w.items, it.want.Zone)
	w.dirty = true
}

func (w *worker) count(s skein.ZoneState, by int) {
	if s == "" {
		return
	}
	if w.counts[s] += by; w.counts[s] == 0 {
		delete(w.counts, s)
	}
}

// setState notes where a zone stands and tells those who listen. w.mu is held.
func (w *worker) setState(it *item, s skein.ZoneState, reason string, now time.Time) {
	it.reason = reason
	if it.state == s {
		return
	}
	w.count(it.state, -1)
	w.count(s, 1)
	it.state = s
	w.dirty = true
	w.loop.events.send(skein.Event{Revision: it.want.Revision, At: now, Kind: "zone",
		Zone: it.want.Zone, Member: w.member.Name, State: string(s), Text: reason})
}
