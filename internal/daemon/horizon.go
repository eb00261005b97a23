package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// horizon is up to which revision the nameserver follows the store. The zero
// value is one that does not end.
type horizon struct {
	ends    bool
	at      skein.Revision // the last one, if it ends
	changes int            // how often it was set: the same end set again is another horizon
}

func (h horizon) hides(r skein.Revision) bool { return h.ends && r > h.at }

// Freeze keeps the nameserver at the revision that at returns: what changed
// since stays out of service, what was deleted since in it. While at runs
// nothing comes into service, so that nothing newer is served than what at finds.
func (s *serving) Freeze(at func() (skein.Revision, error)) error {
	s.gate.Lock()
	defer s.gate.Unlock()
	end, err := at()
	if err != nil {
		return err
	}
	s.moveHorizon(horizon{ends: true, at: end})
	return nil
}

// Thaw lets the nameserver follow the store again, from where it was left.
func (s *serving) Thaw() {
	s.gate.Lock()
	defer s.gate.Unlock()
	s.moveHorizon(horizon{})
}

// moveHorizon sets it and has the feed read. s.gate is held.
func (s *serving) moveHorizon(to horizon) {
	to.changes = s.horizon.changes + 1
	s.horizon = to
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

func (s *serving) sees() horizon {
	s.gate.RLock()
	defer s.gate.RUnlock()
	return s.horizon
}

// counting returns, name by name, the entries to work on in this order: the
// newest one up to the horizon and, of those behind it, the first: where that
// is of a life that began since, the name had none. Within one name the work
// must not be done twice at once.
func (h horizon) counting(entries []store.Entry) [][]store.Entry {
	of := make(map[zone.Name][]store.Entry, len(entries))
	for _, e := range entries { // in the order of revisions
		name := e.Zone.Name.Canonical()
		switch have := of[name]; {
		case !h.hides(e.Revision):
			of[name] = []store.Entry{e}
		case len(have) == 0 || !h.hides(have[len(have)-1].Revision):
			of[name] = append(have, e)
		}
	}
	return slices.Collect(maps.Values(of))
}

// serveThen serves a zone that changed behind the horizon as it was there. One
// that was made since is left out. s.gate is held.
func (s *serving) serveThen(ctx context.Context, into nameserver.Updater, z skein.Zone) error {
	past, err := s.store.ZoneAt(ctx, z.ID, s.horizon.at)
	// Never because history does not reach back: while there is a horizon none
	// of it is dropped (control.PurgeBefore).
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("loading zone %s as it was at revision %d: %w", z.Name, s.horizon.at, err)
	}
	if have, known := s.has(z.Name); known && have.revision >= past.Revision {
		return nil
	}
	into.Put(publish.Contents(past.Contents, past.Serial))
	s.remember(z.Name, versionOf(z, past.Revision), true)
	return nil
}
