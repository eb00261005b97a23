package daemon

import (
	"context"
	"errors"

	"github.com/skein-dns/skein/internal/nameserver"
)

// startNameserver feeds the embedded nameserver from the store. It listens
// already; it answers once all zones are loaded, since a late answer is asked
// for again and a wrong one is believed.
func (n *node) startNameserver(ctx context.Context) (func(context.Context) error, error) {
	source := newServing(n.store, n.access, n.log.With("part", "serving"))
	feeding := n.background(ctx, "feeding the nameserver", func(ctx context.Context) error { return source.Run(ctx, n.service) })
	answering := n.background(ctx, "the nameserver", func(ctx context.Context) error { return serveLoaded(ctx, n.server) })
	return func(patience context.Context) error {
		return errors.Join(feeding(patience), answering(patience))
	}, nil
}

func serveLoaded(ctx context.Context, s *nameserver.Server) error {
	select {
	case <-s.Loaded():
	case <-ctx.Done():
	}
	return s.Serve(ctx)
}
