package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the skein binary under test, built once for the package.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "skein-e2e-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "skein")
	build := exec.Command("go", "build", "-o", binary, "github.com/skein-dns/skein/cmd/skein")
	build.Stderr = os.Stderr
	code := 1
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building skein:", err)
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// deadline bounds every wait for another process.
const deadline = 30 * time.Second

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
	n := &node{
		t:    t,
		data: data,
		dns:  freePort(t, "127.0.0.1"),
		api:  freePort(t, "127.0.0.1"),
		args: args,
	}
	n.start()
	t.Cleanup(func() {
		n.kill()
		if t.Failed() {
			t.Logf("skein serve said:\n%s", n.out)
		}
	})
	return n
}

// start starts the process and returns when its CLI answers.
func (n *node) start() {
	n.t.Helper()
	if n.out == nil {
		n.out = &logBuffer{}
	}
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
}

// run runs the CLI on the node's data directory.
func (n *node) run(stdin string, args ...string) (stdout, stderr string, code int) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*deadline)
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

// refused runs the CLI and demands an exit code and a piece of the message.
func (n *node) refused(code int, says string, stdin string, args ...string) {
	n.t.Helper()
	stdout, stderr, got := n.run(stdin, args...)
	if got != code || !strings.Contains(stdout+stderr, says) {
		n.t.Errorf("skein %s: exit %d, want %d and %q in\n%s%s", strings.Join(args, " "), got, code, says, stdout, stderr)
	}
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
		time.Sleep(10 * time.Millisecond)
	}
}

// freePort returns an address whose port is free for UDP and TCP at this moment.
func freePort(t testing.TB, ip string) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		u, err := net.ListenPacket("udp", l.Addr().String())
		if err == nil {
			u.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free for both UDP and TCP")
	return ""
}

// logBuffer collects the output of a process.
type logBuffer struct {
	mu sync.Mutex
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

var _ io.Writer = (*logBuffer)(nil)
