package zone_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// whmText is a zone file as WHM writes them, with what people do to it.
const whmText = `; cPanel first:11.138.0.6 (update_time):1767225600 latest:11.138.0.6
$TTL 14400
@	86400	IN	SOA	ns1.example.net. hostmaster.example.net. (
		2026010101	; serial
		1h 1800
		1209600 86400 )

@ IN NS ns1.example.net.
  IN NS ns2.example.net.
www 300 IN A 192.0.2.10 ; the web server
	TXT "v=spf1 ; all" plain
$ORIGIN sub.example.com.
mail A 192.0.2.25
$GENERATE 1-3 host$ A 192.0.2.$
 AAAA 2001:db8::3
other.example.com. CAA 0 issue "ca.example.net"
`

func TestLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"a zone file of WHM": {whmText, `
1+1 comment
2+1 control
3+4 record example.com.=example.com. 86400 SOA [ns1.example.net.|hostmaster.example.net.|2026010101|3600|1800|1209600|86400]
7+1 blank
8+1 record example.com.=example.com. 14400 NS [ns1.example.net.]
9+1 record example.com.=example.com. 14400 NS [ns2.example.net.]
10+1 record www=www.example.com. 300 A [192.0.2.10]
11+1 record www=www.example.com. 14400 TXT [v=spf1 ; all|plain]
12+1 control
13+1 record mail.sub=mail.sub.example.com. 14400 A [192.0.2.25]
14+1 control
15+1 record host3.sub=host3.sub.example.com. 14400 AAAA [2001:db8::3]
16+1 record other.example.com.=other.example.com. 14400 CAA [0|issue|ca.example.net]`},
		"line ends of DOS, and none at the end": {"; one\r\n\r\nwww 60 IN A 192.0.2.1", `
1+1 comment
2+1 blank
3+1 record www=www.example.com. 60 A [192.0.2.1]`},
		"parentheses around nothing are a comment": {"(\n)\nwww 60 IN A 192.0.2.1\n", `
1+1 comment
2+1 comment
3+1 record www=www.example.com. 60 A [192.0.2.1]`},
		"empty lines at the end are lines": {"www 60 IN A 192.0.2.1\n\n; end\n\n", `
1+1 record www=www.example.com. 60 A [192.0.2.1]
2+1 blank
3+1 comment
4+1 blank`},
		"nothing": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, err := zone.Lines(c.text, "example.com.")
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, l := range lines {
				fmt.Fprintf(&b, "\n%d+%d %s", l.Number, l.Lines, l.Kind)
				if l.Kind == zone.LineRecord {
					fmt.Fprintf(&b, " %s=%s %d %s [%s]", l.Owner, l.Name, l.TTL, l.Type, strings.Join(l.Data.Fields(l.Type), "|"))
				}
			}
			if b.String() != c.want {
				t.Errorf("%s\nwant\n%s", b.String(), c.want)
			}
		})
	}
}

func TestLinesOfWhatIsNoZoneFile(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"line 2: class CH is not served, only IN":                              "; a zone\nwww CH A 192.0.2.1\n",
		"line 1: the first record must begin with its owner name":              "  A 192.0.2.1\n",
		"line 3: a parenthesis that was opened is never closed":                "\n\n@ SOA ( a b\n 1 2 3 4 5\n",
		"line 1: $INCLUDE is refused: put the contents of the other file here": "$INCLUDE /etc/passwd\n",
		`line 1: bad record data of A: "192.0.2" is not an IPv4 address`:       "www A 192.0.2\n",
	} {
		lines, err := zone.Lines(text, "example.com.")
		if err == nil || err.Error() != want || lines != nil {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// What a record says comes back from its fields.
func TestFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		t, data string
		want    []string
	}{
		{"TXT", `"say \"hello\"" "\009;" x`, []string{`say "hello"`, "\t;", "x"}},
		{"TXT", `"\\#" "1" "00"`, []string{`\#`, "1", "00"}},
		{"TXT", `""`, []string{""}},
		{"MX", `10 mail`, []string{"10", "mail.example.com."}},
		{"CAA", `128 issue "ca.example.net; policy=ev"`, []string{"128", "issue", "ca.example.net; policy=ev"}},
		{"NAPTR", `100 10 "u" "E2U+sip" "!^.*$!sip:a@b!" .`, []string{"100", "10", "u", "E2U+sip", "!^.*$!sip:a@b!", "."}},
		{"SVCB", `1 . alpn="h2,h3" port="8443"`, []string{"1", ".", `alpn="h2,h3"`, `port="8443"`}},
		{"TYPE65280", `\# 2 0001`, []string{`\#`, "2", "0001"}},
	} {
		typ, err := zone.ParseType(c.t)
		if err != nil {
			t.Fatal(err)
		}
		data, err := zone.ParseRdata(typ, c.data, "example.com.")
		if err != nil {
			t.Fatal(err)
		}
		if got := data.Fields(typ); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.t, c.data, got, c.want)
		}
		if back, err := zone.RdataOfFields(typ, c.want, "example.com."); err != nil || back != data {
			t.Errorf("%s %q: %q, %v", c.t, c.want, back.Text(typ), err)
		}
	}
	for _, bad := range [][]string{{}, {""}, {"10"}, {"10", "mail", "more"}, {"10", "a..b"}, {"10", "mail\n\nwww"}, {"10 mail"}} {
		if d, err := zone.RdataOfFields(zone.TypeMX, bad, "example.com."); !errors.Is(err, zone.ErrRdata) {
			t.Errorf("MX %q: %q, %v", bad, d.Text(zone.TypeMX), err)
		}
	}
}

// FuzzLines: a text that is a zone file has lines, each in its place, and what
// they say is what Parse reads.
func FuzzLines(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		o := zone.Options{Origin: "example.com.", MaxRecords: 1000}
		sets, _, err := zone.Parse(strings.NewReader(text), o)
		lines, lineErr := zone.Lines(text, o.Origin)
		if err != nil {
			return
		}
		if lineErr != nil {
			t.Fatalf("a zone file without lines: %v", lineErr)
		}
		at, rows := 1, 0
		var records []zone.RRset
		generates := false
		for _, l := range lines {
			if l.Number != at || l.Lines < 1 {
				t.Fatalf("line %d+%d stands at %d", l.Number, l.Lines, at)
			}
			at, rows = at+l.Lines, rows+l.Lines
			generates = generates || l.Kind == zone.LineControl && strings.Contains(strings.ToUpper(l.Text), "$GENERATE")
			if l.Kind != zone.LineRecord {
				continue
			}
			records = append(records, zone.RRset{Name: l.Name, Type: l.Type, TTL: l.TTL, Data: []zone.Rdata{l.Data}})
			back, err := zone.RdataOfFields(l.Type, l.Data.Fields(l.Type), o.Origin)
			if err != nil || back != l.Data {
				t.Errorf("%s %s became %s, %v", l.Type, l.Data.Text(l.Type), back.Text(l.Type), err)
			}
			name := zone.Name(l.Owner)
			if !strings.HasSuffix(l.Owner, ".") {
				if name, err = zone.ParseName(l.Owner + "." + string(o.Origin)); err != nil {
					t.Errorf("owner %q: %v", l.Owner, err)
				}
			}
			if name != l.Name && !name.Equal(l.Name) {
				t.Errorf("owner %q of %s", l.Owner, l.Name)
			}
		}
		if want := strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1; text != "" && rows != want {
			t.Errorf("%d rows of %d", rows, want)
		}
		if generates {
			return
		}
		for i := range sets {
			sets[i].TTL = 0 // of a set whose records differ in it one is taken
		}
		for i := range records {
			records[i].TTL = 0
		}
		want, err := zone.NewContents(zone.Root, sets)
		if err != nil {
			return
		}
		if got, err := zone.NewContents(zone.Root, records); err != nil || !got.Equal(want) {
			t.Errorf("the lines say something else: %v", err)
		}
	})
}
