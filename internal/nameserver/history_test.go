package nameserver

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

// transferred is what an AXFR of a view sends, record by record.
func transferred(t *rapid.T, v *view) map[string]bool {
	records := map[string]bool{}
	for set := range v.whole() {
		note(t, records, set, true, set.Type == zone.TypeSOA)
	}
	return records
}

// note adds records to those that are there, or takes them out; one that is
// there already, or is not, is a fault, except as the SOA at both ends.
func note(t *rapid.T, records map[string]bool, set zone.RRset, add, twice bool) {
	rrs, err := set.ToRRs()
	if err != nil {
		t.Fatal(err)
	}
	for _, rr := range rrs {
		rr.Header().Name = dns.CanonicalName(rr.Header().Name)
		text := rr.String()
		if records[text] == add && !twice {
			t.Fatalf("adding %v: %s", add, text)
		}
		if records[text] = add; !add {
			delete(records, text)
		}
	}
}

// Whatever a zone went through, it answers as if it had just been loaded, and
// whoever holds an older version comes to the same by the difference.
func TestIncrementalIsFresh(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := New(Options{})
		var held []map[string]bool // by serial - 1
		var now *reference
		versions := rapid.IntRange(2, 6).Draw(rt, "versions")
		var how signing
		for serial := 1; serial <= versions; serial++ {
			if now == nil || rapid.IntRange(0, 7).Draw(rt, "anew") == 0 {
				now = drawZone(rt, "z.")
			} else {
				now = &reference{origin: "z.", records: edited(rt, now)}
			}
			now.records[0].(*dns.SOA).Serial = uint32(serial)
			if how == "" || rapid.IntRange(0, 4).Draw(rt, "signed anew") == 0 {
				how = rapid.SampledFrom([]signing{notSigned, nsec, nsec3, optOut}).Draw(rt, "signing")
			}
			now.sign(how)
			s.Put(now.contents(t))
			held = append(held, transferred(rt, s.zones.view("z\x00")))
		}
		fresh := New(Options{})
		fresh.Put(now.contents(t))
		for range 20 {
			qname, qtype := drawName(rt, "z.", 5), rapid.SampledFrom(probeTypes).Draw(rt, "qtype")
			if got, want := heard(t, s, qname, qtype, true).String(), heard(t, fresh, qname, qtype, true).String(); got != want {
				rt.Fatalf("%s %s is %s\nfresh it is %s", qname, dns.Type(qtype), got, want)
			}
		}
		v := s.zones.view("z\x00")
		for i, records := range held[:versions-1] {
			step, ok := v.history.since(uint32(i + 1))
			if !ok {
				continue // too long ago
			}
			note(rt, records, step.From, false, false)
			for _, set := range step.Delta.Del {
				note(rt, records, set, false, false)
			}
			for _, set := range append([]zone.RRset{step.To}, step.Delta.Add...) {
				note(rt, records, set, true, false)
			}
			if !maps.Equal(records, held[versions-1]) {
				rt.Fatalf("from serial %d one comes to\n%q\nnot to\n%q", i+1, slices.Sorted(maps.Keys(records)), slices.Sorted(maps.Keys(held[versions-1])))
			}
		}
		if last := held[versions-1]; v.history.weight > len(last) {
			rt.Fatalf("a history of %d records for a zone of %d", v.history.weight, len(last))
		}
	})
}

// edited is the unsigned records of a zone with a few of them gone, other TTLs
// and others of another zone put in.
func edited(t *rapid.T, r *reference) (rrs []dns.RR) {
	rrs = append(rrs, dns.Copy(r.records[0]), r.records[1])
	for _, rr := range r.records[2:] {
		switch rr.Header().Rrtype {
		case dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3, dns.TypeNSEC3PARAM, dns.TypeDNSKEY:
			continue
		}
		if rapid.IntRange(0, 9).Draw(t, "fate") > 0 {
			rrs = append(rrs, rr)
		}
	}
	if rapid.Bool().Draw(t, "only less") {
		return rrs
	}
	other := drawZone(t, r.origin)
	for _, rr := range other.records[2:] {
		taken := (&reference{records: rrs}).owners(rr.Header().Name)
		if len(taken) == 0 {
			rrs = append(rrs, rr)
		}
	}
	return rrs
}

// A zone that changes often keeps a history of bounded length and weight.
func TestHistoryIsBounded(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	c := version(t, "z.", 2000, 1)
	s.Put(c)
	for serial := uint32(2); serial <= 2*maxHistory; serial++ {
		text := func(n uint32) []zone.RRset {
			return []zone.RRset{{Name: "flip.z.", Type: zone.TypeTXT, TTL: 60, Data: []zone.Rdata{zone.Rdata(fmt.Sprintf("\x01%d", n%2))}}}
		}
		d := zone.Delta{Del: text(serial - 1), Add: text(serial)}
		after, err := c.Apply(d)
		if err != nil {
			t.Fatal(err)
		}
		c = after.WithSerial(serial)
		s.Put(c)
	}
	h := s.zones.view("z\x00").history
	if len(h.steps) != maxHistory {
		t.Errorf("%d versions", len(h.steps))
	}
	step, ok := h.since(uint32(2*maxHistory - 2))
	if !ok || len(step.Delta.Del)+len(step.Delta.Add) != 0 {
		t.Errorf("what came and went again: %v %v", ok, step.Delta)
	}
	if _, ok := h.since(maxHistory - 1); ok {
		t.Error("it reaches back too far")
	}
}
