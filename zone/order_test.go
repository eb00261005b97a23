package zone_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

func TestCanonicalOrderOfTheRFC(t *testing.T) {
	t.Parallel()
	want := []zone.Name{ // RFC 4034 section 6.1
		"example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.", "z.example.",
		`\001.z.example.`, "*.z.example.", `\200.z.example.`,
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, zone.Name.Compare)
	if !slices.Equal(got, want) {
		t.Errorf("sorted\n%q\nwant\n%q", got, want)
	}
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b zone.Name) int { return strings.Compare(a.Key(), b.Key()) })
	if !slices.Equal(got, want) {
		t.Errorf("sorted by key\n%q\nwant\n%q", got, want)
	}
}

func TestKeysAreWritten(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		".":               "",
		"com":             "com\x00",
		"WWW.Example.com": "com\x00example\x00www\x00",
		`a\.b.example`:    "example\x00a.b\x00",
		`\000\001\002.a`:  "a\x00\x01\x01\x01\x02\x02\x00",
		`\065.a`:          "a\x00a\x00",
	} {
		n := mustName(t, name)
		if got := n.Key(); got != want {
			t.Errorf("the key of %s is %q, want %q", name, got, want)
		}
		if got := string(zone.AppendKey(nil, n.AppendWire(nil))); got != want {
			t.Errorf("the key of %s from the wire is %q, want %q", name, got, want)
		}
	}
}

// byLabels compares as RFC 4034 section 6.1 words it: label by label from the
// right, as octet strings in lower case, a missing label first.
func byLabels(a, b zone.Name) int {
	x, y := labelsOf(a), labelsOf(b)
	slices.Reverse(x)
	slices.Reverse(y)
	return slices.CompareFunc(x, y, cmp.Compare[string])
}

func labelsOf(n zone.Name) (labels []string) {
	for wire := n.AppendWire(nil); wire[0] != 0; wire = wire[wire[0]+1:] {
		label := []byte(string(wire[1 : 1+wire[0]]))
		for i, c := range label {
			if 'A' <= c && c <= 'Z' {
				label[i] = c + 'a' - 'A'
			}
		}
		labels = append(labels, string(label))
	}
	return labels
}

func TestOrderOfAnyNames(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := wireNames().Draw(t, "a"), wireNames().Draw(t, "b")
		want := byLabels(a, b)
		if got := a.Compare(b); got != want {
			t.Errorf("%s and %s compare as %d, want %d", a, b, got, want)
		}
		if got := strings.Compare(a.Key(), b.Key()); got != want {
			t.Errorf("the keys of %s and %s compare as %d, want %d", a, b, got, want)
		}
		if got := a.Equal(b); got != (want == 0) {
			t.Errorf("%s equals %s: %v", a, b, got)
		}
		below := len(labelsOf(a)) >= len(labelsOf(b)) && slices.Equal(labelsOf(a)[len(labelsOf(a))-len(labelsOf(b)):], labelsOf(b))
		if got := a.IsSubdomainOf(b); got != below || strings.HasPrefix(a.Key(), b.Key()) != below {
			t.Errorf("%s at or below %s: %v, want %v", a, b, got, below)
		}
		if got := a.Canonical(); !got.Equal(a) || got.Key() != a.Key() {
			t.Errorf("the canonical form of %s is %s", a, got)
		}
	})
}

// The DNS library reads and writes the same names.
func TestNamesAsTheLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := wireNames().Draw(t, "name")
		wire := n.AppendWire(nil)
		text, _, err := dns.UnpackDomainName(wire, 0)
		if err != nil || text != string(n) {
			t.Errorf("the library reads %q, %v of %s", text, err, n)
		}
		packed := make([]byte, 300)
		end, err := dns.PackDomainName(string(n), packed, 0, nil, false)
		if err != nil || string(packed[:end]) != string(wire) {
			t.Errorf("the library writes %q, %v of %s", packed[:end], err, n)
		}
	})
}
