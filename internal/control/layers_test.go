package control

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const layered0 = zone.Name("example.com.")

// contents reads "NAME TYPE DATA" lines below the apex that every zone has.
func contents(t testing.TB, lines ...string) zone.Contents {
	t.Helper()
	text := "$TTL 300\n@ SOA ns. h. 1 2 3 4 5\n@ NS ns.\n" + strings.Join(lines, "\n") + "\n"
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: layered0})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(layered0, sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// under is what a stamp hides.
func under(t testing.TB, line string) *zone.RRset {
	c := contents(t, line)
	for set := range c.All() {
		if set.Type != zone.TypeSOA && set.Type != zone.TypeNS {
			return &set
		}
	}
	t.Fatal(line)
	return nil
}

func text(c zone.Contents) string {
	var all []string
	for set := range c.All() {
		if set.Type != zone.TypeSOA && set.Type != zone.TypeNS {
			for _, d := range set.Data {
				all = append(all, fmt.Sprintf("%s %s %s", zone.Relative(set.Name, layered0), set.Type, d.Text(set.Type)))
			}
		}
	}
	return strings.Join(all, ", ")
}

func stampsText(l layers) string {
	var all []string
	for _, key := range l.keys() {
		s, hidden := l.stamps[key], ""
		if s.Hidden != nil {
			hidden = s.Hidden.Data[0].Text(s.Type)
		}
		all = append(all, fmt.Sprintf("%s %s of %s over %q", zone.Relative(s.Name, layered0), s.Type, s.Source, hidden))
	}
	return strings.Join(all, ", ")
}

// after is what the store makes of layers and a change of them.
func after(t testing.TB, l layers, o layered) layers {
	t.Helper()
	over, err := l.over.Apply(o.delta)
	if err != nil {
		t.Fatal(err)
	}
	stamps := []store.Stamp{}
	for _, key := range l.keys() {
		if !slices.ContainsFunc(o.stamps, func(s store.Stamp) bool { return keyOf(s.Name, s.Type) == key }) {
			stamps = append(stamps, l.stamps[key])
		}
	}
	for _, s := range o.stamps {
		if s.Source != "" {
			stamps = append(stamps, s)
		}
	}
	return newLayers(over, stamps)
}

// The base is what the origin sends; what lies over it stays.
func TestPutBase(t *testing.T) {
	t.Parallel()
	www, ftp := zone.Name("www.example.com."), zone.Name("ftp.example.com.")
	stamp := func(name zone.Name, t zone.Type, hidden *zone.RRset) store.Stamp {
		return store.Stamp{Name: name, Type: t, Source: "admin", Hidden: hidden}
	}
	for situation, row := range map[string]struct {
		over         []string
		stamps       []store.Stamp
		next         []string
		want, wanted string // contents and stamps
		kept         int
	}{
		"nothing lies over it":          {[]string{"www A 192.0.2.1"}, nil, []string{"www A 192.0.2.2", "ftp A 192.0.2.3"}, "ftp A 192.0.2.3, www A 192.0.2.2", "", 0},
		"an overlay beside it":          {[]string{"www TXT x"}, []store.Stamp{stamp(www, zone.TypeTXT, nil)}, []string{"www A 192.0.2.2"}, `www A 192.0.2.2, www TXT "x"`, `www TXT of admin over ""`, 1},
		"an overlay over what comes":    {[]string{"www A 192.0.2.9"}, []store.Stamp{stamp(www, zone.TypeA, nil)}, []string{"www A 192.0.2.2"}, "www A 192.0.2.9", `www A of admin over "192.0.2.2"`, 1},
		"an overlay over what changes":  {[]string{"www A 192.0.2.9"}, []store.Stamp{stamp(www, zone.TypeA, under(t, "www A 192.0.2.1"))}, []string{"www A 192.0.2.2"}, "www A 192.0.2.9", `www A of admin over "192.0.2.2"`, 1},
		"an overlay over what goes":     {[]string{"www A 192.0.2.9"}, []store.Stamp{stamp(www, zone.TypeA, under(t, "www A 192.0.2.1"))}, nil, "www A 192.0.2.9", `www A of admin over ""`, 1},
		"the base comes to the overlay": {[]string{"www A 192.0.2.9"}, []store.Stamp{stamp(www, zone.TypeA, under(t, "www A 192.0.2.1"))}, []string{"www A 192.0.2.9"}, "www A 192.0.2.9", `www A of admin over "192.0.2.9"`, 0},
		"an absence, and it is sent":    {nil, []store.Stamp{stamp(ftp, zone.TypeA, nil)}, []string{"ftp A 192.0.2.2"}, "", `ftp A of admin over "192.0.2.2"`, 1},
		"an absence of what is no more": {nil, []store.Stamp{stamp(ftp, zone.TypeA, under(t, "ftp A 192.0.2.2"))}, nil, "", `ftp A of admin over ""`, 0},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			l := newLayers(contents(t, row.over...), row.stamps)
			base, err := l.base()
			if err != nil {
				t.Fatal(err)
			}
			next := contents(t, row.next...)
			o, err := l.putBase(base, next)
			if err != nil {
				t.Fatal(err)
			}
			l = after(t, l, o)
			if got, stamps := text(l.over), stampsText(l); got != row.want || stamps != row.wanted || len(o.kept) != row.kept {
				t.Errorf("%s; %s; %d kept\nwant %s; %s; %d", got, stamps, len(o.kept), row.want, row.wanted, row.kept)
			}
			if base, err = l.base(); err != nil || !base.Equal(next) {
				t.Errorf("the base is %s, %v", text(base), err)
			}
		})
	}
}

// Whatever is put beneath and above, base and overlays make up the contents,
// and neither changes the other.
func TestBaseAndOverlaysMakeUpTheContents(t *testing.T) {
	t.Parallel()
	draw := func(rt *rapid.T, what string) zone.Contents {
		var lines []string
		for _, host := range []string{"a", "b", "c", "@"} {
			if data := rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, what+" "+host); data != "" {
				lines = append(lines, host+" TXT "+data)
			}
		}
		return contents(t, lines...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		l := newLayers(draw(rt, "first"), nil)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			base, err := l.base()
			if err != nil {
				rt.Fatal(err)
			}
			var o layered
			switch step := rapid.SampledFrom([]string{"beneath", "over", "directly", "drop", "absorb", "replace", "only"}).Draw(rt, "step"); step {
			case "beneath":
				next := draw(rt, "base")
				if o, err = l.putBase(base, next); err == nil {
					base = next
				}
			case "over":
				source := rapid.SampledFrom([]string{"admin", "acme"}).Draw(rt, "source")
				o, err = l.putOver(zone.Diff(l.over, draw(rt, "over")), putting{source: source, ends: rapid.Bool().Draw(rt, "ends"),
					keep: func(s store.Stamp) bool { return s.Source != source }})
			case "directly":
				o, err = l.putOver(zone.Diff(l.over, draw(rt, "over")), putting{})
				base = zone.Contents{} // it may change
			case "drop":
				keys := l.keys()
				o, err = l.drop(keys[:rapid.IntRange(0, len(keys)).Draw(rt, "overlays")])
			case "absorb":
				o.stamps = l.absorb("acme")
				base = zone.Contents{}
			case "replace":
				next := draw(rt, "served")
				o, err = l.replace(next, func(store.Stamp) bool { return false })
				if base = (zone.Contents{}); err == nil && !o.over.Equal(next) {
					rt.Fatalf("%s is served, want %s", text(o.over), text(next))
				}
			case "only":
				base = draw(rt, "only")
				o, err = l.only(base)
			}
			if err != nil {
				rt.Fatal(err)
			}
			l = after(t, l, o)
			now, err := l.base()
			if err != nil {
				rt.Fatal(err)
			}
			if !base.IsZero() && !now.Equal(base) {
				rt.Fatalf("the base became %s, want %s", text(now), text(base))
			}
			for _, key := range keysOf(zone.Diff(now, l.over)) {
				if _, stamped := l.stamps[key]; !stamped {
					rt.Fatalf("%v is neither the base's nor an overlay", key)
				}
			}
		}
	})
}
