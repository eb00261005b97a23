package api_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/api"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/door/plesk"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store/sqlite"
	"github.com/skein-dns/skein/zone"
)

// tenant is whose something is. The names are such that nothing else has them
// in it: an answer that says one tells of that tenant.
type tenant string

// The tenants of the table; the last ones are no tenants of their own.
const (
	hq      tenant = "hqco"      // root's things
	north   tenant = "northco"   // a reseller that may have members
	south   tenant = "southco"   // a reseller that may not
	rival   tenant = "rivalco"   // another reseller, with a pool and members
	shop    tenant = "shopco"    // a customer of north
	panel   tenant = "panelco"   // a panel of root's
	outside tenant = "outsideco" // north's, but not what its token is limited to
	nobodys tenant = "nobodyco"  // what does not exist
)

var tenants = []tenant{hq, north, south, rival, shop, panel, outside, nobodys}

// caller is a column of the table.
type caller struct {
	name  string
	owns  tenant   // whose things are its own
	knows []tenant // whose names it may hear
	// What it comes with: a person's session, a token, or nothing.
	person *skein.User
	token  *skein.CreateToken
}

// others is whose things are another's.
func (c caller) others() tenant {
	if c.owns == rival {
		return north
	}
	return rival
}

// callers are the columns, in order.
var callers = []caller{
	{name: "root", owns: hq, knows: tenants, person: &skein.User{Name: "anna-hqco", Role: skein.RoleRoot}},
	{name: "root, read-only", owns: hq, knows: tenants, person: &skein.User{Name: "wall-hqco", Role: skein.RoleReadOnly}},
	{name: "reseller with clustering", owns: north, knows: northern, person: &skein.User{Name: "nora-northco", Tenant: "northco", Role: skein.RoleReseller}},
	{name: "the same, of a customer", owns: shop, knows: northern, person: &skein.User{Name: "nils-northco", Tenant: "northco", Role: skein.RoleReseller}},
	{name: "its read-only user", owns: north, knows: northern, person: &skein.User{Name: "nell-northco", Tenant: "northco", Role: skein.RoleReadOnly}},
	{name: "reseller without clustering", owns: south, knows: []tenant{south}, person: &skein.User{Name: "sven-southco", Tenant: "southco", Role: skein.RoleReseller}},
	{name: "customer", owns: shop, knows: []tenant{shop}, person: &skein.User{Name: "sam-shopco", Tenant: "shopco", Role: skein.RoleCustomer}},
	{name: "another reseller", owns: rival, knows: []tenant{rival}, person: &skein.User{Name: "rita-rivalco", Tenant: "rivalco", Role: skein.RoleReseller}},
	{name: "panel's token", owns: panel, knows: []tenant{panel}, token: &skein.CreateToken{Name: "plesk-panelco", Source: "panelco"}},
	{name: "token for zones", owns: north, knows: []tenant{north}, token: forZones("near")},
	{name: "the same, of other zones", owns: outside, knows: []tenant{north}, token: forZones("other")},
	{name: "token with the permission records", owns: north, knows: northern, token: &skein.CreateToken{Name: "records-northco", Tenant: "northco",
		Role: skein.RoleReseller, Scope: skein.Scope{Permissions: []skein.Permission{skein.PermitRecords}}}},
	{name: "token from a wrong network", owns: north, knows: []tenant{north}, token: &skein.CreateToken{Name: "far-northco", Tenant: "northco",
		Role: skein.RoleReseller, Scope: skein.Scope{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}},
	{name: "expired token", owns: north, token: &skein.CreateToken{Name: "late-northco", Tenant: "northco", Role: skein.RoleReseller, Expires: start.Add(time.Minute)}},
	{name: "nobody", owns: north},
}

var (
	northern = []tenant{north, shop, outside}
	start    = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
)

func forZones(name string) *skein.CreateToken {
	return &skein.CreateToken{Name: name + "-northco", Tenant: "northco", Role: skein.RoleReseller, Scope: skein.Scope{Zones: []zone.Name{"*.northco.example."}}}
}

// isolated is a control over a real store, a fake cluster, and its API over HTTP.
type isolated struct {
	*control.Control
	t       *testing.T // of the row that is looked at
	own     bool       // whether the call is about something of the caller's
	ctx     context.Context
	store   *sqlite.Store
	url     string
	secrets map[string]string // of callers, by name
	actors  map[tenant]skein.Actor

	mu   sync.Mutex // owns what follows
	now  time.Time
	made int
}

func newIsolated(t *testing.T) *isolated {
	t.Helper()
	w := &isolated{t: t, ctx: context.Background(), now: start, secrets: map[string]string{}, actors: map[tenant]skein.Actor{}}
	dir := t.TempDir()
	sealer, err := secret.Load(filepath.Join(dir, "key"), true)
	w.check(err)
	w.store, err = sqlite.Open(context.Background(), filepath.Join(dir, "skein.db"), sqlite.Options{Now: w.clock})
	w.check(err)
	t.Cleanup(func() { w.store.Close() })
	w.Control, err = control.New(control.Config{
		Store: w.store, Cluster: &fakeCluster{}, Sealer: sealer, Now: w.clock, Keep: 30 * 24 * time.Hour,
		Drivers: []control.Driver{
			{Name: "bind", Roles: []skein.Role{skein.RoleWriteOnly}, Needs: control.Needs{RNDC: true, Transfer: true}},
			{Name: "any", Roles: []skein.Role{skein.RoleWriteOnly, skein.RoleSynchronize, skein.RoleStandalone}, Needs: control.Needs{RNDC: true, Transfer: true}},
		},
		DebugLog: func(_ context.Context, _ string, _ bool, each func([]byte) error) error { return each([]byte("{}\n")) },
		Trace: func(_ context.Context, name zone.Name, _ []zone.Name, _ func(netip.Addr) bool) skein.Trace {
			return skein.Trace{Zone: name}
		},
		Primaries: func(netip.Addr) []skein.Primary {
			return []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1"), Port: 53}}
		},
	})
	w.check(err)
	w.check(w.Start(context.Background()))
	door := plesk.New(w.Control, plesk.Nameservers{}, nil)
	server := httptest.NewServer(api.New(api.Config{Control: w.Control, Log: slog.New(slog.DiscardHandler), PleskDoor: door.Handle, Now: w.clock}))
	t.Cleanup(server.Close)
	w.url = server.URL
	w.settle()
	return w
}

// password is everybody's.
const password = "correct horse battery"

// settle makes tenants, pools, people and tokens.
func (w *isolated) settle() {
	for _, t := range []skein.Tenant{
		{Name: string(north), Clustering: true}, {Name: string(south)}, {Name: string(rival), Clustering: true},
		{Name: string(shop), Kind: skein.TenantCustomer, Parent: string(north)},
	} {
		w.must(w.AddTenant(w.ctx, rootActor, t))
	}
	w.must(w.AddPool(w.ctx, rootActor, skein.NewPool{Name: sparePool}))
	for _, of := range []tenant{north, rival} {
		w.must(w.AddPool(w.ctx, rootActor, skein.NewPool{Name: string(of), Tenant: string(of)}))
	}
	for _, c := range callers {
		switch {
		case c.person != nil:
			w.must(w.AddUser(w.ctx, rootActor, control.NewUser{User: *c.person, Password: password}))
			w.signIn(c)
		case c.token != nil:
			token, err := w.CreateToken(w.ctx, rootActor, *c.token)
			w.check(err)
			w.secrets[c.name] = token.Secret
		default:
			continue
		}
		actor, err := w.Authenticate(w.ctx, w.secrets[c.name])
		w.check(err)
		if _, there := w.actors[c.owns]; !there && actor.Tenant == tenantName(c.owns) {
			w.actors[c.owns] = actor
		}
	}
	w.actors[outside] = w.actors[north]
	w.later(time.Hour)
}

func (w *isolated) signIn(c caller) {
	session, err := w.Login(w.ctx, control.Login{User: c.person.Name, Password: password})
	w.check(err)
	w.secrets[c.name] = session.Secret
}

// discard drops all that waits for a person.
func (w *isolated) discard() (int, error) {
	done, _, err := w.DiscardAll(w.ctx, rootActor, control.WaitingQuery{})
	return done, err
}

// tenantName is the tenant of the name in Skein's words.
func tenantName(of tenant) string {
	switch of {
	case hq, panel:
		return skein.RootTenant
	case outside:
		return string(north)
	}
	return string(of)
}

// sparePool is a pool of root's beside its default one.
const sparePool = "spare-hqco"

// poolName is the pool that serves the zones of a tenant.
func poolName(of tenant) string {
	switch of {
	case hq, panel:
		return skein.DefaultPool
	case outside, shop:
		return string(north)
	}
	return string(of)
}

// clock stands still, but for refused callers: see send.
func (w *isolated) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *isolated) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// must wants what gave these to have worked.
func (w *isolated) must(_ any, err error) {
	w.t.Helper()
	w.check(err)
}

func (w *isolated) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// rootActor is the administrator on the machine.
var rootActor = skein.Actor{Name: "admin", Door: "cli", Source: "admin", Admin: true}
