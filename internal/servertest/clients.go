package servertest

import (
	"fmt"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Dig runs the real dig against the server; see the function Dig.
func (s *Server) Dig(args ...string) (string, error) { return Dig(s.t, s.DNS, args...) }

// Dig runs the real dig, such as Dig(t, addr, "example.com", "SOA", "+short"),
// and returns what it printed. It asks without recursion.
func Dig(t testing.TB, server netip.AddrPort, args ...string) (string, error) {
	t.Helper()
	base := []string{Program(t, "dig"), "@" + server.Addr().String(), "-p", port(server), "+norecurse", "+time=2", "+tries=2"}
	return run("", append(base, args...)...)
}

// RNDC runs the real rndc against the server, with the key of Controls.
func (s *Server) RNDC(args ...string) (string, error) {
	s.t.Helper()
	return RNDC(s.t, s.Control, s.Key, args...)
}

// RNDC runs the real rndc with a key file in rndc.key's form.
func RNDC(t testing.TB, server netip.AddrPort, keyFile string, args ...string) (string, error) {
	t.Helper()
	base := []string{Program(t, "rndc"), "-s", server.Addr().String(), "-p", port(server), "-k", keyFile}
	return run("", append(base, args...)...)
}

// NSUpdate runs the real nsupdate with lines such as "update add …" and
// "send"; the server's address is put before them. A key file (in rndc.key's
// form) signs; "" does not.
func NSUpdate(t testing.TB, server netip.AddrPort, keyFile string, lines ...string) (string, error) {
	t.Helper()
	argv := []string{Program(t, "nsupdate")}
	if keyFile != "" {
		argv = append(argv, "-k", keyFile)
	}
	script := fmt.Sprintf("server %s %s\n%s\n", server.Addr(), port(server), strings.Join(lines, "\n"))
	return run(script, argv...)
}

func port(a netip.AddrPort) string { return strconv.Itoa(int(a.Port())) }

func run(stdin string, argv ...string) (string, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	text := strings.TrimRight(string(out), "\n")
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, text)
	}
	return text, err
}
