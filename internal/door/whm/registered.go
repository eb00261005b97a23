package whm

import (
	"sync"
	"time"

	"github.com/skein-dns/skein/zone"
)

const (
	registeredFor = time.Hour
	maxRegistered = 10_000
)

// registered remembers the zones that were announced by addzoneconf and have no
// contents yet: to whom announced them they exist. It is safe for concurrent use.
type registered struct {
	now func() time.Time

	mu    sync.Mutex // guards until
	until map[announced]time.Time
}

type announced struct {
	source string
	name   zone.Name // canonical
}

func newRegistered(now func() time.Time) *registered {
	return &registered{now: now, until: map[announced]time.Time{}}
}

func (r *registered) add(source string, name zone.Name) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if len(r.until) >= maxRegistered {
		for a, until := range r.until {
			if !now.Before(until) {
				delete(r.until, a)
			}
		}
	}
	if len(r.until) >= maxRegistered {
		clear(r.until) // their contents come all the same
	}
	r.until[announced{source, name.Canonical()}] = now.Add(registeredFor)
}

func (r *registered) has(source string, name zone.Name) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now().Before(r.until[announced{source, name.Canonical()}])
}

func (r *registered) forget(source string, name zone.Name) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.until, announced{source, name.Canonical()})
}
