package control_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// registry is what parents say: a domain and its "NAMESERVER ADDRESS…" lines.
type registry struct {
	says  map[zone.Name]string
	asked []zone.Name
	fails error
}

func (r *registry) delegation(ctx context.Context, name zone.Name) (map[zone.Name][]netip.Addr, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		return nil, errors.New("it may be asked for ever")
	}
	r.asked = append(r.asked, name)
	servers := map[zone.Name][]netip.Addr{}
	for line := range strings.Lines(r.says[name]) {
		fields := strings.Fields(line)
		for _, a := range fields[1:] {
			servers[zone.Name(fields[0])] = append(servers[zone.Name(fields[0])], netip.MustParseAddr(a))
		}
		if len(fields) == 1 {
			servers[zone.Name(fields[0])] = nil
		}
	}
	return servers, r.fails
}

// A customer orders a domain that is somebody else's, at the panel of a hoster
// who does not want to be asked for it.
func TestDomainsThatAreServedElsewhereToday(t *testing.T) {
	t.Parallel()
	const name zone.Name = "shop.club."
	for what, row := range map[string]struct {
		says  string // of shop.club.
		fails error
		actor skein.Actor
		words string // of the reason that it waits for; "" if it does not
	}{
		"at a trusted network":                      {"ns1.other.example. 198.51.100.7", nil, plesk1, ""},
		"at a trusted network of v6":                {"ns1.other.example. 203.0.113.1\nns2.other.example. 203.0.113.2 2001:db8:1::9", nil, plesk1, ""},
		"at an address of the pool's set":           {"a.example. 192.0.2.201", nil, plesk1, ""},
		"at a nameserver of the pool's set":         {"NS2.hoster.example.", nil, plesk1, ""},
		"at a member":                               {"a.example. 192.0.2.53", nil, plesk1, ""},
		"at a member, written as of v6":             {"a.example. ::ffff:192.0.2.53", nil, plesk1, ""},
		"elsewhere":                                 {"ns1.other.example. 203.0.113.1", nil, plesk1, "none of the domain's nameservers of today is trusted: ns1.other.example. [203.0.113.1]"},
		"elsewhere, and many":                       {"a.o. 203.0.113.1\nb.o. 203.0.113.1\nc.o. 203.0.113.1\nd.o. 203.0.113.1\ne.o. 203.0.113.1", nil, plesk1, "d.o. [203.0.113.1], …"},
		"near a trusted network":                    {"ns1.other.example. 198.51.101.7", nil, plesk1, "none of the domain's"},
		"nowhere":                                   {"", nil, plesk1, "no nameservers today"},
		"nobody knows":                              {"", errors.New("timeout"), plesk1, "not found out"},
		"elsewhere, and it is an administrator who": {"ns1.other.example. 203.0.113.1", nil, anna, ""},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			r := &registry{says: map[zone.Name]string{name: row.says}, fails: row.fails}
			w := newWorldWith(t, func(c *control.Config) { c.Delegation = r.delegation })
			w.enabled(described("ns2", "192.0.2.53"))
			_, err := w.EditPool(w.ctx(), anna, "default", skein.EditPool{Rule: skein.PoolKeep, Nameservers: []skein.PoolNameserver{
				{Name: "ns1.hoster.example.", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.201")}}, {Name: "ns2.hoster.example."}}}, nil)
			w.must(err)
			put := control.PutZone{Name: name, Sets: w.sets(name, apex(1))}
			trusted := skein.EditCluster{Remote: ptr("trusted"), Trusted: &[]netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8:1::/48")}}
			_, err = w.EditCluster(w.ctx(), anna, trusted, nil)
			w.must(err)
			_, err = w.PutZone(w.ctx(), row.actor, put)
			if row.words == "" {
				w.must(err)
				return
			}
			w.wants(err, skein.KindConflict, row.words)
			// It is kept, and a person lets it in.
			kept, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{})
			w.must(err)
			if len(kept) != 1 || kept[0].Kind != skein.WaitingApproval || kept[0].Zone != name {
				t.Errorf("kept is %+v", kept)
			}
			_, err = w.Release(w.ctx(), anna, control.Decision{ID: kept[0].ID})
			w.must(err)
			w.holds(name)
			// From then on it is the source's.
			w.put(plesk1, name, 2, "www A 192.0.2.1\n")
		})
	}
}

// Which names are looked up: the domain that a name is a part of, and nothing
// where the answer would not matter.
func TestWhoseNameserversAreLookedUp(t *testing.T) {
	t.Parallel()
	for what, row := range map[string]struct {
		settings string
		name     zone.Name
		says     map[zone.Name]string
		waits    bool
		asked    []zone.Name
	}{
		"remote domains are allowed":         {"allowed", "shop.club.", nil, false, nil},
		"a part of a domain that is trusted": {"trusted", "a.b.shop.club.", map[zone.Name]string{"shop.club.": "ns. 198.51.100.7"}, false, []zone.Name{"a.b.shop.club.", "b.shop.club.", "shop.club."}},
		"a part that is delegated elsewhere": {"trusted", "b.shop.club.", map[zone.Name]string{"b.shop.club.": "ns. 203.0.113.1", "shop.club.": "ns. 198.51.100.7"}, true, []zone.Name{"b.shop.club."}},
		"registries are nobody's domain":     {"trusted", "shop.co.uk.", map[zone.Name]string{"co.uk.": "ns. 198.51.100.7"}, true, []zone.Name{"shop.co.uk."}},
		"inside a zone of one's own":         {"trusted", "sub.mine.club.", nil, false, nil},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			r := &registry{says: row.says}
			w := newWorldWith(t, func(c *control.Config) { c.Delegation = r.delegation })
			w.put(plesk1, "mine.club.", 1, "")
			_, err := w.EditCluster(w.ctx(), anna, skein.EditCluster{Remote: &row.settings, Trusted: &[]netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}, nil)
			w.must(err)
			_, err = w.PutZone(w.ctx(), plesk1, control.PutZone{Name: row.name, Sets: w.sets(row.name, apex(1))})
			if (err != nil) != row.waits || fmt.Sprint(r.asked) != fmt.Sprint(row.asked) {
				t.Errorf("%v, asked about %v, want %v", err, r.asked, row.asked)
			}
		})
	}
	// Who cannot ask lets nobody in.
	w := newWorld(t)
	_, err := w.EditCluster(w.ctx(), anna, skein.EditCluster{Remote: ptr("trusted")}, nil)
	w.must(err)
	_, err = w.PutZone(w.ctx(), plesk1, control.PutZone{Name: "shop.club.", Sets: w.sets("shop.club.", apex(1))})
	w.wants(err, skein.KindConflict, "not found out")
}
