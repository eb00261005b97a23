package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// older makes a database as the Skein of a schema left it.
func older(t *testing.T, schema int64) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "skein.db")
	db, err := connect(path, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err == nil {
		_, err = p.UpTo(t.Context(), schema)
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(fmt.Sprintf("testdata/version%d.sql", schema))
	if err == nil {
		_, err = db.ExecContext(t.Context(), string(data))
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestADatabaseFromBeforeSourcesIsTakenOver(t *testing.T) {
	t.Parallel()
	s := open(t, older(t, 2))
	ctx := t.Context()
	began := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

	// Every source that a token or a zone names is one now; Skein's own two are none.
	rows, err := s.Sources(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s %s %s", r.Source.Name, r.Source.Door, r.Source.Created.Format(time.TimeOnly)))
	}
	if want := []string{"idle api 07:00:00", "plesk1 plesk 07:00:00", "script api 07:00:00"}; !slices.Equal(got, want) {
		t.Errorf("sources %q, want %q", got, want)
	}
	tallies, err := s.Tallies(ctx)
	if want := map[string]store.Tally{"plesk1": {Zones: 1}, "script": {Zones: 1}, "admin": {Zones: 1}, "reverse": {Zones: 1}}; err != nil || !reflect.DeepEqual(tallies, want) {
		t.Errorf("tallies %v, %v; want %v", tallies, err, want)
	}

	// Zones belong to whom they belonged, since they were made.
	a, err := s.Zone(ctx, "a.example.")
	if err != nil {
		t.Fatal(err)
	}
	if a.Origin != "plesk1" || a.OriginBefore != "" || !a.OriginSince.Equal(began.Add(time.Minute)) || a.Published != a.Revision {
		t.Errorf("head %+v", a)
	}
	reverse, err := s.Zone(ctx, "2.0.192.in-addr.arpa.")
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Stamp{{Name: host("2.0.192.in-addr.arpa.", 7).Name, Type: zone.TypeA, Source: "plesk1"}}
	if stamps, err := s.Owners(ctx, reverse.ID, nil, 0); err != nil || !reflect.DeepEqual(stamps, want) {
		t.Errorf("stamps %+v, %v; want %+v", stamps, err, want)
	}
	for q, want := range map[store.DeletionQuery]int{{Origin: "plesk1"}: 1, {Actor: "plesk1"}: 1, {Origin: "script"}: 0} {
		if n, err := s.Deletions(ctx, q); err != nil || n != want {
			t.Errorf("%+v: %d deletions, %v; want %d", q, n, err, want)
		}
	}

	// And all goes on from there.
	write := edit(a, zone.Delta{})
	write.Origin, write.Change.At = "script", began.Add(time.Hour)
	if a = commit(t, s, write); a.Origin != "script" || a.OriginBefore != "plesk1" {
		t.Errorf("head %+v", a)
	}
	if b := commit(t, s, store.Write{Zone: skein.Zone{Name: "b.example.", Origin: "script"}, Serial: 9}); b.OriginBefore != "plesk1" {
		t.Errorf("head %+v", b)
	}
	if tallies, err := s.Tallies(ctx); err != nil || tallies["script"].Zones != 3 || tallies["plesk1"].Zones != 0 {
		t.Errorf("tallies %v, %v", tallies, err)
	}
}

func TestADatabaseFromBeforeTenantsIsRoots(t *testing.T) {
	t.Parallel()
	s := open(t, older(t, 3))
	ctx := t.Context()

	tenants, err := s.Tenants(ctx)
	if want := []skein.Tenant{{Name: skein.RootTenant, Kind: skein.TenantRoot, Version: 1}}; err != nil || !reflect.DeepEqual(tenants, want) {
		t.Errorf("tenants %+v, %v; want %+v", tenants, err, want)
	}
	for what, tallies := range map[string]func(context.Context) (map[string]int, error){skein.RootTenant: s.OwnerTallies, skein.DefaultPool: s.PoolTallies} {
		if got, err := tallies(ctx); err != nil || !maps.Equal(got, map[string]int{what: 4}) {
			t.Errorf("zones %v, %v; want 4 of %s", got, err, what)
		}
	}
	zones, err := s.List(ctx, store.ListQuery{Owners: []string{skein.RootTenant}, Pools: []string{skein.DefaultPool}})
	if err != nil || len(zones) != 4 || zones[0].PoolBefore != "" {
		t.Errorf("root's zones %+v, %v", zones, err)
	}

	// Sources and members are what they were, and root's.
	rows, err := s.Sources(ctx)
	if err != nil || len(rows) != 3 {
		t.Fatalf("sources %+v, %v", rows, err)
	}
	for _, r := range rows {
		if r.Source.Tenant != skein.RootTenant {
			t.Errorf("source %+v", r.Source)
		}
	}
	if plesk := rows[1]; plesk.Source.Name != "plesk1" || len(plesk.Source.Networks) != 1 || !bytes.Equal(plesk.Sealed, []byte{3, 4}) {
		t.Errorf("source %+v", plesk)
	}
	members, err := s.Members(ctx)
	if err != nil || len(members) != 1 {
		t.Fatalf("members %+v, %v", members, err)
	}
	if m := members[0].Member; m.Pool != skein.DefaultPool || m.Version != 1 || m.State != skein.MemberDisabled || m.DisabledBy != "anna" || len(m.Primaries) != 1 {
		t.Errorf("member %+v", m)
	}

	// An administrator's token has the role root, a panel's has none.
	tokens, err := s.Tokens(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range tokens {
		if k.Tenant != skein.RootTenant || !reflect.DeepEqual(k.Scope, skein.Scope{}) {
			t.Errorf("token %+v", k)
		}
		got = append(got, fmt.Sprintf("%s %s", k.Name, k.Role))
	}
	if want := []string{"plesk1 ", "deploy ", "idle ", "anna root"}; !slices.Equal(got, want) {
		t.Errorf("tokens %q, want %q", got, want)
	}

	// What was done before was done by root.
	entries, err := s.Audit(ctx, skein.AuditQuery{Tenants: []string{skein.RootTenant}})
	if err != nil || len(entries) != 9 || entries[0].Tenant != skein.RootTenant || entries[0].Addr != "" || entries[0].Diff != nil {
		t.Errorf("audit log %+v, %v", entries, err)
	}

	// And all goes on from there.
	moved := edit(zones[0], zone.Delta{})
	moved.Owner, moved.Pool = "hosting", "fast"
	if z := commit(t, s, moved); z.PoolBefore != skein.DefaultPool || z.Owner != "hosting" {
		t.Errorf("head %+v", z)
	}
	if got, err := s.OwnerTallies(ctx); err != nil || !maps.Equal(got, map[string]int{skein.RootTenant: 3, "hosting": 1}) {
		t.Errorf("zones by owner %v, %v", got, err)
	}
}
