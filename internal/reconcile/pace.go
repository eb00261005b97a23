package reconcile

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein"
)

// remembered is over how many minutes what was measured is kept.
const remembered = 60

// pace is how long it took from a change to the sight of it on a member, minute
// by minute. It is counted in classes, so that it takes the same memory whatever
// there is to count. The zero value is ready.
type pace struct {
	mu      sync.Mutex // a leaf
	minutes [remembered]spread
}

// spread is what was counted in one minute.
type spread struct {
	minute  int64 // since 1970
	classes classes
}

// classes count durations: class i ends at 0.1 ms · 2^(i/8), so that what is
// told of one is at most 9 percent too long. The last is of five days.
type classes [256]uint32

const (
	firstClass = 100 * time.Microsecond
	perOctave  = 8
)

func classOf(d time.Duration) int {
	if d <= firstClass {
		return 0
	}
	return min(len(classes{})-1, int(math.Ceil(perOctave*math.Log2(float64(d)/float64(firstClass)))))
}

func (c *classes) add(other *classes) {
	for i, n := range other {
		c[i] += n
	}
}

func (c *classes) told() (s skein.Spread) {
	for _, n := range c {
		s.Seen += int(n)
	}
	s.P50, s.P99 = c.quantile(s.Seen, 0.5), c.quantile(s.Seen, 0.99)
	return s
}

// quantile is how long that share of n lasted at most.
func (c *classes) quantile(n int, share float64) time.Duration {
	left := int(math.Ceil(float64(n) * share))
	for i, k := range c {
		if left -= int(k); left <= 0 && n > 0 {
			return time.Duration(float64(firstClass) * math.Exp2(float64(i)/perOctave))
		}
	}
	return 0
}

func (p *pace) note(took time.Duration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	minute := now.Unix() / 60
	s := &p.minutes[minute%remembered]
	if s.minute != minute {
		*s = spread{minute: minute}
	}
	s.classes[classOf(took)]++
}

// Propagation tells how long changes of the last hour took until members were
// seen with them, as they happened: what a member catches up with is not in it.
func (l *Loop) Propagation() skein.Propagation {
	p := skein.Propagation{Minutes: []skein.SpreadMinute{}}
	oldest := l.cfg.Now().Unix()/60 - remembered + 1
	l.pace.mu.Lock()
	defer l.pace.mu.Unlock()
	var hour classes
	for i := range l.pace.minutes {
		if s := &l.pace.minutes[i]; s.minute >= oldest {
			hour.add(&s.classes)
			p.Minutes = append(p.Minutes, skein.SpreadMinute{At: time.Unix(s.minute*60, 0).UTC(), Spread: s.classes.told()})
		}
	}
	slices.SortFunc(p.Minutes, func(a, b skein.SpreadMinute) int { return a.At.Compare(b.At) })
	p.Hour = hour.told()
	return p
}

// pulse is how fast a member answered over DNS, minute by minute. The zero
// value is ready.
type pulse struct {
	mu      sync.Mutex // a leaf
	minutes [remembered]beat
}

type beat struct {
	minute int64
	n      int64
	sum    time.Duration
}

func (p *pulse) note(took time.Duration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	minute := now.Unix() / 60
	b := &p.minutes[minute%remembered]
	if b.minute != minute {
		*b = beat{minute: minute}
	}
	b.n++
	b.sum += took
}

// told is the mean of each minute up to now, the oldest first; nil if nothing
// was answered in any.
func (p *pulse) told(now time.Time) (means []time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for minute, last := now.Unix()/60-remembered+1, now.Unix()/60; minute <= last; minute++ {
		switch b := p.minutes[minute%remembered]; {
		case b.minute == minute:
			means = append(means, b.sum/time.Duration(b.n))
		case means != nil:
			means = append(means, 0)
		}
	}
	return means
}
