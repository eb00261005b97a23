package sqlite

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// Tenants implements store.Access.
func (s *Store) Tenants(ctx context.Context) (tenants []skein.Tenant, err error) {
	err = s.read(ctx, "listing tenants", func(r reader) error {
		return r.each(func(row scanner) error {
			var t skein.Tenant
			err := row.Scan(asJSON{&t})
			tenants = append(tenants, t)
			return err
		}, `SELECT data FROM tenant ORDER BY name`)
	})
	return tenants, err
}

// PutTenant implements store.Access. What was counted of it is not stored.
func (s *Store) PutTenant(ctx context.Context, tenant skein.Tenant, create bool) error {
	tenant.Zones = 0
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`INSERT INTO tenant (name, data) VALUES (?1, ?2)
			ON CONFLICT DO UPDATE SET data = excluded.data WHERE NOT ?3`, tenant.Name, asJSON{&tenant}, create)
		return affected(res, err, exists("tenant", tenant.Name))
	})
}

// DeleteTenant implements store.Access.
func (s *Store) DeleteTenant(ctx context.Context, name string) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`DELETE FROM tenant WHERE name = ?`, name)
		return affected(res, err, notFound("there is no tenant %s", name))
	})
}

// Users implements store.Access.
func (s *Store) Users(ctx context.Context, tenants []string) (users []skein.User, err error) {
	query, args := `SELECT data FROM user ORDER BY name`, []any{}
	if tenants != nil {
		query, args = `SELECT data FROM user WHERE tenant IN (SELECT value FROM json_each(?)) ORDER BY name`, append(args, asJSON{&tenants})
	}
	err = s.read(ctx, "listing users", func(r reader) error {
		return r.each(func(row scanner) error {
			var u skein.User
			err := row.Scan(asJSON{&u})
			users = append(users, u)
			return err
		}, query, args...)
	})
	return users, err
}

// User implements store.Access.
func (s *Store) User(ctx context.Context, name string) (u store.UserRow, err error) {
	err = s.read(ctx, "looking up a user", func(r reader) error {
		found, err := r.row(`SELECT data, hash, sealed FROM user WHERE name = ?`, []any{name}, asJSON{&u.User}, &u.Hash, &u.Sealed)
		if err == nil && !found {
			err = notFound("there is no user %s", name)
		}
		return err
	})
	return u, err
}

// PutUser implements store.Access.
func (s *Store) PutUser(ctx context.Context, u store.UserRow, create bool) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`INSERT INTO user (name, tenant, data, hash, sealed) VALUES (?1, ?2, ?3, ?4, ?5)
			ON CONFLICT DO UPDATE SET tenant = excluded.tenant, data = excluded.data, hash = excluded.hash, sealed = excluded.sealed WHERE NOT ?6`,
			u.Name, u.Tenant, asJSON{&u.User}, u.Hash, u.Sealed, create)
		return affected(res, err, exists("user", u.Name))
	})
}

// DeleteUser implements store.Access.
func (s *Store) DeleteUser(ctx context.Context, name string) error {
	return s.write.submit(ctx, func(t *txn) error {
		if _, err := t.exec(`DELETE FROM token WHERE maker = ? AND maker != '' AND role != ''`, name); err != nil {
			return err
		}
		res, err := t.exec(`DELETE FROM user WHERE name = ?`, name)
		return affected(res, err, notFound("there is no user %s", name))
	})
}

// selectSession goes with scanSession.
const selectSession = `SELECT id, user, hash, created, seen, expires, addr, agent FROM session`

func scanSession(row scanner) (s store.SessionRow, err error) {
	var created, seen, expires int64
	err = row.Scan(&s.ID, &s.User, &s.Hash, &created, &seen, &expires, &s.Addr, &s.Agent)
	s.Created, s.Seen, s.Expires = timeOf(created), timeOf(seen), timeOf(expires)
	return s, err
}

// PutSession implements store.Access.
func (s *Store) PutSession(ctx context.Context, in store.SessionRow) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`INSERT INTO session (id, user, hash, created, seen, expires, addr, agent)
			SELECT ?, name, ?, ?, ?, ?, ?, ? FROM user WHERE name = ?
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, created = excluded.created, seen = excluded.seen,
			expires = excluded.expires, addr = excluded.addr, agent = excluded.agent`,
			in.ID, in.Hash, nanos(in.Created), nanos(in.Seen), nanos(in.Expires), in.Addr, in.Agent, in.User)
		return affected(res, err, notFound("there is no user %s", in.User))
	})
}

// SeeSession implements store.Access.
func (s *Store) SeeSession(ctx context.Context, id string, at time.Time) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`UPDATE session SET seen = ? WHERE id = ?`, nanos(at), id)
		return affected(res, err, notFound("there is no session %s", id))
	})
}

// SessionByHash implements store.Access.
func (s *Store) SessionByHash(ctx context.Context, hash []byte) (store.SessionRow, error) {
	found, err := s.sessions(ctx, ` WHERE hash = ?`, hash)
	if err == nil && len(found) == 0 {
		err = notFound("there is no such session")
	}
	if err != nil {
		return store.SessionRow{}, err
	}
	return found[0], nil
}

// Sessions implements store.Access.
func (s *Store) Sessions(ctx context.Context, user string) ([]skein.Session, error) {
	found, err := s.sessions(ctx, ` WHERE user = ? ORDER BY created, id`, user)
	sessions := make([]skein.Session, len(found))
	for i, row := range found {
		sessions[i] = row.Session
	}
	return sessions, err
}

func (s *Store) sessions(ctx context.Context, where string, args ...any) (found []store.SessionRow, err error) {
	err = s.read(ctx, "looking up sessions", func(r reader) error {
		return r.each(func(row scanner) error {
			one, err := scanSession(row)
			found = append(found, one)
			return err
		}, selectSession+where, args...)
	})
	return found, err
}

// DeleteSession implements store.Access.
func (s *Store) DeleteSession(ctx context.Context, id string) error {
	return s.write.submit(ctx, func(t *txn) error {
		res, err := t.exec(`DELETE FROM session WHERE id = ?`, id)
		return affected(res, err, notFound("there is no session %s", id))
	})
}

// DeleteSessionsOf implements store.Access.
func (s *Store) DeleteSessionsOf(ctx context.Context, user, keep string) error {
	return s.write.submit(ctx, func(t *txn) error {
		_, err := t.exec(`DELETE FROM session WHERE user = ? AND id <> ?`, user, keep)
		return err
	})
}

// DropSessions implements store.Access.
func (s *Store) DropSessions(ctx context.Context, before time.Time) error {
	return s.write.submit(ctx, func(t *txn) error {
		_, err := t.exec(`DELETE FROM session WHERE seen < ?`, nanos(before))
		return err
	})
}
