package daemon

import (
	"log/slog"
	"time"

	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/zone"
)

// Each implements listing.Lives. What could not be loaded is there as well.
func (s *serving) Each(yield func(zone.Name, listing.Life)) {
	sees := s.sees()
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.failed {
		if _, served := s.served[name]; !served {
			yield(name, s.life(name, sees))
		}
	}
	for name := range s.served {
		yield(name, s.life(name, sees))
	}
}

// Life implements listing.Lives.
func (s *serving) Life(name zone.Name) listing.Life {
	sees := s.sees()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life(name.Canonical(), sees)
}

// life is what a zone is to catalogs. s.mu is held.
func (s *serving) life(name zone.Name, sees horizon) listing.Life {
	if e, failed := s.failed[name]; failed && !sees.hides(e.Revision) {
		return versionOf(e.Zone, e.Revision).life()
	}
	return s.served[name].life()
}

// folderListing is the catalog of all zones of a folder.
func folderListing(origin zone.Name, into listing.Updater, log *slog.Logger) *listing.Set {
	l := listing.New(nil, into, time.Now(), log)
	l.Keep([]listing.Catalog{{Origin: origin}})
	return l
}

// fileLife is the life of every zone from a file: a file that is replaced
// holds the same zone.
var fileLife = listing.Life{ID: "file"}

// listingUpdater feeds a nameserver and lists what it is fed with, broken or
// not: what is broken is not gone.
type listingUpdater struct {
	nameserver.Updater
	list   *listing.Set
	origin zone.Name // of the catalog
	log    *slog.Logger
}

// Put implements nameserver.Updater.
func (u listingUpdater) Put(c zone.Contents) {
	if c.Origin().Equal(u.origin) {
		u.log.Error("a zone has the name of the catalog and is left out", "zone", c.Origin())
		return
	}
	u.Updater.Put(c)
	u.list.Changed(c.Origin(), listing.Life{}, fileLife)
}

// Fail implements nameserver.Updater.
func (u listingUpdater) Fail(name zone.Name) {
	if name.Equal(u.origin) {
		return
	}
	u.Updater.Fail(name)
	u.list.Changed(name, listing.Life{}, fileLife)
}

// Drop implements nameserver.Updater.
func (u listingUpdater) Drop(name zone.Name) {
	if name.Equal(u.origin) {
		return
	}
	u.Updater.Drop(name)
	u.list.Changed(name, fileLife, listing.Life{})
}
