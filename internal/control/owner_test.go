package control_test

import (
	"slices"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// A zone is its origin's: nobody but it and administrators changes it, and
// the refusal says whose it is.
func TestWhoseZoneItIs(t *testing.T) {
	t.Parallel()
	ways := map[string]struct {
		action string
		do     func(w *world, actor skein.Actor) error
	}{
		"replace": {"zone.replace", func(w *world, actor skein.Actor) error {
			_, err := w.PutZone(w.ctx(), actor, control.PutZone{Name: example, Sets: w.sets(example, apex(9))})
			return err
		}},
		"put the same": {"zone.replace", func(w *world, actor skein.Actor) error {
			_, err := w.PutZone(w.ctx(), actor, control.PutZone{Name: example, Sets: w.sets(example, apex(5)+"www A 192.0.2.1\n")})
			return err
		}},
		"create": {"zone.create", func(w *world, actor skein.Actor) error {
			_, err := w.PutZone(w.ctx(), actor, control.PutZone{Name: "EXAMPLE.com.", Sets: w.sets(example, apex(9)), CreateOnly: true})
			return err
		}},
		"put what is not valid": {"zone.replace", func(w *world, actor skein.Actor) error {
			_, err := w.PutZone(w.ctx(), actor, control.PutZone{Name: example})
			return err
		}},
		"edit": {"record.set", func(w *world, actor skein.Actor) error {
			_, err := w.EditRecords(w.ctx(), actor, control.EditRecords{Zone: example, Edits: w.edits(example, "set www A 192.0.2.9")})
			return err
		}},
		"delete": {"zone.delete", func(w *world, actor skein.Actor) error {
			_, err := w.DeleteZone(w.ctx(), actor, control.DeleteZone{Name: example})
			return err
		}},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(plesk1, example, 5, "www A 192.0.2.1\n")
			w.refused(plesk2, way.action, func() error { return way.do(w, plesk2) }, skein.KindConflict, `"plesk1"`)
			w.refused(nobody, way.action, func() error { return way.do(w, nobody) }, skein.KindForbidden, "no source")
			w.holds(example, "www A 192.0.2.1")
		})
	}
	// It is one's source that counts, not the name that one goes by.
	w := newWorld(t)
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	w.edit(skein.Actor{Name: "new token", Door: "api", Source: "plesk1"}, example, "set www A 192.0.2.2")
	// What an administrator does is recorded as that, and the zone stays the panel's.
	r := w.edit(anna, example, "set www A 192.0.2.3")
	if got := w.newestAudit(); r.Zone.Origin != "plesk1" || got.Actor.Name != "anna" || got.Revision != r.Zone.Revision {
		t.Errorf("%+v, recorded as %+v", r, got)
	}
	if r := w.put(plesk1, example, 5, ""); r.Zone.Origin != "plesk1" || !r.Changed {
		t.Errorf("the origin's next push: %+v", r)
	}
	// After its deletion the name is free.
	_, err := w.DeleteZone(w.ctx(), anna, control.DeleteZone{Name: example})
	w.must(err)
	if r := w.put(plesk2, example, 5, ""); r.Zone.Origin != "plesk2" || !r.Created {
		t.Errorf("a new life: %+v", r)
	}
	if r := w.put(skein.Actor{Name: "root", Admin: true}, "admins.example.", 1, ""); r.Zone.Origin != "admin" {
		t.Errorf("an administrator without a source: %+v", r)
	}
}

// For whoever may not read a zone it does not exist, in every query.
func TestWhoMayRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	z := w.put(plesk1, example, 5, "www A 192.0.2.1\n").Zone
	w.put(plesk2, "two.example.", 5, "")
	z = w.edit(plesk1, example, "set www A 192.0.2.2").Zone
	queries := map[string]func(skein.Actor, zone.Name) error{
		"zone":        func(a skein.Actor, n zone.Name) error { _, err := w.Zone(w.ctx(), a, n); return err },
		"contents":    func(a skein.Actor, n zone.Name) error { _, _, err := w.Contents(w.ctx(), a, n); return err },
		"contents at": func(a skein.Actor, n zone.Name) error { _, err := w.ContentsAt(w.ctx(), a, n, 1); return err },
		"history":     func(a skein.Actor, n zone.Name) error { _, err := w.History(w.ctx(), a, n, 0); return err },
		"receipt":     func(a skein.Actor, n zone.Name) error { _, err := w.Receipt(w.ctx(), a, n, 0); return err },
		"wait":        func(a skein.Actor, n zone.Name) error { _, err := w.Wait(w.ctx(), a, n, 0, "all"); return err },
	}
	for what, ask := range queries {
		for _, actor := range []skein.Actor{plesk1, anna} {
			if err := ask(actor, example); err != nil {
				t.Errorf("%s for %s: %v", what, actor.Name, err)
			}
		}
		hidden, absent := ask(plesk2, example), ask(plesk2, "absent.example.")
		w.wants(hidden, skein.KindNotFound, "example.com.", store.ErrNotFound)
		w.wants(absent, skein.KindNotFound, "absent.example.", store.ErrNotFound)
		w.wants(ask(nobody, example), skein.KindForbidden, "no source")
		w.wants(ask(anna, ""), skein.KindInvalid, "named")
	}
	for _, row := range []struct {
		actor skein.Actor
		want  []zone.Name
	}{{plesk1, []zone.Name{example}}, {plesk2, []zone.Name{"two.example."}}, {anna, []zone.Name{example, "two.example."}}} {
		list, err := w.List(w.ctx(), row.actor, control.Page{})
		w.must(err)
		var got []zone.Name
		for _, z := range list {
			got = append(got, z.Name)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s sees %v, want %v", row.actor.Name, got, row.want)
		}
	}
	for what, err := range map[string]error{
		"list":   func() error { _, err := w.List(w.ctx(), nobody, control.Page{}); return err }(),
		"status": func() error { _, err := w.Status(w.ctx(), nobody); return err }(),
		"audit":  func() error { _, err := w.Audit(w.ctx(), plesk1, skein.AuditQuery{}); return err }(),
	} {
		if skein.KindOf(err) != skein.KindForbidden {
			t.Errorf("%s: %v, want forbidden", what, err)
		}
	}

	// An earlier life that was another's stays hidden.
	_, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example})
	w.must(err)
	w.put(plesk2, example, 1, "")
	changes, err := w.History(w.ctx(), plesk2, example, 0)
	if err != nil || len(changes) != 1 || changes[0].Action != "zone.create" {
		t.Errorf("the new owner's history is %+v, %v", changes, err)
	}
	if _, err := w.ContentsAt(w.ctx(), plesk2, example, z.Revision); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("the new owner reads the old one's contents: %v", err)
	}
	if all, err := w.History(w.ctx(), anna, example, 0); err != nil || len(all) != 4 {
		t.Errorf("an administrator's history has %d changes, %v; want 4", len(all), err)
	}
	// The former owner sees what was its own, and nothing of what came after.
	changes, err = w.History(w.ctx(), plesk1, example, 0)
	if err != nil || len(changes) != 3 || changes[0].Action != "zone.delete" {
		t.Errorf("the former owner's history is %+v, %v", changes, err)
	}
	w.wants(queries["zone"](plesk1, example), skein.KindNotFound, "example.com.")
	w.wants(queries["receipt"](plesk1, example), skein.KindNotFound, "example.com.")
}
