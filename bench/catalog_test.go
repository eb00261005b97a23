package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkCatalog makes a fresh secondary of N zones that its primary has
// already, by a catalog zone, all transfers signed: from the moment that the
// secondary is started until the last zone answers. A member of Skein's is
// tested and enabled meanwhile.
func BenchmarkCatalog(b *testing.B) {
	b.Run("Skein-Knot", func(b *testing.B) {
		followSkein(b, "knot", func(dir, addr, conf string) *os.Process { return startKnot(b, dir, addr, conf, knotTuned...) })
	})
	b.Run("Skein-Knot-untuned", func(b *testing.B) {
		followSkein(b, "knot", func(dir, addr, conf string) *os.Process { return startKnot(b, dir, addr, conf) })
	})
	b.Run("Knot-Knot", func(b *testing.B) { followKnot(b, knotTuned...) })
	b.Run("Knot-Knot-untuned", func(b *testing.B) { followKnot(b) })
	b.Run("Skein-Skein", func(b *testing.B) {
		followSkein(b, "skein", func(dir, addr, conf string) *os.Process { return startFollower(b, dir, addr, conf) })
	})
	b.Run("Skein-BIND", func(b *testing.B) {
		followSkein(b, "bind", func(dir, addr, conf string) *os.Process { return startNamed(b, dir, conf, addr) })
	})
	b.Run("BIND-BIND", followBIND)
}

// knotTuned is what Skein advises for the section "server" of a Knot.
var knotTuned = []string{"background-workers: 8", "remote-pool-limit: 16"}

// followSkein starts a secondary with what Skein prints for it.
func followSkein(b *testing.B, software string, start func(dir, addr, conf string) *os.Process) {
	s := startSkein(b)
	zones, names := writeZones(b, b.N)
	s.run("zone", "import", zones)
	dir := b.TempDir()
	dns, port := freeAddr(b)
	config := []string{"member", "config", "catalog", "--name", "ns1.hoster.example", "--address", "127.0.0.1", "--port", port,
		"--directory", dir, "--set", "software=" + software}
	if software == "knot" {
		config = append(config, "--merge")
	}
	conf := s.run(config...)
	time.Sleep(2 * time.Second) // until there is a catalog
	o := newObserver(b, dns)
	b.ResetTimer()
	from, cpu := time.Now(), cpuOf(b, s.pid)
	secondary := start(dir, dns, conf)
	tested := make(chan error, 1)
	go func() {
		_, err := s.try("", "member", "test", "ns1.hoster.example")
		tested <- err
	}()
	if _, err := o.untilAll(names); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(from).Seconds(), "all-s")
	b.ReportMetric((cpuOf(b, s.pid) - cpu).Seconds(), "skein-cpu-s")
	b.ReportMetric(cpuOf(b, secondary.Pid).Seconds(), "secondary-cpu-s")
	if err := <-tested; err != nil {
		b.Fatal(err)
	}
}

// startFollower runs a nameserver of Skein's by what is printed for it, until
// the benchmark ends.
func startFollower(tb testing.TB, dir, addr, conf string) *os.Process {
	tb.Helper()
	process := start(tb, dir, "/bin/sh", "-e", "-c", skeinScript(tb, conf))
	awaitAnswer(tb, addr)
	return process
}

// followKnot is the peer: Knot is the primary as well. Server is what the
// secondary's section "server" has beyond its address.
func followKnot(b *testing.B, server ...string) {
	addr, _ := freeAddr(b)
	key := fmt.Sprintf("key:\n  - id: xfr\n    algorithm: hmac-sha256\n    secret: %s\n", xfrSecret)
	primary, names := knotPrimaryWith(b, b.N, 10800, addr, key, "key: xfr")
	o := newObserver(b, addr)
	dir := b.TempDir()
	b.ResetTimer()
	from := time.Now()
	startKnot(b, dir, addr, key+fmt.Sprintf(`remote:
  - id: primary
    address: %s
    key: xfr
acl:
  - id: notify
    key: xfr
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
`, strings.Replace(primary.dns, ":", "@", 1), dir), server...)
	if _, err := o.untilAll(names); err != nil {
		b.Skipf("the peer leaves zones out: %v", err)
	}
	b.ReportMetric(time.Since(from).Seconds(), "all-s")
}

// followBIND is the other peer: BIND is the primary as well, and both are tuned
// as what Skein prints for a BIND is.
func followBIND(b *testing.B) {
	key := fmt.Sprintf("key \"xfr\" { algorithm hmac-sha256; secret %q; };\n", xfrSecret)
	primary, pport := freeAddr(b)
	addr, port := freeAddr(b)
	zones, names := writeZones(b, b.N)
	conf, list := &strings.Builder{}, &strings.Builder{}
	fmt.Fprintf(conf, `%soptions { directory %q; pid-file none; session-keyfile none; listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; notify no;
 transfers-out 200; tcp-clients 300; allow-transfer { key xfr; }; };
zone "catalog.invalid" { type primary; file "catalog"; };
`, key, zones, pport)
	list.WriteString("catalog.invalid. 0 SOA . . 1 3600 600 86400 0\ncatalog.invalid. 0 NS invalid.\nversion.catalog.invalid. 0 TXT 2\n")
	for i, name := range names {
		fmt.Fprintf(conf, "zone %q { type primary; file \"%szone\"; };\n", name, name)
		fmt.Fprintf(list, "m%d.zones.catalog.invalid. 0 PTR %s\n", i, name)
	}
	if err := os.WriteFile(filepath.Join(zones, "catalog"), []byte(list.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	startNamed(b, b.TempDir(), conf.String(), primary)
	if _, err := newObserver(b, primary).untilAll(names); err != nil {
		b.Fatal(err)
	}
	o, dir := newObserver(b, addr), b.TempDir()
	b.ResetTimer()
	from := time.Now()
	secondary := startNamed(b, dir, key+fmt.Sprintf(`options { directory %q; pid-file none; session-keyfile none; listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; notify no;
 serial-query-rate 1000; transfers-in 100; transfers-per-ns 100;
 catalog-zones { zone "catalog.invalid" default-primaries { 127.0.0.1 port %s key xfr; } min-update-interval 1; }; };
zone "catalog.invalid" { type secondary; file "catalog"; primaries { 127.0.0.1 port %[3]s key xfr; }; };
`, dir, port, pport), addr)
	if _, err := o.untilAll(names); err != nil {
		b.Skipf("the peer leaves zones out: %v", err)
	}
	b.ReportMetric(time.Since(from).Seconds(), "all-s")
	b.ReportMetric(cpuOf(b, secondary.Pid).Seconds(), "secondary-cpu-s")
}
