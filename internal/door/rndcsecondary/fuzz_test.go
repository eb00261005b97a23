package rndcsecondary

import (
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/internal/rndc"
)

// FuzzHandle takes whatever somebody with the key may send.
func FuzzHandle(f *testing.F) {
	f.Fuzz(func(t *testing.T, line string) {
		set := zones{"example.com.": {Zone: namedconf.Zone{Type: "secondary", File: "x.db"}, Loaded: true}}
		d := &Door{Zones: set, Keys: []string{"transfer.example"}, Version: "1"}
		a := d.Handle(t.Context(), nil, rndc.Key{}, line)
		if (a.Result == 0) != (a.Err == "") {
			t.Fatalf("%q: result %d and error %q", line, a.Result, a.Err)
		}
		if _, there := set["example.com."]; !there && !strings.Contains(line, "delzone") {
			t.Fatalf("%q removed a zone", line)
		}
		for name, z := range set {
			if z.Type != "secondary" || len(z.Primaries) == 0 && name != "example.com." {
				t.Fatalf("%q made zone %s of it: %+v", line, name, z)
			}
			if again := d.Handle(t.Context(), nil, rndc.Key{}, "showzone "+mustQuote(t, plain(name))); again.Result != 0 && again.Result != failure.Result {
				t.Fatalf("%q: zone %s is not shown: %+v", line, name, again)
			}
		}
	})
}

func mustQuote(t *testing.T, s string) string {
	t.Helper()
	q, err := namedconf.Quote(s)
	if err != nil {
		t.Skip("such a name cannot be written in named.conf's language")
	}
	return q
}
