package control_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// The people of the tenants below root: a reseller with a cluster of its own,
// one without, and a customer of the first.
var (
	henry = skein.Actor{Name: "henry", Door: "api", Source: "hosting", Tenant: "hosting", Role: skein.RoleReseller}
	olga  = skein.Actor{Name: "olga", Door: "api", Source: "other", Tenant: "other", Role: skein.RoleReseller}
	sam   = skein.Actor{Name: "sam", Door: "api", Source: "shop", Tenant: "shop", Role: skein.RoleCustomer}
	guest = skein.Actor{Name: "guest", Door: "api", Source: "hosting", Tenant: "hosting", Role: skein.RoleReadOnly}
)

// newTenants is a world with those tenants, and members of every role.
func newTenants(t *testing.T) *world {
	t.Helper()
	w := newWorldWith(t, func(c *control.Config) {
		c.Drivers = []control.Driver{{Name: "panel", Roles: []skein.Role{skein.RoleSynchronize, skein.RoleWriteOnly, skein.RoleStandalone}, Needs: control.Needs{RNDC: true, Transfer: true}}, {Name: "bind", Roles: []skein.Role{skein.RoleWriteOnly}, Needs: control.Needs{RNDC: true, Transfer: true, Primary: anyMember}},
			{Name: "tls", Roles: []skein.Role{skein.RoleWriteOnly}, Needs: control.Needs{API: 8952, Transfer: true, Certificate: true}},
			{Name: "script", Roles: []skein.Role{skein.RoleWriteOnly}, Needs: control.Needs{NoAddress: true, Root: true}}}
	})
	for _, tenant := range []skein.Tenant{
		{Name: "hosting", Kind: skein.TenantReseller, Parent: skein.RootTenant, Clustering: true, Version: 1},
		{Name: "other", Kind: skein.TenantReseller, Parent: skein.RootTenant, Version: 1},
		{Name: "shop", Kind: skein.TenantCustomer, Parent: "hosting", Version: 1},
	} {
		w.must(w.store.PutTenant(w.ctx(), tenant, true))
	}
	return w
}

// enrol has root add a member to a pool.
func (w *world) enrol(name, pool string, role skein.Role) {
	w.t.Helper()
	w.hosts++
	_, err := w.AddMember(w.ctx(), anna, control.NewMember{Pending: true, Member: skein.Member{Name: name, Pool: pool, Role: role, Driver: "panel",
		Address: netip.AddrFrom4([4]byte{198, 51, 100, byte(w.hosts)}), Primaries: []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1"), Port: 5300}}}})
	w.must(err)
}

// ownPool has the reseller make its pool, with a member and a set of its own.
func (w *world) ownPool() {
	w.t.Helper()
	_, err := w.AddPool(w.ctx(), henry, skein.NewPool{})
	w.must(err)
	_, err = w.EditPool(w.ctx(), henry, "hosting", hosting, nil)
	w.must(err)
	w.enrol("ns-hosting", "hosting", skein.RoleWriteOnly)
}

// inPool wants a zone in a pool, and to have been in another before.
func (w *world) inPool(name zone.Name, pool, before string) {
	w.t.Helper()
	z, err := w.Zone(w.ctx(), anna, name)
	if err != nil || z.Pool != pool || z.PoolBefore != before {
		w.t.Errorf("%s is in the pool %q, was in %q (%v); want %q and %q", name, z.Pool, z.PoolBefore, err, pool, before)
	}
}

// quiet waits until no pool has anything on its way.
func (w *world) quiet() {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.ctx())
	done := make(chan error, 1)
	go func() { done <- w.ApplyPools(ctx) }()
	defer func() { stop(); w.must(<-done) }()
	w.until(func() bool {
		list, err := w.Pools(w.ctx(), anna)
		w.must(err)
		return !slices.ContainsFunc(list, func(p skein.Pool) bool {
			return p.Progress != nil && p.Progress.Ended.IsZero() || slices.ContainsFunc(p.Moves, func(m skein.PoolMove) bool { return m.Progress.Ended.IsZero() })
		})
	})
}

// A tenant's zones, and those of its customers, are served by its own pool: they
// go there, show its nameservers, and come back.
func TestATenantMovesToAPoolOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.put(anna, "root.example.", 1, "www A 192.0.2.1\n")
	first := w.put(henry, "hosting.example.", 1, "www A 192.0.2.2\n").Zone
	w.put(sam, "shop.example.", 1, "www A 192.0.2.3\n")
	w.put(olga, "other.example.", 1, "www A 192.0.2.4\n")

	_, err := w.AddPool(w.ctx(), henry, skein.NewPool{})
	w.must(err)
	w.refused(henry, "pool.move", func() error {
		_, err := w.MoveTenant(w.ctx(), henry, "hosting", "hosting", nil)
		return err
	}, skein.KindConflict, "served nowhere")
	w.enrol("ns-hosting", "hosting", skein.RoleStandalone)
	w.refused(henry, "pool.move", func() error {
		_, err := w.MoveTenant(w.ctx(), henry, "hosting", "hosting", nil)
		return err
	}, skein.KindConflict, "served nowhere")
	w.enrol("ns2-hosting", "hosting", skein.RoleWriteOnly)
	moved, err := w.MoveTenant(w.ctx(), henry, "hosting", "hosting", nil)
	if err != nil || moved.Pool != "hosting" || moved.Version != 2 {
		t.Fatalf("%+v, %v", moved, err)
	}
	if got := w.newestAudit(); got.Action != "pool.move hosting" || !slices.Equal(got.Diff, []string{"pool: hosting"}) {
		t.Errorf("recorded as %+v", got)
	}
	w.quiet()
	w.inPool("root.example.", "default", "")
	w.inPool("other.example.", "default", "")
	w.inPool("hosting.example.", "hosting", "default")
	w.inPool("shop.example.", "hosting", "default")
	z, err := w.Zone(w.ctx(), henry, "hosting.example.")
	if err != nil || z.Serial != first.Serial || z.Published != first.Published || z.Revision == first.Revision {
		t.Errorf("moved as it is: %+v, before %+v, %v", z, first, err)
	}
	p, err := w.Pool(w.ctx(), henry, "hosting")
	if err != nil || len(p.Moves) != 1 || p.Moves[0].Tenant != "hosting" || p.Moves[0].Progress.Done != 2 || p.Moves[0].Progress.Zones != 2 || p.Moves[0].Progress.Changed != 2 || !slices.Equal(p.Members, []string{"ns-hosting", "ns2-hosting"}) {
		t.Errorf("pool %+v, %v", p, err)
	}

	// Each pool's nameservers are those of its zones alone.
	_, err = w.EditPool(w.ctx(), henry, "hosting", hosting, nil)
	w.must(err)
	w.quiet()
	w.put(sam, "later.example.", 1, "")
	w.inPool("later.example.", "hosting", "")
	for _, name := range []zone.Name{"hosting.example.", "shop.example.", "later.example."} {
		w.shows(name, "ns1.hoster.example.", pooled...)
	}
	for _, name := range []zone.Name{"root.example.", "other.example."} {
		w.shows(name, "ns1.example.net.", own...)
	}
	w.pool(skein.EditPool{Rule: skein.PoolReplace, Nameservers: []skein.PoolNameserver{{Name: "a.root.example."}, {Name: "b.root.example."}}})
	w.shows("root.example.", "ns1.example.net.", "a.root.example.", "b.root.example.")
	w.shows("shop.example.", "ns1.hoster.example.", pooled...)

	// Back again they show those of the default pool.
	_, err = w.MoveTenant(w.ctx(), henry, "hosting", "", nil)
	w.must(err)
	w.quiet()
	for _, name := range []zone.Name{"hosting.example.", "shop.example.", "later.example."} {
		w.inPool(name, "default", "hosting")
		w.shows(name, "ns1.example.net.", "a.root.example.", "b.root.example.")
	}
	w.holds("shop.example.", "www A 192.0.2.3")
}

// A zone that becomes another tenant's shows the nameservers of that one's pool,
// and those of the pool of before no more, however it changes hands.
func TestAZoneShowsTheNameserversOfItsNewOwner(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.pool(skein.EditPool{Rule: skein.PoolReplace, Nameservers: []skein.PoolNameserver{{Name: "a.root.example."}, {Name: "b.root.example."}}})
	w.ownPool()
	_, err := w.MoveTenant(w.ctx(), anna, "hosting", "hosting", nil)
	w.must(err)
	w.quiet()
	assign := func(tenant string) {
		_, err := w.SetOwner(w.ctx(), anna, control.SetOwner{Name: "shop.example.", Tenant: tenant})
		w.must(err)
	}
	w.put(anna, "shop.example.", 1, "www A 192.0.2.1\n")
	w.shows("shop.example.", "ns1.example.net.", "a.root.example.", "b.root.example.")
	assign("hosting")
	w.inPool("shop.example.", "hosting", "default")
	w.shows("shop.example.", "ns1.hoster.example.", pooled...)
	assign("other")
	w.shows("shop.example.", "ns1.example.net.", "a.root.example.", "b.root.example.")
	assign("shop") // a customer of hosting
	w.shows("shop.example.", "ns1.hoster.example.", pooled...)
	w.holds("shop.example.", "www A 192.0.2.1")
}

// Interrupted, also by the power, a move goes on where it was.
func TestAMoveIsCarriedOn(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	const n = 250
	for i := range n {
		w.put(henry, zone.Name(fmt.Sprintf("z%03d.example.", i)), 1, "")
	}
	w.ownPool()
	w.quiet()
	_, err := w.MoveTenant(w.ctx(), henry, "hosting", "hosting", nil)
	w.must(err)
	ctx, stop := context.WithCancel(w.ctx())
	var commits atomic.Int32
	w.store.mu.Lock()
	w.store.before = func() {
		if commits.Add(1) == 220 { // on the second page
			stop()
		}
	}
	w.store.mu.Unlock()
	w.must(w.ApplyPools(ctx))
	w.reopen()
	p, err := w.Pool(w.ctx(), henry, "hosting")
	w.must(err)
	if len(p.Moves) != 1 || p.Moves[0].Progress.Done != 200 || !p.Moves[0].Progress.Ended.IsZero() {
		t.Errorf("after the interruption %+v", p.Moves)
	}
	w.quiet()
	p, err = w.Pool(w.ctx(), henry, "hosting")
	w.must(err)
	if progress := p.Moves[0].Progress; progress.Done != n || progress.Zones != n || progress.Failed != 0 {
		t.Errorf("progress %+v", progress)
	}
	for i := range n {
		name := zone.Name(fmt.Sprintf("z%03d.example.", i))
		w.inPool(name, "hosting", "default")
		w.shows(name, "ns1.hoster.example.", pooled...)
		if changes, err := w.History(w.ctx(), henry, name, 10); err != nil || len(changes) != 2 || changes[0].Action != "pool.apply" || changes[0].Actor.Name != "henry" {
			t.Fatalf("history of %s: %+v, %v", name, changes, err)
		}
	}
}

// Whatever fails while a tenant moves: its zones are where it says that they are.
func TestAMoveThatFails(t *testing.T) {
	t.Parallel()
	full := &skein.Error{Kind: skein.KindUnavailable, What: "the disk is full", Mend: "make room"}
	for name, row := range map[string]struct {
		trouble trouble
		moves   bool
	}{
		"the work is not written down":                    {trouble: trouble{setting: full}},
		"the work is written down, and yet it failed":     {trouble: trouble{setting: full, done: true}},
		"the tenant is not written down":                  {trouble: trouble{tenant: full}},
		"the tenant is written down, and yet it failed":   {trouble: trouble{tenant: full, done: true}, moves: true},
		"nothing fails, but the log cannot be written":    {trouble: trouble{refused: full}, moves: true},
		"nothing fails, and yet the log says that it did": {trouble: trouble{refused: full, done: true}, moves: true},
	} {
		for _, again := range []string{"it goes on", "it is started again"} {
			t.Run(name+", "+again, func(t *testing.T) {
				t.Parallel()
				w := newTenants(t)
				w.put(henry, "hosting.example.", 1, "")
				w.put(sam, "shop.example.", 1, "")
				w.ownPool()
				w.quiet()
				w.store.set(row.trouble)
				_, err := w.MoveTenant(w.ctx(), henry, "hosting", "hosting", nil)
				w.wants(err, skein.KindUnavailable, "full")
				w.store.set(trouble{})
				if again == "it is started again" {
					w.reopen()
				}
				w.quiet()
				tenant, err := w.Tenant(w.ctx(), anna, "hosting")
				w.must(err)
				pool, before := "default", ""
				if row.moves {
					pool, before = "hosting", "default"
				}
				if (tenant.Pool == "hosting") != row.moves {
					t.Errorf("the tenant says %q", tenant.Pool)
				}
				w.inPool("hosting.example.", pool, before)
				w.inPool("shop.example.", pool, before)
				if _, err := w.MoveTenant(w.ctx(), henry, "hosting", "hosting", nil); err != nil {
					t.Errorf("again: %v", err)
				}
				w.quiet()
				w.inPool("shop.example.", "hosting", "default")
			})
		}
	}
}

// Zones follow also where a tenant is edited, or put below another one.
func TestZonesFollowAnEditedTenant(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.put(sam, "shop.example.", 1, "")
	w.ownPool()
	_, err := w.EditTenant(w.ctx(), anna, control.EditTenant{Name: "hosting", Pool: ptr("hosting")})
	w.must(err)
	w.quiet()
	w.inPool("shop.example.", "hosting", "default")
	_, err = w.EditTenant(w.ctx(), anna, control.EditTenant{Name: "shop", Parent: ptr("root")})
	w.must(err)
	w.quiet()
	w.inPool("shop.example.", "default", "hosting")
	w.refused(anna, "tenant.edit", func() error {
		_, err := w.EditTenant(w.ctx(), anna, control.EditTenant{Name: "shop", Pool: ptr("hosting")})
		return err
	}, skein.KindNotFound, "no pool")
	w.refused(anna, "pool.move", func() error {
		_, err := w.MoveTenant(w.ctx(), anna, "root", "hosting", nil)
		return err
	}, skein.KindInvalid, "root's own zones")
}

// Pools outlive a restart, each as it was.
func TestPoolsAreKept(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.ownPool()
	_, err := w.AddPool(w.ctx(), anna, skein.NewPool{Name: "north"})
	w.must(err)
	w.pool(skein.EditPool{Rule: skein.PoolAdd, Nameservers: hosting.Nameservers})
	names := func() (got []string) {
		list, err := w.Pools(w.ctx(), anna)
		w.must(err)
		for _, p := range list {
			got = append(got, fmt.Sprint(p.Name, " ", p.Tenant, " ", p.Rule, " ", p.Version, " ", len(p.Nameservers)))
		}
		return got
	}
	want := []string{"default root add 1 2", "hosting hosting replace 2 2", "north root keep 1 0"}
	if got := names(); !slices.Equal(got, want) {
		t.Errorf("pools %q, want %q", got, want)
	}
	w.reopen()
	if got := names(); !slices.Equal(got, want) {
		t.Errorf("opened again: %q, want %q", got, want)
	}
	w.must(w.RemovePool(w.ctx(), anna, "north", nil))
	w.reopen()
	if got := names(); !slices.Equal(got, want[:2]) {
		t.Errorf("without the third: %q, want %q", got, want[:2])
	}
}

// What is not an actor's affair is to it as if it did not exist.
func TestWhosePoolsAreWhose(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.ownPool()
	_, err := w.AddPool(w.ctx(), anna, skein.NewPool{Name: "other", Tenant: "other"})
	w.must(err)
	for _, row := range []struct {
		actor      skein.Actor
		sees       string // the names of pools
		kind       skein.Kind
		mayChange  bool // its own
		mayMake    bool
		unlikeNone bool // a pool of others is not like one that there is not
	}{
		{actor: anna, sees: "default hosting other", mayChange: true, mayMake: true, unlikeNone: true},
		{actor: henry, sees: "hosting", kind: skein.KindNotFound, mayChange: true},
		{actor: guest, sees: "hosting", kind: skein.KindNotFound},
		{actor: olga, kind: skein.KindForbidden}, {actor: sam, kind: skein.KindForbidden}, {actor: plesk1, kind: skein.KindForbidden},
	} {
		list, err := w.Pools(w.ctx(), row.actor)
		var got []string
		for _, p := range list {
			got = append(got, p.Name)
		}
		if strings.Join(got, " ") != row.sees || (err != nil) != (row.sees == "") {
			t.Errorf("%s sees %q, %v", row.actor.Name, got, err)
		}
		if row.sees == "" && skein.KindOf(err) != row.kind {
			t.Errorf("%s lists: %v", row.actor.Name, err)
		}
		// Of what it does not see it hears the same, whatever is asked.
		for what, ask := range map[string]func(pool string) error{
			"show":   func(pool string) error { _, err := w.Pool(w.ctx(), row.actor, pool); return err },
			"edit":   func(pool string) error { _, err := w.EditPool(w.ctx(), row.actor, pool, hosting, nil); return err },
			"remove": func(pool string) error { one := -1; return w.RemovePool(w.ctx(), row.actor, pool, &one) },
			"share": func(pool string) error {
				_, err := w.ShareMember(w.ctx(), row.actor, control.ShareMember{Member: "nosuch", Pool: pool, Role: skein.RoleWriteOnly})
				return err
			},
			"move": func(pool string) error {
				_, err := w.MoveTenant(w.ctx(), row.actor, "other", pool, nil)
				return err
			},
		} {
			there, none := ask("other"), ask("xther")
			if there == nil || none == nil {
				if !row.unlikeNone {
					t.Errorf("%s may %s: %v, %v", row.actor.Name, what, there, none)
				}
				continue
			}
			if same := strings.ReplaceAll(none.Error(), "xther", "other") == there.Error(); same == row.unlikeNone {
				t.Errorf("%s, %s: a pool of others gives %q, none gives %q", row.actor.Name, what, there, none)
			}
		}
		if _, err := w.EditPool(w.ctx(), row.actor, "hosting", hosting, nil); (err == nil) != row.mayChange {
			t.Errorf("%s edits: %v", row.actor.Name, err)
		}
		if _, err := w.AddPool(w.ctx(), row.actor, skein.NewPool{Name: "made"}); (err == nil) != row.mayMake {
			t.Errorf("%s makes one: %v", row.actor.Name, err)
		}
		if row.mayMake {
			w.must(w.RemovePool(w.ctx(), row.actor, "made", nil))
		}
	}
}

func TestPoolsThatAreNotMadeOrRemoved(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.ownPool()
	_, err := w.AddPool(w.ctx(), anna, skein.NewPool{Name: "north"})
	w.must(err)
	_, err = w.AddPool(w.ctx(), anna, skein.NewPool{Name: "tenanted"})
	w.must(err)
	_, err = w.AddPool(w.ctx(), anna, skein.NewPool{Name: "shared"})
	w.must(err)
	w.enrol("ns-north", "north", skein.RoleSynchronize)
	_, err = w.ShareMember(w.ctx(), anna, control.ShareMember{Member: "ns-north", Pool: "tenanted", Role: skein.RoleSynchronize})
	w.must(err)
	_, err = w.ShareMember(w.ctx(), anna, control.ShareMember{Member: "ns-north", Pool: "shared", Role: skein.RoleSynchronize})
	w.must(err)
	_, err = w.MoveTenant(w.ctx(), anna, "other", "tenanted", nil)
	w.must(err)
	w.put(henry, "hosting.example.", 1, "")
	_, err = w.MoveTenant(w.ctx(), henry, "hosting", "hosting", nil)
	w.must(err)
	w.quiet()
	_, err = w.MoveTenant(w.ctx(), henry, "hosting", "", nil) // and the zone is not yet gone
	w.must(err)
	stale, now := 0, 1
	for name, row := range map[string]struct {
		pool   string
		expect *int
		kind   skein.Kind
		words  string
	}{
		"the default one":   {"default", nil, skein.KindConflict, "every zone that is in no other"},
		"one with a member": {"north", &now, skein.KindConflict, "the member ns-north"},
		"one with a share":  {"shared", nil, skein.KindConflict, "the member ns-north"},
		"one with a tenant": {"tenanted", nil, skein.KindConflict, "the tenant other"},
		"one with a zone":   {"hosting", nil, skein.KindConflict, "one zone"},
		"one that changed":  {"north", &stale, skein.KindConflict, "changed meanwhile"},
		"none":              {"south", nil, skein.KindNotFound, "no pool"},
	} {
		t.Run(name, func(*testing.T) {
			w.refused(anna, "pool.remove", func() error { return w.RemovePool(w.ctx(), anna, row.pool, row.expect) }, row.kind, row.words)
		})
	}
	for name, row := range map[string]struct {
		actor skein.Actor
		in    skein.NewPool
		kind  skein.Kind
		words string
	}{
		"there is one":        {anna, skein.NewPool{Name: "north"}, skein.KindConflict, "exists already"},
		"the default one":     {anna, skein.NewPool{Name: "default"}, skein.KindConflict, "exists already"},
		"no name":             {anna, skein.NewPool{}, skein.KindInvalid, "no name of a pool"},
		"a path":              {anna, skein.NewPool{Name: "../x"}, skein.KindInvalid, "no name of a pool"},
		"a long name":         {anna, skein.NewPool{Name: strings.Repeat("x", 64)}, skein.KindInvalid, "no name of a pool"},
		"for no tenant":       {anna, skein.NewPool{Name: "x", Tenant: "nosuch"}, skein.KindNotFound, "no tenant"},
		"another name":        {henry, skein.NewPool{Name: "north"}, skein.KindInvalid, "your pool has your name"},
		"a second one":        {henry, skein.NewPool{}, skein.KindConflict, "exists already"},
		"for a customer":      {henry, skein.NewPool{Tenant: "shop"}, skein.KindInvalid, "for yourselves"},
		"for another tenant":  {henry, skein.NewPool{Tenant: "other"}, skein.KindNotFound, "no tenant"},
		"without the cluster": {olga, skein.NewPool{}, skein.KindForbidden, "permission"},
	} {
		t.Run(name, func(*testing.T) {
			w.refused(row.actor, "pool.add", func() error { _, err := w.AddPool(w.ctx(), row.actor, row.in); return err }, row.kind, row.words)
		})
	}
	w.refused(henry, "pool.edit", func() error {
		_, err := w.EditPool(w.ctx(), henry, "hosting", hosting, &stale)
		return err
	}, skein.KindConflict, "changed meanwhile", store.ErrChanged)
	w.refused(henry, "pool.move", func() error {
		_, err := w.MoveTenant(w.ctx(), henry, "hosting", "hosting", &stale)
		return err
	}, skein.KindConflict, "changed meanwhile", store.ErrChanged)
}

// A member of root's serves a reseller's pool too, in a role that root's leaves.
func TestSharedMembers(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.ownPool()
	w.enrol("sync", "default", skein.RoleSynchronize)
	w.enrol("alone", "default", skein.RoleStandalone)
	w.enrol("foreign", "default", skein.RoleStandalone)
	share := func(actor skein.Actor, member, pool string, role skein.Role) error {
		r, err := w.ShareMember(w.ctx(), actor, control.ShareMember{Member: member, Pool: pool, Role: role})
		if err == nil && r.Member.Name != member {
			t.Errorf("shared as %+v", r.Member)
		}
		return err
	}
	w.must(share(anna, "sync", "hosting", skein.RoleWriteOnly))
	if got := w.newestAudit(); got.Action != "pool.share sync" || !slices.Equal(got.Diff, []string{"shared: [] → [{hosting write-only}]"}) {
		t.Errorf("recorded as %+v", got)
	}
	w.must(share(anna, "alone", "hosting", skein.RoleStandalone))
	p, err := w.Pool(w.ctx(), henry, "hosting")
	if err != nil || !slices.Equal(p.Members, []string{"alone", "ns-hosting", "sync"}) {
		t.Errorf("members %q, %v", p.Members, err)
	}
	if m := w.stored("sync"); m.Version < 2 || w.cluster.members["sync"].Shares[0].Role != skein.RoleWriteOnly {
		t.Errorf("%+v; the cluster has %+v", m, w.cluster.members["sync"])
	}
	for name, row := range map[string]struct {
		do    func() error
		kind  skein.Kind
		words string
	}{
		"beyond what root's role leaves":    {func() error { return share(henry, "sync", "hosting", skein.RoleStandalone) }, skein.KindInvalid, "those who run Skein have it as synchronize"},
		"what the driver cannot play":       {func() error { return share(anna, "sync", "hosting", "primary") }, skein.KindInvalid, "driver cannot play"},
		"one that the reseller cannot see":  {func() error { return share(henry, "foreign", "hosting", skein.RoleWriteOnly) }, skein.KindNotFound, `no member "foreign"`},
		"none":                              {func() error { return share(henry, "nosuch", "hosting", skein.RoleWriteOnly) }, skein.KindNotFound, `no member "nosuch"`},
		"with the pool that it belongs to":  {func() error { return share(henry, "ns-hosting", "hosting", skein.RoleWriteOnly) }, skein.KindConflict, "belongs to the pool hosting"},
		"with a pool that is another's":     {func() error { return share(henry, "ns-hosting", "default", skein.RoleWriteOnly) }, skein.KindNotFound, `no pool "default"`},
		"by one who may only look":          {func() error { return share(guest, "sync", "hosting", skein.RoleSynchronize) }, skein.KindForbidden, "may look"},
		"by a reseller without the cluster": {func() error { return share(olga, "sync", "hosting", skein.RoleSynchronize) }, skein.KindForbidden, "permission"},
	} {
		before := w.everything()
		if err := row.do(); skein.KindOf(err) != row.kind || !strings.Contains(err.Error(), row.words) {
			t.Errorf("%s: %v", name, err)
		}
		if w.everything() != before {
			t.Errorf("%s: something was changed", name)
		}
	}
	w.must(share(henry, "sync", "hosting", skein.RoleSynchronize))
	w.must(share(henry, "alone", "hosting", skein.RoleSynchronize))
	if err := share(henry, "sync", "hosting", skein.RoleSynchronize); err != nil {
		t.Errorf("the same again: %v", err)
	}

	// A trial says what would be written, and writes down nothing.
	w.cluster.plan = skein.MemberPlan{Zones: 7, Add: 7}
	before := w.everything()
	r, err := w.ShareMember(w.ctx(), anna, control.ShareMember{Member: "foreign", Pool: "hosting", Role: skein.RoleWriteOnly, DryRun: true})
	if err != nil || !r.DryRun || r.Plan == nil || r.Plan.Add != 7 || len(r.Member.Shares) != 1 || w.everything() != before {
		t.Errorf("a trial: %+v, %v", r, err)
	}

	version := w.stored("sync").Version - 1
	_, err = w.UnshareMember(w.ctx(), henry, control.ShareMember{Member: "sync", Pool: "hosting", Expect: &version})
	w.wants(err, skein.KindConflict, "changed meanwhile", store.ErrChanged)
	r, err = w.UnshareMember(w.ctx(), henry, control.ShareMember{Member: "sync", Pool: "hosting"})
	if err != nil || len(r.Member.Shares) != 0 || r.Member.Role != skein.RoleSynchronize {
		t.Errorf("%+v, %v", r.Member, err)
	}
	_, err = w.UnshareMember(w.ctx(), henry, control.ShareMember{Member: "sync", Pool: "hosting"})
	w.wants(err, skein.KindNotFound, `no member "sync"`)
	_, err = w.UnshareMember(w.ctx(), anna, control.ShareMember{Member: "sync", Pool: "hosting"})
	w.wants(err, skein.KindNotFound, "is not shared")
	if _, err := w.ShareMember(w.ctx(), anna, control.ShareMember{Member: "sync", Pool: "south"}); !errors.Is(err, store.ErrNotFound) && skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("with a pool that there is none of: %v", err)
	}
}
