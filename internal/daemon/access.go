package daemon

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// access holds the TSIG keys that may transfer: one a member, whatever its
// state, so that nothing expires because Skein paused; none once it is removed.
type access struct {
	mu   sync.Mutex // owns the group
	into nameserver.Updater
	keys map[string]nameserver.Key // member name → key

	sources map[string][]nameserver.Key // source name → keys that NOTIFYs are signed with; they may transfer nothing

	peers nameserver.Access // of those who are no members; set before attach
}

func newAccess() *access {
	return &access{keys: map[string]nameserver.Key{}, sources: map[string][]nameserver.Key{}}
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
	before := a.set(m.Name, nameserver.Key{Name: m.TSIGKey, Algorithm: m.Algorithm, Secret: s.TSIG})
	return func() { a.set(m.Name, before) }
}

func (a *access) revoke(member string) { a.set(member, nameserver.Key{}) }

// set replaces a member's key, none if it has no secret, and returns the one before.
func (a *access) set(member string, key nameserver.Key) (before nameserver.Key) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before = a.keys[member]
	if key.Secret == "" {
		delete(a.keys, member)
	} else {
		a.keys[member] = key
	}
	if before != key {
		a.apply()
	}
	return before
}

// apply tells the nameserver; a.mu is held.
func (a *access) apply() {
	if a.into == nil {
		return
	}
	all := a.peers
	all.Keys, all.TransferKeys = slices.Clone(all.Keys), slices.Clone(all.TransferKeys)
	for _, name := range slices.Sorted(maps.Keys(a.keys)) {
		all.Keys = append(all.Keys, a.keys[name])
		all.TransferKeys = append(all.TransferKeys, a.keys[name].Name)
	}
	for _, name := range slices.Sorted(maps.Keys(a.sources)) {
		all.Keys = append(all.Keys, a.sources[name]...)
	}
	a.into.SetAccess(all)
}

// cluster is the reconcile loop, with keys admitted before it speaks to a
// member and revoked after.
type cluster struct {
	*reconcile.Loop
	access *access
}

func (c *cluster) SetMember(m skein.Member, s skein.MemberSecrets) error {
	takeBack := c.access.admit(m, s)
	err := c.Loop.SetMember(m, s)
	if err != nil {
		takeBack()
	}
	return err
}

func (c *cluster) RemoveMember(ctx context.Context, name string, clean bool) (int, error) {
	removed, err := c.Loop.RemoveMember(ctx, name, clean)
	if err == nil {
		c.access.revoke(name)
	}
	return removed, err
}

// Test lends a member its key for the trial transfer, whatever it has.
func (c *cluster) Test(ctx context.Context, m skein.Member, s skein.MemberSecrets) []skein.Check {
	defer c.access.admit(m, s)()
	return c.Loop.Test(ctx, m, s)
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
