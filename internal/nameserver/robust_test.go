package nameserver

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// Data that is no data of its type, should it ever get in, harms nobody: not
// the server, not the zone beside it.
func TestMalformedData(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 2))
	s := served(t, "zones", Options{})
	s.SetAccess(Access{TransferNets: []netip.Prefix{netip.PrefixFrom(client.Addr(), 32)}})
	w := new(writer)
	for range 300 {
		sets := []zone.RRset{
			{Name: "bad.", Type: zone.TypeSOA, TTL: 1, Data: []zone.Rdata{zone.SOA{MName: "bad.", RName: "bad.", Serial: random.Uint32()}.Rdata()}},
		}
		types := []uint16{1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 43, 46, 47, 48, 50, 51, 64, 65, 250, 65400}
		for _, owner := range []zone.Name{"bad.", "a.bad.", "*.bad.", "b.a.bad.", "0123456789abcdefghijklmnopqrstuv.bad."} {
			for range 4 {
				data := make([]byte, random.IntN(24))
				for i := range data {
					data[i] = byte(random.IntN(4) * random.IntN(64))
				}
				sets = append(sets, zone.RRset{Name: owner, Type: zone.Type(types[random.IntN(len(types))]), TTL: 1, Data: []zone.Rdata{zone.Rdata(data)}})
			}
		}
		c, err := zone.NewContents("bad.", sets)
		if err != nil {
			continue // it did not get in
		}
		s.Put(c)
		for _, name := range []string{"bad", "a.bad", "x.bad", "b.a.bad", "x.y.a.bad"} {
			for _, qtype := range append(types, 255, 252, 251) {
				for _, via := range []transport{overUDP, overTCP} {
					wire := packet(0, 1, 0, 0, 1, wireQuestion(name, int(qtype), 1), opt(4096, 0, doFlag))
					if _, ok := parse(s.handle(w, wire, client, via)); !ok {
						t.Fatalf("%s %d: the answer is malformed: %x", name, qtype, w.buf)
					}
				}
			}
		}
	}
	q, via := query(t, "ns2.corpus.example. A")
	if got := glance(ask(t, s, q, via)); got != "NOERROR aa 1/1/0/0" {
		t.Errorf("the zone beside it: %q", got)
	}
}

// A thousand who wait for a transfer get it, all of them.
func TestAThousandTransfersWait(t *testing.T) {
	t.Parallel()
	c := version(t, "z.", 20, 1)
	synctest.Test(t, func(t *testing.T) {
		const peers, each = 20, 60
		s := New(Options{Transfers: 3, Conns: peers * each})
		s.Put(c)
		s.SetAccess(Access{TransferNets: loopback})
		var done atomic.Int32
		for peer := range peers {
			for range each {
				ours, theirs := net.Pipe()
				conn := s.conns.admit(t.Context(), ours)
				go func() {
					s.serveTCP(t.Context(), conn, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(peer)}), 1))
					s.conns.leave(conn)
				}()
				go func() {
					defer theirs.Close()
					if err := writeFrame(theirs, packet(0, 1, 0, 0, 0, wireQuestion("z", 252, 1))); err != nil {
						t.Error(err)
						return
					}
					wire, err := readFrame(bufio.NewReader(theirs))
					if err != nil {
						t.Error(err)
						return
					}
					if m := unpack(t, wire); len(m.Answer) != 25 {
						t.Errorf("%s", glance(m))
					}
					done.Add(1)
				}()
			}
		}
		synctest.Wait()
		if n := done.Load(); n != peers*each {
			t.Errorf("%d of %d transfers were finished", n, peers*each)
		}
		if f := s.stats.TransferFailures.Load(); f != 0 {
			t.Errorf("%d failed", f)
		}
	})
}

// A zone that failed for a while can still be followed by differences.
func TestHistoryOutlivesAFailure(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	s.Put(version(t, "z.", 20, 1))
	s.Fail("z.")
	q, via := query(t, "ns.z. A")
	if m := ask(t, s, q, via); m.Rcode != dns.RcodeServerFailure {
		t.Errorf("%s while it fails", verdict(m))
	}
	s.Put(version(t, "z.", 20, 2))
	if m := ask(t, s, q, via); m.Rcode != dns.RcodeSuccess {
		t.Errorf("%s after it", verdict(m))
	}
	if _, ok := s.zones.view("z\x00").history.since(1); !ok {
		t.Error("the difference is forgotten")
	}
}

// Zones that fail before they were ever served, come late, go and come again.
func TestComingAndGoing(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	now := func() string {
		q, via := query(t, "ns.z. A")
		return verdict(ask(t, s, q, via))
	}
	var got []string
	for _, do := range []func(){
		func() {},
		func() { s.Fail("z.") },
		func() { s.Put(version(t, "z.", 1, 1)) },
		func() { s.Drop("z.") },
		func() { s.Put(version(t, "z.", 1, 1)) },
		func() {
			c, err := zone.NewContents("z.", []zone.RRset{{Name: "ns.z.", Type: zone.TypeA, TTL: 1, Data: []zone.Rdata{"abcd"}}})
			if err != nil {
				t.Fatal(err)
			}
			s.Put(c) // without a SOA nothing can be said
		},
		func() { s.Put(version(t, "z.", 1, 2)) },
	} {
		do()
		got = append(got, now())
	}
	if want := "[REFUSED SERVFAIL NOERROR aa REFUSED NOERROR aa SERVFAIL NOERROR aa]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}
