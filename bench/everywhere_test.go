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

// BenchmarkAlone is one change as well, of a cluster that has one member: what
// each make is capable of while nobody else is told.
func BenchmarkAlone(b *testing.B) {
	for _, m := range makes {
		b.Run(m.name, func(b *testing.B) {
			name, s := zoneName(0), startSkein(b)
			member := s.memberOf(b, m)
			c := s.client()
			if _, err := c.CreateZone(b.Context(), skeinwire.CreateZone{Name: name, ZoneContents: skeinwire.ZoneContents{File: zoneText(0)}}); err != nil {
				b.Fatal(err)
			}
			seen := eachOf(b, []namedServer{member}, name)
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				setWWW(b, c, name, changingAddress(i))
				took = append(took, seen(changingAddress(i))...)
			}
			spread(b, m.name, took)
		})
	}
}

// brand is a make of nameservers, and how one is started with what Skein
// prints for it.
type brand struct {
	name  string
	start func(b *testing.B, m *servertest.Server, printed func(driver string, more ...string) string)
}

var makes = []brand{
	{"BIND", func(_ *testing.B, m *servertest.Server, printed func(string, ...string) string) {
		m.Named(printed("bind", "--rndc-port", fmt.Sprint(m.Control.Port())))
	}},
	{"Knot", func(_ *testing.B, m *servertest.Server, printed func(string, ...string) string) {
		m.Knotd(strings.Replace(printed("catalog", "--set", "software=knot"), `target: "syslog"`, `target: "stderr"`, 1))
	}},
	{"NSD", func(b *testing.B, m *servertest.Server, printed func(string, ...string) string) {
		m.NSD(pastedForNSD(b, m, printed("nsd", "--endpoint", m.Control.String())))
	}},
	{"PowerDNS", func(_ *testing.B, m *servertest.Server, printed func(string, ...string) string) {
		m.PowerDNSAsPrinted(printed("powerdns", "--endpoint", m.Control.String()))
	}},
	{"Skein", func(b *testing.B, m *servertest.Server, printed func(string, ...string) string) {
		m.Shell(skeinScript(b, printed("catalog", "--set", "software=skein")))
	}},
}

// everyMember brings in a member of each make.
func everyMember(b *testing.B, s *skein) (all []namedServer) {
	b.Helper()
	for _, m := range makes {
		all = append(all, s.memberOf(b, m))
	}
	return all
}

// memberOf brings in a member by what Skein prints for its make.
func (s *skein) memberOf(b *testing.B, made brand) namedServer {
	b.Helper()
	m := servertest.New(b, made.name+".hoster.example")
	made.start(b, m, func(driver string, more ...string) string {
		args := []string{"member", "config", driver, "--name", m.Name, "--address", m.DNS.Addr().String(), "--port", fmt.Sprint(m.DNS.Port()), "--directory", m.Dir}
		return s.run(append(args, more...)...)
	})
	s.run("member", "test", m.Name)
	return namedServer{made.name, m.DNS.String()}
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
