package template

import (
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// FuzzTemplate makes zones of any text, with any value in it. Lines stay where
// they are, no line comes of a value, and what Check takes makes a zone.
func FuzzTemplate(f *testing.F) {
	for _, name := range Builtins() {
		text, _ := Builtin(name)
		f.Add(text, "maildomain", "mail.example.net")
	}
	f.Fuzz(func(t *testing.T, text, variable, value string) {
		values, err := Values{variable: value}.Read()
		if err != nil {
			values = nil
		}
		oneRecord(t, values[variable])
		expanded, left, err := Expand(text, samples(text)[1].values.and(variable, values[variable]))
		if err == nil && strings.Count(expanded, "\n") != strings.Count(text, "\n") {
			t.Errorf("%q became %q", text, expanded)
		}
		lines := strings.Split(expanded, "\n")
		for _, p := range left {
			if lines[p.Line-1] != "" {
				t.Errorf("line %d is %q, and was left out", p.Line, lines[p.Line-1])
			}
		}
		if warnings, err := Check(text); err == nil {
			for _, s := range samples(text) {
				c, _, err := Zone(text, "example.com.", s.values)
				if _, records := c.Len(); err != nil || records < 2 {
					t.Errorf("%d records, %v", records, found(err))
				}
			}
			if slices.ContainsFunc(warnings, func(p zone.Problem) bool { return !p.Warning }) {
				t.Errorf("no warning is among %v", warnings)
			}
		}
	})
}

// oneRecord fails if a value is more than a part of a word or of a text.
func oneRecord(t *testing.T, value string) {
	t.Helper()
	if value == "" {
		return
	}
	text := "$TTL 60\na TXT \"" + value + "\"\nb TXT " + value + "\n"
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: "example.com."})
	if err != nil || len(sets) != 2 || len(sets[0].Data) != 1 || sets[0].Data[0] != sets[1].Data[0] {
		t.Errorf("%q: %v, %v", text, sets, err)
	}
}
