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

// RemoveSource removes a source, or says what would go with it. It is paused
// first, so that nothing comes meanwhile; its row goes last, so that an
// interrupted removal can be called again and goes on. Zones change one by one.
func (c *Control) RemoveSource(ctx context.Context, actor skein.Actor, in RemoveSource) (r skein.SourceRemoval, err error) {
	if !in.DryRun {
		change := c.aside(actor, sourceRemove, in.Name)
		defer func() { err = c.recorded(ctx, change, err) }()
	}
	k, err := c.permit(ctx, actor, skein.PermitSources)
	if err != nil {
		return r, err
	}
	if r, err = c.removal(ctx, k, actor, in); err != nil || in.DryRun {
		return r, err
	}
	if err := c.pause(ctx, in.Name); err != nil {
		return r, err
	}
	for _, part := range []func(context.Context, skein.Actor, RemoveSource) error{
		c.removeTokens, c.removeTransferZones, c.removeWaiting, c.removeZones, c.removeOverlays, c.removeRules,
	} {
		if err := part(ctx, actor, in); err != nil {
			return r, err
		}
	}
	c.sources.Lock()
	defer c.sources.Unlock()
	defer c.unknown()
	if err := c.Store.DeleteSource(ctx, in.Name); err != nil && !errors.Is(err, store.ErrNotFound) {
		return r, err
	}
	c.forgetHeard(in.Name)
	if c.Intake == nil {
		return r, nil
	}
	return r, c.Intake.RemoveSource(in.Name)
}

// removal says what goes with a source, and whether what was chosen for its
// zones can be.
func (c *Control) removal(ctx context.Context, k auth.Known, actor skein.Actor, in RemoveSource) (r skein.SourceRemoval, err error) {
	r = skein.SourceRemoval{Name: in.Name, Choice: in.Zones, To: in.To, DryRun: in.DryRun}
	switch _, there := k.Sources[in.Name]; {
	case !there || in.Name == auth.Administrators || in.Name == auth.Reverse || !k.Reaches(actor, k.OwnerOf(in.Name)):
		return r, noSource(in.Name)
	case k.ByPeople(in.Name):
		return r, invalid(fmt.Sprintf("the source %s is where the people of a tenant put zones in", in.Name), "remove the tenant: skein tenant remove "+in.Name)
	}
	tallies, err := c.Store.Tallies(ctx)
	if err != nil {
		return r, err
	}
	r.Zones, r.Waiting = tallies[in.Name].Zones, tallies[in.Name].Waiting
	for _, rule := range k.Rules {
		if rule.From == in.Name || rule.To == in.Name {
			r.Rules++
		}
	}
	tokens, err := c.Store.Tokens(ctx)
	for _, t := range tokens {
		if t.Source == in.Name {
			r.Tokens++
		}
	}
	if err != nil {
		return r, err
	}
	first, err := c.Store.List(ctx, store.ListQuery{Origin: in.Name, Limit: 10})
	for _, z := range first {
		r.Examples = append(r.Examples, z.Name)
	}
	if err != nil {
		return r, err
	}
	if err := c.eachOverlayOf(ctx, in.Name, func(zone.Name) error { r.Overlays++; return nil }); err != nil {
		return r, err
	}
	err = c.eachTransferZone(ctx, in.Name, func(zones []skein.TransferZone) error { r.TransferZones += len(zones); return nil })
	if err != nil {
		return r, err
	}
	switch {
	case in.Zones == "" && (r.Zones == 0 || in.DryRun), in.Zones == skein.ZonesKeep, in.Zones == skein.ZonesRecycle:
		return r, nil
	case in.Zones == skein.ZonesHanded && in.To == in.Name:
		return r, invalid("a source cannot get its own zones when it is removed", "name another one")
	case in.Zones == skein.ZonesHanded:
		return r, mayHave(k, actor, in.To)
	}
	return r, invalid(fmt.Sprintf("%d zones belong to the source %q, and it was not said what is to become of them", r.Zones, in.Name),
		"keep them, hand them over to another source, or recycle them")
}

// pause keeps a source from doing anything, without a word in its settings.
func (c *Control) pause(ctx context.Context, name string) error {
	c.sources.Lock()
	defer c.sources.Unlock()
	rows, err := c.Store.Sources(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Source.Name == name && !row.Source.Paused {
			secrets, err := c.openSource(row)
			if err != nil {
				return err
			}
			now := row.Source
			now.Paused = true
			return c.storeSource(ctx, &row, now, secrets)
		}
	}
	return nil
}

func (c *Control) removeTokens(ctx context.Context, _ skein.Actor, in RemoveSource) error {
	return c.deleteTokens(ctx, func(t store.Token) bool { return t.Source == in.Name })
}

func (c *Control) removeTransferZones(ctx context.Context, _ skein.Actor, in RemoveSource) error {
	return c.eachTransferZone(ctx, in.Name, func(zones []skein.TransferZone) error {
		names := make([]zone.Name, len(zones))
		for i, z := range zones {
			names[i] = z.Name
		}
		if _, err := c.Store.DeleteTransferZones(ctx, in.Name, names); err != nil || c.Intake == nil {
			return err
		}
		for _, name := range names {
			if err := c.Intake.RemoveZone(name, in.Name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Control) eachTransferZone(ctx context.Context, source string, do func([]skein.TransferZone) error) error {
	for after := (skein.TransferZone{}); ; {
		zones, err := c.Store.TransferZones(ctx, store.TransferQuery{Source: source, After: after, Limit: maxLimit})
		if err != nil || len(zones) == 0 {
			return err
		}
		if err := do(zones); err != nil {
			return err
		}
		after = zones[len(zones)-1]
	}
}

func (c *Control) removeWaiting(ctx context.Context, _ skein.Actor, in RemoveSource) error {
	for {
		rows, err := c.Store.Waiting(ctx, store.WaitingQuery{Source: in.Name, Limit: maxLimit})
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]int64, len(rows))
		for i, row := range rows {
			ids[i] = row.ID
		}
		if err := c.dropAll(ctx, ids); err != nil {
			return err
		}
	}
}

func (c *Control) removeRules(ctx context.Context, _ skein.Actor, in RemoveSource) error {
	defer c.unknown()
	rules, err := c.Store.Rules(ctx)
	if err != nil {
		return err
	}
	for _, r := range rules {
		if r.From != in.Name && r.To != in.Name {
			continue
		}
		if err := c.Store.DeleteRule(ctx, r.Kind, r.From, r.To); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}
