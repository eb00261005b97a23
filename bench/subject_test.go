package bench

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// subject is a server that is measured.
type subject struct {
	name   string
	at     netip.AddrPort
	pid    int
	stop   func()        // has it end as it should
	loaded time.Duration // from its start until every zone answered
	memory int64         // octets, then
}

// run starts it, on the first processor if it has one thread.
func (s *subject) run(b *testing.B, argv []string, how setting) {
	b.Helper()
	dir := b.TempDir()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		b.Fatal(err)
	}
	if how.threads == 1 {
		argv = append([]string{"taskset", "-c", "0"}, argv...)
	}
	if how.batch {
		argv = append([]string{"chrt", "-b", "0"}, argv...)
	}
	if how.wire != nil {
		argv = append([]string{"ip", "netns", "exec", how.wire.servers}, argv...)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", how.threads)) // Go counts processors, not those that it may use
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread() // the server ends with this thread; it is the benchmark's to the end
	if err := cmd.Start(); err != nil {
		b.Fatalf("%s is needed (make deps): %v", s.name, err)
	}
	s.pid = cmd.Process.Pid
	s.stop = func() {
		syscall.Kill(s.pid, syscall.SIGINT)
		cmd.Wait()
	}
	b.Cleanup(func() {
		syscall.Kill(-s.pid, syscall.SIGKILL)
		cmd.Wait()
		log.Close()
		if b.Failed() {
			text, _ := os.ReadFile(log.Name())
			b.Logf("%s:\n%s", s.name, text[max(0, len(text)-2000):])
		}
	})
}

// await waits until every zone answers.
func (s *subject) await(b *testing.B, names []string) {
	b.Helper()
	patience := giveUp + time.Duration(len(names))*time.Millisecond
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		q := new(dns.Msg)
		q.SetQuestion(names[len(names)-1], dns.TypeSOA)
		if m, _, err := new(dns.Client).Exchange(q, s.at.String()); err == nil && len(m.Answer) == 1 {
			break
		} else if time.Since(start) > patience {
			b.Fatalf("%s does not answer", s.name)
		}
	}
	o := newObserver(b, s.at.String())
	if _, err := o.untilAll(names); err != nil {
		b.Fatal(err)
	}
}

// cpu is the processor time of the server's processes, with the threads of
// theirs that have ended. It is told in hundredths of a second.
func (s *subject) cpu() (total time.Duration) {
	for _, pid := range processes(s.pid) {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if _, rest, ok := strings.Cut(string(text), ") "); ok { // what follows the name, which may be anything
			if field := strings.Fields(rest); len(field) > 12 {
				user, _ := strconv.Atoi(field[11])
				system, _ := strconv.Atoi(field[12])
				total += time.Duration(user+system) * 10 * time.Millisecond
			}
		}
	}
	return total
}

// resident is the octets that the server's processes take, shared ones once.
func (s *subject) resident() (octets int64) {
	for _, pid := range processes(s.pid) {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		for line := range strings.Lines(string(text)) {
			var kb int64
			if n, _ := fmt.Sscanf(line, "Pss: %d kB", &kb); n == 1 {
				octets += kb << 10
			}
		}
	}
	return octets
}

// least is the least octets that it takes within some seconds: a runtime gives
// memory back at leisure.
func (s *subject) least(seconds int) (octets int64) {
	octets = s.resident()
	for range seconds {
		time.Sleep(time.Second)
		octets = min(octets, s.resident())
	}
	return octets
}

// processes is a process and all that it started.
func processes(pid int) []int {
	all := []int{pid}
	children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range children {
		text, _ := os.ReadFile(file)
		for _, word := range strings.Fields(string(text)) {
			var child int
			fmt.Sscan(word, &child)
			all = append(all, processes(child)...)
		}
	}
	return all
}

// pin keeps this thread on one processor.
func pin(b *testing.B, cpu int) {
	b.Helper()
	var one unix.CPUSet
	one.Set(cpu)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		b.Fatal(err)
	}
}
