package namedconf

import (
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzParse reads whatever is called a configuration: within bounds, and with
// nothing opened but what an include names.
func FuzzParse(f *testing.F) {
	f.Add(`zone "a" IN { type slave; masters port 1 { 192.0.2.1 key k; up; }; }; masters up { 192.0.2.1 tls t; };`)
	f.Fuzz(func(t *testing.T, text string) {
		disk := fstest.MapFS{"x": {Data: []byte(`zone "x" { type hint; };`)}, "open": {Data: []byte("{")}, "self": {Data: []byte("include self;")}}
		c, err := Parse(File{"fuzz", text}, func(name string) ([]File, error) {
			if !strings.Contains(strings.ToLower(text), "include") {
				t.Fatalf("%q is opened", name)
			}
			return FS(fs.FS(disk))(name)
		})
		if err != nil {
			return
		}
		for _, z := range c.Zones {
			if len(z.Primaries) > maxPrimaries || z.Class == "" || z.At.Line < 1 {
				t.Errorf("%+v", z)
			}
		}
	})
}

// FuzzStatements: what is read can be written, and reads the same.
func FuzzStatements(f *testing.F) {
	f.Add(`a "b\"c" { d; { e; }; }; # f`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Statements(text)
		if err != nil {
			return
		}
		again, err := Statements(Text(list))
		if err != nil || !reflect.DeepEqual(list, again) {
			t.Fatalf("%v\n%q\nis written\n%q", err, text, Text(list))
		}
		if len(list) == 1 {
			one, err := ParseStatement(text)
			if err == nil && !reflect.DeepEqual(one, list[0]) {
				t.Fatalf("%+v, alone %+v", list[0], one)
			}
		}
	})
}

// FuzzQuote: text that can be quoted is one word, wherever it stands.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"example.com", `a\"b`, `a"; stop`, `a\`, `\\"`, "x y;{}//#/*", "a\nb", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Quote(s)
		if err != nil {
			return
		}
		list, err := Statements("showzone " + q + " IN " + q + ";")
		if err != nil || len(list) != 1 || len(list[0].Words) != 4 || !list[0].Words[1].Quoted || list[0].Words[1] != list[0].Words[3] {
			t.Errorf("%q is quoted as %s and reads as %+v (%v)", s, q, list, err)
		}
	})
}
