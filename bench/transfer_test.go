package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// BenchmarkTransferIn makes a fresh Skein secondary of N zones of Knot, by a
// catalog: from the moment that the source is added until the last zone answers.
func BenchmarkTransferIn(b *testing.B) {
	s := startSkein(b)
	primary, names := knotPrimary(b, b.N, 10800, s.dns)
	o := newObserver(b, s.dns)
	b.ResetTimer()
	start := time.Now()
	s.follow(primary)
	if _, err := o.untilAll(names); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(start).Seconds(), "all-s")
}

// BenchmarkTransferInKnot is the peer: a fresh Knot secondary of the same
// zones, by the same catalog, from the moment that it is started.
func BenchmarkTransferInKnot(b *testing.B) {
	addr, _ := freeAddr(b)
	primary, names := knotPrimary(b, b.N, 10800, addr)
	o := newObserver(b, addr)
	dir := b.TempDir()
	b.ResetTimer()
	start := time.Now()
	startKnot(b, dir, addr, fmt.Sprintf(`remote:
  - id: primary
    address: %s
acl:
  - id: notify
    address: 127.0.0.1
    action: notify
template:
  - id: member
    storage: %q
    file: "%%s.zone"
    master: primary
    acl: notify
zone:
  - domain: catalog.invalid.
    master: primary
    acl: notify
    catalog-role: interpret
    catalog-template: member
`, knotAt(primary), dir))
	if _, err := o.untilAll(names); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(start).Seconds(), "all-s")
}

const (
	// idleRefresh is the refresh time of idle zones, in seconds: short, so that
	// each is looked at several times while it is measured.
	idleRefresh = 60
	idleFor     = 3 * idleRefresh * time.Second
	usual       = 10800 // the refresh time of a hosting server's zones
)

// BenchmarkIdle measures N secondary zones of Knot that do not change: what
// one refresh costs Skein and, with that, what N zones cost at a refresh of
// three hours.
func BenchmarkIdle(b *testing.B) {
	if b.N == 1 {
		return // package testing's trial run, which would take as long as the real one
	}
	s := startSkein(b)
	primary, names := knotPrimary(b, b.N, idleRefresh, s.dns)
	s.follow(primary)
	if _, err := newObserver(b, s.dns).untilAll(names); err != nil {
		b.Fatal(err)
	}
	time.Sleep(idleRefresh * time.Second) // until all have been looked at once
	b.ResetTimer()
	cpu, asked := cpuOf(b, s.pid), askedOf(b, primary.dir)
	time.Sleep(idleFor)
	cpu, asked = cpuOf(b, s.pid)-cpu, askedOf(b, primary.dir)-asked
	each := cpu.Seconds() / float64(asked)
	often := float64(b.N) / (usual * 7 / 8) // refreshes a second, with the jitter
	b.ReportMetric(float64(asked)/idleFor.Seconds(), "refreshes/s")
	b.ReportMetric(each*1e6, "cpu-µs/refresh")
	b.ReportMetric(often, "refreshes/s-at-3h")
	b.ReportMetric(often*each*100, "cpu-%-at-3h")
}

// follow has Skein transfer what a primary's catalog lists.
func (s *skein) follow(p knot) {
	s.tb.Helper()
	s.run("source", "add", "transfer", "knot", "--primary", p.dns, "--catalog", "catalog.invalid")
}

// knot is a running knotd.
type knot struct{ dns, dir string }

func knotAt(p knot) string { return strings.Replace(p.dns, ":", "@", 1) }

// knotPrimary runs a Knot that serves zones 0 … n-1 and lists them in a
// catalog, and returns when the last one answers.
func knotPrimary(tb testing.TB, n, refresh int, tell string) (p knot, names []string) {
	tb.Helper()
	return knotPrimaryWith(tb, n, refresh, tell, "", "address: 127.0.0.1")
}

// knotPrimaryWith is knotPrimary with keys, and with who may transfer.
func knotPrimaryWith(tb testing.TB, n, refresh int, tell, keys, who string) (p knot, names []string) {
	tb.Helper()
	p.dir = tb.TempDir()
	p.dns, _ = freeAddr(tb)
	var zones strings.Builder
	for i := range n {
		names = append(names, zoneName(i))
		text := strings.Replace(zoneText(i), " 10800 ", fmt.Sprintf(" %d ", refresh), 1)
		if err := os.WriteFile(filepath.Join(p.dir, zoneName(i)+"zone"), []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
		fmt.Fprintf(&zones, "  - domain: %s\n", zoneName(i))
	}
	startKnot(tb, p.dir, p.dns, keys+fmt.Sprintf(`mod-stats:
  - id: all
    request-protocol: on
remote:
  - id: secondary
    address: %s
acl:
  - id: transfer
    %[4]s
    action: transfer
template:
  - id: default
    global-module: mod-stats/all
    storage: %[2]q
    file: "%%s.zone"
    acl: transfer
    zonefile-sync: -1
    journal-content: none
    catalog-role: member
    catalog-zone: catalog.invalid.
  - id: catalog
    storage: %[2]q
    acl: transfer
    notify: secondary
    catalog-role: generate
zone:
  - domain: catalog.invalid.
    template: catalog
%[3]s`, strings.Replace(tell, ":", "@", 1), p.dir, zones.String(), who))
	if _, err := newObserver(tb, p.dns).untilAll(names[n-1:]); err != nil {
		tb.Fatal(err)
	}
	return p, names
}

// startKnot runs knotd on a configuration until the benchmark ends.
func startKnot(tb testing.TB, dir, addr, conf string, server ...string) *os.Process {
	tb.Helper()
	head := fmt.Sprintf("server:\n    rundir: %q\n    listen: %s\n", dir, strings.Replace(addr, ":", "@", 1))
	for _, line := range server {
		head += "    " + line + "\n"
	}
	head += fmt.Sprintf("database:\n    storage: %q\nlog:\n  - target: stderr\n    any: warning\n", dir)
	file := filepath.Join(dir, "knot.conf")
	if err := os.WriteFile(file, []byte(head+conf), 0o600); err != nil {
		tb.Fatal(err)
	}
	process := start(tb, dir, "/usr/sbin/knotd", "-c", file)
	awaitAnswer(tb, addr)
	return process
}

// awaitAnswer waits until a server says anything at all.
func awaitAnswer(tb testing.TB, addr string) {
	tb.Helper()
	q := new(dns.Msg)
	q.SetQuestion(".", dns.TypeSOA)
	client := dns.Client{Net: "udp", Timeout: time.Second, Dialer: &net.Dialer{}}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if m, _, err := client.Exchange(q, addr); err == nil && m != nil {
			return
		} else if time.Since(start) > giveUp {
			tb.Fatalf("%s does not answer: %v", addr, err)
		}
	}
}

// askedOf is how many datagrams a Knot has been asked by.
func askedOf(tb testing.TB, dir string) int {
	tb.Helper()
	out, err := exec.Command("/usr/sbin/knotc", "-s", filepath.Join(dir, "knot.sock"), "stats", "mod-stats.request-protocol").CombinedOutput()
	if err != nil {
		tb.Fatalf("knotc: %v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if rest, ok := strings.CutPrefix(line, "mod-stats.request-protocol[udp4] = "); ok {
			n, err := strconv.Atoi(strings.TrimSpace(rest))
			if err != nil {
				tb.Fatal(err)
			}
			return n
		}
	}
	tb.Fatalf("knotc says nothing of datagrams:\n%s", out)
	return 0
}

// cpuOf is the CPU time that a process has had.
func cpuOf(tb testing.TB, pid int) time.Duration {
	tb.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		tb.Fatalf("the statistics of process %d are %q", pid, stat)
	}
	return time.Duration(user+system) * time.Second / 100 // USER_HZ
}
