package control_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// A migration ends: the old panel deletes the account, and the new one's
// version is the zone in the same change, so that nobody sees a gap.
func TestTheWaitingVersionTakesThePlaceOfTheDeletedZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	z := w.put(plesk1, example, 5, "www A 192.0.2.1\n").Zone
	w.kept(plesk2, "zone.replace", w.save(plesk2, example, 6, "www A 192.0.2.2\n"), `"plesk1"`)
	remove := func() (control.Result, error) {
		return w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example, ChangeID: "gone"})
	}
	r, err := remove()
	if err != nil || r.Zone.Origin != "plesk2" || r.Zone.Deleted || r.Zone.ID != z.ID || r.Zone.Revision != 2 || r.Zone.Serial != 6 {
		t.Errorf("%+v, %v", r, err)
	}
	w.holds(example, "www A 192.0.2.2")
	w.waits(example)
	if entry := w.newestAudit(); entry.Action != "zone.takeover" || entry.Actor.Name != "plesk1" {
		t.Errorf("recorded as %+v", entry.Change)
	}
	if again, err := remove(); err != nil || again.Zone.Revision != 2 || again.Zone.Deleted {
		t.Errorf("sent again: %+v, %v", again, err)
	}
	// Two wait: nobody can tell whose it is, and the zone goes.
	w.kept(plesk1, "zone.replace", w.save(plesk1, example, 7, ""), `"plesk2"`)
	w.kept(plesk3, "zone.replace", w.save(plesk3, example, 8, "www A 192.0.2.3\n"), `"plesk2"`)
	w.must(w.drop(plesk2, example)())
	w.waits(example, "conflict plesk1 zone.replace", "conflict plesk3 zone.replace")
	rows, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{Source: "plesk3"})
	w.must(err)
	if r, err := w.Release(w.ctx(), anna, control.Decision{ID: rows[0].ID}); err != nil || !r.Created || r.Zone.Origin != "plesk3" {
		t.Errorf("the third one's: %+v, %v", r, err)
	}
	// An administrator who deletes means that it goes.
	w.must(w.drop(anna, example)())
	if _, err := w.Zone(w.ctx(), anna, example); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("it is still there: %v", err)
	}
}

// With a standing rule the zones of one source become another's as that saves,
// edits or deletes them.
func TestAStandingRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, plesk2)
	names := []zone.Name{"saved.example.", "edited.example.", "deleted.example."}
	for _, name := range names {
		w.put(plesk1, name, 5, "www A 192.0.2.1\n")
	}
	w.rule(skein.RuleTakeover, plesk1, plesk2)
	w.put(plesk2, "saved.example.", 9, "www A 192.0.2.2\n")
	w.holds("saved.example.", "www A 192.0.2.2")
	w.edit(plesk2, "edited.example.", "set ftp A 192.0.2.2")
	w.holds("edited.example.", "ftp A 192.0.2.2", "www A 192.0.2.1")
	w.must(w.drop(plesk2, "deleted.example.")())
	for _, name := range names[:2] {
		if z := mustZone(w, name); z.Origin != "plesk2" || z.OriginBefore != "plesk1" || !z.OriginSince.Equal(w.clock()) {
			t.Errorf("%+v", z)
		}
		// The rule leads one way.
		w.kept(plesk1, "zone.replace", w.save(plesk1, name, 10, ""), `"plesk2"`)
	}
	w.must(w.DeleteRule(w.ctx(), anna, skein.SourceRule{Kind: skein.RuleTakeover, From: "plesk1", To: "plesk2"}))
	w.put(plesk1, "late.example.", 5, "")
	w.kept(plesk2, "zone.replace", w.save(plesk2, "late.example.", 10, ""), `"plesk1"`)
	for text, r := range map[string]skein.SourceRule{
		"no rule":           {Kind: "hijack", From: "plesk1", To: "plesk2"},
		"between two":       {Kind: skein.RuleOverlay, From: "plesk1", To: "plesk1"},
		"no source":         {Kind: skein.RuleOverlay, From: "plesk1", To: "plesk9"},
		"shared reverse":    {Kind: skein.RuleTakeover, From: "reverse", To: "plesk2"},
		"people need no ru": {Kind: skein.RuleTakeover, From: "plesk1", To: "admin"},
	} {
		err := w.PutRule(w.ctx(), anna, r)
		if kind := skein.KindOf(err); kind != skein.KindInvalid && kind != skein.KindNotFound || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	w.refused(plesk1, "source.rule.add", func() error {
		return w.PutRule(w.ctx(), plesk1, skein.SourceRule{Kind: skein.RuleTakeover, From: "plesk2", To: "plesk1"})
	}, skein.KindForbidden, "permission")
}

func TestAPersonGivesAZoneToAnotherSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, plesk2, acme)
	w.rule(skein.RuleOverlay, plesk1, acme)
	z := w.put(plesk1, example, 5, "www A 192.0.2.1\n").Zone
	w.edit(acme, example, "set note TXT x")
	take := func(to string, dry bool) (control.Result, error) {
		return w.TakeOver(w.ctx(), anna, control.TakeOver{Name: example, To: to, DryRun: dry})
	}
	// As it is: nothing that is served changes, and what the new origin had over it is its own.
	r, err := take("acme", false)
	if err != nil || r.Zone.Origin != "acme" || r.Zone.Serial != z.Serial+1 || len(r.Delta.Add) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	w.overlays(example)
	if r, err := take("acme", false); err != nil || r.Changed {
		t.Errorf("again: %+v, %v", r, err)
	}
	// With the version that waits, first looked at.
	w.kept(plesk2, "zone.replace", w.save(plesk2, example, 9, "www A 192.0.2.2\n"), `"acme"`)
	before := w.everything()
	dry, err := take("plesk2", true)
	if err != nil || delta(dry.Delta) != `-note TXT "x" -www A 192.0.2.1 +www A 192.0.2.2` || w.everything() != before {
		t.Errorf("what would be: %+v, %v", dry, err)
	}
	r, err = take("plesk2", false)
	if err != nil || r.Zone.Origin != "plesk2" {
		t.Errorf("%+v, %v", r, err)
	}
	w.holds(example, "www A 192.0.2.2")
	w.waits(example)
	w.refused(anna, "zone.takeover", func() error { _, err := take("nobody", false); return err }, skein.KindNotFound, `"nobody"`)
	w.refused(plesk1, "zone.takeover", func() error {
		_, err := w.TakeOver(w.ctx(), plesk1, control.TakeOver{Name: example, To: "plesk1"})
		return err
	}, skein.KindForbidden, "permission")
}

// A commit that failed, and one that failed though it is done: what waits is
// released once, and never lost.
func TestReleasingWithFaults(t *testing.T) {
	t.Parallel()
	for situation, done := range map[string]bool{"failed": false, "failed but done": true} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(plesk1, example, 5, "www A 192.0.2.1\n")
			id := w.kept(plesk2, "zone.replace", w.save(plesk2, example, 6, "www A 192.0.2.2\n"), `"plesk1"`)
			w.store.fail(errors.New("no space left"), done)
			if _, err := w.Release(w.ctx(), anna, control.Decision{ID: id}); err == nil {
				t.Fatal("the release came through")
			}
			w.store.fail(nil, false)
			_, err := w.Release(w.ctx(), anna, control.Decision{ID: id})
			if done {
				w.wants(err, skein.KindNotFound, "no change waits")
			} else {
				w.must(err)
			}
			if z := w.holds(example, "www A 192.0.2.2"); z.Origin != "plesk2" || z.Revision != 2 {
				t.Errorf("%+v", z)
			}
			w.waits(example)
		})
	}
}

// The same with a deletion by which the zone changes hands.
func TestSuccessionWithFaults(t *testing.T) {
	t.Parallel()
	for situation, done := range map[string]bool{"failed": false, "failed but done": true} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.put(plesk1, example, 5, "www A 192.0.2.1\n")
			w.kept(plesk2, "zone.replace", w.save(plesk2, example, 6, "www A 192.0.2.2\n"), `"plesk1"`)
			remove := func() error {
				_, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example, ChangeID: "once"})
				return err
			}
			w.store.fail(errors.New("no space left"), done)
			if remove() == nil {
				t.Fatal("the deletion came through")
			}
			w.store.fail(nil, false)
			w.must(remove())
			if z := w.holds(example, "www A 192.0.2.2"); z.Origin != "plesk2" || z.Revision != 2 {
				t.Errorf("%+v", z)
			}
			w.waits(example)
		})
	}
}
