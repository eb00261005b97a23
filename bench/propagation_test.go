package bench

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	skeinwire "github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

// BenchmarkPropagationBIND is the peer: one dynamic update of a BIND primary,
// its answer → both BIND secondaries answer with it.
func BenchmarkPropagationBIND(b *testing.B) {
	zone := zoneName(0)
	primary, secondaries := bindPair(b, zone, zoneText(0))
	watch := watchers(b, secondaries, zone)
	client := &dns.Client{Net: "tcp", TsigSecret: map[string]string{"xfr.": "Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc="}}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		address := changingAddress(i)
		m := new(dns.Msg)
		m.SetUpdate(zone)
		rr, err := dns.NewRR(fmt.Sprintf("www.%s 300 IN A %s", zone, address))
		if err != nil {
			b.Fatal(err)
		}
		m.RemoveRRset([]dns.RR{rr})
		m.Insert([]dns.RR{rr})
		m.SetTsig("xfr.", dns.HmacSHA256, 300, time.Now().Unix())
		if r, _, err := client.Exchange(m, primary); err != nil || r.Rcode != dns.RcodeSuccess {
			b.Fatalf("update refused: %v %v", r, err)
		}
		took = append(took, watch(b, "www."+zone, address))
	}
	spread(b, "seen", took)
}

func changingAddress(i int) string {
	return fmt.Sprintf("10.%d.%d.%d", 1+i>>16&127, i>>8&255, i&255)
}

// watchers returns a function that measures from its call until all servers
// answer with an address.
func watchers(b *testing.B, servers []string, zone string) func(b *testing.B, name, address string) time.Duration {
	b.Helper()
	observers := make([]*observer, len(servers))
	for i, s := range servers {
		observers[i] = newObserver(b, s)
		if _, err := observers[i].until(zone, dns.TypeSOA, ""); err != nil {
			b.Fatal(err)
		}
	}
	return func(b *testing.B, name, address string) time.Duration {
		b.Helper()
		start := time.Now()
		seen := make([]time.Time, len(observers))
		errs := make([]error, len(observers))
		var wg sync.WaitGroup
		for i, o := range observers {
			wg.Go(func() { seen[i], errs[i] = o.until(name, dns.TypeA, "\t"+address) })
		}
		wg.Wait()
		last := start
		for i := range seen {
			if errs[i] != nil {
				b.Fatal(errs[i])
			}
			if seen[i].After(last) {
				last = seen[i]
			}
		}
		return last.Sub(start)
	}
}

// BenchmarkPropagation changes one address through the API, again and again:
// the API's answer → both BIND secondaries answer with it, and → the receipt.
func BenchmarkPropagation(b *testing.B) {
	s := startSkein(b)
	c := s.client()
	zone := zoneName(0)
	var servers []string
	for _, name := range []string{"ns1.hoster.example", "ns2.hoster.example"} {
		dns, enable := s.bindMember(name)
		enable()
		servers = append(servers, dns)
	}
	if _, err := c.CreateZone(b.Context(), skeinwire.CreateZone{Name: zone, ZoneContents: skeinwire.ZoneContents{File: zoneText(0)}}); err != nil {
		b.Fatal(err)
	}
	watch := watchers(b, servers, zone)
	var seen, receipts []time.Duration
	for i := 0; b.Loop(); i++ {
		address := changingAddress(i)
		edit := skeinwire.RecordEdit{Op: skeinwire.EditSet, Name: "www." + zone, Type: "A", Data: []string{address}}
		if _, err := c.EditRecords(b.Context(), zone, skeinwire.EditBody{Edits: []skeinwire.RecordEdit{edit}}); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		receipt := make(chan time.Duration, 1)
		go func() {
			if _, err := c.WaitZone(b.Context(), zone, client.WaitQuery{}); err != nil {
				b.Error(err)
			}
			receipt <- time.Since(start)
		}()
		seen = append(seen, watch(b, "www."+zone, address))
		receipts = append(receipts, <-receipt)
	}
	spread(b, "seen", seen)
	spread(b, "receipt", receipts)
}
