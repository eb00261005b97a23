package inventory_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/fake"
	"github.com/skein-dns/skein/zone"
)

// A standalone member is a panel that runs on: what it has comes here, what it
// changes follows, and it is never told anything.
func TestAStandaloneMemberIsReadAndNeverWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]skein.Role{"panel": skein.RoleStandalone})
	for i := range 7 { // more than two pages
		w.makes("panel", zone.Name(fmt.Sprintf("z%d.example.", i)), 5, "first")
	}
	w.must(w.round("panel"))
	w.is("z3.example.", "5 first", "member panel")
	if got := w.reads("panel"); len(got) != 7 {
		t.Errorf("read %q", got)
	}
	w.makes("panel", "z3.example.", 6, "second")
	w.servers["panel"].Drop("z4.example.")
	w.must(w.round("panel"))
	w.is("z3.example.", "6 second", "member panel")
	w.is("z4.example.", "5 first", "member panel") // nothing is deleted because a list lacks it
	if got := w.reads("panel"); !slices.Equal(got, []string{"z3.example."}) {
		t.Errorf("read %q: what did not change costs a line of the list", got)
	}
	w.put(plesk1, "ours.example.", 1, "ours")
	w.must(w.write("panel", skein.RoleStandalone))
	w.must(w.round("panel"))
	if got := w.reads("panel"); len(got) > 0 {
		t.Errorf("read %q", got)
	}
}

// A synchronize member goes both ways, and the newer version wins wherever it is.
func TestASynchronizeMemberGoesBothWays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]skein.Role{"web1": skein.RoleSynchronize, "web2": skein.RoleSynchronize})
	w.makes("web1", "a.example.", 5, "from web1")
	w.put(plesk1, "b.example.", 7, "from plesk")
	w.must(w.round("web1"))
	for _, on := range []string{"web1", "web2"} {
		w.must(w.write(on, skein.RoleSynchronize))
		w.has(on, "a.example.", "5 from web1")
		w.has(on, "b.example.", "7 from plesk")
	}
	w.makes("web1", "a.example.", 6, "changed on web1")
	w.must(w.round("web1"))
	w.must(w.write("web2", skein.RoleSynchronize))
	w.has("web2", "a.example.", "6 changed on web1")

	rule := skein.ConflictsHighest
	_, err := w.EditCluster(w.ctx(), anna, skein.EditCluster{Conflicts: &rule}, nil)
	w.must(err)
	w.makes("web2", "b.example.", 8, "changed on web2")
	w.must(w.round("web2"))
	w.is("b.example.", "8 changed on web2", "plesk1")
	w.must(w.write("web1", skein.RoleSynchronize))
	w.has("web1", "b.example.", "8 changed on web2")
}

// A copy that the gate keeps for a person is read once, and again when it changes.
func TestWhatWaitsIsReadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]skein.Role{"web1": skein.RoleSynchronize})
	w.put(plesk1, "a.example.", 7, "ours")
	w.makes("web1", "a.example.", 8, "theirs")
	for i, want := range [][]string{{"a.example."}, nil, nil} {
		w.must(w.round("web1"))
		if got := w.reads("web1"); !slices.Equal(got, want) {
			t.Errorf("round %d read %q, want %q", i, got, want)
		}
	}
	rows, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{})
	w.must(err)
	w.must(w.DiscardHeld(rows))
	w.is("a.example.", "9 ours", "plesk1")
	w.makes("web1", "a.example.", 10, "again")
	w.must(w.round("web1"))
	if got := w.reads("web1"); !slices.Equal(got, []string{"a.example."}) {
		t.Errorf("read %q", got)
	}
}

// DiscardHeld says of all that waits that ours counts.
func (w *world) DiscardHeld(rows []skein.Waiting) error {
	for _, row := range rows {
		if err := w.Discard(w.ctx(), anna, control.Decision{ID: row.ID}); err != nil {
			return err
		}
	}
	return nil
}

// Whatever goes wrong with a member: what came before is here, nothing is taken
// as missing, and the next round does the rest.
func TestAMemberThatBreaksOff(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		fault fake.Fault
		away  bool
	}{
		"the list is refused":                   {fake.Fault{Call: "list", How: fake.Refuses}, false},
		"the list is made, and an error":        {fake.Fault{Call: "list", How: fake.Fails}, false},
		"the connection breaks before the list": {fake.Fault{Call: "list", How: fake.Lost}, true},
		"the list is a page to log in":          {fake.Fault{Call: "list", How: fake.Garbage}, false},
		"the list breaks off at once":           {fake.Fault{Call: "list", How: fake.Breaks}, true},
		"the list breaks off in its middle":     {fake.Fault{Call: "list", How: fake.Breaks, Lines: 5}, true},
		"the list lacks its end":                {fake.Fault{Call: "list", How: fake.Breaks, Lines: 7}, true},
		"reading is refused":                    {fake.Fault{Call: "read", How: fake.Refuses}, false},
		"what is read is lost":                  {fake.Fault{Call: "read", How: fake.Lost}, true},
		"what is read breaks off":               {fake.Fault{Call: "read", How: fake.Breaks, Lines: 1}, true},
		"what is read is no answer":             {fake.Fault{Call: "read", How: fake.Garbage}, false},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]skein.Role{"web1": skein.RoleSynchronize})
			for i := range 7 {
				w.makes("web1", zone.Name(fmt.Sprintf("z%d.example.", i)), 5, "there")
			}
			w.servers["web1"].Fault(row.fault)
			err := w.round("web1")
			if err == nil || errors.Is(err, member.ErrAway) != row.away || row.away && skein.KindOf(err) != skein.KindUnavailable {
				t.Errorf("the round ended with %v", err)
			}
			w.must(w.round("web1"))
			for i := range 7 {
				w.is(zone.Name(fmt.Sprintf("z%d.example.", i)), "5 there", "member web1")
			}
			w.reads("web1")
		})
	}
}

// A member that is away, or is gone, is said to be so.
func TestAMemberThatIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]skein.Role{"web1": skein.RoleSynchronize})
	w.servers["web1"].Stop()
	if err := w.round("web1"); skein.KindOf(err) != skein.KindUnavailable {
		t.Errorf("away: %v", err)
	}
	w.must(w.servers["web1"].Start())
	w.must(w.round("web1"))
	w.inv.RemoveMember("web1")
	if err := w.round("web1"); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("removed: %v", err)
	}
}

// While clustering is disabled nothing is taken in, and what was changed on
// members meanwhile comes afterwards.
func TestReadingWhileClusteringIsDisabled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]skein.Role{"web1": skein.RoleSynchronize})
	w.makes("web1", "a.example.", 5, "there")
	_, err := w.SetClustering(w.ctx(), anna, false)
	w.must(err)
	if err := w.round("web1"); skein.KindOf(err) != skein.KindConflict {
		t.Errorf("disabled: %v", err)
	}
	w.is("a.example.", "", "")
	_, err = w.SetClustering(w.ctx(), anna, true)
	w.must(err)
	w.must(w.round("web1"))
	w.is("a.example.", "5 there", "member web1")
}
