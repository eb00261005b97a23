package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// selectZone goes with head.dest.
const selectZone = `SELECT ` + headColumns + ` FROM zone`

const headColumns = `num, id, name, revision, serial, origin, pool, owner, policy, records, created, changed, deleted, origin_since, origin_before, published, pool_before`

// selectTombstone goes with head.dest and one more. The version of a deletion
// is kept as long as its tombstone.
const selectTombstone = `SELECT ` + headColumns + `, (SELECT prev FROM version WHERE version.revision = zone.revision) FROM zone`

// head is a row of the zone table.
type head struct {
	skein.Zone
	num                     int64
	created, changed, since int64
}

func (h *head) dest() []any {
	return []any{&h.num, &h.ID, &h.Name, &h.Revision, &h.Serial, &h.Origin, &h.Pool, &h.Owner, &h.Policy,
		&h.Records, &h.created, &h.changed, &h.Deleted, &h.since, &h.OriginBefore, &h.Published, &h.PoolBefore}
}

// zone returns the head as others know it.
func (h *head) zone() skein.Zone {
	z := h.Zone
	if h.Created.IsZero() {
		z.Created = timeOf(h.created)
	}
	if h.Changed.IsZero() {
		z.Changed = timeOf(h.changed)
	}
	if h.OriginSince.IsZero() {
		z.OriginSince = timeOf(h.since)
	}
	return z
}

func (r reader) head(where string, args ...any) (head, error) {
	var h head
	found, err := r.row(selectZone+" WHERE "+where, args, h.dest()...)
	if err == nil && !found {
		err = notFound("there is no such zone")
	}
	return h, err
}

// Zone implements store.Zones.
func (s *Store) Zone(ctx context.Context, name zone.Name) (z skein.Zone, err error) {
	err = s.read(ctx, "reading a zone", func(r reader) error {
		h, err := r.head(`key = ? AND deleted = 0`, []byte(name.Key()))
		if errors.Is(err, store.ErrNotFound) {
			return notFound("there is no zone %s", name)
		}
		z = h.zone()
		return err
	})
	return z, err
}

// ZoneByID implements store.Zones.
func (s *Store) ZoneByID(ctx context.Context, id skein.ZoneID) (z skein.Zone, err error) {
	err = s.read(ctx, "reading a zone", func(r reader) error {
		h, err := r.head(`id = ?`, id)
		z = h.zone()
		return err
	})
	return z, err
}

// List implements store.Zones. Limit 0 means all.
func (s *Store) List(ctx context.Context, q store.ListQuery) (zones []skein.Zone, err error) {
	read := s.read
	if q.Contains != "" || q.Skip > 0 || q.Limit <= 0 || len(q.Owners) > 1 || len(q.Pools) > 1 || fields(q) > 1 { // may look at every zone
		read = s.readLong
	}
	lists, only := q.Owners, func(page *store.ListQuery, owner string) { page.Owners = []string{owner} }
	if lists == nil {
		lists, only = q.Pools, func(page *store.ListQuery, pool string) { page.Pools = []string{pool} }
	}
	err = read(ctx, "listing zones", func(r reader) (err error) {
		if lists == nil || q.Skip > 0 {
			zones, err = r.list(q)
			return err
		}
		zones, err = merge(lists, q.Limit, func(a, b skein.Zone) int { return a.Name.Compare(b.Name) }, func(list string, after *skein.Zone, n int) ([]skein.Zone, error) {
			page := q
			only(&page, list)
			if page.Limit = n; after != nil {
				page.After = after.Name
			}
			return r.list(page)
		})
		return err
	})
	return zones, err
}

// fields counts by how many columns a query selects: there is an index by each
// alone, and the others are looked up in what one of them selected.
func fields(q store.ListQuery) (n int) {
	for _, selects := range []bool{q.Origin != "", q.Owners != nil, q.Pools != nil} {
		if selects {
			n++
		}
	}
	return n
}

// list returns zones. Of one owner, or one pool, they are found by its index; of
// several they are sought in the order of names.
func (r reader) list(q store.ListQuery) (zones []skein.Zone, err error) {
	query, args := selectZone+` WHERE deleted = 0 AND key > ?`, []any{[]byte{}}
	switch {
	case q.After == "": // the root's key is empty, and it comes first
		query = selectZone + ` WHERE deleted = 0 AND key >= ?`
	default:
		args[0] = []byte(q.After.Key())
	}
	if q.Origin != "" {
		query, args = query+` AND origin = ?`, append(args, q.Origin)
	}
	for _, of := range []struct {
		column string
		values []string
	}{{"owner", q.Owners}, {"pool", q.Pools}} {
		switch {
		case len(of.values) == 1:
			query, args = query+` AND `+of.column+` = ?`, append(args, of.values[0])
		case of.values != nil:
			query, args = query+` AND `+of.column+` IN (SELECT value FROM json_each(?))`, append(args, asJSON{&of.values})
		}
	}
	if q.Contains != "" {
		query, args = query+` AND instr(lower(name), ?)`, append(args, q.Contains)
	}
	err = r.each(func(row scanner) error {
		var h head
		err := row.Scan(h.dest()...)
		zones = append(zones, h.zone())
		return err
	}, query+` ORDER BY key LIMIT ? OFFSET ?`, append(args, limit(q.Limit), q.Skip)...)
	return zones, err
}

// Deleted implements store.Zones. Limit 0 means all. What lies below the floor
// is being purged, and no longer whole.
func (s *Store) Deleted(ctx context.Context, q store.DeletedQuery) (gone []store.Tombstone, err error) {
	err = s.readLong(ctx, "listing deleted zones", func(r reader) (err error) {
		if q.Owners == nil {
			gone, err = r.deleted(q)
			return err
		}
		newest := func(a, b store.Tombstone) int { return cmp.Compare(b.Zone.Revision, a.Zone.Revision) }
		gone, err = merge(q.Owners, q.Limit, newest, func(owner string, after *store.Tombstone, n int) ([]store.Tombstone, error) {
			page := q
			page.Owners, page.Limit = []string{owner}, n
			if after != nil {
				page.Before = after.Zone.Revision
			}
			return r.deleted(page)
		})
		return err
	})
	return gone, err
}

// deleted returns tombstones of all owners, or of one.
func (r reader) deleted(q store.DeletedQuery) (gone []store.Tombstone, err error) {
	query, args := ` WHERE deleted = 1 AND revision > (SELECT floor FROM position)`, []any{}
	if q.Name != "" {
		query, args = query+` AND key = ?`, append(args, []byte(q.Name.Key()))
	}
	if q.Before != 0 {
		query, args = query+` AND revision < ?`, append(args, q.Before)
	}
	if q.Origin != "" {
		query, args = query+` AND origin = ?`, append(args, q.Origin)
	}
	if q.Owners != nil {
		query, args = query+` AND owner = ?`, append(args, q.Owners[0])
	}
	if q.Contains != "" {
		query, args = query+` AND instr(lower(name), ?)`, append(args, q.Contains)
	}
	err = r.each(func(row scanner) error {
		var h head
		var t store.Tombstone
		err := row.Scan(append(h.dest(), &t.Last)...)
		t.Zone = h.zone()
		gone = append(gone, t)
		return err
	}, selectTombstone+query+` ORDER BY revision DESC LIMIT ?`, append(args, limit(q.Limit))...)
	return gone, err
}

// limit turns "0: all" into SQLite's words.
func limit(n int) int {
	if n <= 0 {
		return -1
	}
	return n
}

// SerialFloor implements store.Zones.
func (s *Store) SerialFloor(ctx context.Context, name zone.Name) (serial uint32, ok bool, err error) {
	key := []byte(name.Key())
	err = s.read(ctx, "reading a serial", func(r reader) error {
		var last sql.Null[uint32]
		_, err := r.row(`SELECT coalesce((SELECT serial FROM zone WHERE key = ? AND deleted = 0),
			(SELECT serial FROM serial_floor WHERE key = ?))`, []any{key, key}, &last)
		serial, ok = last.V, last.Valid
		return err
	})
	return serial, ok, err
}
