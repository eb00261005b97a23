package nameserver

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/zone"
)

// Answers come from the address that was asked, also where the server listens
// on all addresses, over either way through it: clients believe no others.
func TestAnswersLeaveFromWhereWasAsked(t *testing.T) {
	t.Parallel()
	for listen, ask := range map[string]string{
		"127.0.0.1:0": "127.0.0.1", "0.0.0.0:0": "127.0.0.77", "[::1]:0": "::1", "[::]:0": "::1",
	} {
		s := serve(t, Options{Listen: []netip.AddrPort{netip.MustParseAddrPort(listen)}})
		s.Put(version(t, "z.", 1, 1))
		for _, way := range []struct {
			name string
			wire []byte
			want string
		}{
			{"fast", packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1)), "NOERROR aa 1/1/0/0"},
			{"full", packet(0, 1, 0, 0, 0, wireQuestion("elsewhere", 1, 1)), "REFUSED 1/0/0/0"},
			{"put off", packet(0x2800, 1, 0, 0, 0, wireQuestion("z", 6, 1)), "UPDATE REFUSED 1/0/0/0"},
		} {
			// Connected: the system lets nothing through from elsewhere.
			conn, err := net.Dial("udp", netip.AddrPortFrom(netip.MustParseAddr(ask), s.Addrs()[0].Port()).String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			if _, err := conn.Write(way.wire); err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 512)
			n, err := conn.Read(buf)
			if err != nil {
				t.Fatalf("%s at %s, %s: %v", listen, ask, way.name, err)
			}
			if got := glance(unpack(t, buf[:n])); got != way.want {
				t.Errorf("%s at %s, %s: %q, want %q", listen, ask, way.name, got, way.want)
			}
		}
	}
}

// No answer is cut up on its way: who forges a part of one, or claims that the
// path is narrow, gains nothing (RFC 9715).
func TestAnswersAreNotFragmented(t *testing.T) {
	t.Parallel()
	for listen, option := range map[string][3]int{
		"127.0.0.1:0": {unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE},
		"0.0.0.0:0":   {unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_PROBE},
		"[::]:0":      {unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, unix.IPV6_PMTUDISC_PROBE},
	} {
		s := serve(t, Options{Listen: []netip.AddrPort{netip.MustParseAddrPort(listen)}})
		for _, u := range s.udp {
			if got, err := unix.GetsockoptInt(u.fd, option[0], option[1]); err != nil || got != option[2] {
				t.Errorf("%s: %d, %v", listen, got, err)
			}
		}
	}
}

// A burst of more messages than go into one batch, of all kinds, is answered
// message for message, and counted.
func TestBursts(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	s.Put(version(t, "z.", 20, 1))
	conn, err := net.Dial("udp", s.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	questions := []string{wireQuestion("ns.z", 1, 1), wireQuestion("elsewhere", 1, 1), wireQuestion("nosuch.z", 1, 1), wireQuestion("z", 255, 1)}
	wants := []string{"NOERROR aa 1/1/0/0", "REFUSED 1/0/0/0", "NXDOMAIN aa 1/0/1/0", "NOERROR aa 1/1/0/1"}
	const rounds, burst = 10, 100
	buf := make([]byte, 1500)
	for range rounds {
		for i := range burst {
			wire := packet(0, 1, 0, 0, 0, questions[i%len(questions)])
			wire[0], wire[1] = 0, byte(i)
			if _, err := conn.Write(wire); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[uint16]bool{}
		for range burst {
			n, err := conn.Read(buf)
			if err != nil {
				t.Fatalf("%d of %d answers came: %v", len(seen), burst, err)
			}
			m := unpack(t, buf[:n])
			if got, want := glance(m), wants[int(m.Id)%len(wants)]; got != want || seen[m.Id] {
				t.Errorf("message %d: %q, want %q; seen before: %v", m.Id, got, want, seen[m.Id])
			}
			seen[m.Id] = true
		}
	}
	if q, r := s.Stats().Queries.Load(), s.Stats().Responses.Load(); q != rounds*burst || r != q {
		t.Errorf("%d questions and %d answers were counted, of %d", q, r, rounds*burst)
	}
}

// The fast path takes no memory, whatever it is asked that it knows.
func TestTheFastPathTakesNoMemory(t *testing.T) {
	s := served(t, "zones", Options{})
	k := s.newQuick()
	defer k.reader.Close()
	buf := make([]byte, 0, maxUDP)
	for _, question := range []string{
		"corpus.example. SOA", "ns2.corpus.example. A", "ns2.corpus.example. A +edns=1232", "ns2.corpus.example. A +do",
		"corpus.example. MX", "nosuch.corpus.example. A", "ns2.corpus.example. TXT", "x.wild.corpus.example. A", "www.child.corpus.example. A",
		"www.nobody.test. A +edns=1232",
	} {
		q, _ := query(t, question)
		wire, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		testNoMemory(t, k, buf, wire, question)
	}
	testNoMemory(t, k, buf, packet(0, 1, 0, 0, 1, wireQuestion("ns2.corpus.example", int(dns.TypeA), 1), opt(1232, 0, 0, option(10, "12345678"))), "a cookie")
	text := "@ 60 SOA ns h 1 1 1 1 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n*.wild 60 A 192.0.2.2\n"
	for how, args := range chains {
		origin := strings.ToLower(strings.ReplaceAll(string(how), " ", "-")) + ".example."
		s.Put(contents(t, zone.Name(origin), newSigner(t).sign(contents(t, zone.Name(origin), text), args...)))
		for _, question := range []string{"ns A", "nosuch TXT", "a.nosuch TXT", "ns TXT", "x.wild A", "a.x.wild A", "x.wild TXT"} {
			name, qtype, _ := strings.Cut(question, " ")
			q, _ := query(t, name+"."+origin+" "+qtype+" +do")
			wire, err := q.Pack()
			if err != nil {
				t.Fatal(err)
			}
			testNoMemory(t, k, buf, wire, string(how)+": "+question)
		}
	}
}

func testNoMemory(t *testing.T, k *quick, buf, wire []byte, what string) {
	t.Helper()
	answered := true
	if n := testing.AllocsPerRun(100, func() {
		k.reader.Enter()
		_, ok := k.answer(buf, wire, client.Addr(), overUDP)
		k.reader.Leave()
		answered = answered && ok
	}); n != 0 || !answered {
		t.Errorf("%s: %v pieces of memory an answer; the fast path knows it: %v", what, n, answered)
	}
}
