package intake

import (
	"context"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/zone"
)

// catalogOf returns the catalog by which a source asks for a zone: "" if by
// none, or not at all.
func (i *Intake) catalogOf(from string, name zone.Name) zone.Name {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := i.sources[from]
	if s == nil {
		return ""
	}
	return s.zones[name].catalog
}

// mayList reports whether a zone may be a catalog's. A name that the source
// asks for already stays with what has it (RFC 9432 section 5.2), unless that
// is a catalog which gives it away (section 4.3.1). Whose the zone is among
// several sources is not judged here, but where its contents come in.
func (i *Intake) mayList(ctx context.Context, l *list, m catalog.Member) (bool, error) {
	i.mu.Lock()
	s := i.sources[l.ref.Source]
	if s == nil || i.lists[l.ref] != l {
		i.mu.Unlock()
		return false, context.Canceled // the source, or its catalog, was removed
	}
	a, there := s.zones[m.Zone]
	self := i.lists[secondary.Ref{Name: m.Zone, Source: l.ref.Source}] != nil
	i.mu.Unlock()
	switch {
	case self:
		l.refuse(m.Zone, "it is a catalog itself")
		return false, nil
	case there && a.catalog == l.ref.Name:
		return true, nil
	case there && a.catalog == "":
		l.refuse(m.Zone, "the source asks for it by other means than a catalog")
		return false, nil
	case there:
		return i.given(secondary.Ref{Name: a.catalog, Source: l.ref.Source}, l, m.Zone), nil
	}
	return true, i.takeOver(ctx, l, m.Zone)
}

// given reports whether the catalog that has a zone gives it to another.
func (i *Intake) given(from secondary.Ref, to *list, name zone.Name) bool {
	owner := i.list(from)
	if owner == nil { // not a catalog of the source any more
		return true
	}
	m, listed, known := owner.get(name)
	switch {
	case known && (!listed || m.Owner == to.ref.Name):
		return true
	case !known:
		i.set.Refresh(from, true) // and then it offers what it gives away
	}
	to.refuse(name, fmt.Sprintf("the catalog %s lists it as well, and does not give it away (coo)", from.Name))
	return false
}

// offer tells the catalog that a zone is given to. It may list it already: then
// it could not have it before.
func (i *Intake) offer(m catalog.Member) {
	i.mu.Lock()
	var to []*list
	for ref, l := range i.lists {
		if ref.Name == m.Owner {
			to = append(to, l)
		}
	}
	i.mu.Unlock()
	for _, l := range to {
		_, listed, known := l.get(m.Zone)
		switch {
		case !known:
			i.set.Refresh(l.ref, true)
		case listed:
			l.refuse(m.Zone, "the catalog that had it gives it away now")
			i.set.Refresh(l.ref, false) // which tries again
		}
	}
}

// takeOver makes a zone of another source this one's, where a catalog of that
// one gives it to this one's catalog.
func (i *Intake) takeOver(ctx context.Context, l *list, name zone.Name) error {
	i.mu.Lock()
	var others []*list
	for ref, other := range i.lists {
		if s := i.sources[ref.Source]; ref.Source != l.ref.Source && s != nil && s.zones[name].catalog == ref.Name {
			others = append(others, other)
		}
	}
	i.mu.Unlock()
	for _, other := range others {
		m, listed, _ := other.get(name)
		if !listed || m.Owner != l.ref.Name {
			continue
		}
		_, err := i.gate.TakeOver(ctx, both(other, l), control.TakeOver{Name: name, To: l.ref.Source})
		if err == nil {
			err = i.gate.DeleteTransferZone(ctx, actorOf(other.ref.Source), name)
		}
		if err != nil && !decided(err) {
			return err
		}
		if err != nil { // then its contents come as a conflict
			i.log.Warn("a zone is not handed over between catalogs", "zone", name, "from", other.ref, "to", l.ref, "err", err)
		}
	}
	return nil
}

// both is who hands a zone over that one catalog gives away and the other
// lists: administrators have said that this node does what the two say.
func both(from, to *list) skein.Actor {
	return skein.Actor{Name: fmt.Sprintf("catalogs %s and %s", from.ref.Name, to.ref.Name), Door: skein.DoorTransfer, Admin: true}
}
