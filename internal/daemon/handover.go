package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
)

// A hand-over replaces a running nameserver without losing a question: the old
// process lets go of everything but the sockets it answers on, starts its
// successor with copies of those, answers from memory until the successor says
// that it serves, and then serves only those out who are connected.

// errHandOver ends all parts but the answering.
var errHandOver = errors.New("a successor takes over")

const (
	// handOverVariable says to a successor how many sockets it was given; the
	// file after them is where it says that it serves.
	handOverVariable = "SKEIN_HANDOVER"
	firstPassedFile  = 3 // after standard input, output and error
	handOverAgain    = 5 * time.Second
)

// legacy is what a process was given by the one before it, or by systemd.
type legacy struct {
	sockets []*os.File
	ready   *os.File // nil: nobody waits
}

// inherited takes what was passed on: by a process before us, or by systemd's
// socket activation (sd_listen_fds(3)). Children do not see it.
func inherited() legacy {
	count, ready := passed(handOverVariable), true
	if count == 0 && os.Getenv("LISTEN_PID") == strconv.Itoa(os.Getpid()) {
		count, ready = passed("LISTEN_FDS"), false
	}
	for _, name := range []string{handOverVariable, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		os.Unsetenv(name)
	}
	var l legacy
	for fd := firstPassedFile; fd < firstPassedFile+count; fd++ {
		syscall.CloseOnExec(fd)
		l.sockets = append(l.sockets, os.NewFile(uintptr(fd), "passed socket "+strconv.Itoa(fd)))
	}
	if count > 0 && ready {
		fd := firstPassedFile + count
		syscall.CloseOnExec(fd)
		l.ready = os.NewFile(uintptr(fd), "predecessor")
	}
	return l
}

func passed(variable string) int {
	n, err := strconv.Atoi(os.Getenv(variable))
	if err != nil || n < 0 || n > 1024 {
		return 0
	}
	return n
}

// serves says that we do: to the predecessor, who then leaves the sockets to
// us, and to systemd, for which we are the main process from now on.
func (l legacy) serves() {
	state := "READY=1"
	if l.ready != nil {
		state = fmt.Sprintf("MAINPID=%d\n%s", os.Getpid(), state)
	}
	tellSystemd(state)
	if l.ready != nil {
		_, _ = l.ready.Write([]byte{1}) // if it is gone, so much the better
		l.ready.Close()
	}
}

// close closes our copies, once those that were needed are in use.
func (l legacy) close() {
	for _, f := range l.sockets {
		f.Close()
	}
}

// mayHandOver reports whether a successor can be started; if not it logs why.
func mayHandOver(ctx context.Context, s *nameserver.Server, log *slog.Logger) bool {
	select {
	case <-s.Loaded():
	default:
		log.Error("no hand-over: not all zones are loaded yet; send SIGUSR2 again later")
		return false
	}
	if err := canSucceed(ctx); err != nil {
		log.Error("no hand-over: the program does not run", "err", err)
		return false
	}
	log.Info("a successor takes over")
	return true
}

// canSucceed finds out whether the program, which may be another one by now,
// runs at all, before anything is given up for it.
func canSucceed(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, program, "version").CombinedOutput(); err != nil {
		return fmt.Errorf("%s version: %w: %.200s", program, err, out)
	}
	return nil
}

// handOver starts successors with our arguments until one serves; false if ctx
// ended before.
func handOver(ctx context.Context, sockets []*os.File, log *slog.Logger) bool {
	for {
		pid, err := succeed(ctx, sockets)
		switch {
		case err == nil:
			log.Info("the successor serves; this process ends when those who are connected have gone", "pid", pid)
			return true
		case ctx.Err() != nil:
			return false
		}
		log.Error("the successor does not serve; this process goes on answering with what it has, and tries again", "err", err)
		select {
		case <-time.After(handOverAgain):
		case <-ctx.Done():
			return false
		}
	}
}

// succeed starts a successor and returns when it serves, or does not.
func succeed(ctx context.Context, sockets []*os.File) (pid int, err error) {
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	ready, theirs, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer ready.Close()
	c := exec.Command(program, os.Args[1:]...)
	c.Args[0] = os.Args[0]
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), handOverVariable+"="+strconv.Itoa(len(sockets)))
	c.ExtraFiles = append(append([]*os.File{}, sockets...), theirs)
	err = c.Start()
	theirs.Close()
	if err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	unblock := context.AfterFunc(ctx, func() { // we are to end: so is it
		_ = c.Process.Signal(syscall.SIGTERM)
		ready.SetReadDeadline(time.Unix(1, 0))
	})
	defer unblock()
	var word [1]byte
	if _, err := io.ReadFull(ready, word[:]); err == nil {
		return c.Process.Pid, nil
	}
	if err := <-ended; err != nil {
		return 0, fmt.Errorf("it ended: %w", err)
	}
	return 0, errors.New("it ended before it served")
}
