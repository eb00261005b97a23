package zone_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

const family = apex + `www A 192.0.2.1
a.b.c A 192.0.2.2
*.w TXT x
C.d CNAME www
e TXT b
e TXT a
e A 192.0.2.3
`

func TestContentsAreLookedUp(t *testing.T) {
	t.Parallel()
	c := mustContents(t, family)
	if names, records := c.Len(); names != 6 || records != 10 || c.Origin() != "example.com." || c.IsZero() {
		t.Errorf("%d names, %d records at %s", names, records, c.Origin())
	}
	set, ok := c.Get("E.EXAMPLE.com.", zone.TypeTXT)
	if !ok || !slices.Equal(set.Data, []zone.Rdata{"\x01a", "\x01b"}) {
		t.Errorf("TXT of e: %v, %v", set, ok)
	}
	node, ok := c.Node(zone.Name("e.example.com.").Key())
	if !ok || len(node.Sets) != 2 || node.Sets[0].Type != zone.TypeA {
		t.Errorf("e has %v, %v", node, ok)
	}
	for _, missing := range []struct {
		name zone.Name
		t    zone.Type
	}{{"e.example.com.", zone.TypeMX}, {"b.c.example.com.", zone.TypeA}, {"x.example.com.", zone.TypeA}, {"example.net.", zone.TypeSOA}, {".", zone.TypeNS}} {
		if set, ok := c.Get(missing.name, missing.t); ok || set.Data != nil {
			t.Errorf("%s %s: %v", missing.name, missing.t, set)
		}
	}
	var names []zone.Name
	for node := range c.NodesFrom(zone.Name("d.example.com.").Key()) {
		names = append(names, node.Name)
	}
	if want := []zone.Name{"C.d.example.com.", "e.example.com.", "*.w.example.com.", "www.example.com."}; !slices.Equal(names, want) {
		t.Errorf("from d on there are %v, want %v", names, want)
	}
}

func TestEmptyNonTerminals(t *testing.T) {
	t.Parallel()
	c := mustContents(t, family)
	for name, want := range map[zone.Name]bool{
		"example.com.": true, "b.c.example.com.": true, "c.example.com.": true, "w.example.com.": true, "d.example.com.": true,
		"a.b.c.example.com.": false, "www.example.com.": false, "ww.example.com.": false, "x.example.com.": false, ".": true, "com.": true, "net.": false,
	} {
		if got := c.HasBelow(name.Key()); got != want {
			t.Errorf("below %s: %v, want %v", name, got, want)
		}
	}
}

func TestZeroContents(t *testing.T) {
	t.Parallel()
	var c zone.Contents
	_, got := c.Get("a.", zone.TypeA)
	_, soa := c.SOA()
	names, records := c.Len()
	if !c.IsZero() || got || soa || c.HasBelow("") || names+records > 0 || len(setsOf(c)) > 0 || !c.WithSerial(5).IsZero() || !c.Equal(zone.Contents{}) {
		t.Error("nothing has something")
	}
	if _, err := c.Apply(zone.Delta{Add: []zone.RRset{{Name: "a.", Type: zone.TypeTXT, Data: []zone.Rdata{"\x00"}}}}); err == nil {
		t.Error("a record came to a zone at no name")
	}
	if changed, err := c.Apply(zone.Delta{}); err != nil || !changed.IsZero() {
		t.Errorf("nothing applied to nothing: %v", err)
	}
}

func TestContentsOfTheRoot(t *testing.T) {
	t.Parallel()
	sets, _, err := zone.Parse(strings.NewReader(". 1 SOA a. b. 1 2 3 4 5\n@ 1 NS a.root-servers.net.\ncom 1 NS a.gtld-servers.net.\n"), zone.Options{Origin: zone.Root})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(zone.Root, sets)
	if err != nil {
		t.Fatal(err)
	}
	want := `$ORIGIN .
@                        1 IN SOA    a. b. 1 2 3 4 5
@                        1 IN NS     a.root-servers.net.
com                      1 IN NS     a.gtld-servers.net.
`
	if got := printed(t, c); got != want {
		t.Errorf("printed\n%swant\n%s", got, want)
	}
	if _, warnings, err := zone.Validate(c, zone.Strict); err != nil || len(warnings) != 2 { // two without glue
		t.Errorf("%v, %v", warnings, err)
	}
}

func TestWithSerial(t *testing.T) {
	t.Parallel()
	c := mustContents(t, family)
	d := c.WithSerial(4294967295)
	soa, ok := d.SOA()
	if !ok || soa.Serial != 4294967295 || soa.RName != "hostmaster.example.com." || soa.Minimum != 300 {
		t.Errorf("the SOA is %+v", soa)
	}
	if old, _ := c.SOA(); old.Serial != 7 {
		t.Errorf("the contents before have serial %d", old.Serial)
	}
	if delta := zone.Diff(c, d); len(delta.Add) != 1 || len(delta.Del) != 1 || delta.Add[0].Type != zone.TypeSOA {
		t.Errorf("something else changed: %v", delta)
	}
	if back := d.WithSerial(7); !back.Equal(c) || back.Digest() != c.Digest() {
		t.Error("back again it is another")
	}
	bare := mustContents(t, "a 1 A 192.0.2.1\n")
	if !bare.WithSerial(5).Equal(bare) {
		t.Error("contents without SOA changed")
	}
}

// Order, case and pieces in which sets come do not count; all else does.
func TestDigest(t *testing.T) {
	t.Parallel()
	c := mustContents(t, family)
	all := setsOf(c)
	slices.Reverse(all)
	var pieces []zone.RRset
	for _, s := range all {
		for _, d := range slices.Backward(s.Data) {
			piece := s
			piece.Name = zone.Name(strings.ToUpper(string(s.Name)))
			piece.Data = []zone.Rdata{d}
			pieces = append(pieces, piece)
		}
	}
	same, err := zone.NewContents("EXAMPLE.com.", pieces)
	if err != nil || same.Digest() != c.Digest() || !same.Equal(c) {
		t.Errorf("in pieces and capitals it has another digest (%v)", err)
	}
	upper := mustContents(t, strings.ReplaceAll(family, "C.d CNAME www", "c.D CNAME WWW"))
	if upper.Digest() != c.Digest() {
		t.Error("the case of a target counts")
	}
	seen := map[[32]byte]string{c.Digest(): "as it was"}
	for change, d := range map[string]zone.Contents{
		"another serial":  c.WithSerial(8),
		"another TTL":     mustContents(t, strings.Replace(family, "www A", "www 5 A", 1)),
		"another address": mustContents(t, strings.Replace(family, "192.0.2.1", "192.0.2.9", 1)),
		"another type":    mustContents(t, strings.Replace(family, "*.w TXT x", `*.w SPF x`, 1)),
		"another name":    mustContents(t, strings.Replace(family, "www A", "ww A", 1)),
		"case of a text":  mustContents(t, strings.Replace(family, "TXT x", "TXT X", 1)),
		"one record less": mustContents(t, strings.Replace(family, "e TXT b\n", "", 1)),
		"text in two":     mustContents(t, strings.Replace(family, "e TXT b", `e TXT b ""`, 1)),
		"nothing":         {},
	} {
		if other := seen[d.Digest()]; other != "" {
			t.Errorf("%s has the digest of: %s", change, other)
		}
		seen[d.Digest()] = change
	}
}

func TestDigestsTellContentsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := contents().Draw(t, "a"), contents().Draw(t, "b")
		if (a.Digest() == b.Digest()) != a.Equal(b) {
			t.Errorf("equal: %v, equal digests: %v", a.Equal(b), a.Digest() == b.Digest())
		}
	})
}

// Contents are the same whatever way sets come, and in canonical order.
func TestContentsInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(sets(), 0, 12).Draw(t, "sets")
		for i := range all {
			all[i].TTL = 1 // else the first one wins, which depends on the order
		}
		a, err := zone.NewContents("example.com.", all)
		if err != nil {
			t.Fatal(err)
		}
		b, err := zone.NewContents("example.com.", rapid.Permutation(all).Draw(t, "order"))
		if err != nil || !a.Equal(b) || a.Digest() != b.Digest() {
			t.Errorf("in another order they are others: %v", err)
		}
		var last zone.RRset
		for s := range a.All() {
			c := last.Name
			if c != "" && (c.Compare(s.Name) > 0 || c.Equal(s.Name) && last.Type >= s.Type) {
				t.Errorf("%s %s comes after %s %s", s.Name, s.Type, last.Name, last.Type)
			}
			if !slices.IsSortedFunc(s.Data, func(x, y zone.Rdata) int {
				return strings.Compare(string(x.Canonical(s.Type)), string(y.Canonical(s.Type)))
			}) {
				t.Errorf("the data of %s %s is not in order", s.Name, s.Type)
			}
			last = s
		}
	})
}

// What callers hold stays theirs: contents do not write into it.
func TestSetsGivenAreNotChanged(t *testing.T) {
	t.Parallel()
	data := []zone.Rdata{"\x01b", "\x01a", "\x01b"}
	given := []zone.RRset{
		{Name: "a.example.com.", Type: zone.TypeTXT, TTL: 1, Data: data[:2:3]},
		{Name: "a.example.com.", Type: zone.TypeTXT, TTL: 2, Data: []zone.Rdata{"\x01c"}},
	}
	c, err := zone.NewContents("example.com.", given)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Apply(zone.Delta{Add: []zone.RRset{{Name: "b.example.com.", Type: zone.TypeTXT, Data: data}}}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(data, []zone.Rdata{"\x01b", "\x01a", "\x01b"}) || given[0].TTL != 1 || len(given[0].Data) != 2 {
		t.Errorf("they became %q %v", data, given)
	}
}
