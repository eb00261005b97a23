package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/zone"
)

// list is a catalog of a source.
type list struct {
	ref secondary.Ref

	mu      sync.Mutex           // owns the rest
	read    *catalog.Catalog     // nil: not since the start, or it could not be applied wholly
	refused map[zone.Name]string // members that are not as the catalog says → why

	leaving int // deletions that wait for a person since it was applied last; owned by Intake.applying
}

func newList(ref secondary.Ref) *list { return &list{ref: ref, refused: map[zone.Name]string{}} }

func (i *Intake) list(ref secondary.Ref) *list {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.lists[ref]
}

// have returns the contents that were read, if they have a serial.
func (l *list) have(serial uint32) zone.Contents {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read == nil {
		return zone.Contents{}
	}
	if soa, ok := l.read.Contents().SOA(); !ok || soa.Serial != serial {
		return zone.Contents{}
	}
	return l.read.Contents()
}

// get returns the member of a zone; known is false while the catalog was not read.
func (l *list) get(name zone.Name) (m catalog.Member, listed, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read == nil {
		return m, false, false
	}
	m, listed = l.read.Get(name)
	return m, listed, true
}

// refuse notes why a member is not as the catalog says; "" that it is.
func (l *list) refuse(name zone.Name, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if why == "" {
		delete(l.refused, name)
	} else {
		l.refused[name] = why
	}
}

// problem says how many members are not as the catalog says, and one reason.
func (l *list) problem() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.refused) == 0 {
		return ""
	}
	first := slices.Min(slices.Collect(maps.Keys(l.refused)))
	return fmt.Sprintf("%d of its zones are not as it says, such as %s: %s", len(l.refused), first, l.refused[first])
}

// takeList takes a version of a catalog. A broken one changes nothing; what is
// refused of single zones does not hold up the others.
func (i *Intake) takeList(ctx context.Context, l *list, t secondary.Taken) error {
	i.applying.Lock()
	defer i.applying.Unlock()
	changes, err := i.compare(ctx, l, t.Contents)
	if errors.Is(err, catalog.ErrBroken) {
		return fmt.Errorf("%w: %w", secondary.ErrNotTaken, err)
	}
	if err == nil {
		err = i.apply(ctx, l, changes)
	}
	if err != nil { // some may be applied: the next attempt compares all of it
		l.set(nil)
		return fmt.Errorf("doing what the catalog %s says: %w", l.ref.Name, err)
	}
	if len(changes) > 0 {
		i.log.Info("a catalog was applied", "catalog", l.ref, "serial", t.State.SOA.Serial, "zones", len(changes), "problem", l.problem())
	}
	return nil
}

// compare returns what a version of a catalog changes: from the one before, or
// from what is asked for on its behalf. The caller holds applying.
func (i *Intake) compare(ctx context.Context, l *list, contents zone.Contents) ([]catalog.Change, error) {
	if changes, followed, err := l.follow(contents); followed {
		return changes, err
	}
	read, err := catalog.Read(contents)
	if err != nil {
		return nil, err
	}
	changes, err := i.compareAsked(ctx, l.ref, read)
	if err == nil {
		l.set(read)
	}
	return changes, err
}

// follow goes on from the version that was read; false if none was.
func (l *list) follow(contents zone.Contents) (changes []catalog.Change, followed bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read == nil {
		return nil, false, nil
	}
	changes, err = l.read.Follow(contents)
	return changes, true, err
}

func (l *list) set(read *catalog.Catalog) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = read
}

func (i *Intake) compareAsked(ctx context.Context, ref secondary.Ref, read *catalog.Catalog) (changes []catalog.Change, err error) {
	before := map[zone.Name]catalog.Member{}
	q := control.TransferQuery{Source: ref.Source, Catalog: ref.Name, Limit: addAtOnce}
	for {
		rows, err := i.gate.TransferZones(ctx, actorOf(ref.Source), q)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			name := row.Name.Canonical()
			m := catalog.Member{ID: row.Label, Zone: name, Groups: []string{row.Group}}
			if _, listed := read.Get(name); !listed {
				changes = append(changes, catalog.Change{Before: &m})
				continue
			}
			before[name] = m
		}
		if len(rows) < addAtOnce {
			break
		}
		q.After = rows[len(rows)-1]
	}
	for m := range read.All() {
		was, there := before[m.Zone]
		switch {
		case !there:
			changes = append(changes, catalog.Change{After: &m})
		case was.ID != m.ID || was.Groups[0] != groupOf(m) || m.Owner != "":
			changes = append(changes, catalog.Change{Before: &was, After: &m})
		}
	}
	return changes, nil
}

// groupOf is a member's groups as they are kept with the zone.
func groupOf(m catalog.Member) string { return strings.Join(m.Groups, " ") }
