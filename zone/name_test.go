package zone_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// long returns a name of n octets on the wire, of labels as long as may be.
func long(n int) string {
	var b strings.Builder
	for left := n - 1; left > 0; {
		label := min(63, left-1)
		if left-label-1 == 1 { // no room for another label
			label--
		}
		b.WriteString(strings.Repeat("a", label) + ".")
		left -= label + 1
	}
	return b.String()
}

func TestNamesThatAreRead(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		text string
		want zone.Name
		wire string
	}{
		"with final dot":                {"www.example.com.", "www.example.com.", "\x03www\x07example\x03com\x00"},
		"without final dot":             {"www.example.com", "www.example.com.", "\x03www\x07example\x03com\x00"},
		"case is kept":                  {"WWW.Example.COM", "WWW.Example.COM.", "\x03WWW\x07Example\x03COM\x00"},
		"root":                          {".", ".", "\x00"},
		"one label":                     {"com", "com.", "\x03com\x00"},
		"wildcard":                      {"*.example.com", "*.example.com.", "\x01*\x07example\x03com\x00"},
		"underscore labels":             {"_443._tcp.example.com", "_443._tcp.example.com.", "\x04_443\x04_tcp\x07example\x03com\x00"},
		"slash of RFC 2317":             {"0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa.", "\x040/25\x012\x010\x03192\x07in-addr\x04arpa\x00"},
		"hyphens and digits":            {"-1-.3-.example", "-1-.3-.example.", "\x03-1-\x023-\x07example\x00"},
		"escaped dot":                   {`first\.last.example.com.`, `first\.last.example.com.`, "\x0afirst.last\x07example\x03com\x00"},
		"escaped dot at the end":        {`a\.`, `a\..`, "\x02a.\x00"},
		"escaped backslash at the end":  {`a\\.`, `a\\.`, "\x02a\\\x00"},
		"escape that is not needed":     {`\w\w\w.example`, "www.example.", "\x03www\x07example\x00"},
		"decimal escape not needed":     {`\119\119\119.example`, "www.example.", "\x03www\x07example\x00"},
		"decimal escape":                {`a\000b\255.example`, `a\000b\255.example.`, "\x04a\x00b\xff\x07example\x00"},
		"escaped space":                 {`a\ b.example`, `a\ b.example.`, "\x03a b\x07example\x00"},
		"plain space":                   {`a b.example`, `a\ b.example.`, "\x03a b\x07example\x00"},
		"at sign":                       {`\@.example`, `\@.example.`, "\x01@\x07example\x00"},
		"dollar":                        {`$ttl.example`, `$ttl.example.`, "\x04$ttl\x07example\x00"},
		"shell in a name":               {`"; rm -rf /.example`, `\"\;\ rm\ -rf\ /.example.`, "\x0b\"; rm -rf /\x07example\x00"},
		"line break":                    {"a\nb.example", `a\010b.example.`, "\x03a\nb\x07example\x00"},
		"label of 63 octets":            {strings.Repeat("a", 63) + ".example", zone.Name(strings.Repeat("a", 63) + ".example."), "\x3f" + strings.Repeat("a", 63) + "\x07example\x00"},
		"label of 63 octets in escapes": {strings.Repeat(`\097`, 63), zone.Name(strings.Repeat("a", 63) + "."), "\x3f" + strings.Repeat("a", 63) + "\x00"},
		"upward path, escaped":          {`\.\./etc.example`, `\.\./etc.example.`, "\x06../etc\x07example\x00"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			n, err := zone.ParseName(row.text)
			if err != nil || n != row.want {
				t.Fatalf("%q, %v; want %q", n, err, row.want)
			}
			if wire := string(n.AppendWire(nil)); wire != row.wire {
				t.Errorf("on the wire %q, want %q", wire, row.wire)
			}
			if back, err := zone.NameFromWire([]byte(row.wire)); back != n || err != nil {
				t.Errorf("from the wire %q, %v", back, err)
			}
			if again, err := zone.ParseName(string(n)); again != n || err != nil {
				t.Errorf("read again %q, %v", again, err)
			}
		})
	}
}

func TestLongestNames(t *testing.T) {
	t.Parallel()
	for n := 3; n < 300; n++ {
		text := long(n)
		name, err := zone.ParseName(text)
		if n <= 255 != (err == nil) {
			t.Fatalf("%d octets: %v", n, err)
		}
		if err == nil && len(name.AppendWire(nil)) != n {
			t.Fatalf("%d octets became %d", n, len(name.AppendWire(nil)))
		}
		// The same name with an escape takes the other way through the code.
		escaped, err2 := zone.ParseName(`\097` + text[1:])
		if (err == nil) != (err2 == nil) || name != escaped {
			t.Fatalf("%d octets: %q, %v; with an escape %q, %v", n, name, err, escaped, err2)
		}
	}
}

func TestNamesThatAreRefused(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct{ text, why string }{
		"empty":                              {"", "empty"},
		"two dots":                           {"a..example", "empty label"},
		"dot in front":                       {".example", "empty label"},
		"two dots at the end":                {"example..", "empty label"},
		"only dots":                          {"...", "empty label"},
		"upward path":                        {"../../etc/passwd", "empty label"},
		"label of 64 octets":                 {strings.Repeat("a", 64) + ".example", "64 octets, 63 are allowed"},
		"label of 64 in escapes":             {strings.Repeat(`\097`, 64), "64 octets, 63 are allowed"},
		"256 octets":                         {long(256), "longer than 255 octets"},
		"a megabyte":                         {strings.Repeat("a.", 1<<19), "longer than 255 octets"},
		"backslash at the end":               {`example\`, "malformed escape"},
		"escape beyond an octet":             {`\256.example`, "malformed escape"},
		"escape with two digits":             {`\25.example`, "malformed escape"},
		"escape cut short":                   {`a.\0`, "malformed escape"},
		"not UTF-8":                          {"b\xfccher.example", "neither ASCII nor UTF-8"},
		"escape beside Unicode":              {`bücher\.example`, "no internationalized domain label"},
		"right to left override":             {"moc.\u202eelpmaxe", "no internationalized domain label"},
		"zero width":                         {"exam\u200bple\u200d.com", "no internationalized domain label"},
		"Unicode with a space":               {"bü cher.example", "no internationalized domain label"},
		"Unicode of two scripts' directions": {"aא.example", "no internationalized domain label"},
		"U-label too long":                   {strings.Repeat("ü", 63) + ".example", "63 are allowed"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			n, err := zone.ParseName(row.text)
			if !errors.Is(err, zone.ErrName) || !strings.Contains(err.Error(), row.why) {
				t.Errorf("%q, %v; want a refusal with %q", n, err, row.why)
			}
			if err != nil && len(err.Error()) > 3000 {
				t.Errorf("the refusal is %d octets long", len(err.Error()))
			}
		})
	}
}

func TestWireNamesThatAreRefused(t *testing.T) {
	t.Parallel()
	for situation, wire := range map[string]string{
		"empty":                          "",
		"no root label":                  "\x03www",
		"label cut short":                "\x05www\x00",
		"octets after it":                "\x03www\x00\x00",
		"compression pointer":            "\x03www\xc0\x00",
		"pointer to the name's inside":   "\x01\x00\xc0\x01",
		"label of 64 octets":             "\x40" + strings.Repeat("a", 64) + "\x00",
		"256 octets":                     strings.Repeat("\x3f"+strings.Repeat("a", 63), 3) + "\x3e" + strings.Repeat("a", 62) + "\x00",
		"256 octets of 128 short labels": strings.Repeat("\x01a", 127) + "\x01a\x00",
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			n, err := zone.NameFromWire([]byte(wire))
			if !errors.Is(err, zone.ErrName) {
				t.Errorf("%q, %v", n, err)
			}
		})
	}
}

func TestLabelsAndParents(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		".":                     nil,
		"com.":                  {"com"},
		"www.example.com.":      {"www", "example", "com"},
		`a\.b.c\\.example.`:     {`a\.b`, `c\\`, "example"},
		`\000\255.*.example.`:   {`\000\255`, "*", "example"},
		`first\.last.a.example`: {`first\.last`, "a", "example"},
	} {
		n := mustName(t, name)
		if got := n.Labels(); !slices.Equal(got, want) {
			t.Errorf("%s has the labels %q, want %q", n, got, want)
		}
		for at := n; len(want) > 0; want = want[1:] {
			at = at.Parent()
			if parent := strings.Join(want[1:], ".") + "."; string(at) != parent {
				t.Errorf("an ancestor of %s is %s, want %s", n, at, parent)
			}
		}
	}
	if zone.Root.Parent() != zone.Root {
		t.Error("the root is not its own parent")
	}
}

func TestNamesBelowOthers(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, parent string
		want         bool
	}{
		{"www.example.com", "example.com", true},
		{"example.com", "example.com", true},
		{"WWW.EXAMPLE.com", "example.COM", true},
		{"example.com", ".", true},
		{".", ".", true},
		{".", "com", false},
		{"com", "example.com", false},
		{"badexample.com", "example.com", false},
		{`bad\.example.com`, "example.com", false},
		{`a.b\.example.com`, "example.com", false},
		{`a.b\.example.com`, `b\.example.com`, true},
		{"example.com.example", "example.com", false},
	} {
		if got := mustName(t, row.name).IsSubdomainOf(mustName(t, row.parent)); got != row.want {
			t.Errorf("%s at or below %s: %v", row.name, row.parent, got)
		}
	}
}

func TestInvalidNamesPanic(t *testing.T) {
	t.Parallel()
	for _, n := range []zone.Name{"a..", `a\`, zone.Name(strings.Repeat("a", 64) + ".")} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q went onto the wire", n)
				}
			}()
			n.AppendWire(nil)
		}()
	}
}
