package control

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// narrow has a query select what a filter does, of what the actor sees; some
// is false where that is nothing for certain.
func (c *Control) narrow(ctx context.Context, k auth.Known, actor skein.Actor, f skein.ZoneFilter, q *store.ListQuery) (some bool, err error) {
	if f.Origin != "" {
		if q.Origin != "" && q.Origin != f.Origin {
			return false, nil
		}
		q.Origin = f.Origin
	}
	if f.Owner != "" {
		if q.Owners != nil && !slices.Contains(q.Owners, f.Owner) {
			return false, nil
		}
		q.Owners = []string{f.Owner}
	}
	if f.Pool != "" {
		q.Pools = []string{f.Pool}
	}
	if f.Member == "" {
		return true, nil
	}
	m, err := c.Member(ctx, actor, f.Member)
	if err != nil {
		return false, err
	}
	served := servedBy(m)
	if f.Pool != "" && !slices.Contains(served, f.Pool) {
		return false, nil
	}
	if f.Pool == "" {
		q.Pools = served
	}
	return true, nil
}

// servedBy returns the pools whose zones a member is to have.
func servedBy(m skein.Member) []string {
	own := m.Pool
	fill(&own, skein.DefaultPool)
	pools := []string{}
	if writes(m.Role) {
		pools = append(pools, own)
	}
	for _, share := range m.Shares {
		if writes(share.Role) {
			pools = append(pools, share.Pool)
		}
	}
	return pools
}

// selects reports whether a query selects a zone, wherever its page begins.
func selects(q store.ListQuery, z skein.Zone) bool {
	return (q.Origin == "" || z.Origin == q.Origin) &&
		(q.Owners == nil || slices.Contains(q.Owners, z.Owner)) &&
		(q.Pools == nil || slices.Contains(q.Pools, z.Pool)) &&
		strings.Contains(strings.ToLower(string(z.Name)), q.Contains)
}

// listInState lists the zones that members have in a state. What is asked of
// the cluster is what is not as it should be, and not all zones.
func (c *Control) listInState(ctx context.Context, actor skein.Actor, f skein.ZoneFilter, q store.ListQuery) ([]skein.Zone, error) {
	members := []string{memberName(f.Member)}
	if f.Member == "" {
		all, err := c.Members(ctx, actor)
		if err != nil {
			return nil, err
		}
		members = members[:0]
		for _, m := range all {
			members = append(members, m.Name)
		}
	}
	list := []skein.Zone{}
	for {
		names := c.Cluster.InState(members, f.State, q.After, q.Limit)
		for _, name := range names {
			z, err := c.Store.Zone(ctx, name)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			if q.After = name; err != nil || !selects(q, z) || !auth.Covers(actor.Scope, name) {
				continue
			}
			if list = append(list, z); len(list) == q.Limit {
				return list, nil
			}
		}
		if len(names) < q.Limit {
			return list, nil
		}
	}
}
