package zone_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// typical is what a panel makes for one customer: 12 records.
const typical = `$ORIGIN example.com.
$TTL 3600
@	IN	SOA	ns1.example.net. hostmaster.example.com. 2026110101 10800 3600 604800 3600
@	IN	NS	ns1.example.net.
@	IN	NS	ns2.example.net.
@	IN	A	192.0.2.10
@	IN	AAAA	2001:db8::10
@	IN	MX	10 mail.example.com.
@	IN	TXT	"v=spf1 mx a -all"
www	IN	CNAME	example.com.
mail	IN	A	192.0.2.25
mail	IN	AAAA	2001:db8::25
_dmarc	IN	TXT	"v=DMARC1; p=quarantine; rua=mailto:postmaster@example.com"
_imaps._tcp	IN	SRV	0 1 993 mail.example.com.
`

// million is a zone file of a million records. It is made once, and never changed.
var million = sync.OnceValue(func() string {
	var b strings.Builder
	b.WriteString("$ORIGIN example.com.\n$TTL 300\n@ SOA ns1.example.net. host.example.net. 1 7200 3600 1209600 300\n@ NS ns1.example.net.\n")
	for i := range 1_000_000 - 2 {
		fmt.Fprintf(&b, "host%d\tA\t192.0.%d.%d\n", i, i>>8&255, i&255)
	}
	return b.String()
})

var millionContents = sync.OnceValue(func() zone.Contents {
	c, err := zone.NewContents("example.com.", parsed(million()))
	if err != nil {
		panic(err)
	}
	return c
})

func parsed(text string) []zone.RRset {
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: "example.com."})
	if err != nil {
		panic(err)
	}
	return sets
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct {
		name    string
		text    func() string
		records float64
	}{
		{"typical", func() string { return typical }, 12},
		{"million", million, 1e6},
	} {
		perRecord := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/c.records, "ns/record")
		}
		b.Run(c.name, func(b *testing.B) {
			text := c.text()
			b.ReportAllocs()
			for b.Loop() {
				parsed(text)
			}
			perRecord(b)
		})
		b.Run(c.name+"-library", func(b *testing.B) { // the DNS library's own parser, for comparison
			text := c.text()
			b.ReportAllocs()
			for b.Loop() {
				zp := dns.NewZoneParser(strings.NewReader(text), "", "")
				var sets []zone.RRset
				for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
					name, t, ttl, d, err := zone.FromRR(rr)
					if err != nil {
						b.Fatal(err)
					}
					sets = append(sets, zone.RRset{Name: name, Type: t, TTL: ttl, Data: []zone.Rdata{d}})
				}
				if zp.Err() != nil || float64(len(sets)) != c.records {
					b.Fatal(len(sets), zp.Err())
				}
			}
			perRecord(b)
		})
	}
}

func BenchmarkNewContents(b *testing.B) {
	for name, text := range map[string]func() string{"typical": func() string { return typical }, "million": million} {
		b.Run(name, func(b *testing.B) {
			sets := parsed(text())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := zone.NewContents("example.com.", sets); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// One change in a zone of a million records must cost what it costs in a small one.
func BenchmarkApply(b *testing.B) {
	for name, c := range map[string]func() zone.Contents{
		"typical": func() zone.Contents { c, _ := zone.NewContents("example.com.", parsed(typical)); return c },
		"million": millionContents,
	} {
		b.Run(name, func(b *testing.B) {
			contents := c()
			set := zone.RRset{Name: "host500000x.example.com.", Type: zone.TypeA, TTL: 300, Data: []zone.Rdata{"\xc0\x00\x02\x01"}}
			there := zone.Delta{Add: []zone.RRset{set}}
			b.ReportAllocs()
			for b.Loop() {
				changed, err := contents.Apply(there)
				if err != nil {
					b.Fatal(err)
				}
				if d := zone.Diff(contents, changed); len(d.Add) != 1 {
					b.Fatal(d)
				}
			}
		})
	}
}

func BenchmarkDigest(b *testing.B) {
	for name, c := range map[string]func() zone.Contents{
		"typical": func() zone.Contents { c, _ := zone.NewContents("example.com.", parsed(typical)); return c },
		"million": millionContents,
	} {
		b.Run(name, func(b *testing.B) {
			contents := c()
			b.ReportAllocs()
			for b.Loop() {
				contents.Digest()
			}
		})
	}
}

func BenchmarkPrint(b *testing.B) {
	contents := millionContents()
	b.ReportAllocs()
	for b.Loop() {
		if err := zone.Print(io.Discard, contents, zone.PrintOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	contents := millionContents()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := zone.Validate(contents, zone.Strict); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	stored := zone.EncodeRRsets(nil, parsed(typical))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := zone.DecodeRRsets(stored); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadMany measures a zone of a dozen records, from its text to contents
// that are checked, as who reads many does it.
func BenchmarkReadMany(b *testing.B) {
	var t zone.Tools
	in := new(bytes.Buffer)
	b.ReportAllocs()
	for b.Loop() {
		*in = *bytes.NewBufferString(typical)
		sets, _, err := t.Parse(in, zone.Options{Origin: "example.com."})
		if err != nil {
			b.Fatal(err)
		}
		c, err := t.NewContents("example.com.", sets)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := t.Validate(c, zone.Tolerant); err != nil {
			b.Fatal(err)
		}
	}
}
