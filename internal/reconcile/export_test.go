package reconcile

import "time"

// Overtaking is how many single changes go beyond the bounds.
const Overtaking = overtaking

// Bound sets how many zones of a member are kept.
func Bound(c *Config, items, parked int) { c.most = bounds{items, parked} }

// Kept tells how many are: out of step, and settled.
func (l *Loop) Kept(member string) (items, settled int) {
	l.mu.Lock()
	w := l.members[member]
	l.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.items), len(w.recent.by)
}

// Crest is up to when looks wait after zones were fetched at these times.
func Crest(fetched []time.Time) time.Time {
	var f flood
	for _, at := range fetched {
		f.note(at)
	}
	return f.crest()
}
