package daemon

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/internal/member/catalog"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// keepCatalogs has the catalogs be made that members follow, and the one that
// the configuration names.
func (n *node) keepCatalogs(ofMembers []listing.Catalog) {
	var all []listing.Catalog
	if n.Catalog != "" {
		all = append(all, listing.Catalog{Origin: n.Catalog.Canonical()})
	}
	for _, c := range ofMembers {
		i := slices.IndexFunc(all, func(o listing.Catalog) bool { return o.Origin == c.Origin })
		if i < 0 {
			all = append(all, c)
		} else if all[i] != c {
			n.log.Error("two catalogs are to have one name, and one of them is made: give a member of the other pool or group another with --set catalog=NAME", "catalog", c.Origin, "pool", all[i].Pool, "not", c.Pool)
		}
	}
	n.list.Keep(all)
}

// catalogOptions are what the driver of a member that follows a catalog needs.
func (n *node) catalogOptions(m skein.Member, s skein.MemberSecrets) catalog.Options {
	to := reconcile.TargetOf(m, isLocal)
	return catalog.Options{
		Listing: n.list, Prober: n.prober, Trace: n.memberLogs.Trace(m, s),
		Notify: func(name zone.Name) { announcer{n.server}.Notify(to, name) },
		Published: func(name zone.Name) (zone.Contents, bool) {
			return n.published(context.Background(), name)
		},
		Fetched: func(name zone.Name) (uint32, bool) { return n.fetched.last(m.TSIGKey, name) },
		Busy:    func() time.Time { return n.fetched.busy(m.TSIGKey) },
	}
}

// fetched is what members were seen to fetch. The zero value knows nothing.
type fetched struct {
	mu       sync.Mutex           // owns the rest
	catalogs map[fetcher]uint32   // the last serial of each
	zones    map[string]time.Time // when the last one was, by canonical key
}

type fetcher struct {
	key  string // canonical
	zone zone.Name
}

func (f *fetched) note(t nameserver.Transfer, isCatalog bool) {
	if t.Key == "" {
		return
	}
	key := ownerName(t.Key)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.zones == nil {
		f.catalogs, f.zones = map[fetcher]uint32{}, map[string]time.Time{}
	}
	if isCatalog {
		f.catalogs[fetcher{key, t.Zone.Canonical()}] = t.Serial
	} else {
		f.zones[key] = time.Now()
	}
}

// busy returns when a member last fetched a zone that is no catalog.
func (f *fetched) busy(key string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.zones[ownerName(key)]
}

func (f *fetched) last(key string, name zone.Name) (serial uint32, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	serial, ok = f.catalogs[fetcher{ownerName(key), name.Canonical()}]
	return serial, ok
}

// catalogSettings are what a member that follows a catalog can be told of itself.
func catalogSettings() []control.Setting {
	return []control.Setting{
		{Name: catalog.SettingSoftware, Meaning: strings.Join(catalog.Software, "|"), Default: catalog.Software[0], Check: catalog.CheckSoftware,
			Help: "what runs there: which configuration is printed, and what a test says"},
		{Name: catalog.SettingGroup, Meaning: "NAME", Check: catalog.CheckGroup,
			Help: "group of each zone in its catalogs (RFC 9432): the name of a template on Knot, of a pattern on NSD"},
		{Name: catalog.SettingSuffix, Meaning: "NAME", Default: catalog.Suffix, Check: catalog.CheckSuffix,
			Help: "what the names of its catalogs end in, after the pool's name; another one where it follows several clusters"},
		{Name: catalog.SettingTransfer, Meaning: "key|address", Default: "key", Check: catalog.CheckTransfer,
			Help: "address: it may transfer zones, but for catalogs, from its address without the key, as PowerDNS needs it"},
	}
}
