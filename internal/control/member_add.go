package control

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// ConfigMember stores a pending member and returns the block for its own
// configuration. Asked again it returns the same block: a pending member keeps
// its secrets, one that takes part is only shown.
func (c *Control) ConfigMember(ctx context.Context, actor skein.Actor, in NewMember) (r MemberResult, err error) {
	change := c.aside(actor, memberConfig, memberName(in.Member.Name))
	defer func() {
		if err = c.recorded(ctx, change, err); err != nil {
			r = MemberResult{}
		}
	}()
	k, err := c.permit(ctx, actor, skein.PermitClustering)
	if err != nil {
		return r, err
	}
	hosts, err := c.hosts(ctx, in)
	if err != nil {
		return r, err
	}
	c.members.Lock()
	defer c.members.Unlock()
	m, secrets, err := c.prepare(ctx, k, actor, in, hosts)
	if err != nil {
		return r, err
	}
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return r, err
	}
	keys, err := c.pairKeys(m, secrets, rows)
	if err != nil {
		return r, err
	}
	return MemberResult{Member: c.observed(m), Config: c.MemberConfig(c.supplied(m, rows), secrets, keys, in.Style)}, nil
}

// AddMember stores a member as pending, tests it unless that was not asked
// for, and enables it as TestMember does. A pending member of that name is
// completed. What the test found is in the result, and no error.
func (c *Control) AddMember(ctx context.Context, actor skein.Actor, in NewMember) (MemberResult, error) {
	m, secrets, err := c.addPending(ctx, actor, in)
	if err != nil || in.Pending {
		return MemberResult{Member: c.observed(m)}, err
	}
	r, err := c.tryOut(ctx, actor, m, secrets)
	if err == nil && in.Member.Trust && len(r.Checks) > 0 && len(failures(r.Checks)) == 0 {
		r = c.trusting(ctx, actor, r)
	}
	return r, err
}

func (c *Control) addPending(ctx context.Context, actor skein.Actor, in NewMember) (m skein.Member, s skein.MemberSecrets, err error) {
	change := c.aside(actor, memberAdd, memberName(in.Member.Name))
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitClustering)
	if err != nil {
		return m, s, err
	}
	if !in.Member.Address.IsValid() && !c.needs(in.Member.Driver).NoAddress {
		return m, s, noAddress()
	}
	if in.Pending && in.Member.Trust {
		return m, s, invalid("a member that was not tested is not asked to add this node", "leave one of the two out; later: skein member edit --reverse-trust")
	}
	hosts, err := c.hosts(ctx, in)
	if err != nil {
		return m, s, err
	}
	c.members.Lock()
	defer c.members.Unlock()
	if m, s, err = c.prepare(ctx, k, actor, in, hosts); err == nil && m.State != skein.MemberPending {
		err = exists(m)
	}
	return m, s, err
}

func exists(m skein.Member) error {
	return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
		What: fmt.Sprintf("member %s exists already and is %s", m.Name, m.State),
		Mend: "choose another name; to change its settings: skein member edit"}
}

// prepare stores the description as a pending member, if there is none of the
// name or that one is pending; one that takes part is returned as it is, if
// the description is of no other. c.members is held.
func (c *Control) prepare(ctx context.Context, k auth.Known, actor skein.Actor, in NewMember, hosts hosts) (m skein.Member, s skein.MemberSecrets, err error) {
	if err := c.stays(memberName(in.Member.Name)); err != nil {
		return m, s, err
	}
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return m, s, err
	}
	var before *store.MemberRow
	var known *skein.Member
	if i := indexOf(rows, in.Member.Name); i >= 0 {
		before, known = &rows[i], &rows[i].Member
		if !c.seesMember(k, actor, *known) {
			return m, s, nameTaken("member", known.Name)
		}
		if err := c.mayChange(k, actor, *known); err != nil {
			return m, s, err
		}
		if s, err = c.open(*before); err != nil {
			return m, s, err
		}
	}
	if known == nil || in.Member.Pool != "" {
		if in.Member.Pool, err = c.poolOfNew(k, actor, in.Member.Pool); err != nil {
			return m, s, err
		}
	}
	m, secrets := c.completed(in, known, s)
	if known != nil && known.State != skein.MemberPending {
		if !sameSetup(m, *known) || secrets != s {
			return m, s, exists(*known)
		}
		return *known, s, nil
	}
	if err := c.mayDescribe(actor, m); err != nil {
		return m, s, err
	}
	if err := c.checkMember(m, secrets); err != nil {
		return m, s, err
	}
	if err := c.alone(k, actor, m, rows, hosts); err != nil {
		return m, s, err
	}
	if known != nil && sameSetup(m, *known) && m.Debug == known.Debug && secrets == s {
		return *known, s, nil
	}
	m, err = c.put(ctx, before, m, secrets)
	return m, secrets, err
}
