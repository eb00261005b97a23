package control_test

import (
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// A source asks for zones to be transferred, changes that, and gives them up.
func TestZonesToBeTransferred(t *testing.T) {
	t.Parallel()
	w, in := receiving(t)
	w.register(plesk1, plesk2)
	ask := skein.TransferZone{Name: example, Primaries: []skein.TransferPrimary{primary}, Label: "example.com.db"}
	for _, want := range []bool{true, false} {
		if created, err := w.AddTransferZone(w.ctx(), plesk1, ask); err != nil || created != want {
			t.Errorf("created %v, %v", created, err)
		}
	}
	got, err := w.TransferZone(w.ctx(), plesk1, "Example.com.")
	if err != nil || got.Source != "plesk1" || got.Label != "example.com.db" || !got.At.Equal(start) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := w.TransferZone(w.ctx(), plesk2, example); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("another's: %v", err)
	}
	many := []skein.TransferZone{{Name: "b.example.", Catalog: "catalog.example."}, {Name: "c.example.", Catalog: "catalog.example."}}
	for i := range many {
		many[i].Primaries = ask.Primaries
	}
	if n, err := w.AddTransferZones(w.ctx(), plesk1, many); err != nil || n != 2 || len(in.zones) != 3 {
		t.Errorf("%d, %v; the intake has %v", n, err, in.zones)
	}
	list, err := w.TransferZones(w.ctx(), plesk1, control.TransferQuery{Limit: 2})
	if err != nil || len(list) != 2 || list[0].Name != "b.example." && list[1].Name != "b.example." {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := w.TransferZones(w.ctx(), plesk2, control.TransferQuery{Source: "plesk1"}); err != nil || len(list) != 0 {
		t.Errorf("another's: %+v, %v", list, err)
	}
	changed := ask
	changed.Label = "moved"
	w.must(w.ChangeTransferZone(w.ctx(), plesk1, changed))
	if in.zones[string(example)+"plesk1"].Label != "moved" {
		t.Errorf("the intake has %+v", in.zones)
	}
	for situation, do := range map[string]func() error{
		"one that it did not ask for": func() error { return w.ChangeTransferZone(w.ctx(), plesk2, changed) },
		"and to give that up":         func() error { return w.DeleteTransferZone(w.ctx(), plesk2, example) },
	} {
		w.refused(plesk2, "transfer.", do, skein.KindNotFound, string(example), store.ErrNotFound)
		if t.Failed() {
			t.Fatal(situation)
		}
	}
	refusals := map[string]skein.TransferZone{
		"nothing says where":            {Name: "d.example."},
		"none for a zone":               {Name: "$(id).example.", Primaries: ask.Primaries},
		"of the source":                 {Name: "d.example.", Source: "plesk2", Primaries: ask.Primaries},
		"no address":                    {Name: "d.example.", Primaries: []skein.TransferPrimary{{}}},
		"a key that the source has not": {Name: "d.example.", Primaries: []skein.TransferPrimary{{Address: primary.Address, Key: "nobody's"}}},
	}
	for words, z := range refusals {
		_, err := w.AddTransferZone(w.ctx(), plesk1, z)
		if kind := skein.KindOf(err); kind != skein.KindInvalid && kind != skein.KindForbidden {
			t.Errorf("%s: %v", words, err)
		}
	}
	if z, err := w.TransferZone(w.ctx(), plesk1, "d.example."); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("what was refused is there: %+v, %v", z, err)
	}
}

// That a source lists a zone no more is a deletion like any other: it may be
// held, and another's version may take the zone's place.
func TestAZoneIsNoLongerListed(t *testing.T) {
	t.Parallel()
	w, in := receiving(t)
	w.register(plesk1, plesk2)
	for _, a := range []skein.Actor{plesk1, plesk2} {
		for _, name := range []zone.Name{example, "mine.example.", "empty.example."} {
			_, err := w.AddTransferZone(w.ctx(), a, skein.TransferZone{Name: name, Primaries: []skein.TransferPrimary{primary}})
			w.must(err)
		}
	}
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	w.put(plesk1, "mine.example.", 5, "")
	w.kept(plesk2, "zone.replace", w.save(plesk2, example, 6, "www A 192.0.2.2\n"), `"plesk1"`)
	w.kept(plesk2, "zone.replace", w.save(plesk2, "mine.example.", 6, ""), `"plesk1"`)

	w.must(w.DeleteTransferZone(w.ctx(), plesk2, "mine.example.")) // its version goes, the zone stays
	w.waits("mine.example.")
	w.holds("mine.example.")
	w.must(w.DeleteTransferZone(w.ctx(), plesk1, "mine.example."))
	if _, err := w.Zone(w.ctx(), anna, "mine.example."); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("it is still there: %v", err)
	}
	w.must(w.DeleteTransferZone(w.ctx(), plesk1, example))
	if z := w.holds(example, "www A 192.0.2.2"); z.Origin != "plesk2" {
		t.Errorf("%+v", z)
	}
	w.must(w.DeleteTransferZone(w.ctx(), anna, "empty.example.")) // nothing had come yet
	if len(in.zones) != 2 {
		t.Errorf("the intake has %v", in.zones)
	}
	// Held, it is transferred as before.
	for i := range 10 {
		name := zone.Name(string(rune('a'+i)) + ".example.")
		w.put(plesk2, name, 1, "")
		w.must(w.drop(plesk2, name)())
	}
	before := len(in.zones)
	err := w.DeleteTransferZone(w.ctx(), plesk2, example)
	w.wants(err, skein.KindConflict, "deletions")
	if len(in.zones) != before {
		t.Errorf("the intake has %v", in.zones)
	}
	if _, err := w.TransferZone(w.ctx(), plesk2, example); err != nil {
		t.Error(err)
	}
}

// A transfer that is on its way when its source gives the zone up does not
// bring it back.
func TestATransferOfAZoneThatIsGivenUp(t *testing.T) {
	t.Parallel()
	w, _ := receiving(t)
	w.register(plesk1)
	ask := skein.TransferZone{Name: example, Primaries: []skein.TransferPrimary{primary}}
	transfer := func() error {
		_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Tolerant: true, Exact: true, Listed: true, Sets: w.sets(example, "@ SOA ns.example.net. root.example.net. 5 1 2 3 4\n@ NS ns.example.net.\n")})
		return err
	}
	w.wants(transfer(), skein.KindNotFound, "nobody asked")
	_, err := w.AddTransferZone(w.ctx(), plesk1, ask)
	w.must(err)
	w.must(transfer())
	w.must(w.DeleteTransferZone(w.ctx(), plesk1, example))
	w.wants(transfer(), skein.KindNotFound, "nobody asked")
	if _, err := w.Zone(w.ctx(), anna, example); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("it is back: %v", err)
	}
}

// A deletion that waits ends when the source lists the zone again: released, it
// would delete a zone that is listed.
func TestAZoneThatIsListedAgain(t *testing.T) {
	t.Parallel()
	for _, many := range []bool{false, true} {
		w, _ := receiving(t)
		w.register(plesk1)
		var zones []skein.TransferZone
		for i := range 13 {
			z := skein.TransferZone{Name: zone.Name(string(rune('a'+i)) + ".example."), Primaries: []skein.TransferPrimary{primary}}
			zones = append(zones, z)
			_, err := w.AddTransferZone(w.ctx(), plesk1, z)
			w.must(err)
			w.put(plesk1, z.Name, 1, "")
		}
		for i, z := range zones {
			if err := w.DeleteTransferZone(w.ctx(), plesk1, z.Name); (err != nil) != (i >= 10) {
				t.Fatal(z.Name, err)
			}
		}
		again := zones[11:12]
		if many {
			again = zones[11:13]
		}
		_, err := w.AddTransferZones(w.ctx(), plesk1, again)
		w.must(err)
		rows, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{})
		if err != nil || len(rows) != 3-len(again) || rows[0].Zone != "k.example." {
			t.Errorf("waiting: %+v, %v", rows, err)
		}
	}
}
