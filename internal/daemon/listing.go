package daemon

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/zone"
)

// listingPause is between two versions of a catalog. It makes that the serial
// can be the time: one version a second at most, none in the second of the
// start, so that none is ever ahead of the clock or has the serial of another,
// also after a restart, and nothing of it has to be kept.
const listingPause = time.Second

// listing keeps a catalog zone (RFC 9432) of what is served. Its methods may
// be called on nil, which lists nothing.
type listing struct {
	origin zone.Name
	log    *slog.Logger

	mu      sync.Mutex          // owns the group
	pending map[zone.Name]lives // zones that something happened to since the last version
	wake    chan struct{}
}

// lives is what a zone was and what it is: the names of its lives (see
// catalog.ID), "" if it was or is not there.
type lives struct{ before, after string }

func newListing(origin zone.Name, log *slog.Logger) *listing {
	return &listing{origin: origin.Canonical(), log: log, pending: map[zone.Name]lives{}, wake: make(chan struct{}, 1)}
}

// changed notes what became of a zone.
func (l *listing) changed(name zone.Name, before, after string) {
	if l == nil || name.Canonical() == l.origin {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	name = name.Canonical()
	if earlier, ok := l.pending[name]; ok {
		before = earlier.before
	}
	l.pending[name] = lives{before, after}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run publishes the catalog, first when all zones are loaded: one that lists
// only some would have consumers delete the others.
func (l *listing) run(ctx context.Context, into nameserver.Updater, loaded <-chan struct{}) error {
	if l == nil {
		return nil
	}
	contents, err := catalog.Empty(l.origin, 0)
	if err != nil {
		return err
	}
	pause := time.After(listingPause)
	select {
	case <-loaded:
	case <-ctx.Done():
		return nil
	}
	for first := true; ; first = false {
		select {
		case <-pause:
		case <-ctx.Done():
			return nil
		}
		next, err := l.next(contents)
		switch {
		case err != nil: // a bug: consumers go on with what they have
			l.log.Error("the catalog cannot be made", "catalog", l.origin, "err", err)
		case first || !zone.Diff(contents, next).IsZero():
			soa, _ := contents.SOA()
			contents = next.WithSerial(zone.SerialUnix.Next(soa.Serial, time.Now()))
			into.Put(contents)
		}
		pause = time.After(listingPause)
		select {
		case <-l.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

// next makes contents list what became of the zones.
func (l *listing) next(contents zone.Contents) (zone.Contents, error) {
	l.mu.Lock()
	pending := l.pending
	l.pending = map[zone.Name]lives{}
	l.mu.Unlock()
	changes := make([]catalog.Change, 0, len(pending))
	for name, x := range pending {
		changes = append(changes, catalog.Change{Before: listed(name, x.before), After: listed(name, x.after)})
	}
	d, err := catalog.Edit(contents, changes...)
	if err != nil {
		return contents, err
	}
	return contents.Apply(d)
}

func listed(name zone.Name, life string) *catalog.Member {
	if life == "" {
		return nil
	}
	return &catalog.Member{ID: catalog.ID(name, life), Zone: name}
}

// fileLife is the life of every zone from a file: a file that is replaced
// holds the same zone.
const fileLife = "file"

// listingUpdater feeds a nameserver and lists what it is fed with, broken or
// not: what is broken is not gone.
type listingUpdater struct {
	nameserver.Updater
	list *listing
}

// Put implements nameserver.Updater.
func (u listingUpdater) Put(c zone.Contents) {
	if c.Origin().Canonical() == u.list.origin {
		u.list.log.Error("a zone has the name of the catalog and is left out", "zone", c.Origin())
		return
	}
	u.Updater.Put(c)
	u.list.changed(c.Origin(), fileLife, fileLife)
}

// Fail implements nameserver.Updater.
func (u listingUpdater) Fail(name zone.Name) {
	if name.Canonical() == u.list.origin {
		return
	}
	u.Updater.Fail(name)
	u.list.changed(name, fileLife, fileLife)
}

// Drop implements nameserver.Updater.
func (u listingUpdater) Drop(name zone.Name) {
	if name.Canonical() == u.list.origin {
		return
	}
	u.Updater.Drop(name)
	u.list.changed(name, fileLife, "")
}
