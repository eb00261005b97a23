package control_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// kept runs what must wait for a person: it is refused, recorded, and changes
// nothing, and its number is returned.
func (w *world) kept(actor skein.Actor, action string, do func() error, words string) int64 {
	w.t.Helper()
	var id int64
	w.refused(actor, action, func() error {
		err := do()
		var e *skein.Error
		if errors.As(err, &e) {
			id = e.Waiting
		}
		return err
	}, skein.KindConflict, words)
	if id == 0 {
		w.t.Errorf("the change of %s was not kept", actor.Name)
	}
	return id
}

// waits wants these changes to wait: "kind source action".
func (w *world) waits(name zone.Name, want ...string) {
	w.t.Helper()
	rows, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{Zone: name})
	w.must(err)
	var got []string
	for _, row := range rows {
		got = append(got, row.Kind+" "+row.Source+" "+row.Action)
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		w.t.Errorf("there wait %q, want %q", got, want)
	}
}

func (w *world) save(actor skein.Actor, name zone.Name, serial uint32, records string) func() error {
	return func() error {
		_, err := w.PutZone(w.ctx(), actor, control.PutZone{Name: name, Sets: w.sets(name, apex(serial)+records), Tolerant: true})
		return err
	}
}

func (w *world) drop(actor skein.Actor, name zone.Name) func() error {
	return func() error {
		_, err := w.DeleteZone(w.ctx(), actor, control.DeleteZone{Name: name})
		return err
	}
}

// Two panels save the same domain: the second one's version waits beside the
// first one's, whatever its serial, and a person decides.
func TestTwoPanelsSaveTheSameDomain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	id := w.kept(plesk2, "zone.replace", w.save(plesk2, example, 3_000_000_000, "www A 192.0.2.2\n"), `"plesk1"`)
	if again := w.kept(plesk2, "zone.replace", w.save(plesk2, example, 3_000_000_001, "www A 192.0.2.3\n"), `"plesk1"`); again != id {
		t.Errorf("the newer version waits as %d beside %d", again, id)
	}
	w.waits(example, "conflict plesk2 zone.replace")
	d, err := w.WaitingDetail(w.ctx(), anna, id)
	if err != nil || len(d.Now) != 3 || len(d.Then) != 3 || d.Serial != 3_000_000_001 || d.Records != 4 || d.Actor.Name != "plesk2" {
		t.Errorf("both versions: %+v, %v", d, err)
	}
	if len(d.Delta.Removed) != 2 || len(d.Delta.Added) != 2 { // with the SOA
		t.Errorf("their difference: %+v", d.Delta)
	}
	// Its source sees that it waits, and nothing of the zone as it is.
	if d, err := w.WaitingDetail(w.ctx(), plesk2, id); err != nil || len(d.Now) != 0 || len(d.Then) != 3 {
		t.Errorf("to plesk2: %+v, %v", d, err)
	}
	if _, err := w.WaitingDetail(w.ctx(), plesk1, id); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("to plesk1: %v", err)
	}
	if mine, err := w.Waiting(w.ctx(), plesk1, control.WaitingQuery{}); err != nil || len(mine) != 0 {
		t.Errorf("to plesk1: %+v, %v", mine, err)
	}
	w.refused(plesk2, "waiting.release", func() error { _, err := w.Release(w.ctx(), plesk2, id); return err }, skein.KindForbidden, "administrators")

	// Theirs.
	r, err := w.Release(w.ctx(), anna, id)
	if err != nil || r.Zone.Origin != "plesk2" || r.Zone.OriginBefore != "plesk1" || r.Zone.Revision != 2 {
		t.Errorf("released: %+v, %v", r, err)
	}
	w.holds(example, "www A 192.0.2.3")
	w.waits(example)
	entries, err := w.Audit(w.ctx(), anna, 0, 2)
	w.must(err)
	if entries[0].Action != fmt.Sprintf("waiting.release %d zone.replace example.com.", id) || entries[0].Actor.Name != "anna" ||
		entries[1].Action != "zone.takeover" || entries[1].Actor.Name != "plesk2" {
		t.Errorf("recorded as %+v", entries)
	}
	// Ours.
	id = w.kept(plesk1, "zone.replace", w.save(plesk1, example, 9, "www A 192.0.2.1\n"), `"plesk2"`)
	w.must(w.Discard(w.ctx(), anna, id))
	w.waits(example)
	w.holds(example, "www A 192.0.2.3")
	w.refused(anna, "waiting.release", func() error { _, err := w.Release(w.ctx(), anna, id); return err }, skein.KindNotFound, "no change waits", store.ErrNotFound)
}

// Two Plesks create and delete the same domain, in every order that there is.
// Nobody's save or deletion touches the other's zone, and whoever is left has it.
func TestTwoPlesksInEveryOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	actors := [2]skein.Actor{plesk1, plesk2}
	steps := []string{"1 creates", "2 creates", "1 deletes", "2 deletes"}
	const long = 4
	n := 1
	for range long {
		n *= len(steps)
	}
	for order := range n {
		w.later(25 * time.Hour) // so that the deletions are none too many
		name := zone.Name(fmt.Sprintf("order%d.example.", order))
		owner, claim := -1, [2]string{}
		var told []string
		for left := range long {
			step := order >> (2 * left) & 3
			i, creates := step&1, step < 2
			j := 1 - i
			told = append(told, steps[step])
			want := skein.Kind("")
			switch {
			case creates && owner == j:
				want, claim[i] = skein.KindConflict, "save"
			case creates:
				owner, claim[i] = i, ""
			case owner == i && claim[j] == "save": // who waits has it at once
				owner, claim[j], claim[i] = j, "", ""
			case owner == i:
				owner, claim = -1, [2]string{}
			case claim[i] == "save": // it was its own that it meant
				claim[i] = ""
			case owner == j:
				want, claim[i] = skein.KindConflict, "delete"
			default:
				want = skein.KindNotFound
			}
			do := w.drop(actors[i], name)
			if creates {
				do = w.save(actors[i], name, 1, fmt.Sprintf("www A 192.0.2.%d\n", i+1))
			}
			if err := do(); skein.KindOf(err) != want {
				t.Errorf("%v: %v, want kind %q", told, err, want)
			}
			z, c, err := w.Contents(w.ctx(), anna, name)
			switch {
			case owner < 0 && skein.KindOf(err) != skein.KindNotFound:
				t.Errorf("%v: the zone is there: %+v, %v", told, z, err)
			case owner >= 0 && (err != nil || z.Origin != actors[owner].Source || strings.Join(lines(c), "") != fmt.Sprintf("www A 192.0.2.%d", owner+1)):
				t.Errorf("%v: the zone is %+v, %v, %v; it belongs to %s", told, z, lines(c), err, actors[owner].Source)
			}
			rows, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{Zone: name})
			w.must(err)
			got := [2]string{}
			for _, row := range rows {
				k := 0
				if row.Source == "plesk2" {
					k = 1
				}
				got[k] = map[string]string{"zone.replace": "save", "zone.delete": "delete"}[row.Action]
			}
			if got != claim {
				t.Errorf("%v: there wait %q, want %q", told, got, claim)
			}
		}
	}
}

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
	if r, err := w.Release(w.ctx(), anna, rows[0].ID); err != nil || !r.Created || r.Zone.Origin != "plesk3" {
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
		"administrators ne": {Kind: skein.RuleTakeover, From: "plesk1", To: "admin"},
	} {
		err := w.PutRule(w.ctx(), anna, r)
		if kind := skein.KindOf(err); kind != skein.KindInvalid && kind != skein.KindNotFound || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	w.refused(plesk1, "source.rule.add", func() error {
		return w.PutRule(w.ctx(), plesk1, skein.SourceRule{Kind: skein.RuleTakeover, From: "plesk2", To: "plesk1"})
	}, skein.KindForbidden, "administrators")
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
	}, skein.KindForbidden, "administrators")
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
			if _, err := w.Release(w.ctx(), anna, id); err == nil {
				t.Fatal("the release came through")
			}
			w.store.fail(nil, false)
			_, err := w.Release(w.ctx(), anna, id)
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
