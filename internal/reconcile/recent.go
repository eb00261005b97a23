package reconcile

import (
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// settled is what is still known of a zone after it was seen as wanted.
type settled struct {
	revision skein.Revision
	serial   uint32
	told, at time.Time
	got      fetched
	absent   bool // it has no such zone
}

// recent remembers the last maxRecent zones that were settled. The zero value is ready.
type recent struct {
	by    map[zone.Name]settled
	order []zone.Name // ring, oldest at next
	next  int
}

func (r *recent) add(name zone.Name, s settled) {
	if r.by == nil {
		r.by = map[zone.Name]settled{}
	}
	if _, there := r.by[name]; !there {
		if len(r.order) < maxRecent {
			r.order = append(r.order, name)
		} else {
			delete(r.by, r.order[r.next])
			r.order[r.next] = name
			r.next = (r.next + 1) % maxRecent
		}
	}
	r.by[name] = s
}

func (r *recent) get(name zone.Name) (settled, bool) {
	s, ok := r.by[name]
	return s, ok
}
