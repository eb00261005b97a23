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
	changes := []int{404, 409, 412}
	handle(s, route{id: "list-members", method: "GET", path: "/members", tag: tag,
		summary: "List members", doc: "Every server that Skein keeps in step, with what was observed of it."}, s.listMembers)
	handle(s, route{id: "list-drivers", method: "GET", path: "/drivers", tag: tag,
		summary: "List drivers", doc: "The kinds of members that there can be, and what has to be said of one when it is added."}, s.listDrivers)
	handle(s, route{id: "add-member", method: "POST", path: "/members", tag: tag, status: 201, timeout: testing,
		summary: "Add a member", doc: "Stores the member, tests it and enables it if it passes. The server of a panel, with its own zones, that would be given all others stays pending, and a warning says how many those are. What is wrong is named with its mend. A pending member of that name is completed.", refuses: []int{409}}, s.addMember)
	handle(s, route{id: "configure-member", method: "POST", path: "/members:config", tag: tag,
		summary: "Prepare a member", doc: "Stores a pending member and answers with the block to paste into its own configuration. The block holds secrets.", refuses: []int{409}}, s.configureMember)
	handle(s, route{id: "get-member", method: "GET", path: "/members/{name}", tag: tag,
		summary: "Show a member", doc: "The ETag is for the changes of its settings and of its state.", refuses: []int{404}}, s.getMember)
	handle(s, route{id: "get-member-config", method: "GET", path: "/members/{name}/config", tag: tag,
		summary: "Show a member's configuration block", doc: "The block to paste into its own configuration. It holds secrets.", refuses: []int{404}}, s.getMemberConfig)
	handle(s, route{id: "test-member", method: "POST", path: "/members/{name}/test", tag: tag, timeout: testing,
		summary: "Test a member", doc: "Tries everything that a member must be able to do, and changes nothing that stays. A pending member that passes becomes enabled; the server of a panel that would be given all zones stays pending.", refuses: []int{404}}, s.testMember)
	handle(s, route{id: "edit-member", method: "PATCH", path: "/members/{name}", tag: tag, timeout: testing,
		summary: "Change a member", doc: "What is not sent stays, secrets too. The member is tested with the new settings, and keeps the old ones if it fails. Another role that writes shows with `dry_run` what would go where, and is given with the `confirm` of that plan.", refuses: changes}, s.editMember)
	handle(s, route{id: "replace-member", method: "PUT", path: "/members/{name}/replacement", tag: tag, timeout: testing,
		summary: "Put a new machine in a member's place", doc: "As a change of the member; and nothing counts that was seen of the old machine: every zone is looked at anew.", refuses: changes}, s.replaceMember)
	handle(s, route{id: "enable-member", method: "POST", path: "/members/{name}/enable", tag: tag, timeout: testing,
		summary: "Enable a member", doc: "It is told what it has missed. What that is, its plan shows before. One that is pending or observed is tested first; a server of a panel among them is enabled with the `confirm` of its plan.", refuses: changes}, s.enableMember)
	handle(s, route{id: "observe-member", method: "POST", path: "/members/{name}/observe", tag: tag,
		summary: "Observe a member", doc: "It is looked at and compared, and nothing at all is written to it.", refuses: changes}, s.observeMember)
	handle(s, route{id: "disable-member", method: "POST", path: "/members/{name}/disable", tag: tag,
		summary: "Disable a member", doc: "Nothing is written to it until a person enables it again. What it serves stays transferable.", refuses: changes}, s.disableMember)
	handle(s, route{id: "get-member-plan", method: "GET", path: "/members/{name}/plan", tag: tag, timeout: maxBulk,
		summary: "Show what enabling a member would do", doc: "How many zones would be added, replaced and deleted on it, with examples; it is asked for what it has.", refuses: []int{404, 409}}, s.getMemberPlan)
	handle(s, route{id: "import-member", method: "POST", path: "/members/{name}/import", tag: tag, answers: "application/x-ndjson",
		summary: "Take the zones of a member in", doc: "One JSON object a line: what becomes of each zone that the member has, or of those that are named. One that is not here comes in; one that is stays as it is. With `take_over` those that are here and there alike become Skein's on the member. A line without a zone says why the rest was not done. With `dry_run` nothing changes.", refuses: []int{404, 409}}, s.importMember)
	handle(s, route{id: "get-member-log", method: "GET", path: "/members/{name}/log", tag: tag, answers: "application/x-ndjson",
		summary: "Read a member's debug log", doc: "One JSON object a line, oldest first: every request to the member with its answer and how long it took, without secrets. With `follow` it goes on. Debugging a member is switched on with a change of it.", refuses: []int{404}}, s.getMemberLog)
	handle(s, route{id: "remove-member", method: "DELETE", path: "/members/{name}", tag: tag, timeout: maxBulk,
		summary: "Remove a member", doc: "Forgets it and revokes its keys. With `clean` the zones that Skein put on it are first deleted there; `dry_run` says how many would be.", refuses: changes}, s.removeMember)
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

func (s *server) listDrivers(ctx context.Context, _ *none) (*out[skein.DriverList], error) {
	drivers, err := s.Control.KindsOfMembers(ctx, actorOf(ctx))
	return &out[skein.DriverList]{skein.DriverList{Drivers: notNil(drivers)}}, err
}

// MemberOut carries a member's version as ETag.
type MemberOut[T any] struct {
	ETag string `header:"ETag" doc:"for If-Match"`
	Body T
}

func (s *server) getMember(ctx context.Context, in *MemberInput) (*MemberOut[skein.Member], error) {
	m, err := s.Control.Member(ctx, actorOf(ctx), in.Name)
	return &MemberOut[skein.Member]{versionTag(m.Version), wholeMember(m)}, err
}

type newMemberInput struct{ Body skein.NewMember }

func (in newMemberInput) member() control.NewMember {
	b := in.Body
	m := control.NewMember{Pending: b.Pending, Style: b.Style, Member: skein.Member{
		Name: b.Name, Driver: b.Driver, Role: b.Role, Pool: b.Pool, Address: b.Address, Port: b.Port,
		RNDCPort: b.RNDCPort, RNDCAddr: b.RNDCAddress, View: b.View, Primaries: b.Primaries, Algorithm: b.Algorithm, Username: b.Username, Debug: b.Debug, Primary: b.Primary,
		Endpoint: b.Endpoint, Pin: b.Pin, Only: b.Only, Repair: b.Repair, Trust: b.Trust, Settings: b.Settings,
	}}
	if b.Secrets != nil {
		m.Secrets = *b.Secrets
	}
	return m
}

func (s *server) addMember(ctx context.Context, in *newMemberInput) (*MemberOut[skein.MemberResult], error) {
	return memberOut(s.Control.AddMember(ctx, actorOf(ctx), in.member()))
}

func (s *server) configureMember(ctx context.Context, in *newMemberInput) (*MemberOut[skein.MemberResult], error) {
	return memberOut(s.Control.ConfigMember(ctx, actorOf(ctx), in.member()))
}

type configInput struct {
	MemberInput
	Directory string `query:"directory" maxLength:"1000" doc:"the server's working directory, which it may write to"`
	Merge     bool   `query:"merge" doc:"it has an options statement already: print what goes into that one apart"`
}

// getMemberConfig asks for the configuration of a member that is there
// already: the same question as for a new one, with the name alone.
func (s *server) getMemberConfig(ctx context.Context, in *configInput) (*MemberOut[skein.MemberResult], error) {
	m, err := s.Control.Member(ctx, actorOf(ctx), in.Name)
	if err != nil {
		return nil, err
	}
	return memberOut(s.Control.ConfigMember(ctx, actorOf(ctx), control.NewMember{Member: m, Style: skein.ConfigStyle{Directory: in.Directory, Merge: in.Merge}}))
}

func (s *server) testMember(ctx context.Context, in *MemberInput) (*MemberOut[skein.MemberResult], error) {
	return memberOut(s.Control.TestMember(ctx, actorOf(ctx), in.Name))
}

func memberOut(r control.MemberResult, err error) (*MemberOut[skein.MemberResult], error) {
	result := skein.MemberResult{Member: wholeMember(r.Member), Checks: r.Checks, Config: r.Config, Plan: wholePlan(r.Plan), DryRun: r.DryRun}
	return &MemberOut[skein.MemberResult]{versionTag(r.Member.Version), result}, err
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
