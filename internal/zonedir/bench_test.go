package zonedir_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/zonedir"
)

// A zone a file, as hosters have them, into a nameserver: one op is one zone loaded.
func BenchmarkLoad(b *testing.B) {
	f := hosted(b)
	dir, err := zonedir.Open(f.path, zonedir.Options{})
	f.must(err)
	server := nameserver.New(nameserver.Options{})
	b.ReportAllocs()
	b.ResetTimer()
	began := processorTime(b)
	go dir.Run(b.Context(), server)
	<-server.Loaded()
	report(b, began)
}

// The same from an image that the nameserver before left.
func BenchmarkLoadImage(b *testing.B) {
	f := hosted(b)
	image := filepath.Join(b.TempDir(), "image")
	before := time.Now().Add(-time.Hour)
	for i := range b.N {
		f.must(os.Chtimes(f.file(fmt.Sprintf("zone%d.example.zone", i)), before, before))
	}
	for range 2 {
		server := nameserver.New(nameserver.Options{})
		dir, err := zonedir.Open(f.path, zonedir.Options{ImagePath: image, Image: server})
		f.must(err)
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		b.ResetTimer()
		began := processorTime(b)
		go func() { ended <- dir.Run(ctx, server) }()
		<-server.Loaded()
		b.StopTimer()
		report(b, began)
		cancel()
		f.must(<-ended)
		b.StartTimer()
	}
}

// processorTime is what the program has spent so far.
func processorTime(b *testing.B) time.Duration {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// report tells how many zones a second were loaded, and what each cost.
func report(b *testing.B, began time.Duration) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "zones/s")
	b.ReportMetric(float64((processorTime(b)-began).Nanoseconds())/float64(b.N)/1e3, "CPU-µs/zone")
}

// hosted is a folder of b.N zones.
func hosted(b *testing.B) *folder {
	f := prepare(b, nil)
	for i := range b.N {
		f.write(fmt.Sprintf("zone%d.example.zone", i), fmt.Sprintf(`$TTL 14400
@ IN SOA ns1.hoster.example. hostmaster.hoster.example. 2026112301 10800 3600 1209600 3600
@ NS ns1.hoster.example.
@ NS ns2.hoster.example.
@ A 192.0.2.%[1]d
www A 192.0.2.%[1]d
mail A 192.0.2.%[1]d
ftp CNAME @
@ MX 10 mail
@ TXT "v=spf1 a mx ip4:192.0.2.%[1]d -all"
default._domainkey TXT "v=DKIM1; k=rsa; p=%[2]0216d"
@ AAAA 2001:db8::%[1]x
@ CAA 0 issue "ca.example.net"
`, i%256, i))
	}
	return f
}
