package control

import (
	"context"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
)

// registryFor is how long what is known of sources and rules is taken as it
// is: another node may have changed it. What this node changes counts at once.
const registryFor = 5 * time.Second

// registry is the sources and the standing rules, which every change asks for.
// The zero value is ready.
type registry struct {
	mu      sync.Mutex // owns what follows, also while it is read anew
	read    time.Time
	sources map[string]skein.Source
	rules   []skein.SourceRule
}

// known returns the sources by name and the rules; neither is to be written to.
func (c *Control) known(ctx context.Context) (map[string]skein.Source, []skein.SourceRule, error) {
	r := &c.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if age := c.Now().Sub(r.read); r.sources != nil && age >= 0 && age < registryFor {
		return r.sources, r.rules, nil
	}
	rows, err := c.Store.Sources(ctx)
	if err != nil {
		return nil, nil, err
	}
	rules, err := c.Store.Rules(ctx)
	if err != nil {
		return nil, nil, err
	}
	r.read, r.rules, r.sources = c.Now(), rules, make(map[string]skein.Source, len(rows))
	for _, row := range rows {
		r.sources[row.Source.Name] = row.Source
	}
	return r.sources, r.rules, nil
}

// unknown makes what is known be read anew: it was just changed.
func (c *Control) unknown() {
	c.registry.mu.Lock()
	defer c.registry.mu.Unlock()
	c.registry.sources = nil
}

// enter says whether an actor is anybody, and comes from where it may.
func (c *Control) enter(ctx context.Context, actor skein.Actor) error {
	if err := auth.Act(actor); err != nil {
		return err
	}
	sources, _, err := c.known(ctx)
	if err != nil {
		return err
	}
	return auth.Enter(actor, sources[actor.Source])
}

// administer says whether an actor is an administrator, from where that may be.
func (c *Control) administer(ctx context.Context, actor skein.Actor) error {
	if err := auth.Administer(actor); err != nil {
		return err
	}
	return c.enter(ctx, actor)
}

// Admit says whether anything is taken from an actor: it is somebody, comes
// from where it may, and its source is not paused. Every change asks; a door
// may ask before it reads what is sent.
func (c *Control) Admit(ctx context.Context, actor skein.Actor) error {
	if err := c.enter(ctx, actor); err != nil {
		return err
	}
	sources, _, err := c.known(ctx)
	if err != nil {
		return err
	}
	return auth.Paused(actor, sources[actor.Source])
}

// wayOf returns the way by which an actor may change a zone.
func (c *Control) wayOf(ctx context.Context, actor skein.Actor, z skein.Zone) (auth.Way, error) {
	if way := auth.WayOf(actor, z, nil); way != auth.Nohow {
		return way, nil
	}
	_, rules, err := c.known(ctx)
	return auth.WayOf(actor, z, rules), err
}
