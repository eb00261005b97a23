package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// DeleteZone deletes a zone here and on every member. Its history is kept, and
// its serial is remembered. Where a version of exactly one other source waits,
// and the origin itself deletes, that becomes the zone instead.
func (c *Control) DeleteZone(ctx context.Context, actor skein.Actor, in DeleteZone) (Result, error) {
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: zoneDelete, Zone: in.Name},
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			return c.proposeDeletion(ctx, change, in)
		},
	})
}

func (c *Control) proposeDeletion(ctx context.Context, change *skein.Change, in DeleteZone) (proposal, error) {
	change.Action, change.ZoneID = zoneDelete, ""
	mine, err := c.outdated(ctx, in.Name, originOf(change.Actor))
	if err != nil {
		return proposal{}, err
	}
	z, err := c.Store.Zone(ctx, in.Name)
	if errors.Is(err, store.ErrNotFound) && len(mine) > 0 && in.Expect == nil {
		return withdrawn(in.Name, mine), nil
	}
	if errors.Is(err, store.ErrNotFound) {
		return proposal{}, noZone(in.Name)
	}
	if err != nil {
		return proposal{}, err
	}
	k, err := c.known(ctx)
	if err != nil {
		return proposal{}, err
	}
	if strange(k, change.Actor, z) && len(mine) == 0 && !in.resolved {
		return proposal{}, noZone(in.Name)
	}
	if !strange(k, change.Actor, z) {
		change.ZoneID = z.ID
	}
	way := k.WayOf(change.Actor, z)
	if (way == auth.Nohow || way == auth.Beside) && !in.resolved {
		return c.proposeClaimedDeletion(ctx, k, *change, z, mine)
	}
	change.ZoneID = z.ID
	if err := expected(z, in.Expect); err != nil {
		return proposal{}, err
	}
	if in.Expect == nil && way == auth.People {
		if err := c.holdsNobodysElse(ctx, z); err != nil {
			return proposal{}, err
		}
	}
	if way == auth.Own {
		heir, err := c.heir(ctx, k, z)
		if err != nil {
			return proposal{}, err
		}
		if heir != nil {
			p, err := c.proposeSuccession(ctx, k, change, z, *heir, in.released)
			p.drop = mine
			return p, err
		}
	}
	if !in.released {
		if hold, err := c.deletionHeld(ctx, *change, z); hold != nil || err != nil {
			if err != nil {
				return proposal{}, err
			}
			return waits(skein.WaitingHold, *change, z, zone.Contents{}, hold), nil
		}
	}
	fulfilled, err := c.wantedGone(ctx, z)
	return proposal{
		write:  store.Write{Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Delete: true, Serial: z.Serial},
		result: Result{Changed: true},
		drop:   append(mine, fulfilled...),
	}, err
}

// wantedGone returns the numbers of deletions by others that wait: once the
// zone is gone, they have what they wanted.
func (c *Control) wantedGone(ctx context.Context, z skein.Zone) (ids []int64, err error) {
	rows, err := c.Store.Waiting(ctx, store.WaitingQuery{Zone: z.Name, Limit: maxLimit})
	for _, w := range rows {
		if w.Action == zoneDelete {
			ids = append(ids, w.ID)
		}
	}
	return ids, err
}

// proposeClaimedDeletion is what becomes of the deletion of a zone that is
// another's. A version of the one who deletes may wait there: then that is what
// it means, and nothing is left of it.
func (c *Control) proposeClaimedDeletion(ctx context.Context, k auth.Known, change skein.Change, z skein.Zone, mine []int64) (proposal, error) {
	for _, id := range mine {
		row, err := c.Store.WaitingByID(ctx, id)
		if err == nil && row.Action != zoneDelete {
			return withdrawn(z.Name, mine), nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return proposal{}, err
		}
	}
	switch {
	case strange(k, change.Actor, z):
		return proposal{}, noZone(z.Name)
	case z.Origin == auth.Reverse:
		return proposal{}, k.Change(change.Actor, z)
	}
	return waits(skein.WaitingConflict, change, z, zone.Contents{}, conflict(k, change.Actor, z)), nil
}

// withdrawn is a deletion of what only waited.
func withdrawn(name zone.Name, mine []int64) proposal {
	return proposal{drop: mine, result: Result{Zone: skein.Zone{Name: name}, Warnings: []skein.Problem{{Name: string(name), Warning: true,
		Text: fmt.Sprintf("no zone was deleted: what was put in for %s only waited for a person, and was withdrawn", name)}}}}
}

// deletionHeld says why a deletion waits for a person: it is one of too many.
func (c *Control) deletionHeld(ctx context.Context, change skein.Change, z skein.Zone) (*skein.Error, error) {
	tallies, err := c.Store.Tallies(ctx)
	if err != nil {
		return nil, err
	}
	zones := tallies[z.Origin].Zones
	allowed := deletionsAllowed(zones)
	for _, by := range []struct {
		query store.DeletionQuery
		whose string
	}{
		{store.DeletionQuery{Origin: z.Origin}, fmt.Sprintf("of zones of the source %q", z.Origin)},
		{store.DeletionQuery{Actor: change.Actor.Name}, fmt.Sprintf("by %s", change.Actor.Name)},
	} {
		if by.query.Origin == "" && by.query.Actor == "" {
			continue
		}
		by.query.Since, by.query.Limit = change.At.Add(-soon), allowed
		inTenMinutes, err := c.Store.Deletions(ctx, by.query)
		if err != nil {
			return nil, err
		}
		by.query.Since, by.query.Limit = change.At.Add(-aDay), dayFactor*allowed
		inADay, err := c.Store.Deletions(ctx, by.query)
		if err != nil {
			return nil, err
		}
		if tooMany(inTenMinutes, inADay, zones) {
			return massDeletion(z, by.whose, allowed), nil
		}
	}
	return nil, nil
}

// holdsNobodysElse refuses to delete a zone of people in which sources have RRsets.
func (c *Control) holdsNobodysElse(ctx context.Context, z skein.Zone) error {
	stamps, err := c.Store.Owners(ctx, z.ID, nil, 0)
	stamps = slices.DeleteFunc(stamps, func(s store.Stamp) bool { return s.Source == auth.Pool })
	if err != nil || len(stamps) == 0 {
		return err
	}
	sources := make([]string, len(stamps))
	for i, s := range stamps {
		sources[i] = s.Source
	}
	slices.Sort(sources)
	sources = slices.Compact(sources)
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("zone %s holds %d RRsets that belong to other sources (%s)", z.Name, len(stamps), strings.Join(sources[:min(len(sources), 5)], ", ")),
		Mend: fmt.Sprintf("if it is to go all the same, say that you have looked: skein zone delete %s --expect %d", z.Name, z.Revision)}
}
