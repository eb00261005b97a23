package sqlite

import (
	"context"

	"github.com/skein-dns/skein"
)

// Templates implements store.Templates.
func (s *Store) Templates(ctx context.Context, tenants []string) (templates []skein.Template, err error) {
	query, args := `SELECT data FROM template ORDER BY name, tenant`, []any{}
	if tenants != nil {
		query, args = `SELECT data FROM template WHERE tenant IN (SELECT value FROM json_each(?)) ORDER BY name, tenant`, append(args, asJSON{&tenants})
	}
	err = s.read(ctx, "listing templates", func(r reader) error {
		return r.each(func(row scanner) error {
			var t skein.Template
			err := row.Scan(asJSON{&t})
			templates = append(templates, t)
			return err
		}, query, args...)
	})
	return templates, err
}

// Template implements store.Templates.
func (s *Store) Template(ctx context.Context, tenant, name string) (t skein.Template, err error) {
	err = s.read(ctx, "looking up a template", func(r reader) error {
		found, err := r.row(`SELECT data FROM template WHERE tenant = ? AND name = ?`, []any{tenant, name}, asJSON{&t})
		if err == nil && !found {
			err = notFound("there is no template %s", name)
		}
		return err
	})
	return t, err
}

// PutTemplate implements store.Templates. What is worth a look in it is not stored.
func (s *Store) PutTemplate(ctx context.Context, template skein.Template, create bool) error {
	template.Warnings = nil
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`INSERT INTO template (tenant, name, data) VALUES (?1, ?2, ?3)
			ON CONFLICT DO UPDATE SET data = excluded.data WHERE NOT ?4`, template.Tenant, template.Name, asJSON{&template}, create)
		return affected(res, err, exists("template", template.Name))
	})
}

// DeleteTemplate implements store.Templates.
func (s *Store) DeleteTemplate(ctx context.Context, tenant, name string) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`DELETE FROM template WHERE tenant = ? AND name = ?`, tenant, name)
		return affected(res, err, notFound("there is no template %s", name))
	})
}
