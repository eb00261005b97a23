package control_test

import (
	"context"
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

// signature makes a zone one that its source signs.
const signature = "@ DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==\n" +
	"@ RRSIG SOA 13 2 300 20300101000000 20260101000000 12345 example.com. mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==\n"

// A script that deletes many zones is stopped, and a person says what of it is meant.
func TestManyDeletionsWaitForAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	name := func(i int) zone.Name { return zone.Name(fmt.Sprintf("d%02d.example.", i)) }
	for i := range 14 {
		w.put(plesk1, name(i), 1, "")
	}
	for i := range 10 {
		w.must(w.drop(plesk1, name(i))())
	}
	first := w.kept(plesk1, "zone.delete", w.drop(plesk1, name(10)), "10 deletions")
	w.kept(plesk1, "zone.delete", w.drop(plesk1, name(11)), "30 in a day")
	// Another token of the same source is stopped too, another source is not.
	w.kept(skein.Actor{Name: "cron", Door: "api", Source: "plesk1"}, "zone.delete", w.drop(skein.Actor{Name: "cron", Door: "api", Source: "plesk1"}, name(12)), `"plesk1"`)
	w.put(plesk2, "other.example.", 1, "")
	w.must(w.drop(plesk2, "other.example.")())
	w.put(plesk2, "other.example.", 1, "")
	w.later(10*time.Minute + time.Second)
	w.must(w.drop(plesk1, name(13))())

	// That it is saved again says that the deletion was not meant.
	w.put(plesk1, name(10), 2, "")
	if _, err := w.Release(w.ctx(), anna, control.Decision{ID: first}); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("what was saved again: %v", err)
	}
	n, left, err := w.ReleaseAll(w.ctx(), anna, control.WaitingQuery{Kinds: []string{skein.WaitingHold}, Source: "plesk1"})
	if err != nil || n != 2 || len(left) != 0 {
		t.Errorf("released %d, left %+v, %v", n, left, err)
	}
	for i, there := range map[int]bool{10: true, 11: false, 12: false} {
		if _, err := w.Zone(w.ctx(), anna, name(i)); (err == nil) != there {
			t.Errorf("%s: %v", name(i), err)
		}
	}
}

// Who deletes slowly is stopped by the day; so is a person's script.
func TestDeletionsAreCountedByTheDayAndByWho(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	name := func(i int) zone.Name { return zone.Name(fmt.Sprintf("d%02d.example.", i)) }
	for i := range 31 {
		w.put([]skein.Actor{plesk1, plesk2, plesk3}[i%3], name(i), 1, "")
	}
	for i := range 30 { // of three sources, by one administrator
		w.must(w.drop(anna, name(i))())
		w.later(11 * time.Minute)
	}
	w.kept(anna, "zone.delete", w.drop(anna, name(30)), "by anna")
	n, left, err := w.DiscardAll(w.ctx(), anna, control.WaitingQuery{})
	if err != nil || n != 1 || len(left) != 0 {
		t.Errorf("discarded %d, left %+v, %v", n, left, err)
	}
	w.later(24 * time.Hour)
	w.must(w.drop(anna, name(30))())
}

// A server that has just got a zone sends one that leads to other machines.
func TestAPushOfAStagingServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, plesk2)
	w.put(plesk1, example, 5, "@ A 192.0.2.1\nwww A 192.0.2.1\n")
	w.later(time.Hour)
	_, err := w.TakeOver(w.ctx(), anna, control.TakeOver{Name: example, To: "plesk2"})
	w.must(err)
	id := w.kept(plesk2, "zone.replace", w.save(plesk2, example, 9, "@ A 192.0.2.66\nwww A 192.0.2.66\n"), `"plesk1"`)
	w.holds(example, "@ A 192.0.2.1", "www A 192.0.2.1")
	// What leads to the same machine is taken, and outdates what waits.
	w.must(w.save(plesk2, example, 10, "@ A 192.0.2.1\nwww A 192.0.2.67\n")())
	w.waits(example)
	if _, err := w.Release(w.ctx(), anna, control.Decision{ID: id}); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("what is outdated: %v", err)
	}
	id = w.kept(plesk2, "zone.replace", w.save(plesk2, example, 11, "@ A 192.0.2.66\n"), "other machines")
	_, err = w.Release(w.ctx(), anna, control.Decision{ID: id})
	w.must(err)
	w.holds(example, "@ A 192.0.2.66")
	w.later(24 * time.Hour)
	w.must(w.save(plesk2, example, 12, "@ A 192.0.2.77\n")())
	// By a standing rule it is meant.
	w.rule(skein.RuleTakeover, plesk2, plesk1)
	w.must(w.save(plesk1, example, 13, "@ A 192.0.2.1\n")())
	if z := w.holds(example, "@ A 192.0.2.1"); z.Origin != "plesk1" {
		t.Errorf("%+v", z)
	}
}

// What resolvers validate is never published unsigned without a person.
func TestUnsignedOverSigned(t *testing.T) {
	t.Parallel()
	looked := map[zone.Name]bool{"ds.example.": true}
	w := newWorldWith(t, func(c *control.Config) {
		c.DS = func(_ context.Context, name zone.Name) (bool, error) {
			if name == "unknown.example." {
				return false, errors.New("no answer")
			}
			return looked[name], nil
		}
	})
	w.put(plesk1, example, 5, signature)
	// Over what its source signs nobody puts anything, and the source itself does not by accident.
	w.refused(anna, "zone.replace", w.save(anna, example, 9, "www A 192.0.2.1\n"), skein.KindConflict, "signed by its source")
	id := w.kept(plesk1, "zone.replace", w.save(plesk1, example, 9, "www A 192.0.2.1\n"), "what is served is signed")
	_, err := w.Release(w.ctx(), anna, control.Decision{ID: id})
	w.must(err)
	w.holds(example, "www A 192.0.2.1")
	// The parent is hosted here, and has a DS.
	w.put(anna, "parent.example.", 1, "child DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nchild NS ns.\nother NS ns.\n")
	w.kept(anna, "zone.create", w.save(anna, "child.parent.example.", 1, ""), "its parent has a DS")
	w.must(w.save(anna, "other.parent.example.", 1, "")())
	// It is elsewhere.
	w.kept(plesk1, "zone.create", w.save(plesk1, "ds.example.", 1, ""), "its parent has a DS")
	w.must(w.save(plesk1, "nods.example.", 1, "")())
	w.must(w.save(plesk1, "unknown.example.", 1, "")())
	// A version of another cannot come in as the unsigned heir of a signed zone.
	w.put(plesk2, "heir.example.", 5, strings.ReplaceAll(signature, "example.com.", "heir.example."))
	w.kept(plesk1, "zone.replace", w.save(plesk1, "heir.example.", 6, ""), `"plesk2"`)
	id = w.kept(plesk2, "zone.delete", w.drop(plesk2, "heir.example."), `the version of the source "plesk1" cannot take the place`)
	r, err := w.Release(w.ctx(), anna, control.Decision{ID: id})
	if err != nil || r.Zone.Origin != "plesk1" {
		t.Errorf("released: %+v, %v", r, err)
	}
	w.waits("heir.example.")
}

// A zone that its source signs is served as it is: the serial is kept, nothing
// is put over it, and nobody edits it here.
func TestASignedZoneIsServedAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, acme)
	w.rule(skein.RuleOverlay, plesk1, acme)
	w.put(plesk1, example, 5, "")
	w.edit(acme, example, "set _acme-challenge TXT x")
	r := w.put(plesk1, example, 77, signature)
	if r.Zone.Serial != 77 || len(r.Warnings) == 0 || !strings.Contains(r.Warnings[0].Text, `"acme"`) {
		t.Errorf("%+v", r)
	}
	w.overlays(example)
	for _, actor := range []skein.Actor{plesk1, acme, anna} {
		w.refused(actor, "record.set", func() error {
			_, err := w.EditRecords(w.ctx(), actor, control.EditRecords{Zone: example, Edits: w.edits(example, "set www A 192.0.2.1")})
			return err
		}, skein.KindConflict, "signed by its source")
	}
	_, err := w.restore(anna, example, 1)
	w.wants(err, skein.KindConflict, "signed by its source")
	// The same serial with other contents, and one that is behind, wait: it cannot be renumbered.
	for _, serial := range []uint32{77, 76} {
		id := w.kept(plesk1, "zone.replace", w.save(plesk1, example, serial, signature+"www A 192.0.2.1\n"), "goes back")
		w.refused(anna, "waiting.release", func() error { _, err := w.Release(w.ctx(), anna, control.Decision{ID: id}); return err }, skein.KindConflict, "goes back")
	}
	if r := w.put(plesk1, example, 78, signature+"www A 192.0.2.1\n"); r.Zone.Serial != 78 {
		t.Errorf("%+v", r)
	}
	w.waits(example)
	// Deleted, it comes back as it was, by whichever way; as another it must have a later serial.
	w.must(w.drop(plesk1, example)())
	if r, err := w.undelete(plesk1, example); err != nil || r.Zone.Serial != 78 {
		t.Errorf("undeleted: %+v, %v", r, err)
	}
	w.must(w.drop(plesk1, example)())
	w.must(w.save(plesk1, example, 78, signature+"www A 192.0.2.1\n")())
	w.must(w.drop(plesk1, example)())
	w.refused(plesk1, "zone.create", w.save(plesk1, example, 78, signature), skein.KindConflict, "goes back")
	w.must(w.save(plesk1, example, 79, signature)())
}

// Contents by transfer have their primary's serial, also where nothing else changed.
func TestExactSerials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	transfer := func(serial uint32, records string) func() error {
		return func() error {
			_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: example, Sets: w.sets(example, apex(serial)+records), Tolerant: true, Exact: true})
			return err
		}
	}
	served := func(want uint32) {
		t.Helper()
		if z := mustZone(w, example); z.Serial != want {
			t.Errorf("serial %d, want %d", z.Serial, want)
		}
	}
	w.must(transfer(100, "")())
	w.must(transfer(105, "")())
	served(105)
	revision := mustZone(w, example).Revision
	w.must(transfer(105, "")())
	if z := mustZone(w, example); z.Revision != revision {
		t.Errorf("the same again made revision %d", z.Revision)
	}
	w.kept(plesk1, "zone.transfer", transfer(104, ""), "goes back")
	id := w.kept(plesk1, "zone.transfer", transfer(7, "www A 192.0.2.7\n"), "goes back")
	// Released it is published under a serial that is ahead, and its successors with it.
	_, err := w.Release(w.ctx(), anna, control.Decision{ID: id})
	w.must(err)
	w.holds(example, "www A 192.0.2.7")
	served(106)
	w.must(transfer(8, "www A 192.0.2.8\n")())
	served(107)
	w.must(transfer(200, "www A 192.0.2.8\n")())
	served(200)
	// Where an overlay has raised the serial, the primary's next one is raised too.
	w.edit(anna, example, "set note TXT x")
	served(201)
	w.must(transfer(201, "www A 192.0.2.9\n")())
	served(202)
	w.must(transfer(203, "www A 192.0.2.9\n")())
	served(203)
	w.holds(example, `note TXT "x"`, "www A 192.0.2.9")
}

// A new name may need approval; what was approved is as any other.
func TestNamesThatNeedApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.EditPool(w.ctx(), anna, skein.DefaultPool, skein.EditPool{Rule: skein.PoolKeep,
		Nameservers: []skein.PoolNameserver{{Name: "ns1.hoster.example."}, {Name: "ns2.hoster.example."}}}, nil)
	w.must(err)
	w.put(plesk1, "shop.example.", 1, "")
	w.put(plesk1, "a.b.deep.example.", 1, "")
	w.put(anna, "company.example.", 1, "")
	for name, why := range map[zone.Name]string{
		"co.uk.": "public suffix", "test.": "public suffix", "hoster.example.": "nameserver", "ns1.hoster.example.": "nameserver",
		"www.shop.example.": `"plesk1"`, "customer.company.example.": `"admin"`, "deep.example.": "a.b.deep.example.",
	} {
		w.kept(plesk2, "zone.create", w.save(plesk2, name, 1, ""), why)
		w.waits(name, "approval plesk2 zone.create")
	}
	for _, name := range []zone.Name{"sub.shop.example.", "b.deep.example.", "deep.example.", "elsewhere.example."} { // its own, or nobody's
		w.must(w.save(plesk1, name, 1, "")())
	}
	w.must(w.save(anna, "arpa.", 1, "")())
	// Who gives it up while it waits withdraws it.
	w.must(w.drop(plesk2, "co.uk.")())
	w.waits("co.uk.")
	rows, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{Zone: "www.shop.example."})
	w.must(err)
	r, err := w.Release(w.ctx(), anna, control.Decision{ID: rows[0].ID})
	if err != nil || !r.Created || r.Zone.Origin != "plesk2" {
		t.Errorf("approved: %+v, %v", r, err)
	}
	w.must(w.save(plesk2, "www.shop.example.", 2, "@ A 192.0.2.1\n")())
	// Meanwhile it has become another's: an approval does not settle that.
	rows, err = w.Waiting(w.ctx(), anna, control.WaitingQuery{Zone: "deep.example."})
	w.must(err)
	_, err = w.Release(w.ctx(), anna, control.Decision{ID: rows[0].ID})
	w.wants(err, skein.KindConflict, `"plesk1"`)
	w.waits("deep.example.", "approval plesk2 zone.create", "conflict plesk2 zone.replace")
}

// What cannot be kept is not said to be kept.
func TestKeepingFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "")
	w.store.keepFails(&skein.Error{Kind: skein.KindUnavailable, What: "the disk is full", Mend: "free some"})
	err := w.save(plesk2, example, 6, "")()
	w.wants(err, skein.KindUnavailable, "disk")
	w.waits(example)
	if _, err := w.store.WaitingByID(w.ctx(), 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("number 1: %v", err)
	}
}
