package control_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Many edit one zone, and nobody's edit is lost or refused.
func TestManyEditOneZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "")
	const writers, rounds = 24, 6
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			actor := []skein.Actor{plesk1, anna}[i%2]
			for n := range rounds {
				name := zone.Name(fmt.Sprintf("w%d-%d.example.com.", i, n))
				set := zone.RRset{Name: name, Type: zone.TypeTXT, TTL: 60, Data: []zone.Rdata{"\x01x"}}
				_, err := w.EditRecords(w.ctx(), actor, control.EditRecords{Zone: example, Edits: []control.Edit{{Op: control.OpSet, Set: set}}})
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	group.Wait()
	z, c, err := w.Contents(w.ctx(), anna, example)
	w.must(err)
	if names, _ := c.Len(); names != 1+writers*rounds {
		t.Errorf("%d names, want %d", names, 1+writers*rounds)
	}
	if z.Revision != 1+writers*rounds || z.Serial != 5+writers*rounds {
		t.Errorf("revision %d, serial %d", z.Revision, z.Serial)
	}
}

// Of those who expect the same revision one wins, and the others learn it.
func TestOneOfThoseWhoExpectWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	z := w.put(plesk1, example, 5, "").Zone
	const writers = 12
	errs := make(chan error, writers)
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			set := zone.RRset{Name: "www.example.com.", Type: zone.TypeTXT, TTL: 60, Data: []zone.Rdata{zone.Rdata([]byte{1, byte('a' + i)})}}
			_, err := w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: []control.Edit{{Op: control.OpAdd, Set: set}}, Expect: &z.Revision})
			errs <- err
		})
	}
	group.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		w.wants(err, skein.KindConflict, "revision 2, not 1", store.ErrChanged)
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
	w.holds(example, lines(mustContents(w, example))...)
	if n := len(lines(mustContents(w, example))); n != 1 {
		t.Errorf("%d records came", n)
	}
}

func mustContents(w *world, name zone.Name) zone.Contents {
	w.t.Helper()
	_, c, err := w.Contents(w.ctx(), anna, name)
	w.must(err)
	return c
}

// elsewhere is a change by another node, which takes no turns with this one.
func elsewhere(w *world, change func(z skein.Zone) store.Write) func() {
	return func() {
		z, _ := w.store.Store.Zone(w.ctx(), example)
		write := change(z)
		write.Change.Actor, write.Change.Action, write.Change.At = anna, "record.set", start
		if write.Zone.Name == "" {
			write.Zone, write.Expect, write.Serial = skein.Zone{ID: z.ID, Name: z.Name}, z.Revision, z.Serial+1
		}
		if _, err := w.store.Store.Commit(w.ctx(), write); err != nil {
			w.t.Error(err)
		}
	}
}

func txt(name zone.Name, text string) zone.RRset {
	return zone.RRset{Name: name, Type: zone.TypeTXT, TTL: 60, Data: []zone.Rdata{zone.Rdata([]byte{byte(len(text))}) + zone.Rdata(text)}}
}

// Another node is faster between our look and our commit.
func TestAnotherNodeWasFaster(t *testing.T) {
	t.Parallel()
	n := 0
	more := func(skein.Zone) store.Write {
		n++
		return store.Write{Delta: zone.Delta{Add: []zone.RRset{txt(zone.Name(fmt.Sprintf("other%d.example.com.", n)), "x")}}}
	}
	remove := func(z skein.Zone) store.Write { return store.Write{Delete: true} }
	create := func(skein.Zone) store.Write {
		return store.Write{Zone: skein.Zone{Name: example, Origin: "plesk2", Pool: "default", Owner: "root"}, Serial: 9,
			Delta: zone.Delta{Add: []zone.RRset{{Name: example, Type: zone.TypeNS, TTL: 60, Data: []zone.Rdata{"\x01a\x00"}}}}}
	}
	edit := func(w *world) error {
		_, err := w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: w.edits(example, "set www A 192.0.2.1")})
		return err
	}
	put := func(w *world) error {
		_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: w.sets(example, apex(50)+"www A 192.0.2.1\n")})
		return err
	}
	for name, row := range map[string]struct {
		there bool // the zone, at the beginning
		times int
		other func(skein.Zone) store.Write
		do    func(w *world) error
		kind  skein.Kind // "" for done
		words string
	}{
		"an edit, once":                   {true, 1, more, edit, "", ""},
		"an edit, three times":            {true, 3, more, edit, "", ""},
		"an edit, for ever":               {true, 99, more, edit, skein.KindUnavailable, "all the time"},
		"a put, once":                     {true, 1, more, put, "", ""},
		"an edit of what is deleted":      {true, 1, remove, edit, skein.KindNotFound, "no zone"},
		"a put of what is deleted":        {true, 1, remove, put, "", ""},
		"a creation, another's was first": {false, 1, create, put, skein.KindConflict, `"plesk2"`},
		"a deletion": {true, 1, more, func(w *world) error {
			_, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example})
			return err
		}, "", ""},
		"an edit that expects": {true, 1, more, func(w *world) error {
			at := skein.Revision(1)
			_, err := w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: w.edits(example, "set www A 192.0.2.1"), Expect: &at})
			if !errors.Is(err, store.ErrChanged) {
				w.t.Errorf("%v", err)
			}
			return err
		}, skein.KindConflict, "revision 2, not 1"},
		"a creation that must not find one": {false, 1, create, func(w *world) error {
			_, err := w.PutZone(w.ctx(), plesk2, control.PutZone{Name: example, Sets: w.sets(example, apex(50)), CreateOnly: true})
			return err
		}, skein.KindConflict, "exists"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if row.there {
				w.put(plesk1, example, 5, "")
			}
			w.store.meanwhile(row.times, elsewhere(w, row.other))
			err := row.do(w)
			if row.kind == "" {
				w.must(err)
				return
			}
			w.wants(err, row.kind, row.words)
		})
	}
}

// Another node is faster between our look at the head and at the contents.
func TestAnotherNodeWasFasterWhileWeRead(t *testing.T) {
	t.Parallel()
	more := func(skein.Zone) store.Write {
		return store.Write{Delta: zone.Delta{Add: []zone.RRset{txt("other.example.com.", "x")}}}
	}
	for name, do := range map[string]func(w *world) error{
		"an edit": func(w *world) error {
			_, err := w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: w.edits(example, "set www A 192.0.2.1")})
			return err
		},
		"a put": func(w *world) error {
			_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: append(w.sets(example, apex(50)+"www A 192.0.2.1\n"), txt("other.example.com.", "x"))})
			return err
		},
		"a look": func(w *world) error {
			z, c, err := w.Contents(w.ctx(), plesk1, example)
			if got := lines(c); z.Revision != 2 || len(got) != 1 {
				w.t.Errorf("%v at %d", got, z.Revision)
			}
			w.edit(plesk1, example, "set www A 192.0.2.1")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(plesk1, example, 5, "")
			w.store.reading = elsewhere(w, more)
			w.must(do(w))
			w.holds(example, "other TXT \"x\"", "www A 192.0.2.1")
		})
	}
}

// Another node makes the very change that we are about to.
func TestAnotherNodeMadeTheSameChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "")
	w.store.meanwhile(1, elsewhere(w, func(skein.Zone) store.Write {
		return store.Write{Change: skein.Change{ID: "one"}, Delta: zone.Delta{Add: []zone.RRset{txt("www.example.com.", "x")}}}
	}))
	r, err := w.EditRecords(w.ctx(), anna, control.EditRecords{Zone: example, Edits: w.edits(example, "set www TXT x"), ChangeID: "one"})
	if err != nil || !r.Changed || r.Zone.Revision != 2 || delta(r.Delta) != `+www TXT "x"` {
		t.Errorf("%+v, %v", r, err)
	}
}

// Trouble of the store comes through as what it is, once failed before the
// commit and once after it, and is no refusal in the audit log.
func TestTroubleWithTheStore(t *testing.T) {
	t.Parallel()
	full := &skein.Error{Kind: skein.KindUnavailable, What: "the disk is full", Mend: "make room"}
	for name, done := range map[string]bool{"failed": false, "failed but done": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(plesk1, example, 5, "")
			edit := control.EditRecords{Zone: example, Edits: w.edits(example, "add www A 192.0.2.1"), ChangeID: "one"}
			w.store.fail(full, done)
			last := w.newestAudit()
			_, err := w.EditRecords(w.ctx(), plesk1, edit)
			w.wants(err, skein.KindUnavailable, "full", full)
			if now := w.newestAudit(); !done && now.Seq != last.Seq || now.Refused != "" {
				t.Errorf("recorded as %+v", now)
			}
			w.store.fail(nil, false)
			// The same change again, as a retry does.
			r, err := w.EditRecords(w.ctx(), plesk1, edit)
			if err != nil || !r.Changed || r.Zone.Revision != 2 {
				t.Errorf("%+v, %v", r, err)
			}
			w.holds(example, "www A 192.0.2.1")
		})
	}
}

// Who waits for a turn can give up, and leaves nothing behind.
func TestWhoWaitsCanGiveUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "")
	entered, leave := make(chan struct{}), make(chan struct{})
	w.store.meanwhile(1, func() { close(entered); <-leave })
	var group sync.WaitGroup
	group.Go(func() { w.edit(plesk1, example, "set one A 192.0.2.1") })
	<-entered
	ctx, cancel := context.WithCancel(w.ctx())
	cancel()
	_, err := w.EditRecords(ctx, plesk1, control.EditRecords{Zone: example, Edits: w.edits(example, "set two A 192.0.2.1")})
	w.wants(err, skein.KindUnavailable, "nothing was changed", context.Canceled)
	close(leave)
	group.Wait()
	w.edit(plesk1, example, "set three A 192.0.2.1")
	w.holds(example, "one A 192.0.2.1", "three A 192.0.2.1")
}
