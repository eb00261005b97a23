package zone_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// What was read before, large or broken, does not show in what is read next.
func TestToolsAreUsedAgain(t *testing.T) {
	t.Parallel()
	var large strings.Builder
	large.WriteString(apex)
	for i := range 600 {
		fmt.Fprintf(&large, "host%d A 192.0.2.1\n", i)
	}
	texts := []string{
		typical,
		large.String(),
		apex + "www A 192.0.2.1\nwww CNAME b\nb A 192.0.2.1\n",
		"$ORIGIN sub.example.com.\n$TTL 1h\n(\nbroken",
		apex,
		"\n no owner\n" + strings.Repeat("a A x\n", 60),
		apex + "*.w 60 NS ns\na 60 A 192.0.2.1\na 90 A 192.0.2.2\n",
		typical,
	}
	read := func(tools *zone.Tools, text string) string {
		sets, warnings, err := tools.Parse(strings.NewReader(text), zone.Options{Origin: "example.com."})
		if err != nil {
			return fmt.Sprint(warnings, err)
		}
		c, err := tools.NewContents("example.com.", sets)
		if err != nil {
			return fmt.Sprint(warnings, err)
		}
		c, more, err := tools.Validate(c, zone.Tolerant)
		var b strings.Builder
		if err := zone.Print(&b, c, zone.PrintOptions{}); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(warnings, more, err, b.String())
	}
	tools := new(zone.Tools)
	for range 2 {
		for i, text := range texts {
			if got, want := read(tools, text), read(new(zone.Tools), text); got != want {
				t.Errorf("text %d is read as\n%s\nalone it is\n%s", i, got, want)
			}
		}
	}
}
