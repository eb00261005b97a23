package probe

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// peer is a nameserver whose every packet the test decides on.
type peer struct {
	addr netip.AddrPort
	mu   sync.Mutex
	seen []*dns.Msg // questions in the order they came
}

// startPeer answers each question with the packets that answer returns; nth counts the
// questions for the same name from 1.
func startPeer(t *testing.T, answer func(q *dns.Msg, nth int) []*dns.Msg) *peer {
	t.Helper()
	return startRawPeer(t, func(q *dns.Msg, nth int, _ netip.AddrPort) (packets [][]byte) {
		for _, m := range answer(q, nth) {
			if packet, err := m.Pack(); err == nil {
				packets = append(packets, packet)
			}
		}
		return packets
	})
}

// startRawPeer is startPeer for packets that are no messages.
func startRawPeer(t *testing.T, answer func(q *dns.Msg, nth int, from netip.AddrPort) [][]byte) *peer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadBuffer(4 << 20)
	p := &peer{addr: conn.LocalAddr().(*net.UDPAddr).AddrPort()}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 4096)
		times := map[string]int{}
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			q := new(dns.Msg)
			if q.Unpack(buf[:n]) != nil {
				continue
			}
			p.mu.Lock()
			p.seen = append(p.seen, q)
			p.mu.Unlock()
			times[q.Question[0].Name]++
			for _, packet := range answer(q, times[q.Question[0].Name], from) {
				_, _ = conn.WriteToUDPAddrPort(packet, from)
			}
		}
	}()
	return p
}

// reply makes an answer from zone text.
func reply(t *testing.T, q *dns.Msg, aa bool, rcode int, records ...string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	m.SetRcode(q, rcode)
	m.Authoritative = aa
	for _, text := range records {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Error(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	return m
}

const soa = "example.com. 3600 IN SOA ns.example.com. root.example.com. %d 3600 600 86400 60"

// quick asks again soon, and then waits as long as a busy machine may take.
func quick(t *testing.T) *Prober {
	p := New(Options{Waits: []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 20 * time.Second}})
	t.Cleanup(func() { p.Close() })
	return p
}

func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		situation string
		answer    func(t *testing.T, q *dns.Msg) *dns.Msg
		want      Outcome
		serial    uint32
	}{
		{"serves the zone", func(t *testing.T, q *dns.Msg) *dns.Msg { return reply(t, q, true, 0, fmt.Sprintf(soa, 4294967295)) }, Serves, 4294967295},
		{"does not have it", func(t *testing.T, q *dns.Msg) *dns.Msg { return reply(t, q, false, dns.RcodeRefused) }, Absent, 0},
		{"has the zone above", func(t *testing.T, q *dns.Msg) *dns.Msg { return reply(t, q, true, dns.RcodeNameError) }, Absent, 0},
		{"has the zone above and data there", func(t *testing.T, q *dns.Msg) *dns.Msg { return reply(t, q, true, 0) }, Absent, 0},
		{"is not authoritative for it", func(t *testing.T, q *dns.Msg) *dns.Msg { return reply(t, q, false, dns.RcodeNotAuth) }, Absent, 0},
		{"has not loaded it or let it expire", func(t *testing.T, q *dns.Msg) *dns.Msg { return reply(t, q, false, dns.RcodeServerFailure) }, NotLoaded, 0},
		{"a resolver that knows it from elsewhere", func(t *testing.T, q *dns.Msg) *dns.Msg { return reply(t, q, false, 0, fmt.Sprintf(soa, 7)) }, NotServed, 0},
		{"does not understand", func(t *testing.T, q *dns.Msg) *dns.Msg { return reply(t, q, false, dns.RcodeFormatError) }, Broken, 0},
		{"says nothing", func(*testing.T, *dns.Msg) *dns.Msg { return nil }, NoAnswer, 0},
	} {
		t.Run(row.situation, func(t *testing.T) {
			t.Parallel()
			p := startPeer(t, func(q *dns.Msg, _ int) []*dns.Msg {
				if m := row.answer(t, q); m != nil {
					return []*dns.Msg{m}
				}
				return nil
			})
			prober := quick(t)
			if row.want == NoAnswer {
				prober = New(Options{Waits: []time.Duration{time.Millisecond}})
				defer prober.Close()
			}
			got, err := prober.Serial(context.Background(), p.addr, "Example.COM.")
			if err != nil || got.Outcome != row.want || got.Serial != row.serial {
				t.Errorf("got %s, serial %d, error %v; want %s, serial %d", got.Outcome, got.Serial, err, row.want, row.serial)
			}
			if whole := (zone.SOA{MName: "ns.example.com.", RName: "root.example.com.", Serial: row.serial, Refresh: 3600, Retry: 600, Expire: 86400, Minimum: 60}); row.want == Serves && got.SOA != whole {
				t.Errorf("got %+v, want %+v", got.SOA, whole)
			}
			if got.Text() == "" {
				t.Error("the result has no text")
			}
		})
	}
}

func TestTheQuestionDoesNotAskForRecursionAndAsksWhoAnswers(t *testing.T) {
	t.Parallel()
	p := startPeer(t, func(q *dns.Msg, _ int) []*dns.Msg {
		m := reply(t, q, true, 0, fmt.Sprintf(soa, 5))
		m.SetEdns0(1232, false)
		opt := m.IsEdns0()
		opt.Option = append(opt.Option, &dns.EDNS0_NSID{Code: dns.EDNS0NSID, Nsid: hex.EncodeToString([]byte("ns2.ams"))})
		return []*dns.Msg{m}
	})
	got, err := quick(t).Serial(context.Background(), p.addr, "example.com.")
	if err != nil || got.NSID != "ns2.ams" {
		t.Errorf("NSID %q, error %v", got.NSID, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.seen[0]
	if q.RecursionDesired || q.IsEdns0() == nil || len(q.IsEdns0().Option) != 2 {
		t.Errorf("asked:\n%s", q)
	}
}

func TestALostQuestionIsAskedAgain(t *testing.T) {
	t.Parallel()
	p := startPeer(t, func(q *dns.Msg, nth int) []*dns.Msg {
		if nth < 3 {
			return nil
		}
		return []*dns.Msg{reply(t, q, true, 0, fmt.Sprintf(soa, 9))}
	})
	got, err := quick(t).Serial(context.Background(), p.addr, "example.com.")
	if err != nil || got.Serial != 9 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestALaterQuestionDoesNotWaitForAnEarlierOnesLongTry(t *testing.T) {
	t.Parallel()
	p := startPeer(t, func(q *dns.Msg, nth int) []*dns.Msg {
		if q.Question[0].Name == "silent.example." || nth == 1 {
			return nil
		}
		return []*dns.Msg{reply(t, q, true, 0, q.Question[0].Name+" 1 IN SOA . . 42 1 1 1 1")}
	})
	prober := New(Options{Waits: []time.Duration{20 * time.Millisecond, time.Hour}})
	defer prober.Close()
	ended := make(chan Result, 1)
	prober.Ask(p.addr, "silent.example.", func(r Result) { ended <- r })
	for range 3 { // only the first try's alarm can bring these back
		if r, err := prober.Serial(t.Context(), p.addr, zone.Name(fmt.Sprintf("z%p.example.", new(byte)))); err != nil || r.Serial != 42 {
			t.Fatalf("%+v, %v", r, err)
		}
	}
}

func TestWhatAnswersAnotherQuestionIsNotBelieved(t *testing.T) {
	t.Parallel()
	p := startPeer(t, func(q *dns.Msg, _ int) []*dns.Msg {
		otherID, otherName, cut := q.Copy(), q.Copy(), reply(t, q, true, 0)
		otherID.Id++
		otherName.Question[0].Name = "example.net."
		cut.Truncated = true
		return []*dns.Msg{
			reply(t, otherID, true, 0, fmt.Sprintf(soa, 666)),
			reply(t, otherName, true, 0, fmt.Sprintf(soa, 667)),
			cut,
			q, // a reflector
			reply(t, q, true, 0, fmt.Sprintf(soa, 3)),
		}
	})
	got, err := quick(t).Serial(context.Background(), p.addr, "example.com.")
	if err != nil || got.Serial != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestManyZonesArePipelined(t *testing.T) {
	t.Parallel()
	p := startPeer(t, func(q *dns.Msg, nth int) []*dns.Msg {
		name := q.Question[0].Name
		if nth == 1 && name[1] == '7' {
			return nil // some loss
		}
		return []*dns.Msg{reply(t, q, true, 0, name+" 1 IN SOA . . 42 1 1 1 1")}
	})
	var names []zone.Name
	for i := range 5000 {
		names = append(names, zone.Name(fmt.Sprintf("z%d.example.", i)))
	}
	got := map[zone.Name]int{}
	for r := range quick(t).Serials(context.Background(), p.addr, slices.Values(names)) {
		got[r.Zone]++
		if r.Outcome != Serves || r.Serial != 42 {
			t.Fatalf("%s: %s", r.Zone, r.Text())
		}
	}
	if len(got) != len(names) {
		t.Errorf("%d of %d zones were answered", len(got), len(names))
	}
}

func TestTheWindowIsBounded(t *testing.T) {
	t.Parallel()
	p := startPeer(t, func(*dns.Msg, int) []*dns.Msg { return nil })
	prober := New(Options{Window: 2, Waits: []time.Duration{time.Hour}})
	answers := make(chan Result, 3)
	for range 3 {
		prober.Ask(p.addr, "example.com.", func(r Result) { answers <- r })
	}
	if r := <-answers; !errors.Is(r.Err, ErrBusy) {
		t.Errorf("the third question: %v", r.Err)
	}
	prober.Close()
	for range 2 {
		if r := <-answers; !errors.Is(r.Err, ErrClosed) {
			t.Errorf("after Close: %v", r.Err)
		}
	}
	if _, err := prober.Serial(context.Background(), p.addr, "example.com."); !errors.Is(err, ErrClosed) {
		t.Errorf("asked after Close: %v", err)
	}
}

func FuzzReadAnswer(f *testing.F) {
	q := new(dns.Msg)
	q.SetQuestion("example.com.", dns.TypeSOA)
	m := new(dns.Msg)
	m.SetReply(q)
	m.Authoritative = true
	rr, _ := dns.NewRR(fmt.Sprintf(soa, 1))
	m.Answer = append(m.Answer, rr)
	packet, _ := m.Pack()
	f.Add(packet)
	f.Add(packet[:20])
	f.Fuzz(func(t *testing.T, packet []byte) {
		r, ok := readAnswer(packet, "example.com.")
		unprintable := func(c rune) bool { return c < ' ' || c >= 0x7f }
		if ok && (r.Zone != "example.com." || r.Text() == "" || r.Outcome == NoAnswer || len(r.NSID) > maxNSID || strings.ContainsFunc(r.NSID, unprintable)) {
			t.Errorf("%+v", r)
		}
	})
}
