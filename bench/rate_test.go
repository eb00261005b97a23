package bench

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// atRate asks at a steady rate, by turns, and reports how long answers took,
// from the moment that a question was due: a server that stalls is not spared
// the questions that it kept from being asked. It reports the median and the
// 99th percentile of all rounds, and what a million answers cost.
func atRate(b *testing.B, servers []*subject, questions [][]byte, rate float64) {
	b.Helper()
	clocks := make([]*metronome, len(servers))
	for i, s := range servers {
		clocks[i] = newMetronome(b, s, questions, rate)
	}
	costs := make([][]float64, len(servers))
	for range b.N * rounds {
		for i, s := range servers {
			before := s.cpu()
			n := clocks[i].run(roundFor)
			costs[i] = append(costs[i], (s.cpu()-before).Seconds()/float64(n)*1e6)
		}
	}
	for i, s := range servers {
		took := clocks[i].took
		p50, p99 := clocks[i].percentiles()
		b.ReportMetric(p50, s.name+"-p50-µs")
		b.ReportMetric(p99, s.name+"-p99-µs")
		b.ReportMetric(median(costs[i]), s.name+"-s/M")
		if c := clocks[i]; c.lost > 0 {
			b.Logf("%s: %d of %d questions were not answered", s.name, c.lost, c.lost+len(took))
		}
	}
	b.ReportMetric(0, "ns/op")
}

// percentiles returns the median and the 99th percentile, in microseconds.
func (m *metronome) percentiles() (p50, p99 float64) {
	slices.Sort(m.took)
	return float64(m.took[len(m.took)/2]) / 1e3, float64(m.took[len(m.took)*99/100]) / 1e3
}

// metronome asks at a steady rate. It never waits in the system, so that what
// it measures is not its own being woken.
type metronome struct {
	blast *blast // for its sockets
	epoll int
	every time.Duration
	due   [1 << 16]time.Duration // when the question with an ID was due, since the round began; negative: answered
	took  []time.Duration        // by answers to questions
	other int                    // answers to updates
	lost  int
}

func newMetronome(b *testing.B, s *subject, questions [][]byte, rate float64) *metronome {
	b.Helper()
	m := &metronome{blast: newBlast(b, s.at, questions), every: time.Duration(float64(time.Second) / rate)}
	var err error
	if m.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { unix.Close(m.epoll) })
	for _, p := range m.blast.poll {
		if err := unix.EpollCtl(m.epoll, unix.EPOLL_CTL_ADD, int(p.Fd), &unix.EpollEvent{Events: unix.EPOLLIN, Fd: p.Fd}); err != nil {
			b.Fatal(err)
		}
	}
	return m
}

// run asks for so long, and waits a little for what is still to come.
func (m *metronome) run(long time.Duration) (answers int) {
	before := len(m.took)
	for i := range m.due {
		m.due[i] = -1
	}
	began := time.Now()
	asked := 0
	for now := time.Duration(0); now < long+blastLost; now = time.Since(began) {
		for next := time.Duration(asked) * m.every; next <= now && next < long; next = time.Duration(asked) * m.every {
			m.ask(uint16(asked), next)
			asked++
		}
		m.hear(began)
	}
	for _, due := range m.due {
		if due >= 0 {
			m.lost++
		}
	}
	return len(m.took) - before
}

func (m *metronome) ask(id uint16, due time.Duration) {
	b := m.blast
	q := b.questions[b.next]
	b.next = (b.next + 1) % len(b.questions)
	binary.BigEndian.PutUint16(q, id)
	if m.due[id] >= 0 {
		m.lost++
	}
	m.due[id] = due
	_, _ = unix.Write(int(b.poll[int(id)%blastSockets].Fd), q) // what is not sent is lost
}

// hear takes what came.
func (m *metronome) hear(began time.Time) {
	var events [64]unix.EpollEvent
	n, _ := unix.EpollWait(m.epoll, events[:], 0)
	for i := range max(n, 0) {
		for {
			size, err := unix.Read(int(events[i].Fd), m.blast.buf[0][:])
			if err != nil || size < 2 {
				break
			}
			id := binary.BigEndian.Uint16(m.blast.buf[0][:])
			due := m.due[id]
			m.due[id] = -1
			switch isQuery := m.blast.buf[0][2]&0x78 == 0; {
			case due < 0: // it was given up
			case isQuery:
				m.took = append(m.took, time.Since(began)-due)
			case m.blast.buf[0][3]&15 == 0:
				m.other++
			}
		}
	}
}
