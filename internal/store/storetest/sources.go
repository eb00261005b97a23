package storetest

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

func sources(t *testing.T, w *world) {
	plesk := store.SourceRow{Sealed: []byte{0, 1}, Source: skein.Source{Name: "plesk1", Door: skein.DoorPlesk, Mode: skein.ModeTransfer, Created: start,
		Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Silence: time.Hour, Paused: true, Transfer: &skein.TransferSetup{
			Primaries: []skein.TransferPrimary{{Address: netip.MustParseAddrPort("[2001:db8::1]:53"), Key: "k", TLS: skein.OpportunisticTLS}},
			Catalogs:  []zone.Name{"catalog.example."}, Auto: true}}}
	person := store.SourceRow{Source: skein.Source{Name: "anna", Door: skein.DoorAPI, Created: start}}
	w.must(w.PutSource(w.ctx(), plesk, true))
	w.must(w.PutSource(w.ctx(), person, true))
	wantError(t, w.PutSource(w.ctx(), plesk, true), skein.KindConflict, store.ErrExists)
	plesk.Source.Paused, plesk.Sealed = false, []byte("new")
	observed := plesk
	observed.Source.Status = &skein.SourceStatus{Zones: 3}
	w.must(w.PutSource(w.ctx(), observed, false))
	w.reopen()
	if got, err := w.Sources(w.ctx()); err != nil || !reflect.DeepEqual(got, []store.SourceRow{person, plesk}) {
		t.Errorf("sources %+v, %v", got, err)
	}
	w.must(w.DeleteSource(w.ctx(), "plesk1"))
	wantError(t, w.DeleteSource(w.ctx(), "plesk1"), skein.KindNotFound, store.ErrNotFound)
	if got, err := w.Sources(w.ctx()); err != nil || !reflect.DeepEqual(got, []store.SourceRow{person}) {
		t.Errorf("sources %+v, %v", got, err)
	}
}

func rules(t *testing.T, w *world) {
	one := skein.SourceRule{Kind: skein.RuleOverlay, From: "a", To: "b", By: "anna", At: start}
	two := skein.SourceRule{Kind: skein.RuleTakeover, From: "a", To: "b", By: "anna", At: start}
	w.must(w.PutRule(w.ctx(), two))
	w.must(w.PutRule(w.ctx(), one))
	two.By = "bert"
	w.must(w.PutRule(w.ctx(), two))
	w.reopen()
	if got, err := w.Rules(w.ctx()); err != nil || !slices.Equal(got, []skein.SourceRule{one, two}) {
		t.Errorf("rules %+v, %v", got, err)
	}
	wantError(t, w.DeleteRule(w.ctx(), skein.RuleOverlay, "b", "a"), skein.KindNotFound, store.ErrNotFound)
	w.must(w.DeleteRule(w.ctx(), skein.RuleOverlay, "a", "b"))
	if got, err := w.Rules(w.ctx()); err != nil || !slices.Equal(got, []skein.SourceRule{two}) {
		t.Errorf("rules %+v, %v", got, err)
	}
}

func transferZones(t *testing.T, w *world) {
	put := func(z skein.TransferZone) (created bool) {
		t.Helper()
		created, err := w.PutTransferZone(w.ctx(), z)
		w.must(err)
		return created
	}
	b := skein.TransferZone{Name: "b.example.", Source: "one", Label: "b.db", At: start,
		Primaries: []skein.TransferPrimary{{Address: netip.MustParseAddrPort("192.0.2.1:53"), Key: "k"}}}
	listed := skein.TransferZone{Name: "a.example.", Source: "one", Catalog: "catalog.example.", Label: "m1", Group: "g", At: start}
	rival := skein.TransferZone{Name: "a.example.", Source: "two", At: start}
	for _, z := range []skein.TransferZone{b, listed, rival, {Name: "c.example.", Source: "one", Catalog: "other.example.", At: start}} {
		if !put(z) {
			t.Errorf("%s of %s counts as there", z.Name, z.Source)
		}
	}
	b.Name, b.Label = "B.example.", "new.db"
	if put(b) {
		t.Error("put again it counts as created")
	}
	if _, err := w.PutTransferZone(w.ctx(), skein.TransferZone{Name: "x.example."}); skein.KindOf(err) != skein.KindInvalid {
		t.Errorf("without a source: %v", err)
	}
	w.reopen()
	got, err := w.TransferZones(w.ctx(), store.TransferQuery{Source: "one", Limit: 2})
	if err != nil || !reflect.DeepEqual(got, []skein.TransferZone{listed, b}) {
		t.Errorf("%+v, %v; want %+v and %+v", got, err, listed, b)
	}
	for name, test := range map[string]struct {
		q    store.TransferQuery
		want []string
	}{
		"all":                     {store.TransferQuery{}, []string{"a.example. one", "a.example. two", "B.example. one", "c.example. one"}},
		"the second page of all":  {store.TransferQuery{After: listed, Limit: 2}, []string{"a.example. two", "B.example. one"}},
		"of a source":             {store.TransferQuery{Source: "one"}, []string{"a.example. one", "B.example. one", "c.example. one"}},
		"its second page":         {store.TransferQuery{Source: "one", After: listed}, []string{"B.example. one", "c.example. one"}},
		"of a name":               {store.TransferQuery{Name: "A.example."}, []string{"a.example. one", "a.example. two"}},
		"of a name and a source":  {store.TransferQuery{Name: "a.example.", Source: "two"}, []string{"a.example. two"}},
		"of two sources":          {store.TransferQuery{Sources: []string{"two", "three"}}, []string{"a.example. two"}},
		"of both, second page":    {store.TransferQuery{Sources: []string{"two", "one"}, After: listed, Limit: 2}, []string{"a.example. two", "B.example. one"}},
		"of no source":            {store.TransferQuery{Sources: []string{}}, nil},
		"of a catalog":            {store.TransferQuery{Source: "one", Catalog: "Catalog.example."}, []string{"a.example. one"}},
		"after the catalog's end": {store.TransferQuery{Source: "one", Catalog: "catalog.example.", After: listed}, nil},
		"of another's catalog":    {store.TransferQuery{Source: "two", Catalog: "catalog.example."}, nil},
	} {
		zones, err := w.TransferZones(w.ctx(), test.q)
		w.must(err)
		var got []string
		for _, z := range zones {
			got = append(got, string(z.Name)+" "+z.Source)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	_, err = w.TransferZones(w.ctx(), store.TransferQuery{Catalog: "catalog.example."})
	wantError(t, err, skein.KindInvalid, nil)
	w.must(w.DeleteTransferZone(w.ctx(), "A.example.", "one"))
	wantError(t, w.DeleteTransferZone(w.ctx(), "a.example.", "one"), skein.KindNotFound, store.ErrNotFound)
}

// A catalog comes and goes as a whole, in few transactions.
func manyTransferZones(t *testing.T, w *world) {
	const n = 1700
	var zones []skein.TransferZone
	var names []zone.Name
	for i := range n {
		zones = append(zones, skein.TransferZone{Name: zone.Name(fmt.Sprintf("z%d.example.", i)), Source: "one", Catalog: "catalog.example.", Label: fmt.Sprint(i), At: start})
		names = append(names, zones[i].Name)
	}
	for _, want := range []int{700, n - 700, 0} {
		part := zones
		if want == 700 {
			part = zones[:700]
		}
		if created, err := w.PutTransferZones(w.ctx(), part); err != nil || created != want {
			t.Errorf("%d created, %v; want %d", created, err, want)
		}
	}
	w.reopen()
	if got, err := w.TransferZones(w.ctx(), store.TransferQuery{Source: "one", Catalog: "catalog.example."}); err != nil || len(got) != n {
		t.Errorf("%d zones, %v", len(got), err)
	}
	// A bad one among them: what comes before its transaction is there.
	bad := append(slices.Clone(zones[:600]), skein.TransferZone{Name: "x.example."})
	for i := range bad {
		bad[i].Catalog = ""
	}
	if created, err := w.PutTransferZones(w.ctx(), bad); err == nil || created != 0 {
		t.Errorf("%d created, %v", created, err)
	}
	if got, err := w.TransferZones(w.ctx(), store.TransferQuery{Source: "one", Catalog: "catalog.example."}); err != nil || len(got) != n-500 {
		t.Errorf("%d zones are of the catalog, %v; want %d", len(got), err, n-500)
	}
	if deleted, err := w.DeleteTransferZones(w.ctx(), "one", append(names, "never.example.")); err != nil || deleted != n {
		t.Errorf("%d deleted, %v", deleted, err)
	}
	if got, err := w.TransferZones(w.ctx(), store.TransferQuery{}); err != nil || len(got) != 0 {
		t.Errorf("%d zones are left, %v", len(got), err)
	}
}
