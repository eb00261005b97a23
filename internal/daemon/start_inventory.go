package daemon

import (
	"context"
	"errors"

	"github.com/skein-dns/skein/internal/inventory"
)

// startInventory makes what reads members. Control tells it which there are, so
// it comes first.
func (n *node) startInventory(context.Context) (_ func(context.Context) error, err error) {
	n.inventory, err = inventory.New(inventory.Config{Driver: n.driver, Log: n.log.With("part", "inventory")})
	return nil, err
}

// startReading has members be read regularly, looks at those that are ahead of
// us, and goes on with synchronisations.
func (n *node) startReading(ctx context.Context) (func(context.Context) error, error) {
	reading := n.background(ctx, "the reading of members", func(ctx context.Context) error { return n.inventory.Run(ctx, n.control) })
	ahead := n.background(ctx, "the looking at members that are ahead", n.control.FollowAhead)
	syncing := n.background(ctx, "synchronising", n.control.RunSync)
	return func(patience context.Context) error {
		return errors.Join(syncing(patience), ahead(patience), reading(patience))
	}, nil
}
