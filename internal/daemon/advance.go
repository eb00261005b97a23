package daemon

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// extend applies what changed since a revision to what is served, so that
// cost and IXFR follow the change. ok is false where that cannot be done.
func (s *serving) extend(ctx context.Context, into nameserver.Updater, z skein.Zone, since skein.Revision) (at skein.Revision, ok bool) {
	contents, ok := into.Current(z.Name)
	if !ok {
		return 0, false
	}
	versions, err := s.store.DeltaSince(ctx, z.ID, since)
	if err != nil || len(versions.Steps) == 0 {
		return 0, false
	}
	for _, step := range versions.Steps {
		if s.horizon.hides(step.Revision) {
			break
		}
		if contents, err = advance(contents, step.Delta, step.Serial); err != nil {
			s.log.Warn("a stored change does not fit what is served; loading the zone anew", "zone", z.Name, "revision", step.Revision, "err", err)
			return 0, false
		}
		into.Put(contents) // each version, so that each is an IXFR step
		at = step.Revision
	}
	return at, at > 0
}

// load reads the newest contents with the serial that belongs to them.
func (s *serving) load(ctx context.Context, z skein.Zone) (zone.Contents, skein.Revision, error) {
	for {
		authored, at, err := s.store.Contents(ctx, z.ID)
		if err != nil {
			return zone.Contents{}, 0, err
		}
		if at == z.Revision {
			return publish.Contents(authored, z.Serial), at, nil
		}
		if z, err = s.store.ZoneByID(ctx, z.ID); err != nil { // a commit came between
			return zone.Contents{}, 0, err
		}
		if z.Deleted {
			return zone.Contents{}, 0, store.ErrNotFound
		}
	}
}

// advance leads published contents to the next version: the authored delta,
// with the published serial. The SOA is set apart, since the served one has a
// serial of its own that the delta does not know.
func advance(served zone.Contents, d zone.Delta, serial uint32) (zone.Contents, error) {
	apex := served.Origin()
	next := d.Without(apex, zone.TypeSOA)
	for _, set := range d.Add {
		if set.Type != zone.TypeSOA {
			continue
		}
		if old, ok := served.Get(apex, zone.TypeSOA); ok {
			next.Del = append(next.Del, old)
		}
		next.Add = append(next.Add, set)
	}
	contents, err := served.Apply(next)
	if err != nil {
		return zone.Contents{}, err
	}
	return contents.WithSerial(serial), nil
}
