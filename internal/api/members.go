package api

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func (s *server) memberRoutes() {
	const tag = "Members"
	const testing = 5 * time.Minute
	handle(s, route{id: "list-members", method: "GET", path: "/members", tag: tag,
		summary: "List members", doc: "Every server that Skein keeps in step, with what was observed of it."}, s.listMembers)
	handle(s, route{id: "add-member", method: "POST", path: "/members", tag: tag, status: 201, timeout: testing,
		summary: "Add a member", doc: "Stores the member, tests it and enables it if it passes. What is wrong is named with its mend. A pending member of that name is completed.", refuses: []int{409}}, s.addMember)
	handle(s, route{id: "configure-member", method: "POST", path: "/members:config", tag: tag,
		summary: "Prepare a member", doc: "Stores a pending member and answers with the block to paste into its own configuration. The block holds secrets.", refuses: []int{409}}, s.configureMember)
	handle(s, route{id: "get-member", method: "GET", path: "/members/{name}", tag: tag,
		summary: "Show a member", refuses: []int{404}}, s.getMember)
	handle(s, route{id: "get-member-config", method: "GET", path: "/members/{name}/config", tag: tag,
		summary: "Show a member's configuration block", doc: "The block to paste into its own configuration. It holds secrets.", refuses: []int{404}}, s.getMemberConfig)
	handle(s, route{id: "test-member", method: "POST", path: "/members/{name}/test", tag: tag, timeout: testing,
		summary: "Test a member", doc: "Tries everything that a member must be able to do, and changes nothing that stays. A pending member that passes becomes enabled.", refuses: []int{404}}, s.testMember)
	handle(s, route{id: "enable-member", method: "POST", path: "/members/{name}/enable", tag: tag,
		summary: "Enable a member", refuses: []int{404, 409}}, s.enableMember)
	handle(s, route{id: "disable-member", method: "POST", path: "/members/{name}/disable", tag: tag,
		summary: "Disable a member", doc: "Nothing is written to it until a person enables it again. What it serves stays transferable.", refuses: []int{404, 409}}, s.disableMember)
	handle(s, route{id: "remove-member", method: "DELETE", path: "/members/{name}", tag: tag, timeout: 30 * time.Minute,
		summary: "Remove a member", doc: "Forgets it and revokes its keys. With `clean` the zones that Skein put on it are first deleted there.", refuses: []int{404}}, s.removeMember)
}

// MemberInput names the member of a path.
type MemberInput struct {
	Name string `path:"name" maxLength:"253" example:"ns2.example.net"`
}

type none struct{}

func (s *server) listMembers(ctx context.Context, _ *none) (*out[skein.MemberList], error) {
	members, err := s.Control.Members(ctx, actorOf(ctx))
	return &out[skein.MemberList]{skein.MemberList{Members: wholeMembers(members)}}, err
}

func (s *server) getMember(ctx context.Context, in *MemberInput) (*out[skein.Member], error) {
	m, err := s.Control.Member(ctx, actorOf(ctx), in.Name)
	return &out[skein.Member]{wholeMember(m)}, err
}

type newMemberInput struct{ Body skein.NewMember }

func (in newMemberInput) member() control.NewMember {
	b := in.Body
	m := control.NewMember{Pending: b.Pending, Style: b.Style, Member: skein.Member{
		Name: b.Name, Driver: b.Driver, Role: b.Role, Address: b.Address, Port: b.Port,
		RNDCPort: b.RNDCPort, RNDCAddr: b.RNDCAddress, View: b.View, Primaries: b.Primaries, Algorithm: b.Algorithm,
	}}
	if b.Secrets != nil {
		m.Secrets = *b.Secrets
	}
	return m
}

func (s *server) addMember(ctx context.Context, in *newMemberInput) (*out[skein.MemberResult], error) {
	return memberOut(s.Control.AddMember(ctx, actorOf(ctx), in.member()))
}

func (s *server) configureMember(ctx context.Context, in *newMemberInput) (*out[skein.MemberResult], error) {
	return memberOut(s.Control.ConfigMember(ctx, actorOf(ctx), in.member()))
}

type configInput struct {
	MemberInput
	Directory string `query:"directory" maxLength:"1000" doc:"the server's working directory, which it may write to"`
	Merge     bool   `query:"merge" doc:"it has an options statement already: print what goes into that one apart"`
}

// getMemberConfig asks for the configuration of a member that is there
// already: the same question as for a new one, with the name alone.
func (s *server) getMemberConfig(ctx context.Context, in *configInput) (*out[skein.MemberResult], error) {
	m, err := s.Control.Member(ctx, actorOf(ctx), in.Name)
	if err != nil {
		return nil, err
	}
	return memberOut(s.Control.ConfigMember(ctx, actorOf(ctx), control.NewMember{Member: m, Style: skein.ConfigStyle{Directory: in.Directory, Merge: in.Merge}}))
}

func (s *server) testMember(ctx context.Context, in *MemberInput) (*out[skein.MemberResult], error) {
	return memberOut(s.Control.TestMember(ctx, actorOf(ctx), in.Name))
}

func memberOut(r control.MemberResult, err error) (*out[skein.MemberResult], error) {
	return &out[skein.MemberResult]{skein.MemberResult{Member: wholeMember(r.Member), Checks: r.Checks, Config: r.Config}}, err
}

func (s *server) enableMember(ctx context.Context, in *MemberInput) (*out[skein.Member], error) {
	m, err := s.Control.SetMemberState(ctx, actorOf(ctx), in.Name, true)
	return &out[skein.Member]{wholeMember(m)}, err
}

func (s *server) disableMember(ctx context.Context, in *MemberInput) (*out[skein.Member], error) {
	m, err := s.Control.SetMemberState(ctx, actorOf(ctx), in.Name, false)
	return &out[skein.Member]{wholeMember(m)}, err
}

type removeInput struct {
	MemberInput
	Clean bool `query:"clean" doc:"first delete the zones that Skein put on it"`
}

func (s *server) removeMember(ctx context.Context, in *removeInput) (*out[skein.MemberRemoval], error) {
	removed, err := s.Control.RemoveMember(ctx, actorOf(ctx), in.Name, in.Clean)
	return &out[skein.MemberRemoval]{skein.MemberRemoval{Removed: removed}}, err
}

func wholeMember(m skein.Member) skein.Member {
	m.Primaries = notNil(m.Primaries)
	return m
}

func wholeMembers(members []skein.Member) []skein.Member {
	list := make([]skein.Member, len(members))
	for i, m := range members {
		list[i] = wholeMember(m)
	}
	return list
}
