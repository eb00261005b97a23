package servertest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a running program and the processes it made. A nil one has ended.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended; err is set before
	err  error
}

// start runs a program that the kernel ends with us. It ends with the thread
// that started it, to be exact: so one thread stays with it until its end.
func start(argv []string, dir string, out *log) (*process, error) {
	p := &process{cmd: exec.Command(argv[0], argv[1:]...), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	p.cmd.WaitDelay = time.Second // a child of its own may hold the log open
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	return p, <-started
}

// alive returns how it ended, or nil if it runs.
func (p *process) alive() error {
	select {
	case <-p.done:
		if p.err == nil {
			return errors.New("exit status 0")
		}
		return p.err
	default:
		return nil
	}
}

func (p *process) signal(sig syscall.Signal) {
	if p != nil && p.alive() == nil {
		_ = syscall.Kill(-p.cmd.Process.Pid, sig)
	}
}

// stopped returns an error while a thread still runs, of the program or of
// those that it started: a signal is not acted on by all of them at once.
func (p *process) stopped() error {
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return err
	}
	for _, file := range all {
		if _, group := standing(file); group != p.cmd.Process.Pid {
			continue
		}
		threads, err := filepath.Glob(filepath.Join(filepath.Dir(file), "task", "*", "stat"))
		if err != nil {
			return err
		}
		for _, file := range threads {
			if state, _ := standing(file); state != "T" && state != "Z" && state != "" {
				return fmt.Errorf("a thread runs: %s", file)
			}
		}
	}
	return nil
}

// standing reads a stat file of /proc: the state of a process or thread, and
// the process group; nothing once it has ended.
func standing(file string) (state string, group int) {
	stat, _ := os.ReadFile(file)
	// pid (name) state parent group …
	_, rest, _ := strings.Cut(string(stat), ") ")
	if fields := strings.Fields(rest); len(fields) > 2 {
		state = fields[0]
		group, _ = strconv.Atoi(fields[2])
	}
	return state, group
}

func (p *process) kill() {
	if p != nil {
		p.signal(syscall.SIGKILL)
		<-p.done
	}
}

// stop asks it to end, and makes it end if it does not.
func (p *process) stop() {
	if p == nil {
		return
	}
	p.signal(syscall.SIGCONT)
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(patience):
		p.kill()
	}
}
