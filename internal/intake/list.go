package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/skein-dns/skein"
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
		l.mu.Lock()
		l.read = nil
		l.mu.Unlock()
		return fmt.Errorf("doing what the catalog %s says: %w", l.ref.Name, err)
	}
	if len(changes) > 0 {
		i.log.Info("a catalog was applied", "catalog", l.ref, "serial", t.State.SOA.Serial, "zones", len(changes), "problem", l.problem())
	}
	return nil
}

// compare returns what a version of a catalog changes: from the one before, or
// from what is asked for on its behalf.
func (i *Intake) compare(ctx context.Context, l *list, contents zone.Contents) ([]catalog.Change, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read != nil {
		return l.read.Follow(contents)
	}
	read, err := catalog.Read(contents)
	if err != nil {
		return nil, err
	}
	changes, err := i.compareAsked(ctx, l.ref, read)
	if err == nil {
		l.read = read
	}
	return changes, err
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

// addAtOnce is how many zones are asked for in one call.
const addAtOnce = 1000

// apply does what changed in a catalog. An error is trouble of our own; what
// the gate refuses is noted.
func (i *Intake) apply(ctx context.Context, l *list, changes []catalog.Change) error {
	var add []skein.TransferZone
	var anew []secondary.Ref
	l.leaving = 0
	for _, c := range changes {
		if c.After == nil {
			if err := i.unlist(ctx, l, c.Before.Zone); err != nil {
				return err
			}
			continue
		}
		if c.After.Owner != "" {
			i.offer(*c.After)
		}
		ok, err := i.mayList(ctx, l, *c.After)
		if err != nil {
			return err
		}
		if ok {
			add = append(add, skein.TransferZone{Name: c.After.Zone, Source: l.ref.Source, Label: c.After.ID, Catalog: l.ref.Name, Group: groupOf(*c.After)})
		}
		if c.Before != nil && c.Before.ID != c.After.ID {
			anew = append(anew, secondary.Ref{Name: c.After.Zone, Source: l.ref.Source})
		}
		if len(add) == addAtOnce {
			if err := i.ask(ctx, l, add); err != nil {
				return err
			}
			add = add[:0]
		}
	}
	if err := i.ask(ctx, l, add); err != nil {
		return err
	}
	for _, ref := range anew { // RFC 9432 section 5.6
		i.set.Refresh(ref, true)
	}
	return nil
}

// ask has zones transferred from now on: all of them or, where one of them is
// refused, each that is not.
func (i *Intake) ask(ctx context.Context, l *list, zones []skein.TransferZone) error {
	if len(zones) == 0 {
		return nil
	}
	_, err := i.gate.AddTransferZones(ctx, actorOf(l.ref.Source), zones)
	switch {
	case err != nil && !decided(err):
		return err
	case err != nil && len(zones) > 1:
		for n := range zones {
			if err := i.ask(ctx, l, zones[n:n+1]); err != nil {
				return err
			}
		}
		return nil
	case err != nil:
		l.refuse(zones[0].Name, told(err))
		return nil
	}
	for _, z := range zones {
		l.refuse(z.Name, "")
	}
	return nil
}

// unlist ends a zone that a catalog lists no more, if it came by that one (RFC
// 9432 section 5.3). While its deletion waits for a person it stays as it is:
// its primary may have it no more.
func (i *Intake) unlist(ctx context.Context, l *list, name zone.Name) error {
	l.refuse(name, "")
	if i.catalogOf(l.ref.Source, name) != l.ref.Name {
		return nil
	}
	err := i.gate.DeleteTransferZone(ctx, actorOf(l.ref.Source), name)
	switch {
	case err == nil, skein.KindOf(err) == skein.KindNotFound:
		return nil
	case skein.KindOf(err) == skein.KindUnavailable && l.leaving > 0: // more than may wait
	case !decided(err):
		return err
	}
	l.refuse(name, told(err))
	l.leaving++
	i.leave(l.ref.Source, name)
	return nil
}

// leave has a zone left alone.
func (i *Intake) leave(from string, name zone.Name) {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := i.sources[from]
	if s == nil {
		return
	}
	if a, ok := s.zones[name]; ok {
		a.leaving = true
		s.zones[name] = a
		i.put(s, a)
		ref := secondary.Ref{Name: name, Source: from}
		st, _ := i.set.Look(ref)
		i.states.note(ref, st.State, true)
	}
}

// tryAgain looks whether what was refused of a catalog's zones is taken now.
// Deletions are not asked for again: a person may have decided.
func (i *Intake) tryAgain(ctx context.Context, l *list) error {
	i.applying.Lock()
	defer i.applying.Unlock()
	l.mu.Lock()
	var changes []catalog.Change
	for name := range l.refused {
		if l.read == nil {
			break
		}
		if m, ok := l.read.Get(name); ok {
			changes = append(changes, catalog.Change{After: &m})
		}
	}
	l.mu.Unlock()
	return i.apply(ctx, l, changes)
}
