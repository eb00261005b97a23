package xfr

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// FuzzReceive reads whatever a server may send in answer to an IXFR.
func FuzzReceive(f *testing.F) {
	have := contents(f, base)
	before := have.Digest()
	q := ask(dns.Type(dns.TypeIXFR))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := request(have)
		r.MaxRecords, r.MaxOctets = 1000, 100_000
		got, kind, err := r.receive(bytes.NewReader(stream), q, verifier{})
		if have.Digest() != before {
			t.Fatal("what was here before has changed")
		}
		if (err == nil) == got.IsZero() {
			t.Fatalf("error %v, and contents %v", err, !got.IsZero())
		}
		if err != nil {
			return
		}
		if !got.Origin().Equal(origin) {
			t.Fatalf("it is zone %s", got.Origin())
		}
		soa, ok := got.SOA()
		if mine, _ := have.SOA(); !ok || zone.SerialLess(soa.Serial, mine.Serial) || kind == IXFR && soa.Serial == mine.Serial {
			t.Fatalf("%s to serial %d from %d (%v)", kind, soa.Serial, mine.Serial, ok)
		}
	})
}

// FuzzApply applies differences that a program of octets describes, and
// compares with a set of records that is changed one record at a time.
func FuzzApply(f *testing.F) {
	have := contents(f, base)
	f.Fuzz(func(t *testing.T, program []byte) {
		rrs, final := differences(t, program)
		a := &answer{origin: origin, have: have, ixfr: true}
		var err error
		for _, rr := range rrs {
			if err = a.add(read(t, rr)); err != nil {
				break
			}
		}
		want, ok := slowly(t, have, rrs[1:len(rrs)-1])
		if !ok {
			if err == nil {
				t.Fatalf("it was applied, and does not apply:\n%s", text(t, a.result))
			}
			return
		}
		if err != nil {
			t.Fatalf("it applies, but: %v", err)
		}
		if !a.endOfMessage() || !a.result.Equal(want) {
			t.Fatalf("the contents are\n%swant\n%s", text(t, a.result), text(t, want))
		}
		if soa, _ := a.result.SOA(); soa.Serial != final {
			t.Fatalf("serial %d, want %d", soa.Serial, final)
		}
		if delta := zone.Diff(have, a.result); !mustApply(t, have, delta).Equal(a.result) {
			t.Fatal("the difference between before and after does not lead there")
		}
	})
}

// differences reads a program: an octet is a record and what to do with it, or
// ends the part.
func differences(t *testing.T, program []byte) (rrs []dns.RR, final uint32) {
	t.Helper()
	rr := func(text string) dns.RR {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		return rr
	}
	serial := uint32(5)
	rrs = append(rrs, nil, rr(soa("5")))
	deleting := true
	next := func() {
		if deleting {
			serial++
		}
		deleting = !deleting
		rrs = append(rrs, rr(soa(fmt.Sprint(serial))))
	}
	for _, b := range program[:min(len(program), 200)] {
		if b >= 0xf0 {
			next()
			continue
		}
		name := [...]string{"www", "WWW", "ns1", "new", "a.b.new"}[int(b&7)%5]
		ttl := 300
		if b&8 != 0 {
			ttl = 600
		}
		rrs = append(rrs, rr(fmt.Sprintf("%s.example.com. %d A 192.0.2.%d", name, ttl, 1+[...]int{0, 9, 10, 19}[b>>4&3])))
	}
	if deleting {
		next()
	}
	rrs[0] = rr(soa(fmt.Sprint(serial)))
	return append(rrs, rr(soa(fmt.Sprint(serial)))), serial
}

// slowly does what RFC 1995 says, one record after the other.
func slowly(t *testing.T, have zone.Contents, rrs []dns.RR) (zone.Contents, bool) {
	t.Helper()
	records := map[string]dns.RR{}
	key := func(rr dns.RR) string {
		return dns.CanonicalName(rr.Header().Name) + rr.String()[len(rr.Header().Name):]
	}
	for s := range have.All() {
		all, err := s.ToRRs()
		if err != nil {
			t.Fatal(err)
		}
		for _, rr := range all {
			records[key(rr)] = rr
		}
	}
	deleting := false
	for _, rr := range rrs {
		if rr.Header().Rrtype == dns.TypeSOA {
			deleting = !deleting
		}
		_, there := records[key(rr)]
		if there != deleting {
			return zone.Contents{}, false
		}
		if deleting {
			delete(records, key(rr))
		} else {
			records[key(rr)] = rr
		}
	}
	ttls := map[string]uint32{}
	var sets []zone.RRset
	for _, rr := range records {
		h := rr.Header()
		place := dns.CanonicalName(h.Name) + fmt.Sprint(h.Rrtype)
		if ttl, ok := ttls[place]; ok && ttl != h.Ttl {
			return zone.Contents{}, false // a set of two TTLs
		}
		ttls[place] = h.Ttl
		s, err := setOf(read(t, rr))
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, s)
	}
	c, err := zone.NewContents(origin, sets)
	return c, err == nil
}

// read is a record as it comes from the wire.
func read(t *testing.T, rr dns.RR) zone.Record {
	t.Helper()
	b := make([]byte, 512)
	n, err := dns.PackRR(rr, b, 0, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	in := zone.Records{Message: b[:n]}
	rec, _, err := in.Next(0)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func mustApply(t *testing.T, c zone.Contents, d zone.Delta) zone.Contents {
	t.Helper()
	after, err := c.Apply(d)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// FuzzSerial reads whatever may come in answer to a question for the serial.
func FuzzSerial(f *testing.F) {
	q := ask(dns.Type(dns.TypeSOA))
	f.Fuzz(func(t *testing.T, wire []byte) {
		signed := request(zone.Contents{})
		signed.Key = &testKey
		_, v, err := signed.pack(q.Copy())
		if err != nil {
			t.Fatal(err)
		}
		if serial, err := signed.answered(wire, q, v); err == nil {
			t.Fatalf("serial %d without a signature", serial)
		}
		serial, err := request(zone.Contents{}).answered(wire, q, verifier{})
		if err != nil && serial != 0 {
			t.Fatalf("serial %d and error %v", serial, err)
		}
		if err == nil && (len(wire) < 12 || binary.BigEndian.Uint16(wire) != q.Id) {
			t.Fatal("it answers another question")
		}
	})
}
