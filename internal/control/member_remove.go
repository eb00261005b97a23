package control

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
)

// RemoveMember forgets a member and revokes its keys, and its token here. With Clean the zones
// that Skein put on it are first deleted there; if that fails, or cannot be, it stays. Without
// it they stay there, cannot be transferred any more, and expire.
func (c *Control) RemoveMember(ctx context.Context, actor skein.Actor, in RemoveMember) (r skein.MemberRemoval, err error) {
	name := memberName(in.Name)
	change := c.aside(actor, memberRemove, name)
	if !in.DryRun {
		defer func() { err = c.recorded(ctx, change, err) }()
	}
	if _, _, err := c.mine(ctx, actor, name); err != nil {
		return r, err
	}
	if err := c.leave(ctx, name, in); err != nil {
		return r, err
	}
	r = skein.MemberRemoval{DryRun: in.DryRun}
	if s := c.Cluster.Status(name); s != nil {
		r.Zones, r.Left = s.Zones, s.Zones
	}
	if in.Clean {
		r.Removed, r.Left = r.Zones, 0
	}
	if in.DryRun {
		return r, nil
	}
	r.Removed, err = c.Cluster.RemoveMember(ctx, name, in.Clean)
	c.members.Lock()
	defer c.members.Unlock()
	delete(c.leaving, name)
	if err != nil {
		return r, err
	}
	ctx = context.WithoutCancel(ctx)
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return r, err
	}
	if err := c.Store.DeleteMember(ctx, name); err != nil {
		return r, err
	}
	c.resupply(ctx, name, rows, withoutMember(rows, name))
	if err := c.revokeTrust(ctx, name, everyToken); err != nil {
		return r, err
	}
	return r, c.forgetConflicts(ctx, name)
}

// leave marks a member as one that is being removed; a dry run only says
// whether that could be.
func (c *Control) leave(ctx context.Context, name string, in RemoveMember) error {
	c.members.Lock()
	defer c.members.Unlock()
	row, err := c.row(ctx, name)
	if err != nil {
		return err
	}
	if err := c.stays(name); err != nil {
		return err
	}
	if in.Clean && c.needs(row.Member.Driver).Shared {
		return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("nothing can be deleted on member %s alone: it follows a catalog, and so do others", name),
			Mend: "take the catalog out of its configuration, and it forgets the zones that came by it; then remove the member without --clean"}
	}
	if err := expectedVersion("member "+name, row.Member.Version, in.Expect); err != nil {
		return err
	}
	if !in.DryRun {
		c.leaving[name] = true
	}
	return nil
}

// stays refuses what is asked of a member that is being removed. c.members is held.
func (c *Control) stays(name string) error {
	if !c.leaving[name] {
		return nil
	}
	return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("member %s is just being removed", name), Mend: "wait until it is gone"}
}
