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
)

// freeAddr returns an address of the loopback network that is free for UDP and TCP now.
func freeAddr(tb testing.TB, ip string) (ipPort, port string) {
	tb.Helper()
	for range 100 {
		l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
		if err != nil {
			tb.Fatal(err)
		}
		u, err := net.ListenPacket("udp", l.Addr().String())
		l.Close()
		if err == nil {
			u.Close()
			_, port, _ := net.SplitHostPort(l.Addr().String())
			return l.Addr().String(), port
		}
	}
	tb.Fatal("no free port")
	return "", ""
}

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
	const key = `key "xfr" { algorithm hmac-sha256; secret "Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc="; };` + "\n"
	primary, pport := freeAddr(tb, "127.0.0.1")
	notify := ""
	for range 2 {
		const ip = "127.0.0.1"
		addr, port := freeAddr(tb, ip)
		secondaries = append(secondaries, addr)
		notify += fmt.Sprintf("%s port %s key xfr; ", ip, port)
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
