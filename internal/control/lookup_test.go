package control_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// resolving is the members of each zone, and what they were asked.
type resolving struct {
	control.Cluster
	of map[zone.Name][]string

	mu    sync.Mutex // owns the rest
	asked []string
}

func (r *resolving) Receipt(z skein.Zone) (receipt skein.Receipt) {
	for _, member := range r.of[z.Name] {
		receipt.Members = append(receipt.Members, skein.MemberZone{Member: member})
	}
	return receipt
}

func (r *resolving) Lookup(_ context.Context, member string, name zone.Name, of zone.Type) skein.LookupAnswer {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, member+" "+string(name)+" "+of.String())
	return skein.LookupAnswer{Member: member, Outcome: skein.LookupAnswers}
}

// A question goes to the members of the nearest zone that one may read, and to nobody else.
func TestLookup(t *testing.T) {
	t.Parallel()
	r := &resolving{of: map[zone.Name][]string{example: {"ns2", "ns3"}, "sub.example.com.": {"ns4"}}}
	w := newWorldWith(t, func(c *control.Config) { r.Cluster, c.Cluster = c.Cluster, r })
	w.put(plesk1, example, 1, "")
	w.put(anna, "sub.example.com.", 1, "")
	for situation, row := range map[string]struct {
		actor skein.Actor
		name  zone.Name
		in    zone.Name
		asked []string
	}{
		"an apex":                                {anna, example, example, []string{"ns2 example.com. AAAA", "ns3 example.com. AAAA"}},
		"a name in a zone":                       {anna, "a.www.example.com.", example, []string{"ns2 a.www.example.com. AAAA", "ns3 a.www.example.com. AAAA"}},
		"a name in a zone below":                 {anna, "www.sub.example.com.", "sub.example.com.", []string{"ns4 www.sub.example.com. AAAA"}},
		"in another's zone below one of its own": {plesk1, "www.sub.example.com.", example, []string{"ns2 www.sub.example.com. AAAA", "ns3 www.sub.example.com. AAAA"}},
	} {
		r.asked = nil
		found, err := w.Lookup(w.ctx(), row.actor, row.name, zone.TypeAAAA)
		slices.Sort(r.asked)
		if err != nil || found.Zone != row.in || found.Name != row.name || found.Type != "AAAA" || !slices.Equal(r.asked, row.asked) {
			t.Errorf("%s: %+v, %v; asked %q", situation, found, err, r.asked)
		}
		for i, a := range found.Answers {
			if a.Member != r.of[row.in][i] {
				t.Errorf("%s: %q is answer %d", situation, a.Member, i)
			}
		}
	}
	r.asked = nil
	for situation, row := range map[string]struct {
		actor skein.Actor
		name  zone.Name
	}{
		"a name in no zone":                 {anna, "www.example.net."},
		"a name in another's":               {plesk2, "www.example.com."},
		"a name above":                      {anna, "com."},
		"the root":                          {anna, zone.Root},
		"a name that only ends in the same": {anna, "notexample.com."},
	} {
		_, err := w.Lookup(w.ctx(), row.actor, row.name, zone.TypeAAAA)
		if skein.KindOf(err) != skein.KindNotFound || len(r.asked) > 0 {
			t.Errorf("%s: %v; asked %q", situation, err, r.asked)
		}
	}
}
