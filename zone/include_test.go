package zone_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// library opens files of a map.
func library(files map[string]string) func(string) (io.ReadCloser, error) {
	return func(name string) (io.ReadCloser, error) {
		text, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}
}

func TestInclude(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"hosts":      "a A 192.0.2.1\n$ORIGIN deeper\nb A 192.0.2.2\n",
		"continues":  "  AAAA ::1\n",
		"ttl":        "$TTL 7\nc A 192.0.2.3\n",
		"a file\"":   "d A 192.0.2.4\n",
		"includes":   "$INCLUDE hosts sub\ne A 192.0.2.5\n",
		"itself":     "$INCLUDE itself\n",
		"broken":     "a A 192.0.2.1\n\nb A 192.0.2\nc A 192.0.2.3\nd TXT \"\n",
		"not closed": "f ( A",
	}
	for situation, c := range map[string]struct {
		text string
		want string // owners with TTL, or the problems
	}{
		"a file":                      {"$INCLUDE hosts\nz A 192.0.2.9\n", "a.example. 60, b.deeper.example. 60, z.example. 60"},
		"an origin of its own":        {"$include hosts sub\nz A 192.0.2.9\n", "a.sub.example. 60, b.deeper.sub.example. 60, z.example. 60"},
		"an absolute origin":          {"$INCLUDE hosts other.example.\n", "a.other.example. 60, b.deeper.other.example. 60"},
		"the owner goes on within":    {"a A 192.0.2.1\n$INCLUDE continues\n  TXT x\n", "a.example. 60, a.example. 60, a.example. 60"},
		"the owner is restored":       {"z A 192.0.2.9\n$INCLUDE hosts\n  TXT x\n", "z.example. 60, a.example. 60, b.deeper.example. 60, z.example. 60"},
		"$TTL stays":                  {"$INCLUDE ttl\nz A 192.0.2.9\n", "c.example. 7, z.example. 7"},
		"a quoted name with escapes":  {`$INCLUDE "a file\""` + "\n", "d.example. 60"},
		"a file that includes":        {"$INCLUDE includes\n", "a.sub.example. 60, b.deeper.sub.example. 60, e.example. 60"},
		"a file that is not there":    {"z A 192.0.2.9\n$INCLUDE nosuch\n", `line 2: $INCLUDE "nosuch": file does not exist`},
		"no file":                     {"$INCLUDE\n", "line 1: $INCLUDE takes a file and, if it is another one, an origin"},
		"an origin that is none":      {"$INCLUDE hosts a..b\n", `line 1: bad domain name "a..b`},
		"a file that includes itself": {"$INCLUDE itself\n", "line 1: in line 1 of \"itself\""},
		"broken lines": {"\n$INCLUDE broken\nz A 192.0.2\n", `line 2: in line 3 of "broken": bad record data of A: "192.0.2" is not an IPv4 address; ` +
			`line 2: in line 5 of "broken": a quotation mark that was opened is not closed on its line; line 3: bad record data of A: "192.0.2" is not an IPv4 address`},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			sets, _, err := zone.Parse(strings.NewReader(c.text), zone.Options{Origin: "example.", DefaultTTL: 60, Include: library(files)})
			var got []string
			for _, s := range sets {
				got = append(got, fmt.Sprintf("%s %d", s.Name, s.TTL))
			}
			text := strings.Join(got, ", ")
			if err != nil {
				text = err.Error()
			}
			if text != c.want && (err == nil || !strings.HasPrefix(text, c.want)) {
				t.Errorf("%s\nwant %s", text, c.want)
			}
		})
	}
}

// Reading errors and too many records end it wherever they occur.
func TestIncludeEnds(t *testing.T) {
	t.Parallel()
	failing := errors.New("the disk is gone")
	open := func(string) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("a A 192.0.2.1\n"), failingReader{failing})), nil
	}
	if _, _, err := zone.Parse(strings.NewReader("$INCLUDE x\n"), zone.Options{Origin: "example.", Include: open}); err == nil || !strings.Contains(err.Error(), failing.Error()) {
		t.Errorf("a reading error: %v", err)
	}
	many := library(map[string]string{"x": strings.Repeat("a A 192.0.2.1\nb A 192.0.2.1\n", 50)})
	_, _, err := zone.Parse(strings.NewReader(strings.Repeat("$INCLUDE x\n", 100)), zone.Options{Origin: "example.", MaxRecords: 120, Include: many})
	if err == nil || strings.Count(err.Error(), "too many records") != 1 {
		t.Errorf("too many records: %v", err)
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }
