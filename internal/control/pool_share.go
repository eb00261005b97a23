package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// ShareMember has a member of another pool serve the zones of a pool too, in a
// role, or gives it another role there. Who shares has both pools; those whose
// pool it is may choose among the roles that root's own leaves them.
func (c *Control) ShareMember(ctx context.Context, actor skein.Actor, in ShareMember) (r MemberResult, err error) {
	return c.reshare(ctx, actor, poolShare, in, func(k auth.Known, p skein.Pool, m *skein.Member) error {
		if roleIn(skein.Member{Pool: m.Pool}, p.Name) != "" || m.Pool == p.Name {
			return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("member %s belongs to the pool %s", m.Name, p.Name),
				Mend: "to change its role: skein member edit " + m.Name}
		}
		i := shareIn(*m, p.Name)
		if i < 0 && !k.Reaches(actor, c.pool(m.Pool).Tenant) {
			return noMember(m.Name)
		}
		root := skein.Role("")
		if p.Tenant != skein.RootTenant {
			root = c.rootRole(*m)
		}
		if err := auth.ShareRole(root, in.Role, c.rolesOf(m.Driver)); err != nil {
			return err
		}
		switch {
		case i < 0:
			m.Shares = append(m.Shares, skein.Share{Pool: p.Name, Role: in.Role})
		case m.Shares[i].Role == in.Role:
			return errSame
		default:
			m.Shares[i].Role = in.Role
		}
		return nil
	})
}

// UnshareMember has a member of another pool serve the zones of a pool no more.
// What it has of them stays on it, and is no longer looked after.
func (c *Control) UnshareMember(ctx context.Context, actor skein.Actor, in ShareMember) (r MemberResult, err error) {
	return c.reshare(ctx, actor, poolUnshare, in, func(_ auth.Known, p skein.Pool, m *skein.Member) error {
		i := shareIn(*m, p.Name)
		if i < 0 {
			return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
				What: fmt.Sprintf("member %s is not shared with the pool %s", m.Name, p.Name), Mend: "skein pool show " + p.Name + " shows its members"}
		}
		m.Shares = slices.Delete(m.Shares, i, i+1)
		return nil
	})
}

// reshare changes with whom a member is shared.
func (c *Control) reshare(ctx context.Context, actor skein.Actor, action string, in ShareMember, how func(auth.Known, skein.Pool, *skein.Member) error) (r MemberResult, err error) {
	change := c.aside(actor, action, memberName(in.Member))
	if !in.DryRun {
		defer func() { err = c.recordedChange(ctx, change, err) }()
	}
	k, err := c.permit(ctx, actor, skein.PermitClustering)
	if err != nil {
		return r, err
	}
	row, err := c.poolFor(k, actor, in.Pool)
	if err != nil {
		return r, err
	}
	share := func(m *skein.Member) error {
		if !c.seesMember(k, actor, *m) {
			return noMember(in.Member)
		}
		if _, there := c.poolRow(in.Pool); !there { // it went meanwhile
			return auth.NoPool(in.Pool)
		}
		if err := expectedVersion("member "+m.Name, m.Version, in.Expect); err != nil {
			return err
		}
		before := fmt.Sprint(m.Shares)
		m.Shares = slices.Clone(m.Shares)
		err := how(k, row.Pool, m)
		change.Diff = difference("shared", before, fmt.Sprint(m.Shares))
		return err
	}
	if in.DryRun {
		return c.planShare(ctx, in.Member, share)
	}
	m, err := c.change(ctx, in.Member, func(now *skein.Member, _ *skein.MemberSecrets) error { return share(now) })
	if err != nil && !c.seesMember(k, actor, m) {
		return r, err
	}
	return MemberResult{Member: c.observed(m)}, err
}

// planShare tells what sharing a member in another way would write to it.
func (c *Control) planShare(ctx context.Context, name string, share func(*skein.Member) error) (r MemberResult, err error) {
	row, err := c.row(ctx, name)
	if err != nil {
		return r, err
	}
	secrets, err := c.open(row)
	if err != nil {
		return r, err
	}
	if err := share(&row.Member); err != nil {
		return r, err
	}
	r = MemberResult{Member: c.observed(row.Member), DryRun: true}
	r.Plan, err = c.plan(ctx, row.Member, secrets)
	return r, err
}

// rootRole is the role that a member has in root's own pools, "" if it is in none.
func (c *Control) rootRole(m skein.Member) skein.Role {
	if c.pool(m.Pool).Tenant == skein.RootTenant {
		return m.Role
	}
	for _, s := range m.Shares {
		if c.pool(s.Pool).Tenant == skein.RootTenant {
			return s.Role
		}
	}
	return ""
}

// seesMember reports whether a member is an actor's affair: it serves a pool of its.
func (c *Control) seesMember(k auth.Known, actor skein.Actor, m skein.Member) bool {
	return k.Reaches(actor, c.pool(m.Pool).Tenant) ||
		slices.ContainsFunc(m.Shares, func(s skein.Share) bool { return k.Reaches(actor, c.pool(s.Pool).Tenant) })
}

func shareIn(m skein.Member, pool string) int {
	return slices.IndexFunc(m.Shares, func(s skein.Share) bool { return s.Pool == pool })
}

// checkShares refuses a role of a member in root's pool that leaves others, with
// whom it is shared, no room for theirs.
func (c *Control) checkShares(d draftMember) error {
	if d.after.Role == d.before.Role || c.pool(d.after.Pool).Tenant != skein.RootTenant {
		return nil
	}
	for _, s := range d.after.Shares {
		if c.pool(s.Pool).Tenant == skein.RootTenant {
			continue
		}
		if err := auth.ShareRole(d.after.Role, s.Role, c.rolesOf(d.after.Driver)); err != nil {
			return &skein.Error{Kind: skein.KindConflict, Cause: err,
				What: fmt.Sprintf("member %s is shared with the pool %s as %s, which it cannot be while it is %s in yours", d.after.Name, s.Pool, s.Role, d.after.Role),
				Mend: fmt.Sprintf("unshare it first: skein pool unshare %s %s", s.Pool, d.after.Name)}
		}
	}
	return nil
}
