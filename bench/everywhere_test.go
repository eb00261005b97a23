package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	skeinwire "github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/servertest"
)

// BenchmarkEverywhere changes one address, again and again, by turns in Skein,
// in a BIND and in a Knot: the answer to who made the change → each of Skein's
// members, of every make and driver, answers with it; and each secondary of
// the two others, of which BIND has an NSD and a PowerDNS as well: what these
// take by themselves.
func BenchmarkEverywhere(b *testing.B) {
	name := zoneName(0)
	s := startSkein(b)
	members := everyMember(b, s)
	c := s.client()
	if _, err := c.CreateZone(b.Context(), skeinwire.CreateZone{Name: name, ZoneContents: skeinwire.ZoneContents{File: zoneText(0)}}); err != nil {
		b.Fatal(err)
	}
	changeBIND, others := bindAndOthers(b, name)
	changeKnot, knotServer := knotPair(b, name)
	turns := []struct {
		change  func(address string)
		servers []namedServer
	}{
		{func(address string) { setWWW(b, c, name, address) }, members},
		{changeBIND, others},
		{changeKnot, []namedServer{{"Knot-Knot", knotServer}}},
	}
	seen := make([]func(string) []time.Duration, len(turns))
	for i, turn := range turns {
		seen[i] = eachOf(b, turn.servers, name)
	}
	took := map[string][]time.Duration{}
	for i := 0; b.Loop(); i++ {
		for t, turn := range turns {
			turn.change(changingAddress(i))
			for m, d := range seen[t](changingAddress(i)) {
				took[turn.servers[m].name] = append(took[turn.servers[m].name], d)
			}
		}
	}
	for what, all := range took {
		spread(b, what, all)
	}
}

type namedServer struct{ name, addr string }

// everyMember brings in a member of each make by what Skein prints for it.
func everyMember(b *testing.B, s *skein) (all []namedServer) {
	b.Helper()
	printed := func(m *servertest.Server, driver string, more ...string) string {
		all = append(all, namedServer{strings.TrimSuffix(m.Name, ".hoster.example"), m.DNS.String()})
		args := []string{"member", "config", driver, "--name", m.Name, "--address", m.DNS.Addr().String(), "--port", fmt.Sprint(m.DNS.Port()), "--directory", m.Dir}
		return s.run(append(args, more...)...)
	}
	server := func(name string) *servertest.Server { return servertest.New(b, name+".hoster.example") }

	bind := server("BIND")
	bind.Named(printed(bind, "bind", "--rndc-port", fmt.Sprint(bind.Control.Port())))
	knot := server("Knot")
	knot.Knotd(strings.Replace(printed(knot, "catalog", "--set", "software=knot"), `target: "syslog"`, `target: "stderr"`, 1))
	nsd := server("NSD")
	nsd.NSD(pastedForNSD(b, nsd, printed(nsd, "nsd", "--endpoint", nsd.Control.String())))
	pdns := server("PowerDNS")
	pdns.PowerDNSAsPrinted(printed(pdns, "powerdns", "--endpoint", pdns.Control.String()))
	own := server("Skein")
	own.Shell(skeinScript(b, printed(own, "catalog", "--set", "software=skein")))
	for _, m := range []*servertest.Server{bind, knot, nsd, pdns, own} {
		s.run("member", "test", m.Name)
	}
	return all
}

// skeinScript is what is printed for a nameserver of Skein's, with the binary
// that is measured.
func skeinScript(tb testing.TB, printed string) string {
	tb.Helper()
	bin, err := filepath.Abs(os.Getenv("SKEIN"))
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Replace(strings.TrimSpace(printed), "\nskein ", "\nexec "+bin+" ", 1)
}

// pastedForNSD runs what is printed for NSD in a shell, within the server's own
// folder, and returns the configuration that it writes.
func pastedForNSD(b *testing.B, s *servertest.Server, printed string) string {
	b.Helper()
	etc := filepath.Join(s.Dir, "etc")
	if err := os.MkdirAll(filepath.Join(etc, "nsd.conf.d"), 0o755); err != nil {
		b.Fatal(err)
	}
	shell := exec.Command("sh", "-e")
	shell.Stdin = strings.NewReader(strings.NewReplacer("/etc/nsd", etc, "-o root -g root ", "", "-o root -g nsd ", "", "nsd-checkconf", "true", "systemctl restart nsd", "true").Replace(printed))
	if out, err := shell.CombinedOutput(); err != nil {
		b.Fatalf("what is printed for NSD does not run: %v\n%s", err, out)
	}
	conf, err := os.ReadFile(filepath.Join(etc, "nsd.conf.d", "skein.conf"))
	if err != nil {
		b.Fatal(err)
	}
	return string(conf)
}

// knotPair is a Knot primary, changed by dynamic update, with a Knot secondary,
// all signed.
func knotPair(b *testing.B, name string) (change func(address string), secondary string) {
	b.Helper()
	key := fmt.Sprintf("key:\n  - id: xfr\n    algorithm: hmac-sha256\n    secret: %s\n", xfrSecret)
	primary, _ := freeAddr(b)
	secondary, _ = freeAddr(b)
	remote := func(addr string) string {
		return fmt.Sprintf("remote:\n  - id: peer\n    address: %s\n    key: xfr\n", strings.Replace(addr, ":", "@", 1))
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "zone"), []byte(zoneText(0)), 0o644); err != nil {
		b.Fatal(err)
	}
	startKnot(b, dir, primary, key+remote(secondary)+fmt.Sprintf(`acl:
  - id: peer
    key: xfr
    action: [ "transfer", "update" ]
zone:
  - domain: %s
    storage: %q
    file: zone
    zonefile-sync: -1
    zonefile-load: difference
    notify: peer
    acl: peer
`, name, dir))
	dir = b.TempDir()
	startKnot(b, dir, secondary, key+remote(primary)+fmt.Sprintf(`acl:
  - id: peer
    key: xfr
    action: notify
zone:
  - domain: %s
    storage: %q
    file: zone
    zonefile-sync: -1
    master: peer
    acl: peer
`, name, dir))
	return updater(b, name, primary), secondary
}
