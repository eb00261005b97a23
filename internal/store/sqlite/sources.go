package sqlite

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// Sources implements store.Sources.
func (s *Store) Sources(ctx context.Context) (sources []store.SourceRow, err error) {
	err = s.read(ctx, "listing sources", func(r reader) error {
		return r.each(func(row scanner) error {
			var source store.SourceRow
			err := row.Scan(asJSON{&source.Source}, &source.Sealed)
			sources = append(sources, source)
			return err
		}, `SELECT data, sealed FROM source ORDER BY name`)
	})
	return sources, err
}

// PutSource implements store.Sources. What was observed of it is not stored.
func (s *Store) PutSource(ctx context.Context, source store.SourceRow, create bool) error {
	source.Source.Status = nil
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`INSERT INTO source (name, data, sealed) VALUES (?1, ?2, ?3)
			ON CONFLICT DO UPDATE SET data = excluded.data, sealed = excluded.sealed WHERE NOT ?4`,
			source.Source.Name, asJSON{&source.Source}, source.Sealed, create)
		return affected(res, err, exists("source", source.Source.Name))
	})
}

// DeleteSource implements store.Sources.
func (s *Store) DeleteSource(ctx context.Context, name string) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`DELETE FROM source WHERE name = ?`, name)
		return affected(res, err, notFound("there is no source %s", name))
	})
}

// tally counts what came to a source or went.
func (t *txn) tally(source string, zones, waiting int) error {
	_, err := t.exec(`INSERT INTO tally (source, zones, waiting) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET zones = zones + excluded.zones, waiting = waiting + excluded.waiting`, source, zones, waiting)
	return err
}

// Tallies implements store.Sources.
func (s *Store) Tallies(ctx context.Context) (map[string]store.Tally, error) {
	tallies := map[string]store.Tally{}
	err := s.read(ctx, "counting what belongs to sources", func(r reader) error {
		return r.each(func(row scanner) error {
			var source string
			var t store.Tally
			err := row.Scan(&source, &t.Zones, &t.Waiting)
			tallies[source] = t
			return err
		}, `SELECT source, zones, waiting FROM tally WHERE zones > 0 OR waiting > 0`)
	})
	return tallies, err
}

// Rules implements store.Sources, in order of their fields.
func (s *Store) Rules(ctx context.Context) (rules []skein.SourceRule, err error) {
	err = s.read(ctx, "listing rules", func(r reader) error {
		return r.each(func(row scanner) error {
			var rule skein.SourceRule
			var at int64
			err := row.Scan(&rule.Kind, &rule.From, &rule.To, &rule.By, &at)
			rule.At = timeOf(at)
			rules = append(rules, rule)
			return err
		}, `SELECT kind, "from", "to", "by", at FROM rule ORDER BY kind, "from", "to"`)
	})
	return rules, err
}

// PutRule implements store.Sources.
func (s *Store) PutRule(ctx context.Context, r skein.SourceRule) error {
	return s.write.submit(ctx, func(t *txn) error {
		_, err := t.exec(`INSERT INTO rule (kind, "from", "to", "by", at) VALUES (?,?,?,?,?)
			ON CONFLICT DO UPDATE SET "by" = excluded."by", at = excluded.at`, r.Kind, r.From, r.To, r.By, nanos(r.At))
		return err
	})
}

// DeleteRule implements store.Sources.
func (s *Store) DeleteRule(ctx context.Context, kind, from, to string) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`DELETE FROM rule WHERE kind = ? AND "from" = ? AND "to" = ?`, kind, from, to)
		return affected(res, err, notFound("there is no rule %s from %s to %s", kind, from, to))
	})
}
