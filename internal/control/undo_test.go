package control_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

func (w *world) remove(actor skein.Actor, name zone.Name) skein.Zone {
	w.t.Helper()
	z := mustZone(w, name)
	r, err := w.DeleteZone(w.ctx(), actor, control.DeleteZone{Name: name, Expect: &z.Revision})
	w.must(err)
	return r.Zone
}

func (w *world) restore(actor skein.Actor, name zone.Name, to skein.Revision) (control.Result, error) {
	return w.RestoreZone(w.ctx(), actor, control.RestoreZone{Name: name, To: to})
}

func (w *world) undelete(actor skein.Actor, name zone.Name) (control.Result, error) {
	return w.UndeleteZone(w.ctx(), actor, control.UndeleteZone{Name: name})
}

// Whatever was done, what a zone held comes back, and the serial goes on.
func TestRestore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 3_000_000_000, "www A 192.0.2.1\n")                // 1
	w.edit(plesk1, example, "set www A 192.0.2.2", "set @ 60 MX 10 mail")     // 2
	w.put(plesk1, example, 3_000_000_009, "www A 192.0.2.3\nftp CNAME www\n") // 3
	before, last := w.everything(), w.newestAudit()
	dry, err := w.RestoreZone(w.ctx(), plesk1, control.RestoreZone{Name: example, To: 2, DryRun: true})
	const what = "-ftp CNAME www.example.com. -www A 192.0.2.3 +@ MX 10 mail.example.com. +www A 192.0.2.2"
	if err != nil || !dry.Changed || dry.Zone.Revision != 3 || dry.Zone.Serial != 3_000_000_010 || delta(dry.Delta) != what {
		t.Errorf("what would be: %+v, %v", dry, err)
	}
	if w.everything() != before || w.newestAudit().Seq != last.Seq {
		t.Error("looking changed something")
	}
	r, err := w.restore(plesk1, "Example.COM.", 2) // 4
	if err != nil || !r.Changed || r.Created || r.Zone.Revision != 4 || r.Zone.Serial != 3_000_000_010 || delta(r.Delta) != what {
		t.Errorf("restored: %+v, %v", r, err)
	}
	w.holds(example, "@ MX 10 mail.example.com.", "www A 192.0.2.2")
	if entry := w.newestAudit(); entry.Action != "zone.restore" || entry.Revision != 4 || entry.Added != 2 || entry.Removed != 2 || entry.Actor.Name != "plesk1" {
		t.Errorf("recorded as %+v", entry.Change)
	}
	if r, err := w.restore(plesk1, example, 2); err != nil || r.Changed || r.Zone.Revision != 4 {
		t.Errorf("once more: %+v, %v", r, err)
	}
	if r, err := w.restore(anna, example, 3); err != nil || r.Zone.Serial != 3_000_000_011 || r.Zone.Origin != "plesk1" { // 5
		t.Errorf("the restoring undone: %+v, %v", r, err)
	}
	w.holds(example, "ftp CNAME www.example.com.", "www A 192.0.2.3")
}

func TestRestoringIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk2, example, 1, "www A 192.0.2.2\n") // 1: plesk2's life
	w.remove(plesk2, example)                      // 2
	w.put(plesk1, example, 1, "www A 192.0.2.1\n") // 3
	w.edit(plesk1, example, "delete www")          // 4
	w.put(plesk1, "other.example.", 1, "")         // 5
	stale := skein.Revision(3)
	for name, row := range map[string]struct {
		actor skein.Actor
		in    control.RestoreZone
		kind  skein.Kind
		words string
		cause error
	}{
		"another's zone":              {plesk2, control.RestoreZone{Name: example, To: 3}, skein.KindConflict, `"plesk1"`, nil},
		"to what was another's":       {plesk1, control.RestoreZone{Name: example, To: 1}, skein.KindNotFound, "revision", store.ErrNotFound},
		"to a deletion":               {anna, control.RestoreZone{Name: example, To: 2}, skein.KindNotFound, "revision", store.ErrNotFound},
		"to a revision of another":    {anna, control.RestoreZone{Name: example, To: 5}, skein.KindNotFound, "revision", store.ErrNotFound},
		"to what never was":           {anna, control.RestoreZone{Name: example, To: 99}, skein.KindNotFound, "revision", store.ErrNotFound},
		"somebody was faster":         {plesk1, control.RestoreZone{Name: example, To: 3, Expect: &stale}, skein.KindConflict, "revision 4", store.ErrChanged},
		"a zone that is not there":    {plesk1, control.RestoreZone{Name: "nosuch.example.", To: 1}, skein.KindNotFound, "nosuch.example.", store.ErrNotFound},
		"by nobody":                   {nobody, control.RestoreZone{Name: example, To: 3}, skein.KindForbidden, "source", nil},
		"another's zone, just to see": {plesk2, control.RestoreZone{Name: example, To: 1, Expect: &stale}, skein.KindConflict, `"plesk1"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			var causes []error
			if row.cause != nil {
				causes = append(causes, row.cause)
			}
			w.refused(row.actor, "zone.restore", func() error {
				_, err := w.RestoreZone(w.ctx(), row.actor, row.in)
				return err
			}, row.kind, row.words, causes...)
		})
	}
	w.t = t
	if r, err := w.restore(anna, example, 1); err != nil || r.Zone.Origin != "plesk1" {
		t.Errorf("an administrator reaches into plesk2's life: %+v, %v", r, err)
	}
	w.holds(example, "www A 192.0.2.2")
}

// What other sources have in a shared reverse zone is theirs, also when the
// rest is made what it was.
func TestRestoringLeavesOthersRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.begin(plesk1)
	w.must(err)
	w.must(w.stamp(plesk1, "plesk1", "add 10 PTR a.example."))
	w.edit(anna, network, "set 99 PTR gate.example.")
	good := mustZone(w, network).Revision
	w.must(w.stamp(plesk1, "plesk1", "set 10 PTR new.example."))
	w.edit(anna, network, "delete 99")
	r, err := w.restore(anna, network, good)
	if err != nil || len(r.Warnings) != 1 || r.Warnings[0].Name != "10."+string(network) {
		t.Errorf("%+v, %v", r, err)
	}
	w.holds(network, "10 PTR new.example.", "99 PTR gate.example.")
}

// A deleted zone comes back as it was: contents, owner, policy, and whose
// RRsets were whose.
func TestUndelete(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, func(c *control.Config) { c.Keep = 30 * 24 * time.Hour })
	was := w.put(plesk1, "Example.com.", 7, "www A 192.0.2.1\n").Zone // 1
	was = w.edit(anna, example, "set ftp A 192.0.2.2").Zone           // 2
	w.later(time.Hour)
	gone := w.remove(anna, example) // 3
	list, err := w.Deleted(w.ctx(), plesk1, 0, "", 0)
	want := []skein.DeletedZone{{Zone: gone, Last: 2, Until: w.clock().Add(30 * 24 * time.Hour)}}
	if err != nil || !slices.Equal(list, want) {
		t.Errorf("what can be brought back: %+v, %v; want %+v", list, err, want)
	}
	w.later(time.Hour)
	before, last := w.everything(), w.newestAudit()
	dry, err := w.UndeleteZone(w.ctx(), plesk1, control.UndeleteZone{Name: example, DryRun: true})
	if err != nil || !dry.Created || !dry.Changed || dry.Zone.Serial != 9 || dry.Zone.Records != 5 {
		t.Errorf("what would be: %+v, %v", dry, err)
	}
	if w.everything() != before || w.newestAudit().Seq != last.Seq {
		t.Error("looking changed something")
	}
	undelete := func() (control.Result, error) {
		return w.UndeleteZone(w.ctx(), plesk1, control.UndeleteZone{Name: example, ChangeID: "once"})
	}
	r, err := undelete() // 4
	z := r.Zone
	if err != nil || !r.Created || z.ID == was.ID || z.Name != "Example.com." || z.Origin != "plesk1" || z.Owner != was.Owner || z.Policy != was.Policy ||
		z.Serial != 9 || z.Revision != 4 || !z.Created.Equal(w.clock()) {
		t.Errorf("back: %+v, %v", r, err)
	}
	w.holds(example, "ftp A 192.0.2.2", "www A 192.0.2.1")
	if entry := w.newestAudit(); entry.Action != "zone.undelete" || entry.Revision != 4 || entry.ZoneID != z.ID || entry.Added != 5 {
		t.Errorf("recorded as %+v", entry.Change)
	}
	if again, err := undelete(); err != nil || !same(again, r) {
		t.Errorf("again: %+v, %v; first it was %+v", again, err, r)
	}
	// Before and after belong together.
	if r, err := w.restore(plesk1, example, 1); err != nil || delta(r.Delta) != "-ftp A 192.0.2.2" || r.Zone.Serial != 10 {
		t.Errorf("the life before: %+v, %v", r, err)
	}
}

func TestASharedZoneComesBackWithItsOwners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.begin(plesk1)
	w.must(err)
	w.must(w.stamp(plesk1, "plesk1", "add 10 PTR a.example."))
	w.must(w.stamp(plesk2, "plesk2", "add 20 PTR b.example."))
	w.remove(anna, network)
	w.refused(plesk1, "zone.undelete", func() error {
		_, err := w.undelete(plesk1, network)
		return err
	}, skein.KindNotFound, string(network), store.ErrNotFound)
	if r, err := w.undelete(anna, network); err != nil || r.Zone.Origin != "reverse" {
		t.Errorf("%+v, %v", r, err)
	}
	if got := w.owners("10", "20"); got != "10 PTR plesk1, 20 PTR plesk2" {
		t.Errorf("owners: %s", got)
	}
	w.must(w.stamp(plesk2, "plesk2", "set 20 PTR c.example."))
	w.holds(network, "10 PTR a.example.", "20 PTR c.example.")
}

// A name that two sources had one after the other: each brings back its own.
func TestWhoMayUndelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 1, "www A 192.0.2.1\n")
	w.remove(plesk1, example)
	w.put(plesk2, example, 1, "www A 192.0.2.2\n")
	for _, row := range []struct {
		actor skein.Actor
		words string
	}{{plesk1, `"plesk2"`}, {plesk2, "exists"}, {anna, "exists"}} {
		w.refused(row.actor, "zone.undelete", func() error {
			_, err := w.undelete(row.actor, example)
			return err
		}, skein.KindConflict, row.words)
	}
	w.remove(plesk2, example)
	plesk3 := skein.Actor{Name: "plesk3", Door: "plesk", Source: "plesk3"}
	w.refused(plesk3, "zone.undelete", func() error {
		_, err := w.undelete(plesk3, example)
		return err
	}, skein.KindNotFound, string(example), store.ErrNotFound)
	w.refused(anna, "zone.undelete", func() error {
		_, err := w.undelete(anna, "nosuch.example.")
		return err
	}, skein.KindNotFound, "nosuch.example.", store.ErrNotFound)

	if r, err := w.undelete(plesk1, example); err != nil || r.Zone.Origin != "plesk1" {
		t.Errorf("plesk1 gets its own: %+v, %v", r, err)
	}
	w.holds(example, "www A 192.0.2.1")
	for _, row := range []struct {
		actor skein.Actor
		want  string
	}{{anna, "plesk2 3 plesk1 1"}, {plesk1, "plesk1 1"}, {plesk2, "plesk2 3"}, {plesk3, ""}} {
		list, err := w.Deleted(w.ctx(), row.actor, 0, "EXAMPLE", 0)
		got := ""
		for i, d := range list {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprint(d.Origin, " ", d.Last)
		}
		if err != nil || got != row.want {
			t.Errorf("%s sees %q, %v; want %q", row.actor.Name, got, err, row.want)
		}
	}
	if _, err := w.Deleted(w.ctx(), nobody, 0, "", 0); skein.KindOf(err) != skein.KindForbidden {
		t.Errorf("nobody: %v", err)
	}
	if part, err := w.Deleted(w.ctx(), anna, 4, "", 1); err != nil || len(part) != 1 || part[0].Origin != "plesk1" {
		t.Errorf("the next part: %+v, %v", part, err)
	}
}

// What is no longer kept cannot come back, and its serial is remembered still.
func TestUndeleteAfterThePurge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 7, "")
	w.remove(plesk1, example)
	w.later(48 * time.Hour)
	w.must(w.store.Purge(w.ctx(), w.clock().Add(-time.Hour)))
	_, err := w.undelete(plesk1, example)
	w.wants(err, skein.KindNotFound, string(example), store.ErrNotFound)
	if r := w.put(plesk1, example, 1, ""); r.Zone.Serial != 8 {
		t.Errorf("serial %d", r.Zone.Serial)
	}
}
