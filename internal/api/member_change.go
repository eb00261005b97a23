package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

type editMemberInput struct {
	MemberInput
	ExpectInput
	Body skein.EditMember
}

func (in *editMemberInput) edit() (edit control.EditMember, err error) {
	b := in.Body
	edit = control.EditMember{
		Name: in.Name, Role: b.Role, Address: b.Address, Port: b.Port, RNDCPort: b.RNDCPort, RNDCAddr: b.RNDCAddress,
		View: b.View, Username: b.Username, Primaries: b.Primaries, Algorithm: b.Algorithm, Debug: b.Debug, Primary: b.Primary,
		Endpoint: b.Endpoint, Pin: b.Pin, Only: b.Only, Repair: b.Repair, Trust: b.Trust, Settings: b.Settings,
		Pending: b.Pending, DryRun: b.DryRun, Confirm: b.Confirm,
	}
	if b.Secrets != nil {
		edit.Secrets = *b.Secrets
	}
	edit.Expect, err = in.version()
	return edit, err
}

func (s *server) editMember(ctx context.Context, in *editMemberInput) (*MemberOut[skein.MemberResult], error) {
	edit, err := in.edit()
	if err != nil {
		return nil, err
	}
	return memberOut(s.Control.EditMember(ctx, actorOf(ctx), edit))
}

func (s *server) replaceMember(ctx context.Context, in *editMemberInput) (*MemberOut[skein.MemberResult], error) {
	edit, err := in.edit()
	if err != nil {
		return nil, err
	}
	return memberOut(s.Control.ReplaceMember(ctx, actorOf(ctx), edit))
}

type memberStateInput struct {
	MemberInput
	ExpectInput
}

type enableMemberInput struct {
	MemberInput
	ExpectInput
	Confirm string `query:"confirm" maxLength:"64" doc:"of its plan, to say that this was seen: where that has one, it is needed"`
}

func (s *server) enableMember(ctx context.Context, in *enableMemberInput) (*MemberOut[skein.Member], error) {
	return s.setMemberState(ctx, &memberStateInput{in.MemberInput, in.ExpectInput}, control.SetMemberState{State: skein.MemberEnabled, Confirm: in.Confirm})
}

func (s *server) observeMember(ctx context.Context, in *memberStateInput) (*MemberOut[skein.Member], error) {
	return s.setMemberState(ctx, in, control.SetMemberState{State: skein.MemberObserved})
}

func (s *server) disableMember(ctx context.Context, in *memberStateInput) (*MemberOut[skein.Member], error) {
	return s.setMemberState(ctx, in, control.SetMemberState{State: skein.MemberDisabled})
}

func (s *server) setMemberState(ctx context.Context, in *memberStateInput, set control.SetMemberState) (*MemberOut[skein.Member], error) {
	expect, err := in.version()
	if err != nil {
		return nil, err
	}
	set.Name, set.Expect = in.Name, expect
	r, err := s.Control.SetMemberState(ctx, actorOf(ctx), set)
	return &MemberOut[skein.Member]{versionTag(r.Member.Version), wholeMember(r.Member)}, err
}

func (s *server) getMemberPlan(ctx context.Context, in *MemberInput) (*out[skein.MemberPlan], error) {
	r, err := s.Control.SetMemberState(ctx, actorOf(ctx), control.SetMemberState{Name: in.Name, State: skein.MemberEnabled, DryRun: true})
	if err != nil {
		return nil, err
	}
	if r.Plan == nil { // it is only read
		r.Plan = &skein.MemberPlan{Member: r.Member.Name}
	}
	return &out[skein.MemberPlan]{*wholePlan(r.Plan)}, nil
}

type removeInput struct {
	MemberInput
	ExpectInput
	Clean  bool `query:"clean" doc:"first delete the zones that Skein put on it"`
	DryRun bool `query:"dry_run" doc:"say what would become of its zones, change nothing"`
}

func (s *server) removeMember(ctx context.Context, in *removeInput) (*out[skein.MemberRemoval], error) {
	expect, err := in.version()
	if err != nil {
		return nil, err
	}
	removal, err := s.Control.RemoveMember(ctx, actorOf(ctx), control.RemoveMember{Name: in.Name, Clean: in.Clean, DryRun: in.DryRun, Expect: expect})
	return &out[skein.MemberRemoval]{removal}, err
}

type memberLogInput struct {
	MemberInput
	Follow bool `query:"follow" doc:"go on with what is written from now on"`
}

// getMemberLog writes the lines as they come; a log that is followed counts as
// a stream.
func (s *server) getMemberLog(ctx context.Context, in *memberLogInput) (*streamOut, error) {
	actor := actorOf(ctx)
	if _, err := s.Control.Member(ctx, actor, in.Name); err != nil {
		return nil, err
	}
	leave, err := s.limits.streams.take("streams")
	if err != nil {
		return nil, err
	}
	return &streamOut{"application/x-ndjson", func(hc huma.Context) {
		defer leave()
		r, w := humago.Unwrap(hc)
		ctx, cancel := s.untilStopping(r.Context())
		defer cancel()
		lines := &stream{w: w, control: http.NewResponseController(w)}
		_ = lines.write("") // the head goes out though nothing has been said yet
		err := s.Control.MemberLog(ctx, actor, in.Name, in.Follow, func(line []byte) error { return lines.write(string(line) + "\n") })
		if err != nil && ctx.Err() == nil {
			s.Log.Error("reading a member's log", "member", in.Name, "err", err)
		}
	}}, nil
}

func wholePlan(p *skein.MemberPlan) *skein.MemberPlan {
	if p == nil {
		return nil
	}
	whole := *p
	whole.Examples = notNil(whole.Examples)
	return &whole
}
