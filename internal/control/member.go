package control

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// The actions of the audit log that are about members.
const (
	memberConfig  = "member.config" // also when secrets are shown again
	memberAdd     = "member.add"
	memberTest    = "member.test" // refusals only
	memberEnable  = "member.enable"
	memberDisable = "member.disable"
	memberRemove  = "member.remove"
)

// startMembers hands all members to the cluster. One that it cannot drive is
// left out and logged: the others must not suffer for it.
func (c *Control) startMembers(ctx context.Context) error {
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		secrets, err := c.open(row)
		if err != nil {
			return err
		}
		if err := c.Cluster.SetMember(row.Member, secrets); err != nil {
			c.Log.Error("a member cannot be kept in step", "member", row.Member.Name, "err", err)
		}
	}
	return nil
}

// Members returns all members with what was observed of them, by name. For
// administrators.
func (c *Control) Members(ctx context.Context, actor skein.Actor) ([]skein.Member, error) {
	if err := c.administer(ctx, actor); err != nil {
		return nil, err
	}
	rows, err := c.Store.Members(ctx)
	members := make([]skein.Member, len(rows))
	for i, row := range rows {
		members[i] = c.observed(row.Member)
	}
	return members, err
}

// Member returns one member with what was observed of it.
func (c *Control) Member(ctx context.Context, actor skein.Actor, name string) (skein.Member, error) {
	if err := c.administer(ctx, actor); err != nil {
		return skein.Member{}, err
	}
	row, err := c.row(ctx, name)
	return c.observed(row.Member), err
}

func (c *Control) observed(m skein.Member) skein.Member {
	m.Status = c.Cluster.Status(m.Name)
	return m
}

// row returns the member of a name as it is stored.
func (c *Control) row(ctx context.Context, name string) (store.MemberRow, error) {
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return store.MemberRow{}, err
	}
	if i := indexOf(rows, name); i >= 0 {
		return rows[i], nil
	}
	return store.MemberRow{}, &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("there is no member %.253q", memberName(name)), Mend: "skein member list shows those that there are"}
}

// indexOf returns the place of a member, -1 if there is none of that name.
func indexOf(rows []store.MemberRow, name string) int {
	name = memberName(name)
	return slices.IndexFunc(rows, func(r store.MemberRow) bool { return r.Member.Name == name })
}

// put stores a member and hands it to the cluster. If the cluster refuses, the
// member stays what it was. c.members is held.
func (c *Control) put(ctx context.Context, before *store.MemberRow, m skein.Member, s skein.MemberSecrets) error {
	m.Status = nil
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	sealed, err := c.Sealer.Seal(purpose(m.Name), plain)
	if err != nil {
		return err
	}
	if err := c.Store.PutMember(ctx, store.MemberRow{Member: m, Sealed: sealed}, before == nil); err != nil {
		return err
	}
	failure := c.Cluster.SetMember(m, s)
	if failure == nil {
		return nil
	}
	if undo := context.WithoutCancel(ctx); before == nil {
		err = c.Store.DeleteMember(undo, m.Name)
	} else {
		err = c.Store.PutMember(undo, *before, false)
	}
	if err != nil {
		c.Log.Error("taking back the change of a member", "member", m.Name, "err", err)
	}
	return &skein.Error{Kind: skein.KindInvalid, Cause: failure,
		What: fmt.Sprintf("member %s cannot be set up so", m.Name), Mend: "correct its settings"}
}

// open returns a member's secrets.
func (c *Control) open(row store.MemberRow) (s skein.MemberSecrets, err error) {
	plain, err := c.Sealer.Open(purpose(row.Member.Name), row.Sealed)
	if err != nil {
		return s, err
	}
	if json.Unmarshal(plain, &s) != nil { // its error would quote what it read
		return s, fmt.Errorf("the secrets of member %s are not what was stored", row.Member.Name)
	}
	return s, nil
}

// purpose binds sealed secrets to the member, so that they cannot be exchanged.
func purpose(member string) string { return "member " + member }
