package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// memberPrefix begins the names of the sources that members are, where they
// are read, and that their conflicts are listed under, where they are not.
const memberPrefix = "member "

func sourceOf(member string) string { return memberPrefix + member }

// memberOf returns the member that a source is of.
func memberOf(source string) (member string, is bool) { return strings.CutPrefix(source, memberPrefix) }

// memberActor is who changes come from that were made on a member.
func memberActor(member string) skein.Actor {
	return skein.Actor{Name: sourceOf(member), Door: skein.DoorMember, Source: sourceOf(member)}
}

// roleIn returns the role that a member has for the zones of a pool; "" if it
// does not serve them.
func roleIn(m skein.Member, pool string) skein.Role {
	own := m.Pool
	fill(&own, skein.DefaultPool)
	fill(&pool, skein.DefaultPool)
	if own == pool {
		return m.Role
	}
	for _, share := range m.Shares {
		if share.Pool == pool {
			return share.Role
		}
	}
	return ""
}

// Reads reports whether contents are taken in from members of a role.
func Reads(r skein.Role) bool { return r == skein.RoleSynchronize || r == skein.RoleStandalone }

// writes reports whether contents are put out to members of a role.
func writes(r skein.Role) bool { return r == skein.RoleSynchronize || r == skein.RoleWriteOnly }

// fromMember returns a member from which contents are taken in.
func (c *Control) fromMember(ctx context.Context, name string) (skein.Member, error) {
	row, err := c.row(ctx, name)
	if err != nil {
		return row.Member, err
	}
	m := row.Member
	switch {
	case !c.settings().Enabled:
		return m, &skein.Error{Kind: skein.KindConflict, What: "clustering is disabled: nothing is taken in from members", Mend: "enable it: skein cluster enable"}
	case !Reads(m.Role):
		return m, notRead(m)
	case m.State != skein.MemberEnabled:
		return m, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("member %s is %s: nothing is taken in from it", m.Name, m.State),
			Mend: "enable it: skein member enable " + m.Name}
	}
	return m, c.ensureMemberSource(ctx, m)
}

func notRead(m skein.Member) error {
	return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("member %s is %s: its contents are never taken in", m.Name, m.Role),
		Mend: fmt.Sprintf("take ours, or let it be read first: skein member edit %s --role synchronize", m.Name)}
}

// ensureMemberSource makes the source that a member's own zones belong to.
func (c *Control) ensureMemberSource(ctx context.Context, m skein.Member) error {
	c.sources.Lock()
	defer c.sources.Unlock()
	k, err := c.known(ctx)
	if _, there := k.Sources[sourceOf(m.Name)]; there || err != nil {
		return err
	}
	s := skein.Source{Name: sourceOf(m.Name), Door: skein.DoorMember, Tenant: c.pool(m.Pool).Tenant, Created: c.Now().UTC()}
	err = c.storeSource(ctx, nil, s, skein.SourceSecrets{})
	if errors.Is(err, store.ErrExists) { // another node was faster
		return nil
	}
	return err
}
