package zonedir_test

import (
	"fmt"
	"testing"
)

// A zone a file, as hosters have them: one op is one zone loaded.
func BenchmarkLoad(b *testing.B) {
	files := map[string]string{}
	for i := range b.N {
		files[fmt.Sprintf("zone%d.example.zone", i)] = text(i)
	}
	f := prepare(b, files)
	b.ResetTimer()
	f.run(nil)
	for told := f.served.changed(); !f.served.isReady(); told = f.served.changed() {
		<-told
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "zones/s")
}
