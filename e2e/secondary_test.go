package e2e

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

const (
	transferKey    = "transfer.example"
	transferSecret = "Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc="
	channelSecret  = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="
)

// secondary is `skein nameserver --secondary`, driven by the real rndc.
type secondary struct {
	*alone
	control netip.AddrPort
	key     string
}

func newSecondary(t *testing.T) *secondary {
	t.Helper()
	dir := t.TempDir()
	s := &secondary{alone: &alone{t: t, dir: filepath.Join(dir, "zones"), addr: servertest.Free(t), out: &logBuffer{}}, control: servertest.Free(t), key: filepath.Join(dir, "rndc.key")}
	keys := filepath.Join(dir, "keys")
	for file, text := range map[string]string{
		s.key: `key "channel" { algorithm hmac-sha256; secret "` + channelSecret + `"; };`, keys: transferKey + " hmac-sha256 " + transferSecret + "\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.args = []string{"nameserver", "--secondary", s.dir, "--listen", s.addr.String(), "--rndc", s.control.String(), "--rndc-key-file", s.key, "--tsig-key", keys}
	s.start()
	return s
}

func (s *secondary) rndc(args ...string) string {
	s.t.Helper()
	out, err := servertest.RNDC(s.t, s.control, s.key, args...)
	if err != nil {
		s.t.Fatalf("rndc %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// refuses demands that rndc fails, and says why.
func (s *secondary) refuses(says string, args ...string) {
	s.t.Helper()
	if out, err := servertest.RNDC(s.t, s.control, s.key, args...); err == nil || !strings.Contains(out, says) {
		s.t.Errorf("rndc %s: %v; want %q in\n%s", strings.Join(args, " "), err, says, out)
	}
}

// from is the block of a zone that is kept from a primary.
func from(primary netip.AddrPort) string {
	return fmt.Sprintf(`{ type secondary; file "label.db"; primaries { %s port %d key %s; }; };`, primary.Addr(), primary.Port(), transferKey)
}

// bindPrimary is a real named that gives example.com out to the key, and tells
// a secondary of changes.
func bindPrimary(t *testing.T, tell netip.AddrPort) *servertest.Server {
	t.Helper()
	s := servertest.New(t, "primary")
	s.File("example.com.zone", zoneFile(1, ""))
	s.File("other.example.zone", zoneFile(1, ""))
	s.Named(fmt.Sprintf(`key %q { algorithm hmac-sha256; secret %q; };
`, transferKey, transferSecret) + s.Options(fmt.Sprintf("allow-transfer { key %q; }; notify explicit; also-notify { %s port %d key %[1]q; }; notify-delay 0; max-ixfr-ratio unlimited; allow-update { 127.0.0.1; };", transferKey, tell.Addr(), tell.Port())) +
		`zone "example.com" { type primary; file "example.com.zone"; };
zone "other.example" { type primary; file "other.example.zone"; };
`)
	return s
}

func update(t *testing.T, s *servertest.Server, line string) {
	t.Helper()
	if out, err := servertest.NSUpdate(t, s.DNS, "", "zone example.com", "update "+line, "send"); err != nil {
		t.Fatalf("nsupdate: %v\n%s", err, out)
	}
}

// A secondary of BIND, from its first transfer to its end.
func TestSecondaryOfBIND(t *testing.T) {
	t.Parallel()
	s := newSecondary(t)
	primary := bindPrimary(t, s.addr)

	if out := s.rndc("status"); !strings.Contains(out, "number of zones: 0") {
		t.Errorf("rndc status:\n%s", out)
	}
	if out := s.rndc("tsig-list"); !strings.Contains(out, transferKey) {
		t.Errorf("rndc tsig-list:\n%s", out)
	}
	s.refuses("no matching zone 'example.com' in any view", "zonestatus", "example.com")
	s.rndc("addzone", "example.com", from(primary.DNS))
	s.refuses("already exists", "addzone", "example.com", from(primary.DNS))
	s.answers("www.example.com", "A", "192.0.2.1")
	if out := s.rndc("showzone", "example.com"); !strings.Contains(out, `file "label.db"`) || !strings.Contains(out, `key "`+transferKey+`"`) {
		t.Errorf("rndc showzone:\n%s", out)
	}
	if out := s.rndc("zonestatus", "example.com"); !strings.Contains(out, "serial: 1\n") || !strings.Contains(out, "type: secondary\n") {
		t.Errorf("rndc zonestatus:\n%s", out)
	}

	// A change is told by a signed NOTIFY, and comes as a difference.
	update(t, primary, "add new.example.com 300 A 192.0.2.2")
	s.answers("new.example.com", "A", "192.0.2.2")
	eventually(t, "the log tells of a difference", func() error {
		if !strings.Contains(s.out.String(), "by=IXFR") {
			return fmt.Errorf("it says only\n%s", s.out)
		}
		return nil
	})

	// It answers after kill -9 with the primary down; that comes back with news.
	s.kill()
	primary.Stop()
	s.start()
	if !strings.Contains(s.out.String(), "serves 1 secondary zone, kept in ") {
		t.Errorf("it does not say what it serves:\n%s", s.out)
	}
	s.answers("new.example.com", "A", "192.0.2.2")
	primary.Start()
	update(t, primary, "add back.example.com 300 A 192.0.2.3")
	s.answers("back.example.com", "A", "192.0.2.3")

	// What it has, it gives out with the key alone.
	key := primary.File("transfer.key", fmt.Sprintf("key %q { algorithm hmac-sha256; secret %q; };\n", transferKey, transferSecret))
	if out := s.dig("example.com", "AXFR", "-k", key); !strings.Contains(out, "back.example.com.") {
		t.Errorf("a transfer from the secondary:\n%s", out)
	}

	s.refuses("not known here", "addzone", "other.example", strings.Replace(from(primary.DNS), transferKey, "nosuch.example", 1))
	s.rndc("addzone", "other.example", from(primary.DNS))
	s.answers("www.other.example", "A", "192.0.2.1")
	s.rndc("modzone", "example.com", strings.Replace(from(primary.DNS), "label.db", "other.db", 1))
	if out := s.rndc("showzone", "example.com"); !strings.Contains(out, `file "other.db"`) {
		t.Errorf("rndc showzone after modzone:\n%s", out)
	}
	s.rndc("refresh", "example.com")
	s.rndc("retransfer", "example.com")
	s.rndc("delzone", "-clean", "example.com")
	s.status("example.com", "REFUSED")
	s.answers("www.other.example", "A", "192.0.2.1")
	s.stop()
	s.start()
	s.status("example.com", "REFUSED")
	s.answers("www.other.example", "A", "192.0.2.1")
	for _, secret := range []string{transferSecret, channelSecret} {
		if strings.Contains(s.out.String(), secret) {
			t.Error("a secret was printed (promise 8)")
		}
	}
}

// A zone that the primary does not have yet is there soon after it has.
func TestSecondaryBeforeItsPrimary(t *testing.T) {
	t.Parallel()
	s := newSecondary(t)
	primary := servertest.New(t, "primary")
	s.rndc("addzone", "example.com", from(primary.DNS))
	s.status("example.com", "SERVFAIL")
	s.refuses("zone not loaded", "zonestatus", "example.com")
	primary.File("example.com.zone", zoneFile(1, ""))
	primary.Named(fmt.Sprintf("key %q { algorithm hmac-sha256; secret %q; };\n", transferKey, transferSecret) +
		primary.Options(fmt.Sprintf("allow-transfer { key %q; }; notify no;", transferKey)) + `zone "example.com" { type primary; file "example.com.zone"; };`)
	s.answers("www.example.com", "A", "192.0.2.1")
}

// Skein's secondary of Skein's zone files.
func TestSecondaryOfZoneFiles(t *testing.T) {
	t.Parallel()
	s := newSecondary(t)
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte(transferKey+" hmac-sha256 "+transferSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	primary := serveFolder(t, map[string]string{"example.com.zone": zoneFile(1, "")}, "--tsig-key", keys)
	s.rndc("addzone", "example.com", from(primary.addr))
	s.answers("www.example.com", "A", "192.0.2.1")
	primary.write("example.com.zone", zoneFile(2, "new A 192.0.2.2\n"))
	primary.answers("new.example.com", "A", "192.0.2.2")
	s.rndc("refresh", "example.com")
	s.answers("new.example.com", "A", "192.0.2.2")

	// A serial that goes back is not taken, unless a person says so.
	primary.write("example.com.zone", zoneFile(1, "old A 192.0.2.1\n"))
	primary.answers("old.example.com", "A", "192.0.2.1")
	s.rndc("refresh", "example.com")
	eventually(t, "the log tells of the older serial", func() error {
		if !strings.Contains(s.out.String(), "older serial: 1, ours is 2") {
			return fmt.Errorf("it says only\n%s", s.out)
		}
		return nil
	})
	s.answers("new.example.com", "A", "192.0.2.2")
	s.rndc("retransfer", "example.com")
	s.answers("old.example.com", "A", "192.0.2.1")

	// Two of them on one folder is one too many.
	second := newSecondary(t)
	second.kill()
	second.args[2] = s.dir
	out, err := runToEnd(second.args)
	if err == nil || !strings.Contains(out, "another node runs on the data directory") {
		t.Errorf("%v\n%s", err, out)
	}
}
