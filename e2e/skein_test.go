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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// The skein under test, built once for the package: binary for commands, and
// daemon for what serves, which looks for races when the tests do.
var binary, daemon string

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
	// Else what looks for races would rest for a second before it ends.
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	binary = filepath.Join(dir, "skein")
	daemon = filepath.Join(dir, "daemon", "skein")
	if err := errors.Join(os.Mkdir(filepath.Dir(daemon), 0o700), servertest.BuildCommand(binary), servertest.BuildSkein(daemon)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// deadline bounds every wait for another process.
const deadline = 2 * time.Minute

// node is one `skein serve` process and its data directory, which outlives it.
type node struct {
	t    testing.TB
	with string // the program
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
	return newNodeOf(t, daemon, data, args...)
}

func newNodeOf(t testing.TB, program, data string, args ...string) *node {
	t.Helper()
	n := &node{t: t, with: program, data: data, dns: servertest.Free(t).String(), api: servertest.Free(t).String(), args: args, out: &logBuffer{}}
	n.start()
	t.Cleanup(func() {
		n.kill()
		if _, race, is := strings.Cut(n.out.String(), "DATA RACE"); is { // before all that it said: that may be cut
			t.Errorf("skein serve has a data race: %.5000s", race)
		}
		if t.Failed() {
			t.Logf("skein serve said:\n%s", n.out)
		}
	})
	return n
}

// start starts the process and returns when it says that it serves, and its CLI answers.
func (n *node) start() {
	n.t.Helper()
	before := strings.Count(n.out.String(), " serves.")
	n.cmd = exec.Command(n.with, append([]string{"serve", "--data", n.data, "--dns", n.dns, "--api", n.api}, n.args...)...)
	n.cmd.Stdout, n.cmd.Stderr = n.out, n.out
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := servertest.Start(n.cmd); err != nil {
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
		if strings.Count(n.out.String(), " serves.") == before {
			return fmt.Errorf("it says only\n%s", n.out)
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
	for wait := 20 * time.Millisecond; ; wait = min(wait*3/2, 200*time.Millisecond) { // a look is a process most times
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v: %v", what, deadline, err)
		}
		time.Sleep(wait)
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
