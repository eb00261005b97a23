package e2e

import (
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// named is a real BIND, started on the configuration that Skein printed.
type named struct {
	t                    *testing.T
	name, dir, conf, dns string
	cmd                  *exec.Cmd
	out                  *logBuffer
}

func (s *named) start() {
	s.t.Helper()
	if s.out == nil {
		s.out = &logBuffer{}
		s.t.Cleanup(func() {
			s.kill()
			if s.t.Failed() {
				s.t.Logf("%s said:\n%s", s.name, s.out)
			}
		})
	}
	s.cmd = exec.Command("/usr/sbin/named", "-g", "-c", s.conf)
	s.cmd.Dir = s.dir
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("real named is needed (make deps): %v", err)
	}
	eventually(s.t, s.name+" answers", func() error {
		_, err := s.dig("version.bind", "CH", "TXT", "+short")
		return err
	})
}

func (s *named) kill() {
	if s.cmd.ProcessState == nil {
		s.cmd.Process.Kill()
		s.cmd.Wait()
	}
}

func (s *named) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

func (s *named) dig(args ...string) (string, error) { return dig(s.dns, args...) }

// dig runs the real dig against a server.
func dig(server string, args ...string) (string, error) {
	ip, port, _ := net.SplitHostPort(server)
	out, err := exec.Command("dig", append([]string{"@" + ip, "-p", port, "+norecurse", "+time=2", "+tries=2"}, args...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("dig %v: %w: %s", args, err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// answers demands the data of an RRset, sorted, one record a line; "" is none.
func (s *named) answers(name, rrtype, want string) {
	s.t.Helper()
	out, err := s.dig(name, rrtype, "+short")
	lines := strings.Split(out, "\n")
	slices.Sort(lines)
	if got := strings.Join(lines, "\n"); err != nil || got != want {
		s.t.Errorf("%s answers %s %s with\n%s\nwant\n%s\n(%v)", s.name, name, rrtype, got, want, err)
	}
}

// refuses demands that the server does not serve the zone.
func (s *named) refuses(zone string) {
	s.t.Helper()
	out, err := s.dig(zone, "SOA", "+noall", "+comments")
	if err != nil || !strings.Contains(out, "status: REFUSED") {
		s.t.Errorf("%s still serves %s (%v):\n%s", s.name, zone, err, out)
	}
}
