package e2e

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/servertest"
)

// scripted is a primary that says what the test wants, right or wrong.
type scripted struct {
	t      *testing.T
	addr   netip.AddrPort
	mu     sync.Mutex // owns script
	script map[string]func(q dns.Question) [][]string
	asked  map[string]int
}

// newScripted starts one. A script returns the messages of an answer, each the
// records of its answer section.
func newScripted(t *testing.T) *scripted {
	t.Helper()
	s := &scripted{t: t, addr: servertest.Free(t), script: map[string]func(dns.Question) [][]string{}, asked: map[string]int{}}
	for _, network := range []string{"udp", "tcp"} {
		up := make(chan struct{})
		server := &dns.Server{Addr: s.addr.String(), Net: network, NotifyStartedFunc: func() { close(up) }, Handler: dns.HandlerFunc(s.answer)}
		go server.ListenAndServe()
		<-up
		t.Cleanup(func() { server.Shutdown() })
	}
	return s
}

func (s *scripted) answer(w dns.ResponseWriter, q *dns.Msg) {
	defer w.Close() // whatever was not said is not
	s.mu.Lock()
	name := q.Question[0].Name
	script := s.script[name]
	s.asked[name]++
	s.mu.Unlock()
	if script == nil {
		m := new(dns.Msg)
		w.WriteMsg(m.SetRcode(q, dns.RcodeRefused))
		return
	}
	for _, records := range script(q.Question[0]) {
		m := new(dns.Msg)
		m.SetReply(q)
		m.Authoritative = true
		for _, text := range records {
			rr, err := dns.NewRR(text)
			if err != nil {
				s.t.Error(err)
				return
			}
			m.Answer = append(m.Answer, rr)
		}
		w.WriteMsg(m)
	}
}

// says changes the script of a zone; nil refuses it.
func (s *scripted) says(name string, script func(q dns.Question) [][]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script[name] = script
}

func (s *scripted) questions(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name]
}

func soaWith(name string, serial int) string {
	return fmt.Sprintf("%s 300 SOA ns1.example.net. hostmaster.example.net. %d 3600 600 1 300", name, serial)
}

// whole is a right answer of a serial to any question.
func whole(name string, serial int, more ...string) func(q dns.Question) [][]string {
	soa := soaWith(name, serial)
	return func(q dns.Question) [][]string {
		if q.Qtype == dns.TypeSOA {
			return [][]string{{soa}}
		}
		records := append([]string{soa, name + " 300 NS ns1.example.net.", fmt.Sprintf("serial.%s 300 TXT %d", name, serial)}, more...)
		return [][]string{append(records, soa)}
	}
}

// instead is a right answer to who asks for the serial, and another transfer.
func instead(name string, serial int, transfer ...[]string) func(q dns.Question) [][]string {
	return func(q dns.Question) [][]string {
		if q.Qtype == dns.TypeSOA {
			return [][]string{{soaWith(name, serial)}}
		}
		return transfer
	}
}

// tell sends an unsigned NOTIFY from an address.
func (n *node) tell(from, name string) error {
	m := new(dns.Msg)
	m.SetNotify(name)
	client := dns.Client{Dialer: &net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(from)}, Timeout: 5 * time.Second}}
	_, _, err := client.Exchange(m, n.dns)
	return err
}

// toldUntil sends NOTIFY as a primary does, again and again (RFC 1996 section
// 3.6), until what is looked at has the wanted text.
func (n *node) toldUntil(name, want string, look func() (string, error)) {
	n.t.Helper()
	eventually(n.t, fmt.Sprintf("%s is told until %q shows", name, want), func() error {
		told := n.tell("127.0.0.1", name)
		out, err := look()
		if err == nil && strings.Contains(out, want) {
			return nil
		}
		return errors.Join(fmt.Errorf("it says\n%s", out), err, told)
	})
}

// shows demands that a command comes to print something.
func (n *node) shows(want string, args ...string) {
	n.t.Helper()
	eventually(n.t, fmt.Sprintf("skein %s shows %q", strings.Join(args, " "), want), func() error {
		if out := n.ok("", args...); !strings.Contains(out, want) {
			return fmt.Errorf("it prints\n%s", out)
		}
		return nil
	})
}

// Whatever a primary sends that cannot be right is refused with the reason,
// and the zone stays what it was.
func TestPrimariesThatSendNonsense(t *testing.T) {
	t.Parallel()
	n, primary := newNode(t), newScripted(t)
	for zone, c := range map[string]struct {
		script func(q dns.Question) [][]string
		why    string // of the refusal
	}{
		"half.example.":      {instead("half.example.", 6, []string{soaWith("half.example.", 6), "half.example. 300 NS ns1.example.net."}), "it ends after 1 messages"},
		"other.example.":     {instead("other.example.", 6, []string{soaWith("foreign.example.", 6), "foreign.example. 300 NS ns1.example.net.", soaWith("foreign.example.", 6)}), "it has the SOA of foreign.example."},
		"outside.example.":   {whole("outside.example.", 6, "www.example.org. 300 A 192.0.2.66"), "www.example.org."},
		"backwards.example.": {whole("backwards.example.", 4), "the serial"},
		"invalid.example.":   {whole("invalid.example.", 6, "a.invalid.example. 300 CNAME b", "a.invalid.example. 300 CNAME c"), "CNAME"},
	} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			on := *n
			on.t = t
			primary.says(zone, whole(zone, 5))
			source := "from-" + strings.TrimSuffix(zone, ".example.")
			on.transferFrom(source, primary.addr, false, "--zone", zone)
			on.answers("serial."+zone, "TXT", `"5"`)
			primary.says(zone, c.script)
			on.toldUntil(zone, c.why, func() (string, error) { return on.ok("", "zone", "show", zone), nil })
			on.answers("serial."+zone, "TXT", `"5"`)
			if zone == "backwards.example." {
				on.shows("backwards.example", "hold", "list")
				on.ok("", "hold", "release", "--all", "--yes", "--source", source)
				on.answers("serial."+zone, "TXT", `"4"`)
				eventually(t, "nothing is wrong with it any more", func() error {
					if out := on.ok("", "zone", "show", zone); strings.Contains(out, "not taken") {
						return errors.Join(fmt.Errorf("it says\n%s", out), on.tell("127.0.0.1", zone))
					}
					return nil
				})
			}
			// And once it sends what is right, that is taken.
			primary.says(zone, whole(zone, 7))
			on.toldUntil(zone, `"7"`, func() (string, error) { return on.dig("serial."+zone, "TXT", "+short") })
		})
	}
	t.Run("a difference that does not apply", func(t *testing.T) {
		t.Parallel()
		on := *n
		on.t = t
		const zone = "difference.example."
		primary.says(zone, whole(zone, 5))
		on.transferFrom("from-difference", primary.addr, false, "--zone", zone)
		on.answers("serial."+zone, "TXT", `"5"`)
		next := whole(zone, 6)
		primary.says(zone, func(q dns.Question) [][]string {
			if q.Qtype != dns.TypeIXFR {
				return next(q)
			}
			return [][]string{{soaWith(zone, 6), soaWith(zone, 5), "nosuch." + zone + " 300 A 192.0.2.1", soaWith(zone, 6), soaWith(zone, 6)}}
		})
		on.toldUntil(zone, `"6"`, func() (string, error) { return on.dig("serial."+zone, "TXT", "+short") })
	})
}

// A zone whose primary is away for longer than its SOA allows answers SERVFAIL,
// also after a restart, and is in service again as soon as the primary is.
func TestExpiry(t *testing.T) {
	t.Parallel()
	n, primary := newNode(t), newScripted(t)
	const zone = "expiring.example."
	quick := func(q dns.Question) [][]string {
		answer := whole(zone, 5)(q)
		for _, records := range answer {
			for i := range records {
				records[i] = strings.Replace(records[i], "5 3600 600 1 300", "5 1 1 1 300", 1)
			}
		}
		return answer
	}
	primary.says(zone, quick)
	n.transferFrom("old", primary.addr, false, "--zone", zone)
	n.answers("serial."+zone, "TXT", `"5"`)
	primary.says(zone, nil)
	n.is(zone, "SERVFAIL")
	n.shows("expired", "zone", "show", zone)
	n.stop()
	n.start()
	n.is(zone, "SERVFAIL")
	primary.says(zone, quick)
	n.answers("serial."+zone, "TXT", `"5"`)
}

// Strangers' NOTIFYs, of zones that are here and that are not, reach no primary.
func TestNotifyFlood(t *testing.T) {
	t.Parallel()
	n, primary := newNode(t), newScripted(t)
	const zone = "calm.example."
	primary.says(zone, whole(zone, 5))
	n.transferFrom("old", primary.addr, false, "--zone", zone, "--auto")
	n.answers("serial."+zone, "TXT", `"5"`)
	before := primary.questions(zone)
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.ParseIP("127.0.0.66")}, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(n.dns)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i := range 20_000 {
		m := new(dns.Msg)
		m.SetNotify([]string{zone, fmt.Sprintf("x%d.example.", i)}[i%2])
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		conn.Write(wire)
	}
	n.answers("serial."+zone, "TXT", `"5"`)
	if after := primary.questions(zone); after != before {
		t.Errorf("the primary was asked %d times for that", after-before)
	}
	if out := n.ok("", "source", "show", "old", "--transfer-zones"); strings.Contains(out, "x1.example") {
		t.Errorf("zones were created:\n%s", out)
	}
}
