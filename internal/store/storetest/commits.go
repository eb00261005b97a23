package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

func compareAndSet(t *testing.T, w *world) {
	const writers, rounds = 12, 8
	z := w.commit(creation("a.example.", 1))
	for round := range rounds {
		won := make([]bool, writers)
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				name := zone.Name(fmt.Sprintf("w%d-r%d.a.example.", i, round))
				_, err := w.Commit(w.ctx(), edit(z, add(txt(name, "won"))))
				won[i] = err == nil
				if err != nil {
					wantError(t, err, skein.KindConflict, store.ErrChanged)
				}
			})
		}
		group.Wait()
		winners := 0
		for i, yes := range won {
			if !yes {
				continue
			}
			winners++
			sets, _, err := w.Nodes(w.ctx(), z.ID, []zone.Name{zone.Name(fmt.Sprintf("w%d-r%d.a.example.", i, round))})
			if err != nil || len(sets) != 1 {
				t.Errorf("the winner's record is not there: %v, %v", sets, err)
			}
		}
		if winners != 1 {
			t.Fatalf("round %d has %d winners", round, winners)
		}
		before := z
		var err error
		z, err = w.ZoneByID(w.ctx(), z.ID)
		w.must(err)
		if z.Revision != before.Revision+1 || z.Records != before.Records+1 {
			t.Errorf("round %d: revision %d → %d, records %d → %d", round, before.Revision, z.Revision, before.Records, z.Records)
		}
	}
	// Creating is a race too.
	var group sync.WaitGroup
	results := make(chan error, writers)
	for range writers {
		group.Go(func() {
			_, err := w.Commit(w.ctx(), creation("new.example.", 1))
			results <- err
		})
	}
	group.Wait()
	close(results)
	created := 0
	for err := range results {
		if err == nil {
			created++
		} else {
			wantError(t, err, skein.KindConflict, store.ErrExists)
		}
	}
	if created != 1 {
		t.Errorf("%d writers created the same zone", created)
	}
}

// Many good and bad writes at once: they share transactions, and each gets its own fate.
func refusedAmongGood(t *testing.T, w *world) {
	const n = 300
	zones := make([]skein.Zone, n)
	for i := range zones {
		zones[i] = w.commit(creation(zone.Name(fmt.Sprintf("z%d.example.", i)), 1))
	}
	var group sync.WaitGroup
	for i, z := range zones {
		group.Go(func() {
			write := edit(z, add(a("www."+z.Name, "192.0.2.1"), a("mail."+z.Name, "192.0.2.2")))
			switch i % 3 {
			case 1:
				write.Delta.Del = []zone.RRset{a("zzz."+z.Name, "192.0.2.9")}
			case 2:
				write.Expect--
			}
			_, err := w.Commit(w.ctx(), write)
			if (err == nil) != (i%3 == 0) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	group.Wait()
	good := 0
	for i, z := range zones {
		now, err := w.ZoneByID(w.ctx(), z.ID)
		w.must(err)
		if i%3 != 0 {
			if now != z {
				t.Errorf("a refused write left %+v, before it was %+v", now, z)
			}
			w.holds(z)
			continue
		}
		good++
		w.holds(now, "mail."+string(z.Name)+" A 192.0.2.2", "www."+string(z.Name)+" A 192.0.2.1")
	}
	entries, _ := w.follow("", 1000)
	if last := entries[len(entries)-1].Revision; last != skein.Revision(n+good) {
		t.Errorf("newest revision %d, want %d: revisions are dense", last, n+good)
	}
}

// A write that is refused late takes back what it did before, though others
// of its group are committed.
func refusedHalfWay(t *testing.T, w *world) {
	var sets []zone.RRset
	for i := range 3000 {
		sets = append(sets, a(zone.Name(fmt.Sprintf("h%04d.a.example.", i)), "192.0.2.1"))
	}
	z := w.commit(creation("a.example.", 1, sets...))
	before, _, err := w.Contents(w.ctx(), z.ID)
	w.must(err)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			d := zone.Delta{Add: []zone.RRset{txt("a.example.", "half")}, Del: []zone.RRset{sets[0], sets[1500], a("h2999.a.example.", "192.0.2.2")}}
			w.refused(edit(z, d), skein.KindConflict, zone.ErrNotApplicable)
			if _, err := w.Commit(w.ctx(), creation(zone.Name(fmt.Sprintf("other%d.example.", i)), 1)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	now, _, err := w.Contents(w.ctx(), z.ID)
	w.must(err)
	if d := zone.Diff(before, now); !d.IsZero() {
		t.Errorf("a refused write left %v", d)
	}
}

func refusals(t *testing.T, w *world) {
	z := w.commit(creation("a.example.", 10, a("www.a.example.", "192.0.2.1")))
	for name, row := range map[string]struct {
		write store.Write
		kind  skein.Kind
		cause error
	}{
		"no name":                    {store.Write{Zone: skein.Zone{ID: z.ID}, Expect: z.Revision}, skein.KindInvalid, nil},
		"no id":                      {edit(skein.Zone{Name: z.Name, Revision: z.Revision}, zone.Delta{}), skein.KindInvalid, nil},
		"id of another name":         {edit(skein.Zone{ID: z.ID, Name: "b.example.", Revision: z.Revision}, zone.Delta{}), skein.KindInvalid, nil},
		"unknown id":                 {edit(skein.Zone{ID: "nothing", Name: z.Name, Revision: 1}, zone.Delta{}), skein.KindNotFound, store.ErrNotFound},
		"id, but to be new":          {edit(skein.Zone{ID: z.ID, Name: z.Name}, zone.Delta{}), skein.KindInvalid, nil},
		"revision of the future":     {edit(skein.Zone{ID: z.ID, Name: z.Name, Revision: z.Revision + 1}, zone.Delta{}), skein.KindConflict, store.ErrChanged},
		"exists":                     {creation("A.Example.", 11), skein.KindConflict, store.ErrExists},
		"adds what is there":         {edit(z, add(a("www.a.example.", "192.0.2.1"))), skein.KindConflict, zone.ErrNotApplicable},
		"removes what is not there":  {edit(z, remove(a("www.a.example.", "192.0.2.2"))), skein.KindConflict, zone.ErrNotApplicable},
		"outside the zone":           {edit(z, add(a("www.b.example.", "192.0.2.2"))), skein.KindConflict, zone.ErrNotApplicable},
		"second SOA":                 {edit(z, add(soa("a.example.", 12))), skein.KindConflict, zone.ErrNotApplicable},
		"new zone that removes":      {store.Write{Zone: skein.Zone{Name: "n.example."}, Delta: remove(a("n.example.", "192.0.2.1"))}, skein.KindConflict, zone.ErrNotApplicable},
		"serial that goes back":      {serial(edit(z, add(a("x.a.example.", "192.0.2.2"))), 9), skein.KindInvalid, nil},
		"serial that stays":          {serial(edit(z, add(a("x.a.example.", "192.0.2.2"))), 10), skein.KindInvalid, nil},
		"serial half way round":      {serial(edit(z, add(a("x.a.example.", "192.0.2.2"))), 10+1<<31), skein.KindInvalid, nil}, // RFC 1982 section 3.2
		"deletes another's revision": {deletion(skein.Zone{ID: z.ID, Name: z.Name, Revision: z.Revision + 1}), skein.KindConflict, store.ErrChanged},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Commit(w.ctx(), row.write)
			wantError(t, err, row.kind, row.cause)
		})
	}
	w.holds(z, "www.a.example. A 192.0.2.1")
	if _, err := w.Zone(w.ctx(), "n.example."); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a refused creation left a zone: %v", err)
	}
}

func serial(write store.Write, n uint32) store.Write {
	write.Serial = n
	return write
}

func cancelled(t *testing.T, w *world) {
	ctx, cancel := context.WithCancel(w.ctx())
	cancel()
	if _, err := w.Commit(ctx, creation("a.example.", 1)); err == nil {
		// The writer may have been faster than the look at ctx: then it must be there.
		if _, err := w.Zone(w.ctx(), "a.example."); err != nil {
			t.Errorf("acknowledged, but not there: %v", err)
		}
	} else if _, err := w.Zone(w.ctx(), "a.example."); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("said to be given up, but done: %v", err)
	}
	// Whatever was said is true, also when the end comes in the middle.
	for i := range 100 {
		ctx, cancel := context.WithCancel(w.ctx())
		name := zone.Name(fmt.Sprintf("c%d.example.", i))
		go cancel()
		_, err := w.Commit(ctx, creation(name, 1))
		_, there := w.Zone(w.ctx(), name)
		if (err == nil) != (there == nil) {
			t.Errorf("commit said %v, the zone says %v", err, there)
		}
	}
}

// What a commit returns is what is read later, to the last bit: also its times.
func times(t *testing.T, w *world) {
	for i, when := range []time.Time{{}, time.Now(), start.In(time.FixedZone("there", -3600)), time.Date(1990, 1, 1, 0, 0, 0, 1, time.UTC)} {
		z := w.commit(at(creation(zone.Name(fmt.Sprintf("z%d.example.", i)), 1), when))
		got, err := w.ZoneByID(w.ctx(), z.ID)
		if err != nil || got != z || z.Changed.IsZero() || !when.IsZero() && !z.Changed.Equal(when) {
			t.Errorf("a change at %v: %+v, %v; commit said %+v", when, got, err, z)
		}
	}
}

func repeatedChangeID(t *testing.T, w *world) {
	make := creation("a.example.", 1)
	make.Change.ID = "first"
	z := w.commit(make)
	step := edit(z, add(a("www.a.example.", "192.0.2.1")))
	step.Change.ID = "second"
	after := w.commit(step)
	later := w.commit(edit(after, add(a("ftp.a.example.", "192.0.2.1"))))

	w.reopen()
	for _, row := range []struct {
		write store.Write
		want  skein.Zone
	}{{make, z}, {step, after}} {
		c, err := w.Commit(w.ctx(), row.write)
		if err != nil || !c.Repeated || c.Revision != row.want.Revision || c.Zone.ID != z.ID || c.Zone.Serial != row.want.Serial {
			t.Errorf("%s again: %+v, %v", row.write.Change.ID, c, err)
		}
	}
	w.holds(later, "ftp.a.example. A 192.0.2.1", "www.a.example. A 192.0.2.1")

	other := creation("b.example.", 1)
	other.Change.ID = "first"
	w.refused(other, skein.KindConflict, nil)

	// A refused change may be tried again under its id.
	wrong := edit(later, remove(a("none.a.example.", "192.0.2.1")))
	wrong.Change.ID = "third"
	w.refused(wrong, skein.KindConflict, zone.ErrNotApplicable)
	right := edit(later, add(a("none.a.example.", "192.0.2.1")))
	right.Change.ID = "third"
	w.commit(right)

	// The same retry from many sides is one change.
	once := creation("c.example.", 1)
	once.Change.ID = "fourth"
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := w.Commit(w.ctx(), once); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if changes, err := w.History(w.ctx(), "c.example.", 0); err != nil || len(changes) != 1 {
		t.Errorf("%d changes, %v", len(changes), err)
	}
}
