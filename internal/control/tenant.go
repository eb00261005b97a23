package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// The actions of the audit log that are about tenants.
const (
	tenantAdd    = "tenant.add"
	tenantEdit   = "tenant.edit"
	tenantRemove = "tenant.remove"
)

// maxTenants bounds the tenants; they are kept in memory.
const maxTenants = 10_000

// Tenants returns the actor's tenant and those below it, by name.
func (c *Control) Tenants(ctx context.Context, actor skein.Actor) ([]skein.Tenant, error) {
	k, err := c.see(ctx, actor, skein.PermitAccess)
	if err != nil {
		return nil, err
	}
	zones, err := c.Store.OwnerTallies(ctx)
	names := k.Tenancy(actor)
	slices.Sort(names)
	list := make([]skein.Tenant, len(names))
	for i, name := range names {
		list[i] = k.Tenants[name]
		list[i].Zones = zones[name]
	}
	return list, err
}

// Tenant returns the own tenant, or one below it.
func (c *Control) Tenant(ctx context.Context, actor skein.Actor, name string) (skein.Tenant, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return skein.Tenant{}, err
	}
	if k.TenantOf(actor) != name {
		if err := k.See(actor, skein.PermitAccess); err != nil {
			return skein.Tenant{}, err
		}
	}
	t, there := k.Tenants[name]
	if !there || k.TenantOf(actor) != name && !k.Reaches(actor, name) {
		return skein.Tenant{}, auth.NoTenant(name)
	}
	zones, err := c.Store.OwnerTallies(ctx)
	t.Zones = zones[name]
	return t, err
}

// AddTenant makes a tenant below the actor's, with the source that its people
// put zones in under.
func (c *Control) AddTenant(ctx context.Context, actor skein.Actor, in skein.Tenant) (t skein.Tenant, err error) {
	change := c.aside(actor, tenantAdd, in.Name)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitAccess)
	if err != nil {
		return t, err
	}
	t = skein.Tenant{Name: in.Name, Kind: in.Kind, Parent: in.Parent, Clustering: in.Clustering, Pool: in.Pool, Created: c.Now().UTC(), Version: 1}
	fill(&t.Parent, k.TenantOf(actor))
	if fill(&t.Kind, skein.TenantCustomer); in.Kind == "" && k.Kind(t.Parent) == skein.TenantRoot {
		t.Kind = skein.TenantReseller
	}
	change.Diff = changed(skein.Tenant{}, t)
	if err := checkLoginName("tenant", t.Name); err != nil {
		return t, err
	}
	if err := c.checkTenant(ctx, k, actor, t, skein.Tenant{}); err != nil {
		return t, err
	}
	c.access.Lock()
	defer c.access.Unlock()
	if k, err = c.known(ctx); err != nil {
		return t, err
	}
	if len(k.Tenants) >= maxTenants {
		return t, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("there are %d tenants already", len(k.Tenants)), Mend: "remove those that are gone"}
	}
	if err := c.nameFree(ctx, k, "tenant", t.Name); err != nil {
		return t, err
	}
	defer c.unknown()
	if err := c.Store.PutTenant(ctx, t, true); errors.Is(err, store.ErrExists) {
		return t, nameTaken("tenant", t.Name)
	} else if err != nil {
		return t, err
	}
	return t, c.ensureSource(ctx, skein.Source{Name: t.Name, Door: skein.DoorPeople, Tenant: t.Name})
}

// EditTenant changes what may be changed of a tenant below the actor's: its
// pool; by root also clustering, and the tenant above it.
func (c *Control) EditTenant(ctx context.Context, actor skein.Actor, in EditTenant) (t skein.Tenant, err error) {
	change := c.aside(actor, tenantEdit, in.Name)
	defer func() { err = c.recordedChange(ctx, change, err) }()
	if _, err := c.permit(ctx, actor, skein.PermitAccess); err != nil {
		return t, err
	}
	c.access.Lock()
	defer c.access.Unlock()
	k, err := c.known(ctx)
	if err != nil {
		return t, err
	}
	before, err := subject(k, actor, in.Name)
	if err != nil {
		return t, err
	}
	if err := expectedVersion("tenant "+in.Name, before.Version, in.Expect); err != nil {
		return t, err
	}
	t = before
	set(&t.Parent, in.Parent)
	set(&t.Clustering, in.Clustering)
	set(&t.Pool, in.Pool)
	if change.Diff = changed(before, t); len(change.Diff) == 0 {
		return t, errSame
	}
	if err := c.checkTenant(ctx, k, actor, t, before); err != nil {
		return t, err
	}
	t.Version++
	return t, c.putTenant(ctx, actor, k, t)
}

// RemoveTenant removes a tenant of which nothing is left but the source of its people.
func (c *Control) RemoveTenant(ctx context.Context, actor skein.Actor, name string) (err error) {
	change := c.aside(actor, tenantRemove, name)
	defer func() { err = c.recorded(ctx, change, err) }()
	if _, err := c.permit(ctx, actor, skein.PermitAccess); err != nil {
		return err
	}
	c.access.Lock()
	defer c.access.Unlock()
	k, err := c.known(ctx)
	if err != nil {
		return err
	}
	if _, err := subject(k, actor, name); err != nil {
		return err
	}
	if err := c.tenantEmpty(ctx, k, name); err != nil {
		return err
	}
	c.sources.Lock()
	defer c.sources.Unlock()
	defer c.unknown()
	if err := c.Store.DeleteSource(ctx, name); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return c.Store.DeleteTenant(ctx, name)
}

// poolOf returns the pool of a tenant's zones: its own, else that of the tenant above.
func poolOf(k auth.Known, tenant string) string {
	for range 2 { // a customer, its reseller
		t := k.Tenants[tenant]
		if t.Pool != "" {
			return t.Pool
		}
		tenant = t.Parent
	}
	return skein.DefaultPool
}

// countZones returns how many zones an actor sees that does not look at the whole.
func (c *Control) countZones(ctx context.Context, k auth.Known, actor skein.Actor) (n int, err error) {
	if auth.Panel(actor) {
		tallies, err := c.Store.Tallies(ctx)
		return tallies[actor.Source].Zones, err
	}
	zones, err := c.Store.OwnerTallies(ctx)
	for _, tenant := range k.Tenancy(actor) {
		n += zones[tenant]
	}
	return n, err
}
