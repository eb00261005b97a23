package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// published is what the embedded nameserver needs of the store.
type published interface {
	Entries(ctx context.Context, after store.Cursor, limit int) ([]store.Entry, store.Cursor, error)
	Wake() (hints <-chan struct{}, stop func())
	ZoneByID(ctx context.Context, id skein.ZoneID) (skein.Zone, error)
	Contents(ctx context.Context, id skein.ZoneID) (zone.Contents, skein.Revision, error)
	DeltaSince(ctx context.Context, id skein.ZoneID, after skein.Revision) (store.Versions, error)
}

// serving feeds the embedded nameserver from the store: a nameserver.Source.
type serving struct {
	store  published
	access *access
	log    *slog.Logger

	mu     sync.Mutex // owns served
	served map[zone.Name]version
}

// version is what the nameserver has of a zone.
type version struct {
	id       skein.ZoneID
	revision skein.Revision
}

const (
	feedPage = 2000
	feedPoll = time.Second // wake-ups are hints; asking is the truth
)

func newServing(s published, a *access, log *slog.Logger) *serving {
	return &serving{store: s, access: a, log: log, served: map[zone.Name]version{}}
}

// Run follows the feed until ctx ends.
func (s *serving) Run(ctx context.Context, into nameserver.Updater) error {
	s.access.attach(into)
	into.Put(selfTestZone())
	hints, stop := s.store.Wake()
	defer stop()
	poll := time.NewTicker(feedPoll)
	defer poll.Stop()
	var cursor store.Cursor
	ready := false
	for {
		next, err := s.follow(ctx, into, cursor)
		switch {
		case errors.Is(err, store.ErrCursor):
			s.log.Warn("the feed does not go on from where the nameserver is; loading all zones anew")
			if err := s.dropDeleted(ctx, into); err != nil && ctx.Err() == nil {
				s.log.Error("looking for zones that went meanwhile", "err", err)
			}
			cursor = ""
			continue
		case err != nil && ctx.Err() == nil:
			s.log.Error("following the feed", "err", err) // what failed is asked for again at the next tick
		case err == nil:
			cursor = next
			if !ready {
				ready = true
				into.Ready()
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-hints:
		case <-poll.C:
		}
	}
}

// follow serves everything behind the cursor and returns the cursor of the
// end. A page is done by several goroutines; it has each zone once.
func (s *serving) follow(ctx context.Context, into nameserver.Updater, cursor store.Cursor) (store.Cursor, error) {
	for {
		entries, next, err := s.store.Entries(ctx, cursor, feedPage)
		if err != nil {
			return cursor, err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(runtime.GOMAXPROCS(0))
		for _, e := range entries {
			group.Go(func() error { return s.serve(ctx, into, e.Zone) })
		}
		if err := group.Wait(); err != nil {
			return cursor, err
		}
		cursor = next
		if len(entries) < feedPage {
			return cursor, nil
		}
	}
}

// serve brings one zone to the state of z or a later one.
func (s *serving) serve(ctx context.Context, into nameserver.Updater, z skein.Zone) error {
	s.mu.Lock()
	have, known := s.served[z.Name.Canonical()]
	s.mu.Unlock()
	if known && have.id == z.ID && have.revision >= z.Revision && !z.Deleted {
		return nil
	}
	if z.Deleted {
		// A tombstone of an earlier life does not touch the present one.
		if !known || have.id == z.ID {
			into.Drop(z.Name)
			s.remember(z.Name, version{}, false)
		}
		return nil
	}
	if known && have.id == z.ID {
		if at, ok := s.extend(ctx, into, z, have.revision); ok {
			s.remember(z.Name, version{z.ID, at}, true)
			return nil
		}
	}
	contents, at, err := s.load(ctx, z)
	if errors.Is(err, store.ErrNotFound) {
		return nil // deleted and purged meanwhile; the feed will say so
	}
	if err != nil {
		return fmt.Errorf("loading zone %s: %w", z.Name, err)
	}
	into.Put(contents)
	s.remember(z.Name, version{z.ID, at}, true)
	return nil
}

func (s *serving) remember(name zone.Name, v version, live bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if live {
		s.served[name.Canonical()] = v
	} else {
		delete(s.served, name.Canonical())
	}
}

// extend applies what changed since a revision to what is served, so that
// cost and IXFR follow the change. ok is false where that cannot be done.
func (s *serving) extend(ctx context.Context, into nameserver.Updater, z skein.Zone, since skein.Revision) (at skein.Revision, ok bool) {
	contents, ok := into.Current(z.Name)
	if !ok {
		return 0, false
	}
	versions, err := s.store.DeltaSince(ctx, z.ID, since)
	if err != nil || len(versions.Steps) == 0 {
		return 0, false
	}
	for _, step := range versions.Steps {
		if contents, err = advance(contents, step.Delta, step.Serial); err != nil {
			s.log.Warn("a stored change does not fit what is served; loading the zone anew", "zone", z.Name, "revision", step.Revision, "err", err)
			return 0, false
		}
		into.Put(contents) // each version, so that each is an IXFR step
		at = step.Revision
	}
	return at, true
}

// load reads the newest contents with the serial that belongs to them.
func (s *serving) load(ctx context.Context, z skein.Zone) (zone.Contents, skein.Revision, error) {
	for {
		authored, at, err := s.store.Contents(ctx, z.ID)
		if err != nil {
			return zone.Contents{}, 0, err
		}
		if at == z.Revision {
			return publish.Contents(authored, z.Serial), at, nil
		}
		if z, err = s.store.ZoneByID(ctx, z.ID); err != nil { // a commit came between
			return zone.Contents{}, 0, err
		}
		if z.Deleted {
			return zone.Contents{}, 0, store.ErrNotFound
		}
	}
}

// dropDeleted stops serving zones that are gone from the store, whose
// tombstones a new epoch may not have.
func (s *serving) dropDeleted(ctx context.Context, into nameserver.Updater) error {
	s.mu.Lock()
	served := s.served
	s.served = map[zone.Name]version{}
	s.mu.Unlock()
	for name, v := range served {
		z, err := s.store.ZoneByID(ctx, v.id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err != nil || z.Deleted {
			into.Drop(name)
		}
	}
	return nil
}
