package nameserver

import (
	"bytes"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"pgregory.net/rapid"
)

// askQuick has the fast path answer; nil if it leaves that to the full one.
func askQuick(s *Server, wire []byte, via transport) []byte {
	k := s.newQuick()
	defer k.reader.Close()
	k.now = uint32(time.Now().Unix())
	k.reader.Enter()
	defer k.reader.Leave()
	out, ok := k.answer(nil, wire, client.Addr(), via)
	if !ok {
		return nil
	}
	return bytes.Clone(out)
}

// lines is a message as text, in which the case of names, which compression
// takes from where it finds them, does not count.
func lines(t testing.TB, wire []byte) string { return strings.ToLower(unpack(t, wire).String()) }

// agree holds what the fast path says, if anything, against the full one.
func agree(t testing.TB, s *Server, wire, full []byte) {
	t.Helper()
	got := askQuick(s, wire, overUDP)
	switch {
	case got == nil:
	case full == nil:
		t.Fatalf("only the fast path answers %x: %x", wire, got)
	case !bytes.Equal(got, full) && lines(t, got) != lines(t, full):
		full = bytes.Clone(s.handle(new(writer), wire, client, overUDP)) // a cookie of another second
		if g, w := lines(t, askQuick(s, wire, overUDP)), lines(t, full); g != w {
			t.Fatalf("to %x the fast path says\n%s\nand the full one\n%s", wire, g, w)
		}
	}
}

func proves(t uint16) bool { return t == dns.TypeNSEC || t == dns.TypeNSEC3 }

// The fast path and the full one say the same, in every zone, to every question.
func TestPathsAgree(t *testing.T) {
	t.Parallel()
	for _, how := range []signing{notSigned, nsec, nsec3, optOut} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			var asked, answered, compact, denied atomic.Int64
			rapid.Check(t, func(rt *rapid.T) {
				origin := rapid.SampledFrom([]string{"z.", "b.z.", "."}).Draw(rt, "origin")
				ref := drawZone(rt, origin)
				ref.sign(how)
				s := New(Options{})
				s.Put(ref.contents(t))
				for range 40 {
					qname := drawName(rt, rapid.SampledFrom([]string{origin, origin, origin, "z."}).Draw(rt, "below"), 5)
					q := new(dns.Msg)
					q.SetQuestion(qname, rapid.SampledFrom(probeTypes).Draw(rt, "qtype"))
					if rapid.Bool().Draw(rt, "EDNS") {
						q.SetEdns0(uint16(rapid.SampledFrom([]int{0, 600, 1232, 4096}).Draw(rt, "size")), rapid.Bool().Draw(rt, "DO"))
					}
					wire, err := q.Pack()
					if err != nil {
						rt.Fatal(err)
					}
					via := rapid.SampledFrom([]transport{overUDP, overUDP, overTCP}).Draw(rt, "transport")
					full := s.handle(new(writer), wire, client, via)
					asked.Add(1)
					got := askQuick(s, wire, via)
					if got == nil {
						continue
					}
					answered.Add(1)
					if bytes.Equal(got, full) {
						compact.Add(1)
					}
					if m := unpack(t, got); slices.ContainsFunc(m.Ns, func(rr dns.RR) bool { return proves(rr.Header().Rrtype) }) {
						denied.Add(1)
					}
					if g, w := lines(t, got), lines(t, full); g != w {
						rt.Fatalf("the fast path says of\n%s\n%s\nand the full one\n%s", ref, g, w)
					}
				}
			})
			t.Logf("%d questions, the fast path answered %d, %d in the same octets, %d with proofs", asked.Load(), answered.Load(), compact.Load(), denied.Load())
			if answered.Load()*2 < asked.Load() {
				t.Errorf("the fast path answered %d of %d questions", answered.Load(), asked.Load())
			}
			if how != notSigned && denied.Load()*20 < asked.Load() {
				t.Errorf("the fast path denied something in %d of %d answers", denied.Load(), asked.Load())
			}
		})
	}
}
