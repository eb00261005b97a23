// Package servertest starts real servers for tests: BIND's named, Knot's
// knotd and NSD, on free ports of the loopback interface, with the
// configuration that the test gives. They end with the test, however it ends,
// and what they logged is shown when it failed.
//
//	s := servertest.New(t, "ns1")
//	s.File("example.com.zone", "@ 60 IN SOA . . 1 1 1 1 1\n@ 60 IN NS ns1\nns1 60 IN A 192.0.2.1\n")
//	s.Named(`zone "example.com" { type primary; file "example.com.zone"; };`)
//	out, err := s.Dig("example.com", "SOA", "+short")
//
// A program that is not installed fails the test: it is never skipped.
package servertest

import (
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Server is a real nameserver. A test drives it from one goroutine.
type Server struct {
	Name    string         // in messages
	Dir     string         // its folder, for configuration and data; ends with the test
	DNS     netip.AddrPort // where it is to answer; reserved until the test ends
	Control netip.AddrPort // likewise for its control channel
	Key     string         // file of the rndc key that Controls sets up and RNDC uses

	t       testing.TB
	argv    []string
	running string // what its log says when it has loaded its zones; "" if answering is enough
	process *process
	log     *log
}

// New reserves two ports on 127.0.0.1 and makes a folder. Nothing runs yet.
func New(t testing.TB, name string) *Server {
	t.Helper()
	return NewAt(t, name, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
}

// NewAt is New on another address. BIND listens only on addresses that an
// interface has: 127.0.0.1 and ::1, but not 127.0.0.2; Knot and NSD on any.
func NewAt(t testing.TB, name string, ip netip.Addr) *Server {
	t.Helper()
	s := &Server{Name: name, Dir: t.TempDir(), DNS: FreeAt(t, ip), Control: FreeAt(t, ip), t: t, log: newLog()}
	s.Key = s.File("rndc.key", keyText)
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("the last words of %s:\n%s", s.Name, s.log.tail(100))
		}
	})
	return s
}

// File writes a file into the server's folder and returns its path.
func (s *Server) File(name, text string) string {
	s.t.Helper()
	path := filepath.Join(s.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// Start starts the server again after Stop or Kill, with the command line it
// had, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	mark := s.log.len()
	p, err := start(s.argv, s.Dir, s.log)
	if err != nil {
		s.t.Fatalf("%s: %v", s.Name, err)
	}
	s.process = p
	if s.running != "" {
		s.awaitLog(s.running, mark)
	}
	Eventually(s.t, s.Name+" answers", func() error {
		if err := p.alive(); err != nil {
			s.t.Fatalf("%s ended by itself: %v", s.Name, err)
		}
		return ask(s.DNS)
	})
}

// Stop has the server end in good order and waits until it has.
func (s *Server) Stop() {
	s.t.Helper()
	s.process.stop()
}

// Kill ends the server at once, as kill -9 does.
func (s *Server) Kill() { s.process.kill() }

// Pause stops the server's execution, so that connections are accepted by the
// kernel and nothing answers (SIGSTOP), until Resume.
func (s *Server) Pause() {
	s.t.Helper()
	s.process.signal(syscall.SIGSTOP)
	Eventually(s.t, s.Name+" is stopped", s.process.stopped)
}

// Resume ends a Pause.
func (s *Server) Resume() { s.process.signal(syscall.SIGCONT) }

// Log returns what the server has logged.
func (s *Server) Log() string { return s.log.String() }

// AwaitLog waits until the log holds text.
func (s *Server) AwaitLog(text string) {
	s.t.Helper()
	s.awaitLog(text, 0)
}
