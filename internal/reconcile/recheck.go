package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Recheck looks at these zones on a member again, at most 1000, and does what
// is missing; with no names at all zones, and at whose they are. It waits while the member has too much to do already.
func (l *Loop) Recheck(ctx context.Context, name string, names []zone.Name) error {
	w, err := l.known(name, names)
	if err != nil {
		return err
	}
	if !w.follows() {
		return &skein.Error{Kind: skein.KindUnavailable, What: "member " + name + " is " + string(w.member.State),
			Mend: "enable it first; it is looked at then"}
	}
	if names == nil {
		w.relook()
		return nil
	}
	for _, n := range names {
		want, err := w.wants(ctx, n)
		if err != nil {
			return err
		}
		if err := w.recheck(ctx, want); err != nil {
			return err
		}
	}
	return nil
}

// recheck begins to look at a zone again, as soon as there is room for it.
func (w *worker) recheck(ctx context.Context, want Wanted) error {
	for !w.lookAt(want) {
		select {
		case <-time.After(recheckPoll):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// lookAt reports whether the zone is looked at.
func (w *worker) lookAt(want Wanted) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	it := w.items[want.Zone]
	done, _ := w.recent.get(want.Zone)
	switch {
	case it == nil && done.revision > want.Revision: // it has changed since the store was asked
	case it == nil && !w.room(0):
		return false
	case it == nil:
		w.begin(want, Seen{Doubt: w.doubts()}, false, w.now())
	default:
		it.drifted = false // somebody wants it as it should be
		if it.at == parked || it.at == watch {
			w.due.at(it, w.now())
		}
	}
	w.wake()
	return true
}

// known returns the worker of a member, for a question about so many names.
func (l *Loop) known(name string, names []zone.Name) (*worker, error) {
	w := l.worker(name)
	switch {
	case w == nil:
		return nil, &skein.Error{Kind: skein.KindNotFound, What: "there is no member " + name}
	case len(names) > mostNames:
		return nil, &skein.Error{Kind: skein.KindInvalid, What: fmt.Sprintf("%d zones are too many at once", len(names)),
			Mend: fmt.Sprintf("give at most %d", mostNames)}
	}
	return w, nil
}

// wants is what the member is to have under a name now.
func (w *worker) wants(ctx context.Context, name zone.Name) (Wanted, error) {
	name = name.Canonical()
	w.mu.Lock()
	before := w.pos
	w.mu.Unlock()
	z, err := w.loop.cfg.Zones.Zone(ctx, name)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && !w.serves(z.Pool):
		return Wanted{Zone: name, Revision: before, Deleted: true}, nil
	case err != nil:
		return Wanted{}, err
	}
	return wantedOf(store.Entry{Revision: z.Revision, Zone: z}), nil
}
