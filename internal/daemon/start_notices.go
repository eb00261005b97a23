package daemon

import (
	"context"
	"encoding/json"
	"path/filepath"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/advice"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/notice"
)

const (
	// noticePeriod is how often the node looks whether people should be told
	// something.
	noticePeriod = 30 * time.Second
	// noticeState is the name of what they were told in the observed file.
	noticeState = "notices"
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
			case <-tick.C:
			}
		}
	}), nil
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
	seen, err := n.seen(ctx)
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

// seen is what the node knows at this moment.
func (n *node) seen(ctx context.Context) (advice.Seen, error) {
	self := skein.Actor{Name: "skein", Door: "notices", Admin: true}
	seen := advice.Seen{At: time.Now()}
	var err error
	if seen.Members, err = n.control.Members(ctx, self); err != nil {
		return seen, err
	}
	if seen.Sources, err = n.control.Sources(ctx, self); err != nil {
		return seen, err
	}
	for _, e := range n.intake.Expiring() {
		seen.Expires = append(seen.Expires, advice.Expiry{Zone: string(e.Name), Source: e.Source, At: e.At})
	}
	seen.Waiting, err = n.control.Waiting(ctx, self, control.WaitingQuery{Limit: countWaiting})
	seen.More = len(seen.Waiting) == countWaiting
	return seen, err
}
