package zone_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

const shown = `$ORIGIN example.com.
@                        3600 IN SOA    ns1.example.net. hostmaster.example.com. 7 10800 3600 604800 300
@                        3600 IN NS     ns1.example.net.
@                        3600 IN NS     ns2.example.net.
\$ttl                    60 IN TXT    "a directive?"
*                        60 IN A      192.0.2.1
a\.b                     60 IN A      192.0.2.1
an-owner-name-longer-than-the-column 60 IN OPENPGPKEY AQID
Www                      60 IN A      192.0.2.1
Www                      60 IN A      192.0.2.2
www                      60 IN TYPE65280 \# 2 abcd
\@.www                   60 IN CNAME  \@.example.
`

func TestPrint(t *testing.T) {
	t.Parallel()
	c := mustContents(t, apex+`$TTL 60
an-owner-name-longer-than-the-column OPENPGPKEY AQID
\@.www CNAME \@.example.
Www A 192.0.2.2
www A 192.0.2.1
www TYPE65280 \# 2 ABCD
\$ttl TXT "a directive?"
a\.b A 192.0.2.1
* A 192.0.2.1
`)
	if got := printed(t, c); got != shown {
		t.Errorf("printed\n%s", got)
	}
	var absolute strings.Builder
	if err := zone.Print(&absolute, c, zone.PrintOptions{Absolute: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(absolute.String(), "\nWww.example.com.         60 IN A      192.0.2.2\n") {
		t.Errorf("in full\n%s", absolute.String())
	}
	if again := mustContents(t, absolute.String()); !again.Equal(c) {
		t.Errorf("read again\n%s", records(again))
	}
	var nothing strings.Builder
	if err := zone.Print(&nothing, zone.Contents{}, zone.PrintOptions{}); err != nil || nothing.Len() > 0 {
		t.Errorf("nothing is printed as %q, %v", nothing.String(), err)
	}
}

// full is a writer to a disk that fills up.
type full struct{ left int }

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestPrintToAFullDisk(t *testing.T) {
	t.Parallel()
	c := mustContents(t, apex+"$GENERATE 1-1000 a$ A 192.0.2.1\n")
	if err := zone.Print(&full{10_000}, c, zone.PrintOptions{}); !errors.Is(err, errFull) {
		t.Errorf("contents: %v", err)
	}
	if err := zone.PrintDelta(&full{10_000}, zone.Delta{Add: setsOf(c)}); !errors.Is(err, errFull) {
		t.Errorf("delta: %v", err)
	}
}

// What is printed is read as the same, in either form, and printed again as the same.
func TestPrintedContentsAreReadAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		origin := wireNames().Draw(t, "origin")
		var all []zone.RRset
		for _, s := range rapid.SliceOfN(sets(), 0, 8).Draw(t, "sets") {
			s.Name = origin
			if label := rapid.SliceOfN(rapid.SampledFrom([]byte("a$@.;\\\"( \x00\xff")), 0, 3).Draw(t, "label"); len(label) > 0 {
				wire := append(append([]byte{byte(len(label))}, label...), origin.AppendWire(nil)...)
				name, err := zone.NameFromWire(wire)
				if err != nil {
					t.Fatal(err)
				}
				s.Name = name
			}
			all = append(all, s)
		}
		c, err := zone.NewContents(origin, all)
		if err != nil {
			t.Fatal(err)
		}
		for _, absolute := range []bool{false, true} {
			var b strings.Builder
			if err := zone.Print(&b, c, zone.PrintOptions{Absolute: absolute}); err != nil {
				t.Fatal(err)
			}
			sets, warnings, err := zone.Parse(strings.NewReader(b.String()), zone.Options{})
			if err != nil || len(warnings) > 0 {
				t.Fatalf("%v, %v\n%s", err, warnings, b.String())
			}
			again, err := zone.NewContents(origin, sets)
			if err != nil || !again.Equal(c) {
				t.Fatalf("%v: read again\n%sof\n%s", err, records(again), b.String())
			}
			var twice strings.Builder
			if _ = zone.Print(&twice, again, zone.PrintOptions{Absolute: absolute}); twice.String() != b.String() {
				t.Fatalf("printed again\n%sof\n%s", twice.String(), b.String())
			}
		}
	})
}

func TestRelativeNames(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, origin zone.Name
		want         string
	}{
		{"example.com.", "example.com.", "@"},
		{"EXAMPLE.com.", "example.com.", "@"},
		{"www.example.com.", "example.com.", "www"},
		{"a.b.Example.com.", "example.COM.", "a.b"},
		{"example.net.", "example.com.", "example.net."},
		{"badexample.com.", "example.com.", "badexample.com."},
		{"com.", "example.com.", "com."},
		{"com.", ".", "com"},
		{".", ".", "@"},
		{`a\..example.com.`, "example.com.", `a\.`},
	} {
		if got := zone.Relative(row.name, row.origin); got != row.want {
			t.Errorf("%s below %s is %s, want %s", row.name, row.origin, got, row.want)
		}
	}
}
