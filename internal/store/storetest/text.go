package storetest

import (
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// The zone file that contents were given as is there as long as they are.
func texts(t *testing.T, w *world) {
	has := func(z skein.Zone, at skein.Revision, want string) {
		t.Helper()
		text, of, err := w.Text(w.ctx(), z.ID)
		if want == "" {
			wantError(t, err, skein.KindNotFound, store.ErrNotFound)
			return
		}
		if err != nil || of != at || string(text) != want {
			t.Errorf("after revision %d: a text of %d octets, of revision %d, %v; want %d of revision %d", z.Revision, len(text), of, err, len(want), at)
		}
	}
	with := func(write store.Write, text string) store.Write {
		write.Text = []byte(text)
		return write
	}
	stamped := func(z skein.Zone) store.Write {
		write := edit(z, zone.Delta{})
		write.Serial, write.Stamps = z.Serial, []store.Stamp{{Name: "www.a.example.", Type: zone.TypeA, Source: "other"}}
		return write
	}
	long := "; as the panel gave it\n" + strings.Repeat("; a line of many\n", 1000)

	z := w.commit(with(creation("a.example.", 1, a("www.a.example.", "192.0.2.1")), long))
	other := w.commit(creation("b.example.", 1))
	w.reopen()
	has(z, 1, long)
	has(other, 0, "")

	// It stays while the contents do, whatever else changes.
	z = w.commit(stamped(z))
	has(z, 1, long)
	renumbered := edit(z, zone.Delta{})
	z = w.commit(renumbered)
	has(z, 1, long)
	// Other contents bring theirs, or have none.
	z = w.commit(with(edit(z, add(a("new.a.example.", "192.0.2.1"))), "; new\n"))
	has(z, z.Revision, "; new\n")
	same := with(edit(z, zone.Delta{}), "; said otherwise\n")
	same.Serial = z.Serial
	z = w.commit(same)
	has(z, z.Revision, "; said otherwise\n")
	last := z.Revision
	w.refused(with(edit(z, remove(a("never.a.example.", "192.0.2.1"))), "; refused\n"), skein.KindConflict, nil)
	has(z, last, "; said otherwise\n")
	has(w.commit(edit(z, remove(a("new.a.example.", "192.0.2.1")))), 0, "")

	// It is kept with what was deleted, and goes with it.
	gone := w.commit(with(creation("c.example.", 1), "; c\n"))
	made := gone.Revision
	gone = w.commit(deletion(gone))
	has(gone, made, "; c\n")
	again := w.commit(creation("c.example.", 2))
	has(again, 0, "")
	w.must(w.Purge(w.ctx(), start.AddDate(0, 1, 0)))
	has(gone, 0, "")

	// A new zone may come with one among many.
	var imported skein.Zone
	w.must(w.Import(w.ctx(), func(yield func(store.Write) bool) {
		if yield(creation("d.example.", 1)) {
			yield(with(creation("e.example.", 1), "; e\n"))
		}
	}, func(c store.Commit) { imported = c.Zone }))
	has(imported, imported.Revision, "; e\n")
}
