package servertest

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const example = `$TTL 60
@ IN SOA ns1.example.com. root.example.com. 7 3600 600 86400 60
  IN NS ns1
ns1 IN A 192.0.2.1
`

const wantSOA = "ns1.example.com. root.example.com. 7 3600 600 86400 60"

// Each kind answers once started, again after each way to end it, and not
// while it is stopped.
func TestServersOfEachKindLiveAndEnd(t *testing.T) {
	t.Parallel()
	for kind, start := range map[string]func(s *Server){
		"named": func(s *Server) { s.Named(`zone "example.com" { type primary; file "example.com.zone"; };`) },
		"knotd": func(s *Server) {
			s.Knotd(fmt.Sprintf("zone:\n  - domain: example.com.\n    storage: %q\n    file: example.com.zone\n", s.Dir))
		},
		"nsd": func(s *Server) { s.NSD("zone:\n    name: example.com\n    zonefile: example.com.zone\n") },
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := New(t, kind)
			s.File("example.com.zone", example)
			start(s)
			for _, end := range []func(){s.Kill, s.Stop, func() {}} {
				if out, err := s.Dig("example.com", "SOA", "+short"); err != nil || out != wantSOA {
					t.Errorf("%q, %v", out, err)
				}
				end()
				if s.process.alive() == nil {
					break
				}
				if err := ask(s.DNS); err == nil {
					t.Error("it answers though it ended")
				}
				s.Start()
			}
			s.Pause()
			if err := ask(s.DNS); err == nil {
				t.Error("it answers though it is stopped")
			}
			s.Resume()
			Eventually(t, kind+" answers again", func() error { return ask(s.DNS) })
		})
	}
}

func TestNamedIsDrivenByItsTools(t *testing.T) {
	t.Parallel()
	s := NewAt(t, "v6", netip.IPv6Loopback())
	s.File("example.com.zone", example)
	s.Named(`zone "example.com" { type primary; file "example.com.zone"; allow-update { key servertest; }; };`)
	if out, err := s.RNDC("status"); err != nil || !strings.Contains(out, "server is up and running") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := s.RNDC("nonsense"); err == nil {
		t.Error("an unknown command succeeds")
	}
	if _, err := NSUpdate(t, s.DNS, "", "update add x.example.com 60 TXT hello", "send"); err == nil {
		t.Error("an unsigned update succeeds")
	}
	if out, err := NSUpdate(t, s.DNS, s.Key, "update add x.example.com 60 TXT hello", "send"); err != nil {
		t.Error(out, err)
	}
	if out, err := s.Dig("x.example.com", "TXT", "+short"); err != nil || out != `"hello"` {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := s.RNDC("reload"); err != nil {
		t.Error(out, err)
	}
	s.AwaitLog("reloading zones succeeded")
}

// A test that dies takes its server with it, though no cleanup runs. The
// child is this test, run again, and killed.
func TestAServerEndsWithItsTest(t *testing.T) {
	if file := os.Getenv("SERVERTEST_PID_FILE"); file != "" {
		s := New(t, "orphan")
		s.Named("")
		os.WriteFile(file+".new", []byte(strconv.Itoa(s.process.cmd.Process.Pid)), 0o600)
		os.Rename(file+".new", file)
		select {}
	}
	t.Parallel()
	dir := t.TempDir() // the child's as well, since it does not come to clean up
	file := filepath.Join(dir, "pid")
	child := exec.Command(os.Args[0], "-test.run=^TestAServerEndsWithItsTest$")
	child.Env = append(os.Environ(), "SERVERTEST_PID_FILE="+file, "TMPDIR="+dir)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var pid string
	Eventually(t, "the child has a server", func() error {
		text, err := os.ReadFile(file)
		pid = string(text)
		return err
	})
	child.Process.Kill()
	child.Wait()
	Eventually(t, "the server is gone", func() error {
		state, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || strings.Contains(string(state), ") Z ") {
			return nil
		}
		return fmt.Errorf("process %s lives", pid)
	})
}

type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Helper() {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.said = fmt.Sprintf(format, args...)
}

func TestAMissingProgramFailsAndNamesItsPackage(t *testing.T) {
	t.Setenv("PATH", "")
	r := &recorder{TB: t}
	Program(r, "knotd-that-is-not-there")
	if !strings.Contains(r.said, "apt-get install") {
		t.Error(r.said)
	}
}

func TestPortsAreReservedForOneTest(t *testing.T) {
	t.Parallel()
	seen := map[netip.AddrPort]bool{}
	for range 100 {
		a := Free(t)
		if seen[a] {
			t.Errorf("%s twice", a)
		}
		seen[a] = true
	}
}

func TestPowerDNSServesWhatAPanelInserts(t *testing.T) {
	t.Parallel()
	s := New(t, "pdns")
	s.PDNS("")
	s.SQL(`INSERT INTO domains (name, type) VALUES ('example.com', 'MASTER');
INSERT INTO records (domain_id, name, type, content, ttl) SELECT id, 'example.com', 'SOA', 'ns1.example.net hostmaster.example.net 1 3600 600 86400 300', 300 FROM domains;`)
	s.PDNSUtil("add-record", "example.com", "www", "A", "300", "192.0.2.1")
	Eventually(t, "it answers", func() error {
		out, err := s.Dig("www.example.com", "A", "+short")
		if err == nil && out != "192.0.2.1" {
			err = fmt.Errorf("%q", out)
		}
		return err
	})
}
