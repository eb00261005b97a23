package sqlite

import (
	"context"

	"github.com/skein-dns/skein"
)

// ChangeByID implements store.Zones.
func (s *Store) ChangeByID(ctx context.Context, id string) (skein.Change, error) {
	found, err := s.changes(ctx, ` WHERE id = ? AND revision IS NOT NULL`, id)
	if err != nil {
		return skein.Change{}, err
	}
	if len(found) == 0 {
		return skein.Change{}, notFound("no change with id %q was committed", id)
	}
	return found[0].Change, nil
}

// Totals implements store.Zones.
func (s *Store) Totals(ctx context.Context) (zones int, newest skein.Revision, err error) {
	err = s.read(ctx, "counting zones", func(r reader) error {
		pos, err := r.position()
		zones, newest = pos.zones, pos.revision
		return err
	})
	return zones, newest, err
}
