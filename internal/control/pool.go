package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// The settings under which pools are kept: each under its name, the names of
// those beside the default one, and the tenants that are on their way.
const (
	poolKeyPrefix = "pool "
	poolNamesKey  = "pools"
	poolMovesKey  = "pool moves"
)

// poolRow is a pool as it is kept, with how far its last change has come.
type poolRow struct {
	Pool  skein.Pool
	Since skein.Revision // from this one on zones may have had its sets; 0: none ever had
	passing
}

// poolMove is a tenant whose zones go into another pool.
type poolMove struct {
	Tenant string
	passing
}

// passing is how far a pass over zones has come.
type passing struct {
	By       skein.Actor         // who wanted it
	At       zone.Name           // the last zone that was looked at
	Progress *skein.PoolProgress // Ended is zero while there is more to do
}

func (p passing) running() bool { return p.Progress != nil && p.Progress.Ended.IsZero() }

// pools is the pools in memory.
type pools struct {
	mu     sync.Mutex         // owns what follows
	rows   map[string]poolRow // by name; the default one is always there
	moves  []poolMove
	number int           // of the last change: another one, and zones may have to look different
	wake   chan struct{} // holds a value when there is a pass to make
}

func newPools() pools {
	return pools{rows: map[string]poolRow{skein.DefaultPool: {}}, wake: make(chan struct{}, 1)}
}

// pool returns the pool of a name; of one that is gone, one that changes nothing.
func (c *Control) pool(name string) skein.Pool {
	fill(&name, skein.DefaultPool)
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	return named(name, c.pools.rows[name].Pool)
}

// poolsNumber returns a number that changes with every change of the pools.
func (c *Control) poolsNumber() int {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	return c.pools.number
}

// pooledSince returns the revision from which on zones may have had a pool's
// sets, 0 if none ever had.
func (c *Control) pooledSince() (since skein.Revision) {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	for _, row := range c.pools.rows {
		if row.Since != 0 && (since == 0 || row.Since < since) {
			since = row.Since
		}
	}
	return since
}

// poolRow returns the pool of a name as it is kept.
func (c *Control) poolRow(name string) (row poolRow, there bool) {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	row, there = c.pools.rows[name]
	row.Pool = named(name, row.Pool)
	return row, there
}

// changePools makes a change of the pools the one in force and has it applied.
func (c *Control) changePools(change func(p *pools)) {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	change(&c.pools)
	c.pools.number++
	select {
	case c.pools.wake <- struct{}{}:
	default:
	}
}

// startPools takes up the pools that are stored, and what is to be done.
func (c *Control) startPools(ctx context.Context) error {
	names := []string{}
	if err := c.kept(ctx, poolNamesKey, &names); err != nil {
		return err
	}
	rows := map[string]poolRow{}
	for _, name := range append(names, skein.DefaultPool) {
		var row poolRow
		if err := c.kept(ctx, poolKeyPrefix+name, &row); err != nil {
			return err
		}
		rows[name] = row
	}
	var moves []poolMove
	if err := c.kept(ctx, poolMovesKey, &moves); err != nil {
		return err
	}
	c.changePools(func(p *pools) { p.rows, p.moves = rows, moves })
	return nil
}

// kept reads a setting into v, which stays as it is if there is none.
func (c *Control) kept(ctx context.Context, key string, v any) error {
	value, err := c.Store.Setting(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(value, v); err != nil {
		return fmt.Errorf("reading the setting %s: %w", key, err)
	}
	return nil
}

// keepAs stores v as a setting.
func (c *Control) keepAs(ctx context.Context, key string, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding the setting %s: %w", key, err)
	}
	return c.Store.PutSetting(ctx, key, value)
}

// Pools returns the pools that are an actor's affair, by name.
func (c *Control) Pools(ctx context.Context, actor skein.Actor) ([]skein.Pool, error) {
	k, err := c.see(ctx, actor, skein.PermitClustering)
	if err != nil {
		return nil, err
	}
	c.pools.mu.Lock()
	rows := maps.Clone(c.pools.rows)
	c.pools.mu.Unlock()
	list := []skein.Pool{}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		if !k.Reaches(actor, rows[name].Pool.Tenant) {
			continue
		}
		p, err := c.described(ctx, k, name)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// Pool returns a pool, what is wrong with its nameserver set, and how far its
// last change has come.
func (c *Control) Pool(ctx context.Context, actor skein.Actor, name string) (skein.Pool, error) {
	k, err := c.see(ctx, actor, skein.PermitClustering)
	if err != nil {
		return skein.Pool{}, err
	}
	if _, err := c.poolFor(k, actor, name); err != nil {
		return skein.Pool{}, err
	}
	return c.described(ctx, k, name)
}

// poolFor returns a pool that is an actor's affair.
func (c *Control) poolFor(k auth.Known, actor skein.Actor, name string) (poolRow, error) {
	row, there := c.poolRow(name)
	if !there || !k.Reaches(actor, row.Pool.Tenant) {
		return poolRow{}, auth.NoPool(name)
	}
	return row, nil
}

// named is a pool with what is not written down of the default one.
func named(name string, p skein.Pool) skein.Pool {
	p.Name = name
	fill(&p.Tenant, skein.RootTenant)
	fill(&p.Rule, skein.PoolKeep)
	return p
}
