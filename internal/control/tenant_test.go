package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// A hoster gives a reseller a tenant; the reseller makes a customer, a panel,
// and hands zones over.
func TestAResellersDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(anna, "hoster.example.", 1, "")
	w.tenant(skein.Tenant{Name: "rita"})
	w.user("rita.boss", "rita", skein.RoleReseller)
	_, rita := w.login("rita.boss")
	if got, err := w.Source(w.ctx(), rita, "rita"); err != nil || got.Door != skein.DoorPeople || got.Tenant != "rita" {
		t.Errorf("the source of her people: %+v, %v", got, err)
	}

	// She adds a panel, whose zones are hers.
	_, err := w.AddSource(w.ctx(), rita, control.NewSource{Source: skein.Source{Name: "plesk-rita", Door: skein.DoorPlesk}})
	w.must(err)
	made, err := w.CreateToken(w.ctx(), rita, skein.CreateToken{Name: "plesk-rita"})
	w.must(err)
	panel, err := w.Authenticate(w.ctx(), made.Secret)
	w.must(err)
	if z := w.put(panel, "shop.example.", 1, "www A 192.0.2.1\n").Zone; z.Owner != "rita" || z.Origin != "plesk-rita" {
		t.Errorf("%+v", z)
	}
	// What she changes there lies over what the panel sends, as of an administrator.
	w.edit(rita, "shop.example.", "set www 300 A 192.0.2.9", "set _acme TXT x")
	w.put(panel, "shop.example.", 2, "www A 192.0.2.2\n")
	overlays, err := w.Overlays(w.ctx(), rita, "shop.example.")
	if err != nil || len(overlays) != 2 || overlays[0].Source != "rita" {
		t.Errorf("%+v, %v", overlays, err)
	}
	if z := w.put(rita, "rita.example.", 1, "").Zone; z.Owner != "rita" || z.Origin != "rita" {
		t.Errorf("%+v", z)
	}

	// A customer gets the zone; the panel goes on sending it.
	_, err = w.AddTenant(w.ctx(), rita, skein.Tenant{Name: "carl"})
	w.must(err)
	_, err = w.AddUser(w.ctx(), rita, control.NewUser{User: skein.User{Name: "carl", Tenant: "carl"}, Password: password})
	w.must(err)
	_, carl := w.login("carl")
	_, err = w.Zone(w.ctx(), carl, "shop.example.")
	w.wants(err, skein.KindNotFound, "no zone shop.example.", store.ErrNotFound)
	r, err := w.SetOwner(w.ctx(), rita, control.SetOwner{Name: "shop.example.", Tenant: "carl"})
	if err != nil || r.Zone.Owner != "carl" || r.Zone.Origin != "plesk-rita" {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := w.newestAudit(); got.Action != "zone.owner" || got.Tenant != "rita" || got.Revision == 0 {
		t.Errorf("recorded as %+v", got)
	}
	w.edit(carl, "shop.example.", "set mail 300 A 192.0.2.3")
	w.put(panel, "shop.example.", 3, "www A 192.0.2.2\n")
	w.holds("shop.example.", `_acme TXT "x"`, "mail A 192.0.2.3", "www A 192.0.2.9")
	// What people have put in goes to the people of who gets it.
	r, err = w.SetOwner(w.ctx(), rita, control.SetOwner{Name: "rita.example.", Tenant: "carl"})
	if err != nil || r.Zone.Origin != "rita" || r.Zone.Owner != "carl" {
		t.Errorf("%+v, %v", r, err)
	}
	// And back up, with what the customer's people have put in.
	w.put(carl, "carl.example.", 1, "")
	for _, name := range []zone.Name{"carl.example.", "rita.example."} {
		r, err = w.SetOwner(w.ctx(), rita, control.SetOwner{Name: name, Tenant: "rita"})
		if err != nil || r.Zone.Origin != "rita" || r.Zone.Owner != "rita" {
			t.Errorf("%+v, %v", r, err)
		}
		if z, err := w.Zone(w.ctx(), rita, name); err != nil || z.Origin != "rita" || z.Owner != "rita" {
			t.Errorf("%+v, %v", z, err)
		}
	}
	w.refused(rita, "zone.owner", func() error {
		_, err := w.SetOwner(w.ctx(), rita, control.SetOwner{Name: "rita.example.", Tenant: "root"})
		return err
	}, skein.KindNotFound, "no tenant")
	r, err = w.SetOwner(w.ctx(), rita, control.SetOwner{Name: "rita.example.", Tenant: "carl"})
	w.must(err)
	if list, err := w.List(w.ctx(), carl, control.Page{}); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	if s, err := w.Status(w.ctx(), carl); err != nil || s.Zones != 2 || s.Members != nil {
		t.Errorf("%+v, %v", s, err)
	}

	// Each sees the part of the log that is theirs.
	for actor, want := range map[string]struct {
		skein.Actor
		tenants []string
	}{"root": {anna, []string{"carl", "rita", "root"}}, "rita": {rita, []string{"carl", "rita"}}} {
		entries, err := w.Audit(w.ctx(), want.Actor, skein.AuditQuery{})
		w.must(err)
		var got []string
		for _, e := range entries {
			got = append(got, e.Tenant)
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want.tenants) {
			t.Errorf("%s reads of %q", actor, got)
		}
	}
	_, err = w.Audit(w.ctx(), carl, skein.AuditQuery{})
	w.wants(err, skein.KindForbidden, "permission access")
}

// A source goes from root to a reseller: its zones do too, but those that
// belong below already.
func TestASourceChangesItsTenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tenant(skein.Tenant{Name: "rita"})
	w.tenant(skein.Tenant{Name: "carl", Parent: "rita"})
	_, err := w.AddSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "plesk1", Door: skein.DoorPlesk}})
	w.must(err)
	for i := range 3 {
		w.put(plesk1, zone.Name(fmt.Sprintf("z%d.example.", i)), 1, "")
	}
	_, err = w.SetOwner(w.ctx(), anna, control.SetOwner{Name: "z1.example.", Tenant: "carl"})
	w.must(err)
	for _, row := range []struct{ tenant, want string }{{"rita", "rita carl rita"}, {"root", "root carl root"}} {
		_, err = w.EditSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "plesk1", Tenant: row.tenant}})
		w.must(err)
		var owners []string
		zones, err := w.List(w.ctx(), anna, control.Page{})
		w.must(err)
		for _, z := range zones {
			owners = append(owners, z.Owner)
		}
		if got := strings.Join(owners, " "); got != row.want {
			t.Errorf("with %s: %q, want %q", row.tenant, got, row.want)
		}
		// The panel is let in as before.
		w.put(plesk1, "z2.example.", 1, "www TXT "+row.tenant+"\n")
	}
}

// What waits of a source that changes its tenant, or for a zone that does, says
// why as each reader may know it now.
func TestWhatWaitsNamesNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tenant(skein.Tenant{Name: "rita"})
	w.user("rita.boss", "rita", skein.RoleReseller)
	_, rita := w.login("rita.boss")
	_, err := w.AddSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "plesk1", Door: skein.DoorPlesk}})
	w.must(err)
	w.put(plesk2, "shop.example.", 1, "")
	for _, name := range []zone.Name{"shop.example.", "www.shop.example."} {
		_, err := w.PutZone(w.ctx(), plesk1, control.PutZone{Name: name, Sets: w.sets(name, apex(1))})
		w.wants(err, skein.KindConflict, `belongs to the source "plesk2"`)
	}
	reads := func(when string, reader skein.Actor, want ...string) {
		t.Helper()
		list, err := w.Waiting(w.ctx(), reader, control.WaitingQuery{})
		w.must(err)
		var got []string
		for _, row := range list {
			d, err := w.WaitingDetail(w.ctx(), reader, row.ID)
			if err != nil || d.Reason != row.Reason || d.Mend != row.Mend {
				t.Errorf("%s, %s: the list says %q, its row %q, %v", when, reader.Name, row.Reason, d.Reason, err)
			}
			heard := strings.Contains(row.Reason, "shop.example. belongs to") || strings.Contains(row.Reason, "gone by now") // it was hers last
			for _, w := range []skein.Waiting{row, d.Waiting} {
				if (w.ZoneID != "") != heard || (w.Revision != 0) != heard {
					t.Errorf("%s, %s: %q of the zone %q at revision %d", when, reader.Name, row.Reason, w.ZoneID, w.Revision)
				}
			}
			got = append(got, row.Reason)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", when, reader.Name, diff)
		}
	}
	named := []string{`zone shop.example. belongs to the source "plesk2", so plesk1 may not change it`,
		`a zone www.shop.example. needs approval: it would hide a part of shop.example., which belongs to the source "plesk2"`}
	reads("both are root's", plesk1, named...)
	reads("both are root's", anna, named...)

	_, err = w.EditSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "plesk1", Tenant: "rita"}})
	w.must(err)
	unnamed := []string{"zone shop.example. is taken", "a zone www.shop.example. needs approval: it would hide a part of a zone of somebody else"}
	reads("its source is rita's", plesk1, unnamed...)
	reads("its source is rita's", rita, unnamed...)
	reads("its source is rita's", anna, named...)

	_, err = w.PutZone(w.ctx(), plesk1, control.PutZone{Name: "shop.example.", Sets: w.sets("shop.example.", apex(1)), MustExist: true})
	w.wants(err, skein.KindNotFound, "there is no zone shop.example.")
	log, err := w.Audit(w.ctx(), rita, skein.AuditQuery{Source: "plesk1", Limit: 1})
	if err != nil || len(log) != 1 || log[0].Refused == "" || log[0].ZoneID != "" {
		t.Errorf("what does not exist for plesk1 is in the log as %+v, %v", log, err)
	}

	_, err = w.TakeOver(w.ctx(), anna, control.TakeOver{Name: "shop.example.", To: "rita"})
	w.must(err)
	hers := []string{strings.ReplaceAll(named[0], "plesk2", "rita"), strings.ReplaceAll(named[1], "plesk2", "rita")}
	reads("so is the zone", plesk1, hers...)
	reads("so is the zone", rita, hers...)

	_, err = w.DeleteZone(w.ctx(), anna, control.DeleteZone{Name: "shop.example."})
	w.must(err)
	reads("the zone is gone", rita, "zone shop.example. was another's, and is gone by now",
		"a zone www.shop.example. needs approval: it would hide a part of a zone of somebody else")
}

func TestTenantsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := newTenancies(t)
	w := c.world
	rita, carl := c.actors["rita's"], c.actors["carl's"]
	_, err := w.AddSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "plesk1"}})
	w.must(err)
	w.put(plesk2, "z.example.", 1, "")
	for situation, row := range map[string]struct {
		actor skein.Actor
		in    skein.Tenant
		kind  skein.Kind
		words string
	}{
		"no name":                       {anna, skein.Tenant{}, skein.KindInvalid, "name of a tenant"},
		"a name with capitals":          {anna, skein.Tenant{Name: "Rita"}, skein.KindInvalid, "lower-case"},
		"one that there is":             {anna, skein.Tenant{Name: "rita"}, skein.KindConflict, "taken"},
		"root":                          {anna, skein.Tenant{Name: "root"}, skein.KindConflict, "taken"},
		"the source of root's people":   {anna, skein.Tenant{Name: "admin"}, skein.KindConflict, "taken"},
		"a source's name":               {anna, skein.Tenant{Name: "plesk1"}, skein.KindConflict, "taken"},
		"that of zones without one":     {anna, skein.Tenant{Name: "plesk2"}, skein.KindConflict, "taken"},
		"of a kind that there is not":   {anna, skein.Tenant{Name: "x", Kind: "friend"}, skein.KindInvalid, "friend"},
		"a reseller below a reseller":   {anna, skein.Tenant{Name: "x", Kind: skein.TenantReseller, Parent: "rita"}, skein.KindInvalid, "below root"},
		"below a customer":              {anna, skein.Tenant{Name: "x", Parent: "carl"}, skein.KindInvalid, "below"},
		"below nobody":                  {anna, skein.Tenant{Name: "x", Parent: "nosuch"}, skein.KindNotFound, "no tenant"},
		"below another":                 {rita, skein.Tenant{Name: "x", Parent: "rolf"}, skein.KindNotFound, "no tenant"},
		"below root, by a reseller":     {rita, skein.Tenant{Name: "x", Parent: "root"}, skein.KindNotFound, "no tenant"},
		"by a customer":                 {carl, skein.Tenant{Name: "x"}, skein.KindForbidden, "permission"},
		"by a reader":                   {c.actors["rita's reader"], skein.Tenant{Name: "x"}, skein.KindForbidden, "may look"},
		"a customer with a cluster":     {anna, skein.Tenant{Name: "x", Kind: skein.TenantCustomer, Clustering: true}, skein.KindInvalid, "cluster"},
		"the name of another's, hidden": {rita, skein.Tenant{Name: "cora"}, skein.KindConflict, "taken"},
	} {
		t.Run(situation, func(t *testing.T) {
			w.t = t
			w.refused(row.actor, "tenant.add", func() error { _, err := w.AddTenant(w.ctx(), row.actor, row.in); return err }, row.kind, row.words)
		})
	}
	w.t = t
	yes, seven, name := true, 7, "rita"
	for situation, row := range map[string]struct {
		actor skein.Actor
		in    control.EditTenant
		kind  skein.Kind
		words string
	}{
		"a cluster of one's own":    {rita, control.EditTenant{Name: "rita", Clustering: &yes}, skein.KindForbidden, "those above"},
		"another's":                 {rita, control.EditTenant{Name: "rolf", Clustering: &yes}, skein.KindNotFound, "no tenant"},
		"none":                      {rita, control.EditTenant{Name: "nosuch", Clustering: &yes}, skein.KindNotFound, "no tenant"},
		"root":                      {anna, control.EditTenant{Name: "root", Clustering: &yes}, skein.KindInvalid, "root"},
		"meanwhile":                 {anna, control.EditTenant{Name: "rita", Clustering: &yes, Expect: &seven}, skein.KindConflict, "changed"},
		"a customer below another":  {rita, control.EditTenant{Name: "cora", Parent: &name}, skein.KindNotFound, "no tenant"},
		"a reseller below reseller": {anna, control.EditTenant{Name: "rolf", Parent: &name}, skein.KindInvalid, "below root"},
	} {
		t.Run(situation, func(t *testing.T) {
			w.t = t
			w.refused(row.actor, "tenant.edit", func() error { _, err := w.EditTenant(w.ctx(), row.actor, row.in); return err }, row.kind, row.words)
		})
	}
	w.t = t
	if got, err := w.EditTenant(w.ctx(), anna, control.EditTenant{Name: "rita", Clustering: &yes}); err != nil || !got.Clustering || got.Version != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if diff := w.newestAudit().Diff; !slices.Equal(diff, []string{"clustering: true"}) {
		t.Errorf("recorded as %q", diff)
	}
}

// A tenant is removed once nothing is left of it, and its name is not another's
// while what it did can still be seen.
func TestRemovingATenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tenant(skein.Tenant{Name: "rita"})
	remove := func(kind skein.Kind, words string) {
		t.Helper()
		w.refused(anna, "tenant.remove", func() error { return w.RemoveTenant(w.ctx(), anna, "rita") }, kind, words)
	}
	w.user("boss", "rita", skein.RoleReseller)
	_, rita := w.login("boss")
	w.put(rita, example, 1, "")
	remove(skein.KindConflict, "zones (1)")
	_, err := w.DeleteZone(w.ctx(), rita, control.DeleteZone{Name: example})
	w.must(err)
	remove(skein.KindConflict, "users (1)")
	w.must(w.RemoveUser(w.ctx(), anna, "boss"))
	made, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "t", Tenant: "rita", Source: "plesk-rita"})
	w.must(err)
	remove(skein.KindConflict, "tokens (1)")
	w.must(w.DeleteToken(w.ctx(), anna, made.ID))
	remove(skein.KindConflict, "sources (1)")
	_, err = w.RemoveSource(w.ctx(), anna, control.RemoveSource{Name: "plesk-rita"})
	w.must(err)
	_, err = w.RemoveSource(w.ctx(), anna, control.RemoveSource{Name: "rita"})
	w.wants(err, skein.KindInvalid, "tenant")
	w.tenant(skein.Tenant{Name: "carl", Parent: "rita"})
	remove(skein.KindConflict, "customers (1)")
	w.must(w.RemoveTenant(w.ctx(), anna, "carl"))
	w.must(w.RemoveTenant(w.ctx(), anna, "rita"))
	remove(skein.KindNotFound, "no tenant")
	_, err = w.AddTenant(w.ctx(), anna, skein.Tenant{Name: "rita"})
	w.wants(err, skein.KindConflict, "taken", store.ErrExists)
	w.tenant(skein.Tenant{Name: "carl"}) // of whom nothing is left
	_, err = w.Tenant(w.ctx(), anna, "rita")
	w.wants(err, skein.KindNotFound, "no tenant")
}

// A reseller has the rows that are theirs, and the same answer for another's
// as for none.
func TestAnothersRowsDoNotExist(t *testing.T) {
	t.Parallel()
	c := newTenancies(t)
	w := c.world
	rita := c.actors["rita's"]
	w.user("rolf.boss", "rolf", skein.RoleReseller)
	tokens, err := w.Tokens(w.ctx(), c.actors["rolf's"])
	w.must(err)
	for what, row := range map[string]struct {
		theirs, none string
		look         func(name string) error
	}{
		"token":     {tokens[0].ID, "nosuch", func(id string) error { return w.DeleteToken(w.ctx(), rita, id) }},
		"user":      {"rolf.boss", "nosuch", func(name string) error { _, err := w.User(w.ctx(), rita, name); return err }},
		"user gone": {"rolf.boss", "nosuch", func(name string) error { return w.RemoveUser(w.ctx(), rita, name) }},
		"sessions":  {"rolf.boss", "nosuch", func(name string) error { _, err := w.Sessions(w.ctx(), rita, name); return err }},
		"tenant":    {"rolf", "nosuch", func(name string) error { _, err := w.Tenant(w.ctx(), rita, name); return err }},
		"source":    {"panel-rolf", "nosuch", func(name string) error { _, err := w.Source(w.ctx(), rita, name); return err }},
		"source gone": {"panel-rolf", "nosuch", func(name string) error {
			_, err := w.RemoveSource(w.ctx(), rita, control.RemoveSource{Name: name})
			return err
		}},
		"source edited": {"panel-rolf", "nosuch", func(name string) error {
			_, err := w.EditSource(w.ctx(), rita, control.NewSource{Source: skein.Source{Name: name}})
			return err
		}},
		"rule": {"panel-rolf", "nosuch", func(name string) error {
			return w.PutRule(w.ctx(), rita, skein.SourceRule{Kind: skein.RuleTakeover, From: name, To: "panel-rita"})
		}},
		"revert": {"panel-rolf", "nosuch", func(name string) error {
			_, err := w.RevertSource(w.ctx(), rita, control.RevertSource{Name: name, Since: start, DryRun: true})
			return err
		}},
	} {
		theirs, none := row.look(row.theirs), row.look(row.none)
		if none == nil || theirs == nil || skein.KindOf(none) != skein.KindNotFound && what != "revert" || strings.ReplaceAll(theirs.Error(), row.theirs, row.none) != none.Error() {
			t.Errorf("%s: %v for another's, %v for none", what, theirs, none)
		}
	}
	for what, list := range map[string]func() []string{
		"tokens": func() (names []string) {
			list, err := w.Tokens(w.ctx(), rita)
			w.must(err)
			for _, t := range list {
				names = append(names, t.Tenant)
			}
			return names
		},
		"users": func() (names []string) {
			list, err := w.Users(w.ctx(), rita)
			w.must(err)
			for _, u := range list {
				names = append(names, u.Tenant)
			}
			return append(names, "carl", "rita")
		},
		"sources": func() (names []string) {
			list, err := w.Sources(w.ctx(), rita)
			w.must(err)
			for _, s := range list {
				names = append(names, s.Tenant)
			}
			return names
		},
		"tenants": func() (names []string) {
			list, err := w.Tenants(w.ctx(), rita)
			w.must(err)
			for _, t := range list {
				names = append(names, t.Name)
			}
			return names
		},
	} {
		got := list()
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, []string{"carl", "rita"}) {
			t.Errorf("%s of %q", what, got)
		}
	}
	_, err = w.AddSource(w.ctx(), rita, control.NewSource{Source: skein.Source{Name: "panel-rolf"}})
	w.wants(err, skein.KindConflict, "taken")
	if strings.Contains(err.Error(), `"rolf"`) {
		t.Error(err)
	}
}
