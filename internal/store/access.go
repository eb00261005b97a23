package store

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
)

// Access holds tenants, their users, and who is signed in. Tokens are among
// the Settings.
type Access interface {
	// Tenants returns all of them, by name, without what was counted. Root is
	// there from the beginning.
	Tenants(ctx context.Context) ([]skein.Tenant, error)
	// PutTenant creates or replaces by name; with create set, ErrExists if the
	// name is taken.
	PutTenant(ctx context.Context, t skein.Tenant, create bool) error
	// DeleteTenant deletes the row alone.
	DeleteTenant(ctx context.Context, name string) error

	// Users returns those of these tenants, or of all if tenants is nil, by name.
	Users(ctx context.Context, tenants []string) ([]skein.User, error)
	User(ctx context.Context, name string) (UserRow, error)
	// PutUser creates or replaces by name; with create set, ErrExists if the
	// name is taken.
	PutUser(ctx context.Context, u UserRow, create bool) error
	// DeleteUser deletes a user with its sessions, and with the tokens of its
	// making that have a role.
	DeleteUser(ctx context.Context, name string) error

	// PutSession creates or replaces by id; ErrNotFound if there is no such user.
	PutSession(ctx context.Context, s SessionRow) error
	// SeeSession notes when a session was used. It brings none back that ended
	// meanwhile.
	SeeSession(ctx context.Context, id string, at time.Time) error
	SessionByHash(ctx context.Context, hash []byte) (SessionRow, error)
	// Sessions returns those of a user, the oldest first.
	Sessions(ctx context.Context, user string) ([]skein.Session, error)
	DeleteSession(ctx context.Context, id string) error
	// DeleteSessionsOf deletes all of a user, but for one if keep is its id.
	DeleteSessionsOf(ctx context.Context, user, keep string) error
	// DropSessions deletes those that were last seen before a time.
	DropSessions(ctx context.Context, before time.Time) error
}

// UserRow is a user with what it signs in with.
type UserRow struct {
	skein.User
	Hash   string // of the password: a PHC string
	Sealed []byte // what one-time codes are made from, sealed by package secret
}

// SessionRow is a session; only the hash of its secret is kept.
type SessionRow struct {
	skein.Session
	Hash []byte
}
