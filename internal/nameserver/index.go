package nameserver

import (
	"sync"
	"sync/atomic"

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
	view    atomic.Pointer[view]
	writing sync.Mutex // held by the one who makes the next view
}

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
	if above {
		if end == 0 {
			return nil
		}
		end = ancestorEnd(key, end)
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
		end = ancestorEnd(key, end)
	}
}

// put makes c the zone's view.
func (s *slot) put(c zone.Contents) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.view.Store(newView(c, s.view.Load()))
}

// fail makes the zone answer SERVFAIL.
func (s *slot) fail() {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.view.Store(s.view.Load().asFailed())
}
