package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// A member is the affair of those whose pool it belongs to, who change it, and
// of those that it is shared with, who see it. To all others it does not exist.

// shown is a member as an actor sees it: nothing of pools that are not its own.
func (c *Control) shown(k auth.Known, actor skein.Actor, m skein.Member) skein.Member {
	m = c.observed(m)
	if k.Whole(actor) {
		return m
	}
	m.Shares = slices.DeleteFunc(slices.Clone(m.Shares), func(s skein.Share) bool { return !k.Reaches(actor, c.pool(s.Pool).Tenant) })
	if !c.ownsMember(k, actor, m) {
		m.Pool, m.Username, m.DisabledBy = "", "", ""
	}
	return m
}

// ownsMember reports whether a member belongs to a pool of an actor's.
func (c *Control) ownsMember(k auth.Known, actor skein.Actor, m skein.Member) bool {
	return k.Reaches(actor, c.pool(m.Pool).Tenant)
}

// mayChange says whether an actor may change a member.
func (c *Control) mayChange(k auth.Known, actor skein.Actor, m skein.Member) error {
	switch {
	case c.ownsMember(k, actor, m):
		return nil
	case !c.seesMember(k, actor, m):
		return noMember(m.Name)
	}
	return &skein.Error{Kind: skein.KindForbidden,
		What: fmt.Sprintf("member %s is shared with your pool, and another's", m.Name),
		Mend: "ask those who run Skein; its role for your zones is yours to choose: skein pool share"}
}

// mine returns a member that an actor may change, as it is stored.
func (c *Control) mine(ctx context.Context, actor skein.Actor, name string) (k auth.Known, row store.MemberRow, err error) {
	if k, err = c.permit(ctx, actor, skein.PermitClustering); err != nil {
		return k, row, err
	}
	if row, err = c.row(ctx, name); err != nil {
		return k, row, err
	}
	return k, row, c.mayChange(k, actor, row.Member)
}

// poolOfNew returns the pool that a new member belongs to: the one that is
// asked for or, if none is, that of the actor's tenant.
func (c *Control) poolOfNew(k auth.Known, actor skein.Actor, asked string) (string, error) {
	if asked == "" && !k.Whole(actor) {
		asked = k.TenantOf(actor) // its own pool has its name
	}
	fill(&asked, skein.DefaultPool)
	_, err := c.poolFor(k, actor, asked)
	return asked, err
}
