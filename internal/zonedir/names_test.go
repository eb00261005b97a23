package zonedir_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/zonedir"
)

// Of a folder in which nothing changed every look throws away the path of each
// file that the system is asked about, and no more: there may be a million. It
// runs alone, since it counts what is allocated.
func TestALookThrowsAwayLittle(t *testing.T) {
	const files = 3000
	f := prepare(t, nil)
	for i := range files {
		f.write(fmt.Sprintf("zone%d-%030d.example.zone", i, i), "@ 60 SOA ns1.example. h.example. 1 2 3 4 5\n@ 60 NS ns1.example.\n")
	}
	dir, err := zonedir.Open(f.path, zonedir.Options{})
	f.must(err)
	server := nameserver.New(nameserver.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- dir.Run(ctx, server) }()
	<-server.Loaded()
	cancel()
	f.must(<-ended)
	if allocations := testing.AllocsPerRun(3, dir.LookAgain); allocations > files+100 {
		t.Errorf("%v allocations at %d files", allocations, files)
	}
	if served, broken := dir.Counts(); served != files || broken != 0 {
		t.Errorf("%d zones are served, %d files broken", served, broken)
	}
}
