package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	skeinwire "github.com/skein-dns/skein"
	"github.com/skein-dns/skein/client"
)

const lateMember = "ns1.hoster.example"

// BenchmarkCatchUp brings a BIND that has N zones back in step: once after a
// hundredth of them changed while it was disabled, once after a thousandth.
// What that takes is counted where it is spent: rndc commands and DNS
// questions in the member's debug log, and Skein's CPU.
func BenchmarkCatchUp(b *testing.B) {
	s := startSkein(b)
	dir, names := writeZones(b, b.N)
	s.run("zone", "import", dir)
	server, enable := s.bindMember(lateMember)
	enable()
	o := newObserver(b, server)
	if _, err := o.untilAll(names); err != nil {
		b.Fatal(err)
	}
	c, on := s.client(), true
	if _, err := c.EditMember(b.Context(), lateMember, skeinwire.EditMember{Debug: &on}); err != nil {
		b.Fatal(err)
	}
	for _, part := range []struct {
		name string
		of   int
	}{{"hundredth", 100}, {"thousandth", 1000}} {
		s.inStep(c, lateMember)
		missed := names[:max(1, b.N/part.of)]
		s.run("member", "disable", lateMember)
		for _, name := range missed {
			setWWW(b, c, name, changingAddress(part.of))
		}
		before, cpu, start := s.transactions(lateMember), cpuOf(b, s.pid), time.Now()
		s.run("member", "enable", lateMember)
		s.inStep(c, lateMember)
		took, cpu := time.Since(start), cpuOf(b, s.pid)-cpu
		did := s.transactions(lateMember)
		n := float64(len(missed))
		b.ReportMetric(n, part.name+"-zones")
		b.ReportMetric(float64(did["rndc"]-before["rndc"]), part.name+"-commands")
		b.ReportMetric(float64(did["dns"]-before["dns"]), part.name+"-questions-and-NOTIFY")
		b.ReportMetric(cpu.Seconds()*1000/n, part.name+"-cpu-ms/zone")
		b.ReportMetric(took.Seconds(), part.name+"-all-s")
	}
}

// inStep waits until a member has everything.
func (s *skein) inStep(c *client.Client, name string) {
	s.tb.Helper()
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		m, _, err := c.GetMember(s.tb.Context(), name)
		if err == nil && m.Status != nil && m.Status.Reachable && m.Status.Behind == 0 && m.Status.Verified == m.Status.Zones {
			return
		}
		if time.Since(start) > 10*giveUp {
			s.tb.Fatalf("%s is not in step: %+v %v", name, m.Status, err)
		}
	}
}

// transactions counts what the debug log of a member has, by what they are.
func (s *skein) transactions(name string) map[string]int {
	s.tb.Helper()
	files, err := filepath.Glob(filepath.Join(s.data, "log", "members", name+"*.log"))
	if err != nil || len(files) == 0 {
		s.tb.Fatalf("there is no debug log: %v", err)
	}
	counts := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			s.tb.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			var x struct{ What string }
			if err := json.Unmarshal(line, &x); err != nil {
				s.tb.Fatal(err)
			}
			counts[x.What]++
		}
	}
	return counts
}

func setWWW(b *testing.B, c *client.Client, name, address string) {
	b.Helper()
	edit := skeinwire.RecordEdit{Op: skeinwire.EditSet, Name: "www." + name, Type: "A", Data: []string{address}}
	if _, err := c.EditRecords(b.Context(), name, skeinwire.EditBody{Edits: []skeinwire.RecordEdit{edit}}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDeadMember changes a zone of ten BINDs and measures until the first
// nine answer with it: while the tenth is well, and while it takes what it is
// sent and never answers, by turns. The ratio of the two is the figure.
func BenchmarkDeadMember(b *testing.B) {
	const members, turns = 10, 4
	s := startSkein(b)
	c, name := s.client(), zoneName(0)
	if _, err := c.CreateZone(b.Context(), skeinwire.CreateZone{Name: name, ZoneContents: skeinwire.ZoneContents{File: zoneText(0)}}); err != nil {
		b.Fatal(err)
	}
	var servers []string
	var last *os.Process
	for i := range members {
		server, named, enable := s.bindProcess(fmt.Sprintf("ns%d.hoster.example", i))
		enable()
		servers, last = append(servers, server), named
	}
	tenth := fmt.Sprintf("ns%d.hoster.example", members-1)
	seen := watchers(b, servers[:members-1], name)
	if _, err := newObserver(b, servers[members-1]).until(name, dns.TypeSOA, ""); err != nil {
		b.Fatal(err)
	}
	took := map[bool][]time.Duration{}
	b.ResetTimer()
	for turn := range turns {
		dead := turn%2 == 1
		if dead {
			signal(b, last, syscall.SIGSTOP)
		}
		for i := range max(1, b.N/turns) {
			address := changingAddress(turn<<20 + i)
			setWWW(b, c, name, address)
			took[dead] = append(took[dead], seen(address))
		}
		if dead {
			signal(b, last, syscall.SIGCONT)
			s.inStep(c, tenth)
		}
	}
	b.StopTimer()
	spread(b, "well", took[false])
	spread(b, "dead", took[true])
	b.ReportMetric(float64(took[true][len(took[true])/2])/float64(took[false][len(took[false])/2]), "dead/well")
}

func signal(b *testing.B, p *os.Process, sig syscall.Signal) {
	b.Helper()
	if err := p.Signal(sig); err != nil {
		b.Fatal(err)
	}
}
