package control

import (
	"context"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
)

// SetMemberState enables, observes or disables a member. One that is pending or
// observed is tested before it is enabled, since nothing was ever written to it;
// if that fails it stays so. The server of a panel that would be given all zones
// is enabled with the Confirm of the plan of a dry run.
func (c *Control) SetMemberState(ctx context.Context, actor skein.Actor, in SetMemberState) (r MemberResult, err error) {
	action := memberDisable
	switch in.State {
	case skein.MemberEnabled:
		action = memberEnable
	case skein.MemberObserved:
		action = memberObserve
	}
	change := c.aside(actor, action, memberName(in.Name))
	if !in.DryRun {
		defer func() { err = c.recordedChange(ctx, change, err) }()
	}
	_, row, err := c.mine(ctx, actor, in.Name)
	if err != nil {
		return r, err
	}
	was := row.Member
	r = MemberResult{Member: c.observed(was), DryRun: in.DryRun}
	if err := expectedVersion("member "+was.Name, was.Version, in.Expect); err != nil {
		return r, err
	}
	secrets, err := c.open(row)
	if err != nil {
		return r, err
	}
	test := in.State == skein.MemberEnabled && (was.State == skein.MemberObserved || was.State == skein.MemberPending)
	tested, confirm := was, ""
	if test {
		if tested, r.Checks, err = c.tested(ctx, was, secrets); err != nil {
			return r, err
		}
		if panel(was, r.Checks) {
			confirm = confirmation(was, was.Role, was.Only)
		}
	}
	if in.DryRun {
		if in.State == skein.MemberEnabled {
			r.Plan, err = c.plan(ctx, tested, secrets)
		}
		if r.Plan != nil {
			r.Plan.Confirm = confirm
		}
		return r, err
	}
	if failed := failures(r.Checks); len(failed) > 0 {
		return r, didNotPass(was.Name, failed)
	}
	if err := seen(was, was.Role, confirm, in.Confirm); err != nil {
		return r, err
	}
	m, err := c.change(ctx, was.Name, func(now *skein.Member, _ *skein.MemberSecrets) error {
		if (test || in.Expect != nil) && now.Version != was.Version {
			return expectedVersion("member "+now.Name, now.Version, &was.Version)
		}
		before := *now
		if err := restate(now, in.State, actor.Name, c.Now()); err != nil {
			return err
		}
		if test {
			now.Pin = tested.Pin
		}
		change.Diff = append(difference("state", before.State, now.State), difference("pin", before.Pin, now.Pin)...)
		return nil
	})
	r.Member = c.observed(m)
	return r, err
}

// restate makes a person's choice the state of a member.
func restate(m *skein.Member, to skein.MemberState, by string, at time.Time) error {
	switch {
	case to != skein.MemberEnabled && to != skein.MemberObserved && to != skein.MemberDisabled:
		return invalid(fmt.Sprintf("nobody can make a member %.100q", to), "enable, observe or disable it")
	case m.State == skein.MemberPending && to == skein.MemberDisabled:
		return &skein.Error{Kind: skein.KindConflict,
			What: fmt.Sprintf("member %s is pending: nothing is written to it yet", m.Name),
			Mend: "skein member test " + m.Name}
	case m.State == to:
		return errSame
	}
	setState(m, to)
	if to == skein.MemberDisabled {
		m.DisabledBy, m.DisabledAt = by, at.UTC()
	}
	return nil
}

// setState gives a member a state, without what belonged to the one before.
func setState(m *skein.Member, to skein.MemberState) {
	m.State, m.DisabledBy, m.DisabledAt, m.DisabledWhy = to, "", time.Time{}, ""
}
