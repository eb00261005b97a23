package servertest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	keyName = "servertest"
	keyText = `key "servertest" { algorithm hmac-sha256; secret "c2VydmVydGVzdCBzZXJ2ZXJ0ZXN0IHNlcnZlcnRlc3Q="; };` + "\n"
)

// debian names the package that a program comes with.
var debian = map[string]string{
	"named": "bind9", "rndc": "bind9", "named-checkconf": "bind9-utils", "named-rrchecker": "bind9",
	"dig": "bind9-dnsutils", "nsupdate": "bind9-dnsutils", "knotd": "knot", "kdig": "knot-dnsutils", "nsd": "nsd", "nsd-checkconf": "nsd", "nsd-control": "nsd",
}

// Program finds a program, also where Debian puts servers, or fails the test.
func Program(t failer, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/local/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	t.Fatalf("this test talks to a real %s, which is not installed: run make deps, or apt-get install %s", name, debian[name])
	return ""
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Named starts BIND. Text without an options statement is completed by Options,
// and by Controls if it has no controls statement; text with one is taken as it is.
func (s *Server) Named(conf string) {
	s.t.Helper()
	if !hasStatement(conf, "options") {
		conf = s.Options("") + conf
	}
	if !hasStatement(conf, "controls") {
		conf = s.Controls() + conf
	}
	// -X: two servers must not think that they are one.
	s.argv = []string{Program(s.t, "named"), "-g", "-n", "1", "-X", "none", "-c", s.File("named.conf", conf)}
	s.running = "all zones loaded"
	s.Start()
}

func hasStatement(conf, name string) bool {
	for line := range strings.Lines(conf) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), name); ok && strings.HasPrefix(strings.TrimSpace(rest), "{") {
			return true
		}
	}
	return false
}

// Options is an options statement for named: everything in the server's own
// folder, an authoritative server that asks nobody. More is added to it.
func (s *Server) Options(more string) string {
	v4, v6 := fmt.Sprintf("{ %s; }", s.DNS.Addr()), "{ none; }"
	if s.DNS.Addr().Is6() {
		v4, v6 = v6, v4
	}
	return fmt.Sprintf(`options {
	directory %q; pid-file none; session-keyfile none; lock-file none;
	listen-on port %d %s; listen-on-v6 port %[2]d %[4]s;
	recursion no; dnssec-validation no; %[5]s
};
`, s.Dir, s.DNS.Port(), v4, v6, more)
}

// Controls is the part of a named.conf that lets RNDC in.
func (s *Server) Controls() string {
	return keyText + fmt.Sprintf("controls { inet %s port %d allow { any; } keys { %q; }; };\n", s.Control.Addr(), s.Control.Port(), keyName)
}

// Knotd starts Knot DNS. The text goes behind the one of a server that listens,
// and keeps everything in its folder: first what is beyond in the server
// section (four spaces in), then other sections (key, remote, acl, zone, …).
// Text with a server section is taken as it is.
func (s *Server) Knotd(conf string) {
	s.t.Helper()
	if strings.Contains("\n"+conf, "\nserver:") {
		s.argv, s.running = []string{Program(s.t, "knotd"), "-c", s.File("knot.conf", conf)}, ""
		s.Start()
		return
	}
	head := fmt.Sprintf(`log:
  - target: stderr
    any: info
database:
    storage: %q
server:
    rundir: %[1]q
    listen: "%[2]s@%[3]d"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
`, s.Dir, s.DNS.Addr(), s.DNS.Port())
	s.argv = []string{Program(s.t, "knotd"), "-c", s.File("knot.conf", head+conf)}
	s.running = "server started"
	s.Start()
}

// KnotdWithDatabase is Knotd with the configuration in a database, so that
// Knotc can change it while it runs.
func (s *Server) KnotdWithDatabase(conf string) {
	s.t.Helper()
	db := filepath.Join(s.Dir, "confdb")
	text := fmt.Sprintf("log:\n  - target: stderr\n    any: info\ndatabase:\n    storage: %q\nserver:\n    rundir: %[1]q\n    listen: \"%[2]s@%[3]d\"\n    background-workers: 2\ncontrol:\n    listen: \"%[1]s/knot.sock\"\n", s.Dir, s.DNS.Addr(), s.DNS.Port())
	file := s.File("knot.conf", text+conf)
	if out, err := run("", Program(s.t, "knotc"), "-C", db, "conf-import", file); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	s.argv = []string{Program(s.t, "knotd"), "-C", db}
	s.running = "server started"
	s.Start()
}

// Knotc runs the real knotc against the server.
func (s *Server) Knotc(args ...string) {
	s.t.Helper()
	if out, err := run("", append([]string{Program(s.t, "knotc"), "-s", filepath.Join(s.Dir, "knot.sock"), "-b"}, args...)...); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
}

// NSD starts NSD. The text goes behind the one of a server that listens, and
// keeps everything in its folder: first what is beyond in the server section,
// then other sections (key, pattern, zone, …). Where it has an ip-address it
// listens there alone. It limits no rates: half of the time that it takes to
// start and to reload is for the table of that.
func (s *Server) NSD(conf string) {
	s.t.Helper()
	listen := fmt.Sprintf("ip-address: %s@%d", s.DNS.Addr(), s.DNS.Port())
	if strings.Contains(conf, "ip-address:") {
		listen = ""
	}
	head := fmt.Sprintf(`remote-control:
    control-enable: no
server:
    %[2]s
    username: ""
    server-count: 1
    zonesdir: %[1]q
    zonelistfile: "%[1]s/zone.list"
    xfrdfile: "%[1]s/xfrd.state"
    xfrdir: %[1]q
    database: ""
    pidfile: ""
    rrl-ratelimit: 0
    rrl-size: 10
`, s.Dir, listen)
	s.argv = []string{Program(s.t, "nsd"), "-d", "-c", s.File("nsd.conf", head+conf)}
	s.Start()
}

// Shell starts a server by a script of /bin/sh, whose last command is the
// server and begins with exec.
func (s *Server) Shell(script string) {
	s.t.Helper()
	s.argv, s.running = []string{"/bin/sh", "-e", s.File("run.sh", script)}, ""
	s.Start()
}
