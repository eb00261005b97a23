package bench

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

const (
	rounds   = 7               // of which the median is quoted
	roundFor = 2 * time.Second // each server, by turns
)

// BenchmarkNameserver serves N zones with Skein's nameserver and its peers,
// each on the first processor, and asks them by turns from the second. What
// it reports is the processor time that each spent on a million answers, which
// is what other work on the machine changes least; and how long it took from
// start until the last zone answered, and the memory then.
func BenchmarkNameserver(b *testing.B) {
	if b.N == 1 {
		return // the framework's trial
	}
	if runtime.NumCPU() < 2 {
		b.Fatal("servers and clients need a processor each")
	}
	folder, names := writeZones(b, b.N)
	questions := mixed(names, 100_000)
	var servers []*subject
	for _, p := range []struct {
		name  string
		start func(b *testing.B, at netip.AddrPort, folder string, names []string) []string
	}{{"skein", skeinFolder}, {"nsd", nsdFolder}, {"knot", knotFolder}, {"bind", bindFolder}} {
		addr, _ := freeAddr(b)
		s := &subject{name: p.name, at: netip.MustParseAddrPort(addr)}
		began := time.Now()
		s.run(b, p.start(b, s.at, folder, names))
		s.await(b, names)
		b.ReportMetric(time.Since(began).Seconds(), p.name+"-load-s")
		b.ReportMetric(float64(s.memory())/1e6, p.name+"-MB")
		s.blast = newBlast(b, s.at, questions)
		servers = append(servers, s)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	restore := pin(b, 1)
	defer restore()
	for range rounds {
		for _, s := range servers {
			s.round(b)
		}
	}
	best := servers[1].median()
	for _, s := range servers {
		b.ReportMetric(s.median(), s.name+"-cpu-s/M")
		b.Logf("%s: CPU seconds a million answers %.2f (%.2f–%.2f)", s.name, s.median(), slices.Min(s.costs), slices.Max(s.costs))
		if s.name == "knot" {
			best = min(best, s.median())
		}
	}
	b.ReportMetric(servers[0].median()/best, "of-the-better-of-nsd-and-knot")
	b.ReportMetric(0, "ns/op")
}

// mixed is what hosting servers are asked: 70 % addresses, 10 % MX, 10 % TXT
// and 10 % names that are not there, all with EDNS.
func mixed(names []string, n int) (questions [][]byte) {
	r := rand.New(rand.NewPCG(11, 13))
	for range n {
		name, t := names[r.IntN(len(names))], dns.TypeA
		switch p := r.IntN(100); {
		case p < 30:
		case p < 50:
			name = "www." + name
		case p < 58:
			name = "mail." + name
		case p < 67:
			t = dns.TypeAAAA
		case p < 70:
			name = "ftp." + name
		case p < 80:
			t = dns.TypeMX
		case p < 85:
			t = dns.TypeTXT
		case p < 90:
			name, t = "default._domainkey."+name, dns.TypeTXT
		default:
			name = fmt.Sprintf("x%d.%s", r.IntN(1<<30), name)
		}
		q := new(dns.Msg)
		q.SetQuestion(name, t)
		q.RecursionDesired = false
		q.SetEdns0(1232, false)
		wire, err := q.Pack()
		if err != nil {
			panic(err)
		}
		questions = append(questions, wire)
	}
	return questions
}

// subject is a server that is measured.
type subject struct {
	name  string
	at    netip.AddrPort
	pid   int
	blast *blast
	costs []float64 // CPU seconds a million answers, a round each
}

// run starts it, on the first processor.
func (s *subject) run(b *testing.B, argv []string) {
	b.Helper()
	dir := b.TempDir()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command("taskset", append([]string{"-c", "0"}, argv...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1") // Go counts processors, not those that it may use
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread() // the server ends with this thread; it is the benchmark's to the end
	if err := cmd.Start(); err != nil {
		b.Fatalf("%s is needed (make deps): %v", s.name, err)
	}
	s.pid = cmd.Process.Pid
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
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		q := new(dns.Msg)
		q.SetQuestion(names[len(names)-1], dns.TypeSOA)
		if m, _, err := new(dns.Client).Exchange(q, s.at.String()); err == nil && len(m.Answer) == 1 {
			break
		} else if time.Since(start) > giveUp {
			b.Fatalf("%s does not answer", s.name)
		}
	}
	o := newObserver(b, s.at.String())
	if _, err := o.untilAll(names); err != nil {
		b.Fatal(err)
	}
}

// round asks for a while and notes what it cost.
func (s *subject) round(b *testing.B) {
	b.Helper()
	before := s.cpu()
	answers, rcodes := s.blast.run(roundFor)
	cost := s.cpu() - before
	if answers == 0 || rcodes[0]+rcodes[3] != answers {
		b.Fatalf("%s gave %d answers, by rcode %v", s.name, answers, rcodes)
	}
	s.costs = append(s.costs, cost.Seconds()/float64(answers)*1e6)
}

func (s *subject) median() float64 {
	sorted := slices.Sorted(slices.Values(s.costs))
	return sorted[len(sorted)/2]
}

// cpu is the processor time of all threads of the server's processes.
func (s *subject) cpu() (total time.Duration) {
	for _, pid := range processes(s.pid) {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, task := range tasks {
			text, _ := os.ReadFile(task)
			var ns int64
			fmt.Sscan(string(text), &ns)
			total += time.Duration(ns)
		}
	}
	return total
}

// memory is the octets that the server's processes take, shared ones once.
func (s *subject) memory() (octets int64) {
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

// pin keeps this thread on one processor until restore is called.
func pin(b *testing.B, cpu int) (restore func()) {
	b.Helper()
	var before, one unix.CPUSet
	one.Set(cpu)
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		b.Fatal(err)
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		b.Fatal(err)
	}
	return func() { _ = unix.SchedSetaffinity(0, &before) }
}
