package control_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

func TestListingWhatAFilterSelects(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.ownPool()
	_, err := w.MoveTenant(w.ctx(), henry, "hosting", "hosting", nil)
	w.must(err)
	w.enrol("ns-root", skein.DefaultPool, skein.RoleWriteOnly)
	w.enrol("ns-read", skein.DefaultPool, skein.RoleStandalone)
	w.put(anna, "a.example.", 1, "")
	w.put(anna, "B.example.", 1, "")
	w.put(henry, "c.example.", 1, "")
	w.put(sam, "d.example.", 1, "")
	w.put(olga, "e.example.", 1, "")
	w.cluster.astray = map[string]zonesIn{
		"ns-root":    {skein.StateFailed: {"a.example.", "gone.example."}, skein.StatePending: {"b.example.", "e.example."}},
		"ns-hosting": {skein.StateFailed: {"c.example.", "d.example."}},
	}
	scoped := anna
	scoped.Scope.Zones = []zone.Name{"a.example.", "*.b.example.", "d.example."}
	for situation, row := range map[string]struct {
		actor skein.Actor
		of    skein.ZoneFilter
		part  string
		want  string
	}{
		"an owner's":                         {anna, skein.ZoneFilter{Owner: "hosting"}, "", "c"},
		"an owner's that is no affair":       {henry, skein.ZoneFilter{Owner: "root"}, "", ""},
		"a customer's":                       {henry, skein.ZoneFilter{Owner: "shop"}, "", "d"},
		"a source's":                         {anna, skein.ZoneFilter{Origin: "hosting"}, "", "c"},
		"a pool's":                           {anna, skein.ZoneFilter{Pool: "hosting"}, "", "c d"},
		"a pool's, of an owner":              {anna, skein.ZoneFilter{Pool: "hosting", Owner: "shop"}, "", "d"},
		"a member's":                         {anna, skein.ZoneFilter{Member: "NS-Root"}, "", "a b e"},
		"a member's, by a part":              {anna, skein.ZoneFilter{Member: "ns-root"}, "B.", "b"},
		"a member's of another pool":         {anna, skein.ZoneFilter{Member: "ns-root", Pool: "hosting"}, "", ""},
		"of a member that is only read":      {anna, skein.ZoneFilter{Member: "ns-read"}, "", ""},
		"in a state":                         {anna, skein.ZoneFilter{State: skein.StateFailed}, "", "a c d"},
		"behind on a member":                 {anna, skein.ZoneFilter{State: skein.StateBehind, Member: "ns-root"}, "", "a b e"},
		"in a state, of an owner":            {anna, skein.ZoneFilter{State: skein.StateFailed, Owner: "shop"}, "", "d"},
		"in a state, as a reseller sees it":  {henry, skein.ZoneFilter{State: skein.StateBehind}, "", "c d"},
		"a pool's, of a limited token":       {scoped, skein.ZoneFilter{Pool: "hosting"}, "", "d"},
		"a member's, by a part of no zone's": {anna, skein.ZoneFilter{Member: "ns-root", State: skein.StateBehind}, "zz", ""},
	} {
		for _, size := range []int{1, 2, 50, -1, -2} { // negative: each page skips those before it
			skips := size < 0
			size = max(size, -size)
			var got []string
			for page := (control.Page{Of: row.of, Contains: row.part, Limit: size}); ; {
				zones, err := w.List(w.ctx(), row.actor, page)
				w.must(err)
				for _, z := range zones {
					got = append(got, strings.ToLower(strings.TrimSuffix(string(z.Name), ".example.")))
				}
				if len(zones) < size || len(got) > 10 {
					break
				}
				if page.Skip = len(got); !skips {
					page.Skip, page.After = 0, string(zones[len(zones)-1].Name)
				}
			}
			if !slices.Equal(got, strings.Fields(row.want)) {
				t.Errorf("%s, in pages of %d (skipping: %t): %v, want %s", situation, size, skips, got, row.want)
			}
		}
	}
	_, err = w.List(w.ctx(), henry, control.Page{Of: skein.ZoneFilter{Member: "ns-root"}})
	w.wants(err, skein.KindNotFound, "ns-root")
	_, err = w.List(w.ctx(), scoped, control.Page{Of: skein.ZoneFilter{State: skein.StateFailed}})
	w.wants(err, skein.KindForbidden, "limited to zones")
	_, err = w.List(w.ctx(), sam, control.Page{Of: skein.ZoneFilter{State: skein.StateFailed}})
	w.wants(err, skein.KindForbidden, "")
}
