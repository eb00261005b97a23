package listing_test

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
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/zone"
)

const origin zone.Name = "catalog.invalid."

// world is what zones there are, and where catalogs are served.
type world struct {
	set    *listing.Set
	loaded chan struct{}

	mu       sync.Mutex // owns the rest
	zones    map[zone.Name]listing.Life
	versions map[zone.Name][]zone.Contents // by catalog
	dropped  []zone.Name
	putting  func()   // run before the next version is served; nil: nothing
	asked    []func() // run when a life was asked for, one after the other, before that is told
}

func (w *world) Each(yield func(zone.Name, listing.Life)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, is := range w.zones {
		yield(name, is)
	}
}

func (w *world) Life(name zone.Name) listing.Life {
	w.mu.Lock()
	is := w.zones[name.Canonical()]
	then := func() {}
	if len(w.asked) > 0 {
		then, w.asked = w.asked[0], w.asked[1:]
	}
	w.mu.Unlock()
	then()
	return is
}

func (w *world) Put(c zone.Contents) {
	w.mu.Lock()
	first := w.putting
	w.putting = nil
	w.mu.Unlock()
	if first != nil {
		first()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.versions[c.Origin()] = append(w.versions[c.Origin()], c)
}

func (w *world) Drop(name zone.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dropped = append(w.dropped, name)
}

// is makes a zone what it is from now on: a life in a pool, or "".
func (w *world) is(name zone.Name, life, pool string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, after := w.zones[name.Canonical()], listing.Life{ID: life, Pool: pool}
	if life == "" {
		after = listing.Life{}
		delete(w.zones, name.Canonical())
	} else {
		w.zones[name.Canonical()] = after
	}
	w.set.Changed(name, before, after)
}

// last is what the newest version of a catalog lists, as name and label.
func (w *world) last(t *testing.T, of zone.Name) (members map[zone.Name]string, serial uint32, versions int) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.versions[of]
	if len(all) == 0 {
		return nil, 0, 0
	}
	c, err := catalog.Read(all[len(all)-1])
	if err != nil {
		t.Fatal(err)
	}
	members = map[zone.Name]string{}
	for m := range c.All() {
		members[m.Zone] = m.ID
	}
	soa, _ := all[len(all)-1].SOA()
	return members, soa.Serial, len(all)
}

// lists demands that a catalog lists just these zones, soon.
func (w *world) lists(t *testing.T, of zone.Name, want ...zone.Name) {
	t.Helper()
	time.Sleep(time.Minute)
	synctest.Wait()
	members, _, _ := w.last(t, of)
	var got []zone.Name
	for name := range members {
		got = append(got, name)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s lists %v, want %v", of, got, want)
	}
}

// story runs a set in a bubble, whose clock begins in the year 2000.
func story(t *testing.T, tell func(t *testing.T, w *world), catalogs ...listing.Catalog) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{loaded: make(chan struct{}), zones: map[zone.Name]listing.Life{}, versions: map[zone.Name][]zone.Contents{}}
		w.set = listing.New(w, w, time.Now(), slog.New(slog.DiscardHandler))
		w.set.Keep(catalogs)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.set.Run(ctx, w.loaded) }()
		tell(t, w)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

var ofAll = listing.Catalog{Origin: "Catalog.invalid."}

// A catalog that lists only some of the zones would have consumers delete the
// others: there is none before all are loaded.
func TestCatalogComesWhenAllIsLoaded(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, w *world) {
		w.is("a.example.", "1", "p")
		time.Sleep(time.Hour)
		if _, _, versions := w.last(t, origin); versions > 0 {
			t.Fatal("there is a catalog before all zones are loaded")
		}
		w.is("B.example.", "1", "q")
		close(w.loaded)
		w.lists(t, origin, "a.example.", "b.example.")
	}, ofAll)
}

// Serials are never ahead of the time, and there is none in the second of the
// start, so that a process that is started anew is ahead of the one before.
func TestSerialsAreNotAheadOfTheTime(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, w *world) {
		start := uint32(time.Now().Unix())
		close(w.loaded)
		for i := range 300 { // three seconds and more
			w.is(zone.Name(fmt.Sprintf("m%d.example.", i)), "1", "p")
			time.Sleep(15 * time.Millisecond)
			if _, serial, _ := w.last(t, origin); serial > uint32(time.Now().Unix()) || serial != 0 && serial <= start {
				t.Fatalf("serial %d at %d, started at %d", serial, time.Now().Unix(), start)
			}
		}
		time.Sleep(time.Minute)
		if members, _, versions := w.last(t, origin); len(members) != 300 || versions > 6 {
			t.Errorf("%d members in %d versions", len(members), versions)
		}
		// The minute left seconds over: each of so many changes is there at once.
		for i := range 50 {
			w.is(zone.Name(fmt.Sprintf("m%d.example.", i)), "", "")
			time.Sleep(60 * time.Millisecond)
			synctest.Wait()
			if members, _, _ := w.last(t, origin); len(members) != 299-i {
				t.Fatalf("%d members after %d went", len(members), i+1)
			}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		var serials []uint32
		for _, c := range w.versions[origin] {
			soa, _ := c.SOA()
			serials = append(serials, soa.Serial)
		}
		if !slices.IsSorted(serials) || len(slices.Compact(slices.Clone(serials))) != len(serials) || serials[len(serials)-1] > uint32(time.Now().Unix()) {
			t.Errorf("serials %v", serials)
		}
	}, ofAll)
}

// What becomes of a zone between two versions is one change, or none.
func TestCatalogFollowsLives(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, w *world) {
		id := func(life string) string { return catalog.ID("a.example.", life) }
		close(w.loaded)
		time.Sleep(time.Minute)
		for step, c := range []struct {
			lives    []string
			want     string
			versions int // so far; the first is empty
		}{
			{[]string{"1"}, id("1"), 2},
			{[]string{"1"}, id("1"), 2},      // changed contents
			{[]string{"2"}, id("2"), 3},      // deleted and made again, seen at once
			{[]string{"", "3"}, id("3"), 4},  // likewise, seen one by one
			{[]string{"", "3"}, id("3"), 4},  // came back as it was
			{[]string{""}, "", 5},            // deleted
			{[]string{"4", ""}, "", 5},       // never seen
			{[]string{"5", "6"}, id("6"), 6}, // two lives at once
		} {
			for _, life := range c.lives {
				w.is("A.example.", life, "p")
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if members, _, versions := w.last(t, origin); members["a.example."] != c.want || versions != c.versions {
				t.Errorf("step %d: %v in %d versions, want %q in %d", step, members, versions, c.want, c.versions)
			}
		}
	}, ofAll)
}

// Each pool has its catalog, and a zone that moves goes from one to the other
// with the life that it has.
func TestEachPoolHasItsCatalog(t *testing.T) {
	t.Parallel()
	p, q := listing.Catalog{Origin: "p.invalid.", Pool: "p"}, listing.Catalog{Origin: "q.invalid.", Pool: "q", Group: "slow"}
	story(t, func(t *testing.T, w *world) {
		w.is("a.example.", "1", "p")
		w.is("b.example.", "1", "q")
		w.is("c.example.", "1", "r")
		close(w.loaded)
		w.lists(t, "p.invalid.", "a.example.")
		w.lists(t, "q.invalid.", "b.example.")
		c, err := catalog.Read(w.versions["q.invalid."][0])
		if err != nil {
			t.Fatal(err)
		}
		if m, _ := c.Get("b.example."); !slices.Equal(m.Groups, []string{"slow"}) {
			t.Errorf("its group is %q", m.Groups)
		}
		w.is("a.example.", "1", "q")
		w.lists(t, "p.invalid.")
		w.lists(t, "q.invalid.", "a.example.", "b.example.")
	}, p, q)
}

// Catalogs come and go with those who follow them. One that comes back goes on
// with its serial, and lists what there is by then.
func TestCatalogsComeAndGo(t *testing.T) {
	t.Parallel()
	p, q := listing.Catalog{Origin: "p.invalid.", Pool: "p"}, listing.Catalog{Origin: "q.invalid.", Pool: "q"}
	story(t, func(t *testing.T, w *world) {
		w.is("a.example.", "1", "p")
		w.is("b.example.", "1", "q")
		close(w.loaded)
		w.lists(t, "p.invalid.", "a.example.")
		w.set.Keep([]listing.Catalog{q})
		time.Sleep(time.Second)
		synctest.Wait()
		if !slices.Equal(w.dropped, []zone.Name{"p.invalid."}) {
			t.Errorf("dropped %v", w.dropped)
		}
		if _, err := w.set.Await(t.Context(), "p.invalid.", "a.example.", true); err == nil {
			t.Error("a catalog that there is not is said to list a zone")
		}
		w.is("c.example.", "1", "p")
		_, before, _ := w.last(t, "p.invalid.")
		w.set.Keep([]listing.Catalog{p, q})
		w.lists(t, "p.invalid.", "a.example.", "c.example.")
		w.lists(t, "q.invalid.", "b.example.")
		if _, after, _ := w.last(t, "p.invalid."); !zone.SerialLess(before, after) {
			t.Errorf("serial %d after %d", after, before)
		}
		w.set.Keep([]listing.Catalog{{Origin: "p.invalid.", Pool: "q"}}) // the same name for others
		w.lists(t, "p.invalid.", "b.example.")
	}, p)
}

// Who waits for a zone hears of it when it is served, and not before.
func TestAwait(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, w *world) {
		close(w.loaded)
		time.Sleep(time.Minute)
		heard := make(chan uint32, 1)
		await := func(listed bool) {
			go func() {
				serial, err := w.set.Await(t.Context(), origin, "A.example.", listed)
				if err != nil {
					t.Error(err)
				}
				heard <- serial
			}()
		}
		for _, life := range []string{"1", ""} {
			await(life != "")
			time.Sleep(time.Minute)
			synctest.Wait()
			select {
			case serial := <-heard:
				t.Errorf("heard of %d before anything happened", serial)
			default:
			}
			if lists, _ := w.set.Lists(origin, "a.example."); lists == (life != "") {
				t.Errorf("life %q, and already so", life)
			}
			w.is("a.example.", life, "p")
			serial := <-heard
			if _, now, _ := w.last(t, origin); serial != now {
				t.Errorf("heard of %d, the newest is %d", serial, now)
			}
			if lists, _ := w.set.Lists(origin, "a.example."); lists != (life != "") {
				t.Errorf("life %q, and not so", life)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.set.Await(ctx, origin, "never.example.", true); err == nil {
			t.Error("who lost interest hears that it is listed")
		}
	}, ofAll)
}

// Exceptions end, whatever became of the zone meanwhile.
func TestExceptions(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, w *world) {
		w.is("a.example.", "1", "p")
		close(w.loaded)
		first, again := w.set.Lend(origin, "Self.test."), w.set.Lend(origin, "self.test.")
		w.lists(t, origin, "a.example.", "self.test.")
		first()
		w.lists(t, origin, "a.example.", "self.test.")
		again()
		w.lists(t, origin, "a.example.")

		back := w.set.Leave(origin, []zone.Name{"a.example."})
		w.lists(t, origin)
		w.is("a.example.", "2", "p")
		w.lists(t, origin)
		back()
		w.lists(t, origin, "a.example.")
		if members, _, _ := w.last(t, origin); members["a.example."] != catalog.ID("a.example.", "2") {
			t.Error("it is listed with an earlier life")
		}
		back = w.set.Leave(origin, []zone.Name{"a.example."})
		w.is("a.example.", "", "")
		back()
		w.lists(t, origin)
	}, ofAll)
}

// A zone may come, go or begin anew at any moment of an exception's end, and
// versions be made: in the end the catalog lists what there is.
func TestExceptionsEndWhileZonesChange(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, w *world) {
		close(w.loaded)
		w.is("b.example.", "1", "default")
		for situation, becomes := range map[string]string{"gone": "", "another life": "3"} {
			w.is("a.example.", "2", "default")
			back := w.set.Leave(origin, []zone.Name{"a.example."})
			w.lists(t, origin, "b.example.")
			w.mu.Lock()
			w.asked = []func(){func() { w.is("a.example.", becomes, "default") }, func() { time.Sleep(time.Minute) }}
			w.mu.Unlock()
			back()
			if becomes != "" {
				w.lists(t, origin, "a.example.", "b.example.")
				w.is("a.example.", "", "")
			}
			w.lists(t, origin, "b.example.")
			if t.Failed() {
				t.Error(situation)
				return
			}
		}
	}, ofAll)
}

func TestRenew(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, w *world) {
		w.is("a.example.", "1", "p")
		close(w.loaded)
		w.lists(t, origin, "a.example.")
		members, before, _ := w.last(t, origin)
		serial, err := w.set.Renew(t.Context(), origin, false)
		now, newest, _ := w.last(t, origin)
		if err != nil || serial != newest || !zone.SerialLess(before, serial) || fmt.Sprint(now) != fmt.Sprint(members) {
			t.Errorf("serial %d after %d, the newest is %d, %v; it lists %v", serial, before, newest, err, now)
		}
		if _, err := w.set.Renew(t.Context(), "other.invalid.", false); err == nil {
			t.Error("a catalog that there is not was renewed")
		}
		if len(w.dropped) > 0 {
			t.Error("it was not served for a while, or is to be transferred whole")
		}
		if _, err := w.set.Renew(t.Context(), origin, true); err != nil || len(w.dropped) != 1 {
			t.Errorf("increments lead to the whole version: %v", err)
		}
		w.lists(t, origin, "a.example.")
	}, ofAll)
}

// The catalog's own name is no zone of it.
// A version that is being made when another is asked for is not that one: it
// says nothing of what happened since.
func TestRenewWhileAVersionIsBeingMade(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, w *world) {
		var serial uint32
		renewed := make(chan error, 1)
		w.putting = func() {
			w.is("b.example.", "2", "")
			go func() {
				var err error
				serial, err = w.set.Renew(t.Context(), origin, true)
				renewed <- err
			}()
			synctest.Wait()
		}
		w.is("a.example.", "1", "")
		close(w.loaded)
		if err := <-renewed; err != nil {
			t.Fatal(err)
		}
		members, last, _ := w.last(t, origin)
		if serial != last || members["b.example."] == "" {
			t.Errorf("the version %d was said to be the one that was asked for; the last is %d, with %v", serial, last, members)
		}
		if len(w.dropped) != 1 {
			t.Errorf("it was to be whole, and is an increment: %v", w.dropped)
		}
	}, listing.Catalog{Origin: origin})
}

func TestTheCatalogDoesNotListItself(t *testing.T) {
	t.Parallel()
	story(t, func(t *testing.T, w *world) {
		w.is("catalog.invalid.", "1", "p")
		close(w.loaded)
		w.lists(t, origin)
	}, ofAll)
}
