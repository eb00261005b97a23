package sqlite

import (
	"context"

	"github.com/skein-dns/skein"
)

// handOver gives a zone to the source, the owner and the pool that a write names.
func (t *txn) handOver(h *head, p *planned) error {
	before := h.Zone
	if p.Origin != "" && p.Origin != h.Origin {
		h.Origin, h.OriginSince, h.OriginBefore = p.Origin, p.Change.At, h.Origin
	}
	if p.Pool != "" && p.Pool != h.Pool {
		h.Pool, h.PoolBefore = p.Pool, h.Pool
	}
	if p.Owner != "" {
		h.Owner = p.Owner
	}
	if h.Origin == before.Origin && h.Pool == before.Pool && h.Owner == before.Owner {
		return nil
	}
	if err := t.holds(before, -1); err != nil {
		return err
	}
	z := h.zone()
	if _, err := t.exec(`UPDATE zone SET origin = ?, origin_since = ?, origin_before = ?, owner = ?, pool = ?, pool_before = ? WHERE num = ?`,
		z.Origin, nanos(z.OriginSince), z.OriginBefore, z.Owner, z.Pool, z.PoolBefore, h.num); err != nil {
		return err
	}
	return t.holds(z, 1)
}

// remember fills in to whom the name of a new zone belonged in an earlier
// life, and in which pool it was.
func (t *txn) remember(h *head, key []byte) error {
	if h.OriginBefore == "" {
		if _, err := t.row(`SELECT origin FROM zone WHERE key = ? AND deleted = 1 AND origin <> ? ORDER BY revision DESC LIMIT 1`,
			[]any{key, h.Origin}, &h.OriginBefore); err != nil {
			return err
		}
	}
	if h.PoolBefore != "" {
		return nil
	}
	_, err := t.row(`SELECT pool FROM zone WHERE key = ? AND deleted = 1 AND pool <> ? ORDER BY revision DESC LIMIT 1`,
		[]any{key, h.Pool}, &h.PoolBefore)
	return err
}

// holds counts a zone that came to those who have it, or went.
func (t *txn) holds(z skein.Zone, zones int) error {
	if err := t.tally(z.Origin, zones, 0); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO holding (owner, pool, zones) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET zones = zones + excluded.zones`, z.Owner, z.Pool, zones)
	return err
}

// OwnerTallies implements store.Zones.
func (s *Store) OwnerTallies(ctx context.Context) (map[string]int, error) {
	return s.holdings(ctx, `SELECT owner, sum(zones) FROM holding GROUP BY owner HAVING sum(zones) > 0`)
}

// PoolTallies implements store.Zones.
func (s *Store) PoolTallies(ctx context.Context) (map[string]int, error) {
	return s.holdings(ctx, `SELECT pool, sum(zones) FROM holding GROUP BY pool HAVING sum(zones) > 0`)
}

func (s *Store) holdings(ctx context.Context, query string) (map[string]int, error) {
	tallies := map[string]int{}
	err := s.read(ctx, "counting what belongs to owners and pools", func(r reader) error {
		return r.each(func(row scanner) error {
			var name string
			var zones int
			err := row.Scan(&name, &zones)
			tallies[name] = zones
			return err
		}, query)
	})
	return tallies, err
}
