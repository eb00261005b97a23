package reconcile

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/probe"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Feed is what changed, in order; store.Feed has it.
type Feed interface {
	Entries(ctx context.Context, after store.Cursor, limit int) ([]store.Entry, store.Cursor, error)
	Wake() (hints <-chan struct{}, stop func())
}

// Zones tells what a zone is right now; store.Zones has it.
type Zones interface {
	Zone(ctx context.Context, name zone.Name) (skein.Zone, error)
}

// Prober asks members over DNS; probe.Prober is it.
type Prober interface {
	// Ask calls done once, from another goroutine; neither blocks.
	Ask(addr netip.AddrPort, name zone.Name, done func(probe.Result))
	// Served transfers the whole zone with the audit key.
	Served(ctx context.Context, addr netip.AddrPort, name zone.Name, key probe.Key) (zone.Contents, error)
}

var _ Prober = (*probe.Prober)(nil)

// Announcer is the primary that members transfer from: the embedded nameserver.
type Announcer interface {
	// Serial returns the serial that is served now.
	Serial(name zone.Name) (uint32, bool)
	// Notify queues a signed NOTIFY and does not wait.
	Notify(to Target, name zone.Name)
}

// Target is where and how a NOTIFY goes.
type Target struct {
	Addr   netip.AddrPort
	Key    string     // TSIG key name
	Source netip.Addr // the address that the member knows as its primary, if it is ours; else zero
}

// Observed keeps what was observed of a member across restarts. It may lose
// everything at any time: then all is looked at again. A nil Observed keeps nothing.
type Observed interface {
	Load(ctx context.Context, member string) ([]byte, error) // nil if there is nothing
	Save(ctx context.Context, member string, snapshot []byte) error
	Forget(ctx context.Context, member string) error
}

// Config is what a Loop is made of. Feed, Zones, Driver, Prober and Announcer
// are needed; the rest has good defaults.
type Config struct {
	Feed      Feed
	Zones     Zones
	Driver    func(skein.Member, skein.MemberSecrets) (member.Driver, error)
	Prober    Prober
	Announcer Announcer
	Observed  Observed
	// Local reports whether an address is one of this machine's. Default: ask the system.
	Local func(netip.Addr) bool
	// SelfTest is the zone that members may transfer in tests; skein-test.invalid. by default.
	SelfTest zone.Name
	// AuditPeriod is how long one round over all zones of a member takes; 10 minutes by default.
	AuditPeriod time.Duration
	Now         func() time.Time
	Rand        func() float64 // in [0,1), for jitter
	Log         *slog.Logger

	most bounds
}

// Loop keeps members in step with the feed. All methods are safe for
// concurrent use; members may be set before and while Run runs.
type Loop struct {
	cfg  Config
	seed maphash.Seed

	mu      sync.Mutex // owns the group; taken before any worker's lock
	ctx     context.Context
	members map[string]*worker  // name → worker, also of members that do not take part
	known   map[uint64]struct{} // hashes of the ids of live zones: how many, and is one new
	head    skein.Revision      // of the last entry that was followed
	started bool                // the first round through the feed is over

	live   atomic.Int64 // len(known), to be read without the lock
	turns  turns        // one change of a member at a time; taken before mu
	watch  watchers
	events subscribers
}

// New checks the configuration. Run starts the work.
func New(cfg Config) (*Loop, error) {
	if cfg.Feed == nil || cfg.Zones == nil || cfg.Driver == nil || cfg.Prober == nil || cfg.Announcer == nil {
		return nil, errors.New("reconcile needs a feed, zones, drivers, a prober and an announcer")
	}
	if cfg.Local == nil {
		cfg.Local = isLocal
	}
	if cfg.SelfTest == "" {
		cfg.SelfTest = "skein-test.invalid."
	}
	if cfg.AuditPeriod <= 0 {
		cfg.AuditPeriod = 10 * time.Minute
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Float64
	}
	if cfg.most == (bounds{}) {
		cfg.most = bounds{items: 8192, parked: 200_000}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Loop{
		cfg: cfg, seed: maphash.MakeSeed(),
		members: map[string]*worker{}, known: map[uint64]struct{}{},
	}, nil
}

// Run works until ctx ends and all workers have stopped.
func (l *Loop) Run(ctx context.Context) error {
	l.mu.Lock()
	if l.ctx != nil {
		l.mu.Unlock()
		return errors.New("the reconcile loop runs already")
	}
	l.ctx = ctx
	for _, w := range l.members {
		w.start(ctx)
	}
	l.mu.Unlock()

	l.follow(ctx)

	l.mu.Lock()
	workers := make([]*worker, 0, len(l.members))
	for _, w := range l.members {
		workers = append(workers, w)
	}
	l.mu.Unlock()
	for _, w := range workers {
		w.stop()
	}
	return nil
}

const (
	feedPage = 512
	// freshPage is up to how many entries that come at once are single
	// changes; more is bulk and lets single changes overtake.
	freshPage = 64
	// feedPoll: hints may get lost, asking is the truth.
	feedPoll = time.Second
)

// follow reads the feed and marks what changed in every worker.
func (l *Loop) follow(ctx context.Context) {
	hints, stop := l.cfg.Feed.Wake()
	defer stop()
	var cursor store.Cursor
	poll := time.NewTicker(feedPoll)
	defer poll.Stop()
	for ctx.Err() == nil {
		entries, next, err := l.cfg.Feed.Entries(ctx, cursor, feedPage)
		switch {
		case errors.Is(err, store.ErrCursor):
			l.cfg.Log.Warn("the store went back: looking at all zones on all members again")
			cursor = ""
			l.rewound()
			continue
		case err != nil && ctx.Err() == nil:
			l.cfg.Log.Error("reading the feed failed; it is tried again", "error", err)
		case err == nil:
			cursor = next
			l.mark(entries, cursor, len(entries) < feedPage)
			if len(entries) == feedPage {
				continue
			}
		}
		select {
		case <-ctx.Done():
		case <-hints:
		case <-poll.C:
		}
	}
}

// mark tells all workers what changed. end: there is no more for now.
func (l *Loop) mark(entries []store.Entry, cursor store.Cursor, end bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	marks := make([]mark, len(entries))
	for i, e := range entries {
		marks[i] = mark{want: wantedOf(e), published: e.Zone.Published, created: l.learn(e)}
		l.head = max(l.head, e.Revision)
	}
	if l.started { // before, each worker reads the feed from its own place
		for i, e := range entries {
			l.events.send(eventOf(e, marks[i].created))
		}
		for _, w := range l.members {
			w.mark(marks, cursor)
		}
	}
	if end && !l.started {
		l.started = true
		for _, w := range l.members {
			w.scan.wake()
		}
	}
}

// learn keeps count of live zones and reports whether this one is new. l.mu is held.
func (l *Loop) learn(e store.Entry) (created bool) {
	id := maphash.String(l.seed, string(e.Zone.ID))
	_, known := l.known[id]
	if e.Zone.Deleted {
		delete(l.known, id)
	} else {
		l.known[id] = struct{}{}
	}
	l.live.Store(int64(len(l.known)))
	return !known && !e.Zone.Deleted
}

// zones is how many zones there are.
func (l *Loop) zones() int { return int(l.live.Load()) }

// rewound starts everything over: revisions do not mean what they meant.
func (l *Loop) rewound() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.known)
	l.head, l.started = 0, false
	for _, w := range l.members {
		w.resync()
	}
}

// place tells how far the feed was followed; ok once that is the end.
func (l *Loop) place() (head skein.Revision, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head, l.started
}

// Transferred tells that the peer with this TSIG key has just transferred a
// serial of a zone: the proof that what it serves under that serial is ours,
// and a hint to look now rather than later.
func (l *Loop) Transferred(key string, name zone.Name, serial uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.members {
		if sameKey(w.target.Key, key) {
			w.transferred(name.Canonical(), serial)
		}
	}
}

// sameKey compares TSIG key names, which are domain names.
func sameKey(a, b string) bool {
	return a != "" && strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// Published hints that the announcer has just begun to serve a serial.
func (l *Loop) Published(name zone.Name, serial uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.members {
		w.published(name.Canonical(), serial)
	}
}

// eventOf tells of a change, before any member has heard of it.
func eventOf(e store.Entry, created bool) skein.Event {
	state := skein.ZoneChanged
	switch {
	case e.Zone.Deleted:
		state = skein.ZoneDeleted
	case created:
		state = skein.ZoneCreated
	}
	return skein.Event{Revision: e.Revision, At: e.Zone.Changed, Kind: "zone", Zone: e.Zone.Name.Canonical(), State: state}
}

func wantedOf(e store.Entry) Wanted {
	return Wanted{Zone: e.Zone.Name.Canonical(), Revision: e.Revision, Serial: e.Zone.Serial, Deleted: e.Zone.Deleted}
}
