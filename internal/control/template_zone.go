package control

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/template"
	"github.com/skein-dns/skein/zone"
)

// zoneReset is the action of the audit log where a zone becomes what a
// template makes of it.
const zoneReset = "zone.reset"

// The TTLs of templates in seconds, as WHM has them.
const (
	templateTTL   = "14400"
	templateNSTTL = "86400"
)

// CreateFromTemplate makes a zone from the template of a name that is in force
// for its owner. The serial is chosen as for any zone.
func (c *Control) CreateFromTemplate(ctx context.Context, actor skein.Actor, in TemplateZone) (Result, error) {
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: zoneCreate, Zone: in.Zone}, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			k, err := c.known(ctx)
			if err != nil {
				return proposal{}, err
			}
			owner, err := giveTo(k, &change.Actor, in.Owner)
			if err != nil {
				return proposal{}, err
			}
			values := template.Values{"ip": textOf(in.IPv4), "ipv6": textOf(in.IPv6)}
			contents, _, err := c.expand(ctx, k, owner, in.Zone, in.Template, values, in.Values)
			if err != nil {
				return proposal{}, err
			}
			put := PutZone{Name: in.Zone, CreateOnly: true, Sets: slices.Collect(contents.All())}
			change.Diff = linesOf("+ ", put.Sets)
			return c.proposePut(ctx, change, put)
		},
	})
}

// giveTo has an actor put in what is to belong to a tenant, its own if it is
// "", and returns whose it then is.
func giveTo(k auth.Known, actor *skein.Actor, tenant string) (string, error) {
	mine := k.TenantOf(*actor)
	if tenant == "" || tenant == mine {
		return mine, nil
	}
	if k.Kind(tenant) == "" || !k.Reaches(*actor, tenant) {
		return "", auth.NoTenant(tenant)
	}
	actor.Source = auth.PeopleOf(tenant)
	return tenant, nil
}

// ResetZone makes a zone what a template makes of it. Its valid TXT records
// stay, since keys of mail and proofs of ownership are in no template; so do
// its addresses, if no others are given, and what others have put over it.
func (c *Control) ResetZone(ctx context.Context, actor skein.Actor, in ResetZone) (Result, error) {
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: zoneReset, Zone: in.Zone}, dryRun: in.DryRun,
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			k, z, err := c.present(ctx, change)
			if err != nil {
				return proposal{}, err
			}
			if err := k.Change(change.Actor, z); err != nil {
				return proposal{}, err
			}
			if err := expected(z, in.Expect); err != nil {
				return proposal{}, err
			}
			if auth.InReverseTree(z) || z.Name == zone.Root {
				return proposal{}, invalid(fmt.Sprintf("no template makes %s", z.Name), "restore an older version instead (skein zone restore)")
			}
			l, err := c.layersOf(ctx, z)
			if err != nil {
				return proposal{}, err
			}
			if signed(l.over) {
				return proposal{}, isSigned(z)
			}
			return c.proposeReset(ctx, k, change, in, z, l)
		},
	})
}

func (c *Control) proposeReset(ctx context.Context, k auth.Known, change *skein.Change, in ResetZone, z skein.Zone, l layers) (proposal, error) {
	v := version{way: k.WayOf(change.Actor, z), people: auth.PeopleOf(k.TenantOf(change.Actor)), rules: zone.Strict}
	own := l.over
	if v.way == auth.Own { // what is over the base stays by itself
		var err error
		if own, err = l.base(); err != nil {
			return proposal{}, err
		}
	}
	values := template.Values{
		"ip":    cmp.Or(textOf(in.IPv4), addressAt(own, z.Name, zone.TypeA)),
		"ipv6":  cmp.Or(textOf(in.IPv6), addressAt(own, z.Name, zone.TypeAAAA)),
		"ftpip": addressAt(own, "ftp."+z.Name, zone.TypeA),
	}
	contents, warnings, err := c.expand(ctx, k, z.Owner, z.Name, in.Template, values, in.Values)
	if err != nil {
		return proposal{}, err
	}
	var left []skein.Problem
	v.next, left = withTexts(contents, own)
	p, err := c.proposeVersion(ctx, k, change, z, l, v)
	p.result.Warnings = slices.Concat(warnings, left, p.result.Warnings)
	return p, err
}

// withTexts returns what a zone is to hold with the TXT records that it has in
// the place of those at the same names. Those that do not fit are left out.
func withTexts(next, own zone.Contents) (zone.Contents, []skein.Problem) {
	var left []skein.Problem
	for set := range own.All() {
		if set.Type != zone.TypeTXT {
			continue
		}
		d := zone.Delta{Add: []zone.RRset{set}}
		if other, there := next.Get(set.Name, set.Type); there {
			d.Del = []zone.RRset{other}
		}
		with, err := next.Apply(d)
		if err == nil {
			_, err = zone.ValidateNames(with, []zone.Name{set.Name}, zone.Strict)
		}
		if err == nil {
			next = with
		} else if len(left) < maxProblems {
			left = append(left, skein.Problem{Name: string(set.Name), Warning: true, Text: fmt.Sprintf("the TXT records of %s do not fit and are left out: %v", set.Name, err)})
		}
	}
	return next, left
}

// expand makes contents of a zone of a tenant from a template, by the rules of
// editors.
func (c *Control) expand(ctx context.Context, k auth.Known, owner string, name zone.Name, from string, values template.Values, given map[string]string) (zone.Contents, []skein.Problem, error) {
	fill(&from, skein.DefaultTemplate)
	if err := checkZoneName(name); err != nil {
		return zone.Contents{}, nil, err
	}
	if name == zone.Root {
		return zone.Contents{}, nil, invalid("no template makes the root zone", "name the zone")
	}
	t, err := c.templateFor(ctx, k, owner, from)
	if err != nil {
		return zone.Contents{}, nil, err
	}
	pool := c.pool(poolOf(k, owner))
	values, err = c.valuesOf(k, owner, name, pool, values, given)
	if err != nil {
		return zone.Contents{}, nil, invalid("the values for the template are not right: "+err.Error(), "correct them")
	}
	contents, warnings, err := template.Zone(t.Text, name, values)
	if err != nil {
		e := skein.InvalidZone(name, err)
		e.What, e.Mend = fmt.Sprintf("the template %s makes no right zone of %s", from, name), "mend the template, or give it other values"
		if values["nameserver"] == "" {
			e.Mend = fmt.Sprintf("give the pool its nameservers (skein pool edit %s --nameserver NAME=ADDRESS), or name those of the zone", pool.Name)
		}
		return zone.Contents{}, nil, e
	}
	return contents, skein.ProblemsOf(warnings), nil
}

// valuesOf returns the values of a zone's variables: those given, else what is
// said of the zone, else what is known of its owner and of the pool.
func (c *Control) valuesOf(k auth.Known, owner string, name zone.Name, pool skein.Pool, values template.Values, given map[string]string) (template.Values, error) {
	all := template.Values{
		"cpversion": c.Version, "maildomain": string(name), "nsttl": templateNSTTL, "reseller": resellerOf(k, owner),
		"rpemail": string(cmp.Or(pool.RName, "hostmaster."+name)), "serial": "0", "ttl": templateTTL, // 0: to be chosen
	}
	isNameserver := func(variable string) bool { return strings.HasPrefix(variable, "nameserver") }
	if !slices.ContainsFunc(slices.Collect(maps.Keys(given)), isNameserver) { // else they are not the pool's
		nameserversOf(pool, all)
	}
	for _, more := range [...]map[string]string{values, given} {
		for variable, value := range more {
			if value != "" {
				all[variable] = value
			}
		}
	}
	if all["ftpip"] == "" {
		all["ftpip"] = all["ip"]
	}
	all, err := all.Read()
	if err != nil {
		return nil, err
	}
	// Nameservers have entries in the zone that they are in.
	for _, number := range numbers {
		if ns := zone.Name(all["nameserver"+number] + "."); ns != "." && ns.IsSubdomainOf(name) && all["nameserverentry"+number] == "" {
			all["nameserverentry"+number] = all["nameserver"+number]
		}
	}
	return all, nil
}

// numbers tell the variables of the four nameservers apart.
var numbers = [...]string{"", "2", "3", "4"}

// nameserversOf adds a pool's nameservers to values, each with its first IPv4 address.
func nameserversOf(pool skein.Pool, values template.Values) {
	for i, ns := range pool.Nameservers[:min(len(pool.Nameservers), len(numbers))] {
		values["nameserver"+numbers[i]] = string(ns.Name)
		if at := slices.IndexFunc(ns.Addresses, netip.Addr.Is4); at >= 0 {
			values["nameservera"+numbers[i]] = ns.Addresses[at].String()
		}
	}
}

// resellerOf returns the reseller that a tenant is or belongs to; root if none.
func resellerOf(k auth.Known, tenant string) string {
	for _, name := range above(k, tenant) {
		if k.Kind(name) == skein.TenantReseller {
			return name
		}
	}
	return skein.RootTenant
}

// addressAt returns the first address that a name has, "" if it has none.
func addressAt(c zone.Contents, name zone.Name, t zone.Type) string {
	set, there := c.Get(name, t)
	if !there {
		return ""
	}
	return set.Data[0].Text(t)
}

func textOf(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
