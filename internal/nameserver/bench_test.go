package nameserver

import "testing"

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
