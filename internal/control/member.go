package control

import (
	"bytes"
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
	memberTest    = "member.test" // refusals, and what a test pinned
	memberEnable  = "member.enable"
	memberDisable = "member.disable"
	memberObserve = "member.observe"
	memberEdit    = "member.edit"
	memberReplace = "member.replace"
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
		if err := c.Cluster.SetMember(c.supplied(row.Member, rows), secrets); err != nil {
			c.Log.Error("a member cannot be kept in step", "member", row.Member.Name, "err", err)
		}
	}
	return nil
}

// Members returns the members that are an actor's affair, with what was
// observed of them, by name.
func (c *Control) Members(ctx context.Context, actor skein.Actor) ([]skein.Member, error) {
	k, err := c.see(ctx, actor, skein.PermitClustering)
	if err != nil {
		return nil, err
	}
	rows, err := c.Store.Members(ctx)
	members := []skein.Member{}
	for _, row := range rows {
		if c.seesMember(k, actor, row.Member) {
			members = append(members, c.shown(k, actor, c.supplied(row.Member, rows)))
		}
	}
	return members, err
}

// Member returns one member with what was observed of it.
func (c *Control) Member(ctx context.Context, actor skein.Actor, name string) (skein.Member, error) {
	k, err := c.see(ctx, actor, skein.PermitClustering)
	if err != nil {
		return skein.Member{}, err
	}
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return skein.Member{}, err
	}
	i := indexOf(rows, name)
	if i < 0 || !c.seesMember(k, actor, rows[i].Member) {
		return skein.Member{}, noMember(name)
	}
	return c.shown(k, actor, c.supplied(rows[i].Member, rows)), nil
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
	return store.MemberRow{}, noMember(name)
}

// indexOf returns the place of a member, -1 if there is none of that name.
func indexOf(rows []store.MemberRow, name string) int {
	name = memberName(name)
	return slices.IndexFunc(rows, func(r store.MemberRow) bool { return r.Member.Name == name })
}

// put stores a member, as the next version of it, and hands it to the cluster,
// with those that transfer from it. If the cluster refuses, the member stays what it was. c.members is held.
func (c *Control) put(ctx context.Context, before *store.MemberRow, m skein.Member, s skein.MemberSecrets) (skein.Member, error) {
	m.Status, m.Others, m.Version = nil, nil, 1
	if before != nil {
		m.Version = before.Member.Version + 1
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return m, err
	}
	sealed, err := c.Sealer.Seal(purpose(m.Name), plain)
	if err != nil {
		return m, err
	}
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return m, err
	}
	if err := c.Store.PutMember(ctx, store.MemberRow{Member: m, Sealed: sealed}, before == nil); err != nil && !c.keeps(ctx, m.Name, sealed) {
		return m, err
	}
	after := withMember(rows, store.MemberRow{Member: m, Sealed: sealed})
	failure := c.Cluster.SetMember(c.supplied(m, after), s)
	if failure == nil {
		c.resupply(ctx, m.Name, rows, after)
		return m, nil
	}
	if undo := context.WithoutCancel(ctx); before == nil {
		err = c.Store.DeleteMember(undo, m.Name)
	} else {
		err = c.Store.PutMember(undo, *before, false)
	}
	if err != nil {
		c.Log.Error("taking back the change of a member", "member", m.Name, "err", err)
	}
	return m, &skein.Error{Kind: skein.KindInvalid, Cause: failure,
		What: fmt.Sprintf("member %s cannot be set up so", m.Name), Mend: "correct its settings"}
}

// keeps reports whether a row was stored although that failed. Nothing is
// sealed to the same octets twice.
func (c *Control) keeps(ctx context.Context, name string, sealed []byte) bool {
	row, err := c.row(context.WithoutCancel(ctx), name)
	return err == nil && bytes.Equal(row.Sealed, sealed)
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
