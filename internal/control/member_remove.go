package control

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
)

// RemoveMember forgets a member and revokes its keys. With clean the zones
// that Skein put on it are first deleted there; if that fails it stays.
func (c *Control) RemoveMember(ctx context.Context, actor skein.Actor, name string, clean bool) (removed int, err error) {
	name = memberName(name)
	change := c.aside(actor, memberRemove, name)
	defer func() { err = c.recorded(ctx, change, err) }()
	if err := c.administer(ctx, actor); err != nil {
		return 0, err
	}
	if err := c.leave(ctx, name); err != nil {
		return 0, err
	}
	removed, err = c.Cluster.RemoveMember(ctx, name, clean)
	c.members.Lock()
	defer c.members.Unlock()
	delete(c.leaving, name)
	if err != nil {
		return removed, err
	}
	return removed, c.Store.DeleteMember(context.WithoutCancel(ctx), name)
}

// leave marks a member as one that is being removed.
func (c *Control) leave(ctx context.Context, name string) error {
	c.members.Lock()
	defer c.members.Unlock()
	if _, err := c.row(ctx, name); err != nil {
		return err
	}
	if err := c.stays(name); err != nil {
		return err
	}
	c.leaving[name] = true
	return nil
}

// stays refuses what is asked of a member that is being removed. c.members is held.
func (c *Control) stays(name string) error {
	if !c.leaving[name] {
		return nil
	}
	return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("member %s is just being removed", name), Mend: "wait until it is gone"}
}
