package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/zone"
)

// shelf keeps what it is fed with.
type shelf struct {
	nameserver.Updater
	mu       sync.Mutex      // owns the rest, while the listing runs
	versions []zone.Contents // of the catalog
	fed      []string
}

func (s *shelf) Put(c zone.Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Origin() == "catalog.invalid." {
		s.versions = append(s.versions, c)
	}
	s.fed = append(s.fed, "put "+string(c.Origin()))
}
func (s *shelf) Drop(name zone.Name) { s.note("drop " + string(name)) }
func (s *shelf) Fail(name zone.Name) { s.note("fail " + string(name)) }

func (s *shelf) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fed = append(s.fed, what)
}

// all returns the versions of the catalog so far, and everything it was fed with.
func (s *shelf) all() (versions []zone.Contents, fed string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.versions), fmt.Sprint(s.fed)
}

// last is what the newest version lists, as name and label.
func (s *shelf) last(t *testing.T) (members map[zone.Name]string, serial uint32) {
	t.Helper()
	versions, _ := s.all()
	if len(versions) == 0 {
		return nil, 0
	}
	newest := versions[len(versions)-1]
	c, err := catalog.Read(newest)
	if err != nil {
		t.Fatal(err)
	}
	members = map[zone.Name]string{}
	for m := range c.All() {
		members[m.Zone] = m.ID
	}
	soa, _ := newest.SOA()
	return members, soa.Serial
}

// listingStory runs a listing in a bubble, whose clock begins in the year 2000.
func listingStory(t *testing.T, story func(t *testing.T, l *listing, s *shelf, load func())) {
	synctest.Test(t, func(t *testing.T) {
		l, s, loaded := newListing("Catalog.invalid.", slog.New(slog.DiscardHandler)), &shelf{}, make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- l.run(ctx, s, loaded) }()
		story(t, l, s, func() { close(loaded) })
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A catalog that lists only some of the zones would have consumers delete the
// others: there is none before all are loaded.
func TestCatalogComesWhenAllIsLoaded(t *testing.T) {
	t.Parallel()
	listingStory(t, func(t *testing.T, l *listing, s *shelf, load func()) {
		l.changed("a.example.", "", "1")
		time.Sleep(time.Hour)
		if versions, _ := s.all(); len(versions) > 0 {
			t.Fatal("there is a catalog before all zones are loaded")
		}
		l.changed("B.example.", "", "1")
		load()
		time.Sleep(time.Second)
		synctest.Wait()
		if members, _ := s.last(t); len(members) != 2 || members["a.example."] == "" || members["b.example."] == "" {
			t.Errorf("it lists %v", members)
		}
	})
}

// Serials are the time, whatever happens: one version a second, none in the
// second of the start, so that a process that is started anew is ahead.
func TestCatalogSerialsAreTheTime(t *testing.T) {
	t.Parallel()
	listingStory(t, func(t *testing.T, l *listing, s *shelf, load func()) {
		start := uint32(time.Now().Unix())
		load()
		for i := range 300 { // three seconds and more
			l.changed(zone.Name(fmt.Sprintf("m%d.example.", i)), "", "1")
			time.Sleep(15 * time.Millisecond)
			if _, serial := s.last(t); serial > uint32(time.Now().Unix()) || serial != 0 && serial <= start {
				t.Fatalf("serial %d at %d, started at %d", serial, time.Now().Unix(), start)
			}
		}
		time.Sleep(time.Minute)
		versions, _ := s.all()
		if members, _ := s.last(t); len(members) != 300 || len(versions) > 6 {
			t.Errorf("%d members in %d versions", len(members), len(versions))
		}
		var serials []uint32
		for _, c := range versions {
			soa, _ := c.SOA()
			serials = append(serials, soa.Serial)
		}
		if !slices.IsSorted(serials) || len(slices.Compact(slices.Clone(serials))) != len(serials) {
			t.Errorf("serials %v", serials)
		}
	})
}

// What becomes of a zone between two versions is one change, or none.
func TestCatalogFollowsLives(t *testing.T) {
	t.Parallel()
	listingStory(t, func(t *testing.T, l *listing, s *shelf, load func()) {
		id := func(life string) string { return catalog.ID("a.example.", life) }
		load()
		time.Sleep(time.Minute)
		for step, c := range []struct {
			lives    [][2]string
			want     string
			versions int // so far; the first is empty
		}{
			{[][2]string{{"", "1"}}, id("1"), 2},
			{[][2]string{{"1", "1"}}, id("1"), 2},            // changed contents
			{[][2]string{{"1", "2"}}, id("2"), 3},            // deleted and made again, seen at once
			{[][2]string{{"2", ""}, {"", "3"}}, id("3"), 4},  // likewise, seen one by one
			{[][2]string{{"3", ""}, {"", "3"}}, id("3"), 4},  // came back as it was
			{[][2]string{{"3", ""}}, "", 5},                  // deleted
			{[][2]string{{"", "4"}, {"4", ""}}, "", 5},       // never seen
			{[][2]string{{"", "5"}, {"5", "6"}}, id("6"), 6}, // two lives at once
			{[][2]string{{"", ""}, {"6", "6"}}, id("6"), 6},  // nothing
		} {
			for _, x := range c.lives {
				l.changed("A.example.", x[0], x[1])
			}
			time.Sleep(time.Minute)
			versions, _ := s.all()
			if members, _ := s.last(t); members["a.example."] != c.want || len(versions) != c.versions {
				t.Errorf("step %d: %v in %d versions, want %q in %d", step, members, len(versions), c.want, c.versions)
			}
		}
	})
}

// A folder's zones are listed broken or not, and one of the catalog's own name
// is left out.
func TestCatalogOfAFolder(t *testing.T) {
	t.Parallel()
	listingStory(t, func(t *testing.T, l *listing, s *shelf, load func()) {
		u := listingUpdater{s, l}
		sets := []zone.RRset{{Name: "catalog.invalid.", Type: zone.TypeSOA, Data: []zone.Rdata{zone.SOA{MName: ".", RName: "."}.Rdata()}}}
		own, err := zone.NewContents("catalog.invalid.", sets)
		if err != nil {
			t.Fatal(err)
		}
		u.Put(own)
		u.Fail("catalog.invalid.")
		u.Drop("Catalog.invalid.")
		u.Fail("broken.example.")
		u.Fail("gone.example.")
		load()
		time.Sleep(time.Minute)
		u.Drop("gone.example.")
		time.Sleep(time.Minute)
		if _, got := s.all(); got != "[fail broken.example. fail gone.example. put catalog.invalid. drop gone.example. put catalog.invalid.]" {
			t.Error(got)
		}
		if members, _ := s.last(t); len(members) != 1 || members["broken.example."] == "" {
			t.Errorf("it lists %v", members)
		}
	})
}
