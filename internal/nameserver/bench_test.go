package nameserver

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/skein-dns/skein/zone"
)

// BenchmarkAnswer measures a question's way from octets to octets.
func BenchmarkAnswer(b *testing.B) {
	s := served(b, "zones", Options{})
	for name, question := range map[string]string{
		"positive": "www.corpus.example. A +edns=1232", "NXDOMAIN": "nosuch.corpus.example. A", "wildcard": "x.wild.corpus.example. A", "referral": "www.child.corpus.example. A", "MX": "corpus.example. MX",
	} {
		b.Run(name, func(b *testing.B) {
			q, via := query(b, question)
			wire, err := q.Pack()
			if err != nil {
				b.Fatal(err)
			}
			var w writer
			b.ReportAllocs()
			for b.Loop() {
				s.handle(&w, wire, client, via)
			}
		})
	}
}

// BenchmarkQuickAnswer measures the same on the fast path.
func BenchmarkQuickAnswer(b *testing.B) {
	s := served(b, "zones", Options{})
	k := s.newQuick()
	defer k.reader.Close()
	buf := make([]byte, 0, maxUDP)
	for name, question := range map[string]string{
		"positive": "ns2.corpus.example. A +edns=1232", "NXDOMAIN": "nosuch.corpus.example. A", "wildcard": "x.wild.corpus.example. A", "referral": "www.child.corpus.example. A", "MX": "corpus.example. MX",
	} {
		b.Run(name, func(b *testing.B) {
			q, _ := query(b, question)
			wire, err := q.Pack()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				k.reader.Enter()
				if _, ok := k.answer(buf, wire, client.Addr(), overUDP); !ok {
					b.Fatal("the fast path does not know it")
				}
				k.reader.Leave()
			}
		})
	}
}

// BenchmarkBatch measures a message's way through a full batch, without the
// kernel's part: of zones whose memory the processor has near, and of so many
// that it has not.
func BenchmarkBatch(b *testing.B) {
	for _, zones := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("%d zones", zones), func(b *testing.B) {
			s := New(Options{})
			for i := range zones {
				s.Put(contents(b, zone.Name(fmt.Sprintf("zone%d.example.", i)), fmt.Sprintf(hosted, 1, i)))
			}
			var questions [][]byte
			for i := range 200_000 {
				questions = append(questions, packet(0, 1, 0, 0, 0, wireQuestion(fmt.Sprintf("%szone%d.example", hostedNames[i%len(hostedNames)], rand.IntN(zones)), 1, 1)))
			}
			batch := s.newBatch(new(udpSocket))
			defer batch.close()
			b.ReportAllocs()
			next := 0
			for b.Loop() {
				batch.count, batch.taken, batch.next, batch.filled, batch.fast = batchSize, 0, 0, 0, 0
				for i := range batchSize {
					batch.in[i].Len = uint32(copy(batch.asked[i*stride:], questions[next%len(questions)]))
					next++
				}
				batch.answerAll(nil)
				batch.reader.Leave()
			}
			if batch.fast != batchSize {
				b.Fatal("the fast path does not know all of it")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(next), "ns/answer")
		})
	}
}

var hostedNames = []string{"", "www.", "mail.", "ftp.", "nosuch."}

// hosted is a zone of a dozen records: its serial, and a number of its own.
const hosted = `@ 3600 SOA ns1.hoster.example. hostmaster.hoster.example. %d 10800 3600 604800 3600
@ 3600 NS ns1.hoster.example.
@ 3600 NS ns2.hoster.example.
@ 3600 A 192.0.2.1
www 3600 A 192.0.2.1
mail 3600 A 192.0.2.1
ftp 3600 CNAME @
@ 3600 AAAA 2001:db8::1
@ 3600 MX 10 mail
@ 3600 TXT "v=spf1 +a +mx +a:srv1.hoster.example -all"
default._domainkey 3600 TXT "v=DKIM1; k=rsa; p=%0216d"
@ 3600 CAA 0 issue "letsencrypt.org"
`

// BenchmarkPut measures what a zone of a dozen records costs: anew, and in
// place of itself with another serial. It reports the octets of its block.
func BenchmarkPut(b *testing.B) {
	b.Run("anew", func(b *testing.B) {
		s := New(Options{})
		b.ReportAllocs()
		var all []zone.Contents
		for i := range 1000 {
			all = append(all, contents(b, zone.Name(fmt.Sprintf("zone%d.example.", i)), fmt.Sprintf(hosted, 1, i)))
		}
		for i := 0; b.Loop(); i++ {
			s.Drop(all[i%1000].Origin())
			s.Put(all[i%1000])
		}
		items, _ := s.zones.arena.Size()
		b.ReportMetric(float64(items)/float64(s.zones.apexes.zones), "octets/zone")
	})
	b.Run("again", func(b *testing.B) {
		s := New(Options{})
		b.ReportAllocs()
		c := contents(b, "zone.example.", fmt.Sprintf(hosted, 1, 1))
		for i := uint32(1); b.Loop(); i++ {
			s.Put(c.WithSerial(i))
		}
	})
	b.Run("again among 100,000", func(b *testing.B) {
		s := New(Options{})
		for i := range 100_000 {
			s.Put(contents(b, zone.Name(fmt.Sprintf("zone%d.example.", i)), "@ 60 SOA ns h 1 1 1 1 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n"))
		}
		b.ReportAllocs()
		c := contents(b, "zone7.example.", fmt.Sprintf(hosted, 1, 1))
		for i := uint32(2); b.Loop(); i++ {
			s.Put(c.WithSerial(i))
		}
	})
}

// BenchmarkChange measures a change of one name in a zone of a million records.
func BenchmarkChange(b *testing.B) {
	sets := []zone.RRset{
		{Name: "z.", Type: zone.TypeSOA, TTL: 60, Data: []zone.Rdata{zone.SOA{MName: "ns.z.", RName: "h.z.", Serial: 1}.Rdata()}},
		{Name: "z.", Type: zone.TypeNS, TTL: 60, Data: []zone.Rdata{"\x02ns\x01z\x00"}},
	}
	for i := range 1_000_000 {
		sets = append(sets, zone.RRset{Name: zone.Name(fmt.Sprintf("n%d.z.", i)), Type: zone.TypeA, TTL: 60, Data: []zone.Rdata{"\xc0\x00\x02\x01"}})
	}
	c, err := zone.NewContents("z.", sets)
	if err != nil {
		b.Fatal(err)
	}
	s := New(Options{})
	s.Put(c)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		set, _ := c.Get(sets[2+i%1000*997].Name, zone.TypeA)
		changed := set
		changed.Data = []zone.Rdata{zone.Rdata([]byte{192, 0, byte(i >> 8), byte(i)})}
		if c, err = c.Apply(zone.Delta{Del: []zone.RRset{set}, Add: []zone.RRset{changed}}); err != nil {
			b.Fatal(err)
		}
		c = c.WithSerial(uint32(i + 2))
		s.Put(c)
	}
}
