package sqlite

import (
	"cmp"
	"context"
	"database/sql"

	"github.com/skein-dns/skein/internal/store"
)

// Members implements store.Settings, in order of names.
func (s *Store) Members(ctx context.Context) (members []store.MemberRow, err error) {
	err = s.read(ctx, "listing members", func(r reader) error {
		return r.each(func(row scanner) error {
			var m store.MemberRow
			err := row.Scan(asJSON{&m.Member}, &m.Sealed)
			members = append(members, m)
			return err
		}, `SELECT data, sealed FROM member ORDER BY name`)
	})
	return members, err
}

// PutMember implements store.Settings. What was observed of it is not stored.
func (s *Store) PutMember(ctx context.Context, m store.MemberRow, create bool) error {
	m.Member.Status = nil
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`INSERT INTO member (name, data, sealed) VALUES (?1, ?2, ?3)
			ON CONFLICT DO UPDATE SET data = excluded.data, sealed = excluded.sealed WHERE NOT ?4`,
			m.Member.Name, asJSON{&m.Member}, m.Sealed, create)
		return affected(res, err, exists("member", m.Member.Name))
	})
}

// DeleteMember implements store.Settings.
func (s *Store) DeleteMember(ctx context.Context, name string) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`DELETE FROM member WHERE name = ?`, name)
		return affected(res, err, notFound("there is no member %s", name))
	})
}

// affected returns none if the statement changed no row.
func affected(res sql.Result, err, none error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return none
}

// selectToken goes with scanToken.
const selectToken = `SELECT id, name, source, tenant, role, scope, hash, created, expires, form, maker FROM token`

func scanToken(row scanner) (t store.Token, err error) {
	var created, expires int64
	err = row.Scan(&t.ID, &t.Name, &t.Source, &t.Tenant, &t.Role, asJSON{&t.Scope}, &t.Hash, &created, &expires, &t.Form, &t.Maker)
	t.Created, t.Expires = timeOf(created), timeOf(expires)
	return t, err
}

// Tokens implements store.Settings, in order of making.
func (s *Store) Tokens(ctx context.Context) (tokens []store.Token, err error) {
	err = s.read(ctx, "listing tokens", func(r reader) error {
		return r.each(func(row scanner) error {
			t, err := scanToken(row)
			tokens = append(tokens, t)
			return err
		}, selectToken+` ORDER BY created, id`)
	})
	return tokens, err
}

// PutToken implements store.Settings: it creates, or replaces by id.
func (s *Store) PutToken(ctx context.Context, k store.Token) error {
	return s.write.submit(ctx, func(t *txn) error {
		_, err := t.exec(`INSERT INTO token (id, name, source, tenant, role, scope, hash, created, expires, form, maker) VALUES (?,?,?,?,?,?,?,?,?,?,?)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, source = excluded.source, tenant = excluded.tenant,
			role = excluded.role, scope = excluded.scope, hash = excluded.hash, created = excluded.created, expires = excluded.expires,
			form = excluded.form, maker = excluded.maker`,
			k.ID, k.Name, k.Source, k.Tenant, k.Role, asJSON{&k.Scope}, k.Hash, nanos(k.Created), nanos(k.Expires), k.Form, k.Maker)
		return err
	})
}

// DeleteToken implements store.Settings.
func (s *Store) DeleteToken(ctx context.Context, id string) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`DELETE FROM token WHERE id = ?`, id)
		return affected(res, err, notFound("there is no token %s", id))
	})
}

// TokenByHash implements store.Settings.
func (s *Store) TokenByHash(ctx context.Context, hash []byte) (k store.Token, err error) {
	err = s.read(ctx, "looking up a token", func(r reader) (err error) {
		err = notFound("there is no such token")
		failure := r.each(func(row scanner) error {
			k, err = scanToken(row)
			return err
		}, selectToken+` WHERE hash = ?`, hash)
		return cmp.Or(failure, err)
	})
	return k, err
}

// Setting implements store.Settings.
func (s *Store) Setting(ctx context.Context, key string) (value []byte, err error) {
	err = s.read(ctx, "reading a setting", func(r reader) error {
		found, err := r.row(`SELECT value FROM setting WHERE key = ?`, []any{key}, &value)
		if err == nil && !found {
			err = notFound("setting %s was never set", key)
		}
		return err
	})
	return value, err
}

// PutSetting implements store.Settings.
func (s *Store) PutSetting(ctx context.Context, key string, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	return s.write.submit(ctx, func(t *txn) error {
		_, err := t.exec(`INSERT INTO setting (key, value) VALUES (?, ?)
			ON CONFLICT DO UPDATE SET value = excluded.value`, key, value)
		return err
	})
}
