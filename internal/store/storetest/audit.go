package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// auditStory fills the log. An entry is known by its action: its minute.
// Minute 6 comes late, as from a clock that strayed.
func auditStory(w *world) {
	as := func(name, tenant, source string) skein.Actor {
		return skein.Actor{Name: name, Tenant: tenant, Source: source}
	}
	anna, bert, cleo, root := as("anna", "hosting", "panel"), as("bert", "hosting", "panel2"), as("cleo", "shop", "panel2"), as("root", "", "admin")
	for _, e := range []struct {
		minute  int
		actor   skein.Actor
		zone    string
		refused string
	}{
		{0, root, "", ""}, {1, anna, "a.example.", ""}, {2, anna, "a.example.", "held"}, {3, bert, "b.example.", ""}, {4, cleo, "A.example.", "not yours"},
		{5, root, "a.example.", ""}, {7, bert, "", "may not"}, {6, anna, "b.example.", ""}, {8, cleo, ".", ""}, {9, root, "", "no"}, {9, anna, "a.example.", ""},
	} {
		c := skein.Change{Tenant: e.actor.Tenant, At: start.Add(time.Duration(e.minute) * time.Minute), Actor: e.actor, Action: fmt.Sprint(e.minute), Zone: zone.Name(e.zone), Refused: e.refused}
		if e.zone == "" || e.refused != "" {
			w.must(w.Refused(w.ctx(), c))
			continue
		}
		if z, err := w.Zone(w.ctx(), c.Zone); err == nil {
			write := edit(z, zone.Delta{}) // a later serial alone
			write.Change = c
			w.commit(write)
			continue
		}
		write := creation(c.Zone, 1)
		write.Change = c
		w.commit(write)
	}
}

// The audit log is found by who, where from, about what and when, page by page.
func audit(t *testing.T, w *world) {
	auditStory(w)
	w.reopen()
	yes, no := true, false
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	for name, row := range map[string]struct {
		q    skein.AuditQuery
		want []string
	}{
		"all":                           {skein.AuditQuery{}, []string{"9", "9", "8", "7", "6", "5", "4", "3", "2", "1", "0"}},
		"of a zone":                     {skein.AuditQuery{Zone: "a.EXAMPLE."}, []string{"9", "5", "4", "2", "1"}},
		"of the root zone":              {skein.AuditQuery{Zone: "."}, []string{"8"}},
		"of a zone that never was":      {skein.AuditQuery{Zone: "c.example."}, nil},
		"by an actor":                   {skein.AuditQuery{Actor: "anna"}, []string{"9", "6", "2", "1"}},
		"by a source":                   {skein.AuditQuery{Source: "panel2"}, []string{"8", "7", "4", "3"}},
		"of a tenant":                   {skein.AuditQuery{Tenants: []string{"hosting"}}, []string{"9", "7", "6", "3", "2", "1"}},
		"of two tenants":                {skein.AuditQuery{Tenants: []string{"shop", "hosting", "shop"}}, []string{"9", "8", "7", "6", "4", "3", "2", "1"}},
		"of no tenant":                  {skein.AuditQuery{Tenants: []string{}}, nil},
		"of root: who has no tenant":    {skein.AuditQuery{Tenants: []string{"root"}}, []string{"9", "5", "0"}},
		"refused":                       {skein.AuditQuery{Refused: &yes}, []string{"9", "7", "4", "2"}},
		"done":                          {skein.AuditQuery{Refused: &no}, []string{"9", "8", "6", "5", "3", "1", "0"}},
		"since":                         {skein.AuditQuery{Since: at(7)}, []string{"9", "9", "8", "7"}},
		"until":                         {skein.AuditQuery{Until: at(2)}, []string{"1", "0"}},
		"between":                       {skein.AuditQuery{Since: at(6), Until: at(8)}, []string{"7", "6"}},
		"of a tenant, between":          {skein.AuditQuery{Tenants: []string{"hosting"}, Since: at(2), Until: at(7)}, []string{"6", "3", "2"}},
		"refused, of tenants":           {skein.AuditQuery{Tenants: []string{"hosting", "root"}, Refused: &yes}, []string{"9", "7", "2"}},
		"of a zone, by a tenant":        {skein.AuditQuery{Zone: "a.example.", Tenants: []string{"hosting"}}, []string{"9", "2", "1"}},
		"of a zone, by tenants":         {skein.AuditQuery{Zone: "a.example.", Tenants: []string{"shop", "root"}}, []string{"5", "4"}},
		"of a zone, by no tenant":       {skein.AuditQuery{Zone: "a.example.", Tenants: []string{}}, nil},
		"by an actor of another tenant": {skein.AuditQuery{Actor: "anna", Tenants: []string{"shop"}}, nil},
		"all at once":                   {skein.AuditQuery{Zone: "a.example.", Actor: "anna", Source: "panel", Tenants: []string{"hosting"}, Refused: &yes, Since: at(1), Until: at(9)}, []string{"2"}},
	} {
		for _, size := range []int{0, 1, 2, 3} {
			var got []string
			for q := row.q; ; {
				q.Limit = size
				page, err := w.Audit(w.ctx(), q)
				w.must(err)
				for _, e := range page {
					got = append(got, e.Action)
				}
				if size == 0 || len(page) < size {
					break
				}
				q.Before = page[len(page)-1].Seq
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("%s in pages of %d: %q, want %q", name, size, got, row.want)
			}
		}
	}
}

// Who follows the log sees what comes to it in the order in which it came,
// whatever a clock says.
func followAudit(t *testing.T, w *world) {
	w.must(w.Refused(w.ctx(), skein.Change{At: start.AddDate(1, 0, 0), Action: "before"}))
	all, err := w.Audit(w.ctx(), skein.AuditQuery{})
	w.must(err)
	auditStory(w)
	yes := true
	for name, row := range map[string]struct {
		q    skein.AuditQuery
		want []string
	}{
		"all":         {skein.AuditQuery{}, []string{"0", "1", "2", "3", "4", "5", "7", "6", "8", "9", "9"}},
		"of tenants":  {skein.AuditQuery{Tenants: []string{"hosting", "shop"}}, []string{"1", "2", "3", "4", "7", "6", "8", "9"}},
		"of a tenant": {skein.AuditQuery{Tenants: []string{"shop"}}, []string{"4", "8"}},
		"of none":     {skein.AuditQuery{Tenants: []string{}}, nil},
		"of a zone":   {skein.AuditQuery{Zone: "a.example.", Refused: &yes}, []string{"2", "4"}},
	} {
		var got []string
		for q := row.q; ; {
			q.Limit = 2
			if q.After == 0 {
				q.After = all[0].Seq
			}
			page, err := w.Audit(w.ctx(), q)
			w.must(err)
			for _, e := range page {
				got = append(got, e.Action)
			}
			if len(page) < q.Limit {
				break
			}
			q.After = page[len(page)-1].Seq
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// An entry says where it came from, for whom, and what was to change.
func auditDetails(t *testing.T, w *world) {
	for _, row := range []struct {
		give   skein.Change
		tenant string
	}{
		{skein.Change{Action: "one", Addr: "192.0.2.7", Tenant: "hosting"}, "hosting"},
		{skein.Change{Action: "two", Tenant: "shop", Diff: []string{"- www A 192.0.2.1", `+ www A "`}, Refused: "no"}, "shop"},
		{skein.Change{Action: "three", Diff: []string{"role: write-only → synchronize"}}, "root"},
	} {
		row.give.At, row.give.Actor = start, skein.Actor{Name: "bert", Door: "api", Source: "admin"}
		w.must(w.Refused(w.ctx(), row.give))
		got, err := w.Audit(w.ctx(), skein.AuditQuery{Limit: 1})
		w.must(err)
		want := row.give
		want.Tenant = row.tenant
		if !reflect.DeepEqual(got[0].Change, want) {
			t.Errorf("%+v, want %+v", got[0].Change, want)
		}
	}
	write := creation("a.example.", 1)
	write.Change.Addr, write.Change.Tenant, write.Change.Diff = "2001:db8::1", "hosting", []string{"+ a line"}
	w.commit(write)
	w.reopen()
	changes, err := w.History(w.ctx(), "a.example.", 0)
	if err != nil || len(changes) != 1 || changes[0].Addr != "2001:db8::1" || changes[0].Tenant != "hosting" || !slices.Equal(changes[0].Diff, write.Change.Diff) {
		t.Errorf("history %+v, %v", changes, err)
	}
}
