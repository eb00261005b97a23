package daemon

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/inventory"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/member/catalog"
	"github.com/skein-dns/skein/internal/memberlog"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// access holds the TSIG keys that may transfer: one a member, whatever its
// state, so that nothing expires because Skein paused; none once it is removed.
type access struct {
	mu     sync.Mutex // owns the group
	into   nameserver.Updater
	grants map[string]grant   // by member
	closed map[zone.Name]bool // catalogs that there are, or were

	catalogs func([]listing.Catalog) // takes those that there are to be; set before members are admitted

	sources map[string][]nameserver.Key // source name → keys that NOTIFYs are signed with; they may transfer nothing

	peers nameserver.Access // of those who are no members; set before attach
}

// grant is what one member may.
type grant struct {
	key      nameserver.Key
	catalogs []listing.Catalog // that it may see
	from     netip.Addr        // where it may transfer zones from without the key; zero: nowhere
}

func (g grant) is(o grant) bool {
	return g.key == o.key && g.from == o.from && slices.Equal(g.catalogs, o.catalogs)
}

func newAccess() *access {
	return &access{grants: map[string]grant{}, closed: map[zone.Name]bool{}, sources: map[string][]nameserver.Key{},
		catalogs: func([]listing.Catalog) {}}
}

// attach names the nameserver that is to know the keys.
func (a *access) attach(into nameserver.Updater) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.into = into
	a.apply()
}

// admit lets a member transfer with its key. takeBack makes it what it was.
func (a *access) admit(m skein.Member, s skein.MemberSecrets) (takeBack func()) {
	g := grant{key: nameserver.Key{Name: m.TSIGKey, Algorithm: m.Algorithm, Secret: s.TSIG}}
	if m.Driver == catalog.Name {
		g.catalogs = catalog.Of(m)
		if catalog.Unsigned(m) {
			g.from = m.Address
		}
	}
	before := a.set(m.Name, g)
	return func() { a.set(m.Name, before) }
}

func (a *access) revoke(member string) { a.set(member, grant{}) }

// set replaces what a member may, nothing if its key has no secret, and
// returns what it might before.
func (a *access) set(member string, g grant) (before grant) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before = a.grants[member]
	if g.key.Secret == "" {
		delete(a.grants, member)
	} else {
		a.grants[member] = g
	}
	if !before.is(g) {
		a.apply()
	}
	return before
}

// apply tells the nameserver, and which catalogs there are to be; a.mu is held.
func (a *access) apply() {
	may := map[zone.Name][]string{} // keys, by the catalog that they may see
	var catalogs []listing.Catalog
	all := a.peers
	all.Keys, all.TransferKeys, all.TransferNets = slices.Clone(all.Keys), slices.Clone(all.TransferKeys), slices.Clone(all.TransferNets)
	for _, name := range slices.Sorted(maps.Keys(a.grants)) {
		g := a.grants[name]
		all.Keys = append(all.Keys, g.key)
		all.TransferKeys = append(all.TransferKeys, g.key.Name)
		if g.from.IsValid() {
			all.TransferNets = append(all.TransferNets, netip.PrefixFrom(g.from, g.from.BitLen()))
		}
		for _, c := range g.catalogs {
			catalogs = append(catalogs, c)
			may[c.Origin], a.closed[c.Origin] = append(may[c.Origin], g.key.Name), true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.sources)) {
		all.Keys = append(all.Keys, a.sources[name]...)
	}
	for origin := range a.closed { // also one that is on its way out
		all.Closed = append(all.Closed, nameserver.Closed{Zone: origin, Keys: may[origin]})
	}
	if a.into != nil {
		a.into.SetAccess(all)
	}
	a.catalogs(catalogs)
}

// keyOf returns the key of the member that transfers from an address without
// it; "" if there is none.
func (a *access) keyOf(from netip.Addr) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, g := range a.grants {
		if g.from.IsValid() && g.from == from.Unmap() {
			return g.key.Name
		}
	}
	return ""
}

// cluster is the reconcile loop, with keys admitted before it speaks to a
// member and revoked after. What reads members knows those that it does.
type cluster struct {
	*reconcile.Loop
	access    *access
	inventory *inventory.Inventory
	logs      *memberlog.Dir
	signature asksSignature
}

func (c *cluster) SetMember(m skein.Member, s skein.MemberSecrets) error {
	takeBack := c.access.admit(m, s)
	err := c.Loop.SetMember(m, s)
	if err != nil {
		takeBack()
		return err
	}
	c.inventory.SetMember(m, s)
	return nil
}

func (c *cluster) RemoveMember(ctx context.Context, name string, clean bool) (int, error) {
	removed, err := c.Loop.RemoveMember(ctx, name, clean)
	if err == nil {
		c.access.revoke(name)
		c.inventory.RemoveMember(name)
		_ = c.logs.Remove(name) // the member is gone all the same
	}
	return removed, err
}

// Test lends a member its key for the trial transfer, whatever it has. One that
// passed is asked for its keys for other members as well.
func (c *cluster) Test(ctx context.Context, m skein.Member, s skein.MemberSecrets) []skein.Check {
	defer c.access.admit(m, s)()
	checks := c.Loop.Test(ctx, m, s)
	if slices.ContainsFunc(checks, func(k skein.Check) bool { return !k.OK }) {
		return checks
	}
	return append(checks, c.signature.pairs(ctx, m, s)...)
}

// selfTestZone is what members transfer in tests.
func selfTestZone() zone.Contents {
	soa := zone.SOA{MName: selfTest, RName: "hostmaster." + selfTest, Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minimum: 300}
	const text = "Skein's zone for tests of transfers"
	contents, err := zone.NewContents(selfTest, []zone.RRset{
		{Name: selfTest, Type: zone.TypeSOA, TTL: 300, Data: []zone.Rdata{soa.Rdata()}},
		{Name: selfTest, Type: zone.TypeNS, TTL: 300, Data: []zone.Rdata{zone.Rdata(selfTest.AppendWire(nil))}},
		{Name: selfTest, Type: zone.TypeTXT, TTL: 300, Data: []zone.Rdata{zone.Rdata(rune(len(text))) + text}},
	})
	if err != nil {
		return zone.Contents{} // cannot happen: all of it is constant
	}
	return contents
}

const selfTest zone.Name = "skein-test.invalid."
