package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// EditMember changes a member. Where that changes how it is spoken to it is
// tested first, and stays as it was if anything failed: the checks are in the
// result, and in the error.
func (c *Control) EditMember(ctx context.Context, actor skein.Actor, in EditMember) (MemberResult, error) {
	return c.alter(ctx, actor, alteration{EditMember: in, action: memberEdit})
}

// ReplaceMember puts a new machine in the place of a member: under its name,
// with its keys unless others are given, and with every zone looked at again.
func (c *Control) ReplaceMember(ctx context.Context, actor skein.Actor, in EditMember) (MemberResult, error) {
	return c.alter(ctx, actor, alteration{EditMember: in, action: memberReplace, anew: true})
}

// alteration is a change of a member on its way.
type alteration struct {
	EditMember
	action string
	anew   bool // it is another machine, whatever is the same
}

// draftMember is a member as it is, and as it is to be.
type draftMember struct {
	before, after     skein.Member
	secrets, secretly skein.MemberSecrets // before and after
}

// speaks reports whether the member is spoken to in another way.
func (d draftMember) speaks() bool {
	return !sameSetup(d.before, d.after) || d.secrets != d.secretly
}

func (c *Control) alter(ctx context.Context, actor skein.Actor, in alteration) (r MemberResult, err error) {
	change := c.aside(actor, in.action, memberName(in.Name))
	if !in.DryRun {
		defer func() { err = c.recordedChange(ctx, change, err) }()
	}
	k, row, err := c.mine(ctx, actor, in.Name)
	if err != nil {
		return r, err
	}
	d, err := c.draftOf(ctx, k, actor, row, in)
	if err != nil {
		return r, err
	}
	r = MemberResult{Member: c.observed(d.before), DryRun: in.DryRun}
	change.Diff = memberDiff(d)
	trust := in.Trust != nil && *in.Trust
	if len(change.Diff) == 0 && !in.anew && !trust {
		if in.DryRun { // which is not recorded
			return r, nil
		}
		return r, errSame
	}
	if err := d.seen(in); err != nil {
		return r, err
	}
	if !in.Pending && (in.anew || d.speaks()) {
		if d.after, r.Checks, err = c.tested(ctx, d.after, d.secretly); err != nil {
			return r, err
		}
		change.Diff = memberDiff(d)
	}
	if in.DryRun {
		r.Member = c.observed(d.after)
		if r.Plan, err = c.plan(ctx, d.after, d.secretly); r.Plan != nil {
			r.Plan.Confirm = d.confirm()
		}
		return r, err
	}
	if failed := failures(r.Checks); len(failed) > 0 {
		return r, didNotPass(d.before.Name, failed)
	}
	if len(change.Diff) > 0 || in.anew {
		m, err := c.putDraft(ctx, in, d)
		if err != nil {
			return r, err
		}
		r.Member = c.observed(m)
	}
	if d.before.Trust && !d.after.Trust {
		if err := c.revokeTrust(ctx, d.before.Name, everyToken); err != nil {
			return r, err
		}
	}
	if trust {
		r = c.trusting(ctx, actor, r)
	}
	if in.anew {
		err = c.Cluster.Recheck(ctx, d.before.Name, nil)
	}
	return r, err
}

// confirm says that the plan of a draft was seen: it fits this role of the
// member as it is now, or all zones instead of some, and nothing else. Zones
// that come and go meanwhile do not matter.
func (d draftMember) confirm() string {
	wider := d.before.Only != "" && d.after.Only == ""
	if d.before.Role == d.after.Role && !wider || !writes(d.after.Role) {
		return ""
	}
	return confirmation(d.before, d.after.Role, d.after.Only)
}

// confirmation fits what a member, as it is now, is to be written.
func confirmation(m skein.Member, role skein.Role, only string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s\x00%s", m.Name, m.Version, role, only))
	return hex.EncodeToString(sum[:8])
}

// seen refuses another role that writes to a member unless what it would write
// was looked at. A member that is to be pending is written nothing yet.
func (d draftMember) seen(in alteration) error {
	if in.DryRun || in.Pending {
		return nil
	}
	return seen(d.before, d.after.Role, d.confirm(), in.Confirm)
}

// seen refuses to write to a member in a role unless that was confirmed as is
// wanted; "" wants nothing.
func seen(m skein.Member, role skein.Role, want, got string) error {
	if want == "" || got == want {
		return nil
	}
	what := fmt.Sprintf("as %s member %s is written to, and what that would change on it was not looked at", role, m.Name)
	if got != "" {
		what = fmt.Sprintf("what was looked at was not the role %s of member %s as it is now", role, m.Name)
	}
	return &skein.Error{Kind: skein.KindConflict, What: what, Mend: "send the change as a dry run, look at its plan, and send it again with the plan's confirm"}
}

// draftOf works out what a member is to be, and says what is wrong with that.
func (c *Control) draftOf(ctx context.Context, k auth.Known, actor skein.Actor, row store.MemberRow, in alteration) (d draftMember, err error) {
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return d, err
	}
	d.before = row.Member
	if err := expectedVersion("member "+d.before.Name, d.before.Version, in.Expect); err != nil {
		return d, err
	}
	if d.secrets, err = c.open(row); err != nil {
		return d, err
	}
	d.after, d.secretly = c.edited(in.EditMember, d.before, in.anew), in.Secrets
	keepSecrets(&d.secretly, d.secrets)
	if in.Pending {
		d.after.State = skein.MemberPending
	}
	if in.anew && d.after.State == skein.MemberDisabledThreshold { // that was another machine
		setState(&d.after, skein.MemberEnabled)
	}
	if d.before.Address.IsValid() && !d.after.Address.IsValid() && !c.needs(d.after.Driver).NoAddress {
		return d, noAddress()
	}
	if err := c.mayDescribe(actor, d.after); err != nil {
		return d, err
	}
	if err := c.checkMember(d.after, d.secretly); err != nil {
		return d, err
	}
	if err := c.checkShares(d); err != nil {
		return d, err
	}
	return d, c.alone(k, actor, d.after, rows, c.hostsOf(ctx, d.after, rows))
}

// edited returns a member with what is to be different. Where its primaries
// are those of its address they follow a new one.
func (c *Control) edited(in EditMember, m skein.Member, anew bool) skein.Member {
	before := m
	set(&m.Role, in.Role)
	set(&m.Address, in.Address)
	set(&m.Port, in.Port)
	set(&m.RNDCAddr, in.RNDCAddr)
	set(&m.RNDCPort, in.RNDCPort)
	set(&m.View, in.View)
	set(&m.Algorithm, in.Algorithm)
	set(&m.Username, in.Username)
	set(&m.Debug, in.Debug)
	set(&m.Primary, in.Primary)
	set(&m.Only, in.Only)
	set(&m.Repair, in.Repair)
	m.Settings = settled(m.Settings, in.Settings)
	m.Trust = m.Trust && (in.Trust == nil || *in.Trust)
	switch {
	case in.Endpoint != nil:
		m.Endpoint = *in.Endpoint
	case in.Address != nil && before.Endpoint == endpointOf(skein.Member{Address: before.Address}, c.needs(m.Driver).API):
		m.Endpoint = "" // it follows the address
	}
	m.Primaries = slices.Clone(m.Primaries)
	switch {
	case in.Primaries != nil:
		m.Primaries = slices.Clone(*in.Primaries)
	case in.Address != nil && m.Address != before.Address && slices.Equal(before.Primaries, c.Primaries(before.Address)):
		m.Primaries = nil
	}
	m.Address, m.RNDCAddr = m.Address.Unmap(), m.RNDCAddr.Unmap()
	c.fillNeeds(&m)
	if in.Pin != nil {
		m.Pin = *in.Pin
		c.fillNeeds(&m)
	} else if anew || m.Endpoint != before.Endpoint {
		m.Pin = "" // another server shows another certificate
	}
	return m
}

// set sets what is given.
func set[T any](v *T, to *T) {
	if to != nil {
		*v = *to
	}
}

// putDraft makes a member what was worked out, if nobody changed it meanwhile.
func (c *Control) putDraft(ctx context.Context, in alteration, d draftMember) (skein.Member, error) {
	return c.change(ctx, d.before.Name, func(now *skein.Member, secrets *skein.MemberSecrets) error {
		if now.Version != d.before.Version {
			return expectedVersion("member "+now.Name, now.Version, &d.before.Version)
		}
		*now, *secrets = d.after, d.secretly
		return nil
	})
}

// tested runs a member's test, once its certificate is pinned. One that was
// broken off says nothing.
func (c *Control) tested(ctx context.Context, m skein.Member, s skein.MemberSecrets) (skein.Member, []skein.Check, error) {
	m, checks := c.pinned(ctx, m, s)
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return m, nil, err
	}
	checks = append(checks, c.Cluster.Test(ctx, c.supplied(m, rows), s)...)
	if err := ctx.Err(); err != nil && len(failures(checks)) > 0 {
		return m, nil, &skein.Error{Kind: skein.KindUnavailable, Cause: err, What: fmt.Sprintf("the test of member %s was broken off", m.Name), Mend: "test it again"}
	}
	return m, checks, nil
}

// pinned pins the certificate that a member shows if no authority vouches for
// it and none is pinned yet, and says so.
func (c *Control) pinned(ctx context.Context, m skein.Member, s skein.MemberSecrets) (skein.Member, []skein.Check) {
	if m.Pin != "" || !c.needs(m.Driver).Pinned {
		return m, nil
	}
	pin, trusted, err := c.Cluster.Certificate(ctx, m, s)
	if err != nil || trusted { // what is wrong its test says
		return m, nil
	}
	m.Pin = pin
	return m, []skein.Check{{Name: "certificate", OK: true, Warn: true,
		Text: "no authority vouches for the certificate of its API; it is pinned once all checks pass, and no other is taken from then on: " + pin,
		Mend: "compare the fingerprint with that of the certificate there: openssl x509 -noout -fingerprint -sha256 -in FILE"}}
}

func failures(checks []skein.Check) (failed []skein.Check) {
	for _, check := range checks {
		if !check.OK {
			failed = append(failed, check)
		}
	}
	return failed
}

func didNotPass(name string, failed []skein.Check) error {
	e := &skein.Error{Kind: skein.KindConflict, Cause: errNotPassed, What: fmt.Sprintf("member %s does not pass its test so, and stays as it was", name),
		Mend: "mend what is named, or change it without a test (--pending) and test it once it is ready"}
	for _, check := range failed {
		text := check.Text
		if check.Mend != "" {
			text += " (" + check.Mend + ")"
		}
		e.Problems = append(e.Problems, skein.Problem{Name: check.Name, Text: text})
	}
	return e
}

// plan says what writing to a member would do; nil of one that is not written.
func (c *Control) plan(ctx context.Context, m skein.Member, s skein.MemberSecrets) (*skein.MemberPlan, error) {
	if !written(m) {
		return nil, nil
	}
	rows, err := c.Store.Members(ctx)
	if err != nil {
		return nil, err
	}
	p, err := c.Cluster.Plan(ctx, c.supplied(m, rows), s)
	return &p, err
}

// written reports whether a member's role, in any pool, lets it be written.
func written(m skein.Member) bool {
	return writes(m.Role) || slices.ContainsFunc(m.Shares, func(s skein.Share) bool { return writes(s.Role) })
}

// memberDiff says what is different of a member, a line each.
func memberDiff(d draftMember) (lines []string) {
	a, b := d.before, d.after
	for _, field := range [...]struct {
		what          string
		before, after any
	}{
		{"state", a.State, b.State}, {"role", a.Role, b.Role}, {"address", a.DNS(), b.DNS()}, {"rndc", a.RNDC(), b.RNDC()}, {"view", a.View, b.View},
		{"primaries", fmt.Sprint(a.Primaries), fmt.Sprint(b.Primaries)}, {"algorithm", a.Algorithm, b.Algorithm},
		{"username", a.Username, b.Username}, {"debug", a.Debug, b.Debug}, {"primary", a.Primary, b.Primary},
		{"endpoint", a.Endpoint, b.Endpoint}, {"pin", a.Pin, b.Pin}, {"only", a.Only, b.Only}, {"repair", a.Repair, b.Repair},
		{"reverse trust", a.Trust, b.Trust}, {"settings", fmt.Sprint(a.Settings), fmt.Sprint(b.Settings)},
	} {
		lines = append(lines, difference(field.what, field.before, field.after)...)
	}
	x, y := d.secrets, d.secretly
	for _, secret := range [...]struct{ what, before, after string }{
		{"rndc key", x.RNDC, y.RNDC}, {"TSIG key", x.TSIG, y.TSIG}, {"audit key", x.Audit, y.Audit}, {"token", x.Token, y.Token},
		{"certificate", x.Certificate, y.Certificate}, {"private key", x.PrivateKey, y.PrivateKey}, {"server's certificate", x.Server, y.Server},
	} {
		if secret.before != secret.after {
			lines = append(lines, secret.what+": another one")
		}
	}
	return lines
}

func noAddress() error {
	return invalid("a member needs an address", "say --address: where it answers DNS, as seen from here")
}

func noMember(name string) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("there is no member %.253q", memberName(name)), Mend: "skein member list shows those that there are"}
}
