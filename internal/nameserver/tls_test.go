package nameserver

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/pki"
	"github.com/skein-dns/skein/internal/servertest"
)

const tlsName = "ns1.example.net"

// certified is a server over TLS and what its clients trust.
func certified(t testing.TB, o Options) (s *Server, trust *tls.Config, ca []byte) {
	t.Helper()
	ca, trust, o.TLSConfig = certificate(t)
	o.TLS = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")}
	return serve(t, o), trust, ca
}

// certificate makes an authority, what its clients trust, and a server's certificate.
func certificate(t testing.TB) (ca []byte, trust, config *tls.Config) {
	t.Helper()
	authority, err := pki.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority.PEM())
	return authority.PEM(), &tls.Config{RootCAs: pool, ServerName: tlsName}, authority.Config([]string{tlsName}, time.Now)
}

// askTLS sends one message over TLS and returns the first that comes back.
func askTLS(t *testing.T, s *Server, config *tls.Config, wire []byte) (*dns.Msg, int, error) {
	t.Helper()
	conn, err := tls.Dial("tcp", s.TLSAddrs()[0].String(), config)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if err := writeFrame(conn, wire); err != nil {
		return nil, 0, err
	}
	out, err := readFrame(bufio.NewReader(conn))
	if err != nil {
		return nil, 0, err
	}
	return unpack(t, out), len(out), nil
}

// Which clients are answered, by the versions and protocols that they offer.
func TestTLSClients(t *testing.T) {
	t.Parallel()
	s, trust, _ := certified(t, Options{})
	s.Put(version(t, "z.", 1, 1))
	s.SetAccess(Access{TLSTransferNets: loopback})
	question, transfer := packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1)), packet(0, 1, 0, 0, 0, wireQuestion("z", 252, 1))
	for name, c := range map[string]struct {
		wire   []byte
		most   uint16
		offers []string
		want   string // "": no connection
	}{
		"a question":                    {question, tls.VersionTLS13, nil, "NOERROR aa 1/1/0/0"},
		"a question by ALPN":            {question, tls.VersionTLS13, []string{"dot"}, "NOERROR aa 1/1/0/0"},
		"another protocol":              {question, tls.VersionTLS13, []string{"h2"}, ""},
		"a question with TLS 1.2":       {question, tls.VersionTLS12, []string{"dot"}, "NOERROR aa 1/1/0/0"},
		"TLS 1.1":                       {question, tls.VersionTLS11, nil, ""},
		"a transfer":                    {transfer, tls.VersionTLS13, []string{"dot"}, "NOERROR aa 1/6/0/0"},
		"a transfer with TLS 1.2":       {transfer, tls.VersionTLS12, []string{"dot"}, "REFUSED 1/0/0/0"},
		"what is no message of the DNS": {[]byte("GET / HTTP/1.1\r\n"), tls.VersionTLS13, nil, "OPCODE10 NOTIMP 0/0/0/0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := trust.Clone()
			config.MinVersion, config.MaxVersion, config.NextProtos = tls.VersionTLS10, c.most, c.offers
			m, _, err := askTLS(t, s, config, c.wire)
			got := ""
			if err == nil {
				got = glance(m)
			}
			if got != c.want {
				t.Errorf("%q (%v), want %q", got, err, c.want)
			}
		})
	}
}

// Who may transfer over TLS alone may not in the clear.
func TestTransfersOverTLSAlone(t *testing.T) {
	t.Parallel()
	s, trust, _ := certified(t, Options{})
	s.Put(version(t, "z.", 1, 1))
	s.SetAccess(Access{Keys: []Key{testKey, otherKey}, TLSTransferKeys: []string{"k"}, TransferKeys: []string{"other"}})
	signed := func(key Key) []byte {
		q := new(dns.Msg)
		q.SetAxfr("z.")
		q.SetTsig(key.Name+".", key.Algorithm+".", 300, time.Now().Unix())
		wire, _, err := dns.TsigGenerate(q, key.Secret, "", false)
		if err != nil {
			t.Fatal(err)
		}
		return wire
	}
	for name, c := range map[string]struct {
		key        Key
		clear, tls int
	}{
		"over TLS alone": {testKey, dns.RcodeRefused, dns.RcodeSuccess},
		"either way":     {otherKey, dns.RcodeSuccess, dns.RcodeSuccess},
	} {
		if m := exchange(t, s, [][]byte{signed(c.key)}, 1)[0]; m.Rcode != c.clear {
			t.Errorf("%s: in the clear %s", name, glance(m))
		}
		if m, _, err := askTLS(t, s, trust, signed(c.key)); err != nil || m.Rcode != c.tls {
			t.Errorf("%s: over TLS %v", name, err)
		}
	}
}

// Padding is for encrypted answers to those who pad (RFC 7830 section 6), and
// for every message of a transfer.
func TestPaddingOverTLS(t *testing.T) {
	t.Parallel()
	s, trust, _ := certified(t, Options{})
	s.Put(version(t, "z.", 1, 1))
	s.Put(version(t, "large.", 3000, 1))
	s.SetAccess(Access{TransferNets: loopback})
	asks, pads := opt(1232, 0, 0), opt(1232, 0, 0, option(12, "\x00\x00"))
	for name, c := range map[string]struct {
		wire   []byte
		padded bool
	}{
		"one who pads":           {packet(0, 1, 0, 0, 1, wireQuestion("ns.z", 1, 1), pads), true},
		"one who pads nothing":   {packet(0, 1, 0, 0, 1, wireQuestion("ns.z", 1, 1), opt(1232, 0, 0, option(12, ""))), true},
		"a negative answer":      {packet(0, 1, 0, 0, 1, wireQuestion("nosuch.z", 1, 1), pads), true},
		"a refusal":              {packet(0, 1, 0, 0, 1, wireQuestion("nosuch", 1, 1), pads), true},
		"a transfer":             {packet(0, 1, 0, 0, 1, wireQuestion("z", 252, 1), pads), true},
		"one who does not":       {packet(0, 1, 0, 0, 1, wireQuestion("ns.z", 1, 1), asks), false},
		"one who knows no EDNS":  {packet(0, 1, 0, 0, 0, wireQuestion("ns.z", 1, 1)), false},
		"one who asks otherwise": {packet(0, 1, 0, 0, 1, wireQuestion("ns.z", 1, 1), opt(1232, 0, 0, option(3, ""))), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, size, err := askTLS(t, s, trust, c.wire)
			if err != nil {
				t.Fatal(err)
			}
			if has := strings.Contains(glance(m), "option 12"); has != c.padded || has != (size%padBlock == 0) {
				t.Errorf("%d octets, %s", size, glance(m))
			}
			clear := exchange(t, s, [][]byte{c.wire}, 1)[0]
			if strings.Contains(glance(clear), "option 12") {
				t.Error("padded in the clear")
			}
		})
	}
	conn, err := tls.Dial("tcp", s.TLSAddrs()[0].String(), trust)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if err := writeFrame(conn, packet(0, 1, 0, 0, 1, wireQuestion("large", 252, 1), pads)); err != nil {
		t.Fatal(err)
	}
	in, messages := bufio.NewReader(conn), 0
	for records := 0; records < 3005; messages++ {
		wire, err := readFrame(in)
		if err != nil {
			t.Fatal(err)
		}
		m := unpack(t, wire)
		records += len(m.Answer)
		if len(wire)%padBlock != 0 && len(wire) != maxTCP {
			t.Errorf("message %d of a transfer has %d octets", messages, len(wire))
		}
	}
	if messages < 2 {
		t.Errorf("%d messages", messages)
	}
}

// A client that opens a connection and does not go on with it is ended, as one
// in the clear is.
func TestTLSConnectionsEnd(t *testing.T) {
	t.Parallel()
	_, _, config := certificate(t)
	for name, begin := range map[string]func(net.Conn){
		"no handshake":       func(net.Conn) {},
		"half a handshake":   func(c net.Conn) { c.Write([]byte{22, 3, 1, 2, 0, 1}) },
		"silence after it":   func(c net.Conn) { tls.Client(c, &tls.Config{InsecureSkipVerify: true}).Handshake() },
		"what is no TLS":     func(c net.Conn) { c.Write(packet(0, 1, 0, 0, 0, wireQuestion("z", 1, 1))) },
		"a client that goes": func(c net.Conn) { c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := New(Options{TLSConfig: config})
				ours, theirs := net.Pipe()
				c := s.conns.admit(t.Context(), ours)
				go func() {
					defer s.conns.leave(c)
					if s.secure(c) == nil {
						defer c.farewell()
						s.serveTCP(t.Context(), c, client)
					}
				}()
				go func() {
					begin(theirs)
					buf := make([]byte, 512)
					for {
						if _, err := theirs.Read(buf); err != nil {
							return
						}
					}
				}()
				start := time.Now()
				for s.conns.count() > 0 {
					time.Sleep(time.Second / 4)
				}
				if took := time.Since(start); took > 2*tcpIdle {
					t.Errorf("it ended after %s", took)
				}
				theirs.Close()
			})
		})
	}
}

// The clients of others believe us, and know that we are who we say.
func TestClientsOverTLS(t *testing.T) {
	t.Parallel()
	s, _, ca := certified(t, Options{})
	s.Put(version(t, "example.com.", 2000, 1))
	s.SetAccess(Access{Keys: []Key{testKey}, TLSTransferKeys: []string{"k"}})
	files := servertest.New(t, "client")
	caFile := files.File("ca.pem", string(ca))
	at := s.TLSAddrs()[0]
	run := func(argv ...string) string {
		out, err := exec.Command(servertest.Program(t, argv[0]), append(argv[1:], "-p", fmt.Sprint(at.Port()))...).CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v\n%s", argv, err, out)
		}
		return string(out)
	}
	dig := []string{"dig", "@127.0.0.1", "+tls-ca=" + caFile, "+tls-hostname=" + tlsName}
	if out := run(append(dig, "ns.example.com", "A", "+short")...); out != "192.0.2.53\n" {
		t.Errorf("dig: %s", out)
	}
	if out := run(append(dig, "example.com", "AXFR", "-y", "hmac-sha256:k:"+testKey.Secret)...); !strings.Contains(out, "XFR size: 2005 records") {
		t.Errorf("dig AXFR: %.500s", out)
	}
	if out := run("dig", "@127.0.0.1", "+tls-ca="+caFile, "+tls-hostname=other.example", "ns.example.com", "A", "+short", "+tries=1"); !strings.Contains(out, "hostname mismatch") {
		t.Errorf("dig believes another name: %s", out)
	}
	out := run("kdig", "@127.0.0.1", "+tls-ca="+caFile, "+tls-hostname="+tlsName, "+padding", "ns.example.com", "A")
	for _, says := range []string{"TLS session (TLS1.3)", "PADDING: ", "192.0.2.53", "Received 468 B"} {
		if !strings.Contains(out, says) {
			t.Errorf("kdig does not say %q:\n%s", says, out)
		}
	}
}

// BIND and NSD as secondaries that transfer over TLS alone (RFC 9103), first
// whole, then by difference. Knot before 3.4 cannot.
func TestSecondariesOverTLS(t *testing.T) {
	t.Parallel()
	for kind, start := range map[string]func(p *servertest.Server, at netip.AddrPort, caFile string){
		"named": func(p *servertest.Server, at netip.AddrPort, caFile string) {
			p.Named(fmt.Sprintf(`key "k" { algorithm hmac-sha256; secret %q; };
tls xot { ca-file %q; remote-hostname %q; };
zone "example.com" { type secondary; file "example.com.db"; masterfile-format text; primaries { 127.0.0.1 port %d key "k" tls xot; }; allow-notify { 127.0.0.1; }; };
`, testKey.Secret, caFile, tlsName, at.Port()))
		},
		"nsd": func(p *servertest.Server, at netip.AddrPort, caFile string) {
			p.NSD(fmt.Sprintf(`    tls-cert-bundle: %q
key:
    name: "k"
    algorithm: hmac-sha256
    secret: %q
tls-auth:
    name: "xot"
    auth-domain-name: %q
zone:
    name: "example.com"
    zonefile: "example.com.zone"
    request-xfr: 127.0.0.1@%d k xot
    allow-notify: 127.0.0.1 NOKEY
`, caFile, testKey.Secret, tlsName, at.Port()))
		},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			told := make(chan Transfer, 100)
			s, _, ca := certified(t, Options{OnTransfer: func(x Transfer) { told <- x }})
			s.Put(version(t, "example.com.", 100, 1))
			s.SetAccess(Access{Keys: []Key{testKey}, TLSTransferKeys: []string{"k"}})
			p := servertest.New(t, kind)
			start(p, s.TLSAddrs()[0], p.File("ca.pem", string(ca)))
			serves := func(serial string) {
				t.Helper()
				servertest.Eventually(t, "it serves "+serial, func() error {
					if out, err := p.Dig("flip.example.com", "TXT", "+short"); err != nil || out != fmt.Sprintf("%q", serial) {
						return fmt.Errorf("it serves %s (%v)", out, err)
					}
					return nil
				})
			}
			serves("1")
			if x := <-told; x.Kind != "AXFR" || x.Key != "k" {
				t.Errorf("%+v", x)
			}
			s.Put(version(t, "example.com.", 100, 2))
			s.Notify(Target{Addr: p.DNS}, "example.com.")
			serves("2")
			if x := <-told; x.Kind != "IXFR" {
				t.Errorf("%+v", x)
			}
		})
	}
}
