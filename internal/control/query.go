package control

import (
	"context"
	"errors"
	"strings"

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
	if err := c.named(ctx, actor, name); err != nil {
		return skein.Zone{}, err
	}
	z, err := c.Store.Zone(ctx, name)
	if errors.Is(err, store.ErrNotFound) || err == nil && !auth.Reads(actor, z) {
		return skein.Zone{}, noZone(name)
	}
	z.Transfer = c.transferStatus(name, z.Origin)
	return z, err
}

func (c *Control) named(ctx context.Context, actor skein.Actor, name zone.Name) error {
	if err := c.enter(ctx, actor); err != nil {
		return err
	}
	if name == "" {
		return invalid("no zone was named", "give the name of one")
	}
	return nil
}

// List returns zones in canonical order of names: an administrator's all,
// another's its own. 100 where no limit is given, at most 1000.
func (c *Control) List(ctx context.Context, actor skein.Actor, page Page) ([]skein.Zone, error) {
	if err := c.enter(ctx, actor); err != nil {
		return nil, err
	}
	q := store.ListQuery{Contains: strings.ToLower(page.Contains), Limit: limited(page.Limit)}
	if !actor.Admin {
		q.Origin = actor.Source
	}
	if page.After != "" {
		name, err := zone.ParseName(page.After)
		if err != nil {
			return nil, invalid("the list cannot go on from there: "+err.Error(), "start from the beginning")
		}
		q.After = name
	}
	return c.Store.List(ctx, q)
}

// Deleted returns the zones that can be brought back, the newest deletion
// first: to an administrator all, to another its own. They are those that were
// deleted before a revision, 0 for all; 100 where no limit is given, at most 1000.
func (c *Control) Deleted(ctx context.Context, actor skein.Actor, before skein.Revision, contains string, limit int) ([]skein.DeletedZone, error) {
	if err := c.enter(ctx, actor); err != nil {
		return nil, err
	}
	q := store.DeletedQuery{Before: before, Contains: strings.ToLower(contains), Limit: limited(limit)}
	if !actor.Admin {
		q.Origin = actor.Source
	}
	gone, err := c.Store.Deleted(ctx, q)
	list := make([]skein.DeletedZone, len(gone))
	for i, t := range gone {
		list[i] = skein.DeletedZone{Zone: t.Zone, Last: t.Last, Until: t.Zone.Changed.Add(c.Keep)}
	}
	return list, err
}

// Contents returns a zone and its published contents.
func (c *Control) Contents(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Zone, zone.Contents, error) {
	for range attempts {
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
	if err := c.named(ctx, actor, name); err != nil {
		return zone.Contents{}, err
	}
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
	if err := c.named(ctx, actor, name); err != nil {
		return nil, err
	}
	return c.readable(ctx, actor, name, limited(limit))
}

// readable returns changes of lives that the actor may read; noZone if there
// are none. Limit 0 means all.
func (c *Control) readable(ctx context.Context, actor skein.Actor, name zone.Name, limit int) ([]skein.Change, error) {
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
			may = actor.Admin || err == nil && auth.Reads(actor, z)
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

// Audit returns changes and refusals, newest first, before a sequence number
// (0: from the newest). For administrators.
func (c *Control) Audit(ctx context.Context, actor skein.Actor, before int64, limit int) ([]skein.AuditEntry, error) {
	if err := c.administer(ctx, actor); err != nil {
		return nil, err
	}
	return c.Store.Audit(ctx, before, limited(limit))
}

// Status is the state of the whole. Who is no administrator sees no members.
func (c *Control) Status(ctx context.Context, actor skein.Actor) (s skein.Status, err error) {
	if err := c.enter(ctx, actor); err != nil {
		return s, err
	}
	if s.Zones, s.Revision, err = c.Store.Totals(ctx); err != nil || !actor.Admin {
		return s, err
	}
	s.Members, err = c.Members(ctx, actor)
	return s, err
}

// Subscribe returns events until stop is called; slow readers lose events.
func (c *Control) Subscribe() (events <-chan skein.Event, stop func()) { return c.Cluster.Subscribe() }
