package api

import (
	"context"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func (s *server) userRoutes() {
	const tag = "Users"
	handle(s, route{id: "list-users", method: "GET", path: "/users", tag: tag,
		summary: "List users", doc: "Those of the caller's tenant and of those below it, by name."}, s.listUsers)
	handle(s, route{id: "add-user", method: "POST", path: "/users", tag: tag, status: 201,
		summary: "Add a user", doc: "Of its password only a hash is kept.", refuses: []int{409}}, s.addUser)
	handle(s, route{id: "get-user", method: "GET", path: "/users/{name}", tag: tag,
		summary: "Show a user", refuses: []int{404}}, s.getUser)
	handle(s, route{id: "edit-user", method: "PATCH", path: "/users/{name}", tag: tag,
		summary: "Change a user", doc: "Its role, and whether it may sign in; what is not sent stays. One that is disabled is signed out at once.", refuses: []int{404, 409, 412}}, s.editUser)
	handle(s, route{id: "remove-user", method: "DELETE", path: "/users/{name}", tag: tag, status: 204,
		summary: "Remove a user", doc: "With its sessions. What it did stays in the audit log.", refuses: []int{404, 409}}, s.removeUser)
	handle(s, route{id: "set-password", method: "PUT", path: "/users/{name}/password", tag: tag, status: 204,
		summary: "Change a password", doc: "One's own with the old one; another's where one may. All sessions of the user end.", refuses: []int{404, 429}}, s.setPassword)
	handle(s, route{id: "drop-totp", method: "DELETE", path: "/users/{name}/totp", tag: tag, status: 204,
		summary: "Take an authenticator away", doc: "No one-time code is asked for any more: for who lost theirs.", refuses: []int{404}}, s.dropTOTP)
	handle(s, route{id: "begin-totp", method: "POST", path: "/me/totp", tag: tag,
		summary: "Begin to use an authenticator", doc: "Gives the secret, once, and the URL that an authenticator reads as a QR code. It counts when a code has confirmed it.", refuses: []int{409}}, s.beginTOTP)
	handle(s, route{id: "confirm-totp", method: "PUT", path: "/me/totp", tag: tag, status: 204,
		summary: "Confirm the authenticator", doc: "With a code that it shows. From now on a login needs one.", refuses: []int{409}}, s.confirmTOTP)
}

// UserInput names the user of a path.
type UserInput struct {
	Name string `path:"name" maxLength:"200" example:"anna"`
}

func (s *server) listUsers(ctx context.Context, _ *none) (*out[skein.UserList], error) {
	users, err := s.Control.Users(ctx, actorOf(ctx))
	return &out[skein.UserList]{skein.UserList{Users: notNil(users)}}, err
}

func (s *server) getUser(ctx context.Context, in *UserInput) (*VersionOut[skein.User], error) {
	return userOut(s.Control.User(ctx, actorOf(ctx), in.Name))
}

func userOut(u skein.User, err error) (*VersionOut[skein.User], error) {
	return versionOut(u, u.Version, err)
}

type newUserInput struct{ Body skein.NewUser }

func (s *server) addUser(ctx context.Context, in *newUserInput) (*VersionOut[skein.User], error) {
	b := in.Body
	return userOut(s.Control.AddUser(ctx, actorOf(ctx), control.NewUser{User: skein.User{Name: b.Name, Tenant: b.Tenant, Role: b.Role}, Password: b.Password}))
}

type editUserInput struct {
	UserInput
	ExpectInput
	Body skein.EditUser
}

func (s *server) editUser(ctx context.Context, in *editUserInput) (*VersionOut[skein.User], error) {
	expect, err := in.version()
	if err != nil {
		return nil, err
	}
	return userOut(s.Control.EditUser(ctx, actorOf(ctx), control.EditUser{Name: in.Name, Role: in.Body.Role, Disabled: in.Body.Disabled, Expect: expect}))
}

func (s *server) removeUser(ctx context.Context, in *UserInput) (*none, error) {
	return &none{}, s.Control.RemoveUser(ctx, actorOf(ctx), in.Name)
}

type passwordInput struct {
	UserInput
	Body skein.SetPassword
}

func (s *server) setPassword(ctx context.Context, in *passwordInput) (*none, error) {
	return &none{}, s.Control.SetPassword(ctx, actorOf(ctx), control.SetPassword{Name: in.Name, Old: in.Body.Old, New: in.Body.New})
}

func (s *server) dropTOTP(ctx context.Context, in *UserInput) (*none, error) {
	return &none{}, s.Control.DropTOTP(ctx, actorOf(ctx), in.Name)
}

func (s *server) beginTOTP(ctx context.Context, _ *none) (*out[skein.TOTPSetup], error) {
	setup, err := s.Control.BeginTOTP(ctx, actorOf(ctx))
	return &out[skein.TOTPSetup]{setup}, err
}

type totpInput struct{ Body skein.TOTPCode }

func (s *server) confirmTOTP(ctx context.Context, in *totpInput) (*none, error) {
	return &none{}, s.Control.ConfirmTOTP(ctx, actorOf(ctx), in.Body.Code)
}
