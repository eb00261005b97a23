package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// binary is the skein binary under test, built once for the package.
var binary string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "skein-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if signal.Ignored(syscall.SIGHUP) { // under nohup; what the tests start must hear it
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	// Every command of a binary with the race detector would rest for a second
	// before it ends.
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	binary = filepath.Join(dir, "skein")
	build := exec.Command("go", slices.Concat([]string{"build", "-o", binary}, buildFlags(), []string{"github.com/skein-dns/skein/cmd/skein"})...)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building skein:", err)
		return 1
	}
	return m.Run()
}

// deadline bounds every wait for another process.
const deadline = 60 * time.Second

// node is one `skein serve` process and its data directory, which outlives it.
type node struct {
	t    testing.TB
	data string
	dns  string // ADDR:PORT
	api  string
	args []string
	cmd  *exec.Cmd
	out  *logBuffer
	done chan struct{} // closed when cmd has ended
}

// newNode starts skein on a fresh directory.
func newNode(t testing.TB, args ...string) *node {
	t.Helper()
	return newNodeAt(t, filepath.Join(t.TempDir(), "data"), args...)
}

func newNodeAt(t testing.TB, data string, args ...string) *node {
	t.Helper()
	n := &node{t: t, data: data, dns: servertest.Free(t).String(), api: servertest.Free(t).String(), args: args, out: &logBuffer{}}
	n.start()
	t.Cleanup(func() {
		n.kill()
		if strings.Contains(n.out.String(), "DATA RACE") {
			t.Error("skein serve has a data race")
		}
		if t.Failed() {
			t.Logf("skein serve said:\n%s", n.out)
		}
	})
	return n
}

// start starts the process and returns when its CLI answers.
func (n *node) start() {
	n.t.Helper()
	n.cmd = exec.Command(binary, append([]string{"serve", "--data", n.data, "--dns", n.dns, "--api", n.api}, n.args...)...)
	n.cmd.Stdout, n.cmd.Stderr = n.out, n.out
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	done, cmd := make(chan struct{}), n.cmd
	n.done = done
	go func() { cmd.Wait(); close(done) }()
	eventually(n.t, "skein serve answers its command line", func() error {
		select {
		case <-done:
			n.t.Fatalf("skein serve ended: %v\n%s", cmd.ProcessState, n.out)
		default:
		}
		_, stderr, code := n.run("", "cluster", "status")
		if code != 0 {
			return fmt.Errorf("exit %d: %s", code, stderr)
		}
		return nil
	})
}

// kill is kill -9.
func (n *node) kill() {
	n.cmd.Process.Kill()
	<-n.done
}

// stop ends it as an operator would, and fails if that takes too long.
func (n *node) stop() {
	n.t.Helper()
	n.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-n.done:
	case <-time.After(deadline):
		n.t.Fatalf("skein serve did not stop on SIGTERM\n%s", n.out)
	}
	if code := n.cmd.ProcessState.ExitCode(); code != 0 {
		n.t.Errorf("skein serve ended with %d on SIGTERM", code)
	}
}

// run runs the CLI on the node's data directory.
func (n *node) run(stdin string, args ...string) (stdout, stderr string, code int) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*deadline)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "SKEIN_DATA="+n.data, "HOME="+filepath.Dir(n.data))
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		n.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// ok runs the CLI and demands exit 0.
func (n *node) ok(stdin string, args ...string) string {
	n.t.Helper()
	stdout, stderr, code := n.run(stdin, args...)
	if code != 0 {
		n.t.Fatalf("skein %s: exit %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

// refused runs the CLI and demands an exit code and pieces of the message.
func (n *node) refused(code int, says []string, stdin string, args ...string) {
	n.t.Helper()
	stdout, stderr, got := n.run(stdin, args...)
	if got != code {
		n.t.Errorf("skein %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, code, stdout, stderr)
	}
	for _, word := range says {
		if !strings.Contains(stdout+stderr, word) {
			n.t.Errorf("skein %s: %q is not in\n%s%s", strings.Join(args, " "), word, stdout, stderr)
		}
	}
}

// everything is all that the node shows of its zones.
func (n *node) everything() string {
	n.t.Helper()
	all := n.ok("", "zone", "list", "-o", "json")
	for line := range strings.Lines(n.ok("", "zone", "list")) {
		if name, _, _ := strings.Cut(line, " "); name != "ZONE" {
			all += n.ok("", "zone", "export", name)
		}
	}
	return all
}

// eventually polls until try returns nil; the last error is the failure.
func eventually(t testing.TB, what string, try func() error) {
	t.Helper()
	end := time.Now().Add(deadline)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v: %v", what, deadline, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// worksIn lists the processes whose working directory is a folder or below it.
func worksIn(dir string) (pids []int) {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		at, err := os.Readlink(link)
		if pid, bad := strconv.Atoi(strings.Split(link, "/")[2]); err == nil && bad == nil && (at == dir || strings.HasPrefix(at, dir+"/")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// gone demands that processes have ended, whoever their parent is.
func gone(pids []int) error {
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if errors.Is(err, os.ErrNotExist) || strings.Contains(string(stat), ") Z ") {
			continue
		}
		return fmt.Errorf("process %d is still there: %s", pid, stat)
	}
	return nil
}

// logBuffer collects the output of a process.
type logBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
