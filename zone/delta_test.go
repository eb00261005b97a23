package zone_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

// text writes a delta for reading.
func text(d zone.Delta) string {
	var b strings.Builder
	if err := zone.PrintDelta(&b, d); err != nil {
		panic(err)
	}
	return b.String()
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct{ before, after, want string }{
		"nothing":           {"a A 192.0.2.1\n", "a A 192.0.2.1\n", ""},
		"a name comes":      {"", "a A 192.0.2.1\n", "+ a.example.com. 1 IN A 192.0.2.1\n"},
		"a name goes":       {"a A 192.0.2.1\n", "", "- a.example.com. 1 IN A 192.0.2.1\n"},
		"a record comes":    {"a A 192.0.2.1\n", "a A 192.0.2.2\na A 192.0.2.1\n", "+ a.example.com. 1 IN A 192.0.2.2\n"},
		"a record goes":     {"a A 192.0.2.1\na A 192.0.2.2\n", "a A 192.0.2.1\n", "- a.example.com. 1 IN A 192.0.2.2\n"},
		"a record changes":  {"a A 192.0.2.1\na A 192.0.2.2\n", "a A 192.0.2.1\na A 192.0.2.3\n", "- a.example.com. 1 IN A 192.0.2.2\n+ a.example.com. 1 IN A 192.0.2.3\n"},
		"another type":      {"a A 192.0.2.1\n", "a TXT x\n", "- a.example.com. 1 IN A 192.0.2.1\n+ a.example.com. 1 IN TXT \"x\"\n"},
		"another TTL":       {"a A 192.0.2.1\na A 192.0.2.2\n", "a 2 A 192.0.2.1\na 2 A 192.0.2.2\n", "- a.example.com. 1 IN A 192.0.2.1\n- a.example.com. 1 IN A 192.0.2.2\n+ a.example.com. 2 IN A 192.0.2.1\n+ a.example.com. 2 IN A 192.0.2.2\n"},
		"only the case":     {"a CNAME B.example.\n", "A CNAME b.EXAMPLE.\n", ""},
		"the case of texts": {"a TXT x\n", "a TXT X\n", "- a.example.com. 1 IN TXT \"x\"\n+ a.example.com. 1 IN TXT \"X\"\n"},
		"in many places":    {"a A 192.0.2.1\nb A 192.0.2.1\nc A 192.0.2.1\n", "b A 192.0.2.2\nd A 192.0.2.1\n", "- a.example.com. 1 IN A 192.0.2.1\n- b.example.com. 1 IN A 192.0.2.1\n- c.example.com. 1 IN A 192.0.2.1\n+ b.example.com. 1 IN A 192.0.2.2\n+ d.example.com. 1 IN A 192.0.2.1\n"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			before, after := mustContents(t, "$TTL 1\n"+row.before), mustContents(t, "$TTL 1\n"+row.after)
			d := zone.Diff(before, after)
			if got := text(d); got != row.want || d.IsZero() != (row.want == "") {
				t.Errorf("the difference is\n%swant\n%s", got, row.want)
			}
			if applied, err := before.Apply(d); err != nil || !applied.Equal(after) {
				t.Errorf("applied: %v\n%s", err, records(applied))
			}
		})
	}
}

func TestDifferencesLeadThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := contents().Draw(t, "a"), contents().Draw(t, "b")
		before := records(a)
		d := zone.Diff(a, b)
		there, err := a.Apply(d)
		if err != nil || !there.Equal(b) || there.Digest() != b.Digest() {
			t.Fatalf("there: %v\n%s", err, text(d))
		}
		back, err := there.Apply(d.Invert())
		if err != nil || !back.Equal(a) || back.Digest() != a.Digest() {
			t.Fatalf("back: %v\n%s", err, text(d.Invert()))
		}
		if records(a) != before {
			t.Fatal("what was there before has changed")
		}
		if d.IsZero() != a.Equal(b) {
			t.Fatalf("equal: %v, and the difference is\n%s", a.Equal(b), text(d))
		}
		if !d.IsZero() { // what came is there already, what went is not
			if again, err := there.Apply(d); !errors.Is(err, zone.ErrNotApplicable) || !again.IsZero() {
				t.Fatalf("it applied twice: %v\n%s", err, text(d))
			}
		}
		soa := zone.Name("EXAMPLE.com.")
		rest := d.Without(soa, zone.TypeSOA)
		for _, s := range slices.Concat(rest.Del, rest.Add) {
			if s.Type == zone.TypeSOA {
				t.Fatal("the SOA is still in it")
			}
		}
		if len(rest.Del)+len(rest.Add) < len(d.Del)+len(d.Add)-2 {
			t.Fatal("more than the SOA was taken out")
		}
		other, err := a.Apply(rest)
		if err != nil {
			t.Fatal(err)
		}
		was, _ := a.Get("example.com.", zone.TypeSOA)
		if is, _ := other.Get("example.com.", zone.TypeSOA); !is.Equal(was) && len(was.Data) > 0 {
			t.Fatal("the SOA changed without its change")
		}
	})
}

// Differences of trees that share pages are those of trees that do not.
func TestDifferencesOfWhatIsShared(t *testing.T) {
	t.Parallel()
	base := mustContents(t, apex+"$GENERATE 0-2999 h${0,4,d} A 192.0.2.1\n")
	rapid.Check(t, func(t *rapid.T) {
		edit := func(c zone.Contents, label string) zone.Contents {
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 2999), 0, 20, rapid.ID[int]).Draw(t, label) {
				name := zone.Name(fmt.Sprintf("h%04d.example.com.", i))
				set, ok := c.Get(name, zone.TypeA)
				d := zone.Delta{Add: []zone.RRset{{Name: name, Type: zone.TypeTXT, TTL: 1, Data: []zone.Rdata{"\x01x"}}}}
				if rapid.Bool().Draw(t, "goes") && ok {
					d = zone.Delta{Del: []zone.RRset{set}}
				} else if _, there := c.Get(name, zone.TypeTXT); there {
					continue
				}
				var err error
				if c, err = c.Apply(d); err != nil {
					t.Fatal(err)
				}
			}
			return c
		}
		a := edit(base, "a")
		b := edit(a, "b")
		if rapid.Bool().Draw(t, "both from the base") {
			b = edit(base, "b again")
		}
		apart, err := zone.NewContents("example.com.", setsOf(b)) // shares nothing
		if err != nil {
			t.Fatal(err)
		}
		if got, want := text(zone.Diff(a, b)), text(zone.Diff(a, apart)); got != want {
			t.Fatalf("the difference is\n%swant\n%s", got, want)
		}
		if there, err := a.Apply(zone.Diff(a, b)); err != nil || there.Digest() != b.Digest() {
			t.Fatalf("applied: %v", err)
		}
	})
}

func TestChangesThatDoNotFit(t *testing.T) {
	t.Parallel()
	set := func(name zone.Name, rrtype zone.Type, ttl uint32, data ...zone.Rdata) []zone.RRset {
		return []zone.RRset{{Name: name, Type: rrtype, TTL: ttl, Data: data}}
	}
	const a = "a.example.com."
	one, two := zone.Rdata("\xc0\x00\x02\x01"), zone.Rdata("\xc0\x00\x02\x02")
	c := mustContents(t, apex+"a A 192.0.2.1\nb CNAME C.example.\n")
	for situation, row := range map[string]struct {
		d     zone.Delta
		words string // "" if it fits
	}{
		"nothing":                 {zone.Delta{}, ""},
		"sets without records":    {zone.Delta{Del: set("x.example.com.", 1, 5), Add: set(a, 1, 9)}, ""},
		"record goes":             {zone.Delta{Del: set(a, 1, 3600, one)}, ""},
		"in another case":         {zone.Delta{Del: set("B.Example.com.", 5, 3600, zone.Rdata(zone.Name("c.EXAMPLE.").AppendWire(nil)))}, ""},
		"record twice in it":      {zone.Delta{Del: set(a, 1, 3600, one, one)}, ""},
		"record comes":            {zone.Delta{Add: set(a, 1, 3600, two)}, ""},
		"set changes its TTL":     {zone.Delta{Del: set(a, 1, 3600, one), Add: set(a, 1, 5, one)}, ""},
		"goes with another TTL":   {zone.Delta{Del: set(a, 1, 3601, one)}, "a.example.com. A with TTL 3601 is not there"},
		"goes and is not there":   {zone.Delta{Del: set(a, 1, 3600, two)}, "not all records"},
		"one of two is not there": {zone.Delta{Del: set(a, 1, 3600, one, two)}, "not all records"},
		"set is not there":        {zone.Delta{Del: set(a, 16, 3600, "\x00")}, "is not there"},
		"name is not there":       {zone.Delta{Del: set("x.example.com.", 1, 3600, one)}, "is not there"},
		"goes twice":              {zone.Delta{Del: append(set(a, 1, 3600, one), set(a, 1, 3600, one)...)}, "is not there"},
		"comes and is there":      {zone.Delta{Add: set(a, 1, 3600, one)}, "there already"},
		"one of two is there":     {zone.Delta{Add: set(a, 1, 3600, two, one)}, "there already"},
		"comes with another TTL":  {zone.Delta{Add: set(a, 1, 5, two)}, "is there with TTL 3600, not 5"},
		"comes twice":             {zone.Delta{Add: append(set("x.example.com.", 1, 5, two), set("X.example.com.", 1, 5, two)...)}, "there already"},
		"outside":                 {zone.Delta{Add: set("x.example.net.", 1, 5, two)}, "is not in zone"},
		"outside, going":          {zone.Delta{Del: set("x.example.net.", 1, 5, two)}, "is not in zone"},
		"second SOA":              {zone.Delta{Add: []zone.RRset{soaSet(9)}}, "more than one SOA"},
		"last one fails":          {zone.Delta{Del: set(a, 1, 3600, one), Add: set("x.example.net.", 1, 5, two)}, "is not in zone"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			before := records(c)
			changed, err := c.Apply(row.d)
			if (row.words == "") != (err == nil) || err != nil && (!errors.Is(err, zone.ErrNotApplicable) || !strings.Contains(err.Error(), row.words)) {
				t.Errorf("it says %v, want %q", err, row.words)
			}
			if err != nil && !changed.IsZero() {
				t.Error("contents came with the refusal")
			}
			if records(c) != before {
				t.Error("what was there before has changed")
			}
		})
	}
}

// A name that comes anew brings its own case; one that stays keeps it.
func TestCaseOfNamesThatCome(t *testing.T) {
	t.Parallel()
	c := mustContents(t, apex+"Www A 192.0.2.1\n")
	set, _ := c.Get("www.example.com.", zone.TypeA)
	gone, err := c.Apply(zone.Delta{Del: []zone.RRset{set}})
	if err != nil {
		t.Fatal(err)
	}
	if _, there := gone.Node(set.Name.Key()); there {
		t.Error("a name without records is there")
	}
	set.Name = "WWW.example.com."
	back, err := gone.Apply(zone.Delta{Add: []zone.RRset{set}})
	if err != nil {
		t.Fatal(err)
	}
	if node, _ := back.Node(set.Name.Key()); node.Name != set.Name {
		t.Errorf("the name is %s", node.Name)
	}
}
