package probe

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

var auditKey = Key{Name: "skein-audit-ns1", Algorithm: "hmac-sha256", Secret: "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="}

const exampleZone = `$TTL 60
@ IN SOA ns.example.com. root.example.com. 2026112301 3600 600 86400 60
  IN NS ns
ns IN A 192.0.2.1
txt IN TXT "x"
cut IN NS ns.elsewhere.example.
`

// The servers serve example.com, and could not fetch never.example.

func startBIND(s *servertest.Server) {
	s.Named(fmt.Sprintf("key %q { algorithm %s; secret %q; };\n", auditKey.Name, auditKey.Algorithm, auditKey.Secret) +
		s.Options(fmt.Sprintf("allow-transfer { key %q; }; server-id \"probed\"; notify no;", auditKey.Name)) + `
zone "example.com" { type primary; file "example.com.zone"; };
zone "never.example" { type secondary; file "never.db"; primaries port 1 { 127.0.0.1; }; };
`)
}

func startKnot(s *servertest.Server) {
	s.Knotd(fmt.Sprintf(`    nsid: "probed"
key:
  - id: %s
    algorithm: %s
    secret: %s
acl:
  - id: audit
    key: %[1]s
    action: transfer
remote:
  - id: nobody
    address: 127.0.0.1@1
zone:
  - domain: example.com.
    storage: %[4]q
    file: example.com.zone
    acl: audit
  - domain: never.example.
    storage: %[4]q
    master: nobody
`, auditKey.Name, auditKey.Algorithm, auditKey.Secret, s.Dir))
}

func startNSD(s *servertest.Server) {
	s.NSD(fmt.Sprintf(`    nsid: "ascii_probed"
key:
    name: %q
    algorithm: %s
    secret: %q
zone:
    name: example.com
    zonefile: example.com.zone
    provide-xfr: 127.0.0.0/8 %[1]q
zone:
    name: never.example
    zonefile: never.zone
    request-xfr: 127.0.0.1@1 NOKEY
`, auditKey.Name, auditKey.Algorithm, auditKey.Secret))
}

// Each real server says what it serves, and is understood: a zone it has, one
// that it could not fetch, one that it does not have, and names within its zone.
func TestRealServersSayWhatTheyServe(t *testing.T) {
	t.Parallel()
	for kind, c := range map[string]struct {
		start     func(*servertest.Server)
		at        string
		elsewhere Signature // of a good key, for a zone that it does not have
		algorithm Signature // of our key with another algorithm
	}{
		"BIND":         {startBIND, "127.0.0.1", SignatureGood, SignatureUnknown},
		"BIND on IPv6": {startBIND, "::1", SignatureGood, SignatureUnknown},
		"Knot":         {startKnot, "127.0.0.2", "", SignatureUnknown},
		"NSD":          {startNSD, "127.0.0.3", SignatureGood, SignatureGood},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := servertest.NewAt(t, kind, netip.MustParseAddr(c.at))
			s.File("example.com.zone", exampleZone)
			c.start(s)
			p := New(Options{})
			defer p.Close()
			for name, want := range map[zone.Name]Outcome{
				"example.com.": Serves, "EXAMPLE.com.": Serves, "never.example.": NotLoaded, "other.example.": Absent,
				"nothing.example.com.": Absent, "txt.example.com.": Absent, "cut.example.com.": NotServed,
			} {
				r, err := p.Serial(t.Context(), s.DNS, name)
				if err != nil || r.Outcome != want || want == Serves && (r.Serial != 2026112301 || r.NSID != "probed") {
					t.Errorf("%s: %s, NSID %q, error %v; want %s", name, r.Text(), r.NSID, err, want)
				}
			}
			audit(t, p, s.DNS)
			signatures(t, p, s.DNS, c.elsewhere, c.algorithm)
			s.Kill()
			if r, err := p.Serial(t.Context(), s.DNS, "example.com."); err != nil || r.Outcome != NoAnswer {
				t.Errorf("when it is down: %s, %v", r.Text(), err)
			}
		})
	}
}

// audit transfers what is really served, with the audit key only.
func audit(t *testing.T, p *Prober, at netip.AddrPort) {
	served, err := p.Served(t.Context(), at, "example.com.", auditKey)
	if err != nil {
		t.Fatalf("with the audit key: %v", err)
	}
	if _, records := served.Len(); records != 5 {
		t.Errorf("%d records were transferred, the zone has 5", records)
	}
	wrong, unknown := auditKey, auditKey
	wrong.Secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	unknown.Name = "nobody"
	for situation, key := range map[string]Key{"without a key": {}, "with a wrong secret": wrong, "with an unknown key": unknown} {
		if _, err := p.Served(t.Context(), at, "example.com.", key); err == nil {
			t.Errorf("%s the zone was transferred", situation)
		}
	}
	if _, err := p.Served(t.Context(), at, "other.example.", auditKey); err == nil {
		t.Error("a zone that it does not have was transferred")
	}
}

// signatures: a server tells what is wrong with a key.
func signatures(t *testing.T, p *Prober, at netip.AddrPort, elsewhere, algorithm Signature) {
	wrong, unknown, other := auditKey, auditKey, auditKey
	wrong.Secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	unknown.Name = "nobody"
	other.Algorithm = "hmac-sha512"
	for situation, c := range map[string]struct {
		zone zone.Name
		key  Key
		want Signature
	}{
		"the key":                               {"example.com.", auditKey, SignatureGood},
		"a wrong secret":                        {"example.com.", wrong, SignatureWrong},
		"an unknown key":                        {"example.com.", unknown, SignatureUnknown},
		"another algorithm":                     {"example.com.", other, algorithm},
		"the key, for a zone that is not there": {"other.example.", auditKey, elsewhere},
	} {
		if got, err := p.Signature(t.Context(), at, c.zone, c.key); got != c.want || (err == nil) != (got != "") {
			t.Errorf("%s: %q, %v; want %q", situation, got, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := p.Signature(ctx, at, "example.com.", auditKey); err == nil {
		t.Errorf("after the caller lost interest: %q", got)
	}
}
