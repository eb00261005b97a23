package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// owned is the write that makes a zone of an owner, in a pool.
func owned(name zone.Name, owner, pool string, serial uint32) store.Write {
	write := creation(name, serial)
	write.Zone.Owner, write.Zone.Pool = owner, pool
	return write
}

// Zones are listed by who owns them, in one order over all owners, whatever
// the size of a page.
func listByOwner(t *testing.T, w *world) {
	const n = 30
	for i := range n {
		owner := []string{"anna", "bert", "bert", "bert", "cleo"}[i%5]
		write := owned(zone.Name(fmt.Sprintf("z%02d.example.", i)), owner, []string{"default", "fast"}[i%2], 1)
		if i%3 == 0 {
			write.Zone.Origin = "panel2"
		}
		if z := w.commit(write); i >= 20 {
			w.commit(deletion(z))
		}
	}
	w.reopen()
	numbers := func(of func(i int) bool) (want []int) {
		for i := range n {
			if of(i) {
				want = append(want, i)
			}
		}
		return want
	}
	number := func(z skein.Zone) (i int) {
		t.Helper()
		if _, err := fmt.Sscanf(string(z.Name), "z%02d.example.", &i); err != nil {
			t.Fatal(err)
		}
		return i
	}
	anna, bert, cleo := func(i int) bool { return i%5 == 0 }, func(i int) bool { return i%5 > 0 && i%5 < 4 }, func(i int) bool { return i%5 == 4 }
	for name, row := range map[string]struct {
		q    store.ListQuery
		want func(i int) bool
	}{
		"of all":                 {store.ListQuery{}, func(int) bool { return true }},
		"of nobody":              {store.ListQuery{Owners: []string{}}, func(int) bool { return false }},
		"of one":                 {store.ListQuery{Owners: []string{"anna"}}, anna},
		"of two":                 {store.ListQuery{Owners: []string{"cleo", "anna"}}, func(i int) bool { return anna(i) || cleo(i) }},
		"of one named twice":     {store.ListQuery{Owners: []string{"bert", "bert"}}, bert},
		"of many without zones":  {store.ListQuery{Owners: []string{"x", "bert", "y", "cleo", "z"}}, func(i int) bool { return bert(i) || cleo(i) }},
		"of two, from a source":  {store.ListQuery{Owners: []string{"anna", "bert"}, Origin: "panel2"}, func(i int) bool { return (anna(i) || bert(i)) && i%3 == 0 }},
		"of two, by a part":      {store.ListQuery{Owners: []string{"anna", "bert"}, Contains: "z1"}, func(i int) bool { return (anna(i) || bert(i)) && i/10 == 1 }},
		"in a pool":              {store.ListQuery{Pools: []string{"fast"}}, func(i int) bool { return i%2 == 1 }},
		"of two, in a pool":      {store.ListQuery{Owners: []string{"cleo", "anna"}, Pools: []string{"fast"}}, func(i int) bool { return (anna(i) || cleo(i)) && i%2 == 1 }},
		"in two pools":           {store.ListQuery{Pools: []string{"fast", "slow", "default"}}, func(i int) bool { return true }},
		"in no pool":             {store.ListQuery{Pools: []string{}}, func(int) bool { return false }},
		"of two, in two pools":   {store.ListQuery{Owners: []string{"cleo", "anna"}, Pools: []string{"slow", "fast"}}, func(i int) bool { return (anna(i) || cleo(i)) && i%2 == 1 }},
		"in a pool without any":  {store.ListQuery{Pools: []string{"slow"}}, func(int) bool { return false }},
		"of one, behind a name":  {store.ListQuery{Owners: []string{"bert"}, After: "z10.example."}, func(i int) bool { return bert(i) && i > 10 }},
		"of two, behind the end": {store.ListQuery{Owners: []string{"anna", "bert"}, After: "z20.example."}, func(int) bool { return false }},
	} {
		live := numbers(func(i int) bool { return i < 20 && row.want(i) })
		for _, size := range []int{0, 1, 2, 3, 50} {
			var got []int
			for q := row.q; ; {
				q.Limit = size
				page, err := w.List(w.ctx(), q)
				w.must(err)
				for _, z := range page {
					got = append(got, number(z))
				}
				if size == 0 || len(page) < size {
					break
				}
				q.After = page[len(page)-1].Name
			}
			if !slices.Equal(got, live) {
				t.Errorf("zones %s in pages of %d: %v, want %v", name, size, got, live)
			}
		}
		if row.q.Pools != nil || row.q.After != "" {
			continue
		}
		dead := numbers(func(i int) bool { return i >= 20 && row.want(i) })
		slices.Reverse(dead)
		for _, size := range []int{0, 1, 2, 50} {
			var got []int
			for q := (store.DeletedQuery{Owners: row.q.Owners, Origin: row.q.Origin, Contains: row.q.Contains, Limit: size}); ; {
				page, err := w.Deleted(w.ctx(), q)
				w.must(err)
				for _, d := range page {
					got = append(got, number(d.Zone))
				}
				if size == 0 || len(page) < size {
					break
				}
				q.Before = page[len(page)-1].Zone.Revision
			}
			if !slices.Equal(got, dead) {
				t.Errorf("deleted zones %s in pages of %d: %v, want %v", name, size, got, dead)
			}
		}
	}
}

// A zone goes to another owner or pool in one write, which followers hear of
// and need not load anything for.
func handOver(t *testing.T, w *world) {
	z := w.commit(owned("a.example.", "anna", "default", 7))
	handed := func(owner, pool string) store.Write {
		write := edit(z, zone.Delta{})
		write.Change.At, write.Serial, write.Owner, write.Pool = start.Add(time.Hour), z.Serial, owner, pool
		return write
	}
	for _, row := range []struct {
		what, owner, pool string
		want              skein.Zone // owner, pool, pool before
	}{
		{"another owner", "bert", "", skein.Zone{Owner: "bert", Pool: "default"}},
		{"another pool", "", "fast", skein.Zone{Owner: "bert", Pool: "fast", PoolBefore: "default"}},
		{"those it has", "bert", "fast", skein.Zone{Owner: "bert", Pool: "fast", PoolBefore: "default"}},
		{"both at once", "cleo", "slow", skein.Zone{Owner: "cleo", Pool: "slow", PoolBefore: "fast"}},
		{"back again", "anna", "fast", skein.Zone{Owner: "anna", Pool: "fast", PoolBefore: "slow"}},
	} {
		before := z
		_, cursor := w.follow("", 10)
		z = w.commit(handed(row.owner, row.pool))
		want := before
		want.Revision, want.Changed = before.Revision+1, start.Add(time.Hour)
		want.Owner, want.Pool, want.PoolBefore = row.want.Owner, row.want.Pool, row.want.PoolBefore
		if z != want {
			t.Errorf("%s: %+v, want %+v", row.what, z, want)
		}
		w.reopen()
		if entries, _ := w.follow(cursor, 10); len(entries) != 1 || entries[0].Zone != want {
			t.Errorf("%s: the feed has %+v, want %+v", row.what, entries, want)
		}
	}

	// With the source and other contents, all in one.
	write := handed("bert", "default")
	write.Serial, write.Origin, write.Delta = z.Serial+1, "panel2", add(a("www.a.example.", "192.0.2.1"))
	z = w.commit(write)
	wantOrigin(t, z, "panel2", "panel", start.Add(time.Hour))
	if z.Owner != "bert" || z.Pool != "default" || z.PoolBefore != "fast" || z.Published != z.Revision {
		t.Errorf("all in one: %+v", z)
	}
	w.holds(z, "www.a.example. A 192.0.2.1")

	stale := handed("cleo", "slow")
	stale.Expect--
	w.refused(stale, skein.KindConflict, store.ErrChanged)
	for _, part := range []store.Write{{Owner: "cleo"}, {Pool: "slow"}} {
		bad, made := deletion(z), creation("b.example.", 1)
		bad.Owner, bad.Pool, made.Owner, made.Pool = part.Owner, part.Pool, part.Owner, part.Pool
		w.refused(bad, skein.KindInvalid, nil)
		w.refused(made, skein.KindInvalid, nil)
	}
	w.holds(z, "www.a.example. A 192.0.2.1")
}

// In which pool a name was is known while its last life is kept, so that
// members there can let go of it.
func poolOfAName(t *testing.T, w *world) {
	want := func(z skein.Zone, pool, before string) {
		t.Helper()
		if z.Pool != pool || z.PoolBefore != before {
			t.Errorf("%s is in the pool %q, was in %q; want %q, %q", z.Name, z.Pool, z.PoolBefore, pool, before)
		}
	}
	z := w.commit(owned("a.example.", "root", "one", 1))
	want(z, "one", "")
	w.commit(deletion(z))
	z = w.commit(owned("a.example.", "root", "one", 2))
	want(z, "one", "")
	w.commit(deletion(z))
	z = w.commit(owned("a.example.", "root", "two", 3))
	w.reopen()
	want(z, "two", "one")
	w.commit(deletion(z))
	back := owned("a.example.", "root", "two", 4) // undeleted: as it was
	back.Zone.PoolBefore = "zero"
	z = w.commit(back)
	want(z, "two", "zero")
	w.commit(deletion(z))
	w.must(w.Purge(w.ctx(), start.AddDate(1, 0, 0)))
	want(w.commit(owned("a.example.", "root", "three", 5)), "three", "")
}

// How many zones an owner and a pool have is right after all that can happen to them.
func holdings(t *testing.T, w *world) {
	want := func(what string, owners, pools map[string]int) {
		t.Helper()
		gotOwners, err := w.OwnerTallies(w.ctx())
		w.must(err)
		gotPools, err := w.PoolTallies(w.ctx())
		w.must(err)
		if !maps.Equal(gotOwners, owners) || !maps.Equal(gotPools, pools) {
			t.Errorf("%s: zones by owner %v and by pool %v, want %v and %v", what, gotOwners, gotPools, owners, pools)
		}
	}
	want("nothing", map[string]int{}, map[string]int{})
	one := w.commit(owned("one.example.", "anna", "fast", 1))
	two := w.commit(owned("two.example.", "anna", "slow", 1))
	w.commit(owned("three.example.", "bert", "slow", 1))
	want("created", map[string]int{"anna": 2, "bert": 1}, map[string]int{"fast": 1, "slow": 2})
	w.refused(owned("one.example.", "bert", "slow", 2), skein.KindConflict, store.ErrExists)
	moved := edit(one, zone.Delta{})
	moved.Owner, moved.Pool = "bert", "slow"
	one = w.commit(moved)
	want("handed over", map[string]int{"anna": 1, "bert": 2}, map[string]int{"slow": 3})
	w.refused(moved, skein.KindConflict, store.ErrChanged)
	w.commit(deletion(two))
	want("deleted", map[string]int{"bert": 2}, map[string]int{"slow": 2})
	back := owned("two.example.", "anna", "fast", 9)
	back.Revive = two.ID
	w.commit(back)
	want("undeleted", map[string]int{"anna": 1, "bert": 2}, map[string]int{"fast": 1, "slow": 2})
	w.must(w.Import(w.ctx(), func(yield func(store.Write) bool) {
		for i := range 1500 {
			if !yield(owned(zone.Name(fmt.Sprintf("z%d.example.", i)), "cleo", "fast", 1)) {
				return
			}
		}
	}, func(store.Commit) {}))
	w.commit(deletion(one))
	w.must(w.Purge(w.ctx(), start.AddDate(1, 0, 0)))
	w.reopen()
	want("imported, purged and opened again", map[string]int{"anna": 1, "bert": 1, "cleo": 1500}, map[string]int{"fast": 1501, "slow": 1})
}
