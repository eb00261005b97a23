package bench

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	skeinwire "github.com/skein-dns/skein"
)

// BenchmarkChanges counts durable changes through the API: audit, history and
// fsync included. Each client edits zones of its own.
func BenchmarkChanges(b *testing.B) {
	for _, clients := range []int{1, 16} {
		b.Run(fmt.Sprintf("clients-%d", clients), func(b *testing.B) {
			s := startSkein(b)
			c := s.client()
			for i := range clients {
				body := skeinwire.CreateZone{Name: zoneName(i), ZoneContents: skeinwire.ZoneContents{File: zoneText(i)}}
				if _, err := c.CreateZone(b.Context(), body); err != nil {
					b.Fatal(err)
				}
			}
			var next atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			start := time.Now()
			for i := range clients {
				wg.Go(func() {
					for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
						edit := skeinwire.RecordEdit{Op: skeinwire.EditSet, Name: "www." + zoneName(i), Type: "A", Data: []string{changingAddress(int(n))}}
						if _, err := c.EditRecords(b.Context(), zoneName(i), skeinwire.EditBody{Edits: []skeinwire.RecordEdit{edit}}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "changes/s")
		})
	}
}

// BenchmarkImport imports N zones of 12 records by the command line.
func BenchmarkImport(b *testing.B) {
	s := startSkein(b)
	dir, _ := writeZones(b, b.N)
	b.ResetTimer()
	start := time.Now()
	s.run("zone", "import", dir)
	b.ReportMetric(time.Since(start).Seconds(), "all-s")
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "zones/s")
}
