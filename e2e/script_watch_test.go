package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/skein-dns/skein/internal/servertest"
)

// watch runs a command that does not end by itself, or not soon.
func (s *story) watch(ts *testscript.TestScript, args []string) {
	name := args[0]
	if args[1] != "skein" || s.watched[name] != nil {
		ts.Fatalf("watch %s: it is for skein, and each name once", name)
	}
	said := &logBuffer{}
	cmd := exec.Command(binary, args[2:]...)
	cmd.Env = append(os.Environ(), "SKEIN_DATA="+ts.Getenv("SKEIN_DATA"), "HOME="+ts.Getenv("HOME"))
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ts.Check(servertest.Start(cmd))
	s.watched[name] = said
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func (s *story) seen(ts *testscript.TestScript, neg bool, args []string) {
	said := s.watched[args[0]]
	if said == nil {
		ts.Fatalf("there is no such command %s: watch starts one", args[0])
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	if neg {
		if pattern.MatchString(said.String()) {
			ts.Fatalf("%s said\n%s", args[0], said)
		}
		return
	}
	eventually(s.t, args[0]+" says "+args[1], func() error {
		if text := said.String(); !pattern.MatchString(text) {
			return fmt.Errorf("it said\n%s", strings.TrimSpace(text))
		}
		return nil
	})
}
