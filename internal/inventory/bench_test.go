package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// How fast zones of a member come in, by the real gate, to a real store on disk.
func BenchmarkTakingIn(b *testing.B) {
	w := newWorld(b, map[string]skein.Role{"web1": skein.RoleStandalone})
	names := make([]zone.Name, b.N)
	for i := range names {
		names[i] = zone.Name(fmt.Sprintf("z%d.example.", i))
		w.makes("web1", names[i], 1, "one")
	}
	b.ResetTimer()
	err := w.inv.Read(w.ctx(), "web1", names, func(ctx context.Context, _ zone.Name, c zone.Contents, err error) error {
		_, failed := w.TakeIn(ctx, "web1", c)
		return errors.Join(err, failed)
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "zones/s")
}
