package zone_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

func TestInternationalNames(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		text    string
		want    zone.Name
		unicode string
	}{
		"umlaut":                   {"bücher.example", "xn--bcher-kva.example.", "bücher.example."},
		"capital umlaut":           {"BÜCHER.Example", "xn--bcher-kva.Example.", "bücher.Example."},
		"decomposed umlaut":        {"bu\u0308cher.example", "xn--bcher-kva.example.", "bücher.example."},
		"sharp s stays":            {"straße.example", "xn--strae-oqa.example.", "straße.example."},
		"ideographic full stops":   {"例え。テスト．example｡com", "xn--r8jz45g.xn--zckzah.example.com.", "例え.テスト.example.com."},
		"full width letters":       {"ｅｘａｍｐｌｅ.com", "example.com.", "example.com."},
		"Hebrew":                   {"דוגמה.example", "xn--6dbbec0c.example.", "דוגמה.example."},
		"Arabic beside digits":     {"مثال123.example", "xn--123-nzet5me.example.", "مثال123.example."},
		"underscore label kept":    {"_dmarc.bücher.example", "_dmarc.xn--bcher-kva.example.", "_dmarc.bücher.example."},
		"wildcard kept":            {"*.bücher.example", "*.xn--bcher-kva.example.", "*.bücher.example."},
		"already an A-label":       {"XN--Bcher-kva.example", "XN--Bcher-kva.example.", "bücher.example."},
		"emoji":                    {"💩.example", "xn--ls8h.example.", "💩.example."},
		"no A-label in truth":      {"xn--a.example", "xn--a.example.", "xn--a.example."},
		"A-label of plain ASCII":   {"xn--abc-.example", "xn--abc-.example.", "xn--abc-.example."},
		"A-label not normal":       {"xn--Bcher-Kva.example", "xn--Bcher-Kva.example.", "bücher.example."},
		"right to left override":   {"xn--mocelpmaxe-726e", "xn--mocelpmaxe-726e.", "xn--mocelpmaxe-726e."},
		"zero width space":         {"xn--ab-g1t.example", "xn--ab-g1t.example.", "xn--ab-g1t.example."},
		"line separator":           {"xn--tda470n.example", "xn--tda470n.example.", "xn--tda470n.example."},
		"plain":                    {"www.example.com", "www.example.com.", "www.example.com."},
		"root":                     {".", ".", "."},
		"escapes in another label": {`a\.b.bücher.example`, `a\.b.xn--bcher-kva.example.`, `a\.b.bücher.example.`},
		"escaped dot in a label":   {`a\.b.xn--bcher-kva.example`, `a\.b.xn--bcher-kva.example.`, `a\.b.bücher.example.`},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			n, err := zone.ParseName(row.text)
			if err != nil || n != row.want {
				t.Fatalf("%q, %v; want %q", n, err, row.want)
			}
			if got := n.Unicode(); got != row.unicode {
				t.Errorf("for people %q, want %q", got, row.unicode)
			}
		})
	}
}

// Whatever people are shown leads back to the same name, and nothing in it
// moves the cursor or turns the direction of text.
func TestUnicodeLeadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		label := "xn--" + rapid.StringMatching(`[a-z0-9]{0,8}-?[a-z0-9]{1,8}`).Draw(t, "label")
		n, err := zone.ParseName(label + ".example")
		if err != nil {
			t.Fatal(err)
		}
		shown := n.Unicode()
		if back, err := zone.ParseName(shown); err != nil || !back.Equal(n) {
			t.Errorf("%s is shown as %q, which leads to %s, %v", n, shown, back, err)
		}
		if strings.ContainsAny(shown, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff") {
			t.Errorf("%s is shown as %q", n, shown)
		}
	})
}
