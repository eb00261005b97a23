package sqlite

import (
	"context"
	"database/sql"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// maxSteps bounds DeltaSince: from there on the whole contents are the shorter way.
const maxSteps = 1000

// Contents implements store.Zones. A deleted zone has none: ErrNotFound.
func (s *Store) Contents(ctx context.Context, id skein.ZoneID) (c zone.Contents, at skein.Revision, err error) {
	err = s.readLong(ctx, "reading a zone's contents", func(r reader) error {
		h, err := r.live(id)
		if err != nil {
			return err
		}
		at = h.Revision
		c, err = r.contents(h)
		return err
	})
	return c, at, err
}

func (r reader) live(id skein.ZoneID) (head, error) {
	h, err := r.head(`id = ?`, id)
	if err == nil && h.Deleted {
		err = notFound("zone %s is deleted", h.Name)
	}
	return h, err
}

// contents reads all chunks: of a tombstone, what the zone held at last.
func (r reader) contents(h head) (zone.Contents, error) {
	var sets []zone.RRset
	err := r.each(func(row scanner) error {
		var data []byte
		if err := row.Scan(&data); err != nil {
			return err
		}
		part, err := unpackSets(data)
		sets = append(sets, part...)
		return err
	}, `SELECT data FROM chunk WHERE zone = ? ORDER BY first`, h.num)
	if err != nil {
		return zone.Contents{}, err
	}
	return zone.NewContents(h.Name, sets)
}

// Nodes implements store.Zones. Sets come in canonical order of names, each
// name once; names at which nothing stands are left out.
func (s *Store) Nodes(ctx context.Context, id skein.ZoneID, names []zone.Name) (sets []zone.RRset, at skein.Revision, err error) {
	keys := keysOf(names)
	err = s.read(ctx, "reading records", func(r reader) error {
		h, err := r.live(id)
		if err != nil {
			return err
		}
		at = h.Revision
		for len(keys) > 0 {
			found, n, err := r.nodes(h, keys)
			if err != nil {
				return err
			}
			sets, keys = append(sets, found...), keys[n:]
		}
		return nil
	})
	return sets, at, err
}

// nodes looks up the first keys, n of them, that lie in one chunk.
func (r reader) nodes(h head, keys []string) (sets []zone.RRset, n int, err error) {
	var data, bound []byte
	err = r.each(func(row scanner) error { return row.Scan(&data) },
		`SELECT data FROM chunk WHERE zone = ? AND first <= ? ORDER BY first DESC LIMIT 1`, h.num, []byte(keys[0]))
	if err != nil || data == nil {
		return nil, len(keys), err // no chunk: the zone is empty
	}
	if err := r.each(func(row scanner) error { return row.Scan(&bound) }, boundAfter, h.num, []byte(keys[0])); err != nil {
		return nil, 0, err
	}
	for n = 1; n < len(keys) && (bound == nil || keys[n] < string(bound)); n++ {
	}
	all, err := unpackSets(data)
	for _, set := range all {
		if _, wanted := slices.BinarySearch(keys[:n], set.Name.Key()); wanted {
			sets = append(sets, set)
		}
	}
	return sets, n, err
}

func keysOf(names []zone.Name) []string {
	keys := make([]string, len(names))
	for i, n := range names {
		keys[i] = n.Key()
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// ContentsAt implements store.Zones.
func (s *Store) ContentsAt(ctx context.Context, id skein.ZoneID, at skein.Revision) (zone.Contents, error) {
	past, err := s.ZoneAt(ctx, id, at)
	if err == nil && past.Revision != at {
		err = notFound("zone %s has no revision %d", past.Contents.Origin(), at)
	}
	if err != nil {
		return zone.Contents{}, err
	}
	return past.Contents, nil
}

// ZoneAt implements store.Zones. Older contents are what the chunks hold, with
// the deltas since taken back.
func (s *Store) ZoneAt(ctx context.Context, id skein.ZoneID, at skein.Revision) (p store.Past, err error) {
	err = s.readLong(ctx, "reading a zone's history", func(r reader) error {
		h, err := r.head(`id = ?`, id)
		if err != nil {
			return err
		}
		gone := notFound("zone %s was not there at revision %d, or that is no longer kept", h.Name, at)
		if h.Deleted && at >= h.Revision {
			return gone
		}
		p.Revision, p.Serial = h.Revision, h.Serial
		if p.Contents, err = r.contents(h); err != nil || at >= h.Revision {
			return err
		}
		var serial sql.Null[uint32]
		err = r.each(func(row scanner) error {
			var delta []byte
			if err := row.Scan(&p.Revision, &serial, &delta); err != nil || delta == nil {
				return err // nil: the deletion, which leaves the chunks as they were
			}
			d, err := unpackDelta(delta)
			if err == nil {
				p.Contents, err = p.Contents.Apply(d.Invert())
			}
			return err
		}, `SELECT prev, coalesce(before, (SELECT serial FROM version AS earlier WHERE earlier.revision = version.prev)), delta
			FROM version WHERE zone = ? AND revision > ? ORDER BY revision DESC`, h.num, at)
		if err == nil && (p.Revision > at || p.Revision == 0) {
			err = gone
		}
		p.Serial = serial.V
		return err
	})
	return p, err
}

// DeltaSince implements store.Zones. A reader who is more than 1,000 versions
// behind also gets ErrNotFound: the contents are shorter. Of a deleted zone
// the head says so, and there are no steps.
func (s *Store) DeltaSince(ctx context.Context, id skein.ZoneID, after skein.Revision) (v store.Versions, err error) {
	err = s.read(ctx, "reading a zone's history", func(r reader) error {
		h, err := r.head(`id = ?`, id)
		v.Head = h.zone()
		if err != nil || h.Deleted || after >= h.Revision {
			return err
		}
		reaches := false
		err = r.each(func(row scanner) error {
			var prev skein.Revision
			var delta []byte
			var step store.Step
			if err := row.Scan(&prev, &step.Revision, &step.Serial, &delta); err != nil {
				return err
			}
			reaches = reaches || prev <= after && delta != nil
			step.Delta, err = zone.Delta{}, nil
			if delta != nil {
				step.Delta, err = unpackDelta(delta)
			}
			v.Steps = append(v.Steps, step)
			return err
		}, `SELECT prev, revision, serial, delta FROM version WHERE zone = ? AND revision > ? ORDER BY revision LIMIT ?`,
			h.num, after, maxSteps+1)
		if err == nil && (!reaches || len(v.Steps) > maxSteps) {
			v.Steps = nil
			err = notFound("the history of zone %s does not reach back to revision %d", h.Name, after)
		}
		return err
	})
	return v, err
}
