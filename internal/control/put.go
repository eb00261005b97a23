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

// The pool and the tenant of new zones, until there are others.
const (
	defaultPool = "default"
	rootTenant  = "root"
)

// PutZone creates a zone, which then belongs to the actor's source, or
// replaces its contents. Contents that differ in the SOA's serial alone are
// no change.
func (c *Control) PutZone(ctx context.Context, actor skein.Actor, in PutZone) (Result, error) {
	action := zoneReplace
	if in.CreateOnly {
		action = zoneCreate
	}
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: action, Zone: in.Name}, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			z, err := c.Store.Zone(ctx, in.Name)
			if errors.Is(err, store.ErrNotFound) {
				change.Action, change.ZoneID = zoneCreate, ""
				return c.proposeCreation(ctx, *change, in)
			}
			if err != nil {
				return proposal{}, err
			}
			change.Action, change.ZoneID = action, z.ID
			return c.proposeReplacement(ctx, *change, in, z)
		},
	})
}

func (c *Control) proposeCreation(ctx context.Context, change skein.Change, in PutZone) (proposal, error) {
	z := skein.Zone{Name: in.Name, Origin: originOf(change.Actor), Pool: defaultPool, Owner: rootTenant, Policy: c.Policy}
	if in.Shared {
		z.Origin = auth.Reverse
	}
	if err := auth.Create(change.Actor, z); err != nil {
		return proposal{}, err
	}
	if in.MustExist || in.Expect != nil && *in.Expect != 0 {
		return proposal{}, noZone(in.Name)
	}
	if in.Shared && !change.Actor.Admin {
		if err := c.mayBeginShared(ctx, in); err != nil {
			return proposal{}, err
		}
	}
	contents, warnings, err := gather(in.Name, in.Sets, in.Tolerant, zone.RRset{})
	if err != nil {
		return proposal{}, err
	}
	soa, _ := contents.SOA()
	p, err := c.proposeNew(ctx, change, z, contents, soa.Serial)
	p.result.Warnings = warnings
	return p, err
}

// proposeNew proposes a zone that is not there. Wanted is the serial that the
// author's SOA brings, 0 for none.
func (c *Control) proposeNew(ctx context.Context, change skein.Change, z skein.Zone, contents zone.Contents, wanted uint32) (proposal, error) {
	last, had, err := c.Store.SerialFloor(ctx, z.Name)
	if err != nil {
		return proposal{}, err
	}
	z.Serial = publish.Serial(publish.Past{Last: last, Had: had}, wanted, z.Policy, change.At)
	_, z.Records = contents.Len()
	var delta zone.Delta
	for set := range contents.WithSerial(z.Serial).All() {
		delta.Add = append(delta.Add, set)
	}
	return proposal{
		write:  store.Write{Zone: z, Delta: delta, Serial: z.Serial},
		result: Result{Zone: z, Created: true, Changed: true, Delta: delta},
	}, nil
}

// originOf is the source that an actor's zones belong to.
func originOf(actor skein.Actor) string {
	if actor.Source == "" {
		return auth.Administrators // Act lets nobody else through
	}
	return actor.Source
}

func (c *Control) proposeReplacement(ctx context.Context, change skein.Change, in PutZone, z skein.Zone) (proposal, error) {
	if in.Shared && !in.CreateOnly && auth.Stamp(change.Actor, change.Actor.Source, z) == nil {
		return proposal{result: Result{Zone: z}}, nil
	}
	if err := auth.Change(change.Actor, z); err != nil {
		return proposal{}, err
	}
	if in.CreateOnly {
		return proposal{}, &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
			What: fmt.Sprintf("zone %s exists already", z.Name), Mend: "replace it (skein zone import --replace), edit it, or delete it first"}
	}
	if err := expected(z, in.Expect); err != nil {
		return proposal{}, err
	}
	before, err := c.contentsOf(ctx, z)
	if err != nil {
		return proposal{}, err
	}
	oldSOA, _ := before.Get(z.Name, zone.TypeSOA)
	after, warnings, err := gather(z.Name, in.Sets, in.Tolerant, oldSOA)
	if err != nil {
		return proposal{}, err
	}
	soa, _ := after.SOA()
	p, err := c.proposeContents(ctx, change, z, before, after, soa.Serial, profile(in.Tolerant))
	p.result.Warnings = append(warnings, p.result.Warnings...)
	return p, err
}

// proposeContents proposes that a zone holds after, and what others have
// stamped. Wanted is the serial that the author's SOA brings, 0 for none.
func (c *Control) proposeContents(ctx context.Context, change skein.Change, z skein.Zone, before, after zone.Contents, wanted uint32, rules zone.Profile) (proposal, error) {
	delta := zone.Diff(before, sameSerial(before, after))
	delta, kept, err := c.keepStamped(ctx, change.Actor, z, before, delta, rules)
	if err != nil {
		return proposal{}, err
	}
	if after, err = before.Apply(delta); err != nil {
		return proposal{}, err
	}
	p := c.proposeEdit(z, delta, wanted, change)
	p.write.Stamps = restamp(z, delta, after, "")
	p.result.Warnings = kept
	return p, nil
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

// proposeEdit proposes a delta of a zone that exists. Wanted is the serial
// that the author's SOA brings, 0 for none.
func (c *Control) proposeEdit(z skein.Zone, delta zone.Delta, wanted uint32, change skein.Change) proposal {
	if delta.IsZero() {
		return proposal{result: Result{Zone: z}}
	}
	serial := publish.Serial(publish.Past{Last: z.Serial, Had: true}, wanted, z.Policy, change.At)
	after := z
	after.Serial, after.Changed = serial, change.At
	after.Records += count(delta.Add) - count(delta.Del)
	return proposal{
		write:  store.Write{Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Delta: delta, Serial: serial},
		result: Result{Zone: after, Changed: true, Delta: shown(delta, z.Name, z.Serial, serial)},
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
