package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// acme is a program that puts challenges into the zones of others.
var acme = skein.Actor{Name: "acme", Door: "api", Source: "acme"}

// register makes sources of the actors.
func (w *world) register(actors ...skein.Actor) {
	w.t.Helper()
	for _, a := range actors {
		_, err := w.AddSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: a.Source, Door: skein.DoorAPI}})
		w.must(err)
	}
}

func (w *world) rule(kind string, from, to skein.Actor) {
	w.t.Helper()
	w.must(w.PutRule(w.ctx(), anna, skein.SourceRule{Kind: kind, From: from.Source, To: to.Source}))
}

// overlays wants a zone to have these overlays: "name TYPE of SOURCE: data over hidden".
func (w *world) overlays(name zone.Name, want ...string) {
	w.t.Helper()
	list, err := w.Overlays(w.ctx(), anna, name)
	w.must(err)
	var got []string
	for _, o := range list {
		text := fmt.Sprintf("%s %s of %s: %s", zone.Relative(zone.Name(o.Name), name), o.Type, o.Source, strings.Join(o.Data, " "))
		if o.Absent {
			text += "none"
		}
		if o.Hidden != nil {
			text += " over " + strings.Join(o.Hidden.Data, " ")
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("%s has the overlays\n\t%s\nwant\n\t%s", name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func (w *world) endOverlay(actor skein.Actor, name zone.Name, host string, adopt bool) (control.Result, error) {
	return w.EndOverlay(w.ctx(), actor, control.EndOverlay{Zone: name, Name: zone.Name(host + "." + string(name)), Adopt: adopt})
}

// A program's record in a panel's zone survives that one's pushes, and goes
// when the program takes it away.
func TestAChallengeSurvivesThePanelsPushes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, acme)
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	set := func() error {
		_, err := w.EditRecords(w.ctx(), acme, control.EditRecords{Zone: example, Edits: w.edits(example, "set _acme-challenge TXT token")})
		return err
	}
	w.refused(acme, "record.set", set, skein.KindConflict, `"plesk1"`)
	w.rule(skein.RuleOverlay, plesk1, acme)
	w.must(set())
	r := w.put(plesk1, example, 6, "www A 192.0.2.2\n")
	w.holds(example, `_acme-challenge TXT "token"`, "www A 192.0.2.2")
	w.overlays(example, "_acme-challenge TXT of acme: \"token\"")
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Text, `"acme"`) {
		t.Errorf("the panel is told %+v", r.Warnings)
	}
	if r := w.put(plesk1, example, 7, "www A 192.0.2.2\n"); r.Changed {
		t.Errorf("the same push again: %+v", r)
	}
	w.edit(acme, example, "delete _acme-challenge")
	w.holds(example, "www A 192.0.2.2")
	w.overlays(example)
}

// A program that had put its record over one of the panel's gives that back.
func TestWhatAProgramDeletesOfItsOwnBringsBackWhatItHid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, acme)
	w.rule(skein.RuleOverlay, plesk1, acme)
	w.put(plesk1, example, 5, "_acme-challenge TXT panels\n")
	w.edit(acme, example, "set _acme-challenge TXT programs")
	w.overlays(example, `_acme-challenge TXT of acme: "programs" over "panels"`)
	w.put(plesk1, example, 6, "_acme-challenge TXT panels2\n")
	w.holds(example, `_acme-challenge TXT "programs"`)
	w.edit(acme, example, "delete _acme-challenge")
	w.holds(example, `_acme-challenge TXT "panels2"`)
	w.overlays(example)
}

func TestWhatARuleForOverlaysDoesNotAllow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, plesk2, acme)
	w.rule(skein.RuleOverlay, plesk1, acme)
	w.rule(skein.RuleOverlay, plesk1, plesk2)
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	w.edit(plesk2, example, "set ftp A 192.0.2.2")
	w.edit(anna, example, "set www A 192.0.2.3")
	for line, owner := range map[string]string{
		"set ftp A 192.0.2.9": `"plesk2"`, "delete ftp": `"plesk2"`, "set www A 192.0.2.9": `"admin"`,
		"set @ NS ns9.example.net.": `"plesk1"`, "set @ SOA a. b. 9 2 3 4 5": `"plesk1"`,
	} {
		w.refused(acme, "record.", func() error {
			_, err := w.EditRecords(w.ctx(), acme, control.EditRecords{Zone: example, Edits: w.edits(example, line)})
			return err
		}, skein.KindConflict, owner)
	}
	_, err := w.DeleteZone(w.ctx(), acme, control.DeleteZone{Name: example})
	w.wants(err, skein.KindConflict, `"plesk1"`)
	_, err = w.PutZone(w.ctx(), acme, control.PutZone{Name: example, Sets: w.sets(example, apex(9))})
	w.wants(err, skein.KindConflict, `"plesk1"`)
	w.holds(example, "ftp A 192.0.2.2", "www A 192.0.2.3")
}

// What an administrator changes in a panel's zone lies over what that sends,
// until he drops it or leaves it to the panel.
func TestAnAdministratorInAPanelsZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "ftp A 192.0.2.1\nwww A 192.0.2.1\n")
	w.edit(anna, example, "set www A 192.0.2.9", "delete ftp", "set new A 192.0.2.8")
	w.put(plesk1, example, 6, "ftp A 192.0.2.1\nwww A 192.0.2.2\n")
	w.holds(example, "new A 192.0.2.8", "www A 192.0.2.9")
	w.overlays(example, "ftp A of admin: none over 192.0.2.1", "new A of admin: 192.0.2.8", "www A of admin: 192.0.2.9 over 192.0.2.2")

	// To make it as the panel has it ends it.
	w.edit(anna, example, "set ftp A 192.0.2.1")
	w.overlays(example, "new A of admin: 192.0.2.8", "www A of admin: 192.0.2.9 over 192.0.2.2")

	before := w.everything()
	dry, err := w.EndOverlay(w.ctx(), anna, control.EndOverlay{Zone: example, Name: "www." + example, DryRun: true})
	if err != nil || delta(dry.Delta) != "-www A 192.0.2.9 +www A 192.0.2.2" || w.everything() != before {
		t.Errorf("what would be: %+v, %v", dry, err)
	}
	r, err := w.endOverlay(anna, example, "www", false)
	if err != nil || delta(r.Delta) != "-www A 192.0.2.9 +www A 192.0.2.2" {
		t.Errorf("dropped: %+v, %v", r, err)
	}
	serial := r.Zone.Serial
	r, err = w.endOverlay(anna, example, "new", true)
	if err != nil || !r.Changed || r.Zone.Serial != serial || len(r.Delta.Add)+len(r.Delta.Del) > 0 {
		t.Errorf("adopted: %+v, %v", r, err)
	}
	w.overlays(example)
	w.holds(example, "ftp A 192.0.2.1", "new A 192.0.2.8", "www A 192.0.2.2")
	w.put(plesk1, example, 7, "www A 192.0.2.2\n") // what is the panel's own it takes away
	w.holds(example, "www A 192.0.2.2")
	_, err = w.endOverlay(anna, example, "new", false)
	w.wants(err, skein.KindNotFound, "new."+string(example))
}

// A whole file put into a panel's zone makes overlays of the differences;
// only who serves the zone cannot be one.
func TestAWholeFileIntoAPanelsZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "a A 192.0.2.1\nb A 192.0.2.1\n")
	w.register(acme, plesk1)
	w.rule(skein.RuleOverlay, plesk1, acme)
	w.edit(acme, example, "set _acme-challenge TXT token")
	r, err := w.PutZone(w.ctx(), anna, control.PutZone{Name: example, Sets: w.sets(example,
		"@ SOA ns1.example.net. hostmaster.example.net. 5 10800 3600 1209600 600\n@ NS ns9.example.net.\na A 192.0.2.2\n")})
	w.must(err)
	w.overlays(example, `_acme-challenge TXT of acme: "token"`, "a A of admin: 192.0.2.2 over 192.0.2.1", "b A of admin: none over 192.0.2.1")
	w.holds(example, `_acme-challenge TXT "token"`, "a A 192.0.2.2")
	text := ""
	for _, p := range r.Warnings {
		text += p.Text + "\n"
	}
	if !strings.Contains(text, "NS of the zone itself") || !strings.Contains(text, `"acme"`) {
		t.Errorf("warnings:\n%s", text)
	}
	w.put(plesk1, example, 6, "a A 192.0.2.1\nb A 192.0.2.1\n")
	c := mustContents(w, example)
	if ns, _ := c.Get(example, zone.TypeNS); len(ns.Data) != 2 {
		t.Errorf("the panel's next push does not say who serves the zone: %+v", ns)
	}
}

// What the origin edits lies beneath the overlays.
func TestTheOriginEditsBeneath(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	w.edit(anna, example, "delete www")
	serial := mustZone(w, example).Serial
	r := w.edit(plesk1, example, "add www A 192.0.2.2")
	if !r.Changed || r.Zone.Serial != serial || len(r.Warnings) != 1 {
		t.Errorf("beneath an absence: %+v", r)
	}
	w.holds(example)
	w.overlays(example, "www A of admin: none over 192.0.2.1 192.0.2.2")
	w.edit(plesk1, example, "delete www A 192.0.2.1")
	_, err := w.EditRecords(w.ctx(), plesk1, control.EditRecords{Zone: example, Edits: w.edits(example, "delete www 300 A 192.0.2.1")})
	if err == nil {
		t.Error("what is not in the base was deleted from it")
	}
	_, err = w.endOverlay(anna, example, "www", false)
	w.must(err)
}

// A push that does not go together with an overlay waits, and is taken once
// somebody has decided.
func TestAPushThatDoesNotFitAnOverlay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "")
	w.edit(anna, example, "set ftp TXT note")
	push := func() error {
		_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: w.sets(example, apex(6)+"ftp CNAME www\nwww A 192.0.2.1\n"), Tolerant: true})
		return err
	}
	id := w.kept(plesk1, "zone.replace", push, "overlays")
	_, err := w.Release(w.ctx(), anna, control.Decision{ID: id})
	w.wants(err, skein.KindInvalid, "CNAME")
	_, err = w.endOverlay(anna, example, "ftp", false)
	w.must(err)
	_, err = w.Release(w.ctx(), anna, control.Decision{ID: id})
	w.must(err)
	w.holds(example, "ftp CNAME www.example.com.", "www A 192.0.2.1")
}

func TestWhoEndsAnOverlay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, plesk2, acme)
	w.rule(skein.RuleOverlay, plesk1, acme)
	w.put(plesk1, example, 5, "")
	w.edit(acme, example, "set a TXT x", "set b TXT x")
	w.edit(anna, example, "set c TXT x")
	end := func(actor skein.Actor, host string, adopt bool) func() error {
		return func() error { _, err := w.endOverlay(actor, example, host, adopt); return err }
	}
	w.refused(plesk2, "overlay.drop", end(plesk2, "a", false), skein.KindNotFound, "no zone")
	w.refused(plesk1, "overlay.drop", end(plesk1, "a", false), skein.KindConflict, `"acme"`)
	w.refused(plesk1, "overlay.adopt", end(plesk1, "a", true), skein.KindConflict, `"acme"`)
	w.refused(acme, "overlay.adopt", end(acme, "a", true), skein.KindConflict, `"acme"`)
	w.refused(acme, "overlay.drop", end(acme, "c", false), skein.KindNotFound, "no zone")
	w.must(end(acme, "a", false)())
	w.must(end(anna, "b", true)())
	w.overlays(example, `c TXT of admin: "x"`)
	w.holds(example, `b TXT "x"`, `c TXT "x"`)
}

// A restore gives what was served then; overlays that were no part of it end,
// and it is said which.
func TestARestoreEndsOverlays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.put(plesk1, example, 5, "www A 192.0.2.1\n").Zone.Revision
	w.edit(anna, example, "set www A 192.0.2.9")
	r, err := w.restore(anna, example, good)
	if err != nil || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Text, "www.example.com. A") {
		t.Errorf("%+v, %v", r, err)
	}
	w.overlays(example)
	w.holds(example, "www A 192.0.2.1")
	// A deleted zone comes back with its overlays, and what they hide.
	w.edit(anna, example, "set www A 192.0.2.9")
	w.remove(plesk1, example)
	if _, err := w.undelete(plesk1, example); err != nil {
		t.Error(err)
	}
	w.overlays(example, "www A of admin: 192.0.2.9 over 192.0.2.1")
	_, err = w.endOverlay(anna, example, "www", false)
	w.must(err)
	w.holds(example, "www A 192.0.2.1")
}
