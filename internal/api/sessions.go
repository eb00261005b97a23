package api

import (
	"context"
	"net/http"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func (s *server) sessionRoutes() {
	const tag = "Sessions"
	handle(s, route{id: "login", method: "POST", path: "/sessions", tag: tag, status: 201, public: true,
		summary: "Log in", doc: "Begins a session of a user. A wrong name and a wrong password are answered alike.", refuses: []int{401, 429}}, s.login)
	handle(s, route{id: "logout", method: "DELETE", path: "/sessions/current", tag: tag, status: 204,
		summary: "Log out", doc: "Ends the session that makes the call."}, s.logout)
	handle(s, route{id: "list-sessions", method: "GET", path: "/users/{name}/sessions", tag: tag,
		summary: "List sessions", doc: "Where a user is signed in, the oldest first.", refuses: []int{404}}, s.listSessions)
	handle(s, route{id: "end-session", method: "DELETE", path: "/users/{name}/sessions/{id}", tag: tag, status: 204,
		summary: "End a session", refuses: []int{404}}, s.endSession)
	handle(s, route{id: "get-me", method: "GET", path: "/me", tag: tag,
		summary: "Show who I am", doc: "The actor that the token or the session stands for, and what it may do."}, s.getMe)
}

// setCookie is the header that gives a browser its session, or takes it away
// if secret is empty.
func setCookie(secret string) string {
	c := http.Cookie{Name: sessionCookie, Value: secret, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if secret == "" {
		c.MaxAge = -1
	}
	return c.String()
}

type loginInput struct{ Body skein.Login }

// SessionOut is a session just begun; for a browser its secret is a cookie.
type SessionOut struct {
	SetCookie string `header:"Set-Cookie"`
	Body      skein.NewSession
}

// login is open to everybody, so that a wrong password counts as a wrong
// token does.
func (s *server) login(ctx context.Context, in *loginInput) (*SessionOut, error) {
	r, b := callOf(ctx).request, in.Body
	made, err := counted(s.failures, r, func() (control.NewSession, error) {
		return s.Control.Login(ctx, control.Login{User: b.User, Password: b.Password, Code: b.Code, Addr: peer(r), Agent: r.UserAgent()})
	})
	if err != nil {
		return nil, err
	}
	answer := &SessionOut{Body: skein.NewSession(made)}
	if b.Cookie {
		answer.SetCookie, answer.Body.Secret = setCookie(made.Secret), ""
	}
	return answer, nil
}

type logoutOut struct {
	SetCookie string `header:"Set-Cookie"`
}

// logout ends the session of the very secret that the call came with.
func (s *server) logout(ctx context.Context, _ *none) (*logoutOut, error) {
	secret, _, err := credential(callOf(ctx).request)
	if err != nil {
		return nil, err
	}
	return &logoutOut{setCookie("")}, s.Control.Logout(ctx, secret)
}

func (s *server) getMe(ctx context.Context, _ *none) (*out[skein.Me], error) {
	me := skein.Me{Actor: actorOf(ctx), Scope: actorOf(ctx).Scope}
	if me.Actor.User == "" {
		return &out[skein.Me]{me}, nil
	}
	user, err := s.Control.User(ctx, me.Actor, me.Actor.User)
	me.User = &user
	return &out[skein.Me]{me}, err
}

func (s *server) listSessions(ctx context.Context, in *UserInput) (*out[skein.SessionList], error) {
	sessions, err := s.Control.Sessions(ctx, actorOf(ctx), in.Name)
	return &out[skein.SessionList]{skein.SessionList{Sessions: notNil(sessions)}}, err
}

type sessionInput struct {
	UserInput
	ID string `path:"id" maxLength:"200" example:"4f1c"`
}

func (s *server) endSession(ctx context.Context, in *sessionInput) (*none, error) {
	return &none{}, s.Control.EndSession(ctx, actorOf(ctx), in.Name, in.ID)
}
