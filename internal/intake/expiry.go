package intake

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/zone"
)

// expiry ends the service of zones of which no primary speaks any more, where
// they belong to the source whose primaries are silent: another's zone of the
// same name does not depend on those.
type expiry struct {
	service Service
	wake    chan struct{} // something is in ending

	mu     sync.Mutex                  // owns the rest, and orders calls of service
	ending map[secondary.Ref]bool      // expired; whose they are is not known yet
	ended  map[zone.Name]string        // out of service → the source that it was for
	nears  map[secondary.Ref]time.Time // zones that will expire, or have, unless a primary speaks → when
}

func newExpiry(service Service) *expiry {
	return &expiry{service: service, wake: make(chan struct{}, 1), ending: map[secondary.Ref]bool{}, ended: map[zone.Name]string{}, nears: map[secondary.Ref]time.Time{}}
}

// add takes note of a zone that expired.
func (e *expiry) add(z secondary.Ref) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, known := e.nears[z]; !known {
		e.nears[z] = time.Now()
	}
	e.ending[z] = true
	wakeUp(e.wake)
}

// near takes note of a zone that will expire.
func (e *expiry) near(z secondary.Ref, s secondary.Status) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.nears[z] = s.Expires
}

// nudge has looked at what is left.
func (e *expiry) nudge() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.ending) > 0 {
		wakeUp(e.wake)
	}
}

func wakeUp(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// look asks whose the zones are that expired.
func (e *expiry) look(ctx context.Context, i *Intake) error {
	e.mu.Lock()
	refs := make([]secondary.Ref, 0, len(e.ending))
	for ref := range e.ending {
		refs = append(refs, ref)
	}
	e.mu.Unlock()
	for _, ref := range refs {
		mine := i.list(ref) == nil // nobody is answered from a catalog
		if mine {
			head, err := i.gate.Zone(ctx, actorOf(ref.Source), ref.Name)
			if err != nil && skein.KindOf(err) != skein.KindNotFound {
				return err
			}
			mine = err == nil && head.Origin == ref.Source
		}
		e.decide(ref, mine)
	}
	return nil
}

func (e *expiry) decide(ref secondary.Ref, mine bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ending[ref] && mine { // no primary spoke meanwhile
		e.ended[ref.Name] = ref.Source
		e.service.Expire(ref.Name)
	}
	delete(e.ending, ref)
}

// spoken takes back that a zone expired: for the source that it was for or,
// where contents were taken, whoever gave them.
func (e *expiry) spoken(by secondary.Ref, taken bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.ending, by)
	delete(e.nears, by)
	if source, is := e.ended[by.Name]; is && (taken || source == by.Source) {
		delete(e.ended, by.Name)
		e.service.Revive(by.Name)
	}
}

// Expiring is a zone that expires, unless a primary confirms it before.
type Expiring struct {
	Name   zone.Name
	Source string
	At     time.Time
}

// Expiring returns the zones of which no primary has spoken for half of the
// time that their SOA allows, and those that expired.
func (i *Intake) Expiring() []Expiring {
	i.expiry.mu.Lock()
	nears := maps.Clone(i.expiry.nears)
	i.expiry.mu.Unlock()
	i.mu.Lock()
	defer i.mu.Unlock()
	all := make([]Expiring, 0, len(nears))
	for ref, at := range nears {
		if i.lists[ref] == nil { // nobody is answered from a catalog
			all = append(all, Expiring{ref.Name, ref.Source, at})
		}
	}
	return all
}
