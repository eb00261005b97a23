package api

import (
	"context"

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
	clusterControl
	syncControl
	poolControl
	templateControl
	tenantControl
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
	Audit(context.Context, skein.Actor, skein.AuditQuery) ([]skein.AuditEntry, error)
	AuditDiff(ctx context.Context, actor skein.Actor, seq int64) ([]string, error)
	Receipt(ctx context.Context, actor skein.Actor, name zone.Name, at skein.Revision) (skein.Receipt, error)
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
	SetOwner(context.Context, skein.Actor, control.SetOwner) (control.Result, error)
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
	KindsOfMembers(context.Context, skein.Actor) ([]skein.DriverInfo, error)
	Members(context.Context, skein.Actor) ([]skein.Member, error)
	Member(ctx context.Context, actor skein.Actor, name string) (skein.Member, error)
	ImportMember(ctx context.Context, actor skein.Actor, in control.ImportMember, each func(skein.ImportStep) error) error
	ConfigMember(context.Context, skein.Actor, control.NewMember) (control.MemberResult, error)
	AddMember(context.Context, skein.Actor, control.NewMember) (control.MemberResult, error)
	TestMember(ctx context.Context, actor skein.Actor, name string) (control.MemberResult, error)
	EditMember(context.Context, skein.Actor, control.EditMember) (control.MemberResult, error)
	ReplaceMember(context.Context, skein.Actor, control.EditMember) (control.MemberResult, error)
	SetMemberState(context.Context, skein.Actor, control.SetMemberState) (control.MemberResult, error)
	RemoveMember(context.Context, skein.Actor, control.RemoveMember) (skein.MemberRemoval, error)
	MemberLog(ctx context.Context, actor skein.Actor, name string, follow bool, each func(line []byte) error) error
	Served(ctx context.Context, actor skein.Actor, member string, name zone.Name) (zone.Contents, error)
	Lookup(ctx context.Context, actor skein.Actor, name zone.Name, of zone.Type) (skein.Lookup, error)
	Trace(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Trace, error)
}

type clusterControl interface {
	ClusterSettings(context.Context, skein.Actor) (skein.ClusterSettings, error)
	EditCluster(ctx context.Context, actor skein.Actor, edit skein.EditCluster, expect *int) (skein.ClusterSettings, error)
	SetClustering(ctx context.Context, actor skein.Actor, enable bool) (skein.ClusterSettings, error)
}

type syncControl interface {
	Sync(context.Context, skein.Actor, skein.SyncRequest) (skein.SyncJob, error)
	SyncJobs(context.Context, skein.Actor) ([]skein.SyncJob, error)
	SyncJob(ctx context.Context, actor skein.Actor, id string) (skein.SyncJob, error)
	CancelSync(ctx context.Context, actor skein.Actor, id string) (skein.SyncJob, error)
}

type poolControl interface {
	Pools(context.Context, skein.Actor) ([]skein.Pool, error)
	Pool(ctx context.Context, actor skein.Actor, name string) (skein.Pool, error)
	AddPool(context.Context, skein.Actor, skein.NewPool) (skein.Pool, error)
	EditPool(ctx context.Context, actor skein.Actor, name string, set skein.EditPool, expect *int) (skein.Pool, error)
	RemovePool(ctx context.Context, actor skein.Actor, name string, expect *int) error
	ShareMember(context.Context, skein.Actor, control.ShareMember) (control.MemberResult, error)
	UnshareMember(context.Context, skein.Actor, control.ShareMember) (control.MemberResult, error)
}

type templateControl interface {
	Templates(context.Context, skein.Actor) ([]skein.Template, error)
	Template(ctx context.Context, actor skein.Actor, tenant, name string) (skein.Template, error)
	PutTemplate(context.Context, skein.Actor, control.PutTemplate) (skein.Template, error)
	DeleteTemplate(ctx context.Context, actor skein.Actor, tenant, name string, expect *int) error
	CheckTemplate(ctx context.Context, actor skein.Actor, text string) ([]skein.Problem, error)
	CreateFromTemplate(context.Context, skein.Actor, control.TemplateZone) (control.Result, error)
	ResetZone(context.Context, skein.Actor, control.ResetZone) (control.Result, error)
	ServiceDomains(context.Context, skein.Actor, control.ServiceDomains) (control.ServiceDomainsPart, error)
}

type tenantControl interface {
	Tenants(context.Context, skein.Actor) ([]skein.Tenant, error)
	Tenant(ctx context.Context, actor skein.Actor, name string) (skein.Tenant, error)
	AddTenant(context.Context, skein.Actor, skein.Tenant) (skein.Tenant, error)
	EditTenant(context.Context, skein.Actor, control.EditTenant) (skein.Tenant, error)
	RemoveTenant(ctx context.Context, actor skein.Actor, name string) error

	Users(context.Context, skein.Actor) ([]skein.User, error)
	User(ctx context.Context, actor skein.Actor, name string) (skein.User, error)
	AddUser(context.Context, skein.Actor, control.NewUser) (skein.User, error)
	EditUser(context.Context, skein.Actor, control.EditUser) (skein.User, error)
	RemoveUser(ctx context.Context, actor skein.Actor, name string) error
	SetPassword(context.Context, skein.Actor, control.SetPassword) error
	BeginTOTP(context.Context, skein.Actor) (skein.TOTPSetup, error)
	ConfirmTOTP(ctx context.Context, actor skein.Actor, code string) error
	DropTOTP(ctx context.Context, actor skein.Actor, name string) error

	Login(context.Context, control.Login) (control.NewSession, error)
	Logout(ctx context.Context, secret string) error
	Sessions(ctx context.Context, actor skein.Actor, user string) ([]skein.Session, error)
	EndSession(ctx context.Context, actor skein.Actor, user, id string) error
}

type accessControl interface {
	Authenticate(ctx context.Context, secret string) (skein.Actor, error)
	Claim(ctx context.Context, code string) (control.NewToken, error)
	CreateToken(context.Context, skein.Actor, skein.CreateToken) (control.NewToken, error)
	Tokens(context.Context, skein.Actor) ([]skein.Token, error)
	DeleteToken(ctx context.Context, actor skein.Actor, id string) error
	Status(context.Context, skein.Actor) (skein.Status, error)
	TryNotices(context.Context, skein.Actor) ([]skein.NoticeTrial, error)
	Subscribe() (events <-chan skein.Event, stop func())
	Hears(context.Context, skein.Actor, skein.Event) bool
}
