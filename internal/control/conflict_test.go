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
	w.refused(plesk2, "waiting.release", func() error { _, err := w.Release(w.ctx(), plesk2, control.Decision{ID: id}); return err }, skein.KindForbidden, "permission")

	// Theirs.
	r, err := w.Release(w.ctx(), anna, control.Decision{ID: id})
	if err != nil || r.Zone.Origin != "plesk2" || r.Zone.OriginBefore != "plesk1" || r.Zone.Revision != 2 {
		t.Errorf("released: %+v, %v", r, err)
	}
	w.holds(example, "www A 192.0.2.3")
	w.waits(example)
	entries, err := w.Audit(w.ctx(), anna, skein.AuditQuery{Limit: 2})
	w.must(err)
	if entries[0].Action != fmt.Sprintf("waiting.release %d zone.replace example.com.", id) || entries[0].Actor.Name != "anna" ||
		entries[1].Action != "zone.takeover" || entries[1].Actor.Name != "plesk2" {
		t.Errorf("recorded as %+v", entries)
	}
	// Ours.
	id = w.kept(plesk1, "zone.replace", w.save(plesk1, example, 9, "www A 192.0.2.1\n"), `"plesk2"`)
	w.must(w.Discard(w.ctx(), anna, control.Decision{ID: id}))
	w.waits(example)
	w.holds(example, "www A 192.0.2.3")
	w.refused(anna, "waiting.release", func() error { _, err := w.Release(w.ctx(), anna, control.Decision{ID: id}); return err }, skein.KindNotFound, "no change waits", store.ErrNotFound)
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

// Who looked at one version does not decide about another that took its number.
func TestADecisionIsAboutTheVersionThatWasSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, plesk2)
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	w.kept(plesk2, "zone.replace", w.save(plesk2, example, 6, "www A 192.0.2.2\n"), `"plesk1"`)
	seen, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{})
	if err != nil || len(seen) != 1 || strings.Contains(seen[0].Mend, "NUMBER") {
		t.Fatal(seen, err)
	}
	w.later(time.Second)
	w.kept(plesk2, "zone.replace", w.save(plesk2, example, 7, "www A 192.0.2.3\n"), `"plesk1"`)
	d := control.Decision{ID: seen[0].ID, Seen: seen[0].At}
	w.refused(anna, "waiting.release", func() error { _, err := w.Release(w.ctx(), anna, d); return err }, skein.KindConflict, "a newer change", store.ErrChanged)
	w.refused(anna, "waiting.discard", func() error { return w.Discard(w.ctx(), anna, d) }, skein.KindConflict, "a newer change", store.ErrChanged)
	w.holds(example, "www A 192.0.2.1")
	now, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{})
	if err != nil || len(now) != 1 || now[0].ID != d.ID {
		t.Fatal(now, err)
	}
	d.Seen = now[0].At
	if _, err := w.Release(w.ctx(), anna, d); err != nil {
		t.Fatal(err)
	}
	w.holds(example, "www A 192.0.2.3")
}
