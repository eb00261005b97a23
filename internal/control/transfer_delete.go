package control

import (
	"context"
	"errors"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// DeleteTransferZone says that a source does not list a zone any more. If it is
// that one's, that is a deletion as any other: it may be held, and another
// source's version may take the zone's place. The zone is transferred until it is gone.
func (c *Control) DeleteTransferZone(ctx context.Context, actor skein.Actor, name zone.Name) (err error) {
	change := c.aside(actor, transferDelete, string(name))
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.admitZones(ctx, actor, []skein.TransferZone{{Name: name}})
	if err != nil {
		return err
	}
	asks, err := c.transferZone(ctx, name, actor.Source)
	if skein.KindOf(err) == skein.KindNotFound {
		asks, err = c.firstTransferZone(ctx, k, actor, name)
	}
	if err != nil {
		return err
	}
	// It is the source that gives the zone up, whoever says so.
	as := skein.Actor{Name: actor.Name, Door: actor.Door, Source: asks.Source}
	if err := c.giveUp(ctx, as, name); err != nil {
		return err
	}
	err = c.Store.DeleteTransferZone(ctx, name, asks.Source)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	// Its first transfer may have come in between; none comes from now on.
	if err := c.giveUp(ctx, as, name); err != nil {
		return err
	}
	if c.Intake == nil {
		return nil
	}
	return c.Intake.RemoveZone(name, asks.Source)
}

// giveUp deletes a zone that is the actor's, or what it sent for another's.
func (c *Control) giveUp(ctx context.Context, actor skein.Actor, name zone.Name) error {
	z, err := c.Store.Zone(ctx, name)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && z.Origin != actor.Source:
		ids, err := c.outdated(ctx, name, actor.Source)
		if err != nil {
			return err
		}
		return c.dropAll(ctx, ids)
	case err != nil:
		return err
	}
	_, err = c.DeleteZone(ctx, actor, DeleteZone{Name: name})
	if skein.KindOf(err) == skein.KindNotFound {
		return nil
	}
	return err
}

// listedAgain ends deletions that wait of zones that their source lists again.
func (c *Control) listedAgain(ctx context.Context, source string, zones []skein.TransferZone) error {
	q := store.WaitingQuery{Kinds: []string{skein.WaitingHold}, Source: source, Limit: maxLimit}
	if len(zones) == 1 {
		q.Zone = zones[0].Name
	}
	again := make(map[zone.Name]bool, len(zones))
	for _, z := range zones {
		again[z.Name.Canonical()] = true
	}
	for {
		rows, err := c.Store.Waiting(ctx, q)
		if err != nil || len(rows) == 0 {
			return err
		}
		var ids []int64
		for _, row := range rows {
			q.After = row.ID
			if row.Action == zoneDelete && again[row.Zone.Canonical()] {
				ids = append(ids, row.ID)
			}
		}
		if err := c.dropAll(ctx, ids); err != nil {
			return err
		}
	}
}
