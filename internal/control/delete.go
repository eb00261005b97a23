package control

import (
	"context"
	"errors"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// DeleteZone deletes a zone here and on every member. Its history is kept, and
// its serial is remembered.
func (c *Control) DeleteZone(ctx context.Context, actor skein.Actor, in DeleteZone) (Result, error) {
	return c.mutate(ctx, mutation{
		change: skein.Change{ID: in.ChangeID, Actor: actor, Action: zoneDelete, Zone: in.Name},
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			z, err := c.Store.Zone(ctx, in.Name)
			if errors.Is(err, store.ErrNotFound) {
				return proposal{}, noZone(in.Name)
			}
			if err != nil {
				return proposal{}, err
			}
			change.ZoneID = z.ID
			if err := auth.Change(actor, z); err != nil {
				return proposal{}, err
			}
			if err := expected(z, in.Expect); err != nil {
				return proposal{}, err
			}
			if in.Expect == nil {
				if err := c.holdsNobodysElse(ctx, actor, z); err != nil {
					return proposal{}, err
				}
			}
			return proposal{
				write:  store.Write{Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Delete: true, Serial: z.Serial},
				result: Result{Changed: true},
			}, nil
		},
	})
}
