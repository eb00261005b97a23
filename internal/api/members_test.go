package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/control"
)

// members is a control with one member and the settings of a cluster, which
// compares versions as the real one does.
type members struct {
	stub
	member   skein.Member
	settings skein.ClusterSettings
	lines    []string
}

func expected(version int, expect *int) error {
	if expect == nil || *expect == version {
		return nil
	}
	return &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("it is at version %d", version), Cause: skein.ErrChanged}
}

func (m *members) Member(context.Context, skein.Actor, string) (skein.Member, error) {
	return m.member, m.fails
}

func (m *members) EditMember(_ context.Context, _ skein.Actor, in control.EditMember) (control.MemberResult, error) {
	if err := expected(m.member.Version, in.Expect); err != nil {
		return control.MemberResult{}, err
	}
	m.member.Version++
	m.member.Role = *in.Role
	return control.MemberResult{Member: m.member, Plan: &skein.MemberPlan{Member: in.Name, Add: 3}}, nil
}

func (m *members) SetMemberState(_ context.Context, _ skein.Actor, in control.SetMemberState) (control.MemberResult, error) {
	if err := expected(m.member.Version, in.Expect); err != nil {
		return control.MemberResult{}, err
	}
	if !in.DryRun {
		m.member.Version++
		m.member.State = in.State
	}
	return control.MemberResult{Member: m.member, Plan: &skein.MemberPlan{Member: in.Name, Zones: 7}}, nil
}

func (m *members) RemoveMember(_ context.Context, _ skein.Actor, in control.RemoveMember) (skein.MemberRemoval, error) {
	return skein.MemberRemoval{Zones: 7, DryRun: in.DryRun}, expected(m.member.Version, in.Expect)
}

func (m *members) MemberLog(_ context.Context, _ skein.Actor, _ string, follow bool, each func([]byte) error) error {
	for _, line := range m.lines {
		if err := each([]byte(line)); err != nil {
			return err
		}
	}
	return m.fails
}

func (m *members) ClusterSettings(context.Context, skein.Actor) (skein.ClusterSettings, error) {
	return m.settings, nil
}

func (m *members) EditCluster(_ context.Context, _ skein.Actor, in skein.EditCluster, expect *int) (skein.ClusterSettings, error) {
	if err := expected(m.settings.Version, expect); err != nil {
		return m.settings, err
	}
	m.settings.Version++
	m.settings.Threshold = *in.Threshold
	return m.settings, nil
}

// Of two administrators who change one member, or the settings of the cluster,
// the second is told.
func TestMembersAndSettingsChangeAsTheyWereRead(t *testing.T) {
	t.Parallel()
	ctl := &members{member: skein.Member{Name: "ns1", Version: 3}, settings: skein.ClusterSettings{Version: 8}}
	c := connect(t, Config{Control: ctl})
	ctx := t.Context()
	for what, change := range map[string]struct {
		read func() (string, error)
		do   func(etag string) error
	}{
		"a member's settings": {
			func() (string, error) { _, etag, err := c.GetMember(ctx, "ns1"); return etag, err },
			func(etag string) error {
				_, err := c.EditMember(ctx, "ns1", skein.EditMember{Role: new(skein.RoleStandalone), Expect: etag})
				return err
			},
		},
		"a member's state": {
			func() (string, error) { _, etag, err := c.GetMember(ctx, "ns1"); return etag, err },
			func(etag string) error { _, err := c.ObserveMember(ctx, "ns1", etag); return err },
		},
		"the cluster's settings": {
			func() (string, error) { _, etag, err := c.GetCluster(ctx); return etag, err },
			func(etag string) error {
				_, err := c.EditCluster(ctx, skein.EditCluster{Threshold: new(5)}, etag)
				return err
			},
		},
	} {
		etag, err := change.read()
		if err != nil {
			t.Fatal(what, err)
		}
		if err := change.do(etag); err != nil {
			t.Errorf("%s, as it was read: %v", what, err)
		}
		if err := change.do(etag); !errors.Is(err, skein.ErrChanged) {
			t.Errorf("%s, changed meanwhile: %v", what, err)
		}
		if err := change.do(""); err != nil {
			t.Errorf("%s, whatever it is: %v", what, err)
		}
	}
	_, err := c.RemoveMember(ctx, "ns1", client.RemoveMember{Expect: `"3"`})
	if !errors.Is(err, skein.ErrChanged) {
		t.Errorf("a member that was changed is removed: %v", err)
	}
	if _, err := c.DisableMember(ctx, "ns1", "3"); skein.KindOf(err) != skein.KindInvalid {
		t.Errorf("an ETag without its quotes: %v", err)
	}
}

// What would be done is told, and not done.
func TestPlansOfMembersChangeNothing(t *testing.T) {
	t.Parallel()
	ctl := &members{member: skein.Member{Name: "ns1", State: skein.MemberObserved, Version: 3}}
	c := connect(t, Config{Control: ctl})
	if plan, err := c.GetMemberPlan(t.Context(), "ns1"); err != nil || plan.Zones != 7 {
		t.Errorf("%+v, %v", plan, err)
	}
	if preview, err := c.RemoveMember(t.Context(), "ns1", client.RemoveMember{DryRun: true}); err != nil || preview.Zones != 7 || !preview.DryRun {
		t.Errorf("%+v, %v", preview, err)
	}
	if ctl.member.State != skein.MemberObserved || ctl.member.Version != 3 {
		t.Errorf("it is %+v", ctl.member)
	}
}

func TestAMembersLogComesLineByLine(t *testing.T) {
	t.Parallel()
	ctl := &members{member: skein.Member{Name: "ns1"}, lines: []string{`{"what":"status"}`, `{"what":"addzone"}`}}
	c := connect(t, Config{Control: ctl})
	var got []string
	for line, err := range c.GetMemberLog(t.Context(), "ns1", true) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(line))
	}
	if !slices.Equal(got, ctl.lines) {
		t.Errorf("%q", got)
	}
	ctl.fails = &skein.Error{Kind: skein.KindNotFound, What: "there is no such member"}
	for _, err := range c.GetMemberLog(t.Context(), "ns1", false) {
		if skein.KindOf(err) != skein.KindNotFound || !strings.Contains(err.Error(), "no such member") {
			t.Errorf("of a member that is not there: %v", err)
		}
		return
	}
	t.Error("the log of a member that is not there is empty")
}
