package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Receipt tells which members were told of a revision of a zone, 0 for the
// newest, and which were seen serving it or a later one. Of a deleted zone it
// tells who still does.
func (c *Control) Receipt(ctx context.Context, actor skein.Actor, name zone.Name, at skein.Revision) (skein.Receipt, error) {
	z, err := c.lastAt(ctx, actor, name, at)
	if err != nil {
		return skein.Receipt{}, err
	}
	return c.Cluster.Receipt(z), nil
}

// Wait returns when enough members ("all", "majority" or a number) were seen
// serving a revision of a zone, or a later one; 0 is the newest. When ctx
// ends, it returns the receipt so far and an error of KindTimeout.
func (c *Control) Wait(ctx context.Context, actor skein.Actor, name zone.Name, at skein.Revision, enough string) (skein.Receipt, error) {
	z, err := c.lastAt(ctx, actor, name, at)
	if err != nil {
		return skein.Receipt{}, err
	}
	return c.Cluster.Wait(ctx, z, enough)
}

// lastAt is last, as it was at a revision of this life of the zone. Of an
// earlier life nothing is left to be seen: then it is the newest.
func (c *Control) lastAt(ctx context.Context, actor skein.Actor, name zone.Name, at skein.Revision) (skein.Zone, error) {
	z, err := c.last(ctx, actor, name)
	if err != nil || at == 0 || at == z.Revision {
		return z, err
	}
	if at > z.Revision {
		return z, &skein.Error{Kind: skein.KindNotFound,
			What: fmt.Sprintf("zone %s has no revision %d; the newest is %d", name, at, z.Revision),
			Mend: "name one that there is"}
	}
	if z.Deleted {
		return z, nil
	}
	serial, ok, err := c.serialAt(ctx, z, at)
	if ok {
		z.Revision, z.Serial = at, serial
	}
	return z, err
}

// last returns the live zone of a name, else what is left of the one that was
// deleted last.
func (c *Control) last(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Zone, error) {
	z, err := c.Zone(ctx, actor, name)
	if !errors.Is(err, store.ErrNotFound) {
		return z, err
	}
	k, failure := c.known(ctx)
	if failure != nil {
		return skein.Zone{}, failure
	}
	changes, failure := c.Store.History(ctx, name, 1)
	if failure != nil {
		return skein.Zone{}, failure
	}
	if len(changes) == 0 {
		return skein.Zone{}, err
	}
	z, failure = c.Store.ZoneByID(ctx, changes[0].ZoneID)
	switch {
	case errors.Is(failure, store.ErrNotFound), failure == nil && (!z.Deleted || !k.Reads(actor, z)):
		return skein.Zone{}, err
	}
	return z, failure
}

// serialAt returns the serial that a revision of this life of a zone was
// published with; ok is false where history does not tell.
func (c *Control) serialAt(ctx context.Context, z skein.Zone, at skein.Revision) (serial uint32, ok bool, err error) {
	changes, err := c.Store.History(ctx, z.Name, maxLimit)
	for _, change := range changes {
		if change.Revision == at && change.ZoneID == z.ID {
			return change.Serial, true, nil
		}
	}
	return 0, false, err
}

// Served returns what a member really serves of a zone, by transfer. It is for
// those who may look at members.
func (c *Control) Served(ctx context.Context, actor skein.Actor, member string, name zone.Name) (zone.Contents, error) {
	if _, err := c.last(ctx, actor, name); err != nil {
		return zone.Contents{}, err
	}
	if _, err := c.Member(ctx, actor, member); err != nil {
		return zone.Contents{}, err
	}
	return c.Cluster.Served(ctx, memberName(member), name)
}
