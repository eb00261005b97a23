package bench

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
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

// startNamed runs named on a configuration until the benchmark ends, once it answers.
func startNamed(tb testing.TB, dir, conf, dnsAddr string) *os.Process {
	tb.Helper()
	file := filepath.Join(dir, "named.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		tb.Fatal(err)
	}
	process := start(tb, dir, "/usr/sbin/named", "-g", "-c", file, "-n", "2")
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		q := new(dns.Msg)
		q.SetQuestion("version.bind.", dns.TypeTXT)
		q.Question[0].Qclass = dns.ClassCHAOS
		if m, _, err := new(dns.Client).Exchange(q, dnsAddr); err == nil && m != nil {
			return process
		}
		if time.Since(began) > giveUp/6 {
			tb.Fatal("named does not answer")
		}
	}
}

// bindPair is what Skein is measured beside: a BIND primary with two BIND
// secondaries, tuned as ISC's documentation allows, all transfers signed. The
// primary notifies others as well.
func bindPair(tb testing.TB, zone string, text string, others ...netip.AddrPort) (primary string, secondaries []string) {
	tb.Helper()
	key := fmt.Sprintf("key \"xfr\" { algorithm hmac-sha256; secret %q; };\n", xfrSecret)
	primary, pport := freeAddr(tb)
	notify := ""
	for range 2 {
		addr, port := freeAddr(tb)
		secondaries = append(secondaries, addr)
		notify += fmt.Sprintf("127.0.0.1 port %s key xfr; ", port)
	}
	for _, at := range others {
		notify += fmt.Sprintf("%s port %d key xfr; ", at.Addr(), at.Port())
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
