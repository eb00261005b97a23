package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const network = zone.Name("2.0.192.in-addr.arpa.")

// begin makes the shared reverse zone as a panel does.
func (w *world) begin(actor skein.Actor) (control.Result, error) {
	return w.PutZone(w.ctx(), actor, control.PutZone{Name: network, Sets: w.sets(network, apex(1)), Shared: true, Tolerant: true})
}

// stamp makes stamped edits.
func (w *world) stamp(actor skein.Actor, stamp string, lines ...string) error {
	_, err := w.EditRecords(w.ctx(), actor, control.EditRecords{Zone: network, Edits: w.edits(network, lines...), Stamp: stamp})
	return err
}

func (w *world) owners(names ...string) string {
	w.t.Helper()
	z := mustZone(w, network)
	var list []zone.Name
	for _, n := range names {
		list = append(list, zone.Name(n+"."+string(network)))
	}
	owners, err := w.store.Owners(w.ctx(), z.ID, list, 0)
	w.must(err)
	var all []string
	for _, o := range owners {
		all = append(all, fmt.Sprintf("%s %s %s", zone.Relative(o.Name, network), o.Type, o.Source))
	}
	return strings.Join(all, ", ")
}

// Two Plesk servers have addresses in one network.
func TestTwoPlesksShareAReverseZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.Zone(w.ctx(), plesk1, network); skein.KindOf(err) != skein.KindNotFound {
		t.Fatalf("there is a zone already: %v", err)
	}
	r, err := w.begin(plesk1)
	if err != nil || !r.Created || r.Zone.Origin != "reverse" {
		t.Fatalf("plesk1 begins the zone: %+v, %v", r, err)
	}
	w.must(w.stamp(plesk1, "plesk1", "add 10 PTR a.example."))

	// The other one finds it, and to begin it again is no change.
	if _, err := w.Zone(w.ctx(), plesk2, network); err != nil {
		t.Errorf("plesk2 does not see the zone: %v", err)
	}
	if r, err := w.begin(plesk2); err != nil || r.Changed || r.Created || r.Zone.Origin != "reverse" {
		t.Errorf("plesk2 begins it again: %+v, %v", r, err)
	}
	w.must(w.stamp(plesk2, "plesk2", "add 20 PTR b.example.", "add 21 PTR c.example."))
	w.holds(network, "10 PTR a.example.", "20 PTR b.example.", "21 PTR c.example.")
	if got := w.owners("10", "20", "21"); got != "10 PTR plesk1, 20 PTR plesk2, 21 PTR plesk2" {
		t.Errorf("owners: %s", got)
	}

	// Whose an RRset is, only that one changes, adds to, makes or deletes.
	for _, line := range []string{"set 10 PTR evil.example.", "add 10 PTR evil.example.", "add 10 300 PTR a.example.", "delete 10 PTR", "delete 10", "delete 10 300 PTR a.example."} {
		w.refused(plesk2, "record.", func() error { return w.stamp(plesk2, "plesk2", line) }, skein.KindConflict, `"plesk1"`)
	}
	w.refused(plesk2, "record.edit", func() error {
		return w.stamp(plesk2, "plesk2", "set 22 PTR d.example.", "delete 10")
	}, skein.KindConflict, `"plesk1"`)
	w.must(w.stamp(plesk1, "plesk1", "set 10 PTR a2.example."))
	w.must(w.stamp(plesk1, "plesk1", "delete 10 PTR"))
	if got := w.owners("10"); got != "" {
		t.Errorf("a deleted set belongs to %s", got)
	}
	w.must(w.stamp(plesk2, "plesk2", "add 10 PTR moved.example.")) // the address has moved over
	if got := w.owners("10"); got != "10 PTR plesk2" {
		t.Errorf("owners: %s", got)
	}
}

func TestWhatASourceMayNotDoToASharedZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.begin(plesk1)
	w.must(err)
	w.must(w.stamp(plesk1, "plesk1", "add 10 PTR a.example."))
	w.edit(anna, network, "set 1 PTR router.example.")
	edit := func(actor skein.Actor, stamp string, lines ...string) func() error {
		return func() error { return w.stamp(actor, stamp, lines...) }
	}
	for name, row := range map[string]struct {
		actor  skein.Actor
		do     func() error
		action string
		kind   skein.Kind
		words  string
	}{
		"without a stamp":            {plesk1, edit(plesk1, "", "set 30 PTR a.example."), "record.set", skein.KindConflict, `"reverse"`},
		"with another's stamp":       {plesk1, edit(plesk1, "plesk2", "set 30 PTR a.example."), "record.set", skein.KindForbidden, `"plesk2"`},
		"what is an administrator's": {plesk1, edit(plesk1, "plesk1", "set 1 PTR evil.example."), "record.set", skein.KindConflict, `"reverse"`},
		"a delegation":               {plesk1, edit(plesk1, "plesk1", "set 30 NS evil.example."), "record.set", skein.KindForbidden, "PTR"},
		"a wildcard's text":          {plesk1, edit(plesk1, "plesk1", "set * TXT x"), "record.set", skein.KindForbidden, "PTR"},
		"the SOA":                    {plesk1, edit(plesk1, "plesk1", "set @ SOA a. b. 9 2 3 4 5"), "record.set", skein.KindForbidden, "PTR"},
		"a PTR at the apex":          {plesk1, edit(plesk1, "plesk1", "set @ PTR a.example."), "record.set", skein.KindForbidden, "apex"},
		"the whole zone":             {plesk1, func() error { _, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: network}); return err }, "zone.delete", skein.KindConflict, `"reverse"`},
		"its contents": {plesk1, func() error {
			_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: network, Sets: w.sets(network, apex(1))})
			return err
		}, "zone.replace", skein.KindConflict, `"reverse"`},
		"begin it with more": {plesk1, func() error {
			_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: "9.9.10.in-addr.arpa.", Shared: true, Sets: w.sets("9.9.10.in-addr.arpa.", apex(1)+"1 PTR a.example.\n")})
			return err
		}, "zone.create", skein.KindInvalid, "SOA and NS"},
		"begin the tree of all": {plesk1, func() error {
			_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: "in-addr.arpa.", Shared: true, Sets: w.sets("in-addr.arpa.", apex(1))})
			return err
		}, "zone.create", skein.KindInvalid, "network"},
		"begin one inside another": {plesk1, func() error {
			_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: "64." + network, Shared: true, Sets: w.sets("64."+network, apex(1))})
			return err
		}, "zone.create", skein.KindConflict, "covers"},
		"stamp where no addresses are": {plesk1, func() error {
			w.t.Helper()
			_, err := w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: "own.example.", Edits: w.edits("own.example.", "set www A 192.0.2.1"), Stamp: "plesk1"})
			return err
		}, "record.set", skein.KindInvalid, "reverse"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			if name == "stamp where no addresses are" {
				w.put(plesk1, "own.example.", 1, "")
			}
			w.refused(row.actor, row.action, row.do, row.kind, row.words)
			_, _, err := w.DiscardAll(w.ctx(), anna, control.WaitingQuery{}) // a save that waits would make the next deletion its withdrawal
			w.must(err)
		})
	}
	w.t = t
	w.holds(network, "1 PTR router.example.", "10 PTR a.example.")
}

// A reverse zone that an administrator looks after takes PTR sets of panels,
// one that is a panel's own does not.
func TestWhichReverseZonesTakeStamps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(anna, network, 1, "1 PTR router.example.\n")
	w.must(w.stamp(plesk1, "plesk1", "set 10 PTR a.example."))
	w.refused(plesk1, "record.set", func() error { return w.stamp(plesk1, "plesk1", "set 1 PTR evil.example.") }, skein.KindConflict, `"admin"`)

	w.put(plesk2, "0.168.192.in-addr.arpa.", 1, "1 PTR gateway.example.\n")
	stamped := func(actor skein.Actor) error {
		_, err := w.EditRecords(w.ctx(), actor, control.EditRecords{Zone: "0.168.192.in-addr.arpa.", Edits: w.edits("0.168.192.in-addr.arpa.", "set 9 PTR a.example."), Stamp: actor.Source})
		return err
	}
	w.refused(plesk1, "record.set", func() error { return stamped(plesk1) }, skein.KindConflict, `"plesk2"`)
	w.must(stamped(plesk2))
	if _, err := w.Zone(w.ctx(), plesk1, "0.168.192.in-addr.arpa."); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("plesk1 sees plesk2's own reverse zone: %v", err)
	}
	// Nor may a zone be begun inside of it, which would hide a part.
	w.refused(plesk1, "zone.create", func() error {
		_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: "64.0.168.192.in-addr.arpa.", Shared: true, Sets: w.sets("64.0.168.192.in-addr.arpa.", apex(1))})
		return err
	}, skein.KindConflict, `"plesk2"`)
}

// Administrators may do everything, and yet lose nobody's records by accident.
func TestAdministratorsAndStampedSets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.begin(plesk1)
	w.must(err)
	w.must(w.stamp(plesk1, "plesk1", "add 10 PTR a.example.", "add 11 PTR b.example."))
	w.must(w.stamp(plesk2, "plesk2", "add 20 PTR c.example."))

	// A file that does not know of them leaves them, and says so.
	r := w.put(anna, network, 2, "1 PTR router.example.\n10 PTR other.example.\n")
	w.holds(network, "1 PTR router.example.", "10 PTR a.example.", "11 PTR b.example.", "20 PTR c.example.")
	var kept []string
	for _, p := range r.Warnings {
		kept = append(kept, zone.Relative(zone.Name(p.Name), network))
	}
	if slices.Sort(kept); !slices.Equal(kept, []string{"10", "11", "20"}) || len(r.Delta.Add) != 1 || len(r.Delta.Del) != 0 {
		t.Errorf("kept %v, delta %+v", kept, r.Delta)
	}
	if r := w.put(anna, network, 2, "1 PTR router.example.\n"); r.Changed {
		t.Errorf("the same again: %+v", r)
	}
	w.refused(anna, "zone.replace", func() error {
		_, err := w.PutZone(w.ctx(), anna, control.PutZone{Name: network, Sets: w.sets(network, apex(1)+"10 CNAME a.example.\n")})
		return err
	}, skein.KindInvalid, "CNAME")

	// By name he changes what he likes; the set stays whose it was.
	w.edit(anna, network, "set 10 PTR fixed.example.")
	if got := w.owners("10"); got != "10 PTR plesk1" {
		t.Errorf("owners: %s", got)
	}
	// On a panel's behalf he keeps to that one's.
	w.must(w.stamp(anna, "plesk2", "set 21 PTR d.example."))
	w.refused(anna, "record.set", func() error { return w.stamp(anna, "plesk2", "set 10 PTR d.example.") }, skein.KindConflict, `"plesk1"`)

	// To delete it all he must have looked.
	w.refused(anna, "zone.delete", func() error {
		_, err := w.DeleteZone(w.ctx(), anna, control.DeleteZone{Name: network})
		return err
	}, skein.KindConflict, "plesk1, plesk2")
	looked := mustZone(w, network).Revision
	_, err = w.DeleteZone(w.ctx(), anna, control.DeleteZone{Name: network, Expect: &looked})
	w.must(err)
	if _, err := w.Zone(w.ctx(), anna, network); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("it is still there: %v", err)
	}
	// Without others' records an ordinary deletion does.
	w.put(anna, network, 1, "1 PTR router.example.\n")
	_, err = w.DeleteZone(w.ctx(), anna, control.DeleteZone{Name: network})
	w.must(err)
}

// Both begin the zone in the same moment.
func TestTwoPlesksBeginTheSameZoneAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.meanwhile(1, func() {
		_, err := w.store.Store.Commit(w.ctx(), store.Write{
			Change: skein.Change{Actor: plesk2, Action: "zone.create"}, Serial: 1,
			Zone:  skein.Zone{Name: network, Origin: "reverse", Pool: "default", Owner: "root"},
			Delta: zone.Delta{Add: w.sets(network, apex(1))},
		})
		if err != nil {
			t.Error(err)
		}
	})
	if r, err := w.begin(plesk1); err != nil || r.Created || r.Changed || r.Zone.Revision != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	w.must(w.stamp(plesk1, "plesk1", "add 10 PTR a.example."))
}
