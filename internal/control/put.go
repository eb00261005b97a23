package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// PutZone creates a zone, which then belongs to the actor's source, or
// replaces its base; what an administrator puts into another's zone becomes
// overlays. Contents that differ in the SOA's serial alone are no change,
// unless the serial is to be exact, or is ahead and says something by that.
func (c *Control) PutZone(ctx context.Context, actor skein.Actor, in PutZone) (Result, error) {
	change := skein.Change{ID: in.ChangeID, Actor: actor, Action: putAction(in), Zone: in.Name, Diff: linesOf("+ ", in.Sets)}
	return c.mutate(ctx, mutation{change: change, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			return c.proposePut(ctx, change, in)
		},
	})
}

func putAction(in PutZone) string {
	switch {
	case in.CreateOnly:
		return zoneCreate
	case in.Exact:
		return zoneTransfer
	}
	return zoneReplace
}

func (c *Control) proposePut(ctx context.Context, change *skein.Change, in PutZone) (proposal, error) {
	if in.Listed {
		if _, err := c.transferZone(ctx, in.Name, originOf(change.Actor)); err != nil {
			return proposal{}, err
		}
	}
	k, err := c.known(ctx)
	if err != nil {
		return proposal{}, err
	}
	z, err := c.Store.Zone(ctx, in.Name)
	var p proposal
	switch {
	case errors.Is(err, store.ErrNotFound):
		change.Action, change.ZoneID = zoneCreate, ""
		p, err = c.proposeCreation(ctx, k, *change, in)
	case err == nil:
		change.Action, change.ZoneID = putAction(in), z.ID
		p, err = c.proposeReplacement(ctx, k, change, in, z)
	}
	if err != nil || p.keep != nil || in.Shared {
		return p, err
	}
	p.drop, err = c.outdated(ctx, in.Name, originOf(change.Actor))
	return p, err
}

// originOf is the source that an actor's zones belong to.
func originOf(actor skein.Actor) string {
	if actor.Source == "" {
		return auth.Administrators // Act lets nobody else through
	}
	return actor.Source
}

func (c *Control) proposeReplacement(ctx context.Context, k auth.Known, change *skein.Change, in PutZone, z skein.Zone) (proposal, error) {
	if strange(k, change.Actor, z) {
		change.ZoneID = "" // the audit log is read by whom there is no such zone for
		if in.MustExist {
			return proposal{}, noZone(in.Name)
		}
	}
	if in.Shared && !in.CreateOnly && k.Stamp(change.Actor, change.Actor.Source, z) == nil {
		return proposal{result: Result{Zone: z}}, nil
	}
	way := k.WayOf(change.Actor, z)
	switch {
	case in.stays:
		way = auth.Own
	case in.resolved && way != auth.Own:
		way = auth.Takeover
	}
	if way == auth.Nohow || way == auth.Beside {
		return c.proposeClaim(ctx, k, *change, in, z)
	}
	change.ZoneID = z.ID
	if in.CreateOnly {
		return proposal{}, &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
			What: fmt.Sprintf("zone %s exists already", z.Name), Mend: "replace it (skein zone import --replace), edit it, or delete it first"}
	}
	if err := expected(z, in.Expect); err != nil {
		return proposal{}, err
	}
	l, err := c.layersOf(ctx, z)
	if err != nil {
		return proposal{}, err
	}
	soa, _ := l.over.Get(z.Name, zone.TypeSOA)
	next, warnings, err := gather(z.Name, in.Sets, in.Tolerant, soa)
	if err != nil {
		return proposal{}, err
	}
	v := version{next: next, exact: in.Exact, ahead: in.Ahead, text: in.Text, way: way, people: auth.PeopleOf(k.TenantOf(change.Actor)), rules: profile(in.Tolerant), released: in.released}
	if way == auth.Takeover {
		v.to = originOf(change.Actor)
	}
	p, err := c.proposeVersion(ctx, k, change, z, l, v)
	p.result.Warnings = append(warnings, p.result.Warnings...)
	return p, err
}

// proposeClaim proposes that a save of another's zone waits, if it could be
// taken at all. A shared zone is nobody's, and so nobody else's either. Servers
// of a cluster send each other copies: those that are ours are no claims.
func (c *Control) proposeClaim(ctx context.Context, k auth.Known, change skein.Change, in PutZone, z skein.Zone) (proposal, error) {
	next, _, err := gather(z.Name, in.Sets, in.Tolerant, zone.RRset{})
	if err != nil || in.Shared || z.Origin == auth.Reverse {
		return proposal{}, k.Change(change.Actor, z)
	}
	if in.Ahead && k.Hears(change.Actor, z) {
		if same, err := c.isCopy(ctx, z, next); same || err != nil {
			return proposal{result: Result{Zone: z}}, err
		}
	}
	return waits(skein.WaitingConflict, change, z, next, conflict(k, change.Actor, z)), nil
}

// isCopy reports whether contents are what a zone holds, and their serial is
// not ahead of ours.
func (c *Control) isCopy(ctx context.Context, z skein.Zone, contents zone.Contents) (bool, error) {
	soa, _ := contents.SOA()
	ours, err := c.contentsOf(ctx, z)
	return err == nil && !newer(soa.Serial, z.Serial) && ours.WithSerial(soa.Serial).Equal(contents), err
}

// layersOf returns the authored contents that go with a head, and all stamps.
func (c *Control) layersOf(ctx context.Context, z skein.Zone) (layers, error) {
	contents, err := c.contentsOf(ctx, z)
	if err != nil {
		return layers{}, err
	}
	stamps, err := c.Store.Owners(ctx, z.ID, nil, 0)
	return newLayers(contents, stamps), err
}

// contentsOf returns the authored contents that go with a head.
func (c *Control) contentsOf(ctx context.Context, z skein.Zone) (zone.Contents, error) {
	contents, at, err := c.Store.Contents(ctx, z.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && at != z.Revision {
		return zone.Contents{}, errMoved
	}
	return contents, err
}

// sameSerial gives after the serial that before has, so that they do not
// differ in it: the authored one is not what is served, and bumping it is no
// change of the user's.
func sameSerial(before, after zone.Contents) zone.Contents {
	soa, ok := before.SOA()
	if !ok {
		return after
	}
	return after.WithSerial(soa.Serial)
}

// proposeLayered proposes what has become of the layers of a zone that exists.
// Wanted is the serial that the author's SOA brings, 0 for none.
func (c *Control) proposeLayered(z skein.Zone, l layers, o layered, wanted uint32, change skein.Change) proposal {
	o = l.pooled(o, c.pool(z.Pool))
	if o.isZero() {
		return proposal{result: Result{Zone: z}}
	}
	after := z
	after.Changed = change.At
	if !o.delta.IsZero() {
		after.Serial = publish.Serial(publish.Past{Last: z.Serial, Had: true}, wanted, z.Policy, change.At)
		after.Records += count(o.delta.Add) - count(o.delta.Del)
	}
	return proposal{
		write: store.Write{Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision,
			Delta: o.delta, Stamps: o.stamps, Serial: after.Serial},
		result: Result{Zone: after, Changed: true, Delta: shown(o.delta, z.Name, z.Serial, after.Serial)},
	}
}

func count(sets []zone.RRset) (records int) {
	for _, set := range sets {
		records += len(set.Data)
	}
	return records
}

// shown is a delta with the serials that are served, where it has the SOA at all.
func shown(d zone.Delta, origin zone.Name, from, to uint32) zone.Delta {
	with := func(sets []zone.RRset, serial uint32) []zone.RRset {
		out := make([]zone.RRset, len(sets))
		for i, set := range sets {
			if set.Type == zone.TypeSOA && set.Name.Equal(origin) && len(set.Data) == 1 {
				if soa, err := zone.ParseSOA(set.Data[0]); err == nil {
					soa.Serial = serial
					set.Data = []zone.Rdata{soa.Rdata()}
				}
			}
			out[i] = set
		}
		return out
	}
	return zone.Delta{Del: with(d.Del, from), Add: with(d.Add, to)}
}
