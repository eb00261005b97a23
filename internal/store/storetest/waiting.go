package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// waits is a change of a source that waits.
func waits(kind, source string, name zone.Name, sets ...zone.RRset) store.WaitingRow {
	return store.WaitingRow{Sets: sets, Waiting: skein.Waiting{Kind: kind, Zone: name, Source: source, At: start, Action: "zone.replace",
		Actor: skein.Actor{Name: "plesk", Door: "plesk", Source: source}, Reason: "it is another's", Mend: "take it over", Serial: 4, Records: len(sets), ZoneID: "x", Revision: 3}}
}

func (w *world) wait(row store.WaitingRow) int64 {
	w.t.Helper()
	id, err := w.PutWaiting(w.ctx(), row)
	w.must(err)
	return id
}

// queue prints what waits: "1 hold a.example. of panel".
func (w *world) queue(q store.WaitingQuery) (out []string) {
	w.t.Helper()
	list, err := w.Waiting(w.ctx(), q)
	w.must(err)
	for _, x := range list {
		out = append(out, fmt.Sprintf("%d %s %s of %s", x.ID, x.Kind, x.Zone, x.Source))
	}
	return out
}

func waitingRows(t *testing.T, w *world) {
	first := waits(skein.WaitingConflict, "two", "a.example.", a("www.a.example.", "192.0.2.1"))
	first.ID = w.wait(first)
	edits := waits(skein.WaitingHold, "one", "A.example.")
	edits.Edits = []byte(`[{"op":"delete"}]`)
	edits.ID = w.wait(edits)
	w.wait(waits(skein.WaitingApproval, "one", "b.example.", a("b.example.", "192.0.2.1")))
	w.reopen()
	for _, want := range []store.WaitingRow{first, edits} {
		if got, err := w.WaitingByID(w.ctx(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}

	// Sent once more, it is the one that a person may be looking at.
	again := first
	again.ID, again.At = 0, start.Add(time.Hour)
	if w.wait(again); again.At.Equal(first.At) {
		t.Fatal("the times are the same")
	}
	if got, err := w.WaitingByID(w.ctx(), first.ID); err != nil || !got.At.Equal(first.At) {
		t.Errorf("the same change again is of %s, %v; the first was of %s", got.At, err, first.At)
	}

	// A newer one of the same zone, source and kind takes the place and the number.
	newer := waits(skein.WaitingConflict, "two", "A.EXAMPLE.", a("www.a.example.", "192.0.2.2"))
	newer.At, newer.Action, newer.Reason, newer.Actor.Name = start.Add(time.Hour), "zone.delete", "still", "anna"
	if newer.ID = w.wait(newer); newer.ID != first.ID {
		t.Errorf("number %d, before it was %d", newer.ID, first.ID)
	}
	if got, err := w.WaitingByID(w.ctx(), newer.ID); err != nil || !reflect.DeepEqual(got, newer) {
		t.Errorf("%+v, %v; want %+v", got, err, newer)
	}
	w.wait(waits(skein.WaitingHold, "two", "a.example."))
	w.wait(waits(skein.WaitingConflict, "one", "a.example."))

	for name, test := range map[string]struct {
		q    store.WaitingQuery
		want []string
	}{
		"all":           {store.WaitingQuery{}, []string{"1 conflict A.EXAMPLE. of two", "2 hold A.example. of one", "3 approval b.example. of one", "4 hold a.example. of two", "5 conflict a.example. of one"}},
		"a page":        {store.WaitingQuery{After: 2, Limit: 2}, []string{"3 approval b.example. of one", "4 hold a.example. of two"}},
		"of a kind":     {store.WaitingQuery{Kinds: []string{skein.WaitingHold}}, []string{"2 hold A.example. of one", "4 hold a.example. of two"}},
		"of two kinds":  {store.WaitingQuery{Kinds: []string{skein.WaitingHold, skein.WaitingApproval}, Source: "one"}, []string{"2 hold A.example. of one", "3 approval b.example. of one"}},
		"of a zone":     {store.WaitingQuery{Zone: "a.Example.", Kinds: []string{skein.WaitingConflict}}, []string{"1 conflict A.EXAMPLE. of two", "5 conflict a.example. of one"}},
		"of sources":    {store.WaitingQuery{Sources: []string{"two", "three"}, After: 1}, []string{"4 hold a.example. of two"}},
		"of no source":  {store.WaitingQuery{Sources: []string{}}, nil},
		"of a stranger": {store.WaitingQuery{Source: "three"}, nil},
	} {
		if got := w.queue(test.q); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}

	w.must(w.DropWaiting(w.ctx(), 1))
	wantError(t, w.DropWaiting(w.ctx(), 1), skein.KindNotFound, store.ErrNotFound)
	_, err := w.WaitingByID(w.ctx(), 1)
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)
	if id := w.wait(first); id != 6 {
		t.Errorf("the next number is %d; those before are used up", id)
	}
	for _, bad := range []store.WaitingRow{waits("", "one", "a.example."), waits(skein.WaitingHold, "", "a.example."), waits(skein.WaitingHold, "one", "")} {
		_, err := w.PutWaiting(w.ctx(), bad)
		wantError(t, err, skein.KindInvalid, nil)
	}
}

// A waiting change and what it waited for are never both there, nor both gone.
func waitingReleased(t *testing.T, w *world) {
	z := w.commit(creation("a.example.", 1))
	id := w.wait(waits(skein.WaitingConflict, "two", "a.example."))
	other := w.wait(waits(skein.WaitingConflict, "three", "a.example."))
	releases := func(write store.Write, id int64) store.Write {
		write.Waiting = id
		return write
	}

	// Refused for whatever reason, it goes on waiting.
	w.refused(releases(edit(z, remove(a("www.a.example.", "192.0.2.1"))), id), skein.KindConflict, zone.ErrNotApplicable)
	stale := releases(edit(z, zone.Delta{}), id)
	stale.Expect++
	w.refused(stale, skein.KindConflict, store.ErrChanged)
	w.refused(releases(creation("a.example.", 2), id), skein.KindConflict, store.ErrExists)
	if err := w.Import(w.ctx(), func(yield func(store.Write) bool) { yield(releases(creation("b.example.", 2), id)) }, func(store.Commit) {}); err == nil {
		t.Error("an import releases")
	}
	both := []string{"1 conflict a.example. of two", "2 conflict a.example. of three"}
	if got := w.queue(store.WaitingQuery{}); !slices.Equal(got, both) {
		t.Errorf("after refusals %q waits, want %q", got, both)
	}

	// Done, it waits no more, and twice it is not done.
	write := releases(edit(z, add(a("www.a.example.", "192.0.2.1"))), id)
	write.Change.ID, write.Origin = "release", "two"
	z = w.commit(write)
	w.reopen()
	if got := w.queue(store.WaitingQuery{}); !slices.Equal(got, both[1:]) {
		t.Errorf("after the release %q waits, want %q", got, both[1:])
	}
	if c, err := w.Commit(w.ctx(), write); err != nil || !c.Repeated {
		t.Errorf("the same again: %+v, %v", c, err)
	}
	w.refused(releases(edit(z, add(a("x.a.example.", "192.0.2.1"))), id), skein.KindNotFound, store.ErrNotFound)
	w.holds(z, "www.a.example. A 192.0.2.1")

	gone := releases(deletion(z), other)
	w.commit(gone)
	fresh := w.wait(waits(skein.WaitingApproval, "one", "b.example."))
	w.commit(releases(creation("b.example.", 1), fresh))
	if got := w.queue(store.WaitingQuery{}); got != nil {
		t.Errorf("%q waits", got)
	}
	if got, err := w.Tallies(w.ctx()); err != nil || !reflect.DeepEqual(got, map[string]store.Tally{"panel": {Zones: 1}}) {
		t.Errorf("tallies %+v, %v", got, err)
	}
}

// A source that sends ever more of what must wait does not fill the disk, and
// takes nothing from others.
func waitingIsBounded(t *testing.T, w *world) {
	const writers = 100 // who come together share a sync
	var group sync.WaitGroup
	for n := range writers {
		group.Go(func() {
			for i := n; i < store.MaxWaiting; i += writers {
				if _, err := w.PutWaiting(w.ctx(), waits(skein.WaitingHold, "one", zone.Name(fmt.Sprintf("z%d.example.", i)))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	_, err := w.PutWaiting(w.ctx(), waits(skein.WaitingHold, "one", "more.example."))
	wantError(t, err, skein.KindUnavailable, nil)
	w.wait(waits(skein.WaitingHold, "one", "z7.example.")) // takes an older one's place
	w.wait(waits(skein.WaitingHold, "two", "more.example."))
	w.must(w.DropWaiting(w.ctx(), 1))
	w.wait(waits(skein.WaitingHold, "one", "more.example."))
	if got, err := w.Tallies(w.ctx()); err != nil || got["one"].Waiting != store.MaxWaiting || got["two"].Waiting != 1 {
		t.Errorf("tallies %+v, %v", got, err)
	}
}
