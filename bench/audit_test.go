package bench

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkAudit has a BIND with N zones audited at the rate that 100,000 zones
// take 50 s for their serials and 9 minutes for their whole contents, both at
// once, and measures one round over the contents: how long it really takes, and
// what share of a core both sides spend on it.
func BenchmarkAudit(b *testing.B) {
	round := func(of time.Duration) string {
		return max(of*time.Duration(b.N)/100_000, time.Second).String()
	}
	s := startSkein(b, "--audit", round(50*time.Second), "--audit-contents", round(9*time.Minute))
	dir, names := writeZones(b, b.N)
	s.run("zone", "import", dir)
	server, named, enable := s.bindProcess(lateMember)
	enable()
	if _, err := newObserver(b, server).untilAll(names); err != nil {
		b.Fatal(err)
	}
	c := s.client()
	s.inStep(c, lateMember)
	ended := func(after time.Time) time.Time {
		for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
			m, _, err := c.GetMember(b.Context(), lateMember)
			if err == nil && m.Status.Audit != nil && m.Status.Audit.Round.After(after) {
				return m.Status.Audit.Round
			}
			if time.Since(start) > 30*giveUp {
				b.Fatalf("no round ended: %+v %v", m.Status, err)
			}
		}
	}
	began := ended(time.Time{}) // the first was begun before the zones were there
	ours, theirs := cpuOf(b, s.pid), cpuOf(b, named.Pid)
	took := ended(began).Sub(began)
	ours, theirs = cpuOf(b, s.pid)-ours, cpuOf(b, named.Pid)-theirs
	b.ReportMetric(took.Seconds(), "round-s")
	b.ReportMetric(float64(b.N)/took.Seconds(), "zones/s")
	b.ReportMetric(100*ours.Seconds()/took.Seconds(), "skein-core-%")
	b.ReportMetric(100*theirs.Seconds()/took.Seconds(), "named-core-%")
	b.Log(fmt.Sprintf("%d zones compared whole in %s", b.N, took.Round(time.Millisecond)))
}
