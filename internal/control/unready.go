package control

import (
	"context"

	"github.com/skein-dns/skein"
)

// What follows is named for those who build on it, and comes next.

func unready() error {
	return &skein.Error{Kind: skein.KindUnavailable, What: "this is not built yet", Mend: "wait for it"}
}

func (c *Control) RemoveSource(ctx context.Context, actor skein.Actor, in RemoveSource) (skein.SourceRemoval, error) {
	return skein.SourceRemoval{}, unready()
}

func (c *Control) RevertSource(ctx context.Context, actor skein.Actor, in RevertSource) (skein.Revert, error) {
	return skein.Revert{}, unready()
}
