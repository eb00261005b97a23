package nameserver

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/zone"
)

// A process takes the sockets of the one before it over, and no question of
// those that come in meanwhile is lost, over UDP, TCP or TLS.
func TestSocketsAreHandedOver(t *testing.T) {
	t.Parallel()
	_, trust, config := certificate(t)
	start := func(o Options) (s *Server, yield func()) {
		o.TLSConfig = config
		s = New(o)
		if err := s.Listen(); err != nil {
			t.Fatal(err)
		}
		s.Put(version(t, "z.", 1, 1))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { s.Serve(ctx); close(done) }()
		t.Cleanup(func() { cancel(); <-done })
		return s, func() { s.Yield(); <-done }
	}
	somewhere := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	s, yield := start(Options{Listen: somewhere, TLS: somewhere})
	addr, tlsAddr := s.Addrs()[0], s.TLSAddrs()[0]
	ctx, enough := context.WithCancel(t.Context())
	var askers sync.WaitGroup
	for name, ask := range map[string]func() error{
		"UDP": func() error { return askOnce(addr) },
		"TCP": func() error { return askStream(net.Dial("tcp", addr.String())) },
		"TLS": func() error { return askStream(tls.Dial("tcp", tlsAddr.String(), trust)) },
	} {
		for range 2 {
			askers.Go(func() {
				for ctx.Err() == nil {
					if err := ask(); err != nil {
						t.Errorf("over %s: %v", name, err)
						return
					}
				}
			})
		}
	}
	for range 10 {
		files, err := s.Sockets()
		if err != nil {
			t.Fatal(err)
		}
		next, yieldNext := start(Options{Listen: []netip.AddrPort{addr}, TLS: []netip.AddrPort{tlsAddr}, Sockets: files})
		for _, f := range files {
			f.Fd() // as passing it to a process does
			f.Close()
		}
		yield()
		s, yield = next, yieldNext
		if m := exchange(t, s, [][]byte{packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1))}, 1); len(m) != 1 {
			t.Error("no answer over TCP")
		}
	}
	enough()
	askers.Wait()
}

// askOnce asks over UDP and waits; a question that is lost is an error.
func askOnce(addr netip.AddrPort) error {
	conn, err := net.Dial("udp", addr.String())
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := conn.Write(packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1))); err != nil {
		return err
	}
	_, err = conn.Read(make([]byte, 512))
	return err
}

// askStream asks over a connection, twice, and ends it.
func askStream[C net.Conn](conn C, err error) error {
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	in := bufio.NewReader(conn)
	for range 2 {
		if err := writeFrame(conn, packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1))); err != nil {
			return err
		}
		if _, err := readFrame(in); err != nil {
			return err
		}
	}
	return nil
}

// Who is connected when a server yields is answered on, is asked to go, and
// does not stay for ever.
func TestConnectionsOfOneThatYields(t *testing.T) {
	t.Parallel()
	keepalive := packet(0, 1, 0, 0, 1, wireQuestion("ns.z", 1, 1), opt(1232, 0, 0, option(11, "")))
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{})
		s.Put(version(t, "z.", 1, 1))
		conn := inPipe(t, s)
		s.running.Go(func() {
			for s.conns.count() > 0 {
				time.Sleep(time.Second / 4)
			}
		})
		done := make(chan struct{})
		go func() { s.Serve(t.Context()); close(done) }()
		in := bufio.NewReader(conn)
		ask := func() string {
			if err := writeFrame(conn, keepalive); err != nil {
				return err.Error()
			}
			wire, err := readFrame(in)
			if err != nil {
				return err.Error()
			}
			return glance(unpack(t, wire))
		}
		if got := ask(); got != "NOERROR aa 1/1/0/0 edns 0 1232 keepalive 100" {
			t.Error(got)
		}
		s.Yield()
		start := time.Now()
		time.Sleep(time.Second / 2) // so that no question comes at the very end
		for {
			if got := ask(); got != "NOERROR aa 1/1/0/0 edns 0 1232 keepalive 0" {
				break
			}
			time.Sleep(time.Second)
		}
		if stayed := time.Since(start).Truncate(time.Second); stayed != yieldWords {
			t.Errorf("one who does not go was served for %s", stayed)
		}
		<-done
	})
}

// Of a catalog nothing is told to those who may not have it.
func TestPrivateZones(t *testing.T) {
	t.Parallel()
	s := serve(t, Options{Private: []zone.Name{"catalog."}})
	s.Put(version(t, "catalog.", 1, 1))
	s.Put(version(t, "z.", 1, 1))
	for who, c := range map[string]struct {
		access Access
		want   string
	}{
		"one who may not": {Access{}, "REFUSED 1/0/0/0"},
		"one who may":     {Access{TransferNets: loopback}, "NOERROR aa 1/1/0/0"},
	} {
		s.SetAccess(c.access)
		for _, question := range []string{wireQuestion("ns.catalog", 1, 1), wireQuestion("Catalog", 6, 1)} {
			if got := glance(exchange(t, s, [][]byte{packet(0, 1, 0, 0, 0, question)}, 1)[0]); got != c.want {
				t.Errorf("%s: %q", who, got)
			}
		}
		if got := glance(exchange(t, s, [][]byte{packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1))}, 1)[0]); got != "NOERROR aa 1/1/0/0" {
			t.Errorf("%s: another zone: %q", who, got)
		}
	}
}

// Secrets are replaced while it runs: cookies of the old one hold while it is
// among them.
func TestCookieSecretsAreReplaced(t *testing.T) {
	t.Parallel()
	s := served(t, "zones", Options{CookieSecrets: []CookieSecret{{1}}, RequireCookies: true})
	ask := func(cookie string) (rcode int, fresh string) {
		wire := packet(0, 1, 0, 0, 1, wireQuestion("ns2.corpus.example", 1, 1), opt(1232, 0, 0, option(10, cookie)))
		m := unpack(t, s.handle(new(writer), wire, client, overUDP))
		for _, o := range m.IsEdns0().Option {
			if c, ok := o.(*dns.EDNS0_COOKIE); ok {
				fresh = string(unhex(t, c.Cookie))
			}
		}
		return m.Rcode, fresh
	}
	_, first := ask("12345678")
	for _, row := range []struct {
		secrets []CookieSecret
		holds   bool
	}{{nil, true}, {[]CookieSecret{{2}, {1}}, true}, {[]CookieSecret{{2}}, false}} {
		s.SetCookieSecrets(row.secrets)
		if rcode, _ := ask(first); (rcode == dns.RcodeSuccess) != row.holds {
			t.Errorf("with %v: %s", row.secrets, dns.RcodeToString[rcode])
		}
	}
}
