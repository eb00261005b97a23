package reconcile

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Loop keeps members in step with the feed. All methods are safe for
// concurrent use; members may be set before and while Run runs.
type Loop struct {
	cfg Config

	mu        sync.Mutex // owns the group; taken before any worker's lock
	ctx       context.Context
	members   map[string]*worker // name → worker, also of members that do not take part
	census    *census
	head      skein.Revision // of the last entry that was followed
	started   bool           // the first round through the feed is over
	paused    bool           // clustering is disabled
	automatic bool           // what the threshold disabled may come back by itself

	threshold atomic.Int64
	turns     turns // one change of a member at a time; taken before mu
	watch     watchers
	events    subscribers
	news      *news
	pace      pace
}

// New checks the configuration. Run starts the work.
func New(cfg Config) (*Loop, error) {
	if cfg.Feed == nil || cfg.Zones == nil || cfg.Driver == nil || cfg.Prober == nil || cfg.Announcer == nil {
		return nil, errors.New("reconcile needs a feed, zones, drivers, a prober and an announcer")
	}
	if cfg.Local == nil {
		cfg.Local = isLocal
	}
	if cfg.Own == nil {
		cfg.Own = func(skein.Member) bool { return false }
	}
	if cfg.SelfTest == "" {
		cfg.SelfTest = "skein-test.invalid."
	}
	if cfg.AuditPeriod <= 0 {
		cfg.AuditPeriod = 10 * time.Minute
	}
	if cfg.ContentsPeriod <= 0 {
		cfg.ContentsPeriod = 24 * time.Hour
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
	if cfg.Crossed == nil {
		cfg.Crossed = func(string, int, string) {}
	}
	if cfg.Recovered == nil {
		cfg.Recovered = func(string) {}
	}
	if cfg.Ahead == nil {
		cfg.Ahead = func(string, zone.Name, uint32, bool) {}
	}
	if cfg.Trace == nil {
		cfg.Trace = func(skein.Member, skein.MemberSecrets) member.Trace { return nil }
	}
	return &Loop{cfg: cfg, members: map[string]*worker{}, census: newCensus(), news: newNews()}, nil
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

	var telling sync.WaitGroup
	telling.Go(func() { l.tell(ctx) })
	defer telling.Wait()
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
