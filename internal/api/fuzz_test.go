package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// refusing is a control that does nothing: what reaches it was decoded.
type refusing struct{}

var errNothing = &skein.Error{Kind: skein.KindNotFound, What: "there is nothing here"}

type (
	ctx   = context.Context
	actor = skein.Actor
)

func (refusing) PutZone(ctx, actor, control.PutZone) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) EditRecords(ctx, actor, control.EditRecords) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) DeleteZone(ctx, actor, control.DeleteZone) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) RestoreZone(ctx, actor, control.RestoreZone) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) UndeleteZone(ctx, actor, control.UndeleteZone) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) Deleted(ctx, actor, skein.Revision, string, int) ([]skein.DeletedZone, error) {
	return nil, nil
}
func (refusing) Check(ctx, actor, zone.Name, []zone.RRset, bool) ([]skein.Problem, error) {
	return nil, nil
}
func (refusing) Zone(ctx, actor, zone.Name) (skein.Zone, error) { return skein.Zone{}, errNothing }
func (refusing) List(ctx, actor, control.Page) ([]skein.Zone, error) {
	return nil, nil
}

// Contents lets comparisons go on.
func (refusing) Contents(ctx, actor, zone.Name) (skein.Zone, zone.Contents, error) {
	c, err := zone.NewContents("example.com.", nil)
	return skein.Zone{Name: "example.com."}, c, err
}
func (refusing) ContentsAt(ctx, actor, zone.Name, skein.Revision) (zone.Contents, error) {
	return zone.Contents{}, errNothing
}
func (refusing) History(ctx, actor, zone.Name, int) ([]skein.Change, error)     { return nil, nil }
func (refusing) Audit(ctx, actor, skein.AuditQuery) ([]skein.AuditEntry, error) { return nil, nil }
func (refusing) AuditDiff(ctx, actor, int64) ([]string, error)                  { return nil, errNothing }
func (refusing) Receipt(ctx, actor, zone.Name, skein.Revision) (skein.Receipt, error) {
	return skein.Receipt{}, nil
}
func (refusing) Wait(ctx, actor, zone.Name, skein.Revision, string) (skein.Receipt, error) {
	return skein.Receipt{}, nil
}
func (refusing) Sources(ctx, actor) ([]skein.Source, error) { return nil, nil }
func (refusing) Source(ctx, actor, string) (skein.Source, error) {
	return skein.Source{}, errNothing
}
func (refusing) AddSource(ctx, actor, control.NewSource) (skein.Source, error) {
	return skein.Source{}, nil
}
func (refusing) EditSource(ctx, actor, control.NewSource) (skein.Source, error) {
	return skein.Source{}, nil
}
func (refusing) RemoveSource(ctx, actor, control.RemoveSource) (skein.SourceRemoval, error) {
	return skein.SourceRemoval{}, nil
}
func (refusing) RevertSource(ctx, actor, control.RevertSource) (skein.Revert, error) {
	return skein.Revert{}, nil
}
func (refusing) Rules(ctx, actor) ([]skein.SourceRule, error)  { return nil, nil }
func (refusing) PutRule(ctx, actor, skein.SourceRule) error    { return nil }
func (refusing) DeleteRule(ctx, actor, skein.SourceRule) error { return nil }
func (refusing) AddTransferZone(ctx, actor, skein.TransferZone) (bool, error) {
	return false, nil
}
func (refusing) ChangeTransferZone(ctx, actor, skein.TransferZone) error { return nil }
func (refusing) DeleteTransferZone(ctx, actor, zone.Name) error          { return nil }
func (refusing) TransferZone(ctx, actor, zone.Name) (skein.TransferZone, error) {
	return skein.TransferZone{}, errNothing
}
func (refusing) TransferZones(ctx, actor, control.TransferQuery) ([]skein.TransferZone, error) {
	return nil, nil
}
func (refusing) TakeOver(ctx, actor, control.TakeOver) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) SetOwner(ctx, actor, control.SetOwner) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) OverlaysAt(ctx, actor, zone.Name, []zone.Name) ([]skein.Overlay, error) {
	return nil, nil
}
func (refusing) EndOverlay(ctx, actor, control.EndOverlay) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) Waiting(ctx, actor, control.WaitingQuery) ([]skein.Waiting, error) {
	return nil, nil
}
func (refusing) WaitingDetail(ctx, actor, int64) (skein.WaitingDetail, error) {
	return skein.WaitingDetail{}, nil
}
func (refusing) Release(ctx, actor, control.Decision) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) Discard(ctx, actor, control.Decision) error { return errNothing }
func (refusing) ReleaseAll(ctx, actor, control.WaitingQuery) (int, []control.NotReleased, error) {
	return 0, []control.NotReleased{{ID: 1, Err: errNothing}}, nil
}
func (refusing) DiscardAll(ctx, actor, control.WaitingQuery) (int, []control.NotReleased, error) {
	return 0, nil, errNothing
}
func (refusing) Admit(ctx, actor) error                                { return nil }
func (refusing) KindsOfMembers(ctx, actor) ([]skein.DriverInfo, error) { return nil, nil }
func (refusing) Members(ctx, actor) ([]skein.Member, error)            { return nil, nil }
func (refusing) ImportMember(ctx, actor, control.ImportMember, func(skein.ImportStep) error) error {
	return errNothing
}
func (refusing) Member(ctx, actor, string) (skein.Member, error) {
	return skein.Member{}, errNothing
}
func (refusing) ConfigMember(ctx, actor, control.NewMember) (control.MemberResult, error) {
	return control.MemberResult{}, nil
}
func (refusing) AddMember(ctx, actor, control.NewMember) (control.MemberResult, error) {
	return control.MemberResult{}, nil
}
func (refusing) TestMember(ctx, actor, string) (control.MemberResult, error) {
	return control.MemberResult{}, errNothing
}
func (refusing) EditMember(ctx, actor, control.EditMember) (control.MemberResult, error) {
	return control.MemberResult{}, errNothing
}
func (refusing) ReplaceMember(ctx, actor, control.EditMember) (control.MemberResult, error) {
	return control.MemberResult{}, nil
}
func (refusing) SetMemberState(_ ctx, _ actor, in control.SetMemberState) (control.MemberResult, error) {
	return control.MemberResult{Plan: &skein.MemberPlan{Member: in.Name}}, nil
}
func (refusing) RemoveMember(ctx, actor, control.RemoveMember) (skein.MemberRemoval, error) {
	return skein.MemberRemoval{}, nil
}
func (refusing) ClusterSettings(ctx, actor) (skein.ClusterSettings, error) {
	return skein.ClusterSettings{}, nil
}
func (refusing) EditCluster(ctx, actor, skein.EditCluster, *int) (skein.ClusterSettings, error) {
	return skein.ClusterSettings{}, nil
}
func (refusing) SetClustering(ctx, actor, bool) (skein.ClusterSettings, error) {
	return skein.ClusterSettings{}, nil
}
func (refusing) Sync(ctx, actor, skein.SyncRequest) (skein.SyncJob, error) {
	return skein.SyncJob{}, nil
}
func (refusing) SyncJobs(ctx, actor) ([]skein.SyncJob, error) { return nil, nil }
func (refusing) SyncJob(ctx, actor, string) (skein.SyncJob, error) {
	return skein.SyncJob{}, errNothing
}
func (refusing) CancelSync(ctx, actor, string) (skein.SyncJob, error) {
	return skein.SyncJob{}, nil
}
func (refusing) MemberLog(ctx, actor, string, bool, func([]byte) error) error { return nil }
func (refusing) Served(ctx, actor, string, zone.Name) (zone.Contents, error) {
	return zone.Contents{}, errNothing
}
func (refusing) Lookup(ctx, actor, zone.Name, zone.Type) (skein.Lookup, error) {
	return skein.Lookup{}, errNothing
}
func (refusing) Trace(ctx, actor, zone.Name) (skein.Trace, error)   { return skein.Trace{}, errNothing }
func (refusing) TryNotices(ctx, actor) ([]skein.NoticeTrial, error) { return nil, errNothing }
func (refusing) Pools(ctx, actor) ([]skein.Pool, error)             { return nil, nil }
func (refusing) Pool(ctx, actor, string) (skein.Pool, error) {
	return skein.Pool{}, errNothing
}
func (refusing) EditPool(ctx, actor, string, skein.EditPool, *int) (skein.Pool, error) {
	return skein.Pool{}, nil
}
func (refusing) AddPool(ctx, actor, skein.NewPool) (skein.Pool, error) { return skein.Pool{}, nil }
func (refusing) Templates(ctx, actor) ([]skein.Template, error)        { return nil, nil }
func (refusing) Template(ctx, actor, string, string) (skein.Template, error) {
	return skein.Template{}, errNothing
}
func (refusing) PutTemplate(ctx, actor, control.PutTemplate) (skein.Template, error) {
	return skein.Template{}, nil
}
func (refusing) DeleteTemplate(ctx, actor, string, string, *int) error     { return errNothing }
func (refusing) CheckTemplate(ctx, actor, string) ([]skein.Problem, error) { return nil, nil }
func (refusing) CreateFromTemplate(ctx, actor, control.TemplateZone) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) ResetZone(ctx, actor, control.ResetZone) (control.Result, error) {
	return control.Result{}, errNothing
}
func (refusing) ServiceDomains(ctx, actor, control.ServiceDomains) (control.ServiceDomainsPart, error) {
	return control.ServiceDomainsPart{Zones: []control.ServiceDomainsZone{{Err: errNothing}}, Next: "example.com."}, nil
}
func (refusing) RemovePool(ctx, actor, string, *int) error { return errNothing }
func (refusing) ShareMember(ctx, actor, control.ShareMember) (control.MemberResult, error) {
	return control.MemberResult{}, errNothing
}
func (refusing) UnshareMember(ctx, actor, control.ShareMember) (control.MemberResult, error) {
	return control.MemberResult{}, errNothing
}
func (refusing) Authenticate(ctx, string) (skein.Actor, error) { return skein.Actor{}, nil }
func (refusing) Claim(ctx, string) (control.NewToken, error) {
	return control.NewToken{}, errNothing
}
func (refusing) CreateToken(ctx, actor, skein.CreateToken) (control.NewToken, error) {
	return control.NewToken{}, nil
}
func (refusing) Tenants(ctx, actor) ([]skein.Tenant, error) { return nil, nil }
func (refusing) Tenant(ctx, actor, string) (skein.Tenant, error) {
	return skein.Tenant{}, errNothing
}
func (refusing) AddTenant(ctx, actor, skein.Tenant) (skein.Tenant, error) {
	return skein.Tenant{}, nil
}
func (refusing) EditTenant(ctx, actor, control.EditTenant) (skein.Tenant, error) {
	return skein.Tenant{}, nil
}
func (refusing) RemoveTenant(ctx, actor, string) error  { return errNothing }
func (refusing) Users(ctx, actor) ([]skein.User, error) { return nil, nil }
func (refusing) User(ctx, actor, string) (skein.User, error) {
	return skein.User{}, errNothing
}
func (refusing) AddUser(ctx, actor, control.NewUser) (skein.User, error) {
	return skein.User{}, nil
}
func (refusing) EditUser(ctx, actor, control.EditUser) (skein.User, error) {
	return skein.User{}, nil
}
func (refusing) RemoveUser(ctx, actor, string) error               { return errNothing }
func (refusing) SetPassword(ctx, actor, control.SetPassword) error { return errNothing }
func (refusing) BeginTOTP(ctx, actor) (skein.TOTPSetup, error)     { return skein.TOTPSetup{}, nil }
func (refusing) ConfirmTOTP(ctx, actor, string) error              { return nil }
func (refusing) DropTOTP(ctx, actor, string) error                 { return errNothing }
func (refusing) Login(ctx, control.Login) (control.NewSession, error) {
	return control.NewSession{}, errNothing
}
func (refusing) Logout(ctx, string) error                             { return errNothing }
func (refusing) Sessions(ctx, actor, string) ([]skein.Session, error) { return nil, errNothing }
func (refusing) EndSession(ctx, actor, string, string) error          { return errNothing }
func (refusing) Tokens(ctx, actor) ([]skein.Token, error)             { return nil, nil }
func (refusing) DeleteToken(ctx, actor, string) error                 { return nil }
func (refusing) Status(ctx, actor) (skein.Status, error)              { return skein.Status{}, nil }
func (refusing) Hears(ctx, actor, skein.Event) bool                   { return false }
func (refusing) Subscribe() (<-chan skein.Event, func()) {
	ended := make(chan skein.Event)
	close(ended)
	return ended, func() {}
}

// Whatever arrives, the answer is a success or a problem document, and no
// request makes the server stumble.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", "/api/v1/zones?limit=5&cursor=ZXhhbXBsZS5jb20u", ""},
		{"POST", "/api/v1/zones", `{"name":"example.com","file":"@ SOA ns host 1 2 3 4 5\n@ NS ns\n"}`},
		{"POST", "/api/v1/zones:check", `{"name":"bücher.example","records":[{"name":"bücher.example","type":"TXT","ttl":1,"data":["\"a\\\"b\" c"]}]}`},
		{"PUT", "/api/v1/zones/0%2F25.2.0.192.in-addr.arpa./file", "$GENERATE 1-3 $ PTR host$.example.\n"},
		{"PATCH", "/api/v1/zones/example.com/records", `{"edits":[{"op":"set","name":"www.example.com","type":"A","data":["192.0.2.1"]},{"op":"delete","name":"x.example.com"}]}`},
		{"POST", "/api/v1/zones/example.com/diff", "@ SOA ns host 1 2 3 4 5\n"},
		{"POST", "/api/v1/zones/example.com/restore", `{"to":17,"dry_run":true}`},
		{"POST", "/api/v1/zones/example.com/undelete", `{}`},
		{"GET", "/api/v1/zones:deleted?cursor=MTc&limit=2", ""},
		{"POST", "/api/v1/sources", `{"name":"ns-old","door":"transfer","networks":["192.0.2.0/24"],"silence":86400000000000,"transfer":{"primaries":[{"address":"192.0.2.1:53","key":"xfr","tls":"opportunistic"}],"catalogs":["cat.example."]},"secrets":{"keys":[{"name":"xfr","algorithm":"hmac-sha256","secret":"AAAA"}]}}`},
		{"PUT", "/api/v1/sources/ns-old", `{"name":"ns-old","paused":true}`},
		{"DELETE", "/api/v1/sources/ns-old?zones=hand-over&to=plesk-1&dry_run=true", ""},
		{"POST", "/api/v1/sources/plesk-1/revert", `{"since":"2026-11-24T09:30:00Z","dry_run":true}`},
		{"PUT", "/api/v1/source-rules/takeover/plesk-1/plesk%2F2", ""},
		{"POST", "/api/v1/transfer-zones", `{"name":"example.com","source":"ns-old","primaries":[{"address":"[2001:db8::1]:853","pin":"AAAA="}]}`},
		{"GET", "/api/v1/transfer-zones?source=ns-old&catalog=cat.example&cursor=AGE", ""},
		{"GET", "/api/v1/waiting?kind=hold&kind=approval&zone=example.com&cursor=MTc", ""},
		{"POST", "/api/v1/waiting/17/release", ""},
		{"POST", "/api/v1/waiting:discard", `{"kinds":["hold"],"source":"plesk-1"}`},
		{"DELETE", "/api/v1/zones/example.com/overlays/_acme-challenge.example.com/TXT?dry_run=true", ""},
		{"POST", "/api/v1/zones/example.com/takeover", `{"to":"plesk-2"}`},
		{"GET", "/api/v1/zones/%2E/records?cursor=AABB", ""},
		{"GET", "/api/v1/zones/example.com/wait?for=majority&timeout=1s&revision=18446744073709551615", ""},
		{"POST", "/api/v1/members", `{"name":"ns2","address":"2001:db8::53","primaries":[{"address":"192.0.2.1","port":53}],"secrets":{"rndc":"AAAA"}}`},
		{"PATCH", "/api/v1/members/ns2", `{"role":"write-only","address":"192.0.2.54","port":0,"secrets":{"tsig":""},"dry_run":true}`},
		{"PUT", "/api/v1/members/ns2/replacement", `{}`},
		{"POST", "/api/v1/members/ns2/observe", ""},
		{"GET", "/api/v1/members/ns2/plan", ""},
		{"DELETE", "/api/v1/members/ns2?clean=true&dry_run=true", ""},
		{"PATCH", "/api/v1/cluster", `{"threshold":-1,"keep_online":true,"trusted":["192.0.2.0/24","::/0"]}`},
		{"POST", "/api/v1/cluster/disable", ""},
		{"GET", "/api/v1/members/ns2/log?follow=true", ""},
		{"POST", "/api/v1/sync", `{"zone":"example.com.","to_all":true,"from":["web1"],"unconfigured":true,"dry_run":true}`},
		{"DELETE", "/api/v1/sync/%2E", ""},
		{"PUT", "/api/v1/pools/default", `{"nameservers":[{"name":"ns1.example.net","addresses":["2001:db8::53"]}],"mname":"ns1.example.net","rule":"replace"}`},
		{"POST", "/api/v1/pools", `{"name":"north","tenant":"north"}`},
		{"PUT", "/api/v1/templates/standard", `{"tenant":"north","text":"@ A %ip%\n"}`},
		{"DELETE", "/api/v1/templates/standard?tenant=north", ``},
		{"POST", "/api/v1/templates:check", `{"text":"@ A %ip%\n"}`},
		{"POST", "/api/v1/zones:template", `{"name":"example.com","template":"simple","ip":"192.0.2.10","ipv6":"2001:db8::10","values":{"ttl":"60"}}`},
		{"POST", "/api/v1/zones/example.com/reset", `{"ip":"192.0.2.10"}`},
		{"POST", "/api/v1/zones:services", `{"action":"add","domain":"example.com","replace":true}`},
		{"PUT", "/api/v1/pools/north/members/ns2.example.net?dry_run=true", `{"role":"synchronize"}`},
		{"POST", "/api/v1/tokens", `{"name":"x","expires":"2027-01-01T00:00:00Z"}`},
		{"POST", "/api/v1/tokens", `{"name":"x","role":"reseller","tenant":"north","scope":{"permissions":["records"],"zones":["*.example.com."],"networks":["2001:db8::/32"]}}`},
		{"DELETE", "/api/v1/tokens/%00", ""},
		{"POST", "/api/v1/tenants", `{"name":"north","kind":"reseller","clustering":true}`},
		{"PATCH", "/api/v1/tenants/north", `{"pool":"","clustering":false}`},
		{"POST", "/api/v1/users", `{"name":"anna","tenant":"north","role":"read-only","password":"correct horse battery"}`},
		{"PATCH", "/api/v1/users/anna", `{"disabled":true}`},
		{"PUT", "/api/v1/users/anna/password", `{"old":"\u0000","new":"x"}`},
		{"DELETE", "/api/v1/users/anna/sessions/%2F", ""},
		{"PUT", "/api/v1/me/totp", `{"code":"000000"}`},
		{"POST", "/api/v1/sessions", `{"user":"anna","password":"x","code":"1","cookie":true}`},
		{"DELETE", "/api/v1/sessions/current", ""},
		{"GET", "/api/v1/audit?zone=example.com&since=2026-11-25T00:00:00Z&until=x&refused=true&cursor=MTc", ""},
		{"GET", "/api/v1/audit/-1/diff", ""},
		{"POST", "/api/v1/zones/example.com/assign", `{"tenant":"north","dry_run":true}`},
		{"POST", "/api/v1/doors/plesk", `[{"command":"delete"}]`},
		{"OPTIONS", "/../..//api", "{"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	handler := New(Config{Control: refusing{}, MaxRecords: 1000, Log: slog.New(slog.DiscardHandler), LocalActor: func(*http.Request) (skein.Actor, bool) { return skein.Actor{Name: "fuzz"}, true }})
	f.Fuzz(func(t *testing.T, method, target, body string) {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://skein"+target, strings.NewReader(body))
		if err != nil {
			return // nothing that a server could be sent
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w.Code >= 400 {
			var doc skein.ErrorDocument
			if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || doc.Status != w.Code || doc.Kind == "" || doc.Detail == "" {
				t.Fatalf("%d is not explained: %v %s", w.Code, err, w.Body)
			}
		}
	})
}
