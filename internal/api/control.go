package api

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// Control is what the API needs of control, by subject. Every call names who
// makes it; control decides whether they may.
type Control interface {
	zoneControl
	sourceControl
	waitingControl
	memberControl
	poolControl
	accessControl
}

var _ Control = (*control.Control)(nil)

type zoneControl interface {
	PutZone(context.Context, skein.Actor, control.PutZone) (control.Result, error)
	EditRecords(context.Context, skein.Actor, control.EditRecords) (control.Result, error)
	DeleteZone(context.Context, skein.Actor, control.DeleteZone) (control.Result, error)
	RestoreZone(context.Context, skein.Actor, control.RestoreZone) (control.Result, error)
	UndeleteZone(context.Context, skein.Actor, control.UndeleteZone) (control.Result, error)
	Check(ctx context.Context, actor skein.Actor, name zone.Name, sets []zone.RRset, tolerant bool) ([]skein.Problem, error)

	Zone(context.Context, skein.Actor, zone.Name) (skein.Zone, error)
	List(context.Context, skein.Actor, control.Page) ([]skein.Zone, error)
	Deleted(ctx context.Context, actor skein.Actor, before skein.Revision, contains string, limit int) ([]skein.DeletedZone, error)
	Contents(context.Context, skein.Actor, zone.Name) (skein.Zone, zone.Contents, error)
	ContentsAt(context.Context, skein.Actor, zone.Name, skein.Revision) (zone.Contents, error)
	History(ctx context.Context, actor skein.Actor, name zone.Name, limit int) ([]skein.Change, error)
	Audit(ctx context.Context, actor skein.Actor, before int64, limit int) ([]skein.AuditEntry, error)
	Receipt(context.Context, skein.Actor, zone.Name) (skein.Receipt, error)
	Wait(ctx context.Context, actor skein.Actor, name zone.Name, at skein.Revision, enough string) (skein.Receipt, error)
}

type sourceControl interface {
	Sources(context.Context, skein.Actor) ([]skein.Source, error)
	Source(ctx context.Context, actor skein.Actor, name string) (skein.Source, error)
	AddSource(context.Context, skein.Actor, control.NewSource) (skein.Source, error)
	EditSource(context.Context, skein.Actor, control.NewSource) (skein.Source, error)
	RemoveSource(context.Context, skein.Actor, control.RemoveSource) (skein.SourceRemoval, error)
	RevertSource(context.Context, skein.Actor, control.RevertSource) (skein.Revert, error)
	Rules(context.Context, skein.Actor) ([]skein.SourceRule, error)
	PutRule(context.Context, skein.Actor, skein.SourceRule) error
	DeleteRule(context.Context, skein.Actor, skein.SourceRule) error

	AddTransferZone(context.Context, skein.Actor, skein.TransferZone) (created bool, err error)
	ChangeTransferZone(context.Context, skein.Actor, skein.TransferZone) error
	DeleteTransferZone(context.Context, skein.Actor, zone.Name) error
	TransferZone(context.Context, skein.Actor, zone.Name) (skein.TransferZone, error)
	TransferZones(context.Context, skein.Actor, control.TransferQuery) ([]skein.TransferZone, error)
}

type waitingControl interface {
	TakeOver(context.Context, skein.Actor, control.TakeOver) (control.Result, error)
	OverlaysAt(ctx context.Context, actor skein.Actor, name zone.Name, names []zone.Name) ([]skein.Overlay, error)
	EndOverlay(context.Context, skein.Actor, control.EndOverlay) (control.Result, error)

	Waiting(context.Context, skein.Actor, control.WaitingQuery) ([]skein.Waiting, error)
	WaitingDetail(ctx context.Context, actor skein.Actor, id int64) (skein.WaitingDetail, error)
	Release(ctx context.Context, actor skein.Actor, d control.Decision) (control.Result, error)
	Discard(ctx context.Context, actor skein.Actor, d control.Decision) error
	ReleaseAll(context.Context, skein.Actor, control.WaitingQuery) (done int, left []control.NotReleased, err error)
	DiscardAll(context.Context, skein.Actor, control.WaitingQuery) (done int, left []control.NotReleased, err error)
}

type memberControl interface {
	Members(context.Context, skein.Actor) ([]skein.Member, error)
	Member(ctx context.Context, actor skein.Actor, name string) (skein.Member, error)
	ConfigMember(context.Context, skein.Actor, control.NewMember) (control.MemberResult, error)
	AddMember(context.Context, skein.Actor, control.NewMember) (control.MemberResult, error)
	TestMember(ctx context.Context, actor skein.Actor, name string) (control.MemberResult, error)
	SetMemberState(ctx context.Context, actor skein.Actor, name string, enable bool) (skein.Member, error)
	RemoveMember(ctx context.Context, actor skein.Actor, name string, clean bool) (int, error)
	Served(ctx context.Context, actor skein.Actor, member string, name zone.Name) (zone.Contents, error)
}

type poolControl interface {
	Pools(context.Context, skein.Actor) ([]skein.Pool, error)
	Pool(ctx context.Context, actor skein.Actor, name string) (skein.Pool, error)
	EditPool(ctx context.Context, actor skein.Actor, name string, set skein.EditPool) (skein.Pool, error)
}

type accessControl interface {
	Authenticate(ctx context.Context, secret string) (skein.Actor, error)
	Claim(ctx context.Context, code string) (control.NewToken, error)
	CreateToken(ctx context.Context, actor skein.Actor, name, source string, admin bool, expires time.Time) (control.NewToken, error)
	Tokens(context.Context, skein.Actor) ([]skein.Token, error)
	DeleteToken(ctx context.Context, actor skein.Actor, id string) error
	Status(context.Context, skein.Actor) (skein.Status, error)
	TryNotices(context.Context, skein.Actor) ([]skein.NoticeTrial, error)
	Subscribe() (events <-chan skein.Event, stop func())
}
