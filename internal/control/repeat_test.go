package control_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// A retry is harmless: it gets what the first try got, whatever happened since.
func TestARepeatedChangeIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	put := func() (control.Result, error) {
		return w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: w.sets(example, apex(5)+"www A 192.0.2.1\n"), CreateOnly: true, ChangeID: "one"})
	}
	edit := func() (control.Result, error) {
		return w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: w.edits(example, "delete www A"), ChangeID: "two"})
	}
	remove := func() (control.Result, error) {
		return w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example, ChangeID: "three"})
	}
	var first []control.Result
	steps := []func() (control.Result, error){put, edit, remove}
	for _, do := range steps {
		r, err := do()
		w.must(err)
		first = append(first, r)
		again, err := do()
		if err != nil || !same(again, r) {
			t.Errorf("at once again:\n%+v, %v; first it was\n%+v", again, err, r)
		}
	}
	// Much later: another life, another owner, another start of the node.
	w.put(plesk2, example, 1, "www A 192.0.2.99\n")
	w.reopen()
	before := w.everything()
	for i, do := range steps {
		again, err := do()
		again.Delta = first[i].Delta // of a zone that is deleted since it is not told
		if err != nil || !same(again, first[i]) {
			t.Errorf("later again:\n%+v, %v; first it was\n%+v", again, err, first[i])
		}
	}
	if after := w.everything(); after != before {
		t.Errorf("the repetitions changed\n%s\nto\n%s", before, after)
	}
	w.holds(example, "www A 192.0.2.99")
}

// same compares what a caller sees. How many records the zone had then is not kept.
func same(a, b control.Result) bool {
	a.Zone.Records, b.Zone.Records = 0, 0
	return a.Zone == b.Zone && a.Created == b.Created && a.Changed == b.Changed && delta(a.Delta) == delta(b.Delta)
}

func TestAChangeIDThatWasUsedForSomethingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: w.sets(example, apex(5)), ChangeID: "one"})
	w.must(err)
	for name, row := range map[string]struct {
		actor  skein.Actor
		action string
		do     func(actor skein.Actor) error
	}{
		"another zone": {plesk1, "zone.replace", func(a skein.Actor) error {
			_, err := w.PutZone(w.ctx(), a, control.PutZone{Name: "new.example.", Sets: w.sets("new.example.", apex(5)), ChangeID: "one"})
			return err
		}},
		"another call": {plesk1, "zone.delete", func(a skein.Actor) error {
			_, err := w.DeleteZone(w.ctx(), a, control.DeleteZone{Name: example, ChangeID: "one"})
			return err
		}},
		"another source": {plesk2, "zone.replace", func(a skein.Actor) error {
			_, err := w.PutZone(w.ctx(), a, control.PutZone{Name: example, Sets: w.sets(example, apex(5)), ChangeID: "one"})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.refused(row.actor, row.action, func() error { return row.do(row.actor) }, skein.KindConflict, "change id")
		})
	}
	w.t = t
	w.refused(plesk1, "zone.replace", func() error {
		_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, ChangeID: strings.Repeat("x", 201)})
		return err
	}, skein.KindInvalid, "200 octets")
}

// A refusal and a change that came to nothing leave their id free.
func TestAnIDIsUsedUpByACommitAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "")
	edit := func(lines ...string) (control.Result, error) {
		return w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: w.edits(example, lines...), ChangeID: "one"})
	}
	if _, err := edit("delete www A"); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("%v", err)
	}
	if r, err := edit("set @ 300 NS ns1.example.net.", "add @ 300 NS ns2.example.net."); err != nil || r.Changed {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := edit("set www A 192.0.2.1"); err != nil || !r.Changed {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := edit("delete www A"); err != nil || !r.Changed || len(r.Delta.Add) != 1 {
		t.Errorf("%+v, %v; want the first commit again", r, err)
	}
}

// The same retry from many sides at once is one change.
func TestTheSameChangeFromManySides(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			r, err := w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: w.edits(example, "delete www A"), ChangeID: "one"})
			if err != nil || !r.Changed || r.Zone.Revision != 2 || delta(r.Delta) != "-www A 192.0.2.1" {
				t.Errorf("%+v, %v", r, err)
			}
			r, err = w.PutZone(w.ctx(), plesk2, control.PutZone{Name: "new.example.", Sets: w.sets("new.example.", apex(1)), CreateOnly: true, ChangeID: "two"})
			if err != nil || !r.Created {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	group.Wait()
	if changes, err := w.History(w.ctx(), anna, example, 0); err != nil || len(changes) != 2 {
		t.Errorf("%d changes, %v", len(changes), err)
	}
	if z := mustZone(w, zone.Name("new.example.")); z.Revision != 3 {
		t.Errorf("%+v", z)
	}
}
