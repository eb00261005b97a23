package control_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// A zone that only the member has becomes its own, keeps its serial, and is
// followed from then on.
func TestAMembersOwnZone(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for _, member := range []string{"web1", "panel"} {
		name := zone.Name(member + ".example.")
		l.takes(member, skein.SyncCreate, l.contents(name, 7, "www A 192.0.2.1\n"))
		z := l.holds(name, "www A 192.0.2.1")
		if z.Origin != "member "+member || z.Serial != 7 {
			t.Errorf("%+v", z)
		}
		l.takes(member, skein.SyncSame, l.contents(name, 7, "www A 192.0.2.1\n"))
		l.takes(member, skein.SyncReplace, l.contents(name, 4_000_000_000-1<<31, "www A 192.0.2.2\n"))
		z = l.holds(name, "www A 192.0.2.2")
		if z.Serial != 4_000_000_000-1<<31 {
			t.Errorf("serial %d", z.Serial)
		}
	}
	s, err := l.Source(l.ctx(), anna, "member web1")
	l.must(err)
	if s.Door != skein.DoorMember || s.Status.Zones != 1 {
		t.Errorf("the source is %+v", s)
	}
	l.conflicts()
}

// Serials are compared as RFC 1982 says; half the ring away tells nothing, and
// so a person is asked.
func TestSerialsOfMembers(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		ours, theirs uint32
		web1, panel  string // what is done
	}{
		"just as far":           {7, 7, "conflict", "same"}, // a standalone member is not to have ours
		"newer there":           {7, 8, "conflict", "conflict"},
		"older there":           {7, 6, "tell", "leave"},
		"newer over the end":    {4_294_967_295, 3, "conflict", "conflict"},
		"older over the end":    {3, 4_294_967_295, "tell", "leave"},
		"just within half":      {7, 7 + 1<<31 - 1, "conflict", "conflict"},
		"just beyond half":      {7, 7 + 1<<31 + 1, "tell", "leave"},
		"exactly half the ring": {7, 7 + 1<<31, "conflict", "conflict"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			l := newLibrary(t)
			l.put(plesk1, "a.example.", row.ours, "www A 192.0.2.1\n")
			l.takes("web1", row.web1, l.contents("a.example.", row.theirs, "www A 192.0.2.2\n"))
			l.takes("panel", row.panel, l.contents("a.example.", row.theirs, "www A 192.0.2.3\n"))
			if z := l.holds("a.example.", "www A 192.0.2.1"); z.Serial != row.ours || z.Origin != "plesk1" {
				t.Errorf("%+v", z)
			}
		})
	}
}

// A serial that two people came to by themselves makes no zone the other: both
// versions are there until a person says which counts, which is then beyond.
func TestACopyAsFarAsOurs(t *testing.T) {
	t.Parallel()
	for _, take := range []string{"ours", "theirs"} {
		l := newLibrary(t)
		l.put(plesk1, "a.example.", 7, "www A 192.0.2.1\n")
		l.takes("web1", skein.SyncSame, l.contents("a.example.", 7, "www A 192.0.2.1\n"))
		l.takes("web1", skein.SyncConflict, l.contents("a.example.", 7, "www A 192.0.2.9\n"))
		row := l.conflicts("a.example. member web1 7")[0]
		if !strings.Contains(row.Reason, "our serial 7 and other contents") {
			t.Error(row.Reason)
		}
		l.must(l.SettleConflicts(l.ctx(), "web1")) // a round that looks at serials alone
		l.conflicts("a.example. member web1 7")
		l.holds("a.example.", "www A 192.0.2.1")
		want, err := "www A 192.0.2.1", error(nil)
		if take == "ours" {
			err = l.Discard(l.ctx(), anna, control.Decision{ID: row.ID})
		} else {
			want = "www A 192.0.2.9"
			_, err = l.Release(l.ctx(), anna, control.Decision{ID: row.ID})
		}
		l.must(err)
		if z := l.holds("a.example.", want); z.Serial != 8 {
			t.Errorf("%s: %+v", take, z)
		}
		l.conflicts()
	}
	l := newLibrary(t)
	l.takes("web1", skein.SyncCreate, l.contents("b.example.", 7, "www A 192.0.2.1\n"))
	l.takes("web1", skein.SyncConflict, l.contents("b.example.", 7, "www A 192.0.2.2\n")) // its own, and it forgot the serial
	l.holds("b.example.", "www A 192.0.2.1")
}

// Under overlays a member's copy is not what is published. One that is written
// is to get them as well, and would not under the serial that it has already.
func TestAMembersOwnZoneUnderOverlays(t *testing.T) {
	t.Parallel()
	for member, serial := range map[string]uint32{"web1": 21, "panel": 20} { // a standalone member is given nothing
		l := newLibrary(t)
		l.takes(member, skein.SyncCreate, l.contents("a.example.", 7, "www A 192.0.2.1\n"))
		l.edit(anna, "a.example.", "set note 60 TXT ours")
		l.takes(member, skein.SyncReplace, l.contents("a.example.", 20, "www A 192.0.2.2\n"))
		if z := l.holds("a.example.", `note TXT "ours"`, "www A 192.0.2.2"); z.Serial != serial {
			t.Errorf("%s: serial %d", member, z.Serial)
		}
	}
}

// What was changed on a member of another's zone waits in both versions, and
// a person says which counts.
func TestANewerCopyOfAnothersZone(t *testing.T) {
	t.Parallel()
	theirs := "www A 192.0.2.9\n"
	newer := func(l *library) int64 {
		l.put(plesk1, "a.example.", 7, "www A 192.0.2.1\n")
		l.takes("web1", skein.SyncConflict, l.contents("a.example.", 9, theirs))
		id := l.conflicts("a.example. member web1 9")[0].ID
		l.takes("web1", skein.SyncConflict, l.contents("a.example.", 9, theirs)) // the next look says nothing new
		d, err := l.WaitingDetail(l.ctx(), anna, id)
		l.must(err)
		if d.Serial != 9 || len(d.Then) != 3 || len(d.Now) != 3 || !strings.Contains(d.Reason, "serial 9, beyond our 7") || d.Actor.Door != skein.DoorMember {
			t.Errorf("%+v", d)
		}
		return id
	}
	t.Run("ours", func(t *testing.T) {
		t.Parallel()
		l := newLibrary(t)
		l.must(l.Discard(l.ctx(), anna, control.Decision{ID: newer(l)}))
		if z := l.holds("a.example.", "www A 192.0.2.1"); z.Serial != 10 || z.Origin != "plesk1" {
			t.Errorf("%+v", z)
		}
		l.conflicts()
		l.takes("web1", skein.SyncTell, l.contents("a.example.", 9, theirs))
		l.put(plesk1, "a.example.", 8, "www A 192.0.2.2\n") // its serial is a wish, as before
		l.holds("a.example.", "www A 192.0.2.2")
	})
	t.Run("theirs", func(t *testing.T) {
		t.Parallel()
		l := newLibrary(t)
		_, err := l.Release(l.ctx(), anna, control.Decision{ID: newer(l)})
		l.must(err)
		if z := l.holds("a.example.", "www A 192.0.2.9"); z.Serial != 9 || z.Origin != "plesk1" {
			t.Errorf("%+v", z)
		}
		l.conflicts()
		l.put(plesk1, "a.example.", 8, "www A 192.0.2.2\n") // and its origin goes on
		if z := l.holds("a.example.", "www A 192.0.2.2"); z.Serial != 10 {
			t.Errorf("%+v", z)
		}
	})
	t.Run("theirs, after ours has moved on", func(t *testing.T) {
		t.Parallel()
		l := newLibrary(t)
		id := newer(l)
		l.put(plesk1, "a.example.", 20, "www A 192.0.2.2\n")
		_, err := l.Release(l.ctx(), anna, control.Decision{ID: id})
		l.must(err)
		if z := l.holds("a.example.", "www A 192.0.2.9"); z.Serial != 21 {
			t.Errorf("%+v", z)
		}
	})
	t.Run("its reason goes", func(t *testing.T) {
		t.Parallel()
		l := newLibrary(t)
		newer(l)
		l.must(l.SettleConflicts(l.ctx(), "web1"))
		l.conflicts("a.example. member web1 9")
		l.put(plesk1, "a.example.", 20, "www A 192.0.2.2\n")
		l.must(l.SettleConflicts(l.ctx(), "web1"))
		l.conflicts()
	})
	t.Run("the highest serial counts", func(t *testing.T) {
		t.Parallel()
		l := newLibrary(t)
		l.highestSerial()
		l.put(plesk1, "a.example.", 7, "www A 192.0.2.1\n")
		l.takes("web1", skein.SyncReplace, l.contents("a.example.", 9, theirs))
		if z := l.holds("a.example.", "www A 192.0.2.9"); z.Serial != 9 || z.Origin != "plesk1" {
			t.Errorf("%+v", z)
		}
		history, err := l.History(l.ctx(), anna, "a.example.", 10)
		l.must(err)
		if history[0].Actor.Name != "member web1" || history[0].Action != "zone.transfer" {
			t.Errorf("%+v", history[0])
		}
	})
}

// Equal contents under a later serial are nothing to decide about: ours goes
// beyond it, and both are the same again.
func TestACopyThatHoldsTheSame(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.put(plesk1, "a.example.", 7, "www A 192.0.2.1\n")
	l.takes("web1", skein.SyncConflict, l.contents("a.example.", 9, "www A 192.0.2.1\n"))
	if z := l.holds("a.example.", "www A 192.0.2.1"); z.Serial != 10 {
		t.Errorf("serial %d", z.Serial)
	}
	l.conflicts()
}

// A zone that was deleted here does not come back by itself: not while the
// member is still to delete it, nor as it was then.
func TestAZoneThatWasDeletedHere(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	gone := func(name zone.Name) {
		l.put(plesk1, name, 7, "")
		_, err := l.DeleteZone(l.ctx(), plesk1, control.DeleteZone{Name: name})
		l.must(err)
	}
	gone("a.example.")
	l.takes("panel", skein.SyncLeave, l.contents("a.example.", 7, ""))
	l.takes("panel", skein.SyncLeave, l.contents("a.example.", 6, ""))
	l.takes("panel", skein.SyncCreate, l.contents("a.example.", 8, "")) // somebody changed it there since

	gone("b.example.")
	l.has("web1", l.contents("b.example.", 8, ""))
	l.going["web1"] = "b.example."
	l.takes("web1", skein.SyncLeave, l.contents("b.example.", 8, ""))
	l.going["web1"] = ""
	l.takes("web1", skein.SyncCreate, l.contents("b.example.", 8, "")) // and made anew there, once it was gone
	if z := l.holds("b.example."); z.Origin != "member web1" || z.Serial != 8 {
		t.Errorf("%+v", z)
	}
}

// What lies over a member's own zone stays when it changes there, and raises
// the serial without anything being lost.
func TestAnOverlayInAMembersZone(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.takes("panel", skein.SyncCreate, l.contents("a.example.", 7, "www A 192.0.2.1\n"))
	l.edit(anna, "a.example.", "set note 60 TXT ours")
	if z := l.holds("a.example.", `note TXT "ours"`, "www A 192.0.2.1"); z.Serial != 8 {
		t.Errorf("serial %d", z.Serial)
	}
	l.takes("panel", skein.SyncSame, l.contents("a.example.", 7, "www A 192.0.2.1\n"))
	l.takes("panel", skein.SyncReplace, l.contents("a.example.", 8, "www A 192.0.2.2\n")) // equal to ours, and not what was sent before
	l.takes("panel", skein.SyncReplace, l.contents("a.example.", 9, "www A 192.0.2.3\n"))
	if z := l.holds("a.example.", `note TXT "ours"`, "www A 192.0.2.3"); z.Serial != 10 {
		t.Errorf("serial %d", z.Serial)
	}
}

// What the gate holds back or needs approval waits once, however often it is looked at.
func TestTheGateHoldsForMembersToo(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.put(plesk1, "parent.example.", 7, "")
	for range 2 {
		l.takes("panel", skein.SyncConflict, l.contents("a.parent.example.", 8, ""))
	}
	rows, err := l.Waiting(l.ctx(), anna, control.WaitingQuery{})
	l.must(err)
	if len(rows) != 1 || rows[0].Kind != skein.WaitingApproval || rows[0].Source != "member panel" {
		t.Fatalf("%+v", rows)
	}
	names, err := l.Newer(l.ctx(), "panel", []skein.Held{{Zone: "a.parent.example.", Serial: 8}, {Zone: "b.other.", Serial: 1}})
	l.must(err)
	if !slices.Equal(names, []zone.Name{"b.other."}) {
		t.Errorf("read again: %q", names)
	}
	_, err = l.Release(l.ctx(), anna, control.Decision{ID: rows[0].ID})
	l.must(err)
	if z := l.holds("a.parent.example."); z.Origin != "member panel" || z.Serial != 8 {
		t.Errorf("%+v", z)
	}
}

// Nothing is taken in from members that are not read, and the refusal says why.
func TestMembersThatAreNotRead(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	c := l.contents("a.example.", 7, "")
	for member, words := range map[string]string{"ns2": "write-only: its contents are never taken in", "nobody": `no member "nobody"`} {
		_, err := l.TakeIn(l.ctx(), member, c)
		kind := skein.KindConflict
		if member == "nobody" {
			kind = skein.KindNotFound
		}
		l.wants(err, kind, words)
		_, err = l.Newer(l.ctx(), member, nil)
		l.wants(err, kind, words)
	}
	_, err := l.Zone(l.ctx(), anna, "a.example.")
	l.wants(err, skein.KindNotFound, "")
}

// A member that is not read may be ahead all the same: its copy waits, and all
// that can be done is to put ours above it.
func TestAWriteOnlyMemberAhead(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.follow()
	l.put(plesk1, "a.example.", 7, "www A 192.0.2.1\n")
	l.put(plesk1, "b.example.", 7, "www A 192.0.2.1\n")
	l.put(plesk1, "c.example.", 7, "www A 192.0.2.1\n")
	l.has("ns2", l.contents("a.example.", 9, "www A 192.0.2.9\n"))
	l.has("ns2", l.contents("c.example.", 9, "www A 192.0.2.1\n")) // nothing but the serial
	for _, name := range []zone.Name{"a.example.", "b.example.", "c.example."} {
		l.Ahead("ns2", name, 9, false)
	}
	l.until(func() bool {
		rows, err := l.Waiting(l.ctx(), anna, control.WaitingQuery{})
		l.must(err)
		z, err := l.Zone(l.ctx(), anna, "c.example.")
		l.must(err)
		return len(rows) == 2 && z.Serial == 10
	})
	rows := l.conflicts("a.example. member ns2 9", "b.example. member ns2 9")
	for _, w := range rows {
		if _, err := l.Release(l.ctx(), anna, control.Decision{ID: w.ID}); err == nil || !strings.Contains(err.Error(), "never taken in") {
			t.Errorf("%s, theirs: %v", w.Zone, err)
		}
		d, err := l.WaitingDetail(l.ctx(), anna, w.ID)
		l.must(err)
		if known := len(d.Then) > 0; known != (w.Zone == "a.example.") {
			t.Errorf("%s: theirs is %+v", w.Zone, d.Then)
		}
	}
	l.must(l.Discard(l.ctx(), anna, control.Decision{ID: rows[0].ID}))
	if z := l.holds(rows[0].Zone, "www A 192.0.2.1"); z.Serial != 10 {
		t.Errorf("%+v", z)
	}
	l.Ahead("ns2", rows[1].Zone, 0, true) // it was put right there
	l.until(func() bool {
		rows, err := l.Waiting(l.ctx(), anna, control.WaitingQuery{})
		l.must(err)
		return len(rows) == 0
	})
	if z := l.holds(rows[1].Zone, "www A 192.0.2.1"); z.Serial != 7 {
		t.Errorf("%+v", z)
	}
}

// Of the copy of a member that is not read no more than its serial may be known.
// Once the member is read it is replaced by what it holds, which can be taken.
func TestACopyOfWhichTheSerialAloneWasKnown(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.follow()
	l.put(plesk1, "a.example.", 7, "www A 192.0.2.1\n")
	l.Ahead("ns2", "a.example.", 9, false)
	l.until(func() bool {
		rows, err := l.Waiting(l.ctx(), anna, control.WaitingQuery{})
		l.must(err)
		return len(rows) == 1
	})
	_, err := l.EditMember(l.ctx(), anna, control.EditMember{Name: "ns2", Role: ptr(skein.RoleStandalone)})
	l.must(err)
	unread := l.conflicts("a.example. member ns2 9")[0]
	_, err = l.Release(l.ctx(), anna, control.Decision{ID: unread.ID})
	l.wants(err, skein.KindConflict, "no more than the serial 9")
	l.holds("a.example.", "www A 192.0.2.1")

	page := []skein.Held{{Zone: "a.example.", Serial: 9}}
	read, err := l.Newer(l.ctx(), "ns2", page)
	l.must(err)
	if len(read) != 1 {
		t.Errorf("to be read: %v", read)
	}
	l.takes("ns2", skein.SyncConflict, l.contents("a.example.", 9, "www A 192.0.2.9\n"))
	w := l.conflicts("a.example. member ns2 9")[0]
	if read, err = l.Newer(l.ctx(), "ns2", page); err != nil || len(read) != 0 {
		t.Errorf("to be read again: %v, %v", read, err)
	}
	_, err = l.Release(l.ctx(), anna, control.Decision{ID: w.ID})
	l.must(err)
	l.holds("a.example.", "www A 192.0.2.9")
}

// A serial half the ring away cannot be passed in one step, and a signed zone
// cannot be renumbered.
func TestWhatCannotBeOvertaken(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.put(plesk1, "a.example.", 7, "www A 192.0.2.1\n")
	l.takes("web1", skein.SyncConflict, l.contents("a.example.", 7+1<<31-1, "www A 192.0.2.2\n"))
	id := l.conflicts("a.example. member web1 2147483654")[0].ID
	l.wants(l.Discard(l.ctx(), anna, control.Decision{ID: id}), skein.KindConflict, "half the ring")
	l.conflicts("a.example. member web1 2147483654")
	l.holds("a.example.", "www A 192.0.2.1")
}

// A zone that its origin gives up goes, whatever a member has of it.
func TestDeletingAZoneInConflict(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.put(plesk1, "a.example.", 7, "")
	l.takes("web1", skein.SyncConflict, l.contents("a.example.", 9, "www A 192.0.2.2\n"))
	_, err := l.DeleteZone(l.ctx(), plesk1, control.DeleteZone{Name: "a.example."})
	l.must(err)
	_, err = l.Zone(l.ctx(), anna, "a.example.")
	l.wants(err, skein.KindNotFound, "")
	l.must(l.SettleConflicts(l.ctx(), "web1"))
	l.conflicts()
}

// Whatever waited of a member goes with it; its zones stay.
func TestRemovingAMemberThatIsRead(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.put(plesk1, "a.example.", 7, "")
	l.takes("web1", skein.SyncConflict, l.contents("a.example.", 9, "www A 192.0.2.2\n"))
	l.takes("panel", skein.SyncConflict, l.contents("a.example.", 8, "www A 192.0.2.3\n"))
	l.takes("web1", skein.SyncCreate, l.contents("b.example.", 9, ""))
	_, err := l.RemoveMember(l.ctx(), anna, control.RemoveMember{Name: "web1"})
	l.must(err)
	l.conflicts("a.example. member panel 8")
	if z := l.holds("b.example."); z.Origin != "member web1" {
		t.Errorf("%+v", z)
	}
}

// A member that is read and heard to be ahead is looked at at once.
func TestAReadMemberAhead(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.follow()
	l.takes("web1", skein.SyncCreate, l.contents("a.example.", 7, "www A 192.0.2.1\n"))
	l.has("web1", l.contents("a.example.", 8, "www A 192.0.2.2\n"))
	l.Ahead("web1", "A.example.", 8, false)
	l.until(func() bool {
		z, err := l.Zone(l.ctx(), anna, "a.example.")
		l.must(err)
		return z.Serial == 8
	})
	l.holds("a.example.", "www A 192.0.2.2")
	l.conflicts()
}
