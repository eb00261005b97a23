package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// What was deleted is found by name, origin and part of the name, the newest
// deletion first, until it is purged; and what it held at last can be read.
func findDeleted(t *testing.T, w *world) {
	made := func(name zone.Name, origin string, sets ...zone.RRset) skein.Zone {
		serial, _, err := w.SerialFloor(w.ctx(), name)
		w.must(err)
		write := creation(name, serial+1, sets...)
		write.Zone.Origin = origin
		return w.commit(write)
	}
	first := made("a.example.", "panel", a("www.a.example.", "192.0.2.1")) // 1
	first = w.commit(edit(first, add(a("ftp.a.example.", "192.0.2.1"))))   // 2
	w.commit(deletion(first))                                              // 3
	w.commit(deletion(made("b.example.", "anna")))                         // 4, 5
	w.commit(deletion(made("sub.a.example.", "panel")))                    // 6, 7
	w.commit(deletion(made("A.example.", "anna")))                         // 8, 9
	live := made("b.example.", "panel")                                    // 10
	w.reopen()

	found := func(q store.DeletedQuery) (got []string) {
		t.Helper()
		gone, err := w.Deleted(w.ctx(), q)
		w.must(err)
		for _, d := range gone {
			if !d.Zone.Deleted {
				t.Errorf("%+v is no tombstone", d.Zone)
			}
			got = append(got, fmt.Sprintf("%s %d after %d", d.Zone.Name, d.Zone.Revision, d.Last))
		}
		return got
	}
	const a1, b, sub, a2 = "a.example. 3 after 2", "b.example. 5 after 4", "sub.a.example. 7 after 6", "A.example. 9 after 8"
	for _, row := range []struct {
		what  string
		query store.DeletedQuery
		want  []string
	}{
		{"all", store.DeletedQuery{}, []string{a2, sub, b, a1}},
		{"a part", store.DeletedQuery{Limit: 2}, []string{a2, sub}},
		{"the next part", store.DeletedQuery{Before: 7, Limit: 2}, []string{b, a1}},
		{"both lives of a name", store.DeletedQuery{Name: "a.EXAMPLE."}, []string{a2, a1}},
		{"the life before the last", store.DeletedQuery{Name: "a.example.", Before: 9}, []string{a1}},
		{"the life that was a source's", store.DeletedQuery{Name: "a.example.", Origin: "panel", Limit: 1}, []string{a1}},
		{"one whose name lives again", store.DeletedQuery{Name: "b.example."}, []string{b}},
		{"a source's", store.DeletedQuery{Origin: "anna"}, []string{a2, b}},
		{"a part of the name", store.DeletedQuery{Contains: "a.ex"}, []string{a2, sub, a1}},
		{"a name that never was", store.DeletedQuery{Name: "c.example."}, nil},
	} {
		if got := found(row.query); !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", row.what, got, row.want)
		}
	}
	c, err := w.ContentsAt(w.ctx(), first.ID, 2)
	w.must(err)
	wantLines(t, c, "ftp.a.example. A 192.0.2.1", "www.a.example. A 192.0.2.1")

	// Of a zone that lived long the last contents are kept, though what led to them is not.
	w.commit(at(deletion(live), start.AddDate(0, 2, 0))) // 11
	w.must(w.Purge(w.ctx(), start.AddDate(0, 1, 0)))
	if got := found(store.DeletedQuery{}); !slices.Equal(got, []string{"b.example. 11 after 10"}) {
		t.Errorf("after a month: %q", got)
	}
	c, err = w.ContentsAt(w.ctx(), live.ID, 10)
	w.must(err)
	wantLines(t, c)
	w.must(w.Purge(w.ctx(), start.AddDate(1, 0, 0)))
	if got := found(store.DeletedQuery{}); len(got) > 0 {
		t.Errorf("after a year: %q", got)
	}
}

// What was published at a revision is known as long as what came after is
// kept, also where the version of then is not.
func zoneAt(t *testing.T, w *world) {
	one := w.commit(creation("a.example.", 1, a("www.a.example.", "192.0.2.1")))                 // 1
	one = w.commit(edit(one, add(a("ftp.a.example.", "192.0.2.1"))))                             // 2
	const released skein.Revision = 2                                                            // and then, much later:
	other := w.commit(at(creation("b.example.", 1), start.AddDate(0, 2, 0)))                     // 3
	one = w.commit(at(edit(one, add(a("new.a.example.", "192.0.2.2"))), start.AddDate(0, 2, 0))) // 4
	w.commit(at(deletion(one), start.AddDate(0, 2, 0)))                                          // 5
	w.reopen()
	for _, when := range []string{"at once", "when all that was older is purged"} {
		p, err := w.ZoneAt(w.ctx(), one.ID, released)
		w.must(err)
		if p.Revision != released || p.Serial != 2 {
			t.Errorf("%s: %+v", when, p)
		}
		wantLines(t, p.Contents, "ftp.a.example. A 192.0.2.1", "www.a.example. A 192.0.2.1")
		if p, err := w.ZoneAt(w.ctx(), other.ID, released); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: a zone that was not there yet: %+v, %v", when, p, err)
		}
		if p, err := w.ZoneAt(w.ctx(), other.ID, 5); err != nil || p.Revision != other.Revision || p.Serial != other.Serial {
			t.Errorf("%s: one that did not change since: %+v, %v", when, p, err)
		}
		w.must(w.Purge(w.ctx(), start.AddDate(0, 1, 0)))
	}
	if p, err := w.ZoneAt(w.ctx(), one.ID, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what history does not reach: %+v, %v", p, err)
	}
	if p, err := w.ZoneAt(w.ctx(), "nobody", 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a zone that never was: %+v, %v", p, err)
	}
}
