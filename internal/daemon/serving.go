package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"
	"unique"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/listing"
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
	ZoneAt(ctx context.Context, id skein.ZoneID, at skein.Revision) (store.Past, error)
}

// serving feeds the embedded nameserver from the store.
type serving struct {
	store  published
	access *access
	log    *slog.Logger
	list   *listing.Set // nil: no catalogs are made

	keeping keeping // Run's alone

	// gate is held for reading while a zone comes into service, and owns the
	// horizon. It is taken before mu.
	gate    sync.RWMutex
	horizon horizon
	moved   chan struct{} // holds a value when the horizon was set

	mu      sync.Mutex                // owns the group
	served  map[zone.Name]version     // what the nameserver has
	failed  map[zone.Name]store.Entry // what could not be loaded, to be tried again
	changed int                       // zones of served, since everything was asked last

	restored chan struct{} // closed once what the image has is served
}

// version is what the nameserver has of a zone.
type version struct {
	id       skein.ZoneID
	revision skein.Revision
	pool     unique.Handle[string] // few, of many zones
}

func versionOf(z skein.Zone, at skein.Revision) version {
	return version{z.ID, at, unique.Make(cmp.Or(z.Pool, skein.DefaultPool))}
}

// life is what the zone is to catalogs.
func (v version) life() listing.Life {
	if v.id == "" {
		return listing.Life{}
	}
	return listing.Life{ID: string(v.id), Pool: v.pool.Value()}
}

const (
	feedPage = 2000
	feedPoll = time.Second // wake-ups are hints; asking is the truth
)

func newServing(s published, a *access, log *slog.Logger) *serving {
	return &serving{store: s, access: a, log: log, served: map[zone.Name]version{}, failed: map[zone.Name]store.Entry{}, moved: make(chan struct{}, 1), restored: make(chan struct{})}
}

// Run follows the feed until ctx ends: from the image on, if there is one.
func (s *serving) Run(ctx context.Context, into imaged) error {
	s.access.attach(into)
	into.Put(selfTestZone())
	hints, stop := s.store.Wake()
	defer stop()
	poll := time.NewTicker(feedPoll)
	defer poll.Stop()
	cursor := s.restore(ctx, into)
	close(s.restored)
	var settled horizon // behind which there is nothing more to be found
	ready := false
	for {
		var err error
		if sees := s.sees(); !sees.ends || sees != settled {
			cursor, err = s.follow(ctx, into, cursor)
			if err == nil {
				settled = sees
			}
		}
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
		case err == nil && !ready:
			ready = true
			into.Ready()
		}
		if ready {
			s.keep(into, cursor, false)
		}
		select {
		case <-ctx.Done():
			s.keep(into, cursor, true)
			return nil
		case <-hints:
		case <-s.moved:
		case <-poll.C:
			s.serve(ctx, into, inTurn(s.failures()))
		}
	}
}

// follow serves everything behind the cursor and returns the cursor to go on
// from: that of the end or, where the horizon came between, one before it.
// What lies behind the horizon is looked at once: whatever happens to a zone
// later, it stays what it was there.
func (s *serving) follow(ctx context.Context, into nameserver.Updater, cursor store.Cursor) (store.Cursor, error) {
	at, whole := cursor, true
	for {
		sees := s.sees()
		entries, next, err := s.store.Entries(ctx, at, feedPage)
		if err != nil {
			return cursor, err
		}
		if s.serve(ctx, into, sees.counting(entries)); ctx.Err() != nil {
			return cursor, ctx.Err()
		}
		hidden := len(entries) > 0 && sees.hides(entries[len(entries)-1].Revision)
		if whole = whole && !hidden && s.sees() == sees; whole {
			cursor = next
		}
		if at = next; len(entries) < feedPage {
			return cursor, nil
		}
	}
}

// serve brings zones, each list of another name, to the state of their entries
// or a later one. One that fails does not hold up the others: it is kept for the
// next tick, and meanwhile answers as before or, new, that it cannot.
func (s *serving) serve(ctx context.Context, into nameserver.Updater, names [][]store.Entry) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, entries := range names {
		group.Go(func() error {
			for _, e := range entries {
				switch err := s.serveOne(ctx, into, e); {
				case err == nil:
					s.succeeded(e)
				case ctx.Err() == nil:
					s.failing(into, e, err)
				}
			}
			return nil
		})
	}
	_ = group.Wait() // there are no errors
}

func (s *serving) failing(into nameserver.Updater, e store.Entry, err error) {
	s.log.Error("serving a zone; it is tried again", "zone", e.Zone.Name, "revision", e.Revision, "err", err)
	if _, ok := into.Current(e.Zone.Name); !ok {
		into.Fail(e.Zone.Name)
	}
	hidden := s.sees().hides(e.Revision)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed[e.Zone.Name.Canonical()] = e
	if hidden { // perhaps it was not there then
		return
	}
	s.list.Changed(e.Zone.Name, s.served[e.Zone.Name.Canonical()].life(), versionOf(e.Zone, e.Revision).life()) // what fails is not gone
}

// succeeded takes back that a zone failed, at its revision or before.
func (s *serving) succeeded(e store.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed, ok := s.failed[e.Zone.Name.Canonical()]; ok && failed.Revision <= e.Revision {
		delete(s.failed, e.Zone.Name.Canonical())
	}
}

// failures returns what is to be tried again.
func (s *serving) failures() []store.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.failed))
}

// inTurn makes entries, each of another name, what serve takes.
func inTurn(entries []store.Entry) [][]store.Entry {
	names := make([][]store.Entry, len(entries))
	for i := range entries {
		names[i] = entries[i : i+1]
	}
	return names
}

func (s *serving) serveOne(ctx context.Context, into nameserver.Updater, e store.Entry) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	z := e.Zone
	if s.horizon.hides(e.Revision) {
		return s.serveThen(ctx, into, z)
	}
	have, known := s.has(z.Name)
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
			s.remember(z.Name, versionOf(z, at), true)
			return nil
		}
	}
	contents, at, err := s.load(ctx, z)
	if err == nil && s.horizon.hides(at) { // it changed since the feed was read
		return s.serveThen(ctx, into, z)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil // deleted and purged meanwhile; the feed will say so
	}
	if err != nil {
		return fmt.Errorf("loading zone %s: %w", z.Name, err)
	}
	into.Put(contents)
	s.remember(z.Name, versionOf(z, at), true)
	return nil
}

// has returns what the nameserver has of a zone.
func (s *serving) has(name zone.Name) (have version, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	have, known = s.served[name.Canonical()]
	return have, known
}

func (s *serving) remember(name zone.Name, v version, live bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noteServed(name, v, live)
}

// noteServed is remember; s.mu is held.
func (s *serving) noteServed(name zone.Name, v version, live bool) {
	name = name.Canonical()
	s.changed++
	s.list.Changed(name, s.served[name].life(), v.life())
	if live {
		s.served[name] = v
	} else {
		delete(s.served, name)
	}
}

// dropDeleted stops serving zones that are gone from the store, whose
// tombstones a new epoch may not have.
func (s *serving) dropDeleted(ctx context.Context, into nameserver.Updater) error {
	sees := s.sees()
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
		if err != nil || z.Deleted && !sees.hides(z.Revision) {
			into.Drop(name)
			s.list.Changed(name, v.life(), listing.Life{})
		}
	}
	return nil
}
