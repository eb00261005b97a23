package zone_test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// What is read of a message is what the DNS library reads of it, of every type,
// and with names compressed.
func TestRecordsOfMessagesAsTheLibrary(t *testing.T) {
	t.Parallel()
	for mnemonic, texts := range everyType {
		for _, text := range texts {
			rr, err := dns.NewRR("www.example.com. 300 IN " + mnemonic + " " + text)
			if err != nil || rr == nil {
				continue // the library reads no such text, and knows the type on the wire alone
			}
			m := &dns.Msg{Compress: true, Answer: []dns.RR{rr, dns.Copy(rr)}}
			m.SetQuestion("example.com.", dns.TypeAXFR)
			wire, err := m.Pack()
			if err != nil {
				t.Errorf("%s %s: %v", mnemonic, text, err)
				continue
			}
			sameRecords(t, wire, 12+13+4, 2)
		}
	}
}

// sameRecords reads records of a message in both ways.
func sameRecords(t *testing.T, wire []byte, off, count int) {
	t.Helper()
	r := zone.Records{Message: wire}
	for range count {
		rr, want, err := dns.UnpackRR(wire, off)
		if err != nil {
			t.Fatal(err)
		}
		name, rrtype, ttl, data, err := zone.FromRR(rr)
		if err != nil {
			t.Fatalf("%s: %v", rr, err)
		}
		got, end, err := r.Next(off)
		if err != nil || end != want || got != (zone.Record{Name: name, Type: rrtype, Class: dns.ClassINET, TTL: ttl, Data: data}) {
			t.Errorf("%s: %+v, %d, %v; want data %x, %d", rr, got, end, err, data, want)
		}
		off = want
	}
}

func TestMalformedRecordsOfMessages(t *testing.T) {
	t.Parallel()
	const head = "\x00\x01\x00\x01\x00\x00\x00\x3c" // A IN 60
	for what, row := range map[string]struct{ wire, says string }{
		"nothing":                             {"", "no name"},
		"a name that does not end":            {"\x03www", "no name"},
		"a label of 64 octets":                {"\x40" + strings.Repeat("a", 64) + "\x00" + head + "\x00\x04abcd", "no name"},
		"a label of another kind":             {"\x80\x00" + head + "\x00\x04abcd", "no name"},
		"a pointer to itself":                 {"\xc0\x00" + head + "\x00\x04abcd", "no name"},
		"a pointer forward":                   {"\xc0\x02\x00" + head + "\x00\x04abcd", "no name"},
		"half a pointer":                      {"\xc0", "no name"},
		"a name of 256 octets":                {strings.Repeat("\x3f"+strings.Repeat("a", 63), 4) + "\x00" + head + "\x00\x04abcd", "no name"},
		"no head":                             {"\x00" + head + "\x00", "no name"},
		"data cut short":                      {"\x00" + head + "\x00\x04abc", "cut short"},
		"no data":                             {"\x00" + head + "\x00\x00", "has no data"},
		"an address of five octets":           {"\x00" + head + "\x00\x05abcde", "5 octets"},
		"a target that is followed by more":   {"\x00\x00\x02\x00\x01\x00\x00\x00\x3c\x00\x03\x00ab", "3 octets"},
		"a target that does not end":          {"\x00\x00\x02\x00\x01\x00\x00\x00\x3c\x00\x02\x01a\x00", "2 octets"},
		"a target whose pointer is cut short": {"\x00\x00\x02\x00\x01\x00\x00\x00\x3c\x00\x01\xc0\x00", "1 octets"},
		"data of a rare type, too long":       {"\x00\x00\x6c\x00\x01\x00\x00\x00\x3c\x00\x07abcdefg", ""}, // EUI48
		"data of a rare type, cut short":      {"\x00\x00\x6c\x00\x01\x00\x00\x00\x3c\x00\x05abcde", ""},
	} {
		r := zone.Records{Message: []byte(row.wire)}
		if rec, _, err := r.Next(0); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %+v, %v", what, rec, err)
		}
	}
}

// FuzzRecords reads whatever a message may hold. What is read is well formed,
// and what the library reads as well it reads alike.
func FuzzRecords(f *testing.F) {
	f.Fuzz(func(t *testing.T, wire []byte, from uint16) {
		off := int(from)
		if off > len(wire) {
			return
		}
		r := zone.Records{Message: wire}
		rec, end, err := r.Next(off)
		if err != nil {
			return
		}
		if end <= off || end > len(wire) {
			t.Fatalf("it ends at %d of %d", end, len(wire))
		}
		if rec.Data == "" {
			return
		}
		set := zone.RRset{Name: rec.Name, Type: rec.Type, TTL: rec.TTL, Data: []zone.Rdata{rec.Data}}
		c, err := zone.NewContents(rec.Name, []zone.RRset{set})
		if err != nil && !strings.Contains(err.Error(), "message") {
			t.Fatalf("%+v: %v", rec, err)
		} else if err != nil {
			return
		}
		if got, ok := c.Get(rec.Name, rec.Type); !ok || got.Data[0] != rec.Data {
			t.Fatalf("%+v became %+v", rec, got)
		}
		rr, want, err := dns.UnpackRR(wire[:end], off)
		if err != nil {
			return
		}
		name, rrtype, ttl, data, err := zone.FromRR(rr)
		if err == nil && (want != end || name != rec.Name || rrtype != rec.Type || ttl != rec.TTL || data != rec.Data) {
			t.Fatalf("%+v, %d; the library has %s with %x, %d", rec, end, rr, data, want)
		}
	})
}
