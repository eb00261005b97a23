package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Overlays returns the RRsets of a zone that are not its origin's, and what of
// the origin's they hide, in canonical order.
func (c *Control) Overlays(ctx context.Context, actor skein.Actor, name zone.Name) ([]skein.Overlay, error) {
	return c.OverlaysAt(ctx, actor, name, nil)
}

// OverlaysAt returns those at some names, nil for all: a part of a large zone
// costs what it holds.
func (c *Control) OverlaysAt(ctx context.Context, actor skein.Actor, name zone.Name, names []zone.Name) ([]skein.Overlay, error) {
	for range tries {
		z, err := c.Zone(ctx, actor, name)
		if err != nil {
			return nil, err
		}
		l, err := c.overlaysOf(ctx, z, names)
		if errors.Is(err, errMoved) {
			continue
		}
		if err != nil {
			return nil, err
		}
		l = l.unlifted()
		list := make([]skein.Overlay, 0, len(l.stamps))
		for _, key := range l.keys() {
			list = append(list, l.shown(key))
		}
		return list, nil
	}
	return nil, &skein.Error{Kind: skein.KindUnavailable, What: fmt.Sprintf("zone %s is being changed all the time", name), Mend: "try again"}
}

// shown is an overlay in presentation form.
func (l layers) shown(key setKey) skein.Overlay {
	s := l.stamps[key]
	o := skein.Overlay{Name: string(s.Name), Type: s.Type.String(), Source: s.Source}
	if set, there := l.at(key); there {
		r := skein.RecordSetOf(set)
		o.TTL, o.Data = r.TTL, r.Data
	} else {
		o.Absent = true
	}
	if s.Hidden != nil {
		r := skein.RecordSetOf(*s.Hidden)
		o.Hidden = &r
	}
	return o
}

// overlaysOf returns the layers of a zone at names, nil for all where it has
// overlays: what is read follows these, not the zone.
func (c *Control) overlaysOf(ctx context.Context, z skein.Zone, names []zone.Name) (layers, error) {
	if names != nil {
		names = append(slices.Clip(names), z.Name)
	}
	stamps, err := c.Store.Owners(ctx, z.ID, names, 0)
	if err != nil {
		return layers{}, err
	}
	for _, s := range stamps {
		if !slices.ContainsFunc(names[max(0, len(names)-1):], s.Name.Equal) { // they come in order
			names = append(names, s.Name)
		}
	}
	sets, at, err := c.Store.Nodes(ctx, z.ID, append(names, z.Name))
	if errors.Is(err, store.ErrNotFound) || err == nil && at != z.Revision {
		return layers{}, errMoved
	}
	if err != nil {
		return layers{}, err
	}
	over, err := zone.NewContents(z.Name, sets)
	return newLayers(over, stamps), err
}

// EndOverlay drops or adopts overlays. Whose zone it is may end all, a source may
// drop its own.
func (c *Control) EndOverlay(ctx context.Context, actor skein.Actor, in EndOverlay) (Result, error) {
	action := overlayDrop
	if in.Adopt {
		action = overlayAdopt
	}
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: action, Zone: in.Zone}, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			k, z, err := c.present(ctx, change)
			if err != nil {
				return proposal{}, err
			}
			if err := expected(z, in.Expect); err != nil {
				return proposal{}, err
			}
			return c.proposeEnd(ctx, k, *change, in, z)
		},
	})
}

func (c *Control) proposeEnd(ctx context.Context, k auth.Known, change skein.Change, in EndOverlay, z skein.Zone) (proposal, error) {
	if in.Name == "" {
		return proposal{}, invalid("no overlay was named", "skein zone overlay list shows those that there are")
	}
	l, err := c.overlaysOf(ctx, z, []zone.Name{in.Name})
	if err != nil {
		return proposal{}, err
	}
	var keys []setKey
	for _, key := range l.keys() {
		if s := l.stamps[key]; in.Type == 0 || in.Type == s.Type {
			if !k.Reaches(change.Actor, z.Owner) && (s.Source != change.Actor.Source || in.Adopt) {
				return proposal{}, notToEnd(k, change.Actor, z, s)
			}
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 && in.Name.Equal(z.Name) && len(l.lift.stamps) > 0 {
		return proposal{}, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("the nameservers of zone %s are those of its pool", z.Name),
			Mend: "change the pool's rule: skein pool edit"}
	}
	if len(keys) == 0 {
		return proposal{}, nothing("there is no such overlay at %s", in.Name)
	}
	if in.Adopt {
		o := layered{over: l.over}
		for _, key := range keys {
			o.stamps = append(o.stamps, store.Stamp{Name: l.stamps[key].Name, Type: key.t})
		}
		return c.proposeLayered(z, l, o, 0, change), nil
	}
	o, err := l.drop(keys)
	if err != nil {
		return proposal{}, err
	}
	if _, err := zone.ValidateNames(o.over, []zone.Name{in.Name}, zone.Tolerant); err != nil {
		return proposal{}, invalidEdit(z.Name, err)
	}
	return c.proposeLayered(z, l, o, 0, change), nil
}

// notToEnd refuses the end of another's overlay: to whom may not read the zone
// it does not exist.
func notToEnd(k auth.Known, actor skein.Actor, z skein.Zone, s store.Stamp) error {
	if !k.Reads(actor, z) && s.Source != actor.Source {
		return noZone(z.Name)
	}
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("%s %s is an overlay of the source %q", s.Name, s.Type, s.Source),
		Mend: "a source may drop its own overlays; let an administrator do it"}
}
