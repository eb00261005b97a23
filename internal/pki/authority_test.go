package pki

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"testing"
	"time"
)

// Whoever pinned the authority once is served all his life, also after the
// node was started again from what it kept, and after the leaf was renewed.
func TestPinnedClientStaysServed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	made, err := New(now)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(made.PEM()) {
		t.Fatal("the certificate to pin does not parse")
	}
	kept, err := made.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	restarted, err := Parse(kept)
	if err != nil {
		t.Fatal(err)
	}
	if restarted.Fingerprint() != made.Fingerprint() {
		t.Error("a restart changed the fingerprint")
	}
	clock := now
	server := restarted.Config([]string{"skein.example.net", "192.0.2.1"}, func() time.Time { return clock })
	for _, later := range []time.Duration{0, 59 * 24 * time.Hour, 61 * 24 * time.Hour, 5 * 365 * 24 * time.Hour} {
		clock = now.Add(later)
		for _, name := range []string{"skein.example.net", "192.0.2.1"} {
			if err := handshake(server, &tls.Config{RootCAs: pool, ServerName: name, Time: func() time.Time { return clock }}); err != nil {
				t.Errorf("%v later, %s: %v", later, name, err)
			}
		}
	}
	if handshake(server, &tls.Config{RootCAs: pool, ServerName: "other.example.net", Time: func() time.Time { return clock }}) == nil {
		t.Error("the certificate is good for a name that was not asked for")
	}
	other, err := New(now)
	if err != nil {
		t.Fatal(err)
	}
	stranger := other.Config([]string{"skein.example.net"}, func() time.Time { return clock })
	if handshake(stranger, &tls.Config{RootCAs: pool, ServerName: "skein.example.net", Time: func() time.Time { return clock }}) == nil {
		t.Error("the certificate of another authority is trusted")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":       "",
		"no PEM at all": "hello",
	} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func handshake(server, client *tls.Config) error {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	go tls.Server(a, server).Handshake() // its error is the client's too
	return tls.Client(b, client).Handshake()
}
