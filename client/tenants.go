package client

import (
	"context"
	"net/http"

	"github.com/skein-dns/skein"
)

// ListTenants returns the tenants that the caller may see.
func (c *Client) ListTenants(ctx context.Context) (skein.TenantList, error) {
	return get[skein.TenantList](ctx, c, "/tenants", nil)
}

// GetTenant returns one tenant, and the ETag that EditTenant takes as Expect.
func (c *Client) GetTenant(ctx context.Context, tenant string) (t skein.Tenant, etag string, err error) {
	return tagged[skein.Tenant](ctx, c, "/tenants/"+name(tenant))
}

// AddTenant makes a tenant; KindConflict if there is one of that name.
func (c *Client) AddTenant(ctx context.Context, body skein.NewTenant) (skein.Tenant, error) {
	return send[skein.Tenant](ctx, c, http.MethodPost, "/tenants", body)
}

// EditTenant changes what is set of a tenant. With Expect only if it is as it
// was when it was read.
func (c *Client) EditTenant(ctx context.Context, tenant string, body skein.EditTenant) (skein.Tenant, error) {
	return answer[skein.Tenant](ctx, c, call{method: http.MethodPatch, path: "/tenants/" + name(tenant)}.json(body).expect(body.Expect))
}

// RemoveTenant removes a tenant that has nothing any more.
func (c *Client) RemoveTenant(ctx context.Context, tenant string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/tenants/" + name(tenant)})
	return err
}

// ListUsers returns the users that the caller may see.
func (c *Client) ListUsers(ctx context.Context) (skein.UserList, error) {
	return get[skein.UserList](ctx, c, "/users", nil)
}

// GetUser returns one user, and the ETag that EditUser takes as Expect.
func (c *Client) GetUser(ctx context.Context, user string) (u skein.User, etag string, err error) {
	return tagged[skein.User](ctx, c, "/users/"+name(user))
}

// AddUser makes a user; KindConflict if there is one of that name.
func (c *Client) AddUser(ctx context.Context, body skein.NewUser) (skein.User, error) {
	return send[skein.User](ctx, c, http.MethodPost, "/users", body)
}

// EditUser changes what is set of a user. With Expect only if it is as it was
// when it was read.
func (c *Client) EditUser(ctx context.Context, user string, body skein.EditUser) (skein.User, error) {
	return answer[skein.User](ctx, c, call{method: http.MethodPatch, path: "/users/" + name(user)}.json(body).expect(body.Expect))
}

// RemoveUser removes a user with its sessions.
func (c *Client) RemoveUser(ctx context.Context, user string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/users/" + name(user)})
	return err
}

// SetPassword changes a password, one's own with the old one, and ends the
// sessions of the user.
func (c *Client) SetPassword(ctx context.Context, user string, body skein.SetPassword) error {
	_, err := c.do(ctx, call{method: http.MethodPut, path: "/users/" + name(user) + "/password"}.json(body))
	return err
}

// DropTOTP takes a user's authenticator away.
func (c *Client) DropTOTP(ctx context.Context, user string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/users/" + name(user) + "/totp"})
	return err
}

// BeginTOTP returns the secret of an authenticator for the caller; it counts
// once ConfirmTOTP has shown that it works.
func (c *Client) BeginTOTP(ctx context.Context) (skein.TOTPSetup, error) {
	return send[skein.TOTPSetup](ctx, c, http.MethodPost, "/me/totp", nil)
}

// ConfirmTOTP makes a login need a code from now on.
func (c *Client) ConfirmTOTP(ctx context.Context, code string) error {
	_, err := c.do(ctx, call{method: http.MethodPut, path: "/me/totp"}.json(skein.TOTPCode{Code: code}))
	return err
}

// GetMe tells whom the caller's token or session stands for.
func (c *Client) GetMe(ctx context.Context) (skein.Me, error) {
	return get[skein.Me](ctx, c, "/me", nil)
}

// Login begins a session; its secret is to be used as a token. It needs none.
func (c *Client) Login(ctx context.Context, body skein.Login) (skein.NewSession, error) {
	return send[skein.NewSession](ctx, c, http.MethodPost, "/sessions", body)
}

// Logout ends the session that the client calls with.
func (c *Client) Logout(ctx context.Context) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/sessions/current"})
	return err
}

// ListSessions returns where a user is signed in, the oldest first.
func (c *Client) ListSessions(ctx context.Context, user string) (skein.SessionList, error) {
	return get[skein.SessionList](ctx, c, "/users/"+name(user)+"/sessions", nil)
}

// EndSession ends a session of a user.
func (c *Client) EndSession(ctx context.Context, user, id string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/users/" + name(user) + "/sessions/" + name(id)})
	return err
}
