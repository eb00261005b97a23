package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

func produced(t testing.TB, changes ...Change) zone.Contents {
	t.Helper()
	c, err := Empty(cat, 7)
	if err != nil {
		t.Fatal(err)
	}
	return edited(t, c, changes...)
}

func edited(t testing.TB, c zone.Contents, changes ...Change) zone.Contents {
	t.Helper()
	d, err := Edit(c, changes...)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.Apply(d); err != nil {
		t.Fatal(err)
	}
	return c
}

// A catalog is the zone of RFC 9432 appendix A, in form.
func TestProduced(t *testing.T) {
	t.Parallel()
	c := produced(t,
		Change{After: &Member{ID: "a", Zone: "Example.COM."}},
		Change{After: &Member{ID: "b", Zone: "example.net.", Groups: []string{"signed", strings.Repeat("x", 300)}, Owner: "other.invalid."}})
	want := contents(t, 7, version, "a.zones PTR example.com.", "b.zones PTR example.net.",
		`group.b.zones TXT "signed"`, fmt.Sprintf(`group.b.zones TXT "%s" "%s"`, strings.Repeat("x", 255), strings.Repeat("x", 45)), "coo.b.zones PTR other.invalid.")
	top := zone.SOA{MName: "invalid.", RName: "invalid.", Serial: 7, Refresh: 3600, Retry: 600, Expire: 2147483646}
	old, _ := want.Get(cat, zone.TypeSOA)
	want, err := want.Apply(zone.Delta{Del: []zone.RRset{old}, Add: []zone.RRset{{Name: cat, Type: zone.TypeSOA, Data: []zone.Rdata{top.Rdata()}}}})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Equal(want) {
		t.Errorf("what is produced differs from what is meant: %v", zone.Diff(want, c))
	}
}

// The label of a zone is the same each time, and another one for another zone
// or another life of it.
func TestIDs(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for what, id := range map[string]string{
		"a zone": ID("example.com.", "1"), "its next life": ID("example.com.", "2"), "without a life": ID("example.com.", ""),
		"another zone": ID("example.net.", "1"), "the root": ID(".", ""),
	} {
		if before, twice := seen[id]; twice {
			t.Errorf("%s has the label of %s", what, before)
		}
		seen[id] = what
		if len(id) != 40 || strings.ToLower(id) != id {
			t.Errorf("%s has the label %q", what, id)
		}
	}
	if ID("EXAMPLE.com.", "1") != ID("example.com.", "1") {
		t.Error("case makes another zone")
	}
}

// What changes costs what it is, however many members stay.
func TestEditsFollowTheChange(t *testing.T) {
	t.Parallel()
	var all []Change
	for i := range 5000 {
		name := zone.Name(fmt.Sprintf("m%d.example.", i))
		all = append(all, Change{After: &Member{ID: ID(name, ""), Zone: name}})
	}
	c := produced(t, all...)
	one := func(name zone.Name, life string, groups ...string) *Member {
		return &Member{ID: ID(name, life), Zone: name, Groups: groups}
	}
	for situation, x := range map[string]struct {
		change   Change
		del, add int
	}{
		"a zone comes":                {Change{After: one("new.example.", "")}, 0, 1},
		"a zone goes":                 {Change{Before: one("m7.example.", "")}, 1, 0},
		"a zone begins anew":          {Change{Before: one("m7.example.", ""), After: one("m7.example.", "2")}, 1, 1},
		"a zone joins a group":        {Change{Before: one("m7.example.", ""), After: one("m7.example.", "", "g")}, 0, 1},
		"a zone stays":                {Change{Before: one("m7.example.", ""), After: one("m7.example.", "")}, 0, 0},
		"a zone that is there comes":  {Change{After: one("m7.example.", "")}, 0, 0},
		"a zone that is not there":    {Change{Before: one("nosuch.example.", "")}, 0, 0},
		"a zone comes and goes again": {Change{}, 0, 0},
	} {
		d, err := Edit(c, x.change)
		if err != nil || len(d.Del) != x.del || len(d.Add) != x.add {
			t.Errorf("%s: %d go, %d come (%v), want %d, %d", situation, len(d.Del), len(d.Add), err, x.del, x.add)
		}
	}
}

// However zones came and went, a consumer that reads what was produced, whole
// or change by change, sees what was meant, and an edited catalog is the same
// as one made anew.
func TestConsumersSeeWhatWasProduced(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		members := map[zone.Name]Member{}
		c, err := Empty(cat, 1)
		if err != nil {
			t.Fatal(err)
		}
		consumer, err := Read(c)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 8).Draw(t, "versions") {
			var changes []Change
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 4, rapid.ID).Draw(t, "zones") {
				name := zone.Name(fmt.Sprintf("m%d.example.", i))
				change := Change{}
				if before, is := members[name]; is {
					change.Before = &before
				}
				delete(members, name)
				if rapid.Bool().Draw(t, "stays") {
					after := Member{ID: ID(name, rapid.SampledFrom([]string{"1", "2"}).Draw(t, "life")), Zone: name}
					after.Groups = rapid.SampledFrom([][]string{nil, {"a"}, {"a", "b"}}).Draw(t, "groups")
					after.Owner = rapid.SampledFrom([]zone.Name{"", "other.invalid."}).Draw(t, "owner")
					members[name], change.After = after, &after
				}
				changes = append(changes, change)
			}
			d, err := Edit(c, changes...)
			if err != nil {
				t.Fatal(err)
			}
			if c, err = c.Apply(d); err != nil {
				t.Fatal(err)
			}
			if _, err := consumer.Follow(c); err != nil {
				t.Fatal(err)
			}
			fresh, _ := Empty(cat, 1)
			var all []Change
			for _, name := range slices.Sorted(maps.Keys(members)) {
				m := members[name]
				all = append(all, Change{After: &m})
				if got, ok := consumer.Get(name); !ok || !got.equal(m) {
					t.Fatalf("%s is %+v, want %+v", name, got, m)
				}
			}
			d, _ = Edit(fresh, all...)
			if fresh, err = fresh.Apply(d); err != nil || !fresh.Equal(c) || consumer.Len() != len(members) {
				t.Fatalf("edited differs from fresh: %v %v", err, zone.Diff(fresh, c))
			}
		}
	})
}

// BenchmarkEdit is one member that comes to a million.
func BenchmarkEdit(b *testing.B) {
	var all []Change
	for i := range 1_000_000 {
		name := zone.Name(fmt.Sprintf("m%d.example.", i))
		all = append(all, Change{After: &Member{ID: ID(name, ""), Zone: name}})
	}
	c := produced(b, all...)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		name := zone.Name(fmt.Sprintf("new%d.example.", i))
		c = edited(b, c, Change{After: &Member{ID: ID(name, ""), Zone: name}})
	}
}
