package nameserver

import (
	"sync"
	"sync/atomic"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// index finds the zone of a name: the longest apex that is the name or above it.
type index struct {
	mu   sync.RWMutex // owns apex
	apex map[string]*slot
}

// slot is the place of one zone. Readers load its view once and answer from
// that alone; a writer stores a new one.
type slot struct {
	view atomic.Pointer[view]
	put1 sync.Mutex // one put at a time
}

// view is one version of a zone. It never changes.
type view struct {
	contents zone.Contents
	serial   uint32
	soa      zone.RRset
	failed   bool
	history  []xfr.Version // oldest first, up to serial
	weight   int           // records in history
}

const maxHistory = 200 // versions

func (x *index) slot(key string, make bool) *slot {
	x.mu.RLock()
	s := x.apex[key]
	x.mu.RUnlock()
	if s != nil || !make {
		return s
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if s = x.apex[key]; s == nil {
		s = &slot{}
		x.apex[key] = s
	}
	return s
}

func (x *index) drop(key string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.apex, key)
}

// view returns the view of an apex; nil if it is not served.
func (x *index) view(key string) *view {
	s := x.slot(key, false)
	if s == nil {
		return nil
	}
	return s.view.Load()
}

// find returns the view of the longest apex at or above key. With above, the
// apex must be a proper ancestor (a DS question belongs to the parent).
func (x *index) find(key []byte, above bool) *view {
	x.mu.RLock()
	defer x.mu.RUnlock()
	end := len(key)
	if above && end > 0 {
		end = parentEnd(key, end)
	}
	for {
		if s := x.apex[string(key[:end])]; s != nil {
			if v := s.view.Load(); v != nil {
				return v
			}
		}
		if end == 0 {
			return nil
		}
		end = parentEnd(key, end)
	}
}

// parentEnd returns where the key of the parent ends: before the last label.
func parentEnd(key []byte, end int) int {
	for end--; end > 0 && key[end-1] != 0; end-- {
	}
	return end
}

// put makes c the zone's view and extends its history by the difference.
func (s *slot) put(c zone.Contents) {
	s.put1.Lock()
	defer s.put1.Unlock()
	v := &view{contents: c}
	if set, ok := c.Get(c.Origin(), zone.TypeSOA); ok {
		v.soa = set
		if soa, err := zone.ParseSOA(set.Data[0]); err == nil {
			v.serial = soa.Serial
		}
	}
	old := s.view.Load()
	if old != nil && !old.failed && zone.SerialLess(old.serial, v.serial) {
		v.extend(old, zone.Diff(old.contents, c).Without(c.Origin(), zone.TypeSOA))
	}
	s.view.Store(v)
}

// extend takes over old's history and adds one step, within bounds: a chain
// that is heavier than the zone is worth less than an AXFR.
func (v *view) extend(old *view, d zone.Delta) {
	step := xfr.Version{From: old.soa, To: v.soa, Delta: d}
	_, records := v.contents.Len()
	v.history = append(append(v.history, old.history...), step)
	v.weight = old.weight + weigh(step)
	drop := 0
	for drop < len(v.history) && (v.weight > records || len(v.history)-drop > maxHistory) {
		v.weight -= weigh(v.history[drop])
		drop++
	}
	v.history = v.history[drop:]
}

func weigh(step xfr.Version) int {
	n := 2
	for _, sets := range [][]zone.RRset{step.Delta.Del, step.Delta.Add} {
		for _, s := range sets {
			n += len(s.Data)
		}
	}
	return n
}

// since returns the history after a serial; false if it does not reach back.
func (v *view) since(serial uint32) ([]xfr.Version, bool) {
	for i := len(v.history) - 1; i >= 0; i-- {
		if soa, err := zone.ParseSOA(v.history[i].From.Data[0]); err == nil && soa.Serial == serial {
			return v.history[i:], true
		}
	}
	return nil, false
}
