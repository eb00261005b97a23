package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// TestMember tries everything that a member must be able to do, and changes
// nothing that stays. A pending member at which nothing failed is enabled.
func (c *Control) TestMember(ctx context.Context, actor skein.Actor, name string) (MemberResult, error) {
	err := c.administer(ctx, actor)
	var row store.MemberRow
	if err == nil {
		row, err = c.row(ctx, name)
	}
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

// tryOut tests a member, and enables it if it is pending and nothing failed.
func (c *Control) tryOut(ctx context.Context, actor skein.Actor, m skein.Member, s skein.MemberSecrets) (r MemberResult, err error) {
	checks := c.Cluster.Test(ctx, m, s)
	failed := slices.ContainsFunc(checks, func(check skein.Check) bool { return !check.OK })
	if err := ctx.Err(); err != nil && failed {
		return r, &skein.Error{Kind: skein.KindUnavailable, Cause: err, What: fmt.Sprintf("the test of member %s was broken off", m.Name), Mend: "test it again"}
	}
	if failed || len(checks) == 0 || m.State != skein.MemberPending {
		return MemberResult{Member: c.observed(m), Checks: checks}, nil
	}
	change := c.aside(actor, memberEnable, m.Name)
	defer func() { err = c.recorded(ctx, change, err) }()
	m, err = c.change(ctx, m.Name, func(now *skein.Member, secrets skein.MemberSecrets) error {
		// The test was of what the member was before: that must still hold.
		if now.State != skein.MemberPending || !sameSetup(*now, m) || secrets != s {
			return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrChanged,
				What: fmt.Sprintf("member %s was changed while it was tested", m.Name), Mend: "test it again"}
		}
		now.State = skein.MemberEnabled
		return nil
	})
	return MemberResult{Member: c.observed(m), Checks: checks}, err
}

// SetMemberState enables or disables a member. One that is pending is enabled
// by passing its test.
func (c *Control) SetMemberState(ctx context.Context, actor skein.Actor, name string, enable bool) (m skein.Member, err error) {
	action := memberDisable
	if enable {
		action = memberEnable
	}
	change := c.aside(actor, action, memberName(name))
	defer func() {
		if err = c.recorded(ctx, change, err); errors.Is(err, errSame) {
			err = nil
		}
	}()
	if err := c.administer(ctx, actor); err != nil {
		return m, err
	}
	m, err = c.change(ctx, name, func(now *skein.Member, _ skein.MemberSecrets) error {
		switch {
		case now.State == skein.MemberPending:
			return &skein.Error{Kind: skein.KindConflict,
				What: fmt.Sprintf("member %s is pending: its test has not passed yet, and nothing is written to it", now.Name),
				Mend: "skein member test " + now.Name}
		case enable && now.State == skein.MemberEnabled, !enable && now.State == skein.MemberDisabled:
			return errSame
		case enable:
			now.State, now.DisabledBy = skein.MemberEnabled, ""
		default:
			now.State, now.DisabledBy = skein.MemberDisabled, actor.Name
		}
		return nil
	})
	return c.observed(m), err
}

// errSame ends a change that would change nothing.
var errSame = errors.New("it is like that already")

// change stores a changed member and hands it to the cluster, or does neither.
func (c *Control) change(ctx context.Context, name string, how func(*skein.Member, skein.MemberSecrets) error) (skein.Member, error) {
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
	if err := how(&m, secrets); err != nil {
		return row.Member, err
	}
	if err := c.put(ctx, &row, m, secrets); err != nil {
		return row.Member, err
	}
	return m, nil
}
