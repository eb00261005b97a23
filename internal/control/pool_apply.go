package control

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const (
	// poolPage is how many zones a changed pool is applied to before the place
	// is written down.
	poolPage = 200
	// poolHands is how many of them are worked on at once, and so share syncs.
	poolHands = 16
	// poolPause is how long is waited when the store is in trouble.
	poolPause = 10 * time.Second
)

// ApplyPool gives the zones what the pool's rule makes of them whenever the
// pool is changed, until ctx ends. Interrupted it goes on where it was. It is
// proportional to all zones, as the change is, and holds one page of them.
func (c *Control) ApplyPool(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.pools.wake:
		}
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = c.applyPage(ctx); err != nil && ctx.Err() == nil {
				c.Log.Warn("giving zones the nameservers of the pool; it is tried again", "err", err)
				select {
				case <-ctx.Done():
				case <-time.After(poolPause):
				}
				more = true
			}
		}
	}
}

// applyPage applies the pool to the next page of zones; more: there are others.
func (c *Control) applyPage(ctx context.Context) (more bool, err error) {
	c.pools.mu.Lock()
	row, number := c.pools.row, c.pools.number
	c.pools.mu.Unlock()
	if row.Progress == nil || !row.Progress.Ended.IsZero() {
		return false, nil
	}
	list, err := c.Store.List(ctx, store.ListQuery{After: row.At, Limit: poolPage})
	if err != nil {
		return false, err
	}
	results := make([]applied, len(list))
	var group errgroup.Group
	group.SetLimit(poolHands)
	for i, z := range list {
		group.Go(func() error {
			results[i].changed, results[i].err = c.applyTo(ctx, row.By, z.Name)
			return nil
		})
	}
	_ = group.Wait() // each zone has its own error
	progress := *row.Progress
	if err := progressed(&progress, list, results); err != nil {
		return false, err
	}
	row.Progress = &progress
	if len(list) < poolPage {
		progress.Ended = c.Now().UTC()
	} else {
		row.At = list[len(list)-1].Name
	}
	return c.placed(ctx, row, number)
}

// applied is what became of one zone.
type applied struct {
	changed bool
	err     error
}

// progressed counts a page, or returns the trouble for which it is done anew.
func progressed(p *skein.PoolProgress, list []skein.Zone, results []applied) error {
	for i, r := range results {
		switch kind := skein.KindOf(r.err); {
		case r.changed:
			p.Changed++
		case r.err == nil:
		case kind == skein.KindUnavailable, kind == skein.KindTimeout, kind == skein.KindInternal:
			return r.err
		default:
			p.Failed++
			p.Last = string(list[i].Name) + ": " + reason(r.err)
		}
	}
	p.Done += len(list)
	return nil
}

// placed writes down how far the pool has come, unless it has changed since.
func (c *Control) placed(ctx context.Context, row poolRow, number int) (more bool, err error) {
	c.editing.Lock()
	defer c.editing.Unlock()
	c.pools.mu.Lock()
	same := c.pools.number == number
	c.pools.mu.Unlock()
	if !same {
		return true, nil
	}
	if err := c.keepPool(ctx, row); err != nil {
		return false, err
	}
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	c.pools.row = row
	return row.Progress.Ended.IsZero(), nil
}

// applyTo gives one zone what the pool's rule makes of it.
func (c *Control) applyTo(ctx context.Context, by skein.Actor, name zone.Name) (changed bool, err error) {
	by.Source, by.Admin = auth.Pool, true
	result, err := c.mutate(ctx, mutation{change: skein.Change{Actor: by, Action: poolApply, Zone: name}, released: true,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			z, err := c.Store.Zone(ctx, name)
			if errors.Is(err, store.ErrNotFound) {
				return proposal{}, nil // it went meanwhile
			}
			if err != nil {
				return proposal{}, err
			}
			change.ZoneID = z.ID
			l, err := c.overlaysOf(ctx, z, []zone.Name{z.Name})
			if err != nil {
				return proposal{}, err
			}
			return c.proposeLayered(z, l, layered{over: l.over}, 0, *change), nil
		},
	})
	return result.Changed, err
}
