package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/skein-dns/skein/internal/servertest"
)

// freeAddr returns an address of the loopback interface that is free for UDP and TCP.
func freeAddr(tb testing.TB) (addr, port string) {
	tb.Helper()
	at := servertest.Free(tb)
	return at.String(), fmt.Sprint(at.Port())
}

// xfrSecret is that of the key xfr.
const xfrSecret = "Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc="

// startNamed runs named on a configuration until the benchmark ends.
func startNamed(tb testing.TB, dir, conf, dnsAddr string) {
	tb.Helper()
	file := filepath.Join(dir, "named.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		tb.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command("/usr/sbin/named", "-g", "-c", file, "-n", "2")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		tb.Fatalf("named is needed (make deps): %v", err)
	}
	tb.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		log.Close()
		if tb.Failed() {
			text, _ := os.ReadFile(log.Name())
			tb.Logf("named in %s:\n%s", dir, text[max(0, len(text)-3000):])
		}
	})
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		q := new(dns.Msg)
		q.SetQuestion("version.bind.", dns.TypeTXT)
		q.Question[0].Qclass = dns.ClassCHAOS
		if m, _, err := new(dns.Client).Exchange(q, dnsAddr); err == nil && m != nil {
			return
		}
		if time.Since(start) > giveUp/6 {
			tb.Fatal("named does not answer")
		}
	}
}

// bindPair is what Skein is measured beside: a BIND primary with two BIND
// secondaries, tuned as ISC's documentation allows, all transfers signed.
func bindPair(tb testing.TB, zone string, text string) (primary string, secondaries []string) {
	tb.Helper()
	key := fmt.Sprintf("key \"xfr\" { algorithm hmac-sha256; secret %q; };\n", xfrSecret)
	primary, pport := freeAddr(tb)
	notify := ""
	for range 2 {
		addr, port := freeAddr(tb)
		secondaries = append(secondaries, addr)
		notify += fmt.Sprintf("127.0.0.1 port %s key xfr; ", port)
	}
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "zone"), []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	startNamed(tb, dir, key+fmt.Sprintf(`options { directory %q; pid-file none; session-keyfile none; listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; }; recursion no;
 notify explicit; notify-delay 0; notify-rate 1000; startup-notify-rate 1000; transfers-out 200; notify-source 127.0.0.1; also-notify { %s}; allow-transfer { key xfr; }; };
zone %q { type primary; file "zone"; allow-update { key xfr; }; };
`, dir, pport, notify, zone), primary)
	for i, addr := range secondaries {
		ip, port, _ := net.SplitHostPort(addr)
		dir := tb.TempDir()
		startNamed(tb, dir, key+fmt.Sprintf(`options { directory %q; pid-file none; session-keyfile none; listen-on port %s { %s; }; listen-on-v6 { none; }; recursion no; notify no;
 serial-query-rate 1000; transfers-in 100; transfers-per-ns 100; };
zone %q { type secondary; file "zone%d"; primaries { 127.0.0.1 port %s key xfr; }; };
`, dir, port, ip, zone, i, pport), addr)
	}
	return primary, secondaries
}
