package control

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
)

// RemovePool removes a pool that no zone, member and tenant is in. Expect is the
// version that it must have; nil: whatever it is.
func (c *Control) RemovePool(ctx context.Context, actor skein.Actor, name string, expect *int) (err error) {
	change := c.aside(actor, poolRemove, name)
	defer func() { err = c.recorded(ctx, change, err) }()
	if _, err := c.permit(ctx, actor, skein.PermitClustering); err != nil {
		return err
	}
	c.access.Lock() // whoever is moved into it is asked before
	defer c.access.Unlock()
	c.members.Lock()
	defer c.members.Unlock()
	c.editing.Lock()
	defer c.editing.Unlock()
	k, err := c.known(ctx)
	if err != nil {
		return err
	}
	row, err := c.poolFor(k, actor, name)
	if err != nil {
		return err
	}
	if err := expectedVersion("pool "+name, row.Pool.Version, expect); err != nil {
		return err
	}
	if err := c.empty(ctx, k, name); err != nil {
		return err
	}
	// That zones had its sets is remembered with the default pool.
	first, _ := c.poolRow(skein.DefaultPool)
	if row.Since != 0 && (first.Since == 0 || row.Since < first.Since) {
		first.Since = row.Since
		if err := c.keepAs(ctx, poolKeyPrefix+skein.DefaultPool, first); err != nil {
			return err
		}
	}
	if err := c.keepNames(ctx, func(names map[string]bool) { delete(names, name) }); err != nil {
		return err
	}
	c.changePools(func(p *pools) {
		p.rows[skein.DefaultPool] = first
		delete(p.rows, name)
	})
	return nil
}

// empty says what a pool that is to be removed still has.
func (c *Control) empty(ctx context.Context, k auth.Known, name string) error {
	has := func(what, mend string) error {
		return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("pool %s has %s, and stays", name, what), Mend: mend}
	}
	if name == skein.DefaultPool {
		return has("every zone that is in no other", "remove others")
	}
	for _, t := range k.Tenants {
		if t.Pool == name {
			return has("the zones of the tenant "+t.Name, "move that one to another pool first")
		}
	}
	zones, err := c.Store.PoolTallies(ctx)
	if err != nil {
		return err
	}
	if n := zones[name]; n > 0 {
		return has(plural(n, "zone"), "wait until the last of them has moved")
	}
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if roleIn(row.Member, name) != "" {
			return has("the member "+row.Member.Name, "remove that one first, or share it with the pool no more")
		}
	}
	return nil
}
