package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

func versions(t *testing.T, w *world) {
	one := w.commit(creation("a.example.", 1, a("www.a.example.", "192.0.2.1")))
	w.commit(creation("between.example.", 1))
	two := w.commit(edit(one, zone.Delta{Del: []zone.RRset{a("www.a.example.", "192.0.2.1")}, Add: []zone.RRset{a("www.a.example.", "192.0.2.2", "192.0.2.3")}}))
	three := w.commit(edit(two, remove(a("www.a.example.", "192.0.2.3"))))
	w.reopen()

	for _, row := range []struct {
		of   skein.Zone
		want []string
	}{
		{one, []string{"www.a.example. A 192.0.2.1"}},
		{two, []string{"www.a.example. A 192.0.2.2", "www.a.example. A 192.0.2.3"}},
		{three, []string{"www.a.example. A 192.0.2.2"}},
	} {
		c, err := w.ContentsAt(w.ctx(), one.ID, row.of.Revision)
		w.must(err)
		wantLines(t, c, row.want...)
	}
	for _, never := range []skein.Revision{0, 2, 5, 99} {
		_, err := w.ContentsAt(w.ctx(), one.ID, never)
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("contents at revision %d, which the zone never had: %v", never, err)
		}
	}

	// A reader goes from any version to the newest by deltas.
	for _, from := range []skein.Zone{one, two, three} {
		c, err := w.ContentsAt(w.ctx(), one.ID, from.Revision)
		w.must(err)
		v, err := w.DeltaSince(w.ctx(), one.ID, from.Revision)
		w.must(err)
		for _, step := range v.Steps {
			c, err = c.Apply(step.Delta)
			w.must(err)
		}
		wantLines(t, c, "www.a.example. A 192.0.2.2")
		if v.Head != three {
			t.Errorf("head %+v, want %+v", v.Head, three)
		}
		if n := len(v.Steps); n > 0 && (v.Steps[n-1].Serial != three.Serial || v.Steps[n-1].Revision != three.Revision) {
			t.Errorf("the last step is %+v", v.Steps[n-1])
		}
	}
	if v, err := w.DeltaSince(w.ctx(), one.ID, 2); err != nil || len(v.Steps) != 2 {
		t.Errorf("after a revision of another zone: %d steps, %v; want 2", len(v.Steps), err)
	}
	_, err := w.DeltaSince(w.ctx(), one.ID, 0)
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)
	_, err = w.DeltaSince(w.ctx(), "nothing", 0)
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)

	// Purged history is gone, what leads to the newest is not.
	three = w.commit(at(edit(three, add(a("new.a.example.", "192.0.2.1"))), start.AddDate(0, 1, 0)))
	w.must(w.Purge(w.ctx(), start.AddDate(0, 0, 15)))
	_, err = w.ContentsAt(w.ctx(), one.ID, one.Revision)
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)
	_, err = w.DeltaSince(w.ctx(), one.ID, one.Revision)
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)
	if v, err := w.DeltaSince(w.ctx(), one.ID, 4); err != nil || len(v.Steps) != 1 {
		t.Errorf("from the newest but one: %d steps, %v", len(v.Steps), err)
	}
	w.holds(three, "new.a.example. A 192.0.2.1", "www.a.example. A 192.0.2.2")
}

// Either all deltas that were missed come, or none.
func farReader(t *testing.T, w *world) {
	first := w.commit(creation("a.example.", 1))
	z := first
	for i := range 1100 {
		d := add(txt("x.a.example.", "x"))
		if i%2 == 1 {
			d = d.Invert()
		}
		z = w.commit(edit(z, d))
	}
	v, err := w.DeltaSince(w.ctx(), z.ID, first.Revision)
	if err == nil && len(v.Steps) != 1100 || err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%d steps, %v", len(v.Steps), err)
	}
	if v, err := w.DeltaSince(w.ctx(), z.ID, z.Revision-10); err != nil || len(v.Steps) != 10 {
		t.Errorf("ten versions back: %d steps, %v", len(v.Steps), err)
	}
	c, err := w.ContentsAt(w.ctx(), z.ID, first.Revision)
	w.must(err)
	wantLines(t, c)
}

func deletedZones(t *testing.T, w *world) {
	z := w.commit(creation("a.example.", 5, a("www.a.example.", "192.0.2.1")))
	z2 := w.commit(edit(z, add(a("ftp.a.example.", "192.0.2.1"))))
	gone := w.commit(deletion(z2))
	if !gone.Deleted || gone.Serial != z2.Serial || gone.Records != 0 {
		t.Errorf("the tombstone is %+v", gone)
	}
	w.reopen()
	if got, err := w.ZoneByID(w.ctx(), z.ID); err != nil || got != gone {
		t.Errorf("by id: %+v, %v; want %+v", got, err, gone)
	}
	for what, err := range map[string]error{
		"by name":  func() error { _, err := w.Zone(w.ctx(), "a.example."); return err }(),
		"contents": func() error { _, _, err := w.Contents(w.ctx(), z.ID); return err }(),
		"nodes":    func() error { _, _, err := w.Nodes(w.ctx(), z.ID, []zone.Name{"a.example."}); return err }(),
		"edit":     func() error { _, err := w.Commit(w.ctx(), edit(gone, zone.Delta{})); return err }(),
		"again":    func() error { _, err := w.Commit(w.ctx(), deletion(gone)); return err }(),
	} {
		if skein.KindOf(err) != skein.KindNotFound || !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s of a deleted zone: %v", what, err)
		}
	}
	if v, err := w.DeltaSince(w.ctx(), z.ID, z.Revision); err != nil || !v.Head.Deleted || len(v.Steps) > 0 {
		t.Errorf("a follower of the zone gets %+v, %v", v, err)
	}
	// What it held can be brought back, under a new id.
	for at, want := range map[skein.Revision][]string{
		z.Revision:  {"www.a.example. A 192.0.2.1"},
		z2.Revision: {"ftp.a.example. A 192.0.2.1", "www.a.example. A 192.0.2.1"},
	} {
		c, err := w.ContentsAt(w.ctx(), z.ID, at)
		w.must(err)
		wantLines(t, c, want...)
	}
	_, err := w.ContentsAt(w.ctx(), z.ID, gone.Revision)
	wantError(t, err, skein.KindNotFound, store.ErrNotFound)
	again := w.commit(creation("a.example.", gone.Serial+1))
	if again.ID == z.ID {
		t.Error("a new life has the old id")
	}
	w.holds(again)
}

func historyAndAudit(t *testing.T, w *world) {
	z := w.commit(creation("a.example.", 1, a("www.a.example.", "192.0.2.1")))
	w.commit(creation("b.example.", 1))
	refusal := change("zone.replace")
	refusal.ID, refusal.Zone, refusal.Refused = "try", "a.example.", "it belongs to another source"
	w.must(w.Refused(w.ctx(), refusal))
	step := edit(z, zone.Delta{Del: []zone.RRset{a("www.a.example.", "192.0.2.1")}, Add: []zone.RRset{a("www.a.example.", "192.0.2.2", "192.0.2.3")}})
	step.Change.ID = "step"
	z = w.commit(step)
	w.commit(deletion(z))
	w.commit(creation("A.example.", 9))
	w.reopen()

	changes, err := w.History(w.ctx(), "a.EXAMPLE.", 0)
	w.must(err)
	var got []string
	for _, c := range changes {
		got = append(got, fmt.Sprintf("%d %s %s +%d -%d serial %d", c.Revision, c.Action, c.Zone, c.Added, c.Removed, c.Serial))
	}
	want := []string{
		"5 zone.create A.example. +2 -0 serial 9",
		"4 zone.delete a.example. +0 -4 serial 2",
		"3 record.set a.example. +2 -1 serial 2",
		"1 zone.create a.example. +3 -0 serial 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("history\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	wantStep := skein.Change{ID: "step", Revision: 3, At: start, Actor: step.Change.Actor, Action: "record.set", ZoneID: z.ID, Zone: "a.example.", Serial: 2, Added: 2, Removed: 1, Tenant: "root"}
	if !reflect.DeepEqual(changes[2], wantStep) {
		t.Errorf("the change is kept as %+v, want %+v", changes[2], wantStep)
	}
	if changes[3].ID == "" {
		t.Error("a change without an id got none")
	}
	if two, err := w.History(w.ctx(), "a.example.", 2); err != nil || !reflect.DeepEqual(two, changes[:2]) {
		t.Errorf("the newest two: %v, %v", two, err)
	}

	all, err := w.Audit(w.ctx(), skein.AuditQuery{})
	w.must(err)
	if len(all) != 6 || all[3].Refused != refusal.Refused || all[3].Revision != 0 || !all[3].At.Equal(start) {
		t.Errorf("the audit log is %+v", all)
	}
	var paged []store.AuditEntry
	for before := int64(0); ; before = paged[len(paged)-1].Seq {
		page, err := w.Audit(w.ctx(), skein.AuditQuery{Before: before, Limit: 2})
		w.must(err)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
	}
	if !reflect.DeepEqual(paged, all) {
		t.Errorf("page by page: %+v", paged)
	}
}

func changeByID(t *testing.T, w *world) {
	make := creation("a.example.", 1)
	make.Change.ID = "one"
	z := w.commit(make)
	refusal := change("zone.replace")
	refusal.ID, refusal.Zone, refusal.Refused = "two", "a.example.", "no"
	w.must(w.Refused(w.ctx(), refusal))
	w.reopen()
	if c, err := w.ChangeByID(w.ctx(), "one"); err != nil || c.Revision != z.Revision || c.ZoneID != z.ID || c.Action != "zone.create" {
		t.Errorf("%+v, %v", c, err)
	}
	for _, id := range []string{"two", "", "three"} { // a refusal is no change
		_, err := w.ChangeByID(w.ctx(), id)
		wantError(t, err, skein.KindNotFound, store.ErrNotFound)
	}
}

func serialFloor(t *testing.T, w *world) {
	wantFloor := func(name zone.Name, want uint32, wantOK bool) {
		t.Helper()
		got, ok, err := w.SerialFloor(w.ctx(), name)
		if err != nil || got != want || ok != wantOK {
			t.Errorf("floor of %s is %d, %v, %v; want %d, %v", name, got, ok, err, want, wantOK)
		}
	}
	wantFloor("a.example.", 0, false)
	z := w.commit(creation("a.example.", 4_000_000_000))
	wantFloor("A.EXAMPLE.", 4_000_000_000, true)
	z = w.commit(edit(z, zone.Delta{}))
	w.commit(deletion(z))
	wantFloor("a.example.", 4_000_000_001, true)
	w.refused(creation("a.example.", 4_000_000_000), skein.KindConflict, store.ErrChanged)
	w.refused(creation("a.example.", 4_000_000_001), skein.KindConflict, store.ErrChanged) // a member may still have the old life
	w.must(w.Purge(w.ctx(), start.AddDate(1, 0, 0)))
	w.reopen()
	if _, err := w.ZoneByID(w.ctx(), z.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("it was purged, yet: %v", err)
	}
	wantFloor("a.example.", 4_000_000_001, true)
	w.refused(creation("a.example.", 1_900_000_000), skein.KindConflict, store.ErrChanged)
	z = w.commit(creation("a.example.", 5)) // RFC 1982: 5 is after 4,000,000,001
	wantFloor("a.example.", 5, true)
	w.commit(deletion(z))
	wantFloor("a.example.", 5, true)
	wantFloor("b.example.", 0, false)
}

func caseIsKept(t *testing.T, w *world) {
	z := w.commit(creation("MiXed.Example.", 1, a("WWW.MiXed.Example.", "192.0.2.1")))
	z = w.commit(edit(z, add(a("ftp.mixed.EXAMPLE.", "192.0.2.2"), a("www.mixed.example.", "192.0.2.3"))))
	w.reopen()
	got, err := w.Zone(w.ctx(), "mixed.example.")
	if err != nil || got != z || got.Name != "MiXed.Example." {
		t.Errorf("zone %+v, %v", got, err)
	}
	w.holds(z, "ftp.mixed.EXAMPLE. A 192.0.2.2", "WWW.MiXed.Example. A 192.0.2.1", "WWW.MiXed.Example. A 192.0.2.3")
	sets, at, err := w.Nodes(w.ctx(), z.ID, []zone.Name{"www.MIXED.example.", "nothing.mixed.example.", "WWW.mixed.example."})
	if err != nil || at != z.Revision || len(sets) != 1 || sets[0].Name != "WWW.MiXed.Example." || len(sets[0].Data) != 2 {
		t.Errorf("nodes %v at %d, %v", sets, at, err)
	}
}

func list(t *testing.T, w *world) {
	for i, n := range []zone.Name{"b.example.", "Sub.a.example.", "a.example.", ".", "z.", "a-b.example.", "xn--bcher-kva.example."} {
		write := creation(n, 1)
		write.Zone.Origin = []string{"panel", "anna"}[i%2]
		w.commit(write)
	}
	z, err := w.Zone(w.ctx(), "z.")
	w.must(err)
	w.commit(deletion(z))
	for _, row := range []struct {
		query store.ListQuery
		want  string
	}{
		{store.ListQuery{}, ". a.example. Sub.a.example. a-b.example. b.example. xn--bcher-kva.example."},
		{store.ListQuery{Limit: 2}, ". a.example."},
		{store.ListQuery{After: ".", Limit: 2}, "a.example. Sub.a.example."},
		{store.ListQuery{After: "SUB.A.example."}, "a-b.example. b.example. xn--bcher-kva.example."},
		{store.ListQuery{After: "nowhere.a.example."}, "Sub.a.example. a-b.example. b.example. xn--bcher-kva.example."},
		{store.ListQuery{After: "zz."}, ""},
		{store.ListQuery{Skip: 2, Limit: 2}, "Sub.a.example. a-b.example."},
		{store.ListQuery{Skip: 5}, "xn--bcher-kva.example."},
		{store.ListQuery{Skip: 6, Limit: 1}, ""},
		{store.ListQuery{After: ".", Skip: 1, Limit: 1}, "Sub.a.example."},
		{store.ListQuery{Origin: "anna", Skip: 1}, "Sub.a.example. a-b.example."},
		{store.ListQuery{Contains: "a.ex"}, "a.example. Sub.a.example. xn--bcher-kva.example."},
		{store.ListQuery{Contains: "sub"}, "Sub.a.example."},
		{store.ListQuery{Contains: "%"}, ""},
		{store.ListQuery{Origin: "anna"}, ". Sub.a.example. a-b.example."},
		{store.ListQuery{Origin: "anna", After: ".", Limit: 1}, "Sub.a.example."},
		{store.ListQuery{Origin: "panel", Contains: "b"}, "b.example. xn--bcher-kva.example."},
	} {
		zones, err := w.List(w.ctx(), row.query)
		w.must(err)
		var got []string
		for _, z := range zones {
			got = append(got, string(z.Name))
		}
		if s := strings.Join(got, " "); s != row.want {
			t.Errorf("%+v: %s; want %s", row.query, s, row.want)
		}
	}
}

func largeZone(t *testing.T, w *world) {
	const n = 100_000
	host := func(i int) zone.Name { return zone.Name(fmt.Sprintf("host%d.large.example.", i)) }
	sets := make([]zone.RRset, n)
	for i := range sets {
		sets[i] = a(host(i), fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
	}
	z := w.commit(creation("large.example.", 1, sets...))
	if z.Records != n+2 {
		t.Errorf("%d records", z.Records)
	}
	// Edits at the ends, in the middle, of many at once, and of a whole stretch.
	var d zone.Delta
	for _, i := range []int{0, 1, n / 2, n - 1, 31337, 99} {
		d.Del = append(d.Del, sets[i])
		d.Add = append(d.Add, a(host(i), "192.0.2.7"))
	}
	for i := 40_000; i < 60_000; i++ {
		if i != n/2 {
			d.Del = append(d.Del, sets[i])
		}
	}
	for i := range 3000 { // all into one place
		d.Add = append(d.Add, txt(zone.Name(fmt.Sprintf("host5-%d.large.example.", i)), strings.Repeat("x", 60)))
	}
	want, _, err := w.Contents(w.ctx(), z.ID)
	w.must(err)
	want, err = want.Apply(d)
	w.must(err)
	z = w.commit(edit(z, d))
	w.reopen()
	got, _, err := w.Contents(w.ctx(), z.ID)
	w.must(err)
	if !got.Equal(want) {
		t.Error("the edited zone is not what it should be")
	}
	if _, records := got.Len(); records != z.Records {
		t.Errorf("%d records, the head says %d", records, z.Records)
	}
	nodes, _, err := w.Nodes(w.ctx(), z.ID, []zone.Name{"large.example.", host(0), host(50_001), host(31337), host(n - 1), "host5-2999.large.example.", "aaa.large.example.", "zzz.large.example."})
	w.must(err)
	var have []string
	for _, s := range nodes {
		have = append(have, fmt.Sprintf("%s %s", s.Name, s.Type))
	}
	wantNodes := []string{"large.example. NS", "large.example. SOA", "host0.large.example. A", "host31337.large.example. A", "host5-2999.large.example. TXT", "host99999.large.example. A"}
	if !slices.Equal(have, wantNodes) {
		t.Errorf("nodes %q, want %q", have, wantNodes)
	}
	before, err := w.ContentsAt(w.ctx(), z.ID, 1)
	w.must(err)
	if got, ok := before.Get(host(45_000), zone.TypeA); !ok || !got.Equal(sets[45_000]) {
		t.Error("the version before is not what it was")
	}
	// Down to nothing but SOA and NS.
	d = zone.Delta{}
	for set := range got.All() {
		if set.Type != zone.TypeSOA && set.Type != zone.TypeNS {
			d.Del = append(d.Del, set)
		}
	}
	w.holds(w.commit(edit(z, d)))
}

// One RRset may be as large as DNS allows, and larger than a chunk.
func hugeRRset(t *testing.T, w *world) {
	set := zone.RRset{Name: "big.a.example.", Type: zone.TypeTXT, TTL: 60}
	for i := range 240 {
		text := fmt.Sprintf("%03d", i) + strings.Repeat("x", 252)
		set.Data = append(set.Data, zone.Rdata([]byte{255})+zone.Rdata(text))
	}
	z := w.commit(creation("a.example.", 1, set, a("aaa.a.example.", "192.0.2.1"), a("zzz.a.example.", "192.0.2.1")))
	set.Data = set.Data[:239]
	z = w.commit(edit(z, remove(set)))
	sets, _, err := w.Nodes(w.ctx(), z.ID, []zone.Name{"big.a.example.", "zzz.a.example."})
	if err != nil || len(sets) != 2 || len(sets[0].Data) != 1 {
		t.Errorf("%d sets, %v", len(sets), err)
	}
}

// The store does not ask for a SOA: what a zone needs is control's business.
func emptyZone(t *testing.T, w *world) {
	empty := creation("a.example.", 1)
	empty.Delta = zone.Delta{}
	z := w.commit(empty)
	w.holds(z)
	z = w.commit(edit(z, add(a("www.a.example.", "192.0.2.1"))))
	w.holds(z, "www.a.example. A 192.0.2.1")
	z = w.commit(edit(z, remove(a("www.a.example.", "192.0.2.1"))))
	w.holds(z)
	if sets, _, err := w.Nodes(w.ctx(), z.ID, []zone.Name{"www.a.example."}); err != nil || len(sets) > 0 {
		t.Errorf("%v, %v", sets, err)
	}
	c, err := w.ContentsAt(w.ctx(), z.ID, 2)
	w.must(err)
	wantLines(t, c, "www.a.example. A 192.0.2.1")
}

// headAt is the head that creation and edit lead to.
func wantHead(t *testing.T, got skein.Zone, name zone.Name, serial uint32, created, changed time.Time) {
	t.Helper()
	if got.Name != name || got.Serial != serial || !got.Created.Equal(created) || !got.Changed.Equal(changed) ||
		got.Origin != "panel" || got.Pool != "default" || got.Owner != "root" || got.Policy != zone.SerialUnix || got.ID == "" {
		t.Errorf("head %+v", got)
	}
}
