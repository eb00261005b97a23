package storetest

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

func tenants(t *testing.T, w *world) {
	there, err := w.Tenants(w.ctx())
	if err != nil || len(there) != 1 || there[0].Name != skein.RootTenant || there[0].Kind != skein.TenantRoot {
		t.Fatalf("a new store has the tenants %+v, %v; want root", there, err)
	}
	root := there[0]
	root.Pool = "other"
	reseller := skein.Tenant{Name: "hosting", Kind: skein.TenantReseller, Parent: skein.RootTenant, Clustering: true, Pool: "hosting", Created: start, Version: 3}
	customer := skein.Tenant{Name: "anna", Kind: skein.TenantCustomer, Parent: "hosting", Created: start, Version: 1}
	w.must(w.PutTenant(w.ctx(), reseller, true))
	w.must(w.PutTenant(w.ctx(), customer, true))
	w.must(w.PutTenant(w.ctx(), root, false))
	wantError(t, w.PutTenant(w.ctx(), customer, true), skein.KindConflict, store.ErrExists)
	reseller.Clustering, reseller.Version = false, 4
	counted := reseller
	counted.Zones = 7
	w.must(w.PutTenant(w.ctx(), counted, false))
	w.reopen()
	want := []skein.Tenant{customer, reseller, root}
	if got, err := w.Tenants(w.ctx()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("tenants %+v, %v; want %+v", got, err, want)
	}
	w.must(w.DeleteTenant(w.ctx(), "hosting"))
	wantError(t, w.DeleteTenant(w.ctx(), "hosting"), skein.KindNotFound, store.ErrNotFound)
	if got, err := w.Tenants(w.ctx()); err != nil || !reflect.DeepEqual(got, []skein.Tenant{customer, root}) {
		t.Errorf("tenants %+v, %v", got, err)
	}
}

func person(name, tenant string) store.UserRow {
	return store.UserRow{User: skein.User{Name: name, Tenant: tenant, Role: skein.RoleReseller, Created: start, Version: 1}, Hash: "$argon2id$" + name}
}

func users(t *testing.T, w *world) {
	anna, bert, cleo := person("anna", "hosting"), person("bert", "root"), person("cleo", "shop")
	anna.TOTP, anna.Sealed, anna.LastLogin = true, []byte{0, 1, 2}, start.Add(time.Hour)
	for _, u := range []store.UserRow{cleo, bert, anna} {
		w.must(w.PutUser(w.ctx(), u, true))
	}
	wantError(t, w.PutUser(w.ctx(), anna, true), skein.KindConflict, store.ErrExists)
	bert.Tenant, bert.Disabled, bert.Hash = "hosting", true, "another"
	w.must(w.PutUser(w.ctx(), bert, false))
	w.reopen()
	for _, want := range []store.UserRow{anna, bert, cleo} {
		if got, err := w.User(w.ctx(), want.Name); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("user %+v, %v; want %+v", got, err, want)
		}
	}
	for name, row := range map[string]struct {
		tenants []string
		want    []skein.User
	}{
		"of all tenants":       {nil, []skein.User{anna.User, bert.User, cleo.User}},
		"of none":              {[]string{}, nil},
		"of one":               {[]string{"hosting"}, []skein.User{anna.User, bert.User}},
		"of several":           {[]string{"shop", "hosting", `"`}, []skein.User{anna.User, bert.User, cleo.User}},
		"of one without users": {[]string{"root"}, nil},
	} {
		if got, err := w.Users(w.ctx(), row.tenants); err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("users %s: %+v, %v; want %+v", name, got, err, row.want)
		}
	}
	w.must(w.DeleteUser(w.ctx(), "anna"))
	wantError(t, w.DeleteUser(w.ctx(), "anna"), skein.KindNotFound, store.ErrNotFound)
	_, err := w.User(w.ctx(), "anna")
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)
}

// With a user end the tokens of its making that act as people do; a panel's is
// the source's.
func tokensOfUsers(t *testing.T, w *world) {
	w.must(w.PutUser(w.ctx(), person("anna", "root"), true))
	for i, k := range []store.Token{
		{ID: "hers", Role: skein.RoleRoot, Maker: "anna"},
		{ID: "her panel's", Source: "plesk1", Maker: "anna"},
		{ID: "bert's", Role: skein.RoleRoot, Maker: "bert"},
		{ID: "nobody's", Role: skein.RoleRoot},
	} {
		k.Name, k.Hash, k.Created = k.ID, []byte(k.ID), start.Add(time.Duration(i)*time.Second)
		w.must(w.PutToken(w.ctx(), k))
	}
	w.must(w.DeleteUser(w.ctx(), "anna"))
	wantError(t, w.DeleteUser(w.ctx(), ""), skein.KindNotFound, store.ErrNotFound)
	w.reopen()
	var left []string
	all, err := w.Tokens(w.ctx())
	w.must(err)
	for _, k := range all {
		left = append(left, k.ID)
	}
	if want := []string{"her panel's", "bert's", "nobody's"}; !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q", left, want)
	}
}

// A session is of a user, and ends with it at the latest.
func sessions(t *testing.T, w *world) {
	w.must(w.PutUser(w.ctx(), person("anna", "root"), true))
	w.must(w.PutUser(w.ctx(), person("bert", "root"), true))
	session := func(id, user string, minute int) store.SessionRow {
		at := start.Add(time.Duration(minute) * time.Minute)
		return store.SessionRow{Hash: []byte("hash of " + id), Session: skein.Session{ID: id, User: user, Created: at, Seen: at,
			Expires: at.AddDate(0, 0, 7), Addr: "192.0.2.1", Agent: "curl"}}
	}
	one, two, three, other := session("one", "anna", 1), session("two", "anna", 2), session("three", "anna", 3), session("other", "bert", 0)
	for _, s := range []store.SessionRow{three, two, one, other} {
		w.must(w.PutSession(w.ctx(), s))
	}
	wantError(t, w.PutSession(w.ctx(), session("lost", "nobody", 0)), skein.KindNotFound, store.ErrNotFound)
	one.Seen = start.Add(time.Hour)
	w.must(w.SeeSession(w.ctx(), "one", one.Seen))
	wantError(t, w.SeeSession(w.ctx(), "ended", one.Seen), skein.KindNotFound, store.ErrNotFound)
	w.reopen()
	has := func(user string, want ...skein.Session) {
		t.Helper()
		got, err := w.Sessions(w.ctx(), user)
		if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("sessions of %s: %+v, %v; want %+v", user, got, err, want)
		}
	}
	has("anna", one.Session, two.Session, three.Session)
	if got, err := w.SessionByHash(w.ctx(), one.Hash); err != nil || !reflect.DeepEqual(got, one) {
		t.Errorf("by hash: %+v, %v; want %+v", got, err, one)
	}

	w.must(w.DropSessions(w.ctx(), three.Seen)) // those that were seen before: two, and bert's
	has("anna", one.Session, three.Session)
	has("bert")
	w.must(w.DeleteSession(w.ctx(), "three"))
	wantError(t, w.DeleteSession(w.ctx(), "three"), skein.KindNotFound, store.ErrNotFound)
	_, err := w.SessionByHash(w.ctx(), three.Hash)
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)

	w.must(w.PutSession(w.ctx(), two))
	w.must(w.PutSession(w.ctx(), other))
	w.must(w.DeleteSessionsOf(w.ctx(), "anna", "two"))
	has("anna", two.Session)
	w.must(w.DeleteSessionsOf(w.ctx(), "anna", ""))
	has("anna")
	has("bert", other.Session)

	w.must(w.PutSession(w.ctx(), one))
	w.must(w.DeleteUser(w.ctx(), "anna"))
	w.must(w.PutUser(w.ctx(), person("anna", "root"), true)) // of the same name, and another
	has("anna")
	_, err = w.SessionByHash(w.ctx(), one.Hash)
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)
}

var limited = skein.Scope{
	Permissions: []skein.Permission{skein.PermitRecords},
	Zones:       []zone.Name{"example.com.", "*.example.net."},
	Networks:    []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")},
}
