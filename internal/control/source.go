package control

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// The actions of the audit log that are about sources.
const (
	sourceAdd    = "source.add"
	sourceEdit   = "source.edit"
	sourceRemove = "source.remove"
	sourceRevert = "source.revert"
	ruleAdd      = "source.rule.add"
	ruleRemove   = "source.rule.remove"
)

// maxSources bounds the sources; every change looks one up in memory.
const maxSources = 10_000

// startSources hands the sources, and the zones that they want transferred, to
// the intake. One that it cannot take is left out and logged.
func (c *Control) startSources(ctx context.Context) error {
	c.loadHeard(ctx)
	if c.Intake == nil {
		return nil
	}
	rows, err := c.Store.Sources(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		secrets, err := c.openSource(row)
		if err != nil {
			return err
		}
		if err := c.Intake.SetSource(row.Source, secrets); err != nil {
			c.Log.Error("zones of a source cannot be transferred", "source", row.Source.Name, "err", err)
		}
	}
	for after := (skein.TransferZone{}); ; {
		zones, err := c.Store.TransferZones(ctx, store.TransferQuery{After: after, Limit: maxLimit})
		if err != nil || len(zones) == 0 {
			return err
		}
		for _, z := range zones {
			if err := c.Intake.SetZone(z); err != nil {
				c.Log.Error("a zone cannot be transferred", "zone", z.Name, "source", z.Source, "err", err)
			}
		}
		after = zones[len(zones)-1]
	}
}

// Sources returns the sources of the actor's tenants with what was observed of
// them, by name.
func (c *Control) Sources(ctx context.Context, actor skein.Actor) ([]skein.Source, error) {
	k, err := c.see(ctx, actor, skein.PermitSources)
	if err != nil {
		return nil, err
	}
	tallies, err := c.Store.Tallies(ctx)
	list := make([]skein.Source, 0, len(k.Sources))
	for _, name := range slices.Sorted(maps.Keys(k.Sources)) {
		if k.Reaches(actor, k.OwnerOf(name)) {
			list = append(list, c.observedSource(k.Sources[name], tallies))
		}
	}
	return list, err
}

// Source returns one source with what was observed of it: of the actor's
// tenants to whom may see sources, to others their own.
func (c *Control) Source(ctx context.Context, actor skein.Actor, name string) (skein.Source, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return skein.Source{}, err
	}
	s, there := k.Sources[name]
	if !there || actor.Source != name && (k.See(actor, skein.PermitSources) != nil || !k.Reaches(actor, k.OwnerOf(name))) {
		return skein.Source{}, noSource(name)
	}
	tallies, err := c.Store.Tallies(ctx)
	return c.observedSource(s, tallies), err
}

func noSource(name string) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("there is no source %.200q", name), Mend: "skein source list shows those that there are"}
}

func (c *Control) observedSource(s skein.Source, tallies map[string]store.Tally) skein.Source {
	t := tallies[s.Name]
	heard := c.heardOf(s.Name)
	s.Status = &skein.SourceStatus{Zones: t.Zones, Waiting: t.Waiting, Heard: heard, Silent: c.silent(s, heard)}
	if c.Intake != nil {
		s.Status.Catalogs = c.Intake.Catalogs(s.Name)
	}
	return s
}

// AddSource makes a source. Zones that have its name as their origin are its
// own from now on.
func (c *Control) AddSource(ctx context.Context, actor skein.Actor, in NewSource) (s skein.Source, err error) {
	return c.putSource(ctx, actor, sourceAdd, in)
}

// EditSource makes a source what is described. Its name stays; an empty door
// keeps the one that it has.
func (c *Control) EditSource(ctx context.Context, actor skein.Actor, in NewSource) (skein.Source, error) {
	return c.putSource(ctx, actor, sourceEdit, in)
}

func (c *Control) putSource(ctx context.Context, actor skein.Actor, action string, in NewSource) (s skein.Source, err error) {
	change := c.aside(actor, action, in.Source.Name)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitSources)
	if err != nil {
		return s, err
	}
	c.sources.Lock()
	defer c.sources.Unlock()
	rows, err := c.Store.Sources(ctx)
	if err != nil {
		return s, err
	}
	var before *store.SourceRow
	if i := slices.IndexFunc(rows, func(r store.SourceRow) bool { return r.Source.Name == in.Source.Name }); i >= 0 {
		before = &rows[i]
	}
	hidden := before != nil && !k.Reaches(actor, k.OwnerOf(in.Source.Name))
	switch {
	case (before == nil || hidden) && action == sourceEdit:
		return s, noSource(in.Source.Name)
	case hidden:
		return s, nameTaken("source", in.Source.Name)
	case before != nil && action == sourceAdd:
		return s, &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
			What: fmt.Sprintf("there is a source %s already", in.Source.Name), Mend: "choose another name, or change that one: skein source edit " + in.Source.Name}
	case before == nil && len(rows) >= maxSources:
		return s, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("there are %d sources already", len(rows)), Mend: "remove those that nobody needs"}
	}
	s, secrets, err := c.completedSource(in, before)
	if err != nil {
		return s, err
	}
	if err := settleTenant(k, actor, &s, before); err != nil {
		return s, err
	}
	if err := checkSource(s, secrets); err != nil {
		return s, err
	}
	if before != nil {
		change.Diff = changed(before.Source, s)
	} else if err := c.sourceFree(ctx, k, actor, s.Name); err != nil {
		return s, err
	} else {
		change.Diff = changed(skein.Source{}, s)
	}
	if in.Secrets.Keys != nil {
		change.Diff = append(change.Diff, "keys: set anew")
	}
	if from, to := k.OwnerOf(s.Name), auth.TenantName(s.Tenant); before != nil && from != to {
		if err := c.handZones(ctx, k, actor, s.Name, from, to); err != nil {
			return s, err
		}
	}
	if err := c.storeSource(ctx, before, s, secrets); err != nil {
		return s, err
	}
	tallies, err := c.Store.Tallies(ctx)
	return c.observedSource(s, tallies), err
}

// completedSource returns a description with what the source was before where
// it says nothing, and defaults.
func (c *Control) completedSource(in NewSource, before *store.SourceRow) (s skein.Source, secrets skein.SourceSecrets, err error) {
	s, secrets = in.Source, skein.SourceSecrets{Keys: slices.Clone(in.Secrets.Keys)}
	s.Status, s.Created = nil, c.Now().UTC()
	if before != nil {
		s.Created = before.Source.Created
		fill(&s.Door, before.Source.Door)
		old, err := c.openSource(*before)
		if err != nil {
			return s, secrets, err
		}
		if in.Secrets.Keys == nil {
			secrets = old
		}
		for i := range secrets.Keys {
			key := &secrets.Keys[i]
			if j := slices.IndexFunc(old.Keys, func(k skein.TransferKey) bool { return k.Name == key.Name }); key.Secret == "" && j >= 0 {
				key.Secret = old.Keys[j].Secret
				fill(&key.Algorithm, old.Keys[j].Algorithm)
			}
		}
	}
	if s.Transfer != nil {
		t := *s.Transfer
		t.Primaries = slices.Clone(t.Primaries)
		for i, p := range t.Primaries {
			if p.Address.Port() == 0 {
				t.Primaries[i].Address = netip.AddrPortFrom(p.Address.Addr(), defaultDNSPort)
			}
		}
		s.Transfer = &t
	}
	fill(&s.Door, skein.DoorAPI)
	if s.Door == skein.DoorPlesk {
		fill(&s.Mode, skein.ModePush)
	}
	for i := range secrets.Keys {
		fill(&secrets.Keys[i].Algorithm, defaultAlgorithm)
	}
	return s, secrets, nil
}
