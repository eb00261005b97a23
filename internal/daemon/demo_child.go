package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/skein-dns/skein/internal/rndc"
)

// child is a process of a demonstration. It has a process group of its own, so
// that Ctrl-C reaches it through us alone, and dies with us whatever happens.
type child struct {
	name string
	cmd  *exec.Cmd
	log  string        // file of its output
	done chan struct{} // closed when it has ended
}

func (d *demo) run(name, program string, args ...string) (*child, error) {
	c := &child{name: name, log: filepath.Join(d.Dir, name+".log"), done: make(chan struct{})}
	out, err := os.OpenFile(c.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	c.cmd = exec.Command(program, args...)
	c.cmd.Dir, c.cmd.Env = d.Dir, d.Environ
	if program == d.program {
		c.cmd.Args[0] = "skein"
	}
	c.cmd.Stdout, c.cmd.Stderr = out, out
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		_ = c.cmd.Wait() // how it ended is in ProcessState
		close(c.done)
	}()
	d.running = append(d.running, c)
	return c, nil
}

func (c *child) output() string {
	text, _ := os.ReadFile(c.log) // for people; empty will do
	return string(text)
}

// stop ends all children, the youngest first, kindly and then not.
func (d *demo) stop() {
	for i := len(d.running) - 1; i >= 0; i-- {
		c := d.running[i]
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-c.done:
		case <-time.After(10 * time.Second):
		}
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // what is left of its group
		<-c.done
	}
}

// anyEnd tells when a child ends by itself.
func (d *demo) anyEnd() <-chan error {
	ended := make(chan error, len(d.running))
	for _, c := range d.running {
		go func() {
			<-c.done
			ended <- fmt.Errorf("%s ended (%v):\n%s", c.name, c.cmd.ProcessState, lastLines(c.output(), 10))
		}()
	}
	return ended
}

// skein runs one command of ours on the demonstration's node.
func (d *demo) skein(ctx context.Context, stdin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, d.program, append([]string{"--data", d.data}, args...)...)
	cmd.Args[0] = "skein"
	cmd.Dir, cmd.Env, cmd.Stdin = d.Dir, d.Environ, strings.NewReader(stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("skein %s: %w\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String(), nil
}

// until tries until it works, the process that it waits for ends, or a minute is over.
func (d *demo) until(ctx context.Context, c *child, what string, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
			return fmt.Errorf("%s ended before %s (%v):\n%s", c.name, what, c.cmd.ProcessState, lastLines(c.output(), 20))
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// lastWords is the end of every child's output.
func (d *demo) lastWords() string {
	var b strings.Builder
	for _, c := range d.running {
		fmt.Fprintf(&b, "the last words of %s:\n%s\n", c.name, lastLines(c.output(), 10))
	}
	return b.String()
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return indent(strings.Join(lines[max(0, len(lines)-n):], "\n"))
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n  ") + "\n"
}

// loopback is where all of it runs. (BIND listens on the addresses that an
// interface has, so not on 127.0.0.2.)
const loopback = "127.0.0.1"

// freeAddr returns ADDR:PORT whose port is free for UDP and TCP at this moment.
func freeAddr() (string, error) {
	for range 100 {
		l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
		if err != nil {
			return "", err
		}
		u, err := net.ListenPacket("udp", l.Addr().String())
		l.Close()
		if err == nil {
			return l.Addr().String(), u.Close()
		}
	}
	return "", errors.New("no port of " + loopback + " is free for UDP and TCP")
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

var controlsUsing = regexp.MustCompile(`(?s)controls\s*\{.*?keys\s*\{\s*"([^"]+)"`)

// keysOf takes the keys out of the block for a BIND: the one of its rndc
// channel as a key file, the others as lines of a TSIG key file.
func keysOf(block string) (keyFile, tsig string, err error) {
	keys, err := rndc.ParseKeys(block)
	if err != nil {
		return "", "", fmt.Errorf("reading the printed configuration: %w", err)
	}
	channel := controlsUsing.FindStringSubmatch(block)
	for _, k := range keys {
		if channel != nil && k.Name == channel[1] {
			keyFile = fmt.Sprintf("key %q { algorithm %s; secret %q; };\n", k.Name, k.Algorithm, k.Secret)
			continue
		}
		tsig += fmt.Sprintf("%s %s %s\n", k.Name, k.Algorithm, k.Secret)
	}
	if keyFile == "" || tsig == "" {
		return "", "", errors.New("the printed configuration has not the keys that it should have")
	}
	return keyFile, tsig, nil
}
