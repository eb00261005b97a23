package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// named is a real BIND that was brought in as a hoster does it: paste the
// block that Skein prints, start named, test the member.
type named struct {
	*servertest.Server
	t   testing.TB
	key string // file of the rndc key that Skein made for it
}

func bringIn(t testing.TB, n *node, name string) *named {
	t.Helper()
	s := pasted(t, n, name)
	out := n.ok("", "member", "test", name)
	if try := fmt.Sprintf("@%s -p %d\n", s.DNS.Addr(), s.DNS.Port()); !strings.HasSuffix(out, try) || !strings.Contains(out, "dig +short ") {
		t.Errorf("member test does not end with the dig line to try:\n%s", out)
	}
	return s
}

// pasted is a BIND with the block that Skein printed for it, not yet tested.
func pasted(t testing.TB, n *node, name string, more ...string) *named {
	t.Helper()
	s := &named{Server: servertest.New(t, name), t: t}
	block := n.ok("", append([]string{"member", "config", "bind", "--name", name, "--directory", s.Dir}, append(at(s.Server), more...)...)...)
	_, key, _ := strings.Cut(block, "key ")
	key, _, _ = strings.Cut(key, "};")
	s.key = s.File("skein.key", "key "+key+"};\n")
	s.Named(block)
	return s
}

// rndc is what the server's own administrator does.
func (s *named) rndc(args ...string) (string, error) {
	s.t.Helper()
	return servertest.RNDC(s.t, s.Control, s.key, args...)
}

// at is where a member is, as flags.
func at(s *servertest.Server) []string {
	return []string{"--address", s.DNS.Addr().String(), "--port", fmt.Sprint(s.DNS.Port()), "--rndc-port", fmt.Sprint(s.Control.Port())}
}

// answers demands the data of an RRset, sorted, one record a line; "" is none.
func (s *named) answers(name, rrtype, want string) {
	s.t.Helper()
	out, err := s.Dig(name, rrtype, "+short")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	slices.Sort(lines)
	if got := strings.Join(lines, "\n"); err != nil || got != want {
		s.t.Errorf("%s answers %s %s with\n%s\nwant\n%s\n(%v)", s.Name, name, rrtype, got, want, err)
	}
}

// refuses demands that the server does not serve the zone.
func (s *named) refuses(zone string) {
	s.t.Helper()
	out, err := s.Dig(zone, "SOA", "+noall", "+comments")
	if err != nil || !strings.Contains(out, "status: REFUSED") {
		s.t.Errorf("%s still serves %s (%v):\n%s", s.Name, zone, err, out)
	}
}
