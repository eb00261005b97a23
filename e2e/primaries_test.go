package e2e

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// shortLived is a zone that expires soon where no source is left.
const shortLived = `$ORIGIN lives.example.
$TTL 5
@ SOA ns1.hoster.example. hostmaster.hoster.example. 1 3 3 20 5
  NS ns1.hoster.example.
www A 192.0.2.1
`

// printed brings a server in as a member, and returns what is to be pasted there.
func (n *node) printed(s *servertest.Server, driver string, more ...string) string {
	n.t.Helper()
	args := []string{"member", "config", driver, "--name", s.Name, "--address", s.DNS.Addr().String(), "--port", fmt.Sprint(s.DNS.Port()), "--directory", s.Dir}
	return n.ok("", append(args, more...)...)
}

// A member is a primary of the others, whatever their make. The node dies, and
// the zone outlives its SOA's time everywhere but on a server that has the node
// alone; the member dies, and nothing expires either.
func TestTheDeathOfASourceExpiresNothing(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	relay := skeinMember(t, n, "ns2.hoster.example", []string{"--never-expire"}, "--primary")
	n.ok("", "member", "test", relay.name)

	// By itself BIND asks its sources every five minutes at most.
	hasty := func(block string) string {
		return strings.Replace(block, "options {", "options {\n    min-refresh-time 1; min-retry-time 1;", 1)
	}
	bind := servertest.New(t, "bind.hoster.example")
	ofBIND := n.printed(bind, "bind", "--rndc-port", fmt.Sprint(bind.Control.Port()))
	bind.Named(hasty(ofBIND))
	knot := servertest.New(t, "knot.hoster.example")
	knot.Knotd(n.printed(knot, "catalog", "--set", "software=knot"))
	nsd := servertest.New(t, "nsd.hoster.example")
	nsd.NSD(pasteNSD(t, nsd, n.printed(nsd, "nsd", "--endpoint", nsd.Control.String())))
	pdns := servertest.New(t, "powerdns.hoster.example")
	pdns.PowerDNSAsPrinted(n.printed(pdns, "powerdns", "--endpoint", pdns.Control.String()) + "xfr-cycle-interval=1\n")
	all := []*servertest.Server{bind, knot, nsd, pdns}

	// The relay does not know their keys yet: that is said, and keeps none out.
	if out := n.ok("", "member", "test", bind.Name); !strings.Contains(out, "member ns2.hoster.example would refuse its transfers") {
		t.Errorf("the test of a member does not say what its other primary lacks:\n%s", out)
	}
	relay.kill()
	pasteSkein(t, filepath.Dir(relay.dir), n.ok("", "member", "config", "bind", "--name", relay.name))
	relay.begin()
	for _, s := range all {
		if out := n.ok("", "member", "test", s.Name); !strings.Contains(out, "it can transfer from member ns2.hoster.example as well") {
			t.Errorf("the test of %s does not find its other primary fit:\n%s", s.Name, out)
		}
	}

	file := filepath.Join(t.TempDir(), "lives.example.zone")
	if err := os.WriteFile(file, []byte(shortLived), 0o600); err != nil {
		t.Fatal(err)
	}
	n.ok("", "zone", "import", file)
	n.ok("", "wait", "lives.example", "--timeout", "2m")

	// A server beside the cluster that has nobody but the node shows when the time is over.
	alone := servertest.New(t, "alone.hoster.example")
	key := keyForm.FindStringSubmatch(strings.ReplaceAll(ofBIND, `"skein-bind_hoster_example"`, `"skein-audit-alone"`))
	alone.Named(alone.Options("min-refresh-time 1; min-retry-time 1;") + fmt.Sprintf(`
		key "skein-bind_hoster_example" { algorithm hmac-sha256; secret "%s"; };
		zone "lives.example" { type secondary; file "lives.db"; primaries { %s key "skein-bind_hoster_example"; }; };`,
		key[2], strings.Replace(n.dns, ":", " port ", 1)))
	status := func(s *servertest.Server, want string) {
		t.Helper()
		eventually(t, s.Name+" says "+want, func() error {
			if out, err := s.Dig("lives.example", "SOA", "+noall", "+comments"); err != nil || !strings.Contains(out, "status: "+want) {
				return fmt.Errorf("%v\n%s", err, out)
			}
			return nil
		})
	}
	status(alone, "NOERROR") // the last to have it from the node, so the last whose time is over

	n.kill()
	status(alone, "SERVFAIL")
	alone.Stop()
	allGoOn(t, all, "192.0.2.1")
	n.start()
	n.ok("", "record", "set", "lives.example", "www", "A", "192.0.2.2", "--ttl", "5")
	n.ok("", "wait", "lives.example", "--timeout", "2m")
	allGoOn(t, all, "192.0.2.2")

	// The other way round. The lone server now has nobody but the relay.
	ofRelay := n.ok("", "member", "config", "bind", "--name", relay.name)
	pair := regexp.MustCompile(`key "(skein-pair-[^"]*)" .*secret "([^"]*)"`).FindStringSubmatch(ofRelay)
	if pair == nil {
		t.Fatalf("what is printed for a primary has no key of a pair:\n%s", ofRelay)
	}
	alone.Named(alone.Options("min-refresh-time 1; min-retry-time 1;") + fmt.Sprintf(`
		key "%s" { algorithm hmac-sha256; secret "%s"; };
		zone "lives.example" { type secondary; file "other.db"; primaries { %s key "%[1]s"; }; };`,
		pair[1], pair[2], strings.Replace(relay.addr, ":", " port ", 1)))
	status(alone, "NOERROR")
	relay.die()
	status(alone, "SERVFAIL")
	allGoOn(t, all, "192.0.2.2")
	n.ok("", "record", "set", "lives.example", "www", "A", "192.0.2.3", "--ttl", "5")
	n.ok("", "wait", "lives.example", "--for", "majority", "--timeout", "2m")
	for _, s := range all {
		eventually(t, s.Name+" has the change", func() error {
			out, err := s.Dig("www.lives.example", "A", "+short")
			if err != nil || out != "192.0.2.3" {
				return fmt.Errorf("%q, %v", out, err)
			}
			return nil
		})
	}
}

// allGoOn looks many times, and never waits: a server that answers once may be
// just before its time is over.
func allGoOn(t *testing.T, all []*servertest.Server, want string) {
	t.Helper()
	for range 20 {
		for _, s := range all {
			if out, err := s.Dig("www.lives.example", "A", "+short"); err != nil || out != want {
				t.Fatalf("%s answers %q (%v), want %s", s.Name, out, err, want)
			}
		}
	}
}

// A BIND is a primary of the others as well: what they lose while the node is
// away they fetch from it, each with the key of their pair.
func TestABINDIsAPrimaryOfTheOthers(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	primary := servertest.New(t, "primary.hoster.example")
	primary.Named(n.printed(primary, "bind", "--rndc-port", fmt.Sprint(primary.Control.Port()), "--primary"))
	n.ok("", "member", "test", primary.Name)

	bind := servertest.New(t, "bind.hoster.example")
	bind.Named(n.printed(bind, "bind", "--rndc-port", fmt.Sprint(bind.Control.Port())))
	knot := servertest.New(t, "knot.hoster.example")
	knot.Knotd(n.printed(knot, "catalog", "--set", "software=knot"))
	nsd := servertest.New(t, "nsd.hoster.example")
	nsd.NSD(pasteNSD(t, nsd, n.printed(nsd, "nsd", "--endpoint", nsd.Control.String())))
	skein := skeinMember(t, n, "skein.hoster.example", nil)
	primary.Stop() // it is given the keys of its pairs
	primary.Named(n.ok("", "member", "config", "bind", "--name", primary.Name, "--directory", primary.Dir))
	for _, name := range []string{bind.Name, knot.Name, nsd.Name, skein.name} {
		if out := n.ok("", "member", "test", name); !strings.Contains(out, "it can transfer from member primary.hoster.example as well") {
			t.Errorf("the test of %s does not find its other primary fit:\n%s", name, out)
		}
	}
	n.ok("", "zone", "create", "lives.example", "--ns", "ns1.hoster.example")
	n.ok("", "record", "set", "lives.example", "www", "A", "192.0.2.1", "--ttl", "5")
	n.ok("", "wait", "lives.example", "--timeout", "2m")
	n.kill()
	ask := func(addr netip.AddrPort) (string, error) {
		return servertest.Dig(t, addr, "www.lives.example", "A", "+short")
	}
	for _, s := range []struct {
		addr  netip.AddrPort
		stop  func()
		start func()
		dir   string
		what  []string // of the folder, where the zone is
		name  string
	}{
		{bind.DNS, bind.Stop, bind.Start, bind.Dir, []string{"skein-*.db*"}, bind.Name},
		{knot.DNS, knot.Stop, knot.Start, knot.Dir, []string{"lives.example.zone", "journal"}, knot.Name},
		{nsd.DNS, nsd.Stop, nsd.Start, nsd.Dir, []string{"skein", "xfrd.state"}, nsd.Name},
		{netip.MustParseAddrPort(skein.addr), skein.kill, skein.begin, skein.dir, []string{"contents"}, skein.name},
	} {
		s.stop()
		for _, pattern := range s.what {
			lost, err := filepath.Glob(filepath.Join(s.dir, pattern))
			for _, path := range lost {
				err = errors.Join(err, os.RemoveAll(path))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		s.start()
		eventually(t, s.name+" has from the primary what it lost", func() error {
			if out, err := ask(s.addr); err != nil || out != "192.0.2.1" {
				return fmt.Errorf("%q, %v", out, err)
			}
			return nil
		})
	}
	n.start()
	n.ok("", "record", "set", "lives.example", "www", "A", "192.0.2.2", "--ttl", "5")
	n.ok("", "wait", "lives.example", "--timeout", "2m")
}
