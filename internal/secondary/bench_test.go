package secondary_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// BenchmarkFollow makes a fresh secondary of N zones by their primary's
// catalog, both in this process, with TSIG, until all are served.
func BenchmarkFollow(b *testing.B) {
	const list zone.Name = "catalog.invalid."
	key := nameserver.Key{Name: "k", Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}
	local := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	start := func(o nameserver.Options) *nameserver.Server {
		o.Listen = local
		s := nameserver.New(o)
		if err := s.Listen(); err != nil {
			b.Fatal(err)
		}
		s.SetAccess(nameserver.Access{Keys: []nameserver.Key{key}, TransferKeys: []string{key.Name}})
		return s
	}
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()

	primary := start(nameserver.Options{})
	contents, err := catalog.Empty(list, 1)
	if err != nil {
		b.Fatal(err)
	}
	var changes []catalog.Change
	for i := range b.N {
		name := zone.Name(fmt.Sprintf("customer-%06d.example.", i))
		sets, _, err := zone.Parse(strings.NewReader(hosted), zone.Options{Origin: name})
		if err != nil {
			b.Fatal(err)
		}
		c, err := zone.NewContents(name, sets)
		if err != nil {
			b.Fatal(err)
		}
		primary.Put(c)
		changes = append(changes, catalog.Change{After: &catalog.Member{ID: catalog.ID(name, ""), Zone: name}})
	}
	d, err := catalog.Edit(contents, changes...)
	if err == nil {
		contents, err = contents.Apply(d)
	}
	if err != nil {
		b.Fatal(err)
	}
	primary.Put(contents)
	primary.Ready()
	running.Go(func() { _ = primary.Serve(ctx) })

	folder, err := secondary.Open(secondary.FolderOptions{Dir: b.TempDir(), Keys: []xfr.Key{xfr.Key(key)}, Catalogs: []zone.Name{list},
		Primaries: []secondary.Primary{{Addr: primary.Addrs()[0], Key: key.Name}}})
	if err != nil {
		b.Fatal(err)
	}
	server := start(nameserver.Options{Notify: folder})
	running.Go(func() { _ = server.Serve(ctx) })
	b.ResetTimer()
	running.Go(func() { _ = folder.Run(ctx, server) })
	for {
		if served, _ := folder.Counts(); served == b.N {
			break
		}
		time.Sleep(time.Millisecond)
	}
}

// hosted is a zone as a hosting server has them.
const hosted = `$TTL 14400
@ IN SOA ns1.hoster.example. hostmaster.hoster.example. 2026112301 10800 3600 1209600 3600
@ NS ns1.hoster.example.
@ NS ns2.hoster.example.
@ A 192.0.2.7
www A 192.0.2.7
mail A 192.0.2.7
ftp CNAME @
@ MX 10 mail
@ TXT "v=spf1 a mx ip4:192.0.2.7 -all"
default._domainkey TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
@ AAAA 2001:db8::7
@ CAA 0 issue "ca.example.net"
`
