package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// A zone changes hands in one write: nobody sees it without an owner.
func takeover(t *testing.T, w *world) {
	www := a("www.a.example.", "192.0.2.1")
	z := w.commit(creation("a.example.", 1, www))
	wantOrigin(t, z, "panel", "", start)
	later := start.Add(time.Hour)
	write := edit(z, zone.Delta{})
	write.Change.At, write.Serial, write.Origin = later, z.Serial, "staging"
	taken := w.commit(write)
	wantOrigin(t, taken, "staging", "panel", later)
	if taken.Serial != z.Serial || taken.Revision != z.Revision+1 || taken.Published != z.Published || taken.Records != z.Records {
		t.Errorf("a takeover led from %+v to %+v", z, taken)
	}
	w.holds(taken, "www.a.example. A 192.0.2.1")
	w.reopen()
	entries, _ := w.follow("", 10)
	if len(entries) != 1 || entries[0].Zone != taken {
		t.Errorf("the feed has %+v, want %+v", entries, taken)
	}

	// Together with other contents, as where the origin gives a zone up.
	write = edit(taken, zone.Delta{Del: []zone.RRset{www}, Add: []zone.RRset{a("www.a.example.", "192.0.2.2")}})
	write.Origin = "panel"
	taken = w.commit(write)
	wantOrigin(t, taken, "panel", "staging", start)
	if taken.Published != taken.Revision {
		t.Errorf("other contents, published at %d: %+v", taken.Published, taken)
	}
	w.holds(taken, "www.a.example. A 192.0.2.2")

	// By its owner it is none.
	write = edit(taken, zone.Delta{})
	write.Change.At, write.Origin, write.Serial = later, "panel", taken.Serial
	taken = w.commit(write)
	wantOrigin(t, taken, "panel", "staging", start)

	lists, err := w.List(w.ctx(), store.ListQuery{Origin: "panel"})
	if err != nil || len(lists) != 1 || lists[0] != taken {
		t.Errorf("zones of panel: %+v, %v", lists, err)
	}
	bad := deletion(taken)
	bad.Origin = "staging"
	w.refused(bad, skein.KindInvalid, nil)
	bad = creation("b.example.", 1)
	bad.Origin = "staging"
	w.refused(bad, skein.KindInvalid, nil)
}

func wantOrigin(t *testing.T, z skein.Zone, origin, before string, since time.Time) {
	t.Helper()
	if z.Origin != origin || z.OriginBefore != before || !z.OriginSince.Equal(since) {
		t.Errorf("zone %s belongs to %q since %s, before to %q; want %q, %s, %q", z.Name, z.Origin, z.OriginSince, z.OriginBefore, origin, since, before)
	}
}

// To whom a name belonged is known while its last life is kept.
func originOfAName(t *testing.T, w *world) {
	of := func(origin string, serial uint32) store.Write {
		write := creation("a.example.", serial)
		write.Zone.Origin = origin
		return write
	}
	z := w.commit(of("one", 1))
	w.commit(deletion(z))
	z = w.commit(of("one", 2)) // its own again
	wantOrigin(t, z, "one", "", start)
	w.commit(deletion(z))
	z = w.commit(of("two", 3))
	wantOrigin(t, z, "two", "one", start)
	w.commit(deletion(z))
	back := of("two", 4) // undeleted: as it was
	back.Zone.OriginSince, back.Zone.OriginBefore = start.Add(-time.Hour), "zero"
	z = w.commit(back)
	w.reopen()
	wantOrigin(t, z, "two", "zero", start.Add(-time.Hour))
	w.commit(deletion(z))
	w.must(w.Purge(w.ctx(), start.AddDate(1, 0, 0)))
	wantOrigin(t, w.commit(of("three", 5)), "three", "", start)
}

// A write without a delta is a revision of the same serial: followers hear of
// it, and need not load anything.
func emptyDelta(t *testing.T, w *world) {
	www := a("www.a.example.", "192.0.2.1")
	z := w.commit(creation("a.example.", 7, www))
	_, cursor := w.follow("", 10)
	write := with(edit(z, zone.Delta{}), stamp(www, "certs"))
	write.Serial = z.Serial
	next := w.commit(write)
	if next.Serial != 7 || next.Revision != z.Revision+1 || next.Published != z.Published {
		t.Errorf("head %+v", next)
	}
	entries, _ := w.follow(cursor, 10)
	if len(entries) != 1 || entries[0].Zone != next {
		t.Errorf("the feed has %+v", entries)
	}
	v, err := w.DeltaSince(w.ctx(), z.ID, z.Revision)
	w.must(err)
	if len(v.Steps) != 1 || !v.Steps[0].Delta.IsZero() || v.Steps[0].Serial != 7 {
		t.Errorf("steps %+v", v.Steps)
	}
	for _, at := range []skein.Revision{z.Revision, next.Revision} {
		c, err := w.ContentsAt(w.ctx(), z.ID, at)
		w.must(err)
		wantLines(t, c, "www.a.example. A 192.0.2.1")
	}
	for serial, d := range map[uint32]zone.Delta{6: {}, 7: add(a("x.a.example.", "192.0.2.1"))} {
		bad := edit(next, d)
		bad.Serial = serial
		w.refused(bad, skein.KindInvalid, nil)
	}
	bump := edit(next, zone.Delta{}) // a later serial alone is something to publish
	if next = w.commit(bump); next.Published != next.Revision || next.Serial != 8 {
		t.Errorf("head %+v", next)
	}
}

// How many zones a source has is right after all that can happen to them.
func tallies(t *testing.T, w *world) {
	want := func(what string, zones map[string]int) {
		t.Helper()
		got, err := w.Tallies(w.ctx())
		w.must(err)
		have := map[string]int{}
		for source, tally := range got {
			have[source] = tally.Zones
		}
		if !maps.Equal(have, zones) {
			t.Errorf("%s: zones by source %v, want %v", what, have, zones)
		}
	}
	of := func(origin string, name zone.Name, serial uint32) store.Write {
		write := creation(name, serial)
		write.Zone.Origin = origin
		return write
	}
	want("nothing", map[string]int{})
	one := w.commit(of("a", "one.example.", 1))
	two := w.commit(of("a", "two.example.", 1))
	w.commit(of("b", "three.example.", 1))
	want("created", map[string]int{"a": 2, "b": 1})
	w.refused(of("a", "one.example.", 2), skein.KindConflict, store.ErrExists)
	again := of("b", "four.example.", 1)
	again.Change.ID = "once"
	w.commit(again)
	if c, err := w.Commit(w.ctx(), again); err != nil || !c.Repeated {
		t.Errorf("repeated: %+v, %v", c, err)
	}
	want("refused and repeated", map[string]int{"a": 2, "b": 2})
	two = w.commit(edit(two, add(a("www.two.example.", "192.0.2.1"))))
	w.commit(deletion(two))
	want("edited and deleted", map[string]int{"a": 1, "b": 2})
	back := of("a", "two.example.", 9)
	back.Revive = two.ID
	two = w.commit(back)
	want("undeleted", map[string]int{"a": 2, "b": 2})
	taken := edit(one, zone.Delta{})
	taken.Origin = "c"
	one = w.commit(taken)
	want("taken over", map[string]int{"a": 1, "b": 2, "c": 1})
	w.refused(taken, skein.KindConflict, store.ErrChanged)
	writes := func(yield func(store.Write) bool) {
		for i := range 1500 {
			if !yield(of("d", zone.Name(fmt.Sprintf("z%d.example.", i)), 1)) {
				return
			}
		}
	}
	w.must(w.Import(w.ctx(), writes, func(store.Commit) {}))
	want("imported", map[string]int{"a": 1, "b": 2, "c": 1, "d": 1500})
	w.commit(deletion(one))
	w.must(w.Purge(w.ctx(), start.AddDate(1, 0, 0)))
	w.reopen()
	want("purged and opened again", map[string]int{"a": 1, "b": 2, "d": 1500})
}

// Deletions are counted by whose the zones were, and by who deleted them.
func deletions(t *testing.T, w *world) {
	for i := range 10 {
		write := creation(zone.Name(fmt.Sprintf("z%d.example.", i)), 1)
		write.Zone.Origin = []string{"a", "b"}[i%2]
		gone := deletion(w.commit(write))
		gone.Change.At = start.Add(time.Duration(i) * time.Minute)
		if i == 8 {
			gone.Change.Actor.Name = "bert"
		}
		w.commit(gone)
	}
	w.must(w.Refused(w.ctx(), skein.Change{Action: "zone.delete", Actor: skein.Actor{Name: "anna"}, At: start.Add(time.Hour), Refused: "held"}))
	w.reopen()
	for name, test := range map[string]struct {
		q    store.DeletionQuery
		want int
	}{
		"zones of a":             {store.DeletionQuery{Origin: "a"}, 5},
		"in the last minutes":    {store.DeletionQuery{Origin: "a", Since: start.Add(5 * time.Minute)}, 2},
		"since the very time":    {store.DeletionQuery{Origin: "a", Since: start.Add(6 * time.Minute)}, 2},
		"no more than asked for": {store.DeletionQuery{Origin: "a", Limit: 3}, 3},
		"by anna":                {store.DeletionQuery{Actor: "anna"}, 9},
		"by bert":                {store.DeletionQuery{Actor: "bert", Since: start.Add(8 * time.Minute)}, 1},
		"of and by nobody known": {store.DeletionQuery{Origin: "c"}, 0},
	} {
		if n, err := w.Deletions(w.ctx(), test.q); err != nil || n != test.want {
			t.Errorf("%s: %d, %v; want %d", name, n, err, test.want)
		}
	}
	for _, q := range []store.DeletionQuery{{}, {Origin: "a", Actor: "anna"}} {
		_, err := w.Deletions(w.ctx(), q)
		wantError(t, err, skein.KindInvalid, nil)
	}
}

// What a source did since a time is found in the order in which it was done.
func changesBySource(t *testing.T, w *world) {
	at := func(minute int, source string, write store.Write) store.Write {
		write.Change.At, write.Change.Actor.Source = start.Add(time.Duration(minute)*time.Minute), source
		return write
	}
	z := w.commit(at(0, "a", creation("a.example.", 1)))
	other := w.commit(at(1, "b", creation("b.example.", 1)))
	z = w.commit(at(2, "a", edit(z, add(a("www.a.example.", "192.0.2.1")))))
	w.must(w.Refused(w.ctx(), skein.Change{Action: "zone.delete", Zone: "b.example.", Actor: skein.Actor{Source: "a"}, At: start.Add(3 * time.Minute), Refused: "no"}))
	w.commit(at(3, "b", edit(z, add(a("x.a.example.", "192.0.2.1")))))
	w.commit(at(4, "a", edit(other, add(a("x.b.example.", "192.0.2.1")))))
	w.commit(at(4, "a", creation("c.example.", 1)))
	w.reopen()
	for name, test := range map[string]struct {
		since time.Time
		want  []string
	}{
		"all":               {time.Time{}, []string{"zone.create a.example.", "record.set a.example.", "record.set b.example.", "zone.create c.example."}},
		"since a time":      {start.Add(2 * time.Minute), []string{"record.set a.example.", "record.set b.example.", "zone.create c.example."}},
		"since it was idle": {start.Add(5 * time.Minute), nil},
	} {
		var got []string
		for q := (store.ChangesQuery{Source: "a", Since: test.since, Limit: 2}); ; {
			page, err := w.ChangesBy(w.ctx(), q)
			w.must(err)
			for _, e := range page {
				got = append(got, e.Action+" "+string(e.Zone))
			}
			if len(page) < q.Limit {
				break
			}
			q.After = page[len(page)-1].Seq
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
