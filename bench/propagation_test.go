package bench

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	skeinwire "github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
	"github.com/skein-dns/skein/internal/servertest"
)

// BenchmarkPropagation changes one address, again and again, by turns in
// Skein and in a BIND primary, so that both have the same weather: the answer
// to who made the change → both BIND secondaries answer with it. Skein's
// receipt, which comes later, is reported apart.
func BenchmarkPropagation(b *testing.B) {
	name := zoneName(0)
	ours, servers := skeinPrimary(b, name)
	theirs, peers := bindPrimary(b, name)
	seenOurs, seenTheirs := watchers(b, servers, name), watchers(b, peers, name)
	var skein, receipts, bind []time.Duration
	for i := 0; b.Loop(); i++ {
		address := changingAddress(i)
		receipt := ours(address)
		skein = append(skein, seenOurs(address))
		receipts = append(receipts, <-receipt)
		theirs(address)
		bind = append(bind, seenTheirs(address))
	}
	spread(b, "skein", skein)
	spread(b, "receipt", receipts)
	spread(b, "bind", bind)
}

// skeinPrimary is a node with two BIND secondaries. change returns when the
// API has answered; from then on the time until the receipt is taken.
func skeinPrimary(b *testing.B, name string) (change func(address string) (receipt <-chan time.Duration), servers []string) {
	b.Helper()
	s := startSkein(b)
	c := s.client()
	for _, member := range []string{"ns1.hoster.example", "ns2.hoster.example"} {
		dns, enable := s.bindMember(member)
		enable()
		servers = append(servers, dns)
	}
	if _, err := c.CreateZone(b.Context(), skeinwire.CreateZone{Name: name, ZoneContents: skeinwire.ZoneContents{File: zoneText(0)}}); err != nil {
		b.Fatal(err)
	}
	return func(address string) <-chan time.Duration {
		setWWW(b, c, name, address)
		start, receipt := time.Now(), make(chan time.Duration, 1)
		go func() {
			if _, err := c.WaitZone(b.Context(), name, client.WaitQuery{}); err != nil {
				b.Error(err)
			}
			receipt <- time.Since(start)
		}()
		return receipt
	}, servers
}

// bindPrimary is the peer: a BIND primary that is changed by dynamic update,
// with two BIND secondaries.
func bindPrimary(b *testing.B, name string) (change func(address string), servers []string) {
	b.Helper()
	primary, servers := bindPair(b, name, zoneText(0))
	return updater(b, name, primary), servers
}

// bindAndOthers is a BIND primary with a secondary of each make: what they take
// by themselves from a NOTIFY on.
func bindAndOthers(b *testing.B, name string) (change func(address string), servers []namedServer) {
	b.Helper()
	nsd, pdns := servertest.New(b, "NSD of BIND"), servertest.New(b, "PowerDNS of BIND")
	primary, binds := bindPair(b, name, zoneText(0), nsd.DNS, pdns.DNS)
	ip, port, _ := strings.Cut(primary, ":")
	nsd.NSD(fmt.Sprintf(`	xfrd-reload-timeout: 0
key:
	name: xfr
	algorithm: hmac-sha256
	secret: %q
zone:
	name: %s
	zonefile: "%s/zone"
	request-xfr: AXFR %s@%s xfr
	allow-notify: 0.0.0.0/0 xfr
`, xfrSecret, name, nsd.Dir, ip, port))
	pdns.PowerDNS(servertest.LMDB, "secondary=yes\nxfr-cycle-interval=1\nzone-cache-refresh-interval=0\ncache-ttl=1\nquery-cache-ttl=1\nnegquery-cache-ttl=1\n")
	pdns.PDNSUtil("import-tsig-key", "xfr", "hmac-sha256", xfrSecret)
	pdns.PDNSUtil("create-slave-zone", name, primary)
	pdns.PDNSUtil("activate-tsig-key", name, "xfr", "slave")
	return updater(b, name, primary), []namedServer{{"BIND-BIND", binds[0]}, {"BIND-NSD", nsd.DNS.String()}, {"BIND-PowerDNS", pdns.DNS.String()}}
}

// updater changes the address of www by dynamic update (RFC 2136), signed.
func updater(b *testing.B, name, primary string) (change func(address string)) {
	b.Helper()
	c := &dns.Client{Net: "tcp", TsigSecret: map[string]string{"xfr.": xfrSecret}}
	return func(address string) {
		m := new(dns.Msg)
		m.SetUpdate(name)
		rr, err := dns.NewRR(fmt.Sprintf("www.%s 300 IN A %s", name, address))
		if err != nil {
			b.Fatal(err)
		}
		m.RemoveRRset([]dns.RR{rr})
		m.Insert([]dns.RR{rr})
		m.SetTsig("xfr.", dns.HmacSHA256, 300, time.Now().Unix())
		if r, _, err := c.Exchange(m, primary); err != nil || r.Rcode != dns.RcodeSuccess {
			b.Fatalf("update refused: %v %v", r, err)
		}
	}
}

func changingAddress(i int) string {
	return fmt.Sprintf("10.%d.%d.%d", 1+i>>16&127, i>>8&255, i&255)
}

// watchers returns a function that measures from its call until all servers
// answer with an address of www.
func watchers(b *testing.B, servers []string, name string) func(address string) time.Duration {
	b.Helper()
	all := make([]namedServer, len(servers))
	for i, addr := range servers {
		all[i].addr = addr
	}
	each := eachOf(b, all, name)
	return func(address string) time.Duration { return slices.Max(each(address)) }
}

// eachOf returns a function that measures from its call until each of the
// servers answers with an address of www.
func eachOf(b *testing.B, servers []namedServer, name string) func(address string) []time.Duration {
	b.Helper()
	observers := make([]*observer, len(servers))
	for i, s := range servers {
		observers[i] = newObserver(b, s.addr)
		if _, err := observers[i].until(name, dns.TypeSOA, ""); err != nil {
			b.Fatal(err)
		}
	}
	return func(address string) []time.Duration {
		b.Helper()
		start := time.Now()
		seen := make([]time.Time, len(observers))
		errs := make([]error, len(observers))
		var wg sync.WaitGroup
		for i, o := range observers {
			wg.Go(func() { seen[i], errs[i] = o.until("www."+name, dns.TypeA, "\t"+address) })
		}
		wg.Wait()
		took := make([]time.Duration, len(observers))
		for i := range seen {
			if errs[i] != nil {
				b.Fatal(errs[i])
			}
			took[i] = seen[i].Sub(start)
		}
		return took
	}
}
