package control

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// The actions of the audit log that are about pools.
const (
	poolAdd     = "pool.add"
	poolEdit    = "pool.edit"
	poolRemove  = "pool.remove"
	poolShare   = "pool.share"
	poolUnshare = "pool.unshare"
	poolMoved   = "pool.move"  // of a tenant
	poolApply   = "pool.apply" // of each zone that it changes
)

const (
	maxPools         = 1000
	maxPoolName      = 63 // octets
	maxNameservers   = 20 // of a pool; more do not fit into a referral (RFC 9471)
	maxNameAddresses = 16 // of a nameserver
)

// AddPool makes a pool. A tenant with a cluster of its own makes one for itself,
// which has its name; root makes any. Zones stay as they come there, until it is
// edited, and none is in it before a tenant is moved there.
func (c *Control) AddPool(ctx context.Context, actor skein.Actor, in skein.NewPool) (p skein.Pool, err error) {
	change := c.aside(actor, poolAdd, in.Name)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitClustering)
	if err != nil {
		return p, err
	}
	fill(&in.Tenant, k.TenantOf(actor))
	if err := checkNewPool(k, actor, &in); err != nil {
		return p, err
	}
	c.editing.Lock()
	defer c.editing.Unlock()
	c.pools.mu.Lock()
	names := slices.Collect(maps.Keys(c.pools.rows))
	c.pools.mu.Unlock()
	switch {
	case slices.Contains(names, in.Name):
		return p, &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
			What: fmt.Sprintf("pool %s exists already", in.Name), Mend: "choose another name, or edit it"}
	case len(names) >= maxPools:
		return p, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("there are %d pools already", len(names)), Mend: "remove those that nobody uses"}
	}
	made := skein.Pool{Name: in.Name, Tenant: in.Tenant}
	change.Diff = difference("tenant", "", in.Tenant)
	if _, err := c.putPool(ctx, made, actor, skein.EditPool{Rule: skein.PoolKeep}, 0); err != nil {
		return p, err
	}
	return c.described(ctx, k, in.Name)
}

func checkNewPool(k auth.Known, actor skein.Actor, in *skein.NewPool) error {
	if k.Kind(in.Tenant) == "" || !k.Reaches(actor, in.Tenant) {
		return auth.NoTenant(in.Tenant)
	}
	if !k.Whole(actor) {
		if in.Tenant != k.TenantOf(actor) {
			return invalid("you may make a pool for yourselves alone", "leave the tenant out")
		}
		fill(&in.Name, in.Tenant)
		if in.Name != in.Tenant {
			return invalid(fmt.Sprintf("your pool has your name, %s", in.Tenant), "leave the name out")
		}
	}
	letter := func(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }
	if in.Name == "" || len(in.Name) > maxPoolName || strings.ContainsFunc(in.Name, func(r rune) bool { return !letter(r) && !strings.ContainsRune("-_.", r) }) || !letter(rune(in.Name[0])) {
		return invalid(fmt.Sprintf("%.100q is no name of a pool", in.Name), fmt.Sprintf("use small letters, digits, and - _ . between them, at most %d", maxPoolName))
	}
	return nil
}

// EditPool makes a pool's nameserver set what is given. Its zones get it in the
// background: Pool tells how far that is. Expect is the version that it must
// have; nil: whatever it is.
func (c *Control) EditPool(ctx context.Context, actor skein.Actor, name string, set skein.EditPool, expect *int) (p skein.Pool, err error) {
	change := c.aside(actor, poolEdit, name)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitClustering)
	if err != nil {
		return p, err
	}
	c.editing.Lock()
	defer c.editing.Unlock()
	row, err := c.poolFor(k, actor, name)
	if err != nil {
		return p, err
	}
	if err := checkPool(&set); err != nil {
		return p, err
	}
	if err := expectedVersion("pool "+name, row.Pool.Version, expect); err != nil {
		return row.Pool, err
	}
	zones, err := c.Store.PoolTallies(ctx)
	if err != nil {
		return p, err
	}
	change.Diff = changed(row.Pool, with(row.Pool, set))
	if p, err = c.putPool(ctx, row.Pool, actor, set, zones[name]); err != nil {
		return p, err
	}
	return c.described(ctx, k, name)
}

// putPool stores a pool with another set and has it applied to its zones.
// c.editing is held.
func (c *Control) putPool(ctx context.Context, p skein.Pool, by skein.Actor, set skein.EditPool, zones int) (skein.Pool, error) {
	_, newest, err := c.Store.Totals(ctx)
	if err != nil {
		return p, err
	}
	before, there := c.poolRow(p.Name)
	row := poolRow{Pool: with(p, set), Since: before.Since, passing: passing{By: by, Progress: &skein.PoolProgress{Began: c.Now().UTC(), Zones: zones}}}
	row.Pool.Changed = c.Now().UTC()
	row.Pool.Version++
	if row.Since == 0 && set.Rule != skein.PoolKeep {
		row.Since = newest + 1
	}
	if err := c.keepAs(ctx, poolKeyPrefix+p.Name, row); err != nil {
		return p, err
	}
	if !there {
		if err := c.keepNames(ctx, func(names map[string]bool) { names[p.Name] = true }); err != nil {
			return p, err
		}
	}
	c.changePools(func(all *pools) { all.rows[p.Name] = row })
	return row.Pool, nil
}

// keepNames stores which pools there are. c.editing is held.
func (c *Control) keepNames(ctx context.Context, change func(map[string]bool)) error {
	names := map[string]bool{}
	c.pools.mu.Lock()
	for name := range c.pools.rows {
		names[name] = true
	}
	c.pools.mu.Unlock()
	change(names)
	delete(names, skein.DefaultPool)
	return c.keepAs(ctx, poolNamesKey, slices.Sorted(maps.Keys(names)))
}

// with returns a pool with another set.
func with(p skein.Pool, set skein.EditPool) skein.Pool {
	p.Nameservers, p.MName, p.RName, p.Rule = set.Nameservers, set.MName, set.RName, set.Rule
	return p
}

// checkPool refuses a set that no zone could have, and puts its names right.
func checkPool(set *skein.EditPool) error {
	fill(&set.Rule, skein.PoolKeep)
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
