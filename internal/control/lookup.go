package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const (
	askingTime  = 15 * time.Second
	askedAtOnce = 16 // members
)

// Lookup asks each member of the pool of the zone that a name is in for records
// of the name: of the nearest zone that the actor may read. Nobody else is asked.
func (c *Control) Lookup(ctx context.Context, actor skein.Actor, name zone.Name, of zone.Type) (skein.Lookup, error) {
	z, err := c.zoneWith(ctx, actor, name)
	if err != nil {
		return skein.Lookup{}, err
	}
	members := c.Cluster.Receipt(z).Members
	found := skein.Lookup{Zone: z.Name, Name: name, Type: of.String(), Answers: make([]skein.LookupAnswer, len(members))}
	ctx, cancel := context.WithTimeout(ctx, askingTime)
	defer cancel()
	var asked errgroup.Group
	asked.SetLimit(askedAtOnce)
	for i, m := range members {
		asked.Go(func() error {
			found.Answers[i] = c.Cluster.Lookup(ctx, m.Member, name, of)
			return nil
		})
	}
	return found, asked.Wait()
}

// zoneWith returns the nearest zone that a name is in and that the actor may read.
func (c *Control) zoneWith(ctx context.Context, actor skein.Actor, name zone.Name) (skein.Zone, error) {
	for at := name; ; at = at.Parent() {
		z, err := c.Zone(ctx, actor, at)
		if !errors.Is(err, store.ErrNotFound) {
			return z, err
		}
		if at == zone.Root {
			return z, &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
				What: fmt.Sprintf("there is no zone that %s is in", name), Mend: "skein zone list shows those that there are"}
		}
	}
}
