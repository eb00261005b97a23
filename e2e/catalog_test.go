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
	catalogName   = "catalog1.invalid"
	catalogSecret = "Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc="
)

// consumers starts BIND and Knot as consumers of the catalog that a primary
// makes, with TSIG. (NSD has catalog zones from 4.9 on; Debian 12 has 4.6.)
func consumers(t *testing.T, named, knotd *servertest.Server, primary netip.AddrPort) []*servertest.Server {
	t.Helper()
	from := fmt.Sprintf(`{ %s port %d key xfr; }`, primary.Addr(), primary.Port())
	named.Named(fmt.Sprintf(`key "xfr" { algorithm hmac-sha256; secret %q; };
`, catalogSecret) + named.Options(fmt.Sprintf(`allow-notify { key xfr; }; serial-query-rate 1000;
	catalog-zones { zone %q default-primaries %s in-memory yes min-update-interval 1; };`, catalogName, from)) +
		fmt.Sprintf("zone %q { type secondary; primaries %s; };\n", catalogName, from))
	knotd.Knotd(fmt.Sprintf(`key:
  - id: xfr
    algorithm: hmac-sha256
    secret: %[1]s
remote:
  - id: primary
    address: %[2]s@%[3]d
    key: xfr
acl:
  - id: notify
    address: %[2]s
    key: xfr
    action: notify
template:
  - id: default
    storage: %[4]q
  - id: member
    storage: %[4]q
    file: "%%s.zone"
    master: primary
    acl: notify
zone:
  - domain: %[5]s.
    master: primary
    acl: notify
    catalog-role: interpret
    catalog-template: [ member ]
`, catalogSecret, primary.Addr(), primary.Port(), knotd.Dir, catalogName))
	return []*servertest.Server{named, knotd}
}

// shows waits until a server answers a question so.
func shows(t *testing.T, s *servertest.Server, name, rrtype, want string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s says that %s %s is %s", s.Name, name, rrtype, want), func() error {
		out, err := s.Dig(name, rrtype, "+short")
		if err == nil && out != want {
			err = fmt.Errorf("it says %q", out)
		}
		return err
	})
}

// refuses waits until a server knows nothing of a zone.
func refuses(t *testing.T, s *servertest.Server, name string) {
	t.Helper()
	eventually(t, s.Name+" refuses "+name, func() error {
		out, err := s.Dig(name, "SOA", "+noall", "+comments")
		if err == nil && !strings.Contains(out, "status: REFUSED") {
			err = fmt.Errorf("it says %s", out)
		}
		return err
	})
}

// catalogKeys writes the key of the consumers as --tsig-key reads it.
func catalogKeys(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte("xfr hmac-sha256 "+catalogSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// told is --notify for consumers.
func told(servers ...*servertest.Server) (args []string) {
	for _, s := range servers {
		args = append(args, "--notify", s.DNS.String()+"/key:xfr")
	}
	return args
}

// Zones of a folder reach BIND and Knot, and leave them, by the catalog alone:
// they come, change, break and go; nobody else sees the catalog.
func TestNameserverProducesACatalog(t *testing.T) {
	t.Parallel()
	named, knotd := servertest.New(t, "named"), servertest.New(t, "knotd")
	a := serveFolder(t, map[string]string{"one.example.zone": zoneFile(1, ""), "two.example.zone": zoneFile(1, "")},
		append(told(named, knotd), "--catalog", catalogName, "--tsig-key", catalogKeys(t))...)
	a.status(catalogName, "REFUSED")
	for _, s := range consumers(t, named, knotd, a.addr) {
		shows(t, s, "www.one.example", "A", "192.0.2.1")
		shows(t, s, "www.two.example", "A", "192.0.2.1")
	}
	a.write("three.example.zone", zoneFile(1, ""))
	for _, s := range []*servertest.Server{named, knotd} {
		shows(t, s, "www.three.example", "A", "192.0.2.1")
	}
	a.write("one.example.zone", zoneFile(2, "new A 192.0.2.2\n"))
	a.write("two.example.zone", "this is broken\n")
	for _, s := range []*servertest.Server{named, knotd} {
		shows(t, s, "new.one.example", "A", "192.0.2.2")
		shows(t, s, "www.two.example", "A", "192.0.2.1") // what is broken is not gone
	}
	if err := os.Remove(filepath.Join(a.dir, "three.example.zone")); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*servertest.Server{named, knotd} {
		refuses(t, s, "three.example")
		shows(t, s, "new.one.example", "A", "192.0.2.2")
	}
	// After a restart the labels are the same: consumers keep what they have.
	a.stop()
	a.start()
	a.write("four.example.zone", zoneFile(1, ""))
	for _, s := range []*servertest.Server{named, knotd} {
		shows(t, s, "www.four.example", "A", "192.0.2.1")
		shows(t, s, "www.one.example", "A", "192.0.2.1")
		if strings.Contains(s.Log(), "catalog zone reset") {
			t.Errorf("%s began a zone anew", s.Name)
		}
	}
}

// Zones of a node reach BIND and Knot by the catalog; one that was deleted and
// made again begins anew.
func TestNodeProducesACatalog(t *testing.T) {
	t.Parallel()
	named, knotd := servertest.New(t, "named"), servertest.New(t, "knotd")
	n := newNode(t, append(told(named, knotd), "--catalog", catalogName, "--tsig-key", catalogKeys(t))...)
	create := func(zone string) { n.ok("", "zone", "create", zone, "--ns", "ns1.example.net") }
	create("one.example")
	both := consumers(t, named, knotd, netip.MustParseAddrPort(n.dns))
	create("two.example")
	for _, s := range both {
		shows(t, s, "one.example", "NS", "ns1.example.net.")
		shows(t, s, "two.example", "NS", "ns1.example.net.")
	}
	n.ok("", "record", "set", "one.example", "www", "A", "192.0.2.1")
	n.ok("", "zone", "delete", "two.example")
	for _, s := range both {
		shows(t, s, "www.one.example", "A", "192.0.2.1")
		refuses(t, s, "two.example")
	}
	n.ok("", "zone", "create", "two.example", "--ns", "ns2.example.net")
	for _, s := range both {
		shows(t, s, "two.example", "NS", "ns2.example.net.")
		shows(t, s, "www.one.example", "A", "192.0.2.1")
	}
	// A restart, and what was served stays.
	n.stop()
	n.start()
	create("three.example")
	for _, s := range both {
		shows(t, s, "three.example", "NS", "ns1.example.net.")
		shows(t, s, "www.one.example", "A", "192.0.2.1")
	}
}
