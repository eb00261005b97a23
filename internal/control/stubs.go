package control

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

var notYet = &skein.Error{Kind: skein.KindInternal, What: "not there yet"}

func (c *Control) PutZone(ctx context.Context, actor skein.Actor, in PutZone) (Result, error) {
	return Result{}, notYet
}
func (c *Control) EditRecords(ctx context.Context, actor skein.Actor, in EditRecords) (Result, error) {
	return Result{}, notYet
}
func (c *Control) DeleteZone(ctx context.Context, actor skein.Actor, in DeleteZone) (Result, error) {
	return Result{}, notYet
}
func (c *Control) Check(ctx context.Context, actor skein.Actor, name zone.Name, sets []zone.RRset, tolerant bool) ([]skein.Problem, error) {
	return nil, notYet
}
func (c *Control) Zone(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Zone, error) {
	return skein.Zone{}, notYet
}
func (c *Control) List(ctx context.Context, actor skein.Actor, page Page) ([]skein.Zone, error) {
	return nil, notYet
}
func (c *Control) Contents(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Zone, zone.Contents, error) {
	return skein.Zone{}, zone.Contents{}, notYet
}
func (c *Control) ContentsAt(ctx context.Context, actor skein.Actor, name zone.Name, at skein.Revision) (zone.Contents, error) {
	return zone.Contents{}, notYet
}
func (c *Control) History(ctx context.Context, actor skein.Actor, name zone.Name, limit int) ([]skein.Change, error) {
	return nil, notYet
}
func (c *Control) Audit(ctx context.Context, actor skein.Actor, before int64, limit int) ([]skein.AuditEntry, error) {
	return nil, notYet
}
func (c *Control) Receipt(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Receipt, error) {
	return skein.Receipt{}, notYet
}
func (c *Control) Wait(ctx context.Context, actor skein.Actor, name zone.Name, at skein.Revision, enough string) (skein.Receipt, error) {
	return skein.Receipt{}, notYet
}
func (c *Control) Members(ctx context.Context, actor skein.Actor) ([]skein.Member, error) {
	return nil, notYet
}
func (c *Control) Member(ctx context.Context, actor skein.Actor, name string) (skein.Member, error) {
	return skein.Member{}, notYet
}
func (c *Control) ConfigMember(ctx context.Context, actor skein.Actor, in NewMember) (MemberResult, error) {
	return MemberResult{}, notYet
}
func (c *Control) AddMember(ctx context.Context, actor skein.Actor, in NewMember) (MemberResult, error) {
	return MemberResult{}, notYet
}
func (c *Control) TestMember(ctx context.Context, actor skein.Actor, name string) (MemberResult, error) {
	return MemberResult{}, notYet
}
func (c *Control) SetMemberState(ctx context.Context, actor skein.Actor, name string, enable bool) (skein.Member, error) {
	return skein.Member{}, notYet
}
func (c *Control) RemoveMember(ctx context.Context, actor skein.Actor, name string, clean bool) (int, error) {
	return 0, notYet
}
func (c *Control) Served(ctx context.Context, actor skein.Actor, member string, name zone.Name) (zone.Contents, error) {
	return zone.Contents{}, notYet
}
func (c *Control) Authenticate(ctx context.Context, secret string) (skein.Actor, error) {
	return skein.Actor{}, notYet
}
func (c *Control) Claim(ctx context.Context, code string) (NewToken, error) {
	return NewToken{}, notYet
}
func (c *Control) ClaimCode(ctx context.Context) (code string, ok bool) { return "", false }
func (c *Control) CreateToken(ctx context.Context, actor skein.Actor, name, source string, admin bool, expires time.Time) (NewToken, error) {
	return NewToken{}, notYet
}
func (c *Control) Tokens(ctx context.Context, actor skein.Actor) ([]skein.Token, error) {
	return nil, notYet
}
func (c *Control) DeleteToken(ctx context.Context, actor skein.Actor, id string) error { return notYet }
func (c *Control) Status(ctx context.Context, actor skein.Actor) (skein.Status, error) {
	return skein.Status{}, notYet
}
func (c *Control) Subscribe() (events <-chan skein.Event, stop func()) { return c.Cluster.Subscribe() }
