package control

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/skein-dns/skein"
)

// thresholdRetry is how long a member waits to be disabled or enabled after
// the store could not be written.
const thresholdRetry = 5 * time.Second

// itself is Skein where it acts of its own accord.
var itself = skein.Actor{Name: "skein", Door: "cluster", Source: "admin", Admin: true}

// thresholds are the members that the failure threshold is to disable, or that
// are fit again. It holds the newest news of each, until the store has it.
type thresholds struct {
	mu   sync.Mutex // owns news
	news map[string]*crossing
	wake chan struct{} // holds a value when there are any
}

// crossing is what became of a member. A pointer to it is its identity.
type crossing struct {
	failures int // 0: it is fit again
	last     string
	change   *skein.Change // done, and only to be recorded
}

func newThresholds() thresholds {
	return thresholds{news: map[string]*crossing{}, wake: make(chan struct{}, 1)}
}

// ThresholdCrossed says that so many operations of a member failed in a row.
// It only takes note: Thresholds disables the member.
func (c *Control) ThresholdCrossed(member string, failures int, last string) {
	c.thresholds.heard(member, &crossing{failures: failures, last: last})
}

// ThresholdRecovered says that a member which the threshold disabled is fit again.
func (c *Control) ThresholdRecovered(member string) {
	c.thresholds.heard(member, &crossing{})
}

func (t *thresholds) heard(member string, news *crossing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if before := t.news[member]; before == nil || before.change == nil { // what is done must still be recorded
		t.news[member] = news
	}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *thresholds) all() map[string]*crossing {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make(map[string]*crossing, len(t.news))
	for member, news := range t.news {
		all[member] = news
	}
	return all
}

// done forgets news, unless there are newer ones.
func (t *thresholds) done(member string, news *crossing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.news[member] == news {
		delete(t.news, member)
	}
}

// Thresholds disables members that crossed the failure threshold and, where
// the settings say so, enables them again. It runs until ctx ends.
func (c *Control) Thresholds(ctx context.Context) error {
	whole := context.WithoutCancel(ctx) // what is begun is brought to its end
	for {
		again := make(<-chan time.Time)
		for member, news := range c.thresholds.all() {
			if err := c.heed(whole, member, news); err != nil {
				c.Log.Error("a member's state cannot be stored; trying on", "member", member, "err", err)
				again = time.After(thresholdRetry)
				continue
			}
			c.thresholds.done(member, news)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.thresholds.wake:
		case <-again:
		}
	}
}

// heed carries out what became of a member, and records it. What changed
// meanwhile counts: a person's choice, other settings.
func (c *Control) heed(ctx context.Context, member string, news *crossing) error {
	if news.change == nil {
		change, err := c.disarm(ctx, member, news)
		if errors.Is(err, errSame) || skein.KindOf(err) == skein.KindNotFound || skein.KindOf(err) == skein.KindConflict {
			return nil // it is so already, or being removed
		}
		if err != nil {
			return err
		}
		c.thresholds.did(news, change)
		c.News()
	}
	return c.recorded(ctx, *news.change, nil)
}

// did notes that only the record is missing.
func (t *thresholds) did(news *crossing, change skein.Change) {
	t.mu.Lock()
	defer t.mu.Unlock()
	news.change = &change
}

// disarm disables a member that failed too often, or enables it again.
func (c *Control) disarm(ctx context.Context, member string, news *crossing) (change skein.Change, err error) {
	row := c.settings()
	action := memberDisable
	if news.failures == 0 {
		action = memberEnable
	}
	change = c.aside(itself, action, member)
	_, err = c.change(ctx, member, func(m *skein.Member, _ *skein.MemberSecrets) error {
		before := m.State
		switch {
		case news.failures == 0 && m.State == skein.MemberDisabledThreshold && row.Reenable == skein.ReenableAutomatic:
			setState(m, skein.MemberEnabled)
		case news.failures > 0 && m.State == skein.MemberEnabled && !row.KeepOnline && news.failures >= row.Threshold:
			setState(m, skein.MemberDisabledThreshold)
			m.DisabledBy, m.DisabledAt = itself.Name, c.Now().UTC()
			m.DisabledWhy = fmt.Sprintf("%s failed in a row, at last: %s", plural(news.failures, "operation"), shortened(news.last))
		default:
			return errSame
		}
		change.Diff = difference("state", before, m.State)
		if m.DisabledWhy != "" {
			change.Diff = append(change.Diff, m.DisabledWhy)
		}
		return nil
	})
	return change, err
}
