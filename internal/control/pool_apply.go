package control

import (
	"context"
	"errors"
	"maps"
	"slices"
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

// ApplyPools gives the zones what the rule of their pool makes of them whenever
// a pool is changed, and moves those of tenants that have another one, until ctx
// ends. Interrupted it goes on where it was. A pass is proportional to the zones
// that it is about, and holds one page of them.
func (c *Control) ApplyPools(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.pools.wake:
		}
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = c.applyPage(ctx); err != nil && ctx.Err() == nil {
				c.Log.Warn("giving zones the nameservers of their pool; it is tried again", "err", err)
				select {
				case <-ctx.Done():
				case <-time.After(poolPause):
				}
				more = true
			}
		}
	}
}

// pass is a pass over zones: those of a pool, or of a tenant.
type pass struct {
	pool, tenant string
	passing
	number int // of the pools when it was looked for
}

// nextPass returns one that is to be gone on with.
func (c *Control) nextPass() (next pass, there bool) {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(c.pools.rows)) {
		if row := c.pools.rows[name]; row.running() {
			return pass{pool: name, passing: row.passing, number: c.pools.number}, true
		}
	}
	for _, move := range c.pools.moves {
		if move.running() {
			return pass{tenant: move.Tenant, passing: move.passing, number: c.pools.number}, true
		}
	}
	return pass{}, false
}

// applyPage goes on with a pass by a page of zones; more: there is more to do.
func (c *Control) applyPage(ctx context.Context) (more bool, err error) {
	p, there := c.nextPass()
	if !there {
		return false, nil
	}
	q := store.ListQuery{After: p.At, Limit: poolPage}
	if p.pool != "" {
		q.Pools = []string{p.pool}
	}
	if p.tenant != "" {
		k, err := c.known(ctx)
		if err != nil {
			return false, err
		}
		q.Owners = following(k, p.tenant)
	}
	list, err := c.Store.List(ctx, q)
	if err != nil {
		return false, err
	}
	results := make([]applied, len(list))
	var group errgroup.Group
	group.SetLimit(poolHands)
	for i, z := range list {
		group.Go(func() error {
			results[i].changed, results[i].err = c.applyTo(ctx, p.By, z.Name)
			return nil
		})
	}
	_ = group.Wait() // each zone has its own error
	progress := *p.Progress
	if err := progressed(&progress, list, results); err != nil {
		return false, err
	}
	p.Progress = &progress
	if len(list) < poolPage {
		progress.Ended = c.Now().UTC()
	} else {
		p.At = list[len(list)-1].Name
	}
	return true, c.placed(ctx, p)
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

// placed writes down how far a pass has come, unless a pool has changed since:
// then the page is looked at again.
func (c *Control) placed(ctx context.Context, p pass) error {
	c.editing.Lock()
	defer c.editing.Unlock()
	if c.poolsNumber() != p.number {
		return nil
	}
	if p.tenant != "" {
		return c.placedMove(ctx, p)
	}
	row, _ := c.poolRow(p.pool)
	row.passing = p.passing
	if err := c.keepAs(ctx, poolKeyPrefix+p.pool, row); err != nil {
		return err
	}
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	c.pools.rows[p.pool] = row
	return nil
}

// applyTo gives one zone the pool of its owner, and what the rule of that makes of it.
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
			k, err := c.known(ctx)
			if err != nil {
				return proposal{}, err
			}
			change.ZoneID = z.ID
			l, err := c.overlaysOf(ctx, z, []zone.Name{z.Name})
			if err != nil {
				return proposal{}, err
			}
			return c.proposeMoved(z, poolOf(k, z.Owner), l, *change), nil
		},
	})
	return result.Changed, err
}

// proposeMoved proposes a zone that exists as it is in a pool.
func (c *Control) proposeMoved(z skein.Zone, pool string, l layers, change skein.Change) proposal {
	before := z.Pool
	z.Pool = pool
	p := c.proposeLayered(z, l, layered{over: l.over}, 0, change)
	if pool == before {
		return p
	}
	if !p.result.Changed { // it goes over as it is
		p.write = store.Write{Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Serial: z.Serial}
		p.result = Result{Zone: z, Changed: true}
	}
	p.write.Pool, p.result.Zone.PoolBefore = pool, before
	return p
}
