package daemon

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/advice"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/notice"
)

const (
	// noticePeriod is how often the node looks whether people should be told
	// something that only time makes worth it.
	noticePeriod = 30 * time.Second
	// noticeState is the name of what they were told in the observed file. No
	// member has one with a space.
	noticeState = "people told"
	// countWaiting is how many waiting changes are counted for a notice.
	countWaiting = 1000
)

// startNotices watches, and delivers what people should know.
func (n *node) startNotices(ctx context.Context) (func(context.Context) error, error) {
	if n.Notices == "" {
		return nil, nil
	}
	targets, err := readTargets(n.Notices)
	if err != nil {
		return nil, err
	}
	n.outbox, err = notice.Open(notice.Options{Dir: filepath.Join(n.Data, "notices"), Targets: targets, Log: n.log.With("part", "notices")})
	if err != nil {
		return nil, err
	}
	return n.background(ctx, "notices", func(ctx context.Context) error {
		var sending sync.WaitGroup
		sending.Go(func() { n.outbox.Run(ctx) })
		defer sending.Wait()
		tick := time.NewTicker(noticePeriod)
		defer tick.Stop()
		for {
			if err := n.advise(ctx); err != nil && ctx.Err() == nil {
				n.log.Error("looking what people should be told", "err", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-n.news:
			case <-tick.C:
			}
		}
	}), nil
}

// hasNews has it looked at once whether people should be told something.
func (n *node) hasNews() {
	select {
	case n.news <- struct{}{}:
	default:
	}
}

// tryNotices returns the function that sends a trial everywhere, nil where no
// notices are sent.
func (n *node) tryNotices() func(context.Context) []skein.NoticeTrial {
	if n.Notices == "" {
		return nil
	}
	return func(ctx context.Context) (trials []skein.NoticeTrial) {
		outcome := n.outbox.Try(ctx, notice.Notice{ID: rand.Text(), At: time.Now(), Kind: notice.Trial, Subject: "notices",
			Text: "this is a trial: notices of Skein arrive here"})
		for _, name := range slices.Sorted(maps.Keys(outcome)) {
			trial := skein.NoticeTrial{Target: name, OK: outcome[name] == nil}
			if !trial.OK {
				trial.Text = outcome[name].Error()
			}
			trials = append(trials, trial)
		}
		return trials
	}
}

// advise posts what is new. What was told is saved after it was posted: a
// notice that comes twice is better than one that does not come.
func (n *node) advise(ctx context.Context) error {
	saved, err := n.observed.Load(ctx, noticeState)
	if err != nil {
		return err
	}
	var before advice.State
	if saved != nil {
		if err := json.Unmarshal(saved, &before); err != nil {
			return err
		}
	}
	seen, err := n.seen(ctx, before.Waiting)
	if err != nil {
		return err
	}
	after, tell := advice.On(before, seen)
	for _, what := range tell {
		n.log.Info("notice", "kind", what.Kind, "subject", what.Subject, "text", what.Text)
		if err := n.outbox.Post(what); err != nil {
			return err
		}
	}
	now, err := json.Marshal(after)
	if err != nil {
		return err
	}
	return n.observed.Save(ctx, noticeState, now)
}

// seen is what the node knows at this moment; of what waits, that which came
// after a number.
func (n *node) seen(ctx context.Context, after int64) (advice.Seen, error) {
	self := skein.Actor{Name: "skein", Door: "notices", Admin: true}
	seen := advice.Seen{At: time.Now()}
	var err error
	if seen.Settings, err = n.control.ClusterSettings(ctx, self); err != nil {
		return seen, err
	}
	if seen.Members, err = n.control.Members(ctx, self); err != nil {
		return seen, err
	}
	if seen.Sources, err = n.control.Sources(ctx, self); err != nil {
		return seen, err
	}
	for _, e := range n.intake.Expiring() {
		seen.Expires = append(seen.Expires, advice.Expiry{Zone: string(e.Name), Source: e.Source, At: e.At})
	}
	seen.Waiting, err = n.control.Waiting(ctx, self, control.WaitingQuery{After: after, Limit: countWaiting})
	seen.More = len(seen.Waiting) == countWaiting
	return seen, err
}
