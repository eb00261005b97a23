package control_test

import (
	"fmt"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// What goes with a source is shown first; its zones are kept, handed over or
// recycled.
func TestRemovingASource(t *testing.T) {
	t.Parallel()
	for choice, row := range map[string]struct {
		origin   string // of its zones afterwards; "": they are gone
		overlays []string
	}{
		skein.ZonesKeep:    {"plesk1", []string{`note TXT of plesk1: "x" over "y"`}},
		skein.ZonesHanded:  {"plesk2", []string{`note TXT of plesk2: "x" over "y"`}},
		skein.ZonesRecycle: {"", nil},
	} {
		t.Run(choice, func(t *testing.T) {
			t.Parallel()
			w, in := receiving(t)
			w.register(plesk1, plesk2, plesk3)
			for i := range 12 {
				w.put(plesk1, zone.Name(fmt.Sprintf("z%02d.example.", i)), 1, "www A 192.0.2.1\n")
			}
			w.put(plesk3, "other.example.", 1, "note TXT y\n")
			w.rule(skein.RuleOverlay, plesk3, plesk1)
			w.edit(plesk1, "other.example.", "set note TXT x")
			_, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "t", Source: "plesk1"})
			w.must(err)
			_, err = w.AddTransferZone(w.ctx(), plesk1, skein.TransferZone{Name: "t.example.", Primaries: []skein.TransferPrimary{primary}})
			w.must(err)
			w.put(plesk2, "taken.example.", 1, "")
			w.kept(plesk1, "zone.replace", w.save(plesk1, "taken.example.", 2, ""), `"plesk2"`)

			before, last := w.everything(), w.newestAudit()
			r, err := w.RemoveSource(w.ctx(), anna, control.RemoveSource{Name: "plesk1", DryRun: true})
			if err != nil || r.Zones != 12 || len(r.Examples) != 10 || r.Overlays != 1 || r.Tokens != 1 || r.Rules != 1 || r.TransferZones != 1 || r.Waiting != 1 {
				t.Errorf("the preview: %+v, %v", r, err)
			}
			if w.everything() != before || w.newestAudit().Seq != last.Seq {
				t.Error("looking changed something")
			}
			w.refused(anna, "source.remove", func() error {
				_, err := w.RemoveSource(w.ctx(), anna, control.RemoveSource{Name: "plesk1"})
				return err
			}, skein.KindInvalid, "12 zones")

			// Interrupted it goes on.
			remove := control.RemoveSource{Name: "plesk1", Zones: choice, To: "plesk2"}
			if choice != skein.ZonesKeep {
				w.store.fail(&skein.Error{Kind: skein.KindUnavailable, What: "the disk is full"}, false)
				if _, err := w.RemoveSource(w.ctx(), anna, remove); skein.KindOf(err) != skein.KindUnavailable {
					t.Errorf("with a full disk: %v", err)
				}
				w.store.fail(nil, false)
				w.wants(w.save(plesk1, "z00.example.", 9, "")(), skein.KindForbidden, "paused")
			}
			_, err = w.RemoveSource(w.ctx(), anna, remove)
			w.must(err)
			for i := range 12 {
				z, err := w.Zone(w.ctx(), anna, zone.Name(fmt.Sprintf("z%02d.example.", i)))
				if err == nil && z.Origin != row.origin || (err == nil) != (row.origin != "") {
					t.Errorf("%+v, %v", z, err)
				}
			}
			w.overlays("other.example.", row.overlays...)
			if row.origin == "" {
				w.holds("other.example.", `note TXT "y"`)
			}
			w.waits("taken.example.")
			if tokens, _ := w.Tokens(w.ctx(), anna); len(tokens) != 0 {
				t.Errorf("tokens are left: %+v", tokens)
			}
			if rules, _ := w.Rules(w.ctx(), anna); len(rules) != 0 {
				t.Errorf("rules are left: %+v", rules)
			}
			if len(in.zones) != 0 || in.sources["plesk1"].Name != "" {
				t.Errorf("the intake has %v, %v", in.zones, in.sources)
			}
			_, err = w.Source(w.ctx(), anna, "plesk1")
			w.wants(err, skein.KindNotFound, `"plesk1"`)
			w.refused(anna, "source.remove", func() error { _, err := w.RemoveSource(w.ctx(), anna, remove); return err }, skein.KindNotFound, `"plesk1"`)
		})
	}
}
