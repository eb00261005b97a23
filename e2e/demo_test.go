package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// demonstration is `skein demo`, with its folder in ours.
func demonstration(t *testing.T, args ...string) (cmd *exec.Cmd, out *logBuffer, dir string) {
	t.Helper()
	dir = t.TempDir()
	out = &logBuffer{}
	cmd = exec.Command(daemon, append([]string{"demo"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "HOME="+dir)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := servertest.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		if t.Failed() {
			t.Logf("the demo said:\n%s", out)
		}
	})
	return cmd, out, dir
}

func TestDemoOnce(t *testing.T) {
	t.Parallel()
	cmd, out, dir := demonstration(t, "--once")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Skein nameserver\n", "ns3.demo.example  DNS 127.0.0.1:", "ns4.demo.example  DNS 127.0.0.1:", "Every member was seen serving them.\n", "dig +short "} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is not in what it prints", line)
		}
	}
	leavesNothing(t, dir, nil)
}

// Whatever it prints works as it stands; and however it ends, nothing is left.
func TestDemo(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]struct {
		signal syscall.Signal
		kind   bool // it may tidy up
	}{
		"Ctrl-C":                 {syscall.SIGINT, true},
		"the terminal is closed": {syscall.SIGHUP, true},
		"kill -9":                {syscall.SIGKILL, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, out, dir := demonstration(t)
			eventually(t, "the demo is up", func() error {
				if !strings.Contains(out.String(), "Ctrl-C ends all of it.") {
					return exec.ErrNotFound
				}
				return nil
			})
			if how.signal == syscall.SIGINT {
				tryWhatIsPrinted(t, dir, out.String())
			}
			running := worksIn(dir)
			if len(running) < 5 {
				t.Errorf("%d processes are at work, and 5 should", len(running))
			}
			cmd.Process.Signal(how.signal)
			defer time.AfterFunc(deadline, func() { cmd.Process.Kill() }).Stop()
			err := cmd.Wait()
			if how.kind && err != nil {
				t.Errorf("it ended with %v", err)
			}
			if how.kind {
				leavesNothing(t, dir, running)
			} else {
				eventually(t, "what it started is gone", func() error { return gone(running) })
			}
		})
	}
}

// tryWhatIsPrinted runs every command that the demo shows, in one shell.
func tryWhatIsPrinted(t *testing.T, dir, text string) {
	t.Helper()
	script := "set -e\n"
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if !strings.HasPrefix(line, "  ") || len(words) == 0 {
			continue
		}
		if words[0] == "dig" || words[0] == "export" || filepath.Base(words[0]) == "skein" {
			script += line
		}
	}
	shell := exec.Command("bash", "--noprofile", "--norc")
	shell.Dir, shell.Stdin = dir, strings.NewReader(script)
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	if err := shell.Run(); err != nil {
		t.Fatalf("%s%v\n%s", script, err, out.String())
	}
	if got := strings.Count("\n"+out.String(), "\n192.0.2.10"); got != 4 {
		t.Errorf("%d of 4 nameservers answer:\n%s", got, out.String())
	}
	if got := strings.Count(out.String(), " verified "); got < 3 {
		t.Errorf("the change is not seen on all members:\n%s", out.String())
	}
}

// leavesNothing demands that neither processes nor files are left.
func leavesNothing(t *testing.T, dir string, running []int) {
	t.Helper()
	if err := gone(append(running, worksIn(dir)...)); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}
