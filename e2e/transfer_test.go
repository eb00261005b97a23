package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// xfrKeyFile is the transfer key in the form that skein source add reads.
func xfrKeyFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "xfr.key")
	text := fmt.Sprintf("key %q { algorithm hmac-sha256; secret %q; };\n", transferKey, transferSecret)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// transferFrom adds a source that zones are transferred from.
func (n *node) transferFrom(name string, primary netip.AddrPort, signed bool, more ...string) {
	n.t.Helper()
	args := []string{"source", "add", "transfer", name, "--primary", primary.String()}
	if signed {
		args[len(args)-1] += ",key=" + transferKey
		args = append(args, "--tsig-key-file", xfrKeyFile(n.t.(*testing.T)))
	}
	n.ok("", append(args, more...)...)
}

// dig asks the node's nameserver.
func (n *node) dig(args ...string) (string, error) {
	n.t.Helper()
	return servertest.Dig(n.t, netip.MustParseAddrPort(n.dns), args...)
}

// answers demands that the node comes to answer so.
func (n *node) answers(name, rrtype, want string) {
	n.t.Helper()
	eventually(n.t, fmt.Sprintf("the node answers %s %s with %q", name, rrtype, want), func() error {
		out, err := n.dig(name, rrtype, "+short")
		if err == nil && out != want {
			err = fmt.Errorf("it says %q", out)
		}
		return err
	})
}

// is demands that the node comes to answer with a response code.
func (n *node) is(name, status string) {
	n.t.Helper()
	eventually(n.t, fmt.Sprintf("the node answers %s with %s", name, status), func() error {
		out, err := n.dig(name, "SOA")
		if err == nil && !strings.Contains(out, "status: "+status) {
			err = fmt.Errorf("it says\n%s", out)
		}
		return err
	})
}

// logs waits until the node has said something so many times.
func (n *node) logs(what string, times int) {
	n.t.Helper()
	eventually(n.t, fmt.Sprintf("the log says %q %d times", what, times), func() error {
		if said := strings.Count(n.out.String(), what); said != times {
			return fmt.Errorf("it says so %d times:\n%s", said, n.out)
		}
		return nil
	})
}

const otherZone = `$TTL 300
@ SOA ns1.example.net. hostmaster.example.net. 7 3600 600 86400 300
@ NS ns1.example.net.
www A 192.0.2.7
`

// Zones that a source asks for come from BIND, follow it by signed NOTIFY and
// differences, and go on from there after a restart.
func TestZonesOfBIND(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	primary := bindPrimary(t, netip.MustParseAddrPort(n.dns))
	n.transferFrom("ns-old", primary.DNS, true, "--zone", "example.com", "--zone", "other.example")
	n.answers("www.example.com", "A", "192.0.2.1")
	n.answers("www.other.example", "A", "192.0.2.1")
	if out := n.ok("", "zone", "show", "example.com"); !strings.Contains(out, "ns-old") {
		t.Errorf("zone show does not name the source:\n%s", out)
	}

	update(t, primary, "add new.example.com 300 A 192.0.2.2")
	n.answers("new.example.com", "A", "192.0.2.2")
	n.answers("example.com", "SOA", "ns1.example.net. hostmaster.example.net. 2 3600 600 86400 300")
	n.logs("by=IXFR", 1)

	primary.Stop()
	transfers := strings.Count(n.out.String(), "a zone was transferred")
	n.stop()
	n.start()
	n.answers("new.example.com", "A", "192.0.2.2")
	primary.Start()
	update(t, primary, "add third.example.com 300 A 192.0.2.3")
	n.answers("third.example.com", "A", "192.0.2.3")
	n.logs("a zone was transferred", transfers+1) // that of the change alone

	// What the source lists no more is deleted, and can be brought back.
	n.ok("", "source", "edit", "ns-old", "--drop-zone", "other.example")
	n.is("other.example", "REFUSED")
	n.answers("www.example.com", "A", "192.0.2.1")
}

// Members of Knot's catalog come and go with it, signed and in the clear.
func TestCatalogOfKnot(t *testing.T) {
	t.Parallel()
	for situation, signed := range map[string]bool{"signed": true, "in the clear": false} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			n := newNode(t)
			knot := knotWithCatalog(t, netip.MustParseAddrPort(n.dns), signed, "m1.example", "m2.example")
			n.transferFrom("knot", knot.DNS, signed, "--catalog", "catalog.invalid")
			n.answers("www.m1.example", "A", "192.0.2.7")
			n.answers("www.m2.example", "A", "192.0.2.7")
			n.is("catalog.invalid", "REFUSED")

			knot.Knotc("conf-begin")
			knot.Knotc("conf-unset", "zone[m2.example.]")
			knot.Knotc("conf-set", "zone[m3.example.]")
			knot.Knotc("conf-commit")
			n.answers("www.m3.example", "A", "192.0.2.7")
			n.is("m2.example", "REFUSED")
			n.answers("www.m1.example", "A", "192.0.2.7")

			// A node that was away finds what changed meanwhile.
			n.stop()
			knot.Knotc("conf-begin")
			knot.Knotc("conf-unset", "zone[m1.example.]")
			knot.Knotc("conf-set", "zone[m4.example.]")
			knot.Knotc("conf-commit")
			n.start()
			n.answers("www.m4.example", "A", "192.0.2.7")
			n.is("m1.example", "REFUSED")
			n.answers("www.m3.example", "A", "192.0.2.7")
		})
	}
}

// knotWithCatalog is a real knotd that lists its zones in catalog.invalid.
func knotWithCatalog(t *testing.T, tell netip.AddrPort, signed bool, zones ...string) *servertest.Server {
	t.Helper()
	s := servertest.New(t, "knot")
	for _, name := range []string{"m1.example", "m2.example", "m3.example", "m4.example"} {
		s.File(name+".zone", otherZone)
	}
	key, address := "", "address: 127.0.0.1"
	if signed {
		key, address = "\n    key: "+transferKey, "key: "+transferKey
	}
	conf := fmt.Sprintf(`key:
  - id: %s
    algorithm: hmac-sha256
    secret: %s
remote:
  - id: skein
    address: %s@%d%s
acl:
  - id: transfer
    %s
    action: transfer
template:
  - id: default
    storage: %q
    file: "%%s.zone"
    acl: transfer
    notify: skein
    zonefile-sync: -1
    journal-content: none
    catalog-role: member
    catalog-zone: catalog.invalid.
  - id: catalog
    storage: %[7]q
    acl: transfer
    notify: skein
    catalog-role: generate
    journal-content: all
zone:
  - domain: catalog.invalid.
    template: catalog
`, transferKey, transferSecret, tell.Addr(), tell.Port(), key, address, s.Dir)
	for _, name := range zones {
		conf += fmt.Sprintf("  - domain: %s.\n", name)
	}
	s.KnotdWithDatabase(conf)
	return s
}

// A panel that runs PowerDNS, such as CyberPanel, announces what it has without
// a signature: each zone is created, and follows. Nobody else's word counts.
func TestAutosecondaryOfPowerDNS(t *testing.T) {
	t.Parallel()
	for situation, signed := range map[string]bool{"as CyberPanel sets it up": false, "signed": true} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			n := newNode(t)
			pdns := servertest.New(t, "pdns")
			pdns.PDNS("allow-axfr-ips=127.0.0.0/8\nalso-notify=" + n.dns + "\nsend-signed-notify=yes")
			n.transferFrom("cyberpanel", pdns.DNS, signed, "--auto")
			if signed {
				pdns.PDNSUtil("import-tsig-key", transferKey, "hmac-sha256", transferSecret)
			}
			create := func(name string) {
				sign := ""
				if signed {
					sign = fmt.Sprintf("INSERT INTO domainmetadata (domain_id, kind, content) SELECT id, 'TSIG-ALLOW-AXFR', '%s' FROM domains WHERE name = '%s';", transferKey, name)
				}
				pdns.SQL(fmt.Sprintf(`BEGIN; INSERT INTO domains (name, type) VALUES ('%[1]s', 'MASTER');
INSERT INTO records (domain_id, name, type, content, ttl) SELECT id, name, 'SOA', 'ns1.example.net hostmaster.example.net 1 3600 600 86400 300', 300 FROM domains WHERE name = '%[1]s';
INSERT INTO records (domain_id, name, type, content, ttl) SELECT id, name, 'NS', 'ns1.example.net', 300 FROM domains WHERE name = '%[1]s';
INSERT INTO records (domain_id, name, type, content, ttl) SELECT id, 'www.' || name, 'A', '192.0.2.1', 300 FROM domains WHERE name = '%[1]s';
%[2]s COMMIT;`, name, sign))
			}
			create("panel.example")
			n.answers("www.panel.example", "A", "192.0.2.1")
			create("second.example")
			n.answers("www.second.example", "A", "192.0.2.1")

			pdns.SQL(`UPDATE records SET content = '192.0.2.2' WHERE name = 'www.panel.example';
UPDATE records SET content = 'ns1.example.net hostmaster.example.net 2 3600 600 86400 300' WHERE name = 'panel.example' AND type = 'SOA';`)
			n.answers("www.panel.example", "A", "192.0.2.2")
		})
	}
}

// Catalogs of BIND, which has them as a file, and of PowerDNS, which makes them.
func TestCatalogsOfOthers(t *testing.T) {
	t.Parallel()
	t.Run("BIND, over TLS", func(t *testing.T) {
		t.Parallel()
		n := newNode(t)
		s := servertest.New(t, "named")
		catalog := func(serial int, members ...string) {
			text := fmt.Sprintf("$TTL 0\n@ SOA invalid. invalid. %d 3600 600 2147483646 0\n@ NS invalid.\nversion TXT \"2\"\n", serial)
			for i, name := range members {
				text += fmt.Sprintf("m%d.zones PTR %s.\n", i, name)
			}
			s.File("catalog.zone", text)
		}
		catalog(1, "m1.example")
		s.File("m1.example.zone", otherZone)
		s.File("m2.example.zone", otherZone)
		cert, key := certificate(t, "ns1.example.net")
		at := servertest.Free(t)
		ask := netip.MustParseAddrPort(n.dns)
		s.Named(fmt.Sprintf("key %q { algorithm hmac-sha256; secret %q; };\ntls dot { cert-file %q; key-file %q; };\n", transferKey, transferSecret, s.File("cert.pem", cert), s.File("key.pem", key)) +
			s.Options(fmt.Sprintf("listen-on port %d tls dot { 127.0.0.1; }; allow-transfer port %[1]d transport tls { key %[2]q; }; notify explicit; also-notify { %s port %d key %[2]q; }; notify-delay 0;", at.Port(), transferKey, ask.Addr(), ask.Port())) +
			`zone "catalog.invalid" { type primary; file "catalog.zone"; };
zone "m1.example" { type primary; file "m1.example.zone"; };
zone "m2.example" { type primary; file "m2.example.zone"; };
`)
		n.ok("", "source", "add", "transfer", "bind", "--primary", at.String()+",key="+transferKey+",tls=ns1.example.net",
			"--tls-ca-file", filepath.Join(s.Dir, "cert.pem"), "--tsig-key-file", xfrKeyFile(t), "--catalog", "catalog.invalid")
		n.answers("www.m1.example", "A", "192.0.2.7")
		catalog(2, "m1.example", "m2.example")
		if out, err := s.RNDC("reload", "catalog.invalid"); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		n.answers("www.m2.example", "A", "192.0.2.7")

		// A primary that cannot prove who it is gives nothing.
		n.ok("", "source", "edit", "bind", "--primary", at.String()+",key="+transferKey+",tls=ns2.example.net")
		n.shows("certificate is not trusted", "source", "show", "bind")
		n.answers("www.m2.example", "A", "192.0.2.7")
	})
	t.Run("PowerDNS", func(t *testing.T) {
		t.Parallel()
		n := newNode(t)
		pdns := servertest.New(t, "pdns")
		pdns.PDNS("allow-axfr-ips=127.0.0.0/8\nalso-notify=" + n.dns)
		for _, name := range []string{"m1.example", "m2.example"} {
			pdns.PDNSUtil("create-zone", name, "ns1.example.net")
			pdns.PDNSUtil("set-kind", name, "primary")
			pdns.PDNSUtil("add-record", name, "www", "A", "300", "192.0.2.7")
		}
		pdns.PDNSUtil("create-zone", "catalog.invalid", "ns1.example.net")
		pdns.PDNSUtil("set-kind", "catalog.invalid", "producer")
		pdns.PDNSUtil("set-catalog", "m1.example", "catalog.invalid")
		n.transferFrom("pdns", pdns.DNS, false, "--catalog", "catalog.invalid")
		n.answers("www.m1.example", "A", "192.0.2.7")
		pdns.PDNSUtil("set-catalog", "m2.example", "catalog.invalid")
		n.answers("www.m2.example", "A", "192.0.2.7")
	})
}

// certificate makes one that signs itself, with its key.
func certificate(t testing.TB, name string) (cert, secret string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}
