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
}

func newAccess() *access { return &access{keys: map[string]nameserver.Key{}} }

// attach names the nameserver that is to know the keys.
func (a *access) attach(into nameserver.Updater) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.into = into
	a.apply()
}

func (a *access) admit(m skein.Member, s skein.MemberSecrets) {
	if s.TSIG == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys[m.Name] = nameserver.Key{Name: m.TSIGKey, Algorithm: m.Algorithm, Secret: s.TSIG}
	a.apply()
}

func (a *access) revoke(member string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.keys, member)
	a.apply()
}

func (a *access) key(member string) (nameserver.Key, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k, ok := a.keys[member]
	return k, ok
}

// apply tells the nameserver; a.mu is held.
func (a *access) apply() {
	if a.into == nil {
		return
	}
	var all nameserver.Access
	for _, name := range slices.Sorted(maps.Keys(a.keys)) {
		all.Keys = append(all.Keys, a.keys[name])
		all.TransferKeys = append(all.TransferKeys, a.keys[name].Name)
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
	c.access.admit(m, s)
	return c.Loop.SetMember(m, s)
}

func (c *cluster) RemoveMember(ctx context.Context, name string, clean bool) (int, error) {
	removed, err := c.Loop.RemoveMember(ctx, name, clean)
	if err == nil {
		c.access.revoke(name)
	}
	return removed, err
}

// Test lends a member that is not stored its key, for the trial transfer.
func (c *cluster) Test(ctx context.Context, m skein.Member, s skein.MemberSecrets) []skein.Check {
	if before, known := c.access.key(m.Name); !known || before.Secret != s.TSIG {
		c.access.admit(m, s)
		defer func() {
			if !known {
				c.access.revoke(m.Name)
			}
		}()
	}
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
