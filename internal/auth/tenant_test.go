package auth

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// Two resellers, customers of them and of root, and a panel of each.
var hoster = Known{
	Tenants: map[string]skein.Tenant{
		"root":  {Name: "root", Kind: skein.TenantRoot},
		"rita":  {Name: "rita", Kind: skein.TenantReseller, Parent: "root", Clustering: true},
		"rolf":  {Name: "rolf", Kind: skein.TenantReseller, Parent: "root"},
		"carl":  {Name: "carl", Kind: skein.TenantCustomer, Parent: "rita"},
		"clara": {Name: "clara", Kind: skein.TenantCustomer, Parent: "root"},
	},
	Sources: map[string]skein.Source{
		"plesk1": {Name: "plesk1"}, "plesk-rita": {Name: "plesk-rita", Tenant: "rita"},
		"plesk-rita2": {Name: "plesk-rita2", Tenant: "rita"}, "plesk-rolf": {Name: "plesk-rolf", Tenant: "rolf"},
	},
}

// person is somebody of a tenant, who signed in.
func person(tenant string, r skein.AccessRole) skein.Actor {
	return skein.Actor{Name: "someone", Source: PeopleOf(tenant), Tenant: tenant, Role: r, Admin: r == skein.RoleRoot}
}

func limited(a skein.Actor, s skein.Scope) skein.Actor {
	a.Scope = s
	return a
}

var (
	root   = person("root", skein.RoleRoot)
	looks  = person("root", skein.RoleReadOnly)
	rita   = person("rita", skein.RoleReseller)
	rolf   = person("rolf", skein.RoleReseller)
	carl   = person("carl", skein.RoleCustomer)
	watch  = person("rita", skein.RoleReadOnly)
	plesk1 = skein.Actor{Name: "plesk1", Source: "plesk1"}
	ritas  = skein.Actor{Name: "plesk-rita", Source: "plesk-rita"}
	rolfs  = skein.Actor{Name: "plesk-rolf", Source: "plesk-rolf"}
	server = skein.Scope{Cluster: true}
)

// What each role may change and see, of everything that there is a permission for.
func TestPermissions(t *testing.T) {
	t.Parallel()
	all := []string{"zones", "records", "sources", "clustering", "access"}
	for situation, row := range map[string]struct {
		actor      skein.Actor
		may, sees  string
		maysOfRoot string // of the whole cluster
	}{
		"root":                                  {root, "zones records sources clustering access", "zones records sources clustering access", "zones records sources clustering access"},
		"a program of ours":                     {skein.Actor{Name: "skein", Admin: true}, "zones records sources clustering access", "zones records sources clustering access", "zones records sources clustering access"},
		"root, to look":                         {looks, "", "zones records sources clustering access", ""},
		"a reseller who may cluster":            {rita, "zones records sources clustering access", "zones records sources clustering access", ""},
		"a reseller who may not":                {rolf, "zones records sources access", "zones records sources access", ""},
		"a reseller's, to look":                 {watch, "", "zones records sources clustering access", ""},
		"a customer":                            {carl, "zones records", "zones records", ""},
		"a customer's, to look":                 {person("carl", skein.RoleReadOnly), "", "zones records", ""},
		"a panel":                               {plesk1, "zones records", "zones records", ""},
		"a token of root's for records":         {limited(root, skein.Scope{Permissions: []skein.Permission{"records"}}), "records", "records", "records"},
		"a token of root's for a zone":          {limited(root, skein.Scope{Zones: []zone.Name{"a.example."}}), "zones records", "zones records", "zones records"},
		"a customer's token that asks for more": {limited(carl, skein.Scope{Permissions: []skein.Permission{"access", "records"}}), "records", "records", ""},
		"nobody":                                {nobody, "", "", ""},
		"a role that there is not":              {person("carl", "owner"), "", "", ""},
		"a reseller whose tenant is gone":       {person("gone", skein.RoleReseller), "zones records sources access", "zones records sources access", ""},
	} {
		var may, sees, whole []string
		for _, p := range all {
			p := skein.Permission(p)
			for _, ask := range []struct {
				err  error
				list *[]string
			}{{hoster.Permit(row.actor, p), &may}, {hoster.See(row.actor, p), &sees}, {hoster.PermitWhole(row.actor, p), &whole}} {
				if ask.err == nil {
					*ask.list = append(*ask.list, string(p))
				} else if skein.KindOf(ask.err) != skein.KindForbidden {
					t.Errorf("%s, %s: %v", situation, p, ask.err)
				}
			}
			if sees, whole := hoster.See(row.actor, p), hoster.SeeWhole(row.actor, p); (whole == nil) != (sees == nil && hoster.Whole(row.actor)) {
				t.Errorf("%s, seeing %s of the whole: %v", situation, p, whole)
			}
		}
		if got := strings.Join(may, " "); got != row.may {
			t.Errorf("%s may %q, want %q", situation, got, row.may)
		}
		if got := strings.Join(sees, " "); got != row.sees {
			t.Errorf("%s sees %q, want %q", situation, got, row.sees)
		}
		if got := strings.Join(whole, " "); got != row.maysOfRoot {
			t.Errorf("%s may of the whole %q, want %q", situation, got, row.maysOfRoot)
		}
	}
}

// Every way into every kind of zone, for everybody: what they read, whether
// they may know whose it is, and how they change it.
func TestZonesOfTenants(t *testing.T) {
	t.Parallel()
	zones := []skein.Zone{
		{Origin: "plesk1", Owner: "root"}, {Origin: "admin", Owner: "root"}, {Origin: "plesk-rita", Owner: "rita"}, {Origin: "rita", Owner: "rita"},
		{Origin: "plesk-rita", Owner: "carl"}, {Origin: "carl", Owner: "carl"}, {Origin: "admin", Owner: "carl"}, {Origin: "plesk-rolf", Owner: "rolf"},
	}
	const none, knows, reads, own, people, over = "-", "knows", "reads", "own", "people", "over"
	for situation, row := range map[string]struct {
		actor skein.Actor
		want  [8]string
	}{
		"root":                 {root, [8]string{over, people, over, people, over, people, people, over}},
		"root, to look":        {looks, [8]string{reads, reads, reads, reads, reads, reads, reads, reads}},
		"the first reseller":   {rita, [8]string{none, none, over, people, over, people, people, none}},
		"to look":              {watch, [8]string{none, none, reads, reads, reads, reads, reads, none}},
		"the second reseller":  {rolf, [8]string{none, none, none, none, none, none, none, over}},
		"a customer":           {carl, [8]string{none, none, none, none, over, people, people, none}},
		"root's panel":         {plesk1, [8]string{own, knows, none, none, none, none, none, none}},
		"a reseller's panel":   {ritas, [8]string{none, none, own, knows, own, none, none, none}},
		"a server of root's":   {limited(plesk1, server), [8]string{own, reads, reads, reads, reads, reads, reads, reads}},
		"a server of hers":     {limited(ritas, server), [8]string{none, none, own, reads, own, reads, reads, none}},
		"its other panel":      {skein.Actor{Name: "x", Source: "plesk-rita2"}, [8]string{none, none, knows, knows, none, none, none, none}},
		"nobody":               {nobody, [8]string{none, none, none, none, none, none, none, none}},
		"a token for another":  {limited(root, skein.Scope{Zones: []zone.Name{"*.b.example."}}), [8]string{none, none, none, none, none, none, none, none}},
		"a panel's of a name":  {limited(ritas, skein.Scope{Zones: []zone.Name{"*.example."}}), [8]string{none, none, own, knows, own, none, none, none}},
		"with rights on paper": {skein.Actor{Name: "x", Source: "plesk1", Tenant: "rolf", Role: skein.RoleReseller}, [8]string{none, none, none, none, none, none, none, over}},
	} {
		for i, z := range zones {
			z.Name = "a.example."
			got := none
			switch way := hoster.WayOf(row.actor, z); {
			case way == Own:
				got = own
			case way == People:
				got = people
			case way == Over:
				got = over
			case hoster.Reads(row.actor, z):
				got = reads
			case hoster.Hears(row.actor, z):
				got = knows
			}
			if got != row.want[i] {
				t.Errorf("%s, zone of %s owned by %s: %s, want %s", situation, z.Origin, z.Owner, got, row.want[i])
			}
			err := hoster.Change(row.actor, z)
			if may := got == own || got == people || got == over; (err == nil) != may {
				t.Errorf("%s, zone of %s owned by %s: %v", situation, z.Origin, z.Owner, err)
			}
			if err != nil && got == none && strings.Contains(err.Error(), strconv.Quote(z.Origin)) {
				t.Errorf("%s is told whose a zone is: %v", situation, err)
			}
			if err != nil && got == knows && !strings.Contains(err.Error(), strconv.Quote(z.Origin)) {
				t.Errorf("%s is not told whose a zone is: %v", situation, err)
			}
		}
	}
}

// A standing rule goes on where the panel would not come, also between tenants:
// root makes those.
func TestRulesBetweenTenants(t *testing.T) {
	t.Parallel()
	k := hoster
	k.Rules = []skein.SourceRule{{Kind: skein.RuleTakeover, From: "plesk-rolf", To: "plesk-rita"}}
	z := skein.Zone{Name: "a.example.", Origin: "plesk-rolf", Owner: "rolf"}
	if way := k.WayOf(ritas, z); way != Takeover {
		t.Errorf("way %d", way)
	}
	if err := k.Change(ritas, z); skein.KindOf(err) != skein.KindConflict || k.Reads(ritas, z) {
		t.Errorf("it is not its own before: %v", err)
	}
	if err := k.Rule(skein.SourceRule{Kind: skein.RuleOverlay, From: "plesk-rolf", To: "rita"}); skein.KindOf(err) != skein.KindInvalid {
		t.Errorf("a rule for people: %v", err)
	}
}

// Shared reverse zones are shared within a tenant.
func TestReverseZonesOfTenants(t *testing.T) {
	t.Parallel()
	z := skein.Zone{Name: "2.0.192.in-addr.arpa.", Origin: Reverse, Owner: "rita"}
	for situation, row := range map[string]struct {
		actor skein.Actor
		stamp string
		reads bool
		want  skein.Kind
	}{
		"a panel of the tenant":        {ritas, "plesk-rita", true, ""},
		"for another":                  {ritas, "plesk-rita2", true, skein.KindForbidden},
		"a panel of root":              {plesk1, "plesk1", false, skein.KindConflict},
		"its reseller":                 {rita, "plesk-rita2", true, ""},
		"its reseller, for a stranger": {rita, "plesk-rolf", true, skein.KindForbidden},
		"another reseller":             {rolf, "rolf", false, skein.KindConflict},
		"who may only look":            {watch, "rita", true, skein.KindForbidden},
		"root":                         {root, "plesk-rita", true, ""},
	} {
		if err := hoster.Stamp(row.actor, row.stamp, z); skein.KindOf(err) != row.want || hoster.Reads(row.actor, z) != row.reads {
			t.Errorf("%s: %v, reads %v", situation, err, hoster.Reads(row.actor, z))
		}
	}
}

func TestTenancy(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		actor skein.Actor
		want  []string
		whole bool
	}{
		"root": {root, []string{"carl", "clara", "rita", "rolf", "root"}, true}, "root, to look": {looks, []string{"carl", "clara", "rita", "rolf", "root"}, true},
		"a reseller": {rita, []string{"carl", "rita"}, false}, "a customer": {carl, []string{"carl"}, false}, "a panel": {ritas, nil, false},
	} {
		got := hoster.Tenancy(row.actor)
		slices.Sort(got)
		if !slices.Equal(got, row.want) || hoster.Whole(row.actor) != row.whole {
			t.Errorf("%s reaches %q, want %q", situation, got, row.want)
		}
	}
}

// Whom somebody may make, and where.
func TestAssigning(t *testing.T) {
	t.Parallel()
	const no, unknown, bad, yes = skein.KindForbidden, skein.KindNotFound, skein.KindInvalid, skein.Kind("")
	for _, row := range []struct {
		actor  skein.Actor
		role   skein.AccessRole
		tenant string
		want   skein.Kind
	}{
		{root, "root", "root", yes}, {root, "root", "", yes}, {root, "root", "rita", bad}, {root, "reseller", "rita", yes}, {root, "reseller", "root", bad},
		{root, "customer", "rita", bad}, {root, "", "rita", yes}, {root, "owner", "rita", bad}, {root, "reseller", "nosuch", unknown},
		{rita, "reseller", "rita", yes}, {rita, "read-only", "rita", yes}, {rita, "customer", "carl", yes}, {rita, "read-only", "carl", yes},
		{rita, "root", "root", unknown}, {rita, "read-only", "root", unknown}, {rita, "reseller", "rolf", unknown}, {rita, "customer", "clara", unknown},
		{carl, "customer", "carl", no}, {watch, "read-only", "rita", no}, {looks, "read-only", "root", no}, {ritas, "", "rita", no},
	} {
		if err := hoster.Assign(row.actor, row.role, row.tenant); skein.KindOf(err) != row.want {
			t.Errorf("%s of %s makes %q in %q: %v, want %q", row.actor.Role, row.actor.Tenant, row.role, row.tenant, err, row.want)
		}
	}
	if a, b := hoster.Assign(rita, "reseller", "rolf"), hoster.Assign(rita, "reseller", "nosuch"); strings.ReplaceAll(a.Error(), "rolf", "nosuch") != b.Error() {
		t.Errorf("%v for a tenant that is another's, %v for none", a, b)
	}
}

// A token lets nobody do what its maker may not.
func TestGivingAway(t *testing.T) {
	t.Parallel()
	net := func(list ...string) (s skein.Scope) {
		for _, n := range list {
			s.Networks = append(s.Networks, netip.MustParsePrefix(n))
		}
		return s
	}
	with := func(list ...skein.Permission) skein.Scope { return skein.Scope{Permissions: list} }
	until := func(hours int) skein.Actor {
		a := root
		a.Until = time.Date(2026, 3, 1, hours, 0, 0, 0, time.UTC)
		return a
	}
	const no, bad, yes = skein.KindForbidden, skein.KindInvalid, skein.Kind("")
	for situation, row := range map[string]struct {
		maker, made skein.Actor
		want        skein.Kind
	}{
		"all that one has":                         {root, root, yes},
		"a part of it":                             {root, limited(root, with("records")), yes},
		"a reseller's to a reseller":               {rolf, rolf, yes},
		"a panel's":                                {rita, ritas, yes},
		"of a server of the cluster":               {root, limited(plesk1, server), yes},
		"of a server of a reseller's":              {rita, limited(ritas, server), yes},
		"of a server, without clustering":          {rolf, limited(rolfs, server), no},
		"of a server, and with a role":             {root, limited(root, server), bad},
		"a permission that the role has not":       {root, limited(carl, with("access")), bad},
		"clustering without leave":                 {root, limited(rolf, with("clustering")), bad},
		"a permission that there is not":           {root, limited(root, with("everything")), bad},
		"zones with access":                        {root, limited(root, skein.Scope{Zones: []zone.Name{"a.example."}, Permissions: []skein.Permission{"access"}}), bad},
		"zones":                                    {root, limited(root, skein.Scope{Zones: []zone.Name{"a.example.", "*.b.example."}}), yes},
		"a zone that is no name":                   {root, limited(root, skein.Scope{Zones: []zone.Name{"a.*.example"}}), bad},
		"a network that is none":                   {root, limited(root, skein.Scope{Networks: []netip.Prefix{netip.PrefixFrom(netip.MustParseAddr("192.0.2.1"), 24)}}), bad},
		"more than one's token":                    {limited(root, with("access", "zones")), root, no},
		"as much as one's token":                   {limited(root, with("access", "zones")), limited(root, with("zones", "access")), yes},
		"to look, where one sees less":             {limited(root, with("access")), looks, no},
		"to look, limited as oneself":              {limited(root, with("access")), limited(looks, with("access")), yes},
		"from a part of one's network":             {limited(root, net("192.0.2.0/24")), limited(root, net("192.0.2.128/25", "192.0.2.0/24")), yes},
		"from a wider network":                     {limited(root, net("192.0.2.0/24")), limited(root, net("192.0.0.0/16")), no},
		"from everywhere, of one who may not":      {limited(root, net("192.0.2.0/24")), root, no},
		"for longer than oneself":                  {until(1), until(2), no},
		"for ever, of one who ends":                {until(1), root, no},
		"as long as oneself":                       {until(1), until(1), yes},
		"for a while":                              {root, until(1), yes},
		"one who may not":                          {carl, carl, no},
		"a token limited to zones":                 {limited(root, skein.Scope{Zones: []zone.Name{"a.example."}}), limited(root, skein.Scope{Zones: []zone.Name{"a.example."}}), no},
		"more zones than one can read":             {root, limited(root, skein.Scope{Zones: slices.Repeat([]zone.Name{"a.example."}, maxScopeZones+1)}), bad},
		"more networks than anybody could look at": {root, limited(root, skein.Scope{Networks: slices.Repeat(net("192.0.2.0/24").Networks, maxScopeNetworks+1)}), bad},
	} {
		if err := hoster.Give(row.maker, row.made, hoster.TenantOf(row.made)); skein.KindOf(err) != row.want {
			t.Errorf("%s: %v, want %q", situation, err, row.want)
		}
	}
}

func TestZonesOfATokensScope(t *testing.T) {
	t.Parallel()
	scope := skein.Scope{Zones: []zone.Name{"a.example.", "*.b.example."}}
	for name, want := range map[zone.Name]bool{
		"a.example.": true, "A.Example.": true, "www.a.example.": false, "b.example.": false, "x.b.example.": true, "x.y.B.example.": true,
		"xb.example.": false, "example.": false, ".": false,
	} {
		if Covers(scope, name) != want {
			t.Errorf("%s: %v, want %v", name, !want, want)
		}
		if !Covers(skein.Scope{}, name) {
			t.Errorf("%s is not in everything", name)
		}
	}
}

func TestNetworksOfAToken(t *testing.T) {
	t.Parallel()
	a := limited(root, skein.Scope{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	for addr, want := range map[string]bool{"192.0.2.7": true, "::ffff:192.0.2.7": true, "192.0.3.7": false, "2001:db8::1": false, "": true} {
		if a.Addr = (netip.Addr{}); addr != "" {
			a.Addr = netip.MustParseAddr(addr)
		}
		if err := hoster.Enter(a); (err == nil) != want || err != nil && !strings.Contains(fmt.Sprint(err), "of its token") {
			t.Errorf("%q: %v", addr, err)
		}
	}
}
