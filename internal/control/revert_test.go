package control_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// steps is a plan in one line: "action zone" each, * where it is done.
func steps(r skein.Revert) string {
	var all []string
	for _, s := range r.Steps {
		text := s.Action + " " + string(s.Zone)
		if s.Done {
			text += "*"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// A panel went mad: what it did since is looked at and taken back in one step,
// and what others have done since stays.
func TestRevertingWhatASourceDid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, plesk2)
	w.put(plesk1, "changed.example.", 1, "www A 192.0.2.1\n")
	w.put(plesk1, "deleted.example.", 1, "www A 192.0.2.1\n")
	w.put(plesk1, "both.example.", 1, "www A 192.0.2.1\n")
	w.put(plesk1, "touched.example.", 1, "www A 192.0.2.1\n")
	w.put(plesk1, "quiet.example.", 1, "www A 192.0.2.1\n")
	w.put(plesk2, "taken.example.", 1, "www A 192.0.2.1\n")
	w.later(time.Hour)
	since := w.clock()
	w.later(time.Minute)
	w.put(plesk1, "changed.example.", 2, "www A 192.0.2.66\n")
	w.edit(plesk1, "changed.example.", "set ftp A 192.0.2.66")
	w.must(w.drop(plesk1, "deleted.example.")())
	w.put(plesk1, "both.example.", 2, "www A 192.0.2.66\n")
	w.must(w.drop(plesk1, "both.example.")())
	w.put(plesk1, "new.example.", 2, "www A 192.0.2.66\n")
	w.put(plesk1, "brief.example.", 2, "")
	w.must(w.drop(plesk1, "brief.example.")())
	w.put(plesk1, "touched.example.", 2, "www A 192.0.2.66\n")
	w.edit(anna, "touched.example.", "set ftp A 192.0.2.7")
	w.rule(skein.RuleTakeover, plesk2, plesk1)
	w.put(plesk1, "taken.example.", 2, "www A 192.0.2.66\n")

	before, last := w.everything(), w.newestAudit()
	dry, err := w.RevertSource(w.ctx(), anna, control.RevertSource{Name: "plesk1", Since: since, DryRun: true})
	const plan = "restore changed.example., undelete deleted.example., undelete both.example., delete new.example., leave brief.example., leave touched.example., restore taken.example."
	if err != nil || steps(dry) != plan {
		t.Errorf("the plan: %s, %v\nwant %s", steps(dry), err, plan)
	}
	if w.everything() != before || w.newestAudit().Seq != last.Seq {
		t.Error("looking changed something")
	}
	for _, s := range dry.Steps {
		if s.Action == skein.RevertLeave && s.Reason == "" {
			t.Errorf("%+v says no reason", s)
		}
	}
	// Interrupted after two it goes on, with the id of the plan.
	n := 0
	w.store.meanwhile(100, func() {
		if n++; n == 3 {
			w.store.fail(&skein.Error{Kind: skein.KindUnavailable, What: "the disk is full"}, true)
		}
	})
	r, err := w.RevertSource(w.ctx(), anna, control.RevertSource{Name: "plesk1", Since: since, ID: dry.ID})
	if skein.KindOf(err) != skein.KindUnavailable || strings.Count(steps(r), "*") < 2 {
		t.Errorf("interrupted: %s, %v", steps(r), err)
	}
	w.store.meanwhile(0, func() {})
	w.store.fail(nil, false)
	for range 2 { // the second time there is nothing left to do
		r, err = w.RevertSource(w.ctx(), anna, control.RevertSource{Name: "plesk1", Since: since, ID: dry.ID})
		if err != nil || strings.Count(steps(r), "*") != 5 {
			t.Errorf("reverted: %+v, %v", r, err)
		}
	}
	for _, name := range []zone.Name{"changed.example.", "deleted.example.", "both.example.", "quiet.example.", "taken.example."} {
		w.holds(name, "www A 192.0.2.1")
	}
	w.holds("touched.example.", "ftp A 192.0.2.7", "www A 192.0.2.66")
	if _, err := w.Zone(w.ctx(), anna, "new.example."); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("what was new is still there: %v", err)
	}
	if z := mustZone(w, "taken.example."); z.Origin != "plesk2" {
		t.Errorf("it still belongs to %s", z.Origin)
	}
	changes, err := w.History(w.ctx(), anna, "changed.example.", 0)
	if err != nil || len(changes) != 4 || changes[0].Action != "zone.restore" || !strings.HasPrefix(changes[0].ID, dry.ID) {
		t.Errorf("%+v, %v", changes, err)
	}
}

// A revert of more than is allowed to be deleted at once is no accident.
func TestARevertIsNotHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	since := w.clock()
	for i := range 15 {
		w.put(plesk1, zone.Name(fmt.Sprintf("n%02d.example.", i)), 1, "")
	}
	r, err := w.RevertSource(w.ctx(), anna, control.RevertSource{Name: "plesk1", Since: since})
	if err != nil || strings.Count(steps(r), "*") != 15 {
		t.Errorf("%+v, %v", r, err)
	}
	for words, in := range map[string]control.RevertSource{
		"no source": {Since: since}, "time": {Name: "plesk1"}, "to come": {Name: "plesk1", Since: since.Add(time.Hour)},
	} {
		w.refused(anna, "source.revert", func() error { _, err := w.RevertSource(w.ctx(), anna, in); return err }, skein.KindInvalid, words)
	}
	w.refused(plesk1, "source.revert", func() error {
		_, err := w.RevertSource(w.ctx(), plesk1, control.RevertSource{Name: "plesk1", Since: since})
		return err
	}, skein.KindForbidden, "permission")
}
