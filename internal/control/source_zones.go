package control

import (
	"context"
	"errors"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// removeZones makes of a removed source's zones what was chosen, one change each.
func (c *Control) removeZones(ctx context.Context, actor skein.Actor, in RemoveSource) error {
	if in.Zones != skein.ZonesHanded && in.Zones != skein.ZonesRecycle {
		return nil
	}
	for after := zone.Name(""); ; {
		list, err := c.Store.List(ctx, store.ListQuery{Origin: in.Name, After: after, Limit: maxLimit})
		if err != nil || len(list) == 0 {
			return err
		}
		for _, z := range list {
			if err := c.removeZone(ctx, actor, in, z.Name); err != nil {
				return err
			}
		}
		after = list[len(list)-1].Name
	}
}

// removeZone hands over or recycles one zone, if it is still the source's.
func (c *Control) removeZone(ctx context.Context, actor skein.Actor, in RemoveSource, name zone.Name) error {
	action := zoneTakeover
	if in.Zones == skein.ZonesRecycle {
		action = zoneDelete
	}
	_, err := c.mutate(ctx, mutation{change: skein.Change{Actor: actor, Action: action, Zone: name},
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			z, err := c.Store.Zone(ctx, name)
			if errors.Is(err, store.ErrNotFound) || err == nil && z.Origin != in.Name {
				return proposal{}, nil
			}
			if err != nil {
				return proposal{}, err
			}
			change.ZoneID = z.ID
			if in.Zones == skein.ZonesHanded {
				k, err := c.known(ctx)
				if err != nil {
					return proposal{}, err
				}
				return c.proposeHandOver(ctx, k, change, z, in.To)
			}
			return c.proposeDeletion(ctx, change, DeleteZone{Name: name, released: true, resolved: true})
		},
	})
	return err
}

// removeOverlays makes of the overlays of a removed source what becomes of its
// zones: with these they are handed over, or they end.
func (c *Control) removeOverlays(ctx context.Context, actor skein.Actor, in RemoveSource) error {
	if in.Zones != skein.ZonesHanded && in.Zones != skein.ZonesRecycle {
		return nil
	}
	last := zone.Name("")
	return c.eachOverlayOf(ctx, in.Name, func(name zone.Name) error {
		if name == last { // they come zone by zone, and go in one change a zone
			return nil
		}
		last = name
		return c.removeOverlaysIn(ctx, actor, in, name)
	})
}

func (c *Control) removeOverlaysIn(ctx context.Context, actor skein.Actor, in RemoveSource, name zone.Name) error {
	action := overlayAdopt
	if in.Zones == skein.ZonesRecycle {
		action = overlayDrop
	}
	_, err := c.mutate(ctx, mutation{change: skein.Change{Actor: actor, Action: action, Zone: name},
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			z, err := c.Store.Zone(ctx, name)
			if errors.Is(err, store.ErrNotFound) {
				return proposal{}, nil
			}
			if err != nil {
				return proposal{}, err
			}
			change.ZoneID = z.ID
			l, err := c.overlaysOf(ctx, z, nil)
			if err != nil {
				return proposal{}, err
			}
			o, err := l.inherit(in.Name, in.To, z.Origin, in.Zones == skein.ZonesHanded)
			if err != nil {
				return proposal{}, err
			}
			if _, err := zone.ValidateNames(o.over, o.names(), zone.Tolerant); err != nil {
				o = layered{over: l.over} // what lies beneath does not fit any more: they stay
			}
			return c.proposeLayered(z, l, o, 0, *change), nil
		},
	})
	return err
}

// inherit gives the overlays of a source to another, or ends them.
func (l layers) inherit(from, to, origin string, handed bool) (layered, error) {
	o := layered{over: l.over}
	var ends []setKey
	for _, key := range l.keys() {
		s := l.stamps[key]
		if s.Source != from {
			continue
		}
		if !handed {
			ends = append(ends, key)
			continue
		}
		if s.Source = to; to == origin {
			s.Source, s.Hidden = "", nil
		}
		o.stamps = append(o.stamps, s)
	}
	if handed {
		return o, nil
	}
	return l.drop(ends)
}

func (c *Control) eachOverlayOf(ctx context.Context, source string, do func(zone.Name) error) error {
	for after := (store.ZoneStamp{}); ; {
		stamps, err := c.Store.StampsOf(ctx, store.StampQuery{Source: source, After: after, Limit: maxLimit})
		if err != nil || len(stamps) == 0 {
			return err
		}
		for _, s := range stamps {
			if err := do(s.Zone); err != nil {
				return err
			}
		}
		after = stamps[len(stamps)-1]
	}
}
