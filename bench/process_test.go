package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// start runs a server until the benchmark ends. What it says goes into dir/log,
// whose end is shown if the benchmark fails.
func start(tb testing.TB, dir string, server string, args ...string) *os.Process {
	tb.Helper()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(server, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := servertest.Start(cmd); err != nil {
		tb.Fatalf("%s is needed (make deps): %v", server, err)
	}
	tb.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		log.Close()
		if tb.Failed() {
			text, _ := os.ReadFile(log.Name())
			tb.Logf("%s in %s:\n%s", server, dir, text[max(0, len(text)-3000):])
		}
	})
	return cmd.Process
}
