package nsd

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// BenchmarkNewZones gives 10,000 new zones to an NSD that has none, until the
// last of them is answered for.
func BenchmarkNewZones(b *testing.B) {
	const zones = 10_000
	for b.Loop() {
		b.StopTimer()
		s := newStage(b, netip.MustParseAddr("127.0.0.1"))
		s.nsd.NSD(s.paste(b, ConfigOptions{}))
		d := s.driver(b, nil)
		var steps []member.Step
		for i := range zones {
			name := zone.Name(fmt.Sprintf("z%d.example.", i))
			s.put(b, name, 1)
			steps = append(steps, member.Step{Action: member.ActionAdd, Zone: name})
		}
		b.StartTimer()
		for batch := range slices.Chunk(steps, Can().Batch) {
			err := d.Apply(b.Context(), batch, func(_ int, err error) {
				if err != nil {
					b.Error(err)
				}
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(b.Elapsed().Seconds(), "s-until-told")
		for _, step := range steps {
			servertest.Eventually(b, "all are served", func() error {
				_, err := s.serial(context.Background(), s.nsd.DNS, step.Zone)
				return err
			})
		}
		if n, err := d.Count(b.Context()); n != zones || err != nil {
			b.Errorf("%d zones, %v", n, err)
		}
	}
}
