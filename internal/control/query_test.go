package control_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

func TestListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 110 {
		w.put([]skein.Actor{plesk1, plesk2}[i%2], zone.Name(fmt.Sprintf("z%03d.example.", i)), 1, "")
	}
	for name, row := range map[string]struct {
		actor       skein.Actor
		page        control.Page
		first, last zone.Name
		n           int
	}{
		"the first part":          {anna, control.Page{}, "z000.example.", "z099.example.", 100},
		"the next part":           {anna, control.Page{After: "z099.example."}, "z100.example.", "z109.example.", 10},
		"a short part":            {anna, control.Page{After: "Z007.EXAMPLE", Limit: 3}, "z008.example.", "z010.example.", 3},
		"everything":              {anna, control.Page{Limit: 1 << 30}, "z000.example.", "z109.example.", 110},
		"a part of the name":      {anna, control.Page{Contains: "Z01"}, "z010.example.", "z019.example.", 10},
		"a panel's own":           {plesk2, control.Page{}, "z001.example.", "z109.example.", 55},
		"a panel's own, searched": {plesk2, control.Page{Contains: "z01"}, "z011.example.", "z019.example.", 5},
		"none":                    {plesk1, control.Page{Contains: "%"}, "", "", 0},
	} {
		zones, err := w.List(w.ctx(), row.actor, row.page)
		if err != nil || len(zones) != row.n || row.n > 0 && (zones[0].Name != row.first || zones[row.n-1].Name != row.last) {
			t.Errorf("%s: %d zones, %v", name, len(zones), err)
		}
	}
	_, err := w.List(w.ctx(), anna, control.Page{After: "a..b"})
	w.wants(err, skein.KindInvalid, "empty label")

	status, err := w.Status(w.ctx(), plesk1)
	if err != nil || status.Zones != 55 || status.Revision != 110 || status.Members != nil {
		t.Errorf("%+v, %v", status, err)
	}
	w.configure(described("ns2", "192.0.2.53"))
	if status, err := w.Status(w.ctx(), anna); err != nil || len(status.Members) != 1 || status.Members[0].Status == nil {
		t.Errorf("%+v, %v", status, err)
	}
}

// Old contents come as they were served, across the lives of a name.
func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(plesk1, example, 5, "www A 192.0.2.1\n")
	w.put(plesk1, "other.example.", 1, "")
	w.edit(anna, example, "set www A 192.0.2.2")
	_, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example})
	w.must(err)
	w.put(plesk2, example, 1, "www A 192.0.2.3\n")
	w.put(plesk2, example, 1, "www A 192.0.2.4\n")
	changes, err := w.History(w.ctx(), anna, example, 0)
	w.must(err)
	var got []string
	for _, c := range changes {
		got = append(got, fmt.Sprintf("%d %s by %s, serial %d, +%d -%d", c.Revision, c.Action, c.Actor.Name, c.Serial, c.Added, c.Removed))
	}
	want := []string{
		"6 zone.replace by plesk2, serial 8, +1 -1", "5 zone.create by plesk2, serial 7, +4 -0", "4 zone.delete by plesk1, serial 6, +0 -4",
		"3 record.set by anna, serial 6, +1 -1", "1 zone.create by plesk1, serial 5, +4 -0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("history\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	for at, want := range map[skein.Revision]struct {
		record string
		serial uint32
	}{1: {"www A 192.0.2.1", 5}, 3: {"www A 192.0.2.2", 6}, 5: {"www A 192.0.2.3", 7}, 6: {"www A 192.0.2.4", 8}} {
		c, err := w.ContentsAt(w.ctx(), anna, example, at)
		if soa, _ := c.SOA(); err != nil || !slices.Equal(lines(c), []string{want.record}) || soa.Serial != want.serial {
			t.Errorf("at %d: %v, serial %d, %v", at, lines(c), soa.Serial, err)
		}
	}
	for _, never := range []skein.Revision{0, 2, 4, 99} {
		_, err := w.ContentsAt(w.ctx(), anna, example, never)
		w.wants(err, skein.KindNotFound, "example.com.", store.ErrNotFound)
	}
	if two, err := w.History(w.ctx(), anna, example, 2); err != nil || !reflect.DeepEqual(two, changes[:2]) {
		t.Errorf("%+v, %v", two, err)
	}
	_, err = w.History(w.ctx(), anna, "nosuch.example.", 0)
	w.wants(err, skein.KindNotFound, "nosuch.example.", store.ErrNotFound)

	// The audit log goes on from where a part ended.
	all, err := w.Audit(w.ctx(), anna, skein.AuditQuery{})
	w.must(err)
	part, err := w.Audit(w.ctx(), anna, skein.AuditQuery{Before: all[2].Seq, Limit: 2})
	if err != nil || !reflect.DeepEqual(part, all[3:5]) {
		t.Errorf("%+v, %v", part, err)
	}
}

// What is waited for: the newest, an older one, or that a deleted zone is gone.
func TestWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.put(plesk1, example, 5, "").Zone
	second := w.edit(plesk1, example, "set www A 192.0.2.1").Zone
	wait := func(at skein.Revision, want skein.Zone) {
		t.Helper()
		r, err := w.Wait(w.ctx(), plesk1, example, at, "all")
		got := w.cluster.waited
		if err != nil || got.ID != want.ID || got.Revision != want.Revision || got.Serial != want.Serial || got.Deleted != want.Deleted || r.Revision != want.Revision {
			t.Errorf("waited for %+v, %v; want %+v", got, err, want)
		}
	}
	wait(0, second)
	wait(second.Revision, second)
	wait(first.Revision, first)
	_, err := w.Wait(w.ctx(), plesk1, example, 3, "all")
	w.wants(err, skein.KindNotFound, "revision 3")

	if receipt, err := w.Receipt(w.ctx(), plesk1, example, first.Revision); err != nil || receipt.Revision != first.Revision || receipt.Serial != first.Serial {
		t.Errorf("of an older change: %+v, %v", receipt, err)
	}

	r, err := w.DeleteZone(w.ctx(), plesk1, control.DeleteZone{Name: example})
	w.must(err)
	wait(0, r.Zone)
	wait(first.Revision, r.Zone)
	if receipt, err := w.Receipt(w.ctx(), plesk1, example, 0); err != nil || !receipt.Deleted || receipt.Revision != 3 {
		t.Errorf("%+v, %v", receipt, err)
	}
	// A new life: what was of the old one is waited for as the newest.
	w.put(plesk1, "between.example.", 1, "")
	again := w.put(plesk1, example, 1, "").Zone
	wait(0, again)
	wait(first.Revision, again)
	wait(4, again)
}
