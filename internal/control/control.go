// Package control is the one gate between whoever asks and the store: who may,
// whose zone is it, is it valid, commit, audit. Doors and the API come through
// here, and through nothing else.
package control

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Sealer encrypts secrets at rest; secret.Sealer is it.
type Sealer interface {
	Seal(purpose string, plain []byte) ([]byte, error)
	Open(purpose string, sealed []byte) ([]byte, error)
}

// Config is what a Control is made of. Store, Cluster and Sealer are needed.
type Config struct {
	Store   store.Store
	Cluster Cluster
	Sealer  Sealer
	// Drivers are those that members can have, the first one by default; bind,
	// which is written to alone, if not set.
	Drivers []Driver
	// MemberConfig prints the block that is pasted into a member's own configuration.
	MemberConfig func(skein.Member, skein.MemberSecrets, PairKeys, skein.ConfigStyle) string
	// Primaries tells where a member at an address reaches this node's
	// nameserver. The port of the first one is the default of primaries that
	// are given without.
	Primaries func(member netip.Addr) []skein.Primary
	// Own reports whether an address is one that this node itself answers at;
	// a member cannot be there. nil: none is.
	Own func(netip.AddrPort) bool
	// Hostname is what other servers reach this node by, for those that are asked
	// to add it. "": none is.
	Hostname string
	Intake   Intake // nil: no zone is transferred in
	// Nameserver is this node's own. nil: there is none.
	Nameserver Nameserver
	// DebugLog calls each for the lines of a member's debug log, with follow
	// until ctx ends; nil: there are none.
	DebugLog func(ctx context.Context, name string, follow bool, each func(line []byte) error) error
	// Inventory reads members; nil: none is read.
	Inventory Inventory
	// Resolve looks up the addresses of a host outside. nil: none is found.
	Resolve func(context.Context, zone.Name) ([]netip.Addr, error)
	// Delegation looks up the nameservers of a domain with their addresses, as
	// its parent delegates it; none where it does not. nil: nobody can be asked.
	Delegation func(context.Context, zone.Name) (map[zone.Name][]netip.Addr, error)
	// Trace goes from the root of the DNS down to a zone, and asks the addresses
	// that may allows; held are the nameservers that the zone names here. nil: it
	// is not looked.
	Trace func(ctx context.Context, name zone.Name, held []zone.Name, may func(netip.Addr) bool) skein.Trace
	// DS reports whether a name has a DS at its parent, where that is not
	// hosted here. nil: it is not looked.
	DS func(context.Context, zone.Name) (bool, error)
	// Version is that of Skein, as templates show it.
	Version string
	// TryNotices sends a trial to every target of notices; nil: there are none.
	TryNotices func(context.Context) []skein.NoticeTrial
	// News is called, and must not block, when the failure threshold disabled or
	// enabled a member, which people may want to know at once; nil: nobody does.
	News     func()
	Observed Observed          // nil: when sources were heard is forgotten at the end
	Policy   zone.SerialPolicy // of new zones
	Keep     time.Duration     // how long what was deleted is kept, as the lists of it say
	Now      func() time.Time
	Log      *slog.Logger
}

// Control is safe for concurrent use.
type Control struct {
	Config

	turns   turns
	claims  *rate.Limiter       // of failed claims and logins that are recorded
	guard   guard               // of passwords and codes
	hashers *semaphore.Weighted // of passwords at once
	access  sync.Mutex          // one change of tenants, users, tokens or of the claim code at a time

	registry registry
	hearing  hearing
	sources  sync.Mutex // one change of the sources at a time; taken after access
	tracing  turns      // of tenants that have a delegation looked at
	deleting turns      // the one turn in which deletions are counted

	aheads aheads
	jobs   syncJobs

	pools   pools
	editing sync.Mutex // one change of the pools, or of how far one has come, at a time; taken after access and members

	// members lets one change of the members through at a time, and owns
	// leaving: the names of those that are just being removed. It is not held
	// while one is tested or cleaned, which takes long.
	members sync.Mutex
	leaving map[string]bool

	clustering clustering
	thresholds thresholds
}

// New checks the configuration; Start begins.
func New(c Config) (*Control, error) {
	if c.Store == nil || c.Cluster == nil || c.Sealer == nil {
		return nil, errors.New("control needs a store, a cluster and a sealer")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.DebugLog == nil {
		c.DebugLog = func(context.Context, string, bool, func([]byte) error) error { return nil }
	}
	if c.News == nil {
		c.News = func() {}
	}
	if c.MemberConfig == nil {
		c.MemberConfig = func(skein.Member, skein.MemberSecrets, PairKeys, skein.ConfigStyle) string { return "" }
	}
	if len(c.Drivers) == 0 {
		c.Drivers = []Driver{{Name: "bind", Roles: []skein.Role{skein.RoleWriteOnly}, Needs: Needs{RNDC: true, Transfer: true}}}
	}
	if c.Primaries == nil {
		c.Primaries = func(netip.Addr) []skein.Primary { return nil }
	}
	if c.Own == nil {
		c.Own = func(netip.AddrPort) bool { return false }
	}
	return &Control{Config: c, leaving: map[string]bool{}, claims: rate.NewLimiter(rate.Every(claimPeriod), claimBurst),
		guard: newGuard(c.Now), hashers: semaphore.NewWeighted(maxHashers),
		pools: newPools(), thresholds: newThresholds(),
		aheads: aheads{heard: map[aheadKey]aheadNews{}, wake: make(chan struct{}, 1)}, jobs: newSyncJobs()}, nil
}

// Start hands the members that are stored to the cluster and the sources to
// the intake, and makes the claim code if there never was one. Call it once,
// before anybody else calls.
func (c *Control) Start(ctx context.Context) error {
	if err := c.startClustering(ctx); err != nil {
		return err
	}
	if err := c.startMembers(ctx); err != nil {
		return err
	}
	if err := c.startSources(ctx); err != nil {
		return err
	}
	if err := c.startPools(ctx); err != nil {
		return err
	}
	if err := c.startSync(ctx); err != nil {
		return err
	}
	return c.makeClaim(ctx)
}
