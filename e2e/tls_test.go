package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// certify makes a certificate for a name, as an operator would with openssl.
func certify(t *testing.T, dir, name string) (chain, key string) {
	t.Helper()
	chain, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	out, err := exec.Command(servertest.Program(t, "openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
		"-days", "2", "-subj", "/CN="+name, "-addext", "subjectAltName=DNS:"+name, "-keyout", key, "-out", chain).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return chain, key
}

// shown reports why a server does not show a trusted certificate of a name.
func shown(at, caFile, name string) error {
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	conn, err := tls.Dial("tcp", at, &tls.Config{RootCAs: pool, ServerName: name})
	if err != nil {
		return err
	}
	return conn.Close()
}

// A folder is answered over TLS, transfers are for TLS alone, and SIGHUP reads
// a new certificate; a broken one changes nothing.
func TestNameserverOverTLS(t *testing.T) {
	t.Parallel()
	at, dir := servertest.Free(t), t.TempDir()
	chain, key := certify(t, dir, "ns1.example.net")
	a := serveFolder(t, map[string]string{"example.com.zone": zoneFile(1, "")},
		"--tls", at.String(), "--tls-cert", chain, "--tls-key", key, "--allow-transfer", "tls:127.0.0.0/8")
	if says := "DNS over TLS    " + at.String(); !strings.Contains(a.out.String(), says) {
		t.Errorf("it does not say %q:\n%s", says, a.out)
	}
	overTLS := []string{"-p", fmt.Sprint(at.Port()), "+tls-ca=" + chain, "+tls-hostname=ns1.example.net"}
	if out := a.dig(append(overTLS, "www.example.com", "A", "+short")...); out != "192.0.2.1" {
		t.Errorf("over TLS: %s", out)
	}
	if out := a.dig(append(overTLS, "example.com", "AXFR")...); !strings.Contains(out, "XFR size: 4 records") {
		t.Errorf("a transfer over TLS: %s", out)
	}
	if out := a.dig("example.com", "AXFR"); !strings.Contains(out, "Transfer failed") {
		t.Errorf("a transfer in the clear: %s", out)
	}
	if err := os.WriteFile(chain, []byte("half a certifica"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.cmd.Process.Signal(syscall.SIGHUP)
	eventually(t, "the log says that the certificate is broken", func() error {
		if !strings.Contains(a.out.String(), "the certificate before stays in use") {
			return errors.New(a.out.String())
		}
		return nil
	})
	if out := a.dig("-p", fmt.Sprint(at.Port()), "+tls", "www.example.com", "A", "+short"); out != "192.0.2.1" {
		t.Errorf("with a broken certificate beside it: %s", out)
	}
	certify(t, dir, "ns2.example.net")
	a.cmd.Process.Signal(syscall.SIGHUP)
	eventually(t, "it shows the new certificate", func() error { return shown(at.String(), chain, "ns2.example.net") })
}

// A node shows a certificate of its own authority over TLS, and of the files
// that it is given.
func TestNodeOverTLS(t *testing.T) {
	t.Parallel()
	at := servertest.Free(t).String()
	n := newNode(t, "--tls", at, "--hostname", "ns1.example.net")
	eventually(t, "a trusted connection", func() error { return shown(at, filepath.Join(n.data, "ca.pem"), "ns1.example.net") })

	dir := t.TempDir()
	chain, key := certify(t, dir, "ns1.example.org")
	at = servertest.Free(t).String()
	newer := newNode(t, "--tls", at, "--tls-cert", chain, "--tls-key", key)
	eventually(t, "a trusted connection", func() error { return shown(at, chain, "ns1.example.org") })
	certify(t, dir, "ns2.example.org")
	newer.cmd.Process.Signal(syscall.SIGHUP)
	eventually(t, "the new certificate", func() error { return shown(at, chain, "ns2.example.org") })
	eventually(t, "the new certificate on the API", func() error { return shown(newer.api, chain, "ns2.example.org") })
}
