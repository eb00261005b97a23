package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// The actions of the audit log that are about users.
const (
	userAdd      = "user.add"
	userEdit     = "user.edit"
	userPassword = "user.password"
	userRemove   = "user.remove"
)

const (
	maxUsers     = 1000 // of a tenant
	maxLoginName = 100  // octets; of a user, and of a tenant
)

// Users returns the users of the actor's tenants, by name.
func (c *Control) Users(ctx context.Context, actor skein.Actor) ([]skein.User, error) {
	k, err := c.see(ctx, actor, skein.PermitAccess)
	if err != nil {
		return nil, err
	}
	_, tenants := selection(k, actor)
	return c.Store.Users(ctx, tenants)
}

// User returns a user: oneself, or one of the actor's tenants.
func (c *Control) User(ctx context.Context, actor skein.Actor, name string) (skein.User, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return skein.User{}, err
	}
	if actor.User != name || name == "" {
		if err := k.See(actor, skein.PermitAccess); err != nil {
			return skein.User{}, err
		}
	}
	row, err := c.userRow(ctx, k, actor, name)
	return row.User, err
}

// userRow returns a user of the actor's tenants, or oneself.
func (c *Control) userRow(ctx context.Context, k auth.Known, actor skein.Actor, name string) (store.UserRow, error) {
	row, err := c.Store.User(ctx, name)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.Name != actor.User && !k.Reaches(actor, row.Tenant) {
		return store.UserRow{}, noUser(name)
	}
	return row, err
}

// noUser is the same for a user who does not exist and for one whom the actor
// may not see.
func noUser(name string) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("there is no user %.200q", name), Mend: "skein user list shows those that there are"}
}

// AddUser makes a user of a tenant, who may do what the role says, and no more
// than whoever makes it.
func (c *Control) AddUser(ctx context.Context, actor skein.Actor, in NewUser) (u skein.User, err error) {
	change := c.aside(actor, userAdd, in.User.Name)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitAccess)
	if err != nil {
		return u, err
	}
	u = skein.User{Name: in.User.Name, Tenant: in.User.Tenant, Role: in.User.Role, Disabled: in.User.Disabled, Created: c.Now().UTC(), Version: 1}
	fill(&u.Tenant, k.TenantOf(actor))
	fill(&u.Role, auth.FullRole(k.Kind(u.Tenant)))
	change.Diff = changed(skein.User{}, u)
	if err := checkLoginName("user", u.Name); err != nil {
		return u, err
	}
	if err := k.Give(actor, actorOf(u), u.Tenant); err != nil {
		return u, err
	}
	hash, err := c.hashed(ctx, u.Name, in.Password)
	if err != nil {
		return u, err
	}
	c.access.Lock()
	defer c.access.Unlock()
	there, err := c.Store.Users(ctx, []string{u.Tenant})
	if err != nil {
		return u, err
	}
	if len(there) >= maxUsers {
		return u, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("%s has %d users already", u.Tenant, len(there)), Mend: "remove those who are gone"}
	}
	err = c.Store.PutUser(ctx, store.UserRow{User: u, Hash: hash}, true)
	if errors.Is(err, store.ErrExists) {
		return u, nameTaken("user", u.Name)
	}
	return u, err
}

// EditUser changes the role of a user, or keeps one from signing in: sessions
// end at once.
func (c *Control) EditUser(ctx context.Context, actor skein.Actor, in EditUser) (u skein.User, err error) {
	change := c.aside(actor, userEdit, in.Name)
	defer func() { err = c.recordedChange(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitAccess)
	if err != nil {
		return u, err
	}
	c.access.Lock()
	defer c.access.Unlock()
	row, err := c.subordinate(ctx, k, actor, in.Name)
	if err != nil {
		return u, err
	}
	if err := expectedVersion("user "+row.Name, row.Version, in.Expect); err != nil {
		return u, err
	}
	before := row.User
	set(&row.Role, in.Role)
	set(&row.Disabled, in.Disabled)
	if change.Diff = changed(before, row.User); len(change.Diff) == 0 {
		return row.User, errSame
	}
	if row.Role == "" {
		return u, invalid("a user needs a role", "name one: root, reseller, customer or read-only")
	}
	if err := k.Give(actor, actorOf(row.User), row.Tenant); err != nil {
		return u, err
	}
	row.Version++
	if err := c.Store.PutUser(ctx, row, false); err != nil {
		return u, err
	}
	if row.Disabled {
		err = c.Store.DeleteSessionsOf(ctx, row.Name, "")
	}
	return row.User, err
}

// subordinate returns a user whom an actor could have made, and who is another.
func (c *Control) subordinate(ctx context.Context, k auth.Known, actor skein.Actor, name string) (store.UserRow, error) {
	row, err := c.userRow(ctx, k, actor, name)
	if err == nil && row.Name == actor.User {
		err = invalid("nobody does this to oneself", "let somebody else do it")
	}
	if err == nil {
		err = k.Give(actor, actorOf(row.User), row.Tenant)
	}
	return row, err
}

// RemoveUser removes a user, and ends what sessions there are.
func (c *Control) RemoveUser(ctx context.Context, actor skein.Actor, name string) (err error) {
	change := c.aside(actor, userRemove, name)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitAccess)
	if err != nil {
		return err
	}
	c.access.Lock()
	defer c.access.Unlock()
	if _, err := c.subordinate(ctx, k, actor, name); err != nil {
		return err
	}
	return c.Store.DeleteUser(ctx, name)
}

// actorOf is a user who signed in.
func actorOf(u skein.User) skein.Actor {
	a := skein.Actor{Name: u.Name, User: u.Name, Door: skein.DoorAPI, Tenant: u.Tenant, Role: u.Role, Admin: u.Role == skein.RoleRoot}
	if u.Role != skein.RoleReadOnly {
		a.Source = auth.PeopleOf(u.Tenant)
	}
	return a
}

// checkLoginName says whether a name is one that everybody writes in the same way.
func checkLoginName(what, name string) error {
	const signs = "abcdefghijklmnopqrstuvwxyz0123456789.-_@+"
	if name == "" || len(name) > maxLoginName || strings.Trim(name, signs) != "" || strings.Trim(name, ".-_@+") != name {
		return invalid(fmt.Sprintf("the name of a %s is 1 to %d lower-case letters, digits and signs of .-_@+ between them", what, maxLoginName), "choose another name")
	}
	return nil
}
