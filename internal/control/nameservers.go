package control

import (
	"context"
	"errors"
	"net/netip"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Taken reports whether there is a zone of a name, whosever it is: who may put
// one in would be told so then.
func (c *Control) Taken(ctx context.Context, actor skein.Actor, name zone.Name) (bool, error) {
	if _, err := c.named(ctx, actor, name); err != nil {
		return false, err
	}
	if !auth.Covers(actor.Scope, name) {
		return false, nil
	}
	_, err := c.Store.Zone(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Nameservers returns the nameservers that serve what an actor puts in, with
// their addresses: the set of its pool, else the members that the pool's zones
// are written to. All of it is public where its zones are.
func (c *Control) Nameservers(ctx context.Context, actor skein.Actor) ([]skein.PoolNameserver, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return nil, err
	}
	pool := c.pool(poolOf(k, k.TenantOf(actor)))
	if len(pool.Nameservers) == 0 {
		return c.membersOf(ctx, pool.Name)
	}
	found, err := c.addressesOfAll(ctx, pool.Nameservers)
	if err != nil {
		return nil, err
	}
	list := make([]skein.PoolNameserver, len(pool.Nameservers))
	for i, ns := range pool.Nameservers {
		if list[i] = ns; len(ns.Addresses) == 0 {
			list[i].Addresses = found[i]
		}
	}
	return list, nil
}

// membersOf returns the members that a pool's zones are written to, as nameservers.
func (c *Control) membersOf(ctx context.Context, pool string) (list []skein.PoolNameserver, err error) {
	rows, err := c.Store.Members(ctx)
	for _, row := range rows {
		if !writes(roleIn(row.Member, pool)) {
			continue
		}
		if name, err := zone.ParseName(row.Member.Name); err == nil && row.Member.Address.IsValid() {
			list = append(list, skein.PoolNameserver{Name: name, Addresses: []netip.Addr{row.Member.Address}})
		}
	}
	return list, err
}
