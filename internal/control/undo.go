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

// RestoreZone makes the contents of an old revision those of the zone, by a
// new change: the serial goes on, and the restoring can itself be undone. Who
// may read a revision is who may restore it into a zone that it may change.
func (c *Control) RestoreZone(ctx context.Context, actor skein.Actor, in RestoreZone) (Result, error) {
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: zoneRestore, Zone: in.Name}, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			k, z, err := c.present(ctx, change)
			if err != nil {
				return proposal{}, err
			}
			if err := k.Change(actor, z); err != nil {
				return proposal{}, err
			}
			if err := expected(z, in.Expect); err != nil {
				return proposal{}, err
			}
			old, err := c.ContentsAt(ctx, actor, in.Name, in.To)
			if err != nil {
				return proposal{}, err
			}
			l, err := c.layersOf(ctx, z)
			if err != nil {
				return proposal{}, err
			}
			if signed(l.over) || signed(old) {
				return proposal{}, isSigned(z)
			}
			after, warnings, err := gatherAgain(z.Name, old)
			if err != nil {
				return proposal{}, err
			}
			if after, err = c.withOwnApex(l, after, in.To); err != nil {
				return proposal{}, err
			}
			p, err := c.proposeRestoring(k, change, z, l, after, in.back)
			p.result.Warnings = append(warnings, p.result.Warnings...)
			return p, err
		},
	})
}

// proposeRestoring proposes that a zone holds what it once held. Overlays that
// are not a part of that end, but in a shared zone, where what others have put
// in is theirs.
func (c *Control) proposeRestoring(k auth.Known, change *skein.Change, z skein.Zone, l layers, after zone.Contents, back string) (proposal, error) {
	o, err := l.replace(sameSerial(l.over, after), func(s store.Stamp) bool {
		return auth.Shared(z) && s.Source != change.Actor.Source
	})
	if err != nil {
		return proposal{}, err
	}
	if len(o.kept) > 0 {
		if _, err := zone.ValidateNames(o.over, o.names(), zone.Tolerant); err != nil {
			return proposal{}, skein.InvalidZone(z.Name, err)
		}
	}
	p := c.proposeLayered(z, l, o, 0, *change)
	p.result.Warnings = version{}.warnings(z, o)
	if back != "" && back != z.Origin {
		p.takes(k, change, z, back)
		change.Action = zoneRestore
	}
	return p, nil
}

// gatherAgain puts contents that were taken once through the rules of today.
func gatherAgain(name zone.Name, old zone.Contents) (zone.Contents, []skein.Problem, error) {
	var sets []zone.RRset
	for set := range old.All() {
		sets = append(sets, set)
	}
	return gather(name, sets, true, zone.RRset{})
}

// UndeleteZone begins a new life of a name with what the deleted one held:
// contents, origin, owner, policy, and whose RRsets were whose. The serial
// goes on from the last one.
func (c *Control) UndeleteZone(ctx context.Context, actor skein.Actor, in UndeleteZone) (Result, error) {
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: zoneUndelete, Zone: in.Name}, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			change.ZoneID = ""
			k, err := c.known(ctx)
			if err != nil {
				return proposal{}, err
			}
			z, err := c.Store.Zone(ctx, in.Name)
			if err == nil {
				change.ZoneID = z.ID
				return proposal{}, taken(k, actor, z)
			}
			if !errors.Is(err, store.ErrNotFound) {
				return proposal{}, err
			}
			gone, err := c.deleted(ctx, k, actor, in.Name)
			if err != nil {
				return proposal{}, err
			}
			id, at := gone.Zone.ID, gone.Last
			if in.to != nil {
				id, at = in.to.ZoneID, in.to.Revision
			}
			old, err := c.Store.ContentsAt(ctx, id, at)
			if errors.Is(err, store.ErrNotFound) { // purged just now
				return proposal{}, notKept(in.Name)
			}
			if err != nil {
				return proposal{}, err
			}
			contents, warnings, err := gatherAgain(gone.Zone.Name, old)
			if err != nil {
				return proposal{}, err
			}
			contents, lifted, err := c.liftedFrom(ctx, gone.Zone.ID, contents)
			if err != nil {
				return proposal{}, err
			}
			back := skein.Zone{Name: gone.Zone.Name, Origin: gone.Zone.Origin, Pool: poolOf(k, gone.Zone.Owner), Owner: gone.Zone.Owner, Policy: gone.Zone.Policy}
			wanted := uint32(0)
			if soa, _ := contents.SOA(); signed(contents) {
				wanted = soa.Serial
			}
			p, err := c.proposeNew(ctx, *change, back, contents, wanted, false)
			p.write.Revive, p.result.Warnings = gone.Zone.ID, warnings
			p.write.Stamps = instead(p.write.Stamps, lifted)
			return p, err
		},
	})
}

// deleted returns the newest deleted life of a name that the actor may change.
func (c *Control) deleted(ctx context.Context, k auth.Known, actor skein.Actor, name zone.Name) (store.Tombstone, error) {
	q := store.DeletedQuery{Name: name, Limit: 1}
	q.Origin, q.Owners = selection(k, actor)
	gone, err := c.Store.Deleted(ctx, q)
	if err == nil && len(gone) == 0 {
		err = notKept(name)
	}
	if err != nil {
		return store.Tombstone{}, err
	}
	return gone[0], k.Change(actor, gone[0].Zone)
}

func notKept(name zone.Name) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("no deleted zone %s is kept", name), Mend: "skein zone list --deleted shows those that can be brought back"}
}

// taken says that a name lives, to whom it is another's with its owner.
func taken(k auth.Known, actor skein.Actor, z skein.Zone) error {
	if err := k.Change(actor, z); err != nil {
		return err
	}
	return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
		What: fmt.Sprintf("zone %s exists, so none can be brought back in its place", z.Name),
		Mend: fmt.Sprintf("to give it older contents, of an earlier life too: skein zone restore %s --to REVISION", z.Name)}
}
