package probe

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/skein-dns/skein/zone"
)

// TestARealServerSaysWhatItServes asks BIND: a zone it has, one that it could
// not fetch, one that it does not have, and one below a zone that it has.
func TestARealServerSaysWhatItServes(t *testing.T) {
	t.Parallel()
	addr := startNamed(t)
	p := New(Options{})
	defer p.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		r, err := p.Serial(ctx, addr, "example.com.")
		if err != nil {
			t.Fatalf("named did not come up: %v", err)
		}
		if r.Outcome == Serves {
			if r.Serial != 2026112301 || r.NSID != "probed" {
				t.Errorf("serial %d, NSID %q", r.Serial, r.NSID)
			}
			break
		}
	}
	for name, want := range map[zone.Name]Outcome{
		"never.example.": NotLoaded, "other.example.": Absent, "nothing.example.com.": Absent,
		"txt.example.com.": Absent, "cut.example.com.": NotServed,
	} {
		if r, err := p.Serial(ctx, addr, name); err != nil || r.Outcome != want {
			t.Errorf("%s: %s, error %v; want %s", name, r.Text(), err, want)
		}
	}

	served, err := p.Served(ctx, addr, "example.com.", auditKey)
	if err != nil {
		t.Fatalf("with the audit key: %v", err)
	}
	if _, records := served.Len(); records != 5 {
		t.Errorf("%d records were transferred, the zone has 5", records)
	}
	wrong := auditKey
	wrong.Secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	for situation, key := range map[string]Key{"without a key": {}, "with a wrong secret": wrong} {
		if _, err := p.Served(ctx, addr, "example.com.", key); err == nil {
			t.Errorf("%s the zone was transferred", situation)
		}
	}
}

var auditKey = Key{Name: "skein-audit-ns1", Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}

func startNamed(t *testing.T) netip.AddrPort {
	t.Helper()
	named, err := exec.LookPath("named")
	if err != nil {
		if _, err := os.Stat("/usr/sbin/named"); err != nil {
			t.Fatal("this test needs BIND's named: install bind9, or run make deps")
		}
		named = "/usr/sbin/named"
	}
	dir := t.TempDir()
	port := freePort(t)
	write(t, filepath.Join(dir, "example.com.zone"), `$TTL 60
@ IN SOA ns.example.com. root.example.com. 2026112301 3600 600 86400 60
  IN NS ns
ns IN A 192.0.2.1
txt IN TXT "x"
cut IN NS ns.elsewhere.example.
`)
	conf := filepath.Join(dir, "named.conf")
	write(t, conf, fmt.Sprintf(`key %q { algorithm %s; secret %q; };
options {
	directory %[4]q; pid-file %[5]q; session-keyfile %[6]q;
	listen-on port %[7]d { 127.0.0.1; }; listen-on-v6 { none; };
	allow-transfer { key %[1]q; }; recursion no; dnssec-validation no; server-id "probed"; notify no;
};
controls { };
zone "example.com" { type primary; file "example.com.zone"; };
zone "never.example" { type secondary; file "never.db"; primaries port 1 { 127.0.0.1; }; };
`, auditKey.Name, auditKey.Algorithm, auditKey.Secret, dir, filepath.Join(dir, "pid"), filepath.Join(dir, "session.key"), port))
	cmd := exec.Command(named, "-g", "-c", conf, "-n", "1")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("named said:\n%s", text)
		}
		log.Close()
	})
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

func freePort(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort().Port()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
