package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/nameserver"
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
	list   *listing // nil: no catalog is made

	mu     sync.Mutex                // owns the group
	served map[zone.Name]version     // what the nameserver has
	failed map[zone.Name]store.Entry // what could not be loaded, to be tried again
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
	return &serving{store: s, access: a, log: log, served: map[zone.Name]version{}, failed: map[zone.Name]store.Entry{}}
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
			s.log.Error("following the feed", "err", err) // it is read again at the next tick
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
			s.serve(ctx, into, s.takeFailed())
		}
	}
}

// follow serves everything behind the cursor and returns the cursor of the end.
func (s *serving) follow(ctx context.Context, into nameserver.Updater, cursor store.Cursor) (store.Cursor, error) {
	for {
		entries, next, err := s.store.Entries(ctx, cursor, feedPage)
		if err != nil {
			return cursor, err
		}
		if s.serve(ctx, into, newestOfEach(entries)); ctx.Err() != nil {
			return cursor, ctx.Err()
		}
		cursor = next
		if len(entries) < feedPage {
			return cursor, nil
		}
	}
}

// newestOfEach keeps one entry a name: a zone that was deleted and made again
// has two, one for each life, and a name must not be worked on twice at once.
func newestOfEach(entries []store.Entry) []store.Entry {
	newest := make(map[zone.Name]store.Entry, len(entries))
	for _, e := range entries { // in the order of revisions
		newest[e.Zone.Name.Canonical()] = e
	}
	return slices.Collect(maps.Values(newest))
}

// serve brings zones, each of another name, to the state of their entries or
// a later one. One that fails does not hold up the others: it is kept for the
// next tick, and meanwhile answers as before or, new, that it cannot.
func (s *serving) serve(ctx context.Context, into nameserver.Updater, entries []store.Entry) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, e := range entries {
		group.Go(func() error {
			err := s.serveOne(ctx, into, e)
			if err == nil || ctx.Err() != nil {
				return nil
			}
			s.log.Error("serving a zone; it is tried again", "zone", e.Zone.Name, "revision", e.Revision, "err", err)
			if _, ok := into.Current(e.Zone.Name); !ok {
				into.Fail(e.Zone.Name)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.failed[e.Zone.Name.Canonical()] = e
			s.list.changed(e.Zone.Name, string(s.served[e.Zone.Name.Canonical()].id), string(e.Zone.ID)) // what fails is not gone
			return nil
		})
	}
	_ = group.Wait() // there are no errors but those above
}

// takeFailed returns what is to be tried again.
func (s *serving) takeFailed() []store.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := slices.Collect(maps.Values(s.failed))
	clear(s.failed)
	return again
}

func (s *serving) serveOne(ctx context.Context, into nameserver.Updater, e store.Entry) error {
	z := e.Zone
	s.mu.Lock()
	have, known := s.served[z.Name.Canonical()]
	s.mu.Unlock()
	if known && have.revision >= e.Revision { // of this life or a later one
		return nil
	}
	if z.Deleted {
		into.Drop(z.Name)
		s.remember(z.Name, version{}, false)
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
	s.list.changed(name, string(s.served[name.Canonical()].id), string(v.id))
	if live {
		s.served[name.Canonical()] = v
	} else {
		delete(s.served, name.Canonical())
	}
}

// dropDeleted stops serving zones that are gone from the store, whose
// tombstones a new epoch may not have.
func (s *serving) dropDeleted(ctx context.Context, into nameserver.Updater) error {
	s.mu.Lock()
	served := s.served
	s.served = map[zone.Name]version{}
	clear(s.failed)
	s.mu.Unlock()
	for name, v := range served {
		z, err := s.store.ZoneByID(ctx, v.id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err != nil || z.Deleted {
			into.Drop(name)
			s.list.changed(name, string(v.id), "")
		}
	}
	return nil
}
