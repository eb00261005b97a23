package flat

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

// records reads lines NAME TYPE DATA [TTL]; with ids from a letter on.
func records(t testing.TB, id string, lines ...string) (all []Record) {
	t.Helper()
	for i, line := range lines {
		f := strings.Fields(line)
		typ, err := zone.ParseType(f[1])
		if err != nil {
			t.Fatal(err)
		}
		data, err := zone.ParseRdata(typ, f[2], "example.com.")
		if err != nil {
			t.Fatal(err)
		}
		r := Record{Name: zone.Name(f[0] + ".example.com."), Type: typ, TTL: 300, Data: data}
		if id != "" {
			r.ID = fmt.Sprint(id, i)
		}
		if len(f) > 3 {
			_, _ = fmt.Sscan(f[3], &r.TTL)
		}
		all = append(all, r)
	}
	return all
}

func said(all []Record) string {
	var words []string
	for _, r := range all {
		words = append(words, fmt.Sprintf("%s %s %d", r.ID, strings.ReplaceAll(r.String(), ".example.com.", ""), r.TTL))
	}
	return strings.Join(words, "; ")
}

func deletable(t zone.Type) bool { return t != zone.TypeNS && t != zone.TypePTR }

func TestDiff(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		want, has               []string
		del, edit, create, stay string
	}{
		"nothing":                     {},
		"all as it is":                {want: []string{"a A 192.0.2.1", "b A 192.0.2.2"}, has: []string{"b A 192.0.2.2", "A A 192.0.2.1"}},
		"a new zone":                  {want: []string{"b A 192.0.2.2", "a A 192.0.2.1"}, create: " a A 192.0.2.1 300;  b A 192.0.2.2 300"},
		"a record changed":            {want: []string{"a A 192.0.2.1"}, has: []string{"a A 192.0.2.9"}, edit: "h0 a A 192.0.2.1 300"},
		"a TTL changed":               {want: []string{"a A 192.0.2.1 60"}, has: []string{"a A 192.0.2.1"}, edit: "h0 a A 192.0.2.1 60"},
		"one of two goes":             {want: []string{"a A 192.0.2.2"}, has: []string{"a A 192.0.2.1", "a A 192.0.2.2"}, del: "h0 a A 192.0.2.1 300"},
		"a record is there twice":     {want: []string{"a A 192.0.2.1"}, has: []string{"a A 192.0.2.1", "a A 192.0.2.1"}, del: "h1 a A 192.0.2.1 300"},
		"a CNAME replaces an address": {want: []string{"a CNAME b"}, has: []string{"a A 192.0.2.1"}, del: "h0 a A 192.0.2.1 300", create: " a CNAME b 300"},
		"a name in capitals":          {want: []string{"a CNAME B"}, has: []string{"a CNAME b"}},
		"a nameserver changed":        {want: []string{"sub NS ns2"}, has: []string{"sub NS ns1"}, edit: "h0 sub NS ns2 300"},
		"a nameserver goes":           {has: []string{"sub NS ns1"}, stay: "h0 sub NS ns1 300"},
	} {
		t.Run(situation, func(t *testing.T) {
			d := Diff(records(t, "", row.want...), records(t, "h", row.has...), deletable)
			for what, pair := range map[string][2]string{"delete": {row.del, said(d.Delete)}, "edit": {row.edit, said(d.Edit)}, "create": {row.create, said(d.Create)}, "stay": {row.stay, said(d.Stay)}} {
				if pair[0] != pair[1] {
					t.Errorf("%s: got %q, want %q", what, pair[1], pair[0])
				}
			}
		})
	}
}

// Whatever is there, what the difference says leads to what is wanted, but for
// what stays; and then there is none.
func TestPropertyOfDiff(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.Custom(func(t *rapid.T) Record {
			typ := rapid.SampledFrom([]zone.Type{zone.TypeA, zone.TypeNS}).Draw(t, "type")
			text := map[zone.Type][]string{zone.TypeA: {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, zone.TypeNS: {"ns1.", "NS1.", "ns2.", "ns3."}}[typ]
			data, err := zone.ParseRdata(typ, rapid.SampledFrom(text).Draw(t, "data"), zone.Root)
			if err != nil {
				t.Fatal(err)
			}
			return Record{Name: rapid.SampledFrom([]zone.Name{"a.", "A.", "b.a.", "c."}).Draw(t, "name"), Type: typ, TTL: rapid.Uint32Range(1, 2).Draw(t, "ttl"), Data: data}
		})
		key := func(r Record) string {
			return fmt.Sprintf("%s %s %x", r.Name.Canonical(), r.Type, r.Data.Canonical(r.Type))
		}
		want := rapid.SliceOfNDistinct(line, 0, 12, key).Draw(t, "want")
		has := rapid.SliceOfN(line, 0, 12).Draw(t, "has")
		for i := range has {
			has[i].ID = fmt.Sprint(i)
		}
		d := Diff(want, has, deletable)
		now := map[string]Record{}
		for _, r := range has {
			now[r.ID] = r
		}
		for _, r := range d.Delete {
			delete(now, r.ID)
		}
		for _, r := range d.Edit {
			if _, is := now[r.ID]; !is {
				t.Fatalf("it edits %v, which is not there", r)
			}
			now[r.ID] = r
		}
		for i, r := range d.Create {
			r.ID = fmt.Sprint("new", i)
			now[r.ID] = r
		}
		var after []Record
		for _, r := range now {
			after = append(after, r)
		}
		again := Diff(want, after, deletable)
		if !again.IsZero() || len(again.Stay) != len(d.Stay) || len(after) != len(want)+len(d.Stay) {
			t.Errorf("%d records after %+v, then %+v", len(after), d, again)
		}
		for _, r := range slices.Concat(d.Delete, d.Stay) {
			if deletable(r.Type) != slices.ContainsFunc(d.Delete, func(x Record) bool { return x.ID == r.ID }) {
				t.Errorf("%v", r)
			}
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", strings.Repeat("x", 255), strings.Repeat("y", 256), strings.Repeat("z", 1000)} {
		if got := Text(OfText(text)); got != text {
			t.Errorf("%d octets became %d", len(text), len(got))
		}
		if _, err := zone.NewContents("a.", []zone.RRset{{Name: "a.", Type: zone.TypeTXT, TTL: 1, Data: []zone.Rdata{OfText(text)}}}); err != nil {
			t.Error(err)
		}
	}
}
