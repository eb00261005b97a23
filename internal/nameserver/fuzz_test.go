package nameserver

import (
	"bytes"
	"context"
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// besieged is a server in which everything can be reached from client: signed
// and unsigned zones, transfers, updates, a key.
func besieged(t testing.TB) *Server {
	t.Helper()
	s := served(t, "zones", Options{Identity: "ns7", Version: "1", Updates: content{}, Notify: content{}, CookieSecrets: []CookieSecret{{1}}})
	signed := drawZoneOnce(t)
	s.Put(signed.contents(t))
	here := []netip.Prefix{netip.PrefixFrom(client.Addr(), 32)}
	s.SetAccess(Access{Keys: []Key{testKey}, TransferNets: here, UpdateNets: here, TransferKeys: []string{"k"}})
	return s
}

// content is content with whatever comes.
type content struct{}

func (content) Update(context.Context, Update) int { return dns.RcodeSuccess }
func (content) Notified(_ zone.Name, _ netip.AddrPort, _ string, _ uint32, _ bool) bool {
	return true
}

// seeds are messages of every kind.
func seeds(t testing.TB) (wires [][]byte) {
	t.Helper()
	odd := oddPackets()
	for _, name := range slices.Sorted(maps.Keys(odd)) {
		wires = append(wires, odd[name].wire)
	}
	for _, st := range stories(t, "unsigned.txt") {
		q, _ := query(t, st.question)
		wire, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		wires = append(wires, wire)
	}
	signed, _ := query(t, "www.corpus.example. A +do")
	signed.SetTsig("k.", dns.HmacSHA256, 300, time.Now().Unix())
	wire, _, err := dns.TsigGenerate(signed, testKey.Secret, "", false)
	if err != nil {
		t.Fatal(err)
	}
	update := new(dns.Msg)
	update.SetUpdate("corpus.example.")
	update.NameUsed([]dns.RR{&dns.ANY{Hdr: dns.RR_Header{Name: "www.corpus.example."}}})
	update.Insert([]dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: "x.corpus.example.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{"x"}}})
	updating, err := update.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return append(wires, wire, updating, packet(0, 1, 0, 1, 0, wireQuestion("corpus.example", 251, 1), soaRecord(0)))
}

// respond has the server answer and judges the answer by what holds for all.
func respond(t testing.TB, s *Server, w *writer, wire []byte, via transport) {
	t.Helper()
	before := bytes.Clone(wire)
	out := s.handle(w, wire, client, via)
	if !bytes.Equal(wire, before) {
		t.Fatalf("the request was written to: %x", before)
	}
	if via == overUDP {
		agree(t, s, wire, out)
	}
	if out == nil {
		if len(wire) >= headerSize && wire[2]&0x80 == 0 {
			t.Fatalf("no answer to %x", wire)
		}
		return
	}
	most := maxTCP
	if via == overUDP {
		most = minUDP
		if m, ok := parse(wire); ok && m.edns.present {
			most = min(max(m.edns.size, minUDP), maxUDP)
		}
	}
	if len(out) > most {
		t.Fatalf("%d octets for a client that takes %d: %x", len(out), most, wire)
	}
	m := new(dns.Msg)
	if err := m.Unpack(out); err != nil {
		t.Fatalf("the answer to %x is %x: %v", wire, out, err)
	}
	if m.Id != binary.BigEndian.Uint16(wire) || !m.Response || m.Opcode != int(wire[2]>>3)&15 {
		t.Fatalf("the answer to %x is %s", wire, m)
	}
	if again, ok := parse(out); !ok || again.qtype != 0 && m.Question[0].Qtype != again.qtype {
		t.Fatalf("the answer to %x has a form error: %x", wire, out)
	}
}

func FuzzRespond(f *testing.F) {
	s := besieged(f)
	for i, wire := range seeds(f) {
		f.Add(wire, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, wire []byte, tcp bool) {
		if len(wire) > maxTCP {
			return
		}
		via := overUDP
		if tcp {
			via = overTCP
		}
		respond(t, s, new(writer), wire, via)
		if n := s.stats.Panics.Load(); n > 0 {
			t.Fatalf("%d panics", n)
		}
	})
}

// A bounded run of the same in every test: bits turned, pieces cut out, put
// in twice and put together from two messages.
func TestMutatedPackets(t *testing.T) {
	t.Parallel()
	s, all, w := besieged(t), seeds(t), new(writer)
	random := rand.New(rand.NewPCG(6, 8))
	runs := 60_000
	if testing.Short() {
		runs = 20_000
	}
	for range runs {
		wire := bytes.Clone(all[random.IntN(len(all))])
		for range 1 + random.IntN(4) {
			wire = mutate(random, wire, all)
		}
		respond(t, s, w, wire, transport(random.IntN(2)))
	}
}

func mutate(random *rand.Rand, wire []byte, all [][]byte) []byte {
	if len(wire) == 0 {
		return wire
	}
	at := random.IntN(len(wire))
	switch random.IntN(6) {
	case 0:
		wire[at] ^= 1 << random.IntN(8)
	case 1:
		wire[at] = byte(random.IntN(256))
	case 2:
		wire = wire[:at]
	case 3:
		wire = slices.Delete(wire, at, min(len(wire), at+1+random.IntN(4)))
	case 4:
		wire = slices.Insert(wire, at, bytes.Clone(wire[at:min(len(wire), at+random.IntN(40))])...)
	case 5:
		other := all[random.IntN(len(all))]
		wire = append(wire[:at:at], other[min(len(other), at):]...)
	}
	return wire
}
