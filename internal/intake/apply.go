package intake

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/zone"
)

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
