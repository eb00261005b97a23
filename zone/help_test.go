package zone_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// apex is what every zone of these tests begins with, where it matters not.
const apex = `$ORIGIN example.com.
$TTL 3600
@ SOA ns1.example.net. hostmaster.example.com. 7 10800 3600 604800 300
@ NS ns1.example.net.
@ NS ns2.example.net.
`

func mustName(t testing.TB, s string) zone.Name {
	t.Helper()
	n, err := zone.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustParse(t testing.TB, text string) []zone.RRset {
	t.Helper()
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: "example.com."})
	if err != nil {
		t.Fatalf("%.1000v\nin\n%.1000s", err, text)
	}
	return sets
}

func mustContents(t testing.TB, text string) zone.Contents {
	t.Helper()
	c, err := zone.NewContents("example.com.", mustParse(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func printed(t testing.TB, c zone.Contents) string {
	t.Helper()
	var b strings.Builder
	if err := zone.Print(&b, c, zone.PrintOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// records returns contents as plain lines, for comparing.
func records(c zone.Contents) string {
	var b strings.Builder
	if err := zone.PrintDelta(&b, zone.Delta{Add: setsOf(c)}); err != nil {
		panic(err)
	}
	return strings.ReplaceAll(b.String(), "+ ", "")
}

func setsOf(c zone.Contents) (sets []zone.RRset) {
	for s := range c.All() {
		sets = append(sets, s)
	}
	return sets
}

// problemsIn returns the findings in an error of Parse, Read or Validate.
func problemsIn(t testing.TB, err error) []zone.Problem {
	t.Helper()
	var e *zone.Errors
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("%v is no *zone.Errors", err)
	}
	if e == nil {
		return nil
	}
	return e.Problems
}
