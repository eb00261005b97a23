package zone_test

import (
	"bytes"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

// zoneFiles draws zone files in every style that the DNS library reads too.
func zoneFiles() *rapid.Generator[string] {
	space := rapid.SampledFrom([]string{" ", "\t", "  \t "})
	newline := rapid.SampledFrom([]string{"\n", "\n", " ; comment ( \"\n", "\n\n; nothing\n", "\r\n"})
	var rows []string // type and data
	for mnemonic, texts := range everyType {
		switch mnemonic {
		case "NULL", "SOA", "X25", "GPOS", "NID", "L64": // no text, one a zone, or other spellings
			continue
		}
		for _, text := range texts {
			if text != "" {
				rows = append(rows, mnemonic+" "+text)
			}
		}
	}
	slices.Sort(rows)
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		b.WriteString("$TTL 1h\n")
		for i := range rapid.IntRange(1, 8).Draw(t, "records") {
			owner := rapid.SampledFrom([]string{"a", "B", "*.c", "@", "d.example.com.", `e\.f`, `g\032h`, "_x._tcp", ""}).Draw(t, "owner")
			if i == 0 && owner == "" {
				owner = "@"
			}
			parts := []string{owner}
			ttl := rapid.SampledFrom([]string{"", "60", "1m", "1H30M", "0"}).Draw(t, "ttl")
			class := rapid.SampledFrom([]string{"", "IN", "in"}).Draw(t, "class")
			if rapid.Bool().Draw(t, "class first") {
				ttl, class = class, ttl
			}
			for _, p := range []string{ttl, class} {
				if p != "" {
					parts = append(parts, p)
				}
			}
			row := rapid.SampledFrom(rows).Draw(t, "row")
			rrtype, text, _ := strings.Cut(row, " ")
			if rapid.Bool().Draw(t, "in parentheses") && !strings.Contains(text, `"`) {
				text = "( " + strings.ReplaceAll(text, " ", "\n\t") + newline.Draw(t, "newline") + ")"
			}
			for _, p := range append(parts, rrtype, text) {
				b.WriteString(p)
				b.WriteString(space.Draw(t, "space"))
			}
			b.WriteString(newline.Draw(t, "newline"))
		}
		return b.String()
	})
}

// The scanner and the reader of data understand what the DNS library does.
func TestZoneFilesAsTheLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := zoneFiles().Draw(t, "text")
		var want []zone.RRset
		zp := dns.NewZoneParser(strings.NewReader(text), "example.com.", "")
		for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
			name, rrtype, ttl, d, err := zone.FromRR(unescaped(rr))
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, zone.RRset{Name: name, Type: rrtype, TTL: ttl, Data: []zone.Rdata{d}})
		}
		if zp.Err() != nil {
			t.Skip("the library does not like blanks at the end of some types' data")
		}
		sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: "example.com."})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		got, err1 := zone.NewContents("example.com.", sets)
		all, err2 := zone.NewContents("example.com.", oneTTL(want))
		if err1 != nil || err2 != nil || !got.Equal(all) {
			t.Errorf("%s\nwas read as\n%s%v, by the library as\n%s%v", text, records(got), err1, records(all), err2)
		}
	})
}

// unescaped makes of a record that the library read from text what it would
// be if it came out of a message.
func unescaped(rr dns.RR) dns.RR {
	buf := make([]byte, 1<<16)
	end, err := dns.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		panic(err)
	}
	rr, _, err = dns.UnpackRR(buf[:end], 0)
	if err != nil {
		panic(err)
	}
	return rr
}

// oneTTL gives all records of a set one TTL, as Parse does.
func oneTTL(sets []zone.RRset) []zone.RRset {
	for i := range sets {
		for j := range sets {
			switch {
			case sets[i].Type != sets[j].Type || !sets[i].Name.Equal(sets[j].Name):
			case sets[i].Type == zone.TypeRRSIG:
				sets[i].TTL = max(sets[i].TTL, sets[j].TTL)
			default:
				sets[i].TTL = min(sets[i].TTL, sets[j].TTL)
			}
		}
	}
	return sets
}

// compiled has BIND read a zone file and write it out plainly.
func compiled(t testing.TB, text string) (zone.Contents, error) {
	t.Helper()
	var out, said bytes.Buffer
	// Names of hosts and other zones are not BIND's business here.
	cmd := exec.Command("named-compilezone", "-i", "none", "-k", "ignore", "-n", "ignore", "-r", "ignore",
		"-f", "text", "-F", "text", "-s", "full", "-o", "-", "example.com", "/dev/stdin")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), &out, &said
	if err := cmd.Run(); err != nil {
		t.Logf("named-compilezone: %v\n%s", err, said.String())
		return zone.Contents{}, err
	}
	return mustContents(t, out.String()), nil
}

// BIND reads the same in zone files as we do.
func TestZoneFilesAsBIND(t *testing.T) {
	t.Parallel()
	for situation, text := range map[string]string{
		"styles": apex + `
a 1w2d3h4m5s A 192.0.2.1
b IN 60 A 192.0.2.1
c 60 IN A 192.0.2.1
 TXT "a;b" "(c" "\"d\"" e\;f
( d
 ) MX ( 10
 mail ) ; comment )
$ORIGIN sub
@ NS ns.@
ns A 192.0.2.9
 AAAA ::ffff:192.0.2.9
a\.b\\.example.com. TXT "x"
`,
		"no $TTL": `@ SOA ns. h. 1 2 3 4 77
@ NS ns.
a A 192.0.2.1
b 5 A 192.0.2.1
c A 192.0.2.1
`,
		"TTL of the record before": `@ 9 SOA ns. h. 1 2 3 4 77
@ NS ns.
a A 192.0.2.1
b 5 A 192.0.2.1
c A 192.0.2.1
`,
		"$GENERATE": apex + `
$GENERATE 1-3 a$ A 192.0.2.$
$GENERATE 0-10/5 b${1} 60 IN A 192.0.2.$
$GENERATE 8-12 c${0,3,d} CNAME d${-8,2,x}
$GENERATE 9-11 e${0,4,X}f${0,0,o} TXT "\"no $$ ${0} \$\" x"
$GENERATE 1-2 h$ MX "0 ."
$GENERATE 0-1 ${0,3,n} PTR $.${0,1,N}
`,
		"types": apex + everyTypeForBIND(t),
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			want, err := compiled(t, text)
			if err != nil {
				t.Fatal("BIND refuses it")
			}
			if got := mustContents(t, text); !got.Equal(want) {
				t.Errorf("it was read as\n%sby BIND as\n%s", records(got), records(want))
			}
		})
	}
}

// everyTypeForBIND is a record of every type that BIND 9.18 knows, each at a name of its own.
func everyTypeForBIND(t *testing.T) string {
	var b strings.Builder
	for _, mnemonic := range slices.Sorted(maps.Keys(everyType)) {
		switch mnemonic {
		case "SOA", "DNAME", "NXT", "KEY", "SIG", "NULL", "MD", "MF":
			continue // special at any name, or obsolete
		case "APL", "DLV", "DNSKEY", "GID", "NSEC", "NSEC3", "RRSIG", "UID", "UINFO":
			continue // unknown to it, or not alone at a name
		}
		rrtype, err := zone.ParseType(mnemonic)
		if err != nil {
			t.Fatal(err)
		}
		d, err := zone.ParseRdata(rrtype, everyType[mnemonic][0], zone.Root)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(strings.ToLower(mnemonic) + " " + mnemonic + " " + d.Text(rrtype) + "\n")
	}
	return b.String()
}
