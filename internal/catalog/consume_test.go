package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

const cat zone.Name = "catalog1.invalid."

// contents is a catalog with these records beyond SOA and NS, relative to it.
func contents(t testing.TB, serial int, records ...string) zone.Contents {
	t.Helper()
	text := fmt.Sprintf("$ORIGIN %s\n$TTL 0\n@ SOA invalid. invalid. %d 60 10 2147483646 0\n@ NS invalid.\n%s\n", cat, serial, strings.Join(records, "\n"))
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: cat})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(cat, sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const version = `version TXT "2"`

// shown is members as the tests write them.
func shown(m *Member) string {
	if m == nil {
		return "-"
	}
	text := m.ID + " " + string(m.Zone)
	if len(m.Groups) > 0 {
		text += " in " + strings.Join(m.Groups, "+")
	}
	if m.Owner != "" {
		text += " to " + string(m.Owner)
	}
	return text
}

func TestRead(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct {
		records []string
		want    []string
		broken  string
	}{
		"no members":             {records: []string{version}},
		"two members":            {records: []string{version, "a.zones PTR m1.example.", "b.zones PTR M2.example."}, want: []string{"a m1.example.", "b m2.example."}},
		"groups":                 {records: []string{version, "a.zones PTR m1.example.", `group.a.zones TXT "signed"`, `group.a.zones TXT "big" "ger"`}, want: []string{"a m1.example. in bigger+signed"}},
		"a change of ownership":  {records: []string{version, "a.zones PTR m1.example.", "coo.a.zones PTR catalog2.invalid."}, want: []string{"a m1.example. to catalog2.invalid."}},
		"properties of others":   {records: []string{version, "a.zones PTR m1.example.", `colour.a.zones TXT "red"`, "primaries.ext A 192.0.2.53", "x.primaries.ext.a.zones A 192.0.2.53"}, want: []string{"a m1.example."}},
		"properties of nobody":   {records: []string{version, `group.gone.zones TXT "signed"`, "coo.gone.zones PTR catalog2.invalid."}},
		"other records at an ID": {records: []string{version, "a.zones PTR m1.example.", `a.zones TXT "hello"`, `b.zones TXT "no member"`}, want: []string{"a m1.example."}},
		"labels in capitals":     {records: []string{`VERSION TXT "2"`, "A.ZONES PTR m1.example.", `Group.A.Zones TXT "signed"`}, want: []string{"a m1.example. in signed"}},
		"an odd label":           {records: []string{version, `a\.b\032c.zones PTR m1.example.`}, want: []string{`a\.b\ c m1.example.`}},

		"no version":                   {records: []string{"a.zones PTR m1.example."}, broken: "it has no version"},
		"version 1":                    {records: []string{`version TXT "1"`, "a.zones PTR m1.example."}, broken: "its version is not"},
		"two versions":                 {records: []string{version, `version TXT "1"`}, broken: "its version is not"},
		"a member with two names":      {records: []string{version, "a.zones PTR m1.example.", "a.zones PTR m2.example."}, broken: "has 2 PTR records"},
		"a member with two new owners": {records: []string{version, "a.zones PTR m1.example.", "coo.a.zones PTR c2.invalid.", "coo.a.zones PTR c3.invalid."}, broken: "has 2 PTR records"},
		"a zone that is listed twice":  {records: []string{version, "a.zones PTR m1.example.", "b.zones PTR M1.example."}, broken: "lists m1.example. twice, as a and as b"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			got, err := Read(contents(t, 1, c.records...))
			if c.broken != "" {
				if !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), c.broken) {
					t.Fatalf("%v, want that %s", err, c.broken)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for m := range got.All() {
				all = append(all, shown(&m))
				if same, ok := got.Get(m.Zone); !ok || !same.equal(m) {
					t.Errorf("%s is found as %s", shown(&m), shown(&same))
				}
			}
			if !slices.Equal(all, c.want) || got.Len() != len(c.want) {
				t.Errorf("%d members %q, want %q", got.Len(), all, c.want)
			}
		})
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	before := []string{version, "a.zones PTR m1.example.", "b.zones PTR m2.example.", `group.b.zones TXT "signed"`}
	with := func(records ...string) []string { return append(slices.Clone(before), records...) }
	for situation, c := range map[string]struct {
		after  []string
		want   []string // before > after
		broken string
	}{
		"nothing":                           {after: before},
		"a new member":                      {after: with("c.zones PTR m3.example."), want: []string{"- > c m3.example."}},
		"a member less":                     {after: before[:2], want: []string{"b m2.example. in signed > -"}},
		"another group":                     {after: append(slices.Clone(before[:3]), `group.b.zones TXT "plain"`), want: []string{"b m2.example. in signed > b m2.example. in plain"}},
		"a change of ownership":             {after: with("coo.a.zones PTR c2.invalid."), want: []string{"a m1.example. > a m1.example. to c2.invalid."}},
		"another label: the zone is reset":  {after: append(slices.Clone(before[2:]), version, "c.zones PTR m1.example."), want: []string{"a m1.example. > c m1.example."}},
		"another name at a label":           {after: append(slices.Clone(before[2:]), version, "a.zones PTR m0.example."), want: []string{"a m1.example. > -", "- > a m0.example."}},
		"two members that change places":    {after: []string{version, "a.zones PTR m2.example.", "b.zones PTR m1.example."}, want: []string{"a m1.example. > b m1.example.", "b m2.example. in signed > a m2.example."}},
		"a TTL, and what others understand": {after: append(slices.Clone(before[2:]), version, "a.zones 60 PTR m1.example.", "x.ext.a.zones A 192.0.2.1")},

		"no version any more":                          {after: before[1:], broken: "it has no version"},
		"a zone listed again":                          {after: with("c.zones PTR m1.example."), broken: "lists m1.example. twice, as a and as c"},
		"a zone listed again, with a changed first":    {after: with("c.zones PTR m1.example.", `group.a.zones TXT "x"`), broken: "lists m1.example. twice"},
		"a zone listed again, beside what is the same": {after: with("c.zones PTR m1.example.", `x.a.zones TXT "x"`), broken: "lists m1.example. twice"},
		"a new zone listed twice":                      {after: with("c.zones PTR m3.example.", "d.zones PTR m3.example."), broken: "lists m3.example. twice"},
		"a member with two names":                      {after: with("b.zones PTR m3.example."), broken: "has 2 PTR records"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			catalog, err := Read(contents(t, 1, before...))
			if err != nil {
				t.Fatal(err)
			}
			changes, err := catalog.Follow(contents(t, 2, c.after...))
			if c.broken != "" {
				if !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), c.broken) {
					t.Errorf("%v, want that %s", err, c.broken)
				}
				if m, ok := catalog.Get("m2.example."); catalog.Len() != 2 || !ok || shown(&m) != "b m2.example. in signed" {
					t.Errorf("the catalog before is now %d members with %s", catalog.Len(), shown(&m))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, change := range changes {
				got = append(got, shown(change.Before)+" > "+shown(change.After))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("changes %q, want %q", got, c.want)
			}
		})
	}
	if catalog, err := Read(contents(t, 1, before...)); err != nil {
		t.Error(err)
	} else if _, err := catalog.Follow(zone.Contents{}); !errors.Is(err, ErrBroken) {
		t.Errorf("contents of no zone: %v", err)
	}
}

// Following any sequence of versions comes to what reading the last one does,
// and the changes lead there.
func TestFollowingIsReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		catalog, err := Read(contents(t, 1, version))
		if err != nil {
			rt.Fatal(err)
		}
		led := map[zone.Name]string{}
		for serial := 2; serial < 8; serial++ {
			records := []string{version}
			for _, id := range []string{"a", "b", "c", "d"} {
				if name := rapid.SampledFrom([]string{"", "m1", "m2", "m3"}).Draw(rt, id); name != "" {
					records = append(records, fmt.Sprintf("%s.zones PTR %s.example.", id, name))
				}
				if group := rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, "group of "+id); group != "" {
					records = append(records, fmt.Sprintf("group.%s.zones TXT %s", id, group))
				}
			}
			next := contents(t, serial, records...)
			whole, broken := Read(next)
			changes, err := catalog.Follow(next)
			if (err != nil) != (broken != nil) {
				rt.Fatalf("following says %v, reading %v", err, broken)
			}
			if err != nil {
				continue
			}
			for _, change := range changes {
				if had := led[change.zone()]; had != strings.TrimPrefix(shown(change.Before), "-") {
					rt.Fatalf("%s > %s, where %q was", shown(change.Before), shown(change.After), had)
				}
				delete(led, change.zone())
				if change.After != nil {
					led[change.zone()] = shown(change.After)
				}
			}
			if catalog.Len() != whole.Len() || len(led) != whole.Len() {
				rt.Fatalf("%d members, led to %d, want %d", catalog.Len(), len(led), whole.Len())
			}
			for m := range whole.All() {
				if got, _ := catalog.Get(m.Zone); !got.equal(m) || led[m.Zone] != shown(&m) {
					rt.Fatalf("%s, led to %q, want %s", shown(&got), led[m.Zone], shown(&m))
				}
			}
		}
	})
}

// A catalog comes from a stranger: whatever it holds, it is read or refused.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{version + "\na.zones PTR m1.example.\ngroup.a.zones TXT \"x\" \"y\"\ncoo.a.zones PTR c2.invalid.", "version TXT \"2\" \"\"\n\\000.zones PTR .", "zones PTR m1.example.\nversion TXT 2"} {
		f.Add(seed)
	}
	empty, err := Read(contents(f, 1, version))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, records string) {
		text := "$TTL 0\n@ SOA invalid. invalid. 7 60 10 2147483646 0\n@ NS invalid.\n" + records + "\n"
		sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: cat})
		if err != nil {
			return
		}
		next, err := zone.NewContents(cat, sets)
		if err != nil {
			return
		}
		catalog, err := Read(next)
		follower := *empty
		follower.ids = map[zone.Name]string{}
		changes, again := follower.Follow(next)
		if (err == nil) != (again == nil) {
			t.Fatalf("reading says %v, following %v", err, again)
		}
		if err == nil && len(changes) != catalog.Len() {
			t.Fatalf("%d members, but %d changes", catalog.Len(), len(changes))
		}
	})
}
