package control

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
)

// MoveTenant has the zones of a tenant, and of those below it that have no pool
// of their own, served by another pool; "" for that of the tenant above. They
// move in the background: Pool tells how far that is.
func (c *Control) MoveTenant(ctx context.Context, actor skein.Actor, tenant, pool string, expect *int) (t skein.Tenant, err error) {
	change := c.aside(actor, poolMoved, tenant)
	defer func() { err = c.recordedChange(ctx, change, err) }()
	if _, err := c.permit(ctx, actor, skein.PermitClustering); err != nil {
		return t, err
	}
	c.access.Lock()
	defer c.access.Unlock()
	k, err := c.known(ctx)
	if err != nil {
		return t, err
	}
	t, there := k.Tenants[tenant]
	if !there || !k.Reaches(actor, tenant) {
		return t, auth.NoTenant(tenant)
	}
	if err := expectedVersion("tenant "+tenant, t.Version, expect); err != nil {
		return t, err
	}
	if t.Pool == pool {
		return t, errSame
	}
	if t.Kind == skein.TenantRoot {
		return t, invalid("root's own zones are in the pool "+skein.DefaultPool, "move one of the other tenants")
	}
	change.Diff = difference("pool", t.Pool, pool)
	t.Pool = pool
	t.Version++
	if err := c.mayServe(ctx, k, actor, t); err != nil {
		return t, err
	}
	return t, c.putTenant(ctx, actor, k, t)
}

// putTenant stores a tenant that was another before, and has its zones follow.
// That is written down first: to look at them in vain does no harm. c.access is
// held.
func (c *Control) putTenant(ctx context.Context, by skein.Actor, k auth.Known, t skein.Tenant) error {
	before := poolOf(k, t.Name)
	k.Tenants = maps.Clone(k.Tenants)
	k.Tenants[t.Name] = t
	defer c.unknown()
	if poolOf(k, t.Name) == before {
		return c.Store.PutTenant(ctx, t, false)
	}
	c.editing.Lock()
	defer c.editing.Unlock()
	moves, err := c.keepMove(ctx, by, k, t.Name)
	if err != nil {
		return err
	}
	err = c.Store.PutTenant(ctx, t, false)
	c.unknown()
	c.changePools(func(p *pools) { p.moves = moves })
	return err
}

// mayServe says whether an actor may have a tenant's zones served by the pool
// that it is to have. In one without a member that is written they would be
// served nowhere.
func (c *Control) mayServe(ctx context.Context, k auth.Known, actor skein.Actor, t skein.Tenant) error {
	pool := t.Pool
	if pool == "" {
		return nil
	}
	if err := k.See(actor, skein.PermitClustering); err != nil {
		return err
	}
	row, err := c.poolFor(k, actor, pool)
	if err != nil {
		return err
	}
	if err := auth.ServedBy(t, row.Pool); err != nil {
		return err
	}
	members, err := c.Store.Members(ctx)
	if err != nil {
		return err
	}
	for _, m := range members {
		if writes(roleIn(m.Member, pool)) {
			return nil
		}
	}
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("no member of the pool %s is written: zones that move there would be served nowhere", pool),
		Mend: "add a member to it, or share one with it, first"}
}

// keepMove writes down that the zones of a tenant are to be brought to its
// pool, and returns all such moves. c.editing is held.
func (c *Control) keepMove(ctx context.Context, by skein.Actor, k auth.Known, tenant string) ([]poolMove, error) {
	tallies, err := c.Store.OwnerTallies(ctx)
	if err != nil {
		return nil, err
	}
	move := poolMove{Tenant: tenant, passing: passing{By: by, Progress: &skein.PoolProgress{Began: c.Now().UTC()}}}
	for _, owner := range following(k, tenant) {
		move.Progress.Zones += tallies[owner]
	}
	moves := slices.DeleteFunc(c.movesNow(), func(m poolMove) bool { return m.Tenant == tenant || !m.running() })
	moves = append(moves, move)
	return moves, c.keepAs(ctx, poolMovesKey, moves)
}

func (c *Control) movesNow() []poolMove {
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	return slices.Clone(c.pools.moves)
}

// placedMove writes down how far the move of a tenant has come. c.editing is held.
func (c *Control) placedMove(ctx context.Context, p pass) error {
	moves := c.movesNow()
	for i := range moves {
		if moves[i].Tenant == p.tenant {
			moves[i].passing = p.passing
		}
	}
	if err := c.keepAs(ctx, poolMovesKey, moves); err != nil {
		return err
	}
	c.pools.mu.Lock()
	defer c.pools.mu.Unlock()
	c.pools.moves = moves
	return nil
}

// following returns a tenant and those below it that are served where it is.
func following(k auth.Known, tenant string) []string {
	owners := []string{tenant}
	for name, t := range k.Tenants {
		if name != tenant && t.Parent == tenant && t.Pool == "" {
			owners = append(owners, name)
		}
	}
	return owners
}
