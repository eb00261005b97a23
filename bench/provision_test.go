package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkProvision puts N zones, which Skein has already, onto a fresh BIND:
// from the moment that the member is tested and enabled until the last zone
// answers there.
func BenchmarkProvision(b *testing.B) {
	s := startSkein(b)
	dir, names := writeZones(b, b.N)
	s.run("zone", "import", dir)
	dns, enable := s.bindMember("ns1.hoster.example")
	o := newObserver(b, dns)
	b.ResetTimer()
	start := time.Now()
	enable()
	if _, err := o.untilAll(names); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(time.Since(start).Seconds(), "all-s")
}

// BenchmarkProvisionRNDC is the peer: one rndc process a zone, as panels and
// scripts do it. Only the addzone is counted, not the transfer.
func BenchmarkProvisionRNDC(b *testing.B) {
	b.StopTimer()
	dir := b.TempDir()
	dns, port := freeAddr(b)
	_, rndc := freeAddr(b)
	key := `key "k" { algorithm hmac-sha256; secret "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="; };` + "\n"
	keyFile := filepath.Join(dir, "rndc.key")
	if err := os.WriteFile(keyFile, []byte(key), 0o600); err != nil {
		b.Fatal(err)
	}
	startNamed(b, dir, key+fmt.Sprintf(`options { directory %q; pid-file none; session-keyfile none; listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; allow-new-zones yes; };
controls { inet 127.0.0.1 port %s allow { any; } keys { "k"; }; };
`, dir, port, rndc), dns)
	b.StartTimer()
	for i := range b.N {
		cmd := exec.Command("/usr/sbin/rndc", "-s", "127.0.0.1", "-p", rndc, "-k", keyFile, "addzone", zoneName(i),
			fmt.Sprintf(`{ type secondary; file "z%d"; primaries { 127.0.0.1 port 9; }; };`, i))
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
}
