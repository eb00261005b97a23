package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// The tenants of the stories, and who acts in them. Whose a zone is can be told
// by its owner alone.
var parents = map[string]string{"root": "", "rita": "root", "rolf": "root", "carl": "rita", "cora": "rolf", "clara": "root"}

// reach is the tenants that somebody of a tenant reaches.
func reach(tenant string) (names []string) {
	for name, parent := range parents {
		if tenant == "root" || name == tenant || parent == tenant {
			names = append(names, name)
		}
	}
	return names
}

// hosting is a world with tenants, a panel of each, and a person of each role.
type tenancies struct {
	*world
	actors map[string]skein.Actor // by what is said of them
	of     map[string]string      // their tenants
}

func newTenancies(t testing.TB) *tenancies {
	w := newWorld(t)
	for _, name := range []string{"rita", "rolf", "clara"} {
		kind := skein.TenantReseller
		if name == "clara" {
			kind = skein.TenantCustomer
		}
		w.tenant(skein.Tenant{Name: name, Kind: kind})
	}
	w.tenant(skein.Tenant{Name: "carl", Parent: "rita"})
	w.tenant(skein.Tenant{Name: "cora", Parent: "rolf"})
	c := &tenancies{world: w, actors: map[string]skein.Actor{}, of: map[string]string{}}
	for tenant := range parents {
		full := map[string]skein.AccessRole{"root": skein.RoleRoot, "rita": skein.RoleReseller, "rolf": skein.RoleReseller}[tenant]
		if full == "" {
			full = skein.RoleCustomer
		}
		for name, in := range map[string]skein.CreateToken{
			tenant + "'s":          {Role: full},
			tenant + "'s reader":   {Role: skein.RoleReadOnly},
			tenant + "'s panel":    {Source: "panel-" + tenant},
			tenant + "'s for half": {Role: full, Scope: skein.Scope{Zones: []zone.Name{"a.example.", "*.half.example."}}},
		} {
			in.Name, in.Tenant = name, tenant
			made, err := w.CreateToken(w.ctx(), anna, in)
			w.must(err)
			c.actors[name], err = w.Authenticate(w.ctx(), made.Secret)
			w.must(err)
			c.of[name] = tenant
		}
	}
	return c
}

// owner returns the owner of a zone and its revision, whoever asks; "" if there is none.
func (c *tenancies) owner(name zone.Name) (string, skein.Revision) {
	z, err := c.store.Zone(c.ctx(), name)
	if err != nil {
		return "", 0
	}
	return z.Owner, z.Revision
}

// Whatever tenants do with each other's zones, what each sees and changes lies
// in its tenants, and what is another's answers as what does not exist.
func TestTenantsAreIsolated(t *testing.T) {
	t.Parallel()
	c := newTenancies(t)
	names := []zone.Name{"a.example.", "b.example.", "x.half.example.", "2.0.192.in-addr.arpa."}
	var all []string
	for name := range c.actors {
		all = append(all, name)
	}
	slices.Sort(all)
	rapid.Check(t, func(rt *rapid.T) {
		rt.Repeat(map[string]func(*rapid.T){
			"change": func(rt *rapid.T) {
				who, name := rapid.SampledFrom(all).Draw(rt, "who"), rapid.SampledFrom(names).Draw(rt, "zone")
				c.tryChange(rt, who, name, rapid.IntRange(0, 7).Draw(rt, "what"))
			},
			"": func(rt *rapid.T) {
				who := rapid.SampledFrom(all).Draw(rt, "who")
				for _, name := range names {
					c.checkSight(rt, who, name)
				}
				c.checkLists(rt, who)
			},
		})
	})
}

// tryChange has somebody do something with a zone. If it is another tenant's,
// nothing comes of it.
func (c *tenancies) tryChange(rt *rapid.T, who string, name zone.Name, what int) {
	actor := c.actors[who]
	before, was := c.owner(name)
	var err error
	switch what {
	case 0:
		_, err = c.PutZone(c.ctx(), actor, control.PutZone{Name: name, Sets: c.sets(name, apex(1)+fmt.Sprintf("h TXT %d\n", rapid.IntRange(0, 9).Draw(rt, "text")))})
	case 1:
		_, err = c.PutZone(c.ctx(), actor, control.PutZone{Name: name, Sets: c.sets(name, apex(1)), CreateOnly: true})
	case 2:
		_, err = c.EditRecords(c.ctx(), actor, control.EditRecords{Zone: name, Edits: c.edits(name, fmt.Sprintf("set www 300 A 192.0.2.%d", rapid.IntRange(1, 9).Draw(rt, "address")))})
	case 3:
		_, err = c.DeleteZone(c.ctx(), actor, control.DeleteZone{Name: name})
	case 4:
		_, err = c.UndeleteZone(c.ctx(), actor, control.UndeleteZone{Name: name})
	case 5:
		_, err = c.SetOwner(c.ctx(), actor, control.SetOwner{Name: name, Tenant: rapid.SampledFrom([]string{"root", "rita", "rolf", "carl", "cora", "clara"}).Draw(rt, "to")})
	case 6:
		to := rapid.SampledFrom([]string{"panel-root", "panel-rita", "panel-carl", "rita", "carl", "rolf", "admin"}).Draw(rt, "to")
		_, err = c.TakeOver(c.ctx(), actor, control.TakeOver{Name: name, To: to})
	case 7:
		waiting, listed := c.Waiting(c.ctx(), actor, control.WaitingQuery{})
		if listed != nil || len(waiting) == 0 {
			return
		}
		w := rapid.SampledFrom(waiting).Draw(rt, "number")
		name = w.Zone
		before, was = c.owner(name)
		_, err = c.Release(c.ctx(), actor, control.Decision{ID: w.ID})
	}
	mine := reach(c.of[who])
	after, is := c.owner(name)
	if strings.HasSuffix(who, "reader") && is != was {
		rt.Fatalf("%s did %d with %s", who, what, name)
	}
	if is != was && before != "" && !slices.Contains(mine, before) {
		rt.Fatalf("%s did %d with %s of %s", who, what, name, before)
	}
	if after != before && !slices.Contains(mine, after) && after != "" {
		rt.Fatalf("%s gave %s to %s", who, name, after)
	}
	if err != nil && before != "" && !slices.Contains(mine, before) {
		c.tellsNothing(rt, who, err)
	}
}

// tellsNothing wants a refusal to name no source, tenant or token of those whom
// somebody does not reach. Those above are known: their panels send one's zones.
func (c *tenancies) tellsNothing(rt *rapid.T, who string, err error) {
	for tenant := range parents {
		if mine := c.of[who]; slices.Contains(reach(mine), tenant) || tenant == "root" || parents[mine] == tenant {
			continue
		}
		for _, word := range []string{fmt.Sprintf("%q", tenant), "panel-" + tenant} {
			if strings.Contains(err.Error(), word) {
				rt.Fatalf("%s is told: %v", who, err)
			}
		}
	}
}

// checkSight wants every way to look at a zone to agree on whether it exists.
func (c *tenancies) checkSight(rt *rapid.T, who string, name zone.Name) {
	actor := c.actors[who]
	owner, _ := c.owner(name)
	_, none := c.Zone(c.ctx(), actor, "nosuch.example.")
	_, err := c.Zone(c.ctx(), actor, name)
	if err == nil && !slices.Contains(reach(c.of[who]), owner) {
		rt.Fatalf("%s reads %s of %s", who, name, owner)
	}
	if err != nil && strings.ReplaceAll(err.Error(), string(name), "nosuch.example.") != none.Error() {
		rt.Fatalf("%s: %v for a zone that is another's, %v for none", who, err, none)
	}
	for what, look := range map[string]func() error{
		"contents": func() error { _, _, err := c.Contents(c.ctx(), actor, name); return err },
		"overlays": func() error { _, err := c.Overlays(c.ctx(), actor, name); return err },
	} {
		if again := look(); (again == nil) != (err == nil) || again != nil && again.Error() != err.Error() {
			rt.Fatalf("%s, %s: %v, and the zone: %v", who, what, again, err)
		}
	}
	if err == nil || owner == "" {
		return
	}
	if _, err := c.Receipt(c.ctx(), actor, name, 0); skein.KindOf(err) != skein.KindNotFound {
		rt.Fatalf("%s has the receipt of %s: %v", who, name, err)
	}
}

// checkLists wants lists to show what lies in the tenants, and nothing else.
func (c *tenancies) checkLists(rt *rapid.T, who string) {
	actor, mine := c.actors[who], reach(c.of[who])
	list, err := c.List(c.ctx(), actor, control.Page{})
	if err != nil {
		rt.Fatal(err)
	}
	zones, err := c.store.List(c.ctx(), store.ListQuery{})
	c.must(err)
	seen := 0
	for _, z := range zones {
		_, err := c.Zone(c.ctx(), actor, z.Name)
		if listed := slices.ContainsFunc(list, func(l skein.Zone) bool { return l.Name == z.Name }); listed && err != nil || !listed && err == nil && z.Origin != "admin" {
			rt.Fatalf("%s, %s: listed %v, and %v", who, z.Name, listed, err)
		} else if listed {
			seen++
		}
	}
	if seen != len(list) {
		rt.Fatalf("%s lists %d zones, and there are %d", who, len(list), seen)
	}
	gone, err := c.Deleted(c.ctx(), actor, 0, "", 1000)
	if err != nil {
		rt.Fatal(err)
	}
	for _, z := range gone {
		if !slices.Contains(mine, z.Owner) {
			rt.Fatalf("%s can bring back %s of %s", who, z.Name, z.Owner)
		}
	}
	waiting, err := c.Waiting(c.ctx(), actor, control.WaitingQuery{Limit: 1000})
	if err != nil {
		rt.Fatal(err)
	}
	for _, w := range waiting {
		if tenant := strings.TrimPrefix(w.Source, "panel-"); tenant != "admin" && !slices.Contains(mine, tenant) || tenant == "admin" && c.of[who] != "root" {
			rt.Fatalf("%s sees what waits of %s", who, w.Source)
		}
		c.tellsNothing(rt, who, fmt.Errorf("%s %s", w.Reason, w.Mend))
		if z, err := c.store.ZoneByID(c.ctx(), w.ZoneID); w.ZoneID != "" && (err != nil || !slices.Contains(mine, z.Owner)) {
			rt.Fatalf("%s is told of zone %s of %s: %v", who, w.ZoneID, z.Owner, err)
		}
	}
	entries, err := c.Audit(c.ctx(), actor, skein.AuditQuery{Limit: 50})
	if may := skein.KindOf(err) != skein.KindForbidden; err != nil && may {
		rt.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(mine, e.Tenant) {
			rt.Fatalf("%s reads of %s: %+v", who, e.Tenant, e)
		}
	}
}
