package reconcile

import (
	"time"

	"github.com/skein-dns/skein/zone"
)

// mostExpiring bounds the zones that are kept of a member which lost its
// primary: how many more there are makes no difference to what is to be done.
const mostExpiring = 4096

// expiry is the zones of a member whose primary does not answer it: when they
// expire there. The zero value is empty.
type expiry struct{ at map[zone.Name]time.Time }

// note takes what the member told of a zone.
func (e *expiry) note(name zone.Name, a answer, now time.Time) {
	name = name.Canonical()
	switch {
	case a.look == Unseen: // nobody knows
	case a.look == Serves && a.left > 0:
		if e.at == nil {
			e.at = map[zone.Name]time.Time{}
		}
		if _, known := e.at[name]; known || len(e.at) < mostExpiring {
			e.at[name] = now.Add(a.left)
		}
	default:
		delete(e.at, name)
	}
}

// soonest returns how many zones will expire, and which one first.
func (e *expiry) soonest() (n int, at time.Time, first zone.Name) {
	for name, when := range e.at {
		if at.IsZero() || when.Before(at) || when.Equal(at) && name < first {
			at, first = when, name
		}
	}
	return len(e.at), at, first
}
