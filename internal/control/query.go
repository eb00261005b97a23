package control

import (
	"context"
	"errors"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// The lengths of lists that are asked for without one, and at most.
const (
	defaultLimit = 100
	maxLimit     = 1000
)

func limited(n int) int {
	if n <= 0 {
		return defaultLimit
	}
	return min(n, maxLimit)
}

// Zone returns what is known of a zone. One that the actor may not read does
// not exist for it, here and in all queries.
func (c *Control) Zone(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Zone, error) {
	k, err := c.named(ctx, actor, name)
	if err != nil {
		return skein.Zone{}, err
	}
	z, err := c.Store.Zone(ctx, name)
	if errors.Is(err, store.ErrNotFound) || err == nil && !k.Reads(actor, z) {
		return skein.Zone{}, noZone(name)
	}
	z.Transfer = c.transferStatus(name, z.Origin)
	return z, err
}

func (c *Control) named(ctx context.Context, actor skein.Actor, name zone.Name) (auth.Known, error) {
	k, err := c.enter(ctx, actor)
	if err == nil && name == "" {
		err = invalid("no zone was named", "give the name of one")
	}
	return k, err
}

// Contents returns a zone and its published contents.
func (c *Control) Contents(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Zone, zone.Contents, error) {
	for range tries {
		z, err := c.Zone(ctx, actor, name)
		if err != nil {
			return skein.Zone{}, zone.Contents{}, err
		}
		contents, err := c.contentsOf(ctx, z)
		if errors.Is(err, errMoved) {
			continue
		}
		return z, publish.Contents(contents, z.Serial), err
	}
	return skein.Zone{}, zone.Contents{}, &skein.Error{Kind: skein.KindUnavailable,
		What: "zone " + string(name) + " is being changed all the time", Mend: "try again"}
}

// ContentsAt returns what was published at a revision of the history of a
// name, also of an earlier life of the zone that was the actor's.
func (c *Control) ContentsAt(ctx context.Context, actor skein.Actor, name zone.Name, at skein.Revision) (zone.Contents, error) {
	changes, err := c.readable(ctx, actor, name, 0)
	if err != nil {
		return zone.Contents{}, err
	}
	for _, change := range changes {
		if change.Revision == at && change.Action != zoneDelete {
			contents, err := c.Store.ContentsAt(ctx, change.ZoneID, at)
			return publish.Contents(contents, change.Serial), err
		}
	}
	return zone.Contents{}, &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: "zone " + string(name) + " has no contents at this revision, or they are no longer kept",
		Mend: "skein zone history lists those that there are"}
}

// History returns the changes of a name, newest first, across the lives of
// the zone that the actor may read.
func (c *Control) History(ctx context.Context, actor skein.Actor, name zone.Name, limit int) ([]skein.Change, error) {
	return c.readable(ctx, actor, name, limited(limit))
}

// readable returns changes of lives that the actor may read; noZone if there
// are none. Limit 0 means all.
func (c *Control) readable(ctx context.Context, actor skein.Actor, name zone.Name, limit int) ([]skein.Change, error) {
	k, err := c.named(ctx, actor, name)
	if err != nil {
		return nil, err
	}
	changes, err := c.Store.History(ctx, name, limit)
	if err != nil {
		return nil, err
	}
	reads := map[skein.ZoneID]bool{}
	var list []skein.Change
	for _, change := range changes {
		may, known := reads[change.ZoneID]
		if !known {
			z, err := c.Store.ZoneByID(ctx, change.ZoneID)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			may = err == nil && k.Reads(actor, z) || k.Whole(actor) && auth.Covers(actor.Scope, name)
			reads[change.ZoneID] = may
		}
		if may {
			list = append(list, change)
		}
	}
	if len(list) > 0 {
		return list, nil
	}
	_, err = c.Zone(ctx, actor, name) // its changes may be purged
	return nil, err
}

// Status is the state of what the actor sees: its zones, and to whom the
// members are no secret these.
func (c *Control) Status(ctx context.Context, actor skein.Actor) (s skein.Status, err error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return s, err
	}
	if s.Zones, s.Revision, err = c.Store.Totals(ctx); err != nil {
		return s, err
	}
	if !k.Whole(actor) {
		if s.Zones, err = c.countZones(ctx, k, actor); err != nil {
			return s, err
		}
	}
	if k.See(actor, skein.PermitClustering) == nil {
		settings := c.settings()
		if !k.Whole(actor) {
			settings.ChangedBy = "" // who root's people are is their affair
		}
		s.Cluster = &settings
		if k.Whole(actor) {
			s.Propagation = new(c.Cluster.Propagation())
		}
		s.Members, err = c.Members(ctx, actor)
	}
	return s, err
}

// Subscribe returns events until stop is called; slow readers lose events. Of
// each, Hears says who may know of it.
func (c *Control) Subscribe() (events <-chan skein.Event, stop func()) { return c.Cluster.Subscribe() }

// Hears reports whether an actor may know of an event: of a zone who may read
// it, also where it was deleted; of members and notices who may see those. That
// events were left out is for everybody.
func (c *Control) Hears(ctx context.Context, actor skein.Actor, e skein.Event) bool {
	k, err := c.enter(ctx, actor)
	switch {
	case err != nil:
		return false
	case e.State == skein.EventsLost:
		return true
	case e.Zone != "" && k.Whole(actor):
		return auth.Covers(actor.Scope, e.Zone)
	case e.Zone != "":
		_, err = c.History(ctx, actor, e.Zone, 1)
	case e.Member != "":
		_, err = c.Member(ctx, actor, e.Member)
	default:
		err = k.SeeWhole(actor, skein.PermitClustering)
	}
	return err == nil
}
