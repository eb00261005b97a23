package clustertest_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/internal/store/observed"
	"github.com/skein-dns/skein/internal/store/sqlite"
	"github.com/skein-dns/skein/zone"
)

// TestTheLoopOverTheRealStore runs in real time, with the SQLite engine and
// the file of what was observed, across a crash of the loop.
func TestTheLoopOverTheRealStore(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	db, err := sqlite.Open(ctx, filepath.Join(dir, "skein.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	seen, err := observed.Open(ctx, filepath.Join(dir, "observed.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer seen.Close()

	c := clustertest.NewOver(t, func(cfg *reconcile.Config) {
		cfg.Feed, cfg.Zones, cfg.Observed = db, db, seen
	}, "ns1", "ns2")
	defer c.Kill()

	heads := map[zone.Name]skein.Zone{}
	commit := func(name zone.Name, gone bool) skein.Zone {
		t.Helper()
		z := heads[name]
		w := store.Write{Change: skein.Change{ID: fmt.Sprint(name, z.Serial, gone), At: time.Now(), Action: "test"},
			Zone: skein.Zone{ID: z.ID, Name: name, Pool: "default", Created: time.Now()}, Expect: z.Revision, Delete: gone, Serial: z.Serial + 1}
		if z.ID == "" {
			w.Delta = zone.Delta{Add: []zone.RRset{{Name: name, Type: zone.TypeTXT, TTL: 60, Data: []zone.Rdata{"\x01x"}}}}
		}
		done, err := db.Commit(ctx, w)
		if err != nil {
			t.Fatal(err)
		}
		heads[name] = done.Zone
		c.Primary.Serve(done.Zone)
		return done.Zone
	}
	wait := func(z skein.Zone) {
		t.Helper()
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		if r, err := c.Loop().Wait(ctx, z, "all"); err != nil {
			t.Fatalf("%v: %+v", err, r)
		}
	}

	for i := range 50 {
		commit(zone.Name(fmt.Sprintf("z%d.example.", i)), false)
	}
	wait(heads["z49.example."])
	wait(commit("z1.example.", false))
	wait(commit("z2.example.", true))

	c.Crash()
	changed, gone := commit("z3.example.", false), commit("z4.example.", true)
	c.Start()
	wait(changed)
	wait(gone)
	for _, name := range []string{"ns1", "ns2"} {
		serving := c.Member(name).Serving()
		for zoneName, z := range heads {
			if serial, ok := serving[zoneName]; ok == z.Deleted || ok && serial != z.Serial {
				t.Errorf("%s has %s at %d (%v), wanted %d, deleted %v", name, zoneName, serial, ok, z.Serial, z.Deleted)
			}
		}
	}
}
