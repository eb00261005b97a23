package e2e

import (
	"bufio"
	"context"
	wire "encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/servertest"
)

// soaOf is a question for a zone's SOA.
func soaOf(id uint16, zone string) []byte {
	q := wire.BigEndian.AppendUint16(nil, id)
	q = append(q, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
	for label := range strings.SplitSeq(zone, ".") {
		q = append(append(q, byte(len(label))), label...)
	}
	return append(q, 0, 0, 6, 0, 1)
}

// pressing asks without pause, over UDP and TCP, until it is stopped. Each
// question is asked once: none may be lost, refused or answered otherwise.
type pressing struct {
	t        *testing.T
	at       netip.AddrPort
	zone     string
	answered map[string]*atomic.Int64
	stop     func()
}

func press(t *testing.T, at netip.AddrPort, zone string) *pressing {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &pressing{t: t, at: at, zone: zone, answered: map[string]*atomic.Int64{"udp": {}, "tcp": {}}}
	var askers sync.WaitGroup
	for network, count := range p.answered {
		for n := range 2 {
			askers.Go(func() {
				for id := uint16(n); ctx.Err() == nil; id += 2 {
					if err := p.ask(network, id); err != nil {
						t.Errorf("question %d over %s, after %d that were answered: %v", id, network, count.Load(), err)
						return
					}
					count.Add(1)
				}
			})
		}
	}
	p.stop = func() { cancel(); askers.Wait() }
	t.Cleanup(p.stop)
	return p
}

// ask asks once, over a socket of its own.
func (p *pressing) ask(network string, id uint16) error {
	conn, err := net.DialTimeout(network, p.at.String(), deadline)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(deadline))
	question, in := soaOf(id, p.zone), bufio.NewReaderSize(conn, 4096)
	if network == "tcp" {
		question = append(wire.BigEndian.AppendUint16(nil, uint16(len(question))), question...)
	}
	if _, err := conn.Write(question); err != nil {
		return err
	}
	if network == "tcp" {
		if _, err := io.CopyN(io.Discard, in, 2); err != nil {
			return err
		}
	}
	var head [12]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return err
	}
	if got := wire.BigEndian.Uint16(head[:]); got != id || head[3]&15 != 0 || head[7] != 1 {
		return fmt.Errorf("answered %x", head)
	}
	return nil
}

// more waits until questions of each kind are answered that were not asked yet.
func (p *pressing) more() {
	p.t.Helper()
	for network, count := range p.answered {
		goal := count.Load() + 20
		eventually(p.t, "more is answered over "+network, func() error {
			if n := count.Load(); n < goal {
				return fmt.Errorf("only %d", n)
			}
			return nil
		})
	}
}

var pidOfSuccessor = regexp.MustCompile(`successor serves.* pid=(\d+)`)

// succeed sends SIGUSR2 and waits until a successor answers and the old
// process is gone. It returns the successor's process id.
func succeed(t *testing.T, pid int, said func() string) int {
	t.Helper()
	before := len(pidOfSuccessor.FindAllString(said(), -1))
	if err := syscall.Kill(pid, syscall.SIGUSR2); err != nil {
		t.Fatal(err)
	}
	var next int
	eventually(t, "the successor serves", func() error {
		all := pidOfSuccessor.FindAllStringSubmatch(said(), -1)
		if len(all) == before {
			return fmt.Errorf("said only\n%s", said())
		}
		next, _ = strconv.Atoi(all[len(all)-1][1])
		return nil
	})
	t.Cleanup(func() { syscall.Kill(next, syscall.SIGKILL) })
	eventually(t, "the old process ends", func() error { return gone([]int{pid}) })
	return next
}

// A nameserver is replaced while questions come in, twice, and loses none; the
// successor has read the files anew, and goes on reading them.
func TestNameserverIsReplacedWithoutLosingAQuestion(t *testing.T) {
	t.Parallel()
	metrics := servertest.Free(t)
	a := serveFolder(t, map[string]string{"example.com.zone": zoneFile(1, "")}, "--metrics", metrics.String())
	p := press(t, a.addr, "example.com")
	p.more()
	pid := succeed(t, a.cmd.Process.Pid, a.out.String)
	p.more()
	a.write("example.com.zone", zoneFile(2, "new A 192.0.2.2\n"))
	a.answers("new.example.com", "A", "192.0.2.2")
	pid = succeed(t, pid, a.out.String)
	p.more()
	p.stop()
	a.answers("new.example.com", "A", "192.0.2.2")
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-a.done // its output ends with the last of them
	if code := a.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the first process ended with %d", code)
	}
	eventually(t, "nobody answers any more", func() error {
		conn, err := net.Dial("tcp", a.addr.String())
		if err != nil {
			return nil
		}
		conn.Close()
		return fmt.Errorf("%s still listens", a.addr)
	})
}

// A node is replaced while questions come in, and loses none; zones that were
// made before and are made after are served, and the API is there again.
func TestNodeIsReplacedWithoutLosingAQuestion(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.ok("", "zone", "create", "example.com", "--ns", "ns1.example.net")
	n.answers("example.com", "NS", "ns1.example.net.")
	at := netip.MustParseAddrPort(n.dns)
	p := press(t, at, "example.com")
	p.more()
	pid := succeed(t, n.cmd.Process.Pid, n.out.String)
	p.more()
	p.stop()
	eventually(t, "the successor answers its command line", func() error {
		if _, stderr, code := n.run("", "zone", "create", "example.org", "--ns", "ns1.example.net"); code != 0 {
			return errors.New(stderr)
		}
		return nil
	})
	eventually(t, "the successor serves a new zone", func() error {
		out, err := servertest.Dig(t, at, "example.org", "NS", "+short")
		if err == nil && out != "ns1.example.net." {
			err = fmt.Errorf("it says %q", out)
		}
		return err
	})
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-n.done
	if code := n.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the first process ended with %d", code)
	}
}

// A program that does not run does not take over, and one that runs but does
// not serve leaves the answering to the process that is there.
func TestReplacedByWhatDoesNotServe(t *testing.T) {
	t.Parallel()
	a := serveFolder(t, map[string]string{"example.com.zone": zoneFile(1, "")})
	p := press(t, a.addr, "example.com")
	p.more()
	if err := os.Rename(a.dir, a.dir+".gone"); err != nil { // its successor finds nothing to serve
		t.Fatal(err)
	}
	if err := syscall.Kill(a.cmd.Process.Pid, syscall.SIGUSR2); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the successor gives up", func() error {
		if !strings.Contains(a.out.String(), "the successor does not serve") {
			return fmt.Errorf("said only\n%s", a.out)
		}
		return nil
	})
	p.more()
	if err := os.Rename(a.dir+".gone", a.dir); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the next one serves", func() error {
		if !pidOfSuccessor.MatchString(a.out.String()) {
			return fmt.Errorf("said only\n%s", a.out)
		}
		return nil
	})
	pid, _ := strconv.Atoi(pidOfSuccessor.FindStringSubmatch(a.out.String())[1])
	t.Cleanup(func() { syscall.Kill(pid, syscall.SIGKILL) })
	p.more()
	p.stop()
}
