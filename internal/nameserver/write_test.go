package nameserver

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"

	"github.com/skein-dns/skein/zone"
)

// Whatever a client takes, an answer is no larger, holds whole sets only, and
// says so if something that is needed is missing.
func TestAnswersFit(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{MaxUDP: 4096})
	for _, question := range []string{
		"big.corpus.example. TXT", "tobig.corpus.example. TXT", "mid.corpus.example. MX", "many.corpus.example. A",
		"child.corpus.example. A", "corpus.example. NS", "nosuch.corpus.example. A", "x.dlong.corpus.example. A",
	} {
		whole, via := query(t, question+" +tcp")
		full := ask(t, s, whole, via)
		for size := minUDP; size < 1400; size++ {
			q, _ := query(t, fmt.Sprintf("%s +edns=%d", question, size))
			wire, _ := q.Pack()
			out := s.handle(new(writer), wire, client, overUDP)
			m := unpack(t, out)
			if len(out) > size {
				t.Fatalf("%s: %d octets for a client that takes %d", question, len(out), size)
			}
			missing := len(m.Answer) < len(full.Answer) || len(m.Ns) < len(full.Ns) || strings.Contains(question, "many") && len(m.Extra)-1 < len(full.Extra)
			if missing != m.Truncated {
				t.Fatalf("%s, %d octets: TC is %v: %s", question, size, m.Truncated, glance(m))
			}
			for _, section := range [][2][]dns.RR{{m.Answer, full.Answer}, {m.Ns, full.Ns}, {m.Extra, full.Extra}} {
				if set := halfSet(section[0], section[1]); set != "" {
					t.Fatalf("%s, %d octets: a part of %s", question, size, set)
				}
			}
		}
	}
}

// halfSet names a set of which got has some records and not all.
func halfSet(got, full []dns.RR) string {
	count := func(rrs []dns.RR) map[string]int {
		n := map[string]int{}
		for _, rr := range rrs {
			n[rr.Header().Name+dns.Type(rr.Header().Rrtype).String()]++
		}
		return n
	}
	all := count(full)
	for set, n := range count(got) {
		if all[set] > 0 && all[set] != n {
			return set
		}
	}
	return ""
}

// A signature's room is kept free, and where nothing else fits the question goes.
func TestSignedAnswersFit(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{})
	long := strings.Repeat(strings.Repeat("k", 60)+".", 4)
	unknownKey := wireRecord(long, int(dns.TypeTSIG), 255, wireName("hmac-sha256")+"\x00\x00\x00\x00\x00\x00\x01\x2c"+be16(32)+strings.Repeat("m", 32)+"\x12\x34\x00\x00\x00\x00")
	for _, name := range []string{"corpus.example", strings.Repeat(strings.Repeat("q", 60)+".", 3) + "corpus.example"} {
		wire := packet(0, 1, 0, 0, 1, wireQuestion(name, 1, 1), unknownKey)
		out := s.handle(new(writer), wire, client, overUDP)
		m := unpack(t, out)
		if len(out) > minUDP || m.Rcode != dns.RcodeNotAuth || m.IsTsig() == nil || m.IsTsig().Error != dns.RcodeBadKey {
			t.Errorf("%s: %d octets, %s", name, len(out), m)
		}
	}
}

// What is packed unpacks to the same, also when records were taken back.
func TestWriter(t *testing.T) {
	t.Parallel()
	label := rapid.StringMatching(`[a-cA-C]{1,3}|\\007|_x`)
	name := rapid.Custom(func(t *rapid.T) zone.Name {
		n, err := zone.ParseName(strings.Join(rapid.SliceOfN(label, 0, 5).Draw(t, "labels"), ".") + ".")
		if err != nil {
			t.Fatal(err)
		}
		return n
	})
	rapid.Check(t, func(t *rapid.T) {
		var w writer
		exact := rapid.Bool().Draw(t, "exact")
		w.start(7, 0, name.Draw(t, "question").AppendWire(nil), dns.TypeA, dns.ClassINET)
		w.names.exact = exact
		var want []string
		for range rapid.IntRange(1, 30).Draw(t, "records") {
			owner, target := name.Draw(t, "owner"), name.Draw(t, "target")
			rrtype := rapid.SampledFrom([]zone.Type{zone.TypeNS, zone.TypeMX, zone.TypeSRV, zone.TypeDNAME, zone.TypeSOA}).Draw(t, "type")
			data, err := zone.ParseRdata(rrtype, map[zone.Type]string{
				zone.TypeNS: string(target), zone.TypeMX: "5 " + string(target), zone.TypeSRV: "1 2 3 " + string(target),
				zone.TypeDNAME: string(target), zone.TypeSOA: string(target) + " " + string(owner) + " 1 2 3 4 5",
			}[rrtype], zone.Root)
			if err != nil {
				t.Fatal(err)
			}
			set := zone.RRset{Name: owner, Type: rrtype, TTL: 9, Data: []zone.Rdata{data}}
			if w.limit = len(w.buf) + rapid.IntRange(0, 80).Draw(t, "room"); !w.set(inAnswer, dns.ClassINET, signedSet{RRset: set}) {
				continue
			}
			rrs, _ := set.ToRRs()
			want = append(want, rrs[0].String())
		}
		var m dns.Msg
		if err := m.Unpack(w.buf); err != nil {
			t.Fatalf("%v: %x", err, w.buf)
		}
		if len(m.Answer) != len(want) {
			t.Fatalf("%d records, want %d", len(m.Answer), len(want))
		}
		for i, rr := range m.Answer {
			if got := rr.String(); got != want[i] && (exact || !strings.EqualFold(got, want[i])) {
				t.Fatalf("%s, want %s", got, want[i])
			}
		}
	})
}
