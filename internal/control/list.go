package control

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// selection is what of all zones an actor sees: those of an origin, or of
// owners; everything if it looks at the whole.
func selection(k auth.Known, actor skein.Actor) (origin string, owners []string) {
	switch {
	case k.Whole(actor):
		return "", nil
	case auth.Panel(actor):
		return actor.Source, nil
	}
	return "", k.Tenancy(actor)
}

// sight is selection, and what a server of the cluster sees beside its own.
func sight(k auth.Known, actor skein.Actor) (origin string, owners []string) {
	if !auth.Clustered(actor) {
		return selection(k, actor)
	}
	if tenant := k.TenantOf(actor); tenant != skein.RootTenant {
		return "", k.Under(tenant)
	}
	return "", nil
}

// sourcesOf returns the sources that are an actor's affair; those who look at
// the whole need not ask.
func sourcesOf(k auth.Known, actor skein.Actor) (names []string) {
	if auth.Panel(actor) {
		return []string{actor.Source}
	}
	mine := auth.PeopleOf(k.TenantOf(actor))
	names = []string{mine}
	for name := range k.Sources {
		if name != mine && k.Reaches(actor, k.OwnerOf(name)) {
			names = append(names, name)
		}
	}
	return names
}

// List returns the zones that the actor sees, in canonical order of names; of
// shared ones only its own. 100 where no limit is given, at most 1000.
func (c *Control) List(ctx context.Context, actor skein.Actor, page Page) ([]skein.Zone, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return nil, err
	}
	q := store.ListQuery{Contains: strings.ToLower(page.Contains), Limit: limited(page.Limit)}
	q.Origin, q.Owners = sight(k, actor)
	if page.After != "" {
		if q.After, err = zone.ParseName(page.After); err != nil {
			return nil, invalid("the list cannot go on from there: "+err.Error(), "start from the beginning")
		}
	}
	if some, err := c.narrow(ctx, k, actor, page.Of, &q); !some || err != nil {
		return nil, err
	}
	switch {
	case page.Of.State != "":
		return skipping(q, page.Skip, func(q store.ListQuery) ([]skein.Zone, error) { return c.listInState(ctx, actor, page.Of, q) })
	case len(actor.Scope.Zones) > 0:
		return skipping(q, page.Skip, func(q store.ListQuery) ([]skein.Zone, error) { return c.listScope(ctx, k, actor, q) })
	}
	q.Skip = page.Skip
	return c.Store.List(ctx, q)
}

// skipping leaves zones out of a list that the store does not choose alone, a
// part at a time.
func skipping(q store.ListQuery, skip int, list func(store.ListQuery) ([]skein.Zone, error)) ([]skein.Zone, error) {
	for skip > 0 {
		part := q
		part.Limit = min(skip, maxLimit)
		zones, err := list(part)
		if err != nil || len(zones) < part.Limit {
			return nil, err
		}
		skip -= len(zones)
		q.After = zones[len(zones)-1].Name
	}
	return list(q)
}

// Deleted returns the zones that the actor can bring back, the newest deletion
// first. They are those that were deleted before a revision, 0 for all; 100
// where no limit is given, at most 1000.
func (c *Control) Deleted(ctx context.Context, actor skein.Actor, before skein.Revision, contains string, limit int) ([]skein.DeletedZone, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return nil, err
	}
	q := store.DeletedQuery{Before: before, Contains: strings.ToLower(contains), Limit: limited(limit)}
	q.Origin, q.Owners = selection(k, actor)
	gone, err := inScope(actor, q.Limit, func(t store.Tombstone) zone.Name { return t.Zone.Name }, func(last *store.Tombstone) ([]store.Tombstone, error) {
		if last != nil {
			q.Before = last.Zone.Revision
		}
		return c.Store.Deleted(ctx, q)
	})
	list := make([]skein.DeletedZone, len(gone))
	for i, t := range gone {
		list[i] = skein.DeletedZone{Zone: t.Zone, Last: t.Last, Until: t.Zone.Changed.Add(c.Keep)}
	}
	return list, err
}

// listScope lists the zones that a token is limited to. A name and all below it
// follow each other, so that what is read is what is asked for.
func (c *Control) listScope(ctx context.Context, k auth.Known, actor skein.Actor, q store.ListQuery) (list []skein.Zone, err error) {
	patterns := slices.Clone(actor.Scope.Zones)
	slices.SortFunc(patterns, func(a, b zone.Name) int {
		x, _ := auth.Below(a)
		y, _ := auth.Below(b)
		return cmp.Or(cmp.Compare(x.Key(), y.Key()), cmp.Compare(len(a), len(b))) // a name, then what is below
	})
	for _, pattern := range patterns {
		name, below := auth.Below(pattern)
		var more []skein.Zone
		if below {
			more, err = c.listBelow(ctx, name, q, q.Limit-len(list))
		} else {
			more, err = c.listOne(ctx, k, actor, name, q)
		}
		if err != nil {
			return nil, err
		}
		if list = append(list, more...); len(list) == q.Limit {
			return list, nil
		}
		if len(list) > 0 { // patterns may overlap
			q.After = list[len(list)-1].Name
		}
	}
	return list, nil
}

// listOne lists the zone of a name, if it comes after the last one of the page before.
func (c *Control) listOne(ctx context.Context, k auth.Known, actor skein.Actor, name zone.Name, q store.ListQuery) ([]skein.Zone, error) {
	if q.After != "" && name.Key() <= q.After.Key() {
		return nil, nil
	}
	z, err := c.Store.Zone(ctx, name)
	if errors.Is(err, store.ErrNotFound) || err == nil && !(k.Reads(actor, z) && selects(q, z)) {
		return nil, nil
	}
	return []skein.Zone{z}, err
}

// listBelow lists the zones below a name.
func (c *Control) listBelow(ctx context.Context, name zone.Name, q store.ListQuery, limit int) (list []skein.Zone, err error) {
	if q.After == "" || q.After.Key() < name.Key() {
		q.After = name
	}
	q.Limit = limit
	list, err = c.Store.List(ctx, q)
	if end := slices.IndexFunc(list, func(z skein.Zone) bool { return !z.Name.IsSubdomainOf(name) }); end >= 0 {
		list = list[:end]
	}
	return list, err
}

// inScope reads pages until one is full of what an actor's token has, or
// nothing is left. Next returns what follows the last one, at most limit.
func inScope[T any](actor skein.Actor, limit int, name func(T) zone.Name, next func(last *T) ([]T, error)) (list []T, err error) {
	var last *T
	for {
		page, err := next(last)
		if err != nil || len(actor.Scope.Zones) == 0 {
			return page, err
		}
		for i := range page {
			if last = &page[i]; auth.Covers(actor.Scope, name(*last)) && len(list) < limit {
				list = append(list, *last)
			}
		}
		if len(page) < limit || len(list) == limit {
			return list, nil
		}
	}
}
