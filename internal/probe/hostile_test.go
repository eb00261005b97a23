package probe

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// What comes back may be made by anybody. It is not believed, does no harm,
// and does not keep the right answer from being taken.
func TestHostilePackets(t *testing.T) {
	t.Parallel()
	pack := func(m *dns.Msg) []byte {
		packet, err := m.Pack()
		if err != nil {
			t.Error(err)
		}
		return packet
	}
	for situation, spoil := range map[string]func(q *dns.Msg, right []byte) []byte{
		"nothing":                       func(*dns.Msg, []byte) []byte { return nil },
		"a header without the rest":     func(_ *dns.Msg, right []byte) []byte { return right[:12] },
		"cut in the middle":             func(_ *dns.Msg, right []byte) []byte { return right[:len(right)-7] },
		"noise behind the id":           func(_ *dns.Msg, right []byte) []byte { return append(right[:2:2], strings.Repeat("\xff", 600)...) },
		"larger than what we asked for": func(_ *dns.Msg, right []byte) []byte { return append(right, strings.Repeat("\x00", 8000)...) },
		"a loop of compression":         func(_ *dns.Msg, right []byte) []byte { return append(right[:12:12], 0xc0, 12, 0, 6, 0, 1) },
		"60,000 records announced":      func(_ *dns.Msg, right []byte) []byte { right[6], right[7] = 0xea, 0x60; return right },
		"the question of another type":  func(q *dns.Msg, _ []byte) []byte { q.Question[0].Qtype = dns.TypeNS; return pack(reply(t, q, true, 0)) },
		"the question of another class": func(q *dns.Msg, _ []byte) []byte {
			q.Question[0].Qclass = dns.ClassCHAOS
			return pack(reply(t, q, true, 0))
		},
		"the question of another zone": func(q *dns.Msg, _ []byte) []byte {
			q.Question[0].Name = "example.net."
			return pack(reply(t, q, true, 0))
		},
		"two questions": func(q *dns.Msg, _ []byte) []byte {
			m := reply(t, q, true, 0)
			m.Question = append(m.Question, m.Question[0])
			return pack(m)
		},
		"no question": func(q *dns.Msg, _ []byte) []byte { m := reply(t, q, true, 0); m.Question = nil; return pack(m) },
		"a NOTIFY": func(q *dns.Msg, _ []byte) []byte {
			m := reply(t, q, true, 0)
			m.Opcode = dns.OpcodeNotify
			return pack(m)
		},
		"our own question":              func(q *dns.Msg, _ []byte) []byte { return pack(q) },
		"another id":                    func(_ *dns.Msg, right []byte) []byte { right[0] ^= 1; return right },
		"TC, as rate limiting makes it": func(_ *dns.Msg, right []byte) []byte { right[2] |= 2; return right },
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			p := startRawPeer(t, func(q *dns.Msg, _ int, _ netip.AddrPort) [][]byte {
				right := pack(reply(t, q, true, 0, fmt.Sprintf(soa, 3)))
				bad := spoil(q.Copy(), bytes.Clone(right))
				return [][]byte{bad, bad, right}
			})
			got, err := quick(t).Serial(t.Context(), p.addr, "example.com.")
			if err != nil || got.Outcome != Serves || got.Serial != 3 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// A packet with the right id and question, but from elsewhere, is not the answer.
func TestAnAnswerFromAnotherAddressIsNotBelieved(t *testing.T) {
	t.Parallel()
	elsewhere, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	p := startRawPeer(t, func(q *dns.Msg, _ int, asker netip.AddrPort) [][]byte {
		forged, err1 := reply(t, q, true, 0, fmt.Sprintf(soa, 666)).Pack()
		right, err2 := reply(t, q, true, 0, fmt.Sprintf(soa, 3)).Pack()
		if err := errors.Join(err1, err2); err != nil {
			t.Error(err)
		}
		elsewhere.WriteToUDPAddrPort(forged, asker)
		return [][]byte{right}
	})
	got, err := quick(t).Serial(t.Context(), p.addr, "example.com.")
	if err != nil || got.Serial != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// An identifier goes to terminals and pages: it is harmless there.
func TestIdentifiersAreMadeHarmless(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"ns1.ams":                   "ns1.ams",
		"":                          "",
		"\x1b[2Jgone":               hex.EncodeToString([]byte("\x1b[2Jgone")),
		"two\nlines":                hex.EncodeToString([]byte("two\nlines")),
		"\xff\x00":                  "ff00",
		"b\xc3\xbccher":             hex.EncodeToString([]byte("b\xc3\xbccher")),
		strings.Repeat("x", 5000):   strings.Repeat("x", maxNSID),
		strings.Repeat("\x00", 900): strings.Repeat("0", maxNSID),
	} {
		opt := &dns.OPT{Option: []dns.EDNS0{&dns.EDNS0_NSID{Code: dns.EDNS0NSID, Nsid: hex.EncodeToString([]byte(sent))}}}
		if got := nsid(opt); got != want {
			t.Errorf("%.20q became %q, want %q", sent, got, want)
		}
	}
}

// A question is answered once, however often the answer comes.
func TestADuplicateAnswerIsTakenOnce(t *testing.T) {
	t.Parallel()
	p := startPeer(t, func(q *dns.Msg, _ int) []*dns.Msg {
		m := reply(t, q, true, 0, q.Question[0].Name+" 1 IN SOA . . 3 1 1 1 1")
		return []*dns.Msg{m, m, m}
	})
	prober := quick(t)
	results := make(chan Result, 8)
	for range 3 { // each comes behind the duplicates of the one before
		prober.Ask(p.addr, "example.com.", func(r Result) { results <- r })
		if r := <-results; r.Serial != 3 {
			t.Errorf("%+v", r)
		}
	}
	prober.Close()
	if len(results) != 0 {
		t.Errorf("done was called %d times too often", len(results))
	}
}
