package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// TakeOver gives a zone to another source, for administrators. The newest
// version of that one which waits becomes the zone in the same change; without
// one it stays as it is. RRsets that the new origin had put over it are then its own.
func (c *Control) TakeOver(ctx context.Context, actor skein.Actor, in TakeOver) (Result, error) {
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: zoneTakeover, Zone: in.Name}, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			k, z, err := c.present(ctx, change)
			if err != nil {
				return proposal{}, err
			}
			if err := mayHave(k, actor, in.To); err != nil {
				return proposal{}, err
			}
			if err := expected(z, in.Expect); err != nil {
				return proposal{}, err
			}
			if z.Origin == in.To {
				return proposal{result: Result{Zone: z}}, nil
			}
			row, err := c.newest(ctx, z, func(w skein.Waiting) bool { return w.Source == in.To })
			if err != nil {
				return proposal{}, err
			}
			if row != nil {
				return c.proposeSuccession(ctx, k, change, z, *row, true)
			}
			return c.proposeHandOver(ctx, k, change, z, in.To)
		},
	})
}

// mayHave says whether an actor can give zones to a source.
func mayHave(k auth.Known, actor skein.Actor, source string) error {
	_, there := k.Sources[source]
	if source == auth.Reverse || !there && source != auth.Administrators || !k.Reaches(actor, k.OwnerOf(source)) {
		return noSource(source)
	}
	return nil
}

// proposeHandOver proposes that a zone belongs to another source, as it is.
func (c *Control) proposeHandOver(ctx context.Context, k auth.Known, change *skein.Change, z skein.Zone, to string) (proposal, error) {
	stamps, err := c.Store.Owners(ctx, z.ID, nil, 0)
	if err != nil {
		return proposal{}, err
	}
	var p proposal
	p.takes(k, change, z, to)
	p.write.Stamps = newLayers(zone.Contents{}, stamps).absorb(to)
	return p, nil
}

// proposeSuccession proposes that a waiting version becomes the zone, and the
// zone its source's.
func (c *Control) proposeSuccession(ctx context.Context, k auth.Known, change *skein.Change, z skein.Zone, heir store.WaitingRow, released bool) (proposal, error) {
	next, err := zone.NewContents(z.Name, heir.Sets)
	if err != nil {
		return proposal{}, err
	}
	l, err := c.layersOf(ctx, z)
	if err != nil {
		return proposal{}, err
	}
	v := version{next: next, exact: heir.Action == zoneTransfer, way: auth.Takeover, to: heir.Source, rules: zone.Tolerant, released: released}
	p, err := c.proposeVersion(ctx, k, change, z, l, v)
	if err != nil {
		return proposal{}, err
	}
	if p.keep != nil { // what waits now is the change that would have brought it in
		reason := *p.reason
		reason.What = fmt.Sprintf("the version of the source %q cannot take the place of zone %s: %s", heir.Source, z.Name, reason.What)
		return waits(skein.WaitingHold, *change, z, zone.Contents{}, &reason), nil
	}
	p.write.Waiting = heir.ID
	p.result.Warnings = append(p.result.Warnings, skein.Problem{Name: string(z.Name), Warning: true,
		Text: fmt.Sprintf("the zone belongs to the source %q now, whose version number %d took its place", heir.Source, heir.ID)})
	return p, nil
}

// heir returns the version that takes the place of a zone when its origin
// gives it up: the newest one of the only other source of its tenant that has
// one; nil if there is none, or more than one source wants it. Between tenants
// a person decides.
func (c *Control) heir(ctx context.Context, k auth.Known, z skein.Zone) (*store.WaitingRow, error) {
	rows, err := c.versionsFor(ctx, z)
	if err != nil {
		return nil, err
	}
	only := ""
	for _, w := range rows {
		if w.Source == z.Origin || k.Sources[w.Source].Paused || k.OwnerOf(w.Source) != k.OwnerOf(z.Origin) {
			continue
		}
		if only != "" && only != w.Source {
			return nil, nil
		}
		only = w.Source
	}
	if only == "" {
		return nil, nil
	}
	return c.newest(ctx, z, func(w skein.Waiting) bool { return w.Source == only })
}

// newest returns the newest version that waits for a zone; nil if none does.
func (c *Control) newest(ctx context.Context, z skein.Zone, of func(skein.Waiting) bool) (*store.WaitingRow, error) {
	rows, err := c.versionsFor(ctx, z)
	if err != nil {
		return nil, err
	}
	var last *skein.Waiting
	for i, w := range rows {
		if of(w) && (last == nil || w.At.After(last.At)) {
			last = &rows[i]
		}
	}
	if last == nil {
		return nil, nil
	}
	row, err := c.Store.WaitingByID(ctx, last.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errMoved
	}
	return &row, err
}

// versionsFor returns the versions of others that wait for a zone and could
// take its place. A member's is none: who gives a zone up means it there too.
func (c *Control) versionsFor(ctx context.Context, z skein.Zone) (versions []skein.Waiting, err error) {
	rows, err := c.Store.Waiting(ctx, store.WaitingQuery{Zone: z.Name, Kinds: []string{skein.WaitingConflict, skein.WaitingHold}, Limit: maxLimit})
	for _, w := range rows {
		if _, of := memberOf(w.Source); !of && w.Source != z.Origin && w.Action != zoneDelete && w.Records > 0 {
			versions = append(versions, w)
		}
	}
	return versions, err
}
