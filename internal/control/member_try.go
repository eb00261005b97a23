package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// TestMember tries everything that a member must be able to do, and changes
// nothing that stays. A pending member at which nothing failed is enabled,
// unless it is the server of a panel that would be given all zones: a person
// enables that, or has only those written that it has.
func (c *Control) TestMember(ctx context.Context, actor skein.Actor, name string) (MemberResult, error) {
	_, row, err := c.mine(ctx, actor, name)
	if err != nil {
		c.refuse(ctx, c.aside(actor, memberTest, memberName(name)), err)
		return MemberResult{}, err
	}
	secrets, err := c.open(row)
	if err != nil {
		return MemberResult{}, err
	}
	return c.tryOut(ctx, actor, row.Member, secrets)
}

// tryOut tests a member, and enables it if it is pending and nothing failed. The
// server of a panel stays pending, with its certificate pinned.
func (c *Control) tryOut(ctx context.Context, actor skein.Actor, m skein.Member, s skein.MemberSecrets) (r MemberResult, err error) {
	before := m
	m, checks, err := c.tested(ctx, m, s)
	if err != nil {
		return r, err
	}
	if len(failures(checks)) > 0 || len(checks) == 0 || m.State != skein.MemberPending {
		return MemberResult{Member: c.observed(before), Checks: checks}, nil
	}
	action, state := memberEnable, skein.MemberEnabled
	if panel(m, checks) {
		action, state = memberTest, skein.MemberPending
		checks = append(checks, c.panelCheck(ctx, m, s))
		if m.Pin == before.Pin {
			return MemberResult{Member: c.observed(before), Checks: checks}, nil
		}
	}
	change := c.aside(actor, action, m.Name)
	change.Diff = append(difference("state", before.State, state), difference("pin", before.Pin, m.Pin)...)
	defer func() { err = c.recorded(ctx, change, err) }()
	m, err = c.change(ctx, m.Name, func(now *skein.Member, secrets *skein.MemberSecrets) error {
		// The test was of what the member was before: that must still hold.
		if now.State != skein.MemberPending || !sameSetup(*now, before) || *secrets != s {
			return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrChanged,
				What: fmt.Sprintf("member %s was changed while it was tested", m.Name), Mend: "test it again"}
		}
		now.State, now.Pin = state, m.Pin
		return nil
	})
	return MemberResult{Member: c.observed(m), Checks: checks}, err
}

var (
	// errSame ends a change that would change nothing.
	errSame = errors.New("it is like that already")
	// errNotPassed: the test of a member found something wrong.
	errNotPassed = errors.New("the test did not pass")
)

// change stores a changed member and hands it to the cluster, or does neither.
func (c *Control) change(ctx context.Context, name string, how func(*skein.Member, *skein.MemberSecrets) error) (skein.Member, error) {
	c.members.Lock()
	defer c.members.Unlock()
	row, err := c.row(ctx, name)
	if err == nil {
		err = c.stays(row.Member.Name)
	}
	if err != nil {
		return skein.Member{}, err
	}
	secrets, err := c.open(row)
	if err != nil {
		return skein.Member{}, err
	}
	m := row.Member
	if err := how(&m, &secrets); err != nil {
		return row.Member, err
	}
	if m, err = c.put(ctx, &row, m, secrets); err != nil {
		return row.Member, err
	}
	return m, nil
}
