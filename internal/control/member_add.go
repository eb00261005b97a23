package control

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
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
	if err := c.administer(ctx, actor); err != nil {
		return r, err
	}
	c.members.Lock()
	defer c.members.Unlock()
	m, secrets, err := c.prepare(ctx, in)
	if err != nil {
		return r, err
	}
	return MemberResult{Member: c.observed(m), Config: c.MemberConfig(m, secrets, in.Style)}, nil
}

// AddMember stores a member as pending, tests it unless that was not asked
// for, and enables it if nothing failed. A pending member of that name is
// completed. What the test found is in the result, and no error.
func (c *Control) AddMember(ctx context.Context, actor skein.Actor, in NewMember) (MemberResult, error) {
	m, secrets, err := c.addPending(ctx, actor, in)
	if err != nil || in.Pending {
		return MemberResult{Member: c.observed(m)}, err
	}
	return c.tryOut(ctx, actor, m, secrets)
}

func (c *Control) addPending(ctx context.Context, actor skein.Actor, in NewMember) (m skein.Member, s skein.MemberSecrets, err error) {
	change := c.aside(actor, memberAdd, memberName(in.Member.Name))
	defer func() { err = c.recorded(ctx, change, err) }()
	if err := c.administer(ctx, actor); err != nil {
		return m, s, err
	}
	if !in.Member.Address.IsValid() {
		return m, s, invalid("a member needs an address", "say --address: where it answers DNS, as seen from here")
	}
	c.members.Lock()
	defer c.members.Unlock()
	if m, s, err = c.prepare(ctx, in); err == nil && m.State != skein.MemberPending {
		err = exists(m)
	}
	return m, s, err
}

func exists(m skein.Member) error {
	return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
		What: fmt.Sprintf("member %s exists already and is %s", m.Name, m.State),
		Mend: "choose another name; to change its settings, remove it first"}
}

// prepare stores the description as a pending member, if there is none of the
// name or that one is pending; one that takes part is returned as it is, if
// the description is of no other. c.members is held.
func (c *Control) prepare(ctx context.Context, in NewMember) (m skein.Member, s skein.MemberSecrets, err error) {
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
		if s, err = c.open(*before); err != nil {
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
	if err := c.checkMember(m, secrets); err != nil {
		return m, s, err
	}
	if err := c.alone(m, rows); err != nil {
		return m, s, err
	}
	if known != nil && sameSetup(m, *known) && secrets == s {
		return *known, s, nil
	}
	return m, secrets, c.put(ctx, before, m, secrets)
}

// alone refuses an address at which something else answers already, and a name
// whose keys would be those of another member.
func (c *Control) alone(m skein.Member, rows []store.MemberRow) error {
	if m.Address.IsValid() && c.Own(m.DNS()) {
		return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("%s is this node's own nameserver", m.DNS()),
			Mend: "give the address and port that the member answers DNS at"}
	}
	for _, row := range rows {
		if other := row.Member; other.Name != m.Name && other.TSIGKey == m.TSIGKey { // a.b and a_b
			return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
				What: fmt.Sprintf("member %s has keys of the same names", other.Name), Mend: "choose another name"}
		}
		if other := row.Member; other.Name != m.Name && m.Address.IsValid() && other.DNS() == m.DNS() {
			return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
				What: fmt.Sprintf("member %s is at %s already", other.Name, m.DNS()), Mend: "remove that one first, or give another address or port"}
		}
	}
	return nil
}
