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
	// Drivers are the names of those that members can have, the first one by
	// default; bind if not set.
	Drivers []string
	// MemberConfig prints the block that is pasted into a member's own configuration.
	MemberConfig func(skein.Member, skein.MemberSecrets, skein.ConfigStyle) string
	// Primaries tells where a member at an address reaches this node's
	// nameserver. The port of the first one is the default of primaries that
	// are given without.
	Primaries func(member netip.Addr) []skein.Primary
	// Own reports whether an address is one that this node itself answers at;
	// a member cannot be there. nil: none is.
	Own    func(netip.AddrPort) bool
	Intake Intake // nil: no zone is transferred in
	// Resolve looks up the addresses of a host outside. nil: none is found.
	Resolve func(context.Context, zone.Name) ([]netip.Addr, error)
	// DS reports whether a name has a DS at its parent, where that is not
	// hosted here. nil: it is not looked.
	DS func(context.Context, zone.Name) (bool, error)
	// TryNotices sends a trial to every target of notices; nil: there are none.
	TryNotices func(context.Context) []skein.NoticeTrial
	Observed   Observed          // nil: when sources were heard is forgotten at the end
	Policy     zone.SerialPolicy // of new zones
	Keep       time.Duration     // how long what was deleted is kept, as the lists of it say
	Now        func() time.Time
	Log        *slog.Logger
}

// Control is safe for concurrent use.
type Control struct {
	Config

	turns  turns
	claims *rate.Limiter // of failed claims that are recorded
	access sync.Mutex    // one change of tokens or of the claim code at a time

	registry registry
	hearing  hearing
	sources  sync.Mutex // one change of the sources at a time; taken after access
	deleting turns      // the one turn in which deletions are counted

	pools   pools
	editing sync.Mutex // one change of the pool, or of its place, at a time

	// members lets one change of the members through at a time, and owns
	// leaving: the names of those that are just being removed. It is not held
	// while one is tested or cleaned, which takes long.
	members sync.Mutex
	leaving map[string]bool
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
	if c.MemberConfig == nil {
		c.MemberConfig = func(skein.Member, skein.MemberSecrets, skein.ConfigStyle) string { return "" }
	}
	if len(c.Drivers) == 0 {
		c.Drivers = []string{"bind"}
	}
	if c.Primaries == nil {
		c.Primaries = func(netip.Addr) []skein.Primary { return nil }
	}
	if c.Own == nil {
		c.Own = func(netip.AddrPort) bool { return false }
	}
	return &Control{Config: c, leaving: map[string]bool{}, claims: rate.NewLimiter(rate.Every(claimPeriod), claimBurst),
		pools: pools{wake: make(chan struct{}, 1)}}, nil
}

// Start hands the members that are stored to the cluster and the sources to
// the intake, and makes the claim code if there never was one. Call it once,
// before anybody else calls.
func (c *Control) Start(ctx context.Context) error {
	if err := c.startMembers(ctx); err != nil {
		return err
	}
	if err := c.startSources(ctx); err != nil {
		return err
	}
	if err := c.startPool(ctx); err != nil {
		return err
	}
	return c.makeClaim(ctx)
}
