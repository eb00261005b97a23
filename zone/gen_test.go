package zone_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

// wireNames draws names of any octets; short ones, so that they often meet.
func wireNames() *rapid.Generator[zone.Name] {
	octet := rapid.OneOf(rapid.SampledFrom([]byte("abAB.-*\\\x00\x01\x02\xff")), rapid.Byte())
	label := rapid.SliceOfN(octet, 1, 5)
	return rapid.Custom(func(t *rapid.T) zone.Name {
		var wire []byte
		for _, l := range rapid.SliceOfN(label, 0, 4).Draw(t, "labels") {
			wire = append(append(wire, byte(len(l))), l...)
		}
		n, err := zone.NameFromWire(append(wire, 0))
		if err != nil {
			t.Fatal(err)
		}
		return n
	})
}

// owners draws a few owner names in example.com., in either case.
func owners() *rapid.Generator[zone.Name] {
	return rapid.Custom(func(t *rapid.T) zone.Name {
		labels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "A", "*", "_x", `\000`, "z9"}), 0, 3).Draw(t, "labels")
		return zone.Name(strings.Join(append(labels, "example.com."), "."))
	})
}

// sets draws RRsets of some types with a few records each; none has a SOA.
func sets() *rapid.Generator[zone.RRset] {
	return rapid.Custom(func(t *rapid.T) zone.RRset {
		s := zone.RRset{
			Name: owners().Draw(t, "name"),
			Type: rapid.SampledFrom([]zone.Type{zone.TypeA, zone.TypeTXT, zone.TypeMX, zone.TypeNS, 65280}).Draw(t, "type"),
			TTL:  rapid.SampledFrom([]uint32{0, 300, 3600}).Draw(t, "ttl"),
		}
		for range rapid.IntRange(1, 4).Draw(t, "records") {
			s.Data = append(s.Data, data(t, s.Type))
		}
		return s
	})
}

// data draws one of a few possible records of a type.
func data(t *rapid.T, rrtype zone.Type) zone.Rdata {
	n := rapid.IntRange(0, 5).Draw(t, "n")
	switch rrtype {
	case zone.TypeA:
		return zone.Rdata([]byte{192, 0, 2, byte(n)})
	case zone.TypeTXT:
		return zone.Rdata([]byte{1, byte(n)})
	case zone.TypeMX:
		host := rapid.SampledFrom([]zone.Name{"mail.example.", "MAIL.Example.", "mx.example."}).Draw(t, "host")
		return zone.Rdata(host.AppendWire([]byte{0, byte(n)}))
	case zone.TypeNS:
		host := rapid.SampledFrom([]string{"ns%d.example.", "NS%d.example."}).Draw(t, "host")
		return zone.Rdata(zone.Name(fmt.Sprintf(host, n)).AppendWire(nil))
	}
	return zone.Rdata(strings.Repeat("x", n))
}

func soaSet(serial uint32) zone.RRset {
	soa := zone.SOA{MName: "ns1.example.net.", RName: "h.example.", Serial: serial, Refresh: 1, Retry: 2, Expire: 3, Minimum: 4}
	return zone.RRset{Name: "example.com.", Type: zone.TypeSOA, TTL: 60, Data: []zone.Rdata{soa.Rdata()}}
}

// contents draws whole contents, nearly always with a SOA.
func contents() *rapid.Generator[zone.Contents] {
	return rapid.Custom(func(t *rapid.T) zone.Contents {
		all := rapid.SliceOfN(sets(), 0, 12).Draw(t, "sets")
		if serial := rapid.Uint32Max(9).Draw(t, "serial"); serial > 0 {
			all = append(all, soaSet(serial))
		}
		c, err := zone.NewContents("example.com.", all)
		if err != nil {
			t.Fatal(err)
		}
		return c
	})
}
