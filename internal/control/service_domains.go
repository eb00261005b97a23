package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// serviceZones is how many zones are being changed at once: what comes together
// is committed in one group.
const serviceZones = 16

// ServiceDomains adds the names of a panel's services to a part of the zones, or
// takes them away, each zone by a change of its own. What else stands at these
// names stays, but for that of Autodiscover where it is to be replaced.
func (c *Control) ServiceDomains(ctx context.Context, actor skein.Actor, in ServiceDomains) (part ServiceDomainsPart, err error) {
	k, err := c.permit(ctx, actor, skein.PermitRecords)
	if err != nil {
		return part, err
	}
	if err := checkServices(in); err != nil {
		return part, err
	}
	if in.Domain != "" {
		if err := auth.InScope(actor, in.Domain); err != nil {
			return part, err
		}
	}
	if in.IfEnabled && !c.settings().ServiceDomains {
		return part, nil
	}
	if in.Domain != "" {
		z, err := c.Zone(ctx, actor, in.Domain)
		if err != nil {
			return part, err
		}
		one := c.servicesIn(ctx, actor, in, z)
		part.Zones = []ServiceDomainsZone{one}
		return part, one.Err
	}
	zones, next, err := c.serviceZones(ctx, k, actor, in)
	if err != nil {
		return part, err
	}
	all := make([]ServiceDomainsZone, len(zones))
	var group errgroup.Group
	group.SetLimit(serviceZones)
	for i, z := range zones {
		group.Go(func() error {
			all[i] = c.servicesIn(ctx, actor, in, z)
			return nil
		})
	}
	group.Wait()
	part.Next = next
	part.Zones = slices.DeleteFunc(all, func(z ServiceDomainsZone) bool { return z.Err == nil && !z.Changed && len(z.Warnings) == 0 })
	return part, ctx.Err()
}

func checkServices(in ServiceDomains) error {
	if in.Domain != "" && in.Tenant != "" {
		return invalid("a zone and a tenant are named", "name one of them")
	}
	names := make([]string, len(services))
	for i, s := range services {
		names[i] = s.name
	}
	if in.Subdomain != "" && !slices.Contains(names, in.Subdomain) {
		return invalid(fmt.Sprintf("there is no service domain %.100q", in.Subdomain), fmt.Sprintf("they are %v", names))
	}
	return nil
}

// serviceZones returns the zones of a part, and the one to go on after.
func (c *Control) serviceZones(ctx context.Context, k auth.Known, actor skein.Actor, in ServiceDomains) (zones []skein.Zone, next zone.Name, err error) {
	q := store.ListQuery{After: in.After, Limit: limited(in.Limit)}
	q.Origin, q.Owners = selection(k, actor)
	if in.Tenant != "" {
		if k.Kind(in.Tenant) == "" || !k.Reaches(actor, in.Tenant) {
			return nil, "", auth.NoTenant(in.Tenant)
		}
		q.Owners = []string{in.Tenant}
	}
	zones, err = c.Store.List(ctx, q)
	if len(zones) == q.Limit {
		next = zones[len(zones)-1].Name
	}
	return slices.DeleteFunc(zones, func(z skein.Zone) bool { return !k.Reads(actor, z) || auth.InReverseTree(z) }), next, err
}

// servicesIn adds services to a zone, or takes them away.
func (c *Control) servicesIn(ctx context.Context, actor skein.Actor, in ServiceDomains, z skein.Zone) (r ServiceDomainsZone) {
	for range tries {
		if r.Result, r.Err = c.serveIn(ctx, actor, in, z); !errors.Is(r.Err, errMoved) && !errors.Is(r.Err, store.ErrChanged) {
			return r
		}
		if z, r.Err = c.Zone(ctx, actor, z.Name); r.Err != nil {
			return r
		}
	}
	r.Err = busy(z.Name, r.Err)
	return r
}

func (c *Control) serveIn(ctx context.Context, actor skein.Actor, in ServiceDomains, z skein.Zone) (Result, error) {
	none := Result{Zone: z}
	all := servicePlaces(in, c.settings(), z.Name)
	names := []zone.Name{z.Name}
	for _, p := range all {
		names = append(names, p.name)
	}
	sets, at, err := c.Store.Nodes(ctx, z.ID, names)
	if errors.Is(err, store.ErrNotFound) || err == nil && at != z.Revision {
		return none, errMoved
	}
	if err != nil {
		return none, err
	}
	now, err := zone.NewContents(z.Name, sets)
	if err != nil {
		return none, err
	}
	edits, warnings := serviceEdits(in, all, now)
	none.Warnings = warnings
	if len(edits) == 0 {
		return none, nil
	}
	result, err := c.EditRecords(ctx, actor, EditRecords{Zone: z.Name, Edits: edits, Expect: &z.Revision, DryRun: in.DryRun})
	if err != nil {
		return none, err
	}
	result.Warnings = append(warnings, result.Warnings...)
	return result, nil
}
