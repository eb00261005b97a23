package control

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store"
)

const (
	minPassword = 12   // characters
	maxPassword = 1000 // octets

	// maxHashers bounds how many passwords are hashed at once: each takes 19 MiB.
	maxHashers = 4
)

// SetPassword changes a password, the own one or that of a user whom the actor
// could make, and ends all sessions of the user.
func (c *Control) SetPassword(ctx context.Context, actor skein.Actor, in SetPassword) (err error) {
	change := c.aside(actor, userPassword, in.Name)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.enter(ctx, actor)
	if err != nil {
		return err
	}
	own := actor.User != "" && actor.User == in.Name
	if !own {
		if err := k.Permit(actor, skein.PermitAccess); err != nil {
			return err
		}
	}
	row, err := c.userRow(ctx, k, actor, in.Name)
	if err != nil {
		return err
	}
	if own {
		err = c.ownPassword(ctx, actor, row, in.Old)
	} else {
		err = k.Give(actor, actorOf(row.User), row.Tenant)
	}
	if err != nil {
		return err
	}
	hash, err := c.hashed(ctx, row.Name, in.New)
	if err != nil {
		return err
	}
	c.access.Lock()
	defer c.access.Unlock()
	now, err := c.Store.User(ctx, row.Name)
	if err != nil {
		return err
	}
	if err := expectedVersion("user "+row.Name, now.Version, &row.Version); err != nil {
		return err
	}
	now.Hash, now.Version = hash, now.Version+1
	if err := c.Store.PutUser(ctx, now, false); err != nil {
		return err
	}
	return c.Store.DeleteSessionsOf(ctx, row.Name, "")
}

// ownPassword says whether somebody who changes the own password knows the old
// one: a session that was left open must not be enough.
func (c *Control) ownPassword(ctx context.Context, actor skein.Actor, row store.UserRow, old string) error {
	if err := c.allowed(row.Name, actor.Addr); err != nil {
		return err
	}
	fits, err := c.fits(ctx, row.Hash, old)
	if err != nil || fits {
		return err
	}
	c.failed(row.Name, actor.Addr)
	return &skein.Error{Kind: skein.KindForbidden, What: "the old password is wrong", Mend: "give the one that you sign in with"}
}

// hashed returns the hash of a new password, or what is wrong with it.
func (c *Control) hashed(ctx context.Context, user, password string) (hash string, err error) {
	if utf8.RuneCountInString(password) < minPassword || len(password) > maxPassword {
		return "", invalid(fmt.Sprintf("a password is %d characters at least, and %d octets at most", minPassword, maxPassword), "choose another: several words are good")
	}
	if strings.EqualFold(password, user) {
		return "", invalid("a password is not the user's name", "choose another: several words are good")
	}
	err = c.hashing(ctx, func() { hash = secret.HashPassword(password) })
	return hash, err
}

// fits reports whether a password is the one of a hash.
func (c *Control) fits(ctx context.Context, hash, password string) (fits bool, err error) {
	if len(password) > maxPassword {
		return false, nil
	}
	err = c.hashing(ctx, func() { fits = secret.PasswordFits(hash, password) })
	return fits, err
}

// hashing bounds how many passwords are hashed at once: each takes 19 MiB.
func (c *Control) hashing(ctx context.Context, do func()) error {
	if err := c.hashers.Acquire(ctx, 1); err != nil {
		return &skein.Error{Kind: skein.KindUnavailable, Cause: err, What: "too many sign in at once", Mend: "try again"}
	}
	defer c.hashers.Release(1)
	do()
	return nil
}
