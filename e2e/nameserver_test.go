package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// alone is one `skein nameserver` process. What it reads and keeps outlives it.
type alone struct {
	t    *testing.T
	dir  string
	addr netip.AddrPort
	args []string
	cmd  *exec.Cmd
	out  *logBuffer
	done chan struct{} // closed when cmd has ended
}

// zoneFile is a small zone with a serial.
func zoneFile(serial int, more string) string {
	return fmt.Sprintf("$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. %d 3600 600 86400 300\n@ NS ns1.example.net.\nwww A 192.0.2.1\n%s", serial, more)
}

// serveFolder runs skein nameserver on a folder of zone files.
func serveFolder(t *testing.T, files map[string]string, args ...string) *alone {
	t.Helper()
	a := &alone{t: t, dir: t.TempDir(), addr: servertest.Free(t), out: &logBuffer{}}
	for name, text := range files {
		a.write(name, text)
	}
	a.args = append([]string{"nameserver", "--zones", a.dir, "--listen", a.addr.String()}, args...)
	a.start()
	return a
}

// start starts the process and returns when it says that it serves.
func (a *alone) start() {
	a.t.Helper()
	before := strings.Count(a.out.String(), " serves ")
	a.cmd = exec.Command(daemon, a.args...)
	a.cmd.Stdout, a.cmd.Stderr = a.out, a.out
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := servertest.Start(a.cmd); err != nil {
		a.t.Fatal(err)
	}
	done, cmd := make(chan struct{}), a.cmd
	a.done = done
	go func() { cmd.Wait(); close(done) }()
	a.t.Cleanup(func() {
		a.kill()
		if a.t.Failed() {
			a.t.Logf("skein nameserver said:\n%s", a.out)
		}
	})
	eventually(a.t, "skein nameserver serves", func() error {
		select {
		case <-done:
			a.t.Fatalf("skein nameserver ended: %v\n%s", cmd.ProcessState, a.out)
		default:
		}
		if strings.Count(a.out.String(), " serves ") == before {
			return fmt.Errorf("it says only\n%s", a.out)
		}
		return nil
	})
}

func (a *alone) kill() {
	a.cmd.Process.Kill()
	<-a.done
}

// stop ends it as an operator would.
func (a *alone) stop() {
	a.t.Helper()
	a.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-a.done:
	case <-time.After(deadline):
		a.t.Fatalf("skein nameserver did not stop on SIGTERM\n%s", a.out)
	}
	if code := a.cmd.ProcessState.ExitCode(); code != 0 {
		a.t.Errorf("skein nameserver ended with %d on SIGTERM", code)
	}
}

func (a *alone) write(name, text string) {
	a.t.Helper()
	if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func (a *alone) dig(args ...string) string {
	a.t.Helper()
	out, err := servertest.Dig(a.t, a.addr, args...)
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// answers waits until a question is answered so.
func (a *alone) answers(name, rrtype, want string) {
	a.t.Helper()
	eventually(a.t, fmt.Sprintf("%s %s is %q", name, rrtype, want), func() error {
		if out, err := servertest.Dig(a.t, a.addr, name, rrtype, "+short"); err != nil || out != want {
			return fmt.Errorf("it is %q (%v)", out, err)
		}
		return nil
	})
}

// status waits until a question for a zone's SOA has a response code.
func (a *alone) status(name, want string) {
	a.t.Helper()
	eventually(a.t, name+" is "+want, func() error {
		if out, err := servertest.Dig(a.t, a.addr, name, "SOA", "+noall", "+comments"); err != nil || !strings.Contains(out, "status: "+want) {
			return fmt.Errorf("%v\n%s", err, out)
		}
		return nil
	})
}

// A folder of zone files is served, and followed as it changes.
func TestNameserverFollowsItsFolder(t *testing.T) {
	t.Parallel()
	a := serveFolder(t, map[string]string{
		"example.com.zone": zoneFile(1, ""), "ROOT.zone": zoneFile(2, "com NS ns1.example.net.\n"), "broken.example.zone": zoneFile(1, "www A 192.0.2.300\n"),
	})
	for _, says := range []string{"serves 2 zones of ", "not served      broken.example.zone:5: ", "DNS             " + a.addr.String()} {
		if !strings.Contains(a.out.String(), says) {
			t.Errorf("it does not say %q:\n%s", says, a.out)
		}
	}
	a.answers("www.example.com", "A", "192.0.2.1")
	a.answers(".", "NS", "ns1.example.net.")
	a.status("broken.example", "SERVFAIL")

	a.write("example.com.zone", zoneFile(2, "new A 192.0.2.2\n"))
	a.answers("new.example.com", "A", "192.0.2.2")
	a.write("broken.example.zone", zoneFile(2, ""))
	a.answers("www.broken.example", "A", "192.0.2.1")

	a.write("added.example.new", zoneFile(1, ""))
	if err := os.Rename(filepath.Join(a.dir, "added.example.new"), filepath.Join(a.dir, "added.example.zone")); err != nil {
		t.Fatal(err)
	}
	a.answers("www.added.example", "A", "192.0.2.1")
	if err := os.Remove(filepath.Join(a.dir, "ROOT.zone")); err != nil {
		t.Fatal(err)
	}
	a.status("nosuch.example", "REFUSED")

	// A change that is broken leaves what was there; half of a file is not read.
	a.write("example.com.zone", "www A 192.0.2.300\n")
	eventually(t, "the log names the broken file", func() error {
		if !strings.Contains(a.out.String(), "example.com.zone:1 ") {
			return fmt.Errorf("it says only\n%s", a.out)
		}
		return nil
	})
	a.answers("new.example.com", "A", "192.0.2.2")
	half, err := os.Create(filepath.Join(a.dir, "example.com.zone"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := half.WriteString(zoneFile(3, "")); err != nil {
		t.Fatal(err)
	}
	a.cmd.Process.Signal(syscall.SIGHUP)
	a.write("other.example.zone", zoneFile(1, ""))
	a.answers("www.other.example", "A", "192.0.2.1")
	a.answers("new.example.com", "A", "192.0.2.2")
	if _, err := half.WriteString("new A 192.0.2.3\n"); err != nil {
		t.Fatal(err)
	}
	if err := half.Close(); err != nil {
		t.Fatal(err)
	}
	a.answers("new.example.com", "A", "192.0.2.3")

	// SIGHUP looks at bytes, whatever the times say.
	file := filepath.Join(a.dir, "example.com.zone")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	a.write("example.com.zone", zoneFile(4, "new A 192.0.2.4\n"))
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	a.cmd.Process.Signal(syscall.SIGHUP)
	a.answers("new.example.com", "A", "192.0.2.4")
	a.stop()
}

func TestNameserverTransfers(t *testing.T) {
	t.Parallel()
	const secret = "Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc="
	dir := t.TempDir()
	keys, keyFile, wrong := filepath.Join(dir, "keys"), filepath.Join(dir, "key"), filepath.Join(dir, "wrong")
	for file, text := range map[string]string{
		keys: "transfer hmac-sha256 " + secret + "\n", keyFile: `key transfer { algorithm hmac-sha256; secret "` + secret + `"; };`,
		wrong: `key transfer { algorithm hmac-sha256; secret "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; };`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := serveFolder(t, map[string]string{"example.com.zone": zoneFile(1, "")}, "--tsig-key", keys)
	const soa1, soa2 = "ns1.example.net. hostmaster.example.net. 1 3600 600 86400 300", "ns1.example.net. hostmaster.example.net. 2 3600 600 86400 300"
	whole := soa1 + "\nns1.example.net.\n192.0.2.1\n" + soa1
	if out := a.dig("example.com", "AXFR", "+short", "-k", keyFile); out != whole {
		t.Errorf("with the key:\n%s\nwant\n%s", out, whole)
	}
	for situation, args := range map[string][]string{"without a key": nil, "with a wrong secret": {"-k", wrong}} {
		if out := a.dig(append([]string{"example.com", "AXFR"}, args...)...); !strings.Contains(out, "Transfer failed") {
			t.Errorf("%s:\n%s", situation, out)
		}
	}
	if out := a.dig("www.example.com", "A", "+short", "-k", keyFile); out != "192.0.2.1" {
		t.Errorf("a signed question: %s", out)
	}
	a.write("example.com.zone", zoneFile(2, "new A 192.0.2.2\n"))
	a.answers("new.example.com", "A", "192.0.2.2")
	difference := strings.Join([]string{soa2, soa1, soa2, "192.0.2.2", soa2}, "\n")
	if out := a.dig("example.com", "IXFR=1", "+short", "-k", keyFile); out != difference {
		t.Errorf("the difference:\n%s\nwant\n%s", out, difference)
	}
	if strings.Contains(a.out.String(), secret) {
		t.Error("a secret was printed (promise 8)")
	}

	open := serveFolder(t, map[string]string{"example.com.zone": zoneFile(1, "")}, "--allow-transfer", "127.0.0.0/8")
	if out := open.dig("example.com", "AXFR", "+short"); out != whole {
		t.Errorf("from an allowed network:\n%s", out)
	}
	elsewhere := serveFolder(t, map[string]string{"example.com.zone": zoneFile(1, "")}, "--allow-transfer", "192.0.2.0/24,2001:db8::1")
	if out := elsewhere.dig("example.com", "AXFR"); !strings.Contains(out, "Transfer failed") {
		t.Errorf("from another network:\n%s", out)
	}
}

// Updates by network and by a key that is named for them, kept in memory.
func TestNameserverUpdates(t *testing.T) {
	t.Parallel()
	const transfers, updates = "Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc=", "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keys := file("keys", "transfer hmac-sha256 "+transfers+"\nddns hmac-sha256 "+updates+"\n")
	transfer := file("transfer", `key "transfer" { algorithm hmac-sha256; secret "`+transfers+`"; };`)
	ddns := file("ddns", `key "ddns" { algorithm hmac-sha256; secret "`+updates+`"; };`)
	files := map[string]string{"example.com.zone": zoneFile(1, "")}
	byKey := serveFolder(t, files, "--tsig-key", keys, "--allow-update", "key:ddns")
	byNet := serveFolder(t, files, "--allow-update", "127.0.0.0/8")
	none := serveFolder(t, files, "--tsig-key", keys)

	send := func(a *alone, key string, lines ...string) (string, error) {
		return servertest.NSUpdate(t, a.addr, key, append(append([]string{"zone example.com"}, lines...), "send")...)
	}
	const add = "update add new.example.com 300 A 192.0.2.2"
	for situation, c := range map[string]struct {
		a        *alone
		key      string
		accepted bool
	}{
		"with the key for updates":      {byKey, ddns, true},
		"with the key for transfers":    {byKey, transfer, false},
		"without a key":                 {byKey, "", false},
		"from an allowed network":       {byNet, "", true},
		"where nobody may, with a key":  {none, ddns, false},
		"where nobody may, without one": {none, "", false},
	} {
		out, err := send(c.a, c.key, add)
		if (err == nil) != c.accepted || !c.accepted && !strings.Contains(out, "REFUSED") {
			t.Errorf("%s: %v\n%s", situation, err, out)
		}
	}
	for _, a := range []*alone{byKey, byNet} {
		a.answers("new.example.com", "A", "192.0.2.2")
		a.answers("example.com", "SOA", "ns1.example.net. hostmaster.example.net. 2 3600 600 86400 300")
	}
	none.answers("new.example.com", "A", "")
	if out, err := send(byNet, "", "prereq nxdomain new.example.com", "update add other.example.com 300 A 192.0.2.3"); err == nil || !strings.Contains(out, "YXDOMAIN") {
		t.Errorf("a prerequisite that does not hold: %v\n%s", err, out)
	}
	byNet.answers("other.example.com", "A", "")

	// SIGHUP with an unchanged file keeps them, a changed file replaces them.
	byNet.cmd.Process.Signal(syscall.SIGHUP)
	eventually(t, "SIGHUP is heard", func() error {
		if !strings.Contains(byNet.out.String(), "reading the zone files again") {
			return errors.New("it is not in the log")
		}
		return nil
	})
	byNet.write("marker.example.zone", zoneFile(1, ""))
	byNet.answers("www.marker.example", "A", "192.0.2.1")
	byNet.answers("new.example.com", "A", "192.0.2.2")
	byNet.write("example.com.zone", zoneFile(3, "file A 192.0.2.4\n"))
	byNet.answers("file.example.com", "A", "192.0.2.4")
	byNet.answers("new.example.com", "A", "")
}

func TestNameserverShowsMetrics(t *testing.T) {
	t.Parallel()
	at := servertest.Free(t)
	a := serveFolder(t, map[string]string{"example.com.zone": zoneFile(1, ""), "broken.example.zone": "oops\n"}, "--metrics", at.String(), "--identity", "ns1.example.net")
	a.answers("www.example.com", "A", "192.0.2.1")
	if out := a.dig("id.server", "TXT", "CH", "+short"); out != `"ns1.example.net"` {
		t.Errorf("id.server is %s", out)
	}
	browser := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // the default one's connections are closed by every test server that ends
	answer, err := browser.Get("http://" + at.String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"skein_nameserver_queries_total ", "skein_nameserver_zones 1\n", "skein_nameserver_zones_failing 1\n"} {
		if !strings.Contains(string(text), line) {
			t.Errorf("%q is not in\n%s", line, text)
		}
	}
}

// What cannot be done is said before anything is served.
func TestNameserverRefusals(t *testing.T) {
	t.Parallel()
	taken := serveFolder(t, nil)
	for situation, c := range map[string]struct {
		code int
		says string
		args []string
	}{
		"nothing to serve":     {2, "--zones DIR or --secondary DIR", []string{"--listen", "127.0.0.1:0"}},
		"a folder that is not": {1, "no such file", []string{"--listen", "127.0.0.1:0", "--zones", filepath.Join(t.TempDir(), "nosuch")}},
		"a port that is taken": {1, "cannot listen on " + taken.addr.String(), []string{"--listen", taken.addr.String(), "--zones", t.TempDir()}},
	} {
		out, err := exec.Command(binary, append([]string{"nameserver"}, c.args...)...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != c.code || !strings.Contains(string(out), c.says) {
			t.Errorf("%s: %v, want exit %d and %q in\n%s", situation, err, c.code, c.says, out)
		}
	}
}

// runToEnd runs skein and returns all that it says.
func runToEnd(args []string) (string, error) {
	out, err := exec.Command(binary, args...).CombinedOutput()
	return string(out), err
}
