package control

import (
	"context"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
)

// registryFor is how long what is known of tenants, sources and rules is taken
// as it is: another node may have changed it. What this node changes counts at once.
const registryFor = 5 * time.Second

// registry is the tenants, the sources and the standing rules, which every
// change asks for. The zero value is ready.
type registry struct {
	mu    sync.Mutex // owns what follows, also while it is read anew
	read  time.Time
	known auth.Known // zero: to be read anew
}

// known returns the tenants, the sources and the rules.
func (c *Control) known(ctx context.Context) (auth.Known, error) {
	r := &c.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := c.Now().Sub(r.read); r.known.Sources != nil && age >= 0 && age < registryFor {
		return r.known, nil
	}
	rows, err := c.Store.Sources(ctx)
	if err != nil {
		return auth.Known{}, err
	}
	tenants, err := c.Store.Tenants(ctx)
	if err != nil {
		return auth.Known{}, err
	}
	rules, err := c.Store.Rules(ctx)
	if err != nil {
		return auth.Known{}, err
	}
	k := auth.Known{Sources: make(map[string]skein.Source, len(rows)), Tenants: make(map[string]skein.Tenant, len(tenants)), Rules: rules}
	for _, row := range rows {
		k.Sources[row.Source.Name] = row.Source
	}
	for _, t := range tenants {
		k.Tenants[t.Name] = t
	}
	r.read, r.known = c.Now(), k
	return k, nil
}

// unknown makes what is known be read anew: it was just changed.
func (c *Control) unknown() {
	c.registry.mu.Lock()
	defer c.registry.mu.Unlock()
	c.registry.known = auth.Known{}
}

// enter says whether an actor is anybody, and comes from where it may.
func (c *Control) enter(ctx context.Context, actor skein.Actor) (auth.Known, error) {
	if err := auth.Act(actor); err != nil {
		return auth.Known{}, err
	}
	k, err := c.known(ctx)
	if err != nil {
		return k, err
	}
	return k, k.Enter(actor)
}

// permit says whether an actor may change things of a kind, in its own tenants.
func (c *Control) permit(ctx context.Context, actor skein.Actor, p skein.Permission) (auth.Known, error) {
	return c.entered(ctx, actor, p, auth.Known.Permit)
}

// permitWhole says whether an actor may change what is the whole cluster's.
func (c *Control) permitWhole(ctx context.Context, actor skein.Actor, p skein.Permission) (auth.Known, error) {
	return c.entered(ctx, actor, p, auth.Known.PermitWhole)
}

// see says whether an actor may look at things of a kind, in its own tenants.
func (c *Control) see(ctx context.Context, actor skein.Actor, p skein.Permission) (auth.Known, error) {
	return c.entered(ctx, actor, p, auth.Known.See)
}

// seeWhole says whether an actor may look at what is the whole cluster's.
func (c *Control) seeWhole(ctx context.Context, actor skein.Actor, p skein.Permission) (auth.Known, error) {
	return c.entered(ctx, actor, p, auth.Known.SeeWhole)
}

// administer says whether an actor may change members, pools and the settings
// of the whole cluster.
func (c *Control) administer(ctx context.Context, actor skein.Actor) error {
	_, err := c.permitWhole(ctx, actor, skein.PermitClustering)
	return err
}

// oversee says whether an actor may look at members, pools and the settings of
// the whole cluster.
func (c *Control) oversee(ctx context.Context, actor skein.Actor) error {
	_, err := c.seeWhole(ctx, actor, skein.PermitClustering)
	return err
}

func (c *Control) entered(ctx context.Context, actor skein.Actor, p skein.Permission, may func(auth.Known, skein.Actor, skein.Permission) error) (auth.Known, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return k, err
	}
	return k, may(k, actor, p)
}

// Admit says whether anything is taken from an actor: it is somebody, comes
// from where it may, and its source is not paused. Every change asks; a door
// may ask before it reads what is sent.
func (c *Control) Admit(ctx context.Context, actor skein.Actor) error {
	_, err := c.admit(ctx, actor)
	return err
}

func (c *Control) admit(ctx context.Context, actor skein.Actor) (auth.Known, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return k, err
	}
	return k, k.Admit(actor)
}
