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

// A zone's owner is the tenant of its source, or one below that: a reseller's
// panel has the zones of many customers.

// ownerUnder returns the owner of a zone once it is a source's: it stays, if it
// can.
func ownerUnder(k auth.Known, z skein.Zone, source string) string {
	tenant := k.OwnerOf(source)
	if source == auth.Reverse || covers(k, tenant, z.Owner) {
		return z.Owner
	}
	return tenant
}

// covers reports whether a tenant is another, or above it.
func covers(k auth.Known, tenant, other string) bool {
	return tenant == skein.RootTenant || tenant == other || k.Tenants[other].Parent == tenant
}

// owned completes a proposal by which a zone becomes another tenant's, and is
// served by that one's pool.
func (p *proposal) owned(k auth.Known, z skein.Zone, owner string) {
	if !p.result.Changed {
		p.write = store.Write{Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Serial: z.Serial}
		p.result.Zone, p.result.Changed = z, true
	}
	p.write.Owner, p.result.Zone.Owner = owner, owner
	if pool := poolOf(k, owner); pool != z.Pool {
		p.write.Pool = pool
		p.result.Zone.Pool, p.result.Zone.PoolBefore, p.result.moved = pool, z.Pool, true
	}
}

// SetOwner hands a zone over to another tenant. What people have put in becomes
// the people's of that tenant; a zone of a panel stays its panel's, which must
// be of the tenant, or of one above it.
func (c *Control) SetOwner(ctx context.Context, actor skein.Actor, in SetOwner) (Result, error) {
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: zoneOwner, Zone: in.Name}, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			k, z, err := c.present(ctx, change)
			if err != nil {
				return proposal{}, err
			}
			if k.Kind(in.Tenant) == "" || !k.Reaches(actor, in.Tenant) {
				return proposal{}, auth.NoTenant(in.Tenant)
			}
			if err := k.Change(actor, z); err != nil {
				return proposal{}, err
			}
			if err := expected(z, in.Expect); err != nil {
				return proposal{}, err
			}
			return c.proposeOwner(ctx, k, change, z, in.Tenant)
		},
	})
}

func (c *Control) proposeOwner(ctx context.Context, k auth.Known, change *skein.Change, z skein.Zone, owner string) (proposal, error) {
	if z.Owner == owner {
		return proposal{result: Result{Zone: z}}, nil
	}
	if !covers(k, k.OwnerOf(z.Origin), owner) && z.Origin != auth.Reverse {
		if !k.ByPeople(z.Origin) {
			return proposal{}, &skein.Error{Kind: skein.KindConflict,
				What: fmt.Sprintf("zone %s comes from the source %q, which is not of %s or a tenant above it", z.Name, z.Origin, owner),
				Mend: "give the zone to a source of that tenant instead: skein zone takeover"}
		}
		p, err := c.proposeHandOver(ctx, k, change, z, auth.PeopleOf(owner))
		change.Action = zoneOwner
		p.owned(k, z, owner)
		return p, err
	}
	var p proposal
	p.owned(k, z, owner)
	return p, nil
}

// moved returns the owner of a zone of a source that goes from one tenant to another.
func moved(k auth.Known, z skein.Zone, from, to string) string {
	if z.Owner == from || !covers(k, to, z.Owner) {
		return to
	}
	return z.Owner
}

// handZones makes the zones of a source that goes from one tenant to another the
// other's, one change each; what is below that one already stays where it is.
// The source goes last: interrupted it is asked for again.
func (c *Control) handZones(ctx context.Context, k auth.Known, actor skein.Actor, source, from, to string) error {
	for after := zone.Name(""); ; {
		list, err := c.Store.List(ctx, store.ListQuery{Origin: source, After: after, Limit: maxLimit})
		if err != nil || len(list) == 0 {
			return err
		}
		for _, z := range list {
			if after = z.Name; moved(k, z, from, to) == z.Owner {
				continue
			}
			if err := c.handZone(ctx, k, actor, source, from, to, z.Name); err != nil {
				return err
			}
		}
	}
}

func (c *Control) handZone(ctx context.Context, k auth.Known, actor skein.Actor, source, from, to string, name zone.Name) error {
	_, err := c.mutate(ctx, mutation{change: skein.Change{Actor: actor, Action: zoneOwner, Zone: name},
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			z, err := c.Store.Zone(ctx, name)
			if errors.Is(err, store.ErrNotFound) || err == nil && z.Origin != source {
				return proposal{}, nil
			}
			if err != nil {
				return proposal{}, err
			}
			change.ZoneID = z.ID
			var p proposal
			if owner := moved(k, z, from, to); owner != z.Owner {
				p.owned(k, z, owner)
			}
			return p, nil
		},
	})
	return err
}
