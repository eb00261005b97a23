package e2e

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// The ports of cPanel's have a certificate of their own, which SIGHUP reads
// again, and answer servers and programs.
func TestCPanelPorts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	chain, key := certify(t, dir, "skein.example.net")
	whm, cpanel := servertest.Free(t).String(), servertest.Free(t).String()
	n := newNode(t, "--whm", whm, "--cpanel", cpanel, "--whm-certificate", chain, "--whm-key", key, "--hostname", "skein.example.net")
	for _, says := range []string{"WHM             " + whm, "cPanel          " + cpanel, "host skein.example.net, user root"} {
		if !strings.Contains(n.out.String(), says) {
			t.Errorf("it does not say %q", says)
		}
	}
	for _, at := range []string{whm, cpanel} {
		if err := shown(at, chain, "skein.example.net"); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
	token := filepath.Join(dir, "token")
	n.ok("", "source", "add", "whm", "web1.example.net")
	n.ok("", "token", "create", "web1.example.net", "--source", "web1.example.net", "--output", token)
	secret, err := os.ReadFile(token)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, path, token, want string }{
		{whm, "/json-api/version?api.version=1", string(secret), `200 {`},
		{whm, "/scripts2/showversion?", string(secret), "200 11.138.0.6\n"},
		{whm, "/scripts2/../json-api/version", string(secret), "404 "}, // as it came: nothing is made of a path
		{whm, "/scripts2/showversion?", "WRONG", "401 "},
		{whm, "/json-api/version?api.version=1", "WRONG", "401 "},
		{cpanel, "/execute/DNS/has_local_authority?domain=example.com", string(secret), `200 {`},
		{cpanel, "/execute/DNS/has_local_authority?domain=example.com", "WRONG", "401 "},
		{cpanel, "/scripts2/showversion?", string(secret), "404 "}, // servers call the other one
	} {
		if got := asProgram(t, c.at, c.path, strings.TrimSpace(c.token)); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", c.path, got, c.want)
		}
	}

	if err := os.WriteFile(chain, []byte("half a certifica"), 0o600); err != nil {
		t.Fatal(err)
	}
	n.cmd.Process.Signal(syscall.SIGHUP)
	eventually(t, "the log says that the certificate is broken", func() error {
		if !strings.Contains(n.out.String(), "the certificate before stays in use") {
			return fmt.Errorf("not yet")
		}
		return nil
	})
	if chain, _ = certify(t, dir, "other.example.net"); shown(whm, chain, "other.example.net") == nil {
		t.Error("the new certificate is shown before it was read")
	}
	n.cmd.Process.Signal(syscall.SIGHUP)
	eventually(t, "the new certificate is shown", func() error { return shown(whm, chain, "other.example.net") })

	// A port that is taken is said to be.
	second := newNodeThatFails(t, "--whm", whm)
	if !strings.Contains(second, "--whm ADDR:PORT") {
		t.Errorf("a port that is taken: %s", second)
	}
}

// newNodeThatFails starts a node on a fresh directory that is to end by itself,
// and returns what it says.
func newNodeThatFails(t *testing.T, args ...string) string {
	t.Helper()
	n := &node{t: t, with: binary, data: filepath.Join(t.TempDir(), "data")}
	_, stderr, code := n.run("", append([]string{"serve", "--data", n.data, "--dns", servertest.Free(t).String(), "--api", servertest.Free(t).String()}, args...)...)
	if code == 0 {
		t.Errorf("it ran")
	}
	return stderr
}

// asProgram is the answer to a call with a token: status and body.
func asProgram(t *testing.T, at, path, token string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "https://"+at+path, bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "whm root:"+token)
	client := &http.Client{Timeout: deadline, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}} // what it shows was looked at
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", resp.StatusCode, body)
}
