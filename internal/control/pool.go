package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const (
	poolEdit  = "pool.edit"
	poolApply = "pool.apply" // of each zone that it changes

	// poolKey is the setting under which the pool is kept.
	poolKey = "pool default"

	maxNameservers   = 20 // of a pool; more do not fit into a referral (RFC 9471)
	maxNameAddresses = 16 // of a nameserver
)

// poolRow is the pool as it is kept, with how far its last change has come.
type poolRow struct {
	Pool     skein.Pool
	By       skein.Actor         // who changed it
	Since    skein.Revision      // from this one on zones may have had a pool's sets; 0: none ever had
	At       zone.Name           // the last zone that it was applied to
	Progress *skein.PoolProgress // Ended is zero while there is more to do
}

// pools is the pool in memory. The zero value is one that changes no zone.
type pools struct {
	mu     sync.Mutex // owns what follows
	row    poolRow
	number int           // of the change: another one, another set
	wake   chan struct{} // holds a value when there is something to apply
}

// pool returns the pool of a zone, and a number that changes with it.
func (c *Control) pool() (skein.Pool, int) {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	return c.pools.row.Pool, c.pools.number
}

// pooledSince returns the revision from which on zones may have had a pool's
// sets, 0 if none ever had.
func (c *Control) pooledSince() skein.Revision {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	return c.pools.row.Since
}

// setPool makes a pool the one in force and has it applied.
func (c *Control) setPool(row poolRow) {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	c.pools.row = row
	c.pools.number++
	select {
	case c.pools.wake <- struct{}{}:
	default:
	}
}

// startPool takes up the pool that is stored.
func (c *Control) startPool(ctx context.Context) error {
	kept, err := c.Store.Setting(ctx, poolKey)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var row poolRow
	if err := json.Unmarshal(kept, &row); err != nil {
		return fmt.Errorf("reading the pool: %w", err)
	}
	c.setPool(row)
	return nil
}

func (c *Control) keepPool(ctx context.Context, row poolRow) error {
	kept, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("encoding the pool: %w", err)
	}
	return c.Store.PutSetting(ctx, poolKey, kept)
}

// Pools returns all pools, for administrators.
func (c *Control) Pools(ctx context.Context, actor skein.Actor) ([]skein.Pool, error) {
	p, err := c.Pool(ctx, actor, skein.DefaultPool)
	if err != nil {
		return nil, err
	}
	return []skein.Pool{p}, nil
}

// Pool returns a pool, what is wrong with its nameserver set, and how far its
// last change has come.
func (c *Control) Pool(ctx context.Context, actor skein.Actor, name string) (skein.Pool, error) {
	if err := c.administer(ctx, actor); err != nil {
		return skein.Pool{}, err
	}
	if name != skein.DefaultPool {
		return skein.Pool{}, noPool(name)
	}
	c.pools.mu.Lock()
	p, progress := c.pools.row.Pool, c.pools.row.Progress
	c.pools.mu.Unlock()
	if progress != nil {
		now := *progress
		p.Progress = &now
	}
	return c.described(ctx, p)
}

// EditPool makes a pool's nameserver set what is given. The zones get it in
// the background: Pool tells how far that is.
func (c *Control) EditPool(ctx context.Context, actor skein.Actor, name string, set skein.EditPool) (p skein.Pool, err error) {
	change := c.aside(actor, poolEdit, name)
	defer func() { err = c.recorded(ctx, change, err) }()
	if err := c.administer(ctx, actor); err != nil {
		return p, err
	}
	if name != skein.DefaultPool {
		return p, noPool(name)
	}
	if set.Rule == "" {
		set.Rule = skein.PoolKeep
	}
	if err := checkPool(&set); err != nil {
		return p, err
	}
	c.editing.Lock()
	defer c.editing.Unlock()
	zones, newest, err := c.Store.Totals(ctx)
	if err != nil {
		return p, err
	}
	since := c.pooledSince()
	if since == 0 && set.Rule != skein.PoolKeep {
		since = newest + 1
	}
	row := poolRow{By: actor, Since: since, Progress: &skein.PoolProgress{Began: c.Now().UTC(), Zones: zones},
		Pool: skein.Pool{Nameservers: set.Nameservers, MName: set.MName, RName: set.RName, Rule: set.Rule, Changed: c.Now().UTC()}}
	if err := c.keepPool(ctx, row); err != nil {
		return p, err
	}
	c.setPool(row)
	p = row.Pool
	progress := *row.Progress
	p.Progress = &progress
	return c.described(ctx, p)
}

// checkPool refuses a set that no zone could have, and puts its names right.
func checkPool(set *skein.EditPool) error {
	if len(set.Nameservers) > maxNameservers {
		return invalid(fmt.Sprintf("%d nameservers are more than the %d that fit into an answer", len(set.Nameservers), maxNameservers), "name fewer")
	}
	set.Nameservers = slices.Clone(set.Nameservers) // the caller's stay as they are
	seen := map[string]bool{}
	for i, ns := range set.Nameservers {
		name, err := zone.ParseName(string(ns.Name))
		switch {
		case err != nil || name == zone.Root:
			return invalid(fmt.Sprintf("%.300q is no name of a nameserver", ns.Name), "give a host's name, as ns1.example.net")
		case seen[name.Key()]:
			return invalid(fmt.Sprintf("the nameserver %s is named twice", name), "name it once, with all its addresses")
		case len(ns.Addresses) > maxNameAddresses:
			return invalid(fmt.Sprintf("the nameserver %s has more than %d addresses", name, maxNameAddresses), "name fewer")
		case slices.ContainsFunc(ns.Addresses, func(a netip.Addr) bool { return !a.IsValid() || a.Zone() != "" || a.IsUnspecified() }):
			return invalid(fmt.Sprintf("the nameserver %s has an address that nobody could ask", name), "correct it, or leave it out")
		}
		seen[name.Key()], set.Nameservers[i].Name = true, name
	}
	for _, name := range [...]*zone.Name{&set.MName, &set.RName} {
		if *name == "" {
			continue
		}
		parsed, err := zone.ParseName(string(*name))
		if err != nil {
			return invalid(fmt.Sprintf("%.300q is no domain name", *name), "the mailbox hostmaster@example.net is written hostmaster.example.net")
		}
		*name = parsed
	}
	switch set.Rule {
	case skein.PoolKeep:
	case skein.PoolAdd, skein.PoolReplace:
		if len(set.Nameservers) == 0 {
			return invalid(fmt.Sprintf("the rule %s needs nameservers", set.Rule), "name them: skein pool edit --nameserver NAME[=ADDRESS,…]")
		}
	default:
		return invalid(fmt.Sprintf("there is no rule %.100q", set.Rule), "the rules are keep, add and replace")
	}
	return nil
}

func noPool(name string) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("there is no pool %.200q", name), Mend: fmt.Sprintf("there is one pool, %q", skein.DefaultPool)}
}
