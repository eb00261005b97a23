package sqlite

import (
	"cmp"
	"context"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// plannedStamp is a stamp as it is stored.
type plannedStamp struct {
	store.Stamp
	key, hidden []byte
}

// planStamps checks and packs the stamps of a write, in canonical order.
func planStamps(origin zone.Name, stamps []store.Stamp) ([]plannedStamp, error) {
	planned := make([]plannedStamp, len(stamps))
	for i, st := range stamps {
		if st.Type == 0 || !st.Name.IsSubdomainOf(origin) {
			return nil, invalid("there can be no stamp on %s %s in zone %s", st.Name, st.Type, origin)
		}
		if h := st.Hidden; h != nil && (st.Source == "" || h.Type != st.Type || !h.Name.Equal(st.Name) || len(h.Data) == 0) {
			return nil, invalid("what the stamp on %s %s covers is no RRset of that name and type", st.Name, st.Type)
		}
		planned[i] = plannedStamp{Stamp: st, key: []byte(st.Name.Key())}
		if st.Hidden != nil {
			planned[i].hidden = packSets([]zone.RRset{*st.Hidden})
		}
	}
	slices.SortFunc(planned, func(a, b plannedStamp) int {
		return cmp.Or(slices.Compare(a.key, b.key), cmp.Compare(a.Type, b.Type))
	})
	for i := 1; i < len(planned); i++ {
		if a, b := planned[i-1], planned[i]; a.Type == b.Type && slices.Equal(a.key, b.key) {
			return nil, invalid("there are two stamps on %s %s", b.Name, b.Type)
		}
	}
	return planned, nil
}

// stamp sets a stamp or takes it away.
func (t *txn) stamp(zoneNum int64, st plannedStamp) error {
	if st.Source == "" {
		_, err := t.exec(`DELETE FROM stamp WHERE zone = ? AND key = ? AND type = ?`, zoneNum, st.key, st.Type)
		return err
	}
	_, err := t.exec(`INSERT INTO stamp (zone, key, type, name, source, hidden) VALUES (?,?,?,?,?,?)
		ON CONFLICT DO UPDATE SET source = excluded.source, hidden = excluded.hidden`,
		zoneNum, st.key, st.Type, st.Name, st.Source, st.hidden)
	return err
}

// revive gives a new life of a name the stamps of an earlier one.
func (t *txn) revive(h head, dead skein.ZoneID) error {
	_, err := t.exec(`INSERT INTO stamp (zone, key, type, name, source, hidden) SELECT ?, key, type, name, source, hidden FROM stamp
		WHERE zone = (SELECT num FROM zone WHERE id = ? AND key = ? AND deleted = 1)`, h.num, dead, []byte(h.Name.Key()))
	return err
}

const stampColumns = `stamp.name, stamp.type, stamp.source, stamp.hidden`

// scanStamp scans stampColumns, after what goes before.
func scanStamp(row scanner, st *store.Stamp, before ...any) error {
	var hidden []byte
	err := row.Scan(append(before, &st.Name, &st.Type, &st.Source, &hidden)...)
	if err != nil || hidden == nil {
		return err
	}
	sets, err := unpackSets(hidden)
	if err == nil && len(sets) == 1 {
		st.Hidden = &sets[0]
	}
	return err
}

// Owners implements store.Zones.
func (s *Store) Owners(ctx context.Context, id skein.ZoneID, names []zone.Name, most int) (owners []store.Stamp, err error) {
	err = s.read(ctx, "reading the owners of records", func(r reader) error {
		h, err := r.head(`id = ?`, id)
		if err != nil {
			return err
		}
		scan := func(row scanner) error {
			var st store.Stamp
			err := scanStamp(row, &st)
			owners = append(owners, st)
			return err
		}
		if names == nil {
			return r.each(scan, `SELECT `+stampColumns+` FROM stamp WHERE zone = ? ORDER BY key, type LIMIT ?`, h.num, limit(most))
		}
		var stamped bool // most zones have no stamp at all
		if _, err := r.row(`SELECT EXISTS (SELECT 1 FROM stamp WHERE zone = ?)`, []any{h.num}, &stamped); err != nil || !stamped {
			return err
		}
		for _, key := range keysOf(names) {
			rest := limit(most)
			if most > 0 {
				if rest = most - len(owners); rest == 0 {
					return nil
				}
			}
			err := r.each(scan, `SELECT `+stampColumns+` FROM stamp WHERE zone = ? AND key = ? ORDER BY type LIMIT ?`, h.num, []byte(key), rest)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return owners, err
}

// StampsOf implements store.Zones.
func (s *Store) StampsOf(ctx context.Context, q store.StampQuery) (stamps []store.ZoneStamp, err error) {
	err = s.read(ctx, "reading the stamps of a source", func(r reader) error {
		after := int64(-1)
		if q.After.ZoneID != "" {
			h, err := r.head(`id = ?`, q.After.ZoneID)
			if err != nil {
				return err
			}
			after = h.num
		}
		return r.each(func(row scanner) error {
			var st store.ZoneStamp
			err := scanStamp(row, &st.Stamp, &st.Zone, &st.ZoneID)
			stamps = append(stamps, st)
			return err
		}, `SELECT zone.name, zone.id, `+stampColumns+` FROM stamp JOIN zone ON zone.num = stamp.zone
			WHERE stamp.source = ? AND zone.deleted = 0 AND (stamp.zone, stamp.key, stamp.type) > (?, ?, ?)
			ORDER BY stamp.zone, stamp.key, stamp.type LIMIT ?`,
			q.Source, after, []byte(q.After.Name.Key()), q.After.Type, limit(q.Limit))
	})
	return stamps, err
}
