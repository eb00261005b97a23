package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Many write, one follows: at the end it knows every zone's newest head, and
// on the way entries came in strictly growing order.
func followerMissesNothing(t *testing.T, w *world) {
	const writers, changes = 8, 60
	var running atomic.Int32
	running.Store(writers)
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			defer running.Add(-1)
			z := skein.Zone{}
			for n := range changes {
				write := edit(z, add(a(zone.Name(fmt.Sprintf("h%d.w%d.example.", n, i)), "192.0.2.1")))
				if z.ID == "" {
					write = creation(zone.Name(fmt.Sprintf("w%d.example.", i)), z.Serial+1)
				} else if rand.IntN(5) == 0 {
					write = deletion(z)
				}
				c, err := w.Commit(w.ctx(), write)
				if err != nil {
					t.Error(err)
					return
				}
				if z = c.Zone; z.Deleted {
					z.ID = ""
				}
			}
		})
	}
	known := map[skein.ZoneID]skein.Zone{}
	var cursor store.Cursor
	var last skein.Revision
	for more := true; more; {
		more = running.Load() > 0 // looked at before the read: what is there now will be read
		var entries []store.Entry
		entries, cursor = w.follow(cursor, 7)
		for _, e := range entries {
			if e.Revision <= last || e.Revision != e.Zone.Revision {
				t.Fatalf("revision %d (head %d) after %d", e.Revision, e.Zone.Revision, last)
			}
			last, known[e.Zone.ID] = e.Revision, e.Zone
		}
	}
	group.Wait()
	if last != writers*changes {
		t.Errorf("the follower's last revision is %d, want %d", last, writers*changes)
	}
	entries, _ := w.follow("", 1000)
	if len(entries) != len(known) {
		t.Errorf("the follower knows %d zones, there are %d", len(known), len(entries))
	}
	for _, e := range entries {
		if known[e.Zone.ID] != e.Zone {
			t.Errorf("the follower knows %+v, the store %+v", known[e.Zone.ID], e.Zone)
		}
	}
	if end, err := w.Head(w.ctx()); err != nil || end != cursor {
		t.Errorf("head %s, %v; the follower is at %s", end, err, cursor)
	}
}

func compactionWhilePaging(t *testing.T, w *world) {
	zones := map[zone.Name]skein.Zone{}
	for _, n := range []zone.Name{"a.example.", "b.example.", "c.example.", "d.example."} {
		zones[n] = w.commit(creation(n, 1))
	}
	first, cursor, err := w.Entries(w.ctx(), "", 2)
	w.must(err)
	wantNames(t, first, "a.example. 1", "b.example. 2")
	w.commit(edit(zones["a.example."], add(a("x.a.example.", "192.0.2.1")))) // 5: seen before, comes again
	z := w.commit(edit(zones["d.example."], add(a("x.d.example.", "192.0.2.1"))))
	z = w.commit(edit(z, add(a("y.d.example.", "192.0.2.1")))) // 7: only the newest entry stays
	w.commit(deletion(zones["c.example."]))                    // 8
	rest, cursor := w.follow(cursor, 2)
	wantNames(t, rest, "a.example. 5", "d.example. 7", "c.example. 8 deleted")
	if rest[1].Zone != z {
		t.Errorf("the entry has head %+v, want %+v", rest[1].Zone, z)
	}
	if more, again := w.follow(cursor, 2); len(more) > 0 || again != cursor {
		t.Errorf("after the end: %q, and cursor %s → %s", names(more), cursor, again)
	}
}

func at(write store.Write, when time.Time) store.Write {
	write.Change.At = when
	return write
}

func tombstonesAndFloor(t *testing.T, w *world) {
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	a := w.commit(at(creation("a.example.", 1), day(0)))
	old, _, err := w.Entries(w.ctx(), "", 1) // the cursor behind a
	w.must(err)
	wantNames(t, old, "a.example. 1")
	_, early := w.follow("", 10)
	b := w.commit(at(creation("b.example.", 1), day(1)))
	w.commit(at(deletion(a), day(2))) // 3
	_, between := w.follow("", 10)
	b = w.commit(at(edit(b, add(txt("b.example.", "x"))), day(10))) // 4
	c := w.commit(at(creation("c.example.", 1), day(11)))           // 5
	w.commit(at(deletion(c), day(12)))                              // 6

	entries, _ := w.follow("", 10)
	wantNames(t, entries, "a.example. 3 deleted", "b.example. 4", "c.example. 6 deleted")
	w.must(w.Purge(w.ctx(), day(5)))
	w.reopen()
	entries, _ = w.follow("", 10)
	wantNames(t, entries, "b.example. 4", "c.example. 6 deleted")
	if _, _, err := w.Entries(w.ctx(), early, 10); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a cursor below the floor: %v; its reader would never hear of a's deletion", err)
	}
	entries, _ = w.follow(between, 10)
	wantNames(t, entries, "b.example. 4", "c.example. 6 deleted")
	if _, err := w.ZoneByID(w.ctx(), a.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the purged tombstone: %v", err)
	}
	w.holds(b, `b.example. TXT "x"`)
	if log, err := w.Audit(w.ctx(), skein.AuditQuery{}); err != nil || len(log) != 3 {
		t.Errorf("%d audit entries are left, %v; want 3", len(log), err)
	}

	// Everything purged: who was at the end is still at the end.
	head, err := w.Head(w.ctx())
	w.must(err)
	w.must(w.Purge(w.ctx(), day(100)))
	w.must(w.Purge(w.ctx(), day(5))) // never lowers the floor
	if entries, next := w.follow(head, 10); len(entries) > 0 || next != head {
		t.Errorf("after purging all: %q, %s → %s", names(entries), head, next)
	}
	if _, _, err := w.Entries(w.ctx(), between, 10); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a cursor below the new floor: %v", err)
	}
	w.commit(at(creation("d.example.", 1), day(101)))
	entries, _ = w.follow(head, 10)
	wantNames(t, entries, "d.example. 7")
	entries, _ = w.follow("", 1)
	wantNames(t, entries, "b.example. 4", "d.example. 7")
}

// Zones that nobody changed for years lie below the floor: a new follower
// gets them page by page all the same, unless a purge comes in between.
func purgeWhilePaging(t *testing.T, w *world) {
	for i := range 6 {
		w.commit(creation(zone.Name(fmt.Sprintf("z%d.example.", i)), 1))
	}
	w.must(w.Purge(w.ctx(), start.AddDate(1, 0, 0)))
	entries, _ := w.follow("", 2)
	if len(entries) != 6 {
		t.Fatalf("%d of 6 old zones came", len(entries))
	}
	_, cursor, err := w.Entries(w.ctx(), "", 2)
	w.must(err)
	w.commit(at(deletion(entries[0].Zone), start.AddDate(1, 1, 0)))
	w.commit(at(creation("last.example.", 1), start.AddDate(2, 0, 0)))
	if rest, _ := w.follow(cursor, 2); len(rest) != 6 {
		t.Errorf("%d entries came after the first page, want 6: %q", len(rest), names(rest))
	}
	w.must(w.Purge(w.ctx(), start.AddDate(1, 6, 0))) // z0, of the first page, is forgotten
	if _, _, err := w.Entries(w.ctx(), cursor, 2); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a reader that would keep a deleted zone for ever is sent on: %v", err)
	}
}

// Purging much takes many transactions, and commits come in between.
func purgeMuch(t *testing.T, w *world) {
	const n = 1300
	var large []zone.RRset
	for i := range 60_000 {
		large = append(large, txt(zone.Name(fmt.Sprintf("h%d.large.example.", i)), strings.Repeat("x", 200)))
	}
	ends := []skein.Zone{w.commit(creation("large.example.", 1, large...))}
	w.must(w.Import(w.ctx(), func(yield func(store.Write) bool) {
		for i := range n {
			if !yield(creation(zone.Name(fmt.Sprintf("z%d.example.", i)), 1)) {
				return
			}
		}
	}, func(c store.Commit) { ends = append(ends, c.Zone) }))
	stays := w.commit(creation("stays.example.", 1))
	var group sync.WaitGroup
	for _, z := range ends {
		group.Go(func() {
			if _, err := w.Commit(w.ctx(), deletion(z)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	group.Go(func() {
		if err := w.Purge(w.ctx(), start.AddDate(0, 0, 1)); err != nil {
			t.Error(err)
		}
	})
	for i := range 20 {
		stays = w.commit(at(edit(stays, add(a(zone.Name(fmt.Sprintf("h%d.stays.example.", i)), "192.0.2.1"))), start.AddDate(0, 0, 2)))
	}
	group.Wait()
	w.must(w.Purge(w.ctx(), start.AddDate(0, 0, 1))) // what the first one left for the commits
	entries, _ := w.follow("", 100)
	wantNames(t, entries, fmt.Sprintf("stays.example. %d", stays.Revision))
	for _, z := range []skein.Zone{ends[0], ends[n]} {
		if _, err := w.ZoneByID(w.ctx(), z.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", z.Name, err)
		}
	}
	if zones, _, err := w.Totals(w.ctx()); err != nil || zones != 1 {
		t.Errorf("%d zones, %v", zones, err)
	}
	if log, err := w.Audit(w.ctx(), skein.AuditQuery{}); err != nil || len(log) != 20 {
		t.Errorf("%d audit entries, %v; want those of the edits", len(log), err)
	}
}

func (w *world) snapshot() (restore func()) {
	w.t.Helper()
	w.must(w.Close())
	back, err := w.engine.Snapshot()
	w.must(err)
	w.open()
	return func() {
		w.t.Helper()
		w.must(w.Close())
		w.must(back())
		w.open()
	}
}

// wantResync checks that a cursor is refused, and that it stays so.
func (w *world) wantResync(c store.Cursor) {
	w.t.Helper()
	for _, when := range []string{"at first", "the second time", "after a restart"} {
		if _, _, err := w.Entries(w.ctx(), c, 10); !errors.Is(err, store.ErrCursor) {
			w.t.Errorf("%s: %v, want ErrCursor", when, err)
		}
		if when == "the second time" {
			w.reopen()
		}
	}
}

func rewindBehindTheCursor(t *testing.T, w *world) {
	z := w.commit(creation("a.example.", 1))
	_, kept := w.follow("", 10)
	restore := w.snapshot()
	w.commit(edit(z, add(a("x.a.example.", "192.0.2.1"))))
	_, lost := w.follow("", 10)
	restore()
	w.wantResync(lost)
	// Who was not ahead resyncs too: the epoch is another one, for good.
	w.wantResync(kept)
	entries, next := w.follow("", 10)
	wantNames(t, entries, "a.example. 1")
	w.reopen()
	if more, _ := w.follow(next, 10); len(more) > 0 {
		t.Errorf("after the resync: %q", names(more))
	}
}

func rewindAndAnotherHistory(t *testing.T, w *world) {
	z := w.commit(creation("a.example.", 1))
	restore := w.snapshot()
	w.commit(edit(z, add(a("lost.a.example.", "192.0.2.1"))))
	_, lost := w.follow("", 10)
	restore()
	w.commit(edit(z, add(a("kept.a.example.", "192.0.2.1"))))
	entries, other := w.follow("", 10)
	wantNames(t, entries, "a.example. 2")
	if lost == other {
		t.Fatal("two histories have the same cursor")
	}
	w.wantResync(lost) // the position is the same: only the digest tells

	// The other history went on beyond the lost cursor.
	z, err := w.Zone(w.ctx(), "a.example.")
	w.must(err)
	restore = w.snapshot()
	w.commit(edit(z, add(a("one.a.example.", "192.0.2.1"))))
	_, lost = w.follow("", 10)
	restore()
	z = w.commit(edit(z, add(a("two.a.example.", "192.0.2.1"))))
	w.commit(edit(z, add(a("three.a.example.", "192.0.2.1"))))
	w.wantResync(lost)
}

func foreignCursors(t *testing.T, w *world) {
	w.commit(creation("a.example.", 1))
	_, good := w.follow("", 10)
	for _, c := range []store.Cursor{"x", ":::", good + "0", good + ":1", "other" + good, "99999999999999999999:1:1:00", "é", "0:0:0:"} {
		if _, _, err := w.Entries(w.ctx(), c, 10); !errors.Is(err, store.ErrCursor) {
			t.Errorf("%q: %v, want ErrCursor", c, err)
		}
	}
}

func wake(t *testing.T, w *world) {
	hints, stop := w.Wake()
	deaf, stopDeaf := w.Wake() // never read: nobody waits for it
	w.commit(creation("a.example.", 1))
	w.commit(creation("b.example.", 1))
	select {
	case <-hints:
	case <-time.After(20 * time.Second):
		t.Fatal("no hint came")
	}
	stop()
	stop()
	stopDeaf()
	_ = deaf
	w.commit(creation("c.example.", 1))
}
