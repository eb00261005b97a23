package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// halfLoad is half of what the slowest of Skein, NSD and Knot answers in a second.
func (f *field) halfLoad(b *testing.B, questions [][]byte) (rate float64) {
	b.Helper()
	for _, s := range f.real() {
		if s.name == "bind" || s.name == "pdns" {
			continue
		}
		began := time.Now()
		answers, _ := newBlast(b, s.at, questions).run(roundFor)
		if now := float64(answers) / time.Since(began).Seconds() / 2; rate == 0 || now < rate {
			rate = now
		}
	}
	return rate
}

// oneIn is how many questions there are to an update that replaces a zone.
const oneIn = 500

// replaceAtHalf asks Skein at half load, by turns as it is and with zones
// replaced meanwhile, by dynamic updates: one zone among all, another each
// time. It reports how long answers took, and what a replacement cost.
func (f *field) replaceAtHalf(b *testing.B, questions [][]byte) {
	s := f.skein()
	if s == nil {
		b.Skip("it is Skein's alone") // $SERVERS said so
	}
	rate := f.halfLoad(b, questions)
	mixture := make([][]byte, len(questions))
	for i, q := range questions {
		if mixture[i] = q; i%oneIn == 0 {
			mixture[i] = update(b, f.names[i%len(f.names)], i)
		}
	}
	calm, busy := newMetronome(b, s, questions, rate), newMetronome(b, s, mixture, rate)
	var calmCPU, busyCPU time.Duration
	for range b.N * rounds {
		for clock, sum := range map[*metronome]*time.Duration{calm: &calmCPU, busy: &busyCPU} {
			before := s.cpu()
			clock.run(roundFor)
			*sum += s.cpu() - before
		}
	}
	if busy.other == 0 {
		b.Fatal("no zone was replaced")
	}
	for name, clock := range map[string]*metronome{"calm": calm, "replacing": busy} {
		p50, p99 := clock.percentiles()
		b.ReportMetric(p50, name+"-p50-µs")
		b.ReportMetric(p99, name+"-p99-µs")
	}
	perAnswer := calmCPU.Seconds() / float64(len(calm.took))
	b.ReportMetric((busyCPU.Seconds()-perAnswer*float64(len(busy.took)))/float64(busy.other)*1e3, "ms/replacement")
	b.ReportMetric(float64(busy.other), "replacements")
	b.ReportMetric(0, "ns/op")
}

// update is an update that gives a zone's www another address.
func update(b *testing.B, zone string, i int) []byte {
	b.Helper()
	rr, err := dns.NewRR(fmt.Sprintf("www.%s 300 A 10.%d.%d.%d", zone, i>>16&255, i>>8&255, i&255))
	if err != nil {
		b.Fatal(err)
	}
	m := new(dns.Msg)
	m.SetUpdate(zone)
	m.RemoveRRset([]dns.RR{rr})
	m.Insert([]dns.RR{rr})
	wire, err := m.Pack()
	if err != nil {
		b.Fatal(err)
	}
	return wire
}

// churn has half of the zones change twice, go, and come back, as files, and
// reports Skein's memory before and after: the same zones are served then.
func (f *field) churn(b *testing.B) {
	s := f.skein()
	if s == nil {
		b.Skip("it is Skein's alone")
	}
	zones := f.names[:(len(f.names)+1)/2]
	for range b.N {
		for _, serial := range []string{"2026112302", "2026112303", "", "2026112301"} {
			for i, name := range zones {
				f.put(b, name, strings.Replace(zoneText(i), "2026112301", serial, 1), serial)
			}
			for _, name := range zones {
				s.awaitSerial(b, name, serial)
			}
		}
	}
	least := s.least(20)
	b.ReportMetric(float64(4*len(zones)), "changes")
	b.ReportMetric(float64(s.memory)/1e6, "loaded-MB")
	b.ReportMetric(float64(least)/1e6, "after-MB")
	b.ReportMetric(float64(least)/float64(s.memory), "after/loaded")
	b.ReportMetric(0, "ns/op")
}

// put puts a zone's file in place, or takes it away if there is no serial.
func (f *field) put(b *testing.B, name, text, serial string) {
	b.Helper()
	file := filepath.Join(f.folder, name+"zone")
	var err error
	if serial == "" {
		err = os.Remove(file)
	} else if err = os.WriteFile(file+".new", []byte(text), 0o644); err == nil {
		err = os.Rename(file+".new", file)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// awaitSerial waits until a zone has a serial, or is not served if that is empty.
func (s *subject) awaitSerial(b *testing.B, zone, serial string) {
	b.Helper()
	var m *dns.Msg
	var err error
	for began := time.Now(); time.Since(began) < giveUp; time.Sleep(5 * time.Millisecond) {
		q := new(dns.Msg)
		q.SetQuestion(zone, dns.TypeSOA)
		if m, _, err = new(dns.Client).Exchange(q, s.at.String()); err != nil {
			continue
		}
		gone := m.Rcode == dns.RcodeRefused
		if gone && serial == "" || len(m.Answer) == 1 && strings.Contains(m.Answer[0].String(), serial) && serial != "" {
			return
		}
	}
	b.Fatalf("%s does not get serial %q: %v %v", zone, serial, m, err)
}
