package notice

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/spool"
)

const (
	sendTime  = 30 * time.Second // of one attempt
	firstWait = 5 * time.Second  // doubles with each failure
	maxWait   = 10 * time.Minute
	keep      = 1000 // notices for one target
)

// Options are what an Outbox is made of. Dir must be given.
type Options struct {
	Dir     string
	Targets []Target
	Log     *slog.Logger
	Keep    int // notices that wait for one target, at most; 1000 if not set

	// For tests. Random returns numbers from 0 to below 1.
	Random func() float64
}

// Outbox keeps notices until their targets took them. It is safe for concurrent use.
type Outbox struct {
	Options
	lanes []*lane
}

// lane is what waits for one target.
type lane struct {
	target Target
	spool  *spool.Spool
	wake   chan struct{}

	mu      sync.Mutex // owns leftOut
	leftOut int        // since the last time that all was delivered
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`) // it is a folder's too

// Open opens the folder of what waits; what was posted before goes out first.
func Open(o Options) (*Outbox, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Keep <= 0 {
		o.Keep = keep
	}
	if o.Random == nil {
		o.Random = mrand.Float64
	}
	out := &Outbox{Options: o}
	seen := map[string]bool{}
	for _, t := range o.Targets {
		if !nameForm.MatchString(t.Name()) || seen[t.Name()] {
			return nil, fmt.Errorf("%q is no name of a target of notices, or there are two of it", t.Name())
		}
		seen[t.Name()] = true
		s, err := spool.Open(filepath.Join(o.Dir, t.Name()))
		if err != nil {
			return nil, fmt.Errorf("opening what waits for %s: %w", t.Name(), err)
		}
		out.lanes = append(out.lanes, &lane{target: t, spool: s, wake: make(chan struct{}, 1)})
	}
	return out, nil
}

// Post keeps a notice for every target. Beyond what is kept it is left out
// and counted, and the count is sent once there is room.
func (o *Outbox) Post(n Notice) error {
	if n.ID == "" {
		n.ID = rand.Text()
	}
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	var errs []error
	for _, l := range o.lanes {
		if err := l.put(body, o.Keep); err != nil {
			errs = append(errs, fmt.Errorf("keeping a notice for %s: %w", l.target.Name(), err))
		}
	}
	return errors.Join(errs...)
}

func (l *lane) put(body []byte, keep int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting, err := l.spool.Len()
	if err != nil {
		return err
	}
	if waiting >= keep {
		l.leftOut++
		return nil
	}
	if _, err := l.spool.Put(body); err != nil {
		return err
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return nil
}

// Waiting returns how many notices wait for each target.
func (o *Outbox) Waiting() map[string]int {
	waiting := map[string]int{}
	for _, l := range o.lanes {
		if n, err := l.spool.Len(); err == nil {
			waiting[l.target.Name()] = n
		}
	}
	return waiting
}

// Run delivers until ctx ends. Call it once.
func (o *Outbox) Run(ctx context.Context) {
	var lanes sync.WaitGroup
	for _, l := range o.lanes {
		lanes.Go(func() { o.deliver(ctx, l) })
	}
	lanes.Wait()
}

func (o *Outbox) deliver(ctx context.Context, l *lane) {
	failures := 0
	for {
		wait, news := time.Duration(-1), l.wake
		if err := o.round(ctx, l); err != nil {
			if ctx.Err() != nil {
				return
			}
			wait, news = o.pause(failures), nil // more news is no reason to ask again sooner
			if failures == 0 {
				o.Log.Warn("a notice waits: it could not be sent", "target", l.target.Name(), "err", err)
			}
			failures++
		} else {
			failures = 0
			if l.settle() {
				continue
			}
		}
		var again <-chan time.Time
		if wait >= 0 {
			again = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-news:
		case <-again:
		}
	}
}

// pause is how long a target that failed so often is left alone.
func (o *Outbox) pause(failures int) time.Duration {
	wait := maxWait
	if failures < 8 {
		wait = min(firstWait<<failures, maxWait)
	}
	return wait/2 + time.Duration(o.Random()*float64(wait/2))
}

// round sends everything that waits, in order, until one fails.
func (o *Outbox) round(ctx context.Context, l *lane) error {
	turn, err := l.spool.TryTurn()
	if err != nil {
		return err
	}
	defer turn.Release()
	return turn.Deliver(ctx, func(ctx context.Context, e spool.Entry) error {
		var n Notice
		if err := json.Unmarshal(e.Body, &n); err != nil {
			return &spool.Refused{Report: []byte("it is no notice: " + err.Error())}
		}
		ctx, end := context.WithTimeout(ctx, sendTime)
		defer end()
		err := l.target.Send(ctx, n)
		if errors.Is(err, errRefused) {
			o.Log.Error("a notice was refused, and put aside", "target", l.target.Name(), "kind", n.Kind, "subject", n.Subject, "err", err)
			return &spool.Refused{Report: []byte(err.Error())}
		}
		return err
	})
}

// settle posts how many notices were left out, if any were.
func (l *lane) settle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leftOut == 0 {
		return false
	}
	body, err := json.Marshal(Notice{ID: rand.Text(), At: time.Now(), Kind: LeftOut, Subject: l.target.Name(),
		Text: fmt.Sprintf("%d notices were left out: more came than are kept for %s while it was away", l.leftOut, l.target.Name()),
		Mend: "skein audit and skein cluster status show what happened"})
	if err != nil {
		return false
	}
	if _, err := l.spool.Put(body); err != nil {
		return false
	}
	l.leftOut = 0
	return true
}

// Try sends a trial to every target at once, past what waits, and returns what
// became of it by name; nil for those that took it.
func (o *Outbox) Try(ctx context.Context, n Notice) map[string]error {
	ctx, end := context.WithTimeout(ctx, sendTime)
	defer end()
	var mu sync.Mutex // owns outcome
	outcome := map[string]error{}
	var all sync.WaitGroup
	for _, l := range o.lanes {
		all.Go(func() {
			err := l.target.Send(ctx, n)
			mu.Lock()
			defer mu.Unlock()
			outcome[l.target.Name()] = err
		})
	}
	all.Wait()
	return outcome
}
