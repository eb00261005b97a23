package rndc

import (
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/namedconf"
	wire "github.com/skein-dns/skein/internal/rndc"
)

// FuzzHandle takes whatever somebody with the key may send.
func FuzzHandle(f *testing.F) {
	f.Fuzz(func(t *testing.T, line string) {
		set := zones{"example.com.": {Zone: namedconf.Zone{Type: "secondary", File: "x.db"}, State: State{Loaded: true}}}
		d := &Door{Zones: set, Version: "1"}
		a := d.Handle(t.Context(), nil, wire.Key{}, line)
		if (a.Result == 0) != (a.Err == "") {
			t.Fatalf("%q: result %d and error %q", line, a.Result, a.Err)
		}
		if _, there := set["example.com."]; !there && !strings.Contains(line, "delzone") {
			t.Fatalf("%q removed a zone", line)
		}
		for name, z := range set {
			if z.Type != "secondary" {
				t.Fatalf("%q made zone %s of it: %+v", line, name, z)
			}
			// What is shown means what was taken.
			shown := d.Handle(t.Context(), nil, wire.Key{}, "showzone "+mustQuote(t, plain(name)))
			list, err := namedconf.Statements(shown.Text)
			if shown.Result != 0 || err != nil || len(list) != 1 {
				t.Fatalf("%q: zone %s is shown as %+v, %v", line, name, shown, err)
			}
			again := strings.ReplaceAll(shown.Text, `tls "opportunistic"`, "tls ephemeral")
			if b := d.Handle(t.Context(), nil, wire.Key{}, strings.Replace(again, "zone ", "modzone ", 1)); b.Result != 0 {
				t.Fatalf("%q: %s is refused: %+v", line, again, b)
			}
			if b := d.Handle(t.Context(), nil, wire.Key{}, "showzone "+mustQuote(t, plain(name))); b != shown {
				t.Fatalf("%q: %+v becomes %+v", line, shown, b)
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
