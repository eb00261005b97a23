package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// transferBatch is how many rows of transfer zones share a job of the writer.
const transferBatch = 500

// PutTransferZone implements store.Sources.
func (s *Store) PutTransferZone(ctx context.Context, z skein.TransferZone) (created bool, err error) {
	n, err := s.PutTransferZones(ctx, []skein.TransferZone{z})
	return n == 1, err
}

// PutTransferZones implements store.Sources.
func (s *Store) PutTransferZones(ctx context.Context, zones []skein.TransferZone) (created int, err error) {
	for batch := range slices.Chunk(zones, transferBatch) {
		fresh := 0
		err := s.write.submit(ctx, func(t *txn) error {
			for _, z := range batch {
				isNew, err := t.putTransferZone(z)
				if err != nil {
					return err
				}
				if isNew {
					fresh++
				}
			}
			return nil
		})
		if err != nil {
			return created, err
		}
		created += fresh
	}
	return created, nil
}

func (t *txn) putTransferZone(z skein.TransferZone) (created bool, err error) {
	if z.Name == "" || z.Source == "" {
		return false, invalid("a zone to be transferred needs a name and a source")
	}
	primaries, catalog, key := "", []byte{}, []byte(z.Name.Key())
	if len(z.Primaries) > 0 {
		data, err := json.Marshal(z.Primaries)
		if err != nil {
			return false, fmt.Errorf("encoding the primaries of %s: %w", z.Name, err)
		}
		primaries = string(data)
	}
	if z.Catalog != "" {
		catalog = []byte(z.Catalog.Key())
	}
	there, err := t.row(`SELECT at FROM transfer_zone WHERE key = ? AND source = ?`, []any{key, z.Source}, new(int64))
	if err != nil {
		return false, err
	}
	_, err = t.exec(`INSERT INTO transfer_zone (key, source, name, primaries, label, catalog, catalog_name, "group", at) VALUES (?,?,?,?,?,?,?,?,?)
		ON CONFLICT DO UPDATE SET name = excluded.name, primaries = excluded.primaries, label = excluded.label,
		catalog = excluded.catalog, catalog_name = excluded.catalog_name, "group" = excluded."group", at = excluded.at`,
		key, z.Source, z.Name, primaries, z.Label, catalog, z.Catalog, z.Group, nanos(z.At))
	return !there, err
}

// DeleteTransferZone implements store.Sources.
func (s *Store) DeleteTransferZone(ctx context.Context, name zone.Name, source string) error {
	n, err := s.DeleteTransferZones(ctx, source, []zone.Name{name})
	if err == nil && n == 0 {
		err = notFound("source %s does not ask for zone %s to be transferred", source, name)
	}
	return err
}

// DeleteTransferZones implements store.Sources.
func (s *Store) DeleteTransferZones(ctx context.Context, source string, names []zone.Name) (deleted int, err error) {
	for batch := range slices.Chunk(names, transferBatch) {
		gone := 0
		err := s.write.submit(ctx, func(t *txn) error {
			for _, name := range batch {
				n, err := t.drop(`DELETE FROM transfer_zone WHERE key = ? AND source = ?`, []byte(name.Key()), source)
				if err != nil {
					return err
				}
				gone += int(n)
			}
			return nil
		})
		if err != nil {
			return deleted, err
		}
		deleted += gone
	}
	return deleted, nil
}

// TransferZones implements store.Sources. Limit 0 means all.
func (s *Store) TransferZones(ctx context.Context, q store.TransferQuery) (zones []skein.TransferZone, err error) {
	const columns = `SELECT name, source, primaries, label, catalog_name, "group", at FROM transfer_zone`
	query, args := columns, []any{}
	after := []byte(q.After.Name.Key())
	switch first := q.After.Name == ""; {
	case q.Catalog != "" && q.Source == "":
		return nil, invalid("catalog %s needs its source named", q.Catalog)
	case q.Name != "":
		query, args = columns+` WHERE key = ? AND source > ?`, []any{[]byte(q.Name.Key()), q.After.Source}
	case q.Catalog != "":
		query, args = columns+` WHERE source = ? AND catalog = ? AND catalog <> x''`, []any{q.Source, []byte(q.Catalog.Key())}
	case q.Source != "":
		query, args = columns+` WHERE source = ?`, []any{q.Source}
	case q.Sources != nil:
		query, args = columns+` WHERE source IN (SELECT value FROM json_each(?))`, []any{asJSON{&q.Sources}}
		if !first {
			query, args = query+` AND (key, source) > (?, ?)`, append(args, after, q.After.Source)
		}
	case !first:
		query, args = columns+` WHERE (key, source) > (?, ?)`, []any{after, q.After.Source}
	}
	if q.Name != "" && q.Source != "" {
		query, args = query+` AND source = ?`, append(args, q.Source)
	}
	if q.Name == "" && q.Source != "" && q.After.Name != "" {
		query, args = query+` AND key > ?`, append(args, after)
	}
	err = s.read(ctx, "listing zones to be transferred", func(r reader) error {
		return r.each(func(row scanner) error {
			z, err := scanTransferZone(row)
			zones = append(zones, z)
			return err
		}, query+` ORDER BY key, source LIMIT ?`, append(args, limit(q.Limit))...)
	})
	return zones, err
}

func scanTransferZone(row scanner) (z skein.TransferZone, err error) {
	var primaries string
	var at int64
	err = row.Scan(&z.Name, &z.Source, &primaries, &z.Label, &z.Catalog, &z.Group, &at)
	z.At = timeOf(at)
	if err == nil && primaries != "" {
		err = json.Unmarshal([]byte(primaries), &z.Primaries)
	}
	return z, err
}
