package dnsadmin

import (
	"bytes"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestSplitZones(t *testing.T) {
	t.Parallel()
	for value, want := range map[string][]string{
		"":                               nil,
		",|, ":                           nil,
		"a.example,b.example":            {"a.example", "b.example"},
		"a.example|b.example":            {"a.example", "b.example"},
		" a.example , b.example.\r\n":    {"a.example", "b.example"},
		"a.example.db,x.db,a.x.db":       {"a.example", "x.db", "a.x"},
		".":                              {"."},
		`a.x\.db,a\.`:                    {`a.x\.db`, `a\.`},
		`a\044b.example,c.example.\100b`: {`a\044b.example`, `c.example.\100b`},
	} {
		if got := SplitZones(value); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", value, got, want)
		}
	}
}

// However a zone is called, a list of two is read as those two.
func TestWireZone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.example":     "a.example",
		".":             ".",
		"a,b|c.example": `a\044b\124c.example`,
		`a\,b.example`:  `a\044b.example`,
		`a\\,b.example`: `a\\\044b.example`,
		`a\|b.example`:  `a\124b.example`,
		`a\ b.example`:  `a\032b.example`,
		"a.example.db":  `a.example.\100b`,
		"x.DB":          `x.\100b`,
		`a.x\.db`:       `a.x\.\100b`,
		"db":            "db",
	} {
		got := WireZone(name)
		if got != want {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
		if list := SplitZones(got + "," + got + "|" + got); !slices.Equal(list, []string{want, want, want}) {
			t.Errorf("%s in a list: %q", name, list)
		}
	}
}

func TestZoneKey(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"cpdnszone-a.example":    "a.example",
		"cpdnszone-a.example.db": "a.example",
		"cpdnszone-":             "",
		"cpdnskey-a.example":     "",
		"dnsuniqid":              "",
		"a.example":              "",
	} {
		if got, ok := ZoneKey(key); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %v", key, got, ok)
		}
	}
	if got, ok := DNSKeyKey("cpdnskey-a.example"); !ok || got != "a.example" {
		t.Errorf("%q, %v", got, ok)
	}
}

// What is written is read as it was.
func TestZoneWriter(t *testing.T) {
	t.Parallel()
	var all [256]byte
	for i := range all {
		all[i] = byte(i)
	}
	zones := [][2]string{{"a.example", string(all[:])}, {".", ""}, {`a\032b%26&=.example`, "x\n"}}
	var b bytes.Buffer
	w := NewZoneWriter(&b)
	for _, z := range zones {
		if err := w.Write(z[0], []byte(z[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	f := NewForm(&b, Large)
	for _, want := range zones {
		key, text, err := f.Next()
		if name, is := ZoneKey(key); err != nil || !is || name != want[0] || string(text) != want[1] {
			t.Errorf("%q %q, %v", key, text, err)
		}
	}
	if _, _, err := f.Next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	answer := "2 zones saved\n" + Refused("a.example", "line 3: \n no address") + Deleted("b.example", "ns1.example.net") + "c.example => refused: \r\nd.example => saved\n"
	want := []Outcome{{Zone: "a.example", Refused: true, Reason: "line 3: no address"}, {Zone: "b.example", Deleted: true}, {Zone: "c.example", Refused: true}}
	if got := slices.Collect(Outcomes(answer)); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestParseIP(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "192.0.2.1:255.255.255.0:192.0.2.255": "192.0.2.1",
		"2001:db8::1": "2001:db8::1", "": "", "ns1.example": "", "1:2:3": "",
	} {
		a, ok := ParseIP(line)
		if ok != (want != "") || ok && a != netip.MustParseAddr(want) {
			t.Errorf("%s: %v, %v", line, a, ok)
		}
	}
}

// Answers of a strange server end, and nothing of them that can be no zone is one.
func FuzzAnswer(f *testing.F) {
	f.Add("a.example => refused: no\n", "192.0.2.1:1:2", "11.138.0.6", "a.example.db,b|c")
	f.Fuzz(func(t *testing.T, answer, ip, version, list string) {
		for o := range Outcomes(answer) {
			if strings.Contains(o.Zone, "\n") || o.Deleted == o.Refused {
				t.Errorf("%q says %+v", answer, o)
			}
		}
		if a, ok := ParseIP(ip); ok != a.IsValid() {
			t.Errorf("%q: %v, %v", ip, a, ok)
		}
		if v, ok := ParseVersion(version); ok {
			if again, ok := ParseVersion(v.String()); !ok || again != v {
				t.Errorf("%q is %v, and that is %v", version, v, again)
			}
		}
		for _, zone := range SplitZones(list) {
			if zone == "" || strings.ContainsAny(zone, ",|") {
				t.Errorf("%q has a zone %q", list, zone)
			}
		}
	})
}
