package xfr_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/internal/xfr"
)

// identity is a certificate that signs itself.
type identity struct{ cert, key, pin string }

func newIdentity(t *testing.T, name string, until time.Time) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: until.Add(-48 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(public)
	encode := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return identity{encode("CERTIFICATE", der), encode("PRIVATE KEY", secret), base64.StdEncoding.EncodeToString(sum[:])}
}

const primaryName = "ns1.example.net"

// Transfers over TLS from BIND, which gives them out over nothing else.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	me, other := newIdentity(t, primaryName, time.Now().Add(time.Hour)), newIdentity(t, primaryName, time.Now().Add(time.Hour))
	s := servertest.New(t, "named")
	s.File("small.example.zone", smallZone)
	at := servertest.Free(t)
	s.Named(fmt.Sprintf("key %q { algorithm hmac-sha256; secret %q; };\ntls dot { cert-file %q; key-file %q; };\n", keyName, keySecret, s.File("cert.pem", me.cert), s.File("key.pem", me.key)) +
		s.Options(fmt.Sprintf("listen-on port %d tls dot { 127.0.0.1; }; allow-transfer port %[1]d transport tls { key %[2]q; }; notify no; allow-update { any; };", at.Port(), keyName)) +
		`zone "small.example" { type primary; file "small.example.zone"; };` + "\n")
	want := parsed(t, "small.example.", smallZone)

	for situation, c := range map[string]struct {
		options xfr.TLSOptions
		refused error
		why     string
	}{
		"the name, by the authority":         {options: xfr.TLSOptions{Name: primaryName, Authority: me.cert}},
		"the key, whatever the name":         {options: xfr.TLSOptions{Pin: me.pin}},
		"any certificate":                    {options: xfr.TLSOptions{Opportunistic: true}},
		"another name":                       {options: xfr.TLSOptions{Name: "ns2.example.net", Authority: me.cert}, refused: xfr.ErrUntrusted, why: primaryName},
		"another authority of the same name": {options: xfr.TLSOptions{Name: primaryName, Authority: other.cert}, refused: xfr.ErrUntrusted},
		"the system's authorities":           {options: xfr.TLSOptions{Name: primaryName}, refused: xfr.ErrUntrusted, why: "unknown authority"},
		"another key":                        {options: xfr.TLSOptions{Name: primaryName, Pin: other.pin}, refused: xfr.ErrUntrusted, why: me.pin},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			how, err := xfr.NewTLS(c.options)
			if err != nil {
				t.Fatal(err)
			}
			r := xfr.Request{Server: at, Zone: "small.example.", Key: &key, TLS: how}
			got, kind, err := fetch(t, r)
			if !errors.Is(err, c.refused) || c.refused != nil && !strings.Contains(err.Error(), c.why) {
				t.Fatalf("%v; want %v: %s", err, c.refused, c.why)
			}
			if c.refused != nil {
				return
			}
			if kind != xfr.AXFR || !got.Equal(want) {
				t.Errorf("%q: other contents than the server's", kind)
			}
			if serial, err := xfr.Serial(t.Context(), r); err != nil || serial != 7 {
				t.Errorf("serial %d, %v", serial, err)
			}
			r.Have = got
			if _, kind, err := fetch(t, r); err != nil || kind != xfr.Current {
				t.Errorf("once more: %q, %v", kind, err)
			}
		})
	}
	if _, _, err := fetch(t, xfr.Request{Server: s.DNS, Zone: "small.example.", Key: &key}); !errors.Is(err, xfr.ErrRefused) {
		t.Errorf("BIND gives it out in the clear: %v", err)
	}
}

// Nothing goes out in the clear, whatever is there instead.
func TestNoTLSThere(t *testing.T) {
	t.Parallel()
	opportunistic, err := xfr.NewTLS(xfr.TLSOptions{Opportunistic: true})
	if err != nil {
		t.Fatal(err)
	}
	me := newIdentity(t, primaryName, time.Now().Add(time.Hour))
	strict, err := xfr.NewTLS(xfr.TLSOptions{Name: primaryName, Authority: me.cert})
	if err != nil {
		t.Fatal(err)
	}
	old := newIdentity(t, primaryName, time.Now().Add(-time.Hour))
	lenient, err := xfr.NewTLS(xfr.TLSOptions{Name: primaryName, Authority: old.cert})
	if err != nil {
		t.Fatal(err)
	}
	for situation, c := range map[string]struct {
		at   netip.AddrPort
		how  *xfr.TLS
		want error
		why  string
	}{
		"nobody":                         {servertest.Free(t), opportunistic, xfr.ErrUnreachable, ""},
		"a server without TLS":           {speaking(t, nil), opportunistic, xfr.ErrRefused, "does not speak TLS"},
		"a web server":                   {speaking(t, config(t, me, "h2")), strict, xfr.ErrRefused, ""},
		"a server that names no use":     {speaking(t, config(t, me)), strict, xfr.ErrRefused, "ALPN"},
		"a certificate that has expired": {speaking(t, config(t, old, "dot")), lenient, xfr.ErrUntrusted, "expired"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			r := xfr.Request{Server: c.at, Zone: "small.example.", TLS: c.how}
			if _, _, err := fetch(t, r); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.why) {
				t.Errorf("transfer: %v; want %v: %s", err, c.want, c.why)
			}
			if _, err := xfr.Serial(t.Context(), r); !errors.Is(err, c.want) {
				t.Errorf("serial: %v; want %v", err, c.want)
			}
		})
	}
}

func config(t *testing.T, i identity, protocols ...string) *tls.Config {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(i.cert), []byte(i.key))
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: protocols}
}

// speaking is a server that makes handshakes, or without a configuration says
// something else, and then waits for the peer to go.
func speaking(t *testing.T, c *tls.Config) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if c == nil {
					conn.Write([]byte("220 mail.example.net ESMTP\r\n"))
				} else {
					secure := tls.Server(conn, c)
					if secure.Handshake() != nil {
						return
					}
				}
				conn.Read(make([]byte, 1000))
			}()
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String())
}

func TestTLSOptions(t *testing.T) {
	t.Parallel()
	for situation, o := range map[string]xfr.TLSOptions{
		"nothing to look at":   {},
		"a pin that is none":   {Pin: "c2hvcnQ="},
		"a pin in hexadecimal": {Pin: strings.Repeat("0a", 32)},
		"no authority in PEM":  {Name: primaryName, Authority: "ns1"},
	} {
		if how, err := xfr.NewTLS(o); err == nil {
			t.Errorf("%s is taken: %v", situation, how)
		}
	}
}
