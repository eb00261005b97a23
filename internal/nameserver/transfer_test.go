package nameserver

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

var (
	testKey  = Key{Name: "k", Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}
	otherKey = Key{Name: "other", Algorithm: "hmac-sha512", Secret: testKey.Secret}
	loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
)

func contents(t testing.TB, origin zone.Name, text string) zone.Contents {
	t.Helper()
	sets, _, err := zone.Parse(strings.NewReader(text), zone.Options{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	c, err := zone.NewContents(origin, sets)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serve(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Listen == nil {
		o.Listen = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	}
	s := New(o)
	started(t, s)
	return s
}

// started has a server serve until the test ends.
func started(t testing.TB, s *Server) {
	t.Helper()
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Serve(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
}

// version is a zone of so many names at a serial; one name changes with it.
func version(t testing.TB, origin zone.Name, names int, serial uint32) zone.Contents {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "@ 3600 SOA ns host %d 3600 600 86400 300\n@ 3600 NS ns\nns 60 A 192.0.2.53\nflip 60 TXT \"%d\"\n", serial, serial)
	for i := range names {
		fmt.Fprintf(&b, "Name%d 60 TXT \"some text that takes room in a message: %d\"\n", i, i)
	}
	return contents(t, origin, b.String())
}

func TestTransfersNeedTheirKey(t *testing.T) {
	t.Parallel()
	told := make(chan Transfer, 10)
	s := serve(t, Options{OnTransfer: func(x Transfer) { told <- x }})
	first := version(t, "example.com.", 3, 7)
	s.Put(first)
	s.SetAccess(Access{Keys: []Key{testKey, otherKey}, TransferKeys: []string{"K."}})
	fetch := func(key *xfr.Key, have zone.Contents) (zone.Contents, xfr.Kind, error) {
		return xfr.Fetch(t.Context(), xfr.Request{Server: s.Addrs()[0], Zone: "example.com.", Key: key, Have: have})
	}
	key := xfr.Key(testKey)
	got, kind, err := fetch(&key, zone.Contents{})
	if err != nil || kind != xfr.AXFR || !got.Equal(first) {
		t.Fatal(kind, err)
	}
	if x := <-told; x.Key != "k" || x.Serial != 7 || x.Zone != "example.com." || x.Kind != "AXFR" {
		t.Errorf("told of %+v", x)
	}
	if _, kind, err := fetch(&key, got); err != nil || kind != xfr.Current {
		t.Errorf("current: %v %v", kind, err)
	}
	second := version(t, "example.com.", 3, 8)
	s.Put(second)
	if got, kind, err := fetch(&key, got); err != nil || kind != xfr.IXFR || !got.Equal(second) {
		t.Errorf("differences: %v %v", kind, err)
	}
	wrong := key
	wrong.Secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	notAllowed := xfr.Key(otherKey)
	for name, k := range map[string]*xfr.Key{"no key": nil, "wrong secret": &wrong, "a key that may not": &notAllowed} {
		if _, _, err := fetch(k, zone.Contents{}); err == nil {
			t.Errorf("%s was given the zone", name)
		}
	}
}

// Many messages, each signed; dig is another one's eye, and sees the case too.
func TestLargeTransfer(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	c := version(t, "example.com.", 5000, 1)
	s.Put(c)
	s.SetAccess(Access{Keys: []Key{testKey}, TransferKeys: []string{"k"}})
	key := xfr.Key(testKey)
	got, _, err := xfr.Fetch(t.Context(), xfr.Request{Server: s.Addrs()[0], Zone: "example.com.", Key: &key})
	if err != nil || !got.Equal(c) {
		t.Fatalf("what came is not what is there: %v", err)
	}
	out, err := servertest.Dig(t, s.Addrs()[0], "-y", "hmac-sha256:k:"+testKey.Secret, "example.com", "AXFR")
	if err != nil || !strings.Contains(out, "XFR size: 5005 records") || !strings.Contains(out, "\nName4711.example.com.") || strings.Contains(out, "verify") {
		t.Errorf("%v\n%.1000s", err, out)
	}
}

// exchange sends messages over one connection and reads what comes back,
// until a story's last answer.
func exchange(t *testing.T, s *Server, wires [][]byte, answers int) (out []*dns.Msg) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addrs()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	for _, w := range wires {
		if err := writeFrame(conn, w); err != nil {
			t.Fatal(err)
		}
	}
	in := bufio.NewReader(conn)
	for range answers {
		wire, err := readFrame(in)
		if err != nil {
			t.Fatalf("after %d answers: %v", len(out), err)
		}
		out = append(out, unpack(t, wire))
	}
	return out
}

func soaRecord(serial uint32) string {
	return wireRecord("z", 6, 1, "\x00\x00"+string(binary.BigEndian.AppendUint32(nil, serial))+strings.Repeat("\x00", 16))
}

func TestWhatIsTransferred(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	for serial := uint32(10); serial <= 12; serial++ {
		s.Put(version(t, "z.", 20, serial))
	}
	s.Put(version(t, "failed.", 1, 1))
	s.Fail("failed.")
	s.SetAccess(Access{TransferNets: loopback})
	axfr, ixfr := wireQuestion("z", 252, 1), wireQuestion("z", 251, 1)
	whole := "NOERROR aa 1/25/0/0"
	for name, c := range map[string]struct {
		wire []byte
		want string
	}{
		"the whole zone":                    {packet(0, 1, 0, 0, 0, axfr), whole},
		"with EDNS":                         {packet(0, 1, 0, 0, 1, axfr, opt(512, 0, 0)), whole + " edns 0 1232"},
		"a name that is no zone":            {packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 252, 1)), "NOTAUTH 1/0/0/0"},
		"why it is no zone":                 {packet(0, 1, 0, 0, 1, wireQuestion("ns.z", 252, 1), opt(512, 0, 0)), "NOTAUTH 1/0/0/0 edns 0 1232 Not-Authoritative"},
		"a zone that failed":                {packet(0, 1, 0, 0, 0, wireQuestion("failed", 252, 1)), "SERVFAIL 1/0/0/0"},
		"another class":                     {packet(0, 1, 0, 0, 0, wireQuestion("z", 252, 3)), "REFUSED 1/0/0/0"},
		"the difference from one before":    {packet(0, 1, 0, 1, 0, ixfr, soaRecord(11)), "NOERROR aa 1/6/0/0"},
		"two before, condensed":             {packet(0, 1, 0, 1, 0, ixfr, soaRecord(10)), "NOERROR aa 1/6/0/0"},
		"older than we know":                {packet(0, 1, 0, 1, 0, ixfr, soaRecord(9)), whole},
		"the same":                          {packet(0, 1, 0, 1, 0, ixfr, soaRecord(12)), "NOERROR aa 1/1/0/0"},
		"newer than ours":                   {packet(0, 1, 0, 1, 0, ixfr, soaRecord(13)), "NOERROR aa 1/1/0/0"},
		"a difference from nothing":         {packet(0, 1, 0, 0, 0, ixfr), "FORMERR 1/0/0/0"},
		"a difference from an A record":     {packet(0, 1, 0, 1, 0, ixfr, wireRecord("z", 1, 1, "abcd")), "FORMERR 1/0/0/0"},
		"a difference from half a SOA":      {packet(0, 1, 0, 1, 0, ixfr, wireRecord("z", 6, 1, "\x00\x00\x00")), "FORMERR 1/0/0/0"},
		"a difference from two SOA records": {packet(0, 1, 0, 2, 0, ixfr, soaRecord(11), soaRecord(11)), "FORMERR 1/0/0/0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := glance(exchange(t, s, [][]byte{c.wire}, 1)[0]); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Questions and transfers take turns on one connection, in order.
func TestSeveralTransfersOnOneConnection(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{})
	s.Put(version(t, "z.", 20, 1))
	s.SetAccess(Access{TransferNets: loopback})
	axfr, question := packet(0, 1, 0, 0, 0, wireQuestion("z", 252, 1)), packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1))
	want := []string{"NOERROR aa 1/25/0/0", "NOERROR aa 1/1/0/0", "NOERROR aa 1/25/0/0", "NOERROR aa 1/1/0/0"}
	for i, m := range exchange(t, s, [][]byte{axfr, question, axfr, question}, 4) {
		if got := glance(m); got != want[i] {
			t.Errorf("answer %d is %q, want %q", i, got, want[i])
		}
	}
}

// Over UDP a difference comes if it is small, else the SOA alone.
func TestIXFROverUDP(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	s.Put(version(t, "z.", 500, 1))
	s.Put(version(t, "z.", 500, 2))
	s.Put(version(t, "z.", 600, 3))
	s.SetAccess(Access{TransferNets: []netip.Prefix{netip.PrefixFrom(client.Addr(), 32)}})
	for name, c := range map[string]struct {
		serial uint32
		want   string
	}{
		"current":              {3, "NOERROR 1/1/0/0"},
		"too much to send":     {2, "NOERROR 1/1/0/0"},
		"nothing known of it":  {7_000_000, "NOERROR 1/1/0/0"},
		"an earlier one still": {0, "NOERROR 1/1/0/0"},
	} {
		t.Run(name, func(t *testing.T) {
			wire := packet(0, 1, 0, 1, 0, wireQuestion("z", 251, 1), soaRecord(c.serial))
			if got := glance(unpack(t, s.handle(new(writer), wire, client, overUDP))); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	s.Put(version(t, "z.", 600, 4))
	wire := packet(0, 1, 0, 1, 0, wireQuestion("z", 251, 1), soaRecord(3))
	if got := glance(unpack(t, s.handle(new(writer), wire, client, overUDP))); got != "NOERROR 1/6/0/0" {
		t.Errorf("a small difference: %q", got)
	}
}

// A peer that does not read keeps its connection for a while, and nobody's turn.
func TestASlowReader(t *testing.T) {
	t.Parallel()
	big := version(t, "z.", 5000, 1)
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Transfers: 1})
		s.Put(big)
		s.SetAccess(Access{TransferNets: loopback})
		axfr := packet(0, 1, 0, 0, 0, wireQuestion("z", 252, 1))
		connect := func() net.Conn {
			ours, theirs := net.Pipe()
			c := s.conns.admit(t.Context(), ours)
			go func() {
				s.serveTCP(t.Context(), c, netip.MustParseAddrPort("127.0.0.1:1"))
				s.conns.leave(c)
			}()
			go writeFrame(theirs, axfr)
			return theirs
		}
		start := time.Now()
		slow := connect()
		synctest.Wait() // it has the turn, and its first message in hand
		quick := connect()
		in := bufio.NewReader(quick)
		records := 0
		for records < 5005 {
			wire, err := readFrame(in)
			if err != nil {
				t.Fatal(err)
			}
			records += len(unpack(t, wire).Answer)
		}
		if waited := time.Since(start); waited > turnLength {
			t.Errorf("another peer waited %s for a slow one", waited)
		}
		if _, err := readFrame(bufio.NewReader(quick)); err == nil {
			t.Error("more came than the zone")
		}
		time.Sleep(tcpWrite)
		synctest.Wait()
		if n := s.conns.count(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
		slow.Close()
	})
}

// A zone is transferred as it is when its turn comes, not as it was when it
// was asked for.
func TestATransferThatWaitedIsTheNewest(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{Transfers: 1})
	s.Put(version(t, "z.", 20, 1))
	s.SetAccess(Access{TransferNets: loopback})
	hold, err := s.turns.take(t.Context(), "someone")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan zone.Contents, 1)
	go func() {
		c, _, err := xfr.Fetch(t.Context(), xfr.Request{Server: s.Addrs()[0], Zone: "z."})
		if err != nil {
			t.Error(err)
		}
		got <- c
	}()
	servertest.Eventually(t, "it waits for its turn", func() error {
		s.turns.mu.Lock()
		defer s.turns.mu.Unlock()
		if len(s.turns.order) == 0 {
			return fmt.Errorf("nobody waits")
		}
		return nil
	})
	s.Put(version(t, "z.", 20, 2))
	hold()
	if soa, _ := (<-got).SOA(); soa.Serial != 2 {
		t.Errorf("serial %d came", soa.Serial)
	}
}

// BIND, Knot and NSD follow us by signed NOTIFY and IXFR.
func TestRealServersFollow(t *testing.T) {
	t.Parallel()
	kinds := make(chan Transfer, 100)
	s := serve(t, Options{OnTransfer: func(x Transfer) { kinds <- x }})
	s.SetAccess(Access{Keys: []Key{testKey}, TransferKeys: []string{"k"}})
	s.Put(version(t, "z.", 200, 1))
	us := s.Addrs()[0]
	named, knot, nsd := servertest.New(t, "named"), servertest.New(t, "knotd"), servertest.New(t, "nsd")
	named.Named(fmt.Sprintf(`key "k" { algorithm hmac-sha256; secret %q; };
zone "z" { type secondary; primaries { %s port %d key "k"; }; file "z.db"; };
`, testKey.Secret, us.Addr(), us.Port()))
	knot.Knotd(fmt.Sprintf(`key:
  - id: k
    algorithm: hmac-sha256
    secret: %s
remote:
  - id: us
    address: %s@%d
    key: k
acl:
  - id: notify
    address: 127.0.0.1
    key: k
    action: notify
zone:
  - domain: z
    master: us
    acl: notify
    storage: %q
`, testKey.Secret, us.Addr(), us.Port(), knot.Dir))
	nsd.NSD(fmt.Sprintf(`key:
    name: "k"
    algorithm: hmac-sha256
    secret: %q
zone:
    name: "z"
    zonefile: "z.zone"
    request-xfr: %s@%d k
    allow-notify: 127.0.0.1 k
`, testKey.Secret, us.Addr(), us.Port()))
	for serial := uint32(1); serial <= 4; serial++ {
		s.Put(version(t, "z.", 200, serial))
		for _, peer := range []*servertest.Server{named, knot, nsd} {
			s.Notify(Target{Addr: peer.DNS, Key: "k", Source: us.Addr()}, "z.")
		}
		for _, peer := range []*servertest.Server{named, knot, nsd} {
			servertest.Eventually(t, fmt.Sprintf("%s serves serial %d", peer.Name, serial), func() error {
				out, err := peer.Dig("flip.z", "TXT", "+short")
				if want := fmt.Sprintf("%q", fmt.Sprint(serial)); err != nil || strings.TrimSpace(out) != want {
					return fmt.Errorf("%v %q", err, out)
				}
				return nil
			})
		}
	}
	incremental := 0
	for len(kinds) > 0 {
		if x := <-kinds; x.Kind == "IXFR" && x.Key == "k" {
			incremental++
		}
	}
	if incremental < 9 {
		t.Errorf("%d transfers were differences, want three versions for three servers", incremental)
	}
}
