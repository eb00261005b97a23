package secondary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/zone"
)

// follower is a consumer of catalog zones (RFC 9432): a folder's zones are
// what they list. Catalogs themselves are not served, and are kept in a set of
// their own, so that another version of one never waits behind the zones that
// the last one listed.
type follower struct {
	*Set
	folder *Folder
	log    *slog.Logger
	path   string // of the versions that were applied last

	mu      sync.Mutex // owns the rest
	read    map[zone.Name]*catalog.Catalog
	applied map[zone.Name]State
}

// versionsFile holds what was applied last of each catalog, so that a restart
// neither reads it again nor goes back to an older version.
const versionsFile = "catalogs.json"

func newFollower(f *Folder, o FolderOptions) *follower {
	l := &follower{folder: f, log: f.log, path: filepath.Join(o.Dir, versionsFile), read: map[zone.Name]*catalog.Catalog{}, applied: map[zone.Name]State{}}
	text, err := os.ReadFile(l.path)
	if err == nil {
		err = json.Unmarshal(text, &l.applied)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // then all of them are read
		l.log.Error("what was applied of catalogs cannot be read", "file", l.path, "err", err)
	}
	o.Options.Keeper, o.Options.Older = l, false
	l.Set = New(o.Options)
	peers := f.peers(Setup{Catalog: "."})
	for name := range f.catalogs {
		l.Put(Ref{Name: name}, peers, l.applied[name], time.Time{})
	}
	for name := range l.applied {
		if !f.catalogs[name] {
			delete(l.applied, name)
		}
	}
	return l
}

// Recall implements Keeper.
func (l *follower) Recall(context.Context, Ref) State { return State{} }

// Have implements Keeper.
func (l *follower) Have(_ context.Context, z Ref, serial uint32) zone.Contents {
	l.mu.Lock()
	defer l.mu.Unlock()
	read := l.read[z.Name.Canonical()]
	if read == nil {
		return zone.Contents{}
	}
	if soa, ok := read.Contents().SOA(); !ok || soa.Serial != serial {
		return zone.Contents{}
	}
	return read.Contents()
}

// Take implements Keeper: the folder keeps what is listed. A broken catalog
// changes nothing (RFC 9432 section 5.1).
func (l *follower) Take(_ context.Context, t Taken) error {
	name := t.Name.Canonical()
	changes, err := l.compare(name, t.Contents)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotTaken, err)
	}
	did, err := l.folder.follow(name, changes)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil { // some is done: the next attempt compares all of it
		delete(l.read, name)
		return fmt.Errorf("doing what the catalog says: %w", err)
	}
	if did > 0 {
		l.log.Info("a catalog was applied", "catalog", name, "serial", t.State.SOA.Serial, "zones", did)
	}
	l.applied[name] = t.State
	return l.keep()
}

// keep notes what was applied. mu is held.
func (l *follower) keep() error {
	text, err := json.Marshal(l.applied)
	if err != nil {
		return err
	}
	return replaceFile(l.path, text)
}

// compare returns what a version of a catalog says otherwise than the one
// before, or all that it says if none was read.
func (l *follower) compare(name zone.Name, c zone.Contents) ([]catalog.Change, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before := l.read[name]; before != nil {
		return before.Follow(c)
	}
	read, err := catalog.Read(c)
	if err != nil {
		return nil, err
	}
	l.read[name] = read
	var changes []catalog.Change
	for _, m := range l.folder.listed(name) {
		if _, stays := read.Get(m.Zone); !stays {
			changes = append(changes, catalog.Change{Before: &m})
		}
	}
	for m := range read.All() {
		changes = append(changes, catalog.Change{After: &m})
	}
	return changes, nil
}

// gives reports whether a catalog lets go of a zone to another (RFC 9432
// section 4.3.1), or does not list it.
func (l *follower) gives(from, to, name zone.Name) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	read := l.read[from]
	if read == nil {
		return false
	}
	m, listed := read.Get(name)
	return !listed || m.Owner == to
}

// lister returns a catalog that lists a zone, but for one.
func (l *follower) lister(name, but zone.Name) (catalog zone.Name, m catalog.Member, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for origin, read := range l.read {
		if origin == but {
			continue
		}
		if m, ok = read.Get(name); ok {
			return origin, m, true
		}
	}
	return "", m, false
}

// Settled implements Keeper.
func (l *follower) Settled(context.Context, Ref, State) bool { return true }

// Confirm implements Keeper.
func (l *follower) Confirm(context.Context, Ref, State) error { return nil }

// Expire implements Keeper: what an expired catalog listed stays (RFC 9432 section 5.1).
func (l *follower) Expire(Ref) {}
