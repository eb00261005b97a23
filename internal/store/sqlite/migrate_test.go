package sqlite

import (
	"fmt"
	"io/fs"
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

// version2 makes a database as Skein left it before there were sources.
func version2(t *testing.T) (path string) {
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
		_, err = p.UpTo(t.Context(), 2)
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("testdata/version2.sql")
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
	s := open(t, version2(t))
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
