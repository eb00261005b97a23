package control

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/attempts"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store"
)

const (
	loginAction  = "login"
	logoutAction = "logout"
	sessionEnd   = "session.end"

	sessionIdle = 12 * time.Hour
	sessionLong = 7 * 24 * time.Hour
	sessionSeen = time.Minute // how exactly it is known when one was last used
	maxSessions = 20          // of a user; another one ends the oldest
	maxAgent    = 200         // octets

	// What fails is slowed down by user and by address. An address is that of
	// many people; a user may be tried from many addresses.
	userBurst    = 10
	userEvery    = 30 * time.Second
	addrBurst    = 20
	addrEvery    = 3 * time.Second
	maxRemembers = 10_000
)

// guard slows down whoever tries passwords and codes.
type guard struct {
	users *attempts.Limit[string]
	addrs *attempts.Limit[netip.Prefix]
}

func newGuard(now func() time.Time) guard {
	return guard{users: attempts.New[string](userBurst, userEvery, maxRemembers, now), addrs: attempts.New[netip.Prefix](addrBurst, addrEvery, maxRemembers, now)}
}

// allowed refuses a user or an address of which too much failed; what was sent
// is not looked at.
func (c *Control) allowed(user string, addr netip.Addr) error {
	if c.guard.users.Allowed(user) && c.guard.addrs.Allowed(attempts.Network(addr)) {
		return nil
	}
	return &skein.Error{Kind: skein.KindUnavailable, Cause: ErrTooMany, What: "too many attempts to sign in failed", Mend: "wait a minute, then try again"}
}

func (c *Control) failed(user string, addr netip.Addr) {
	c.guard.users.Failed(user)
	c.guard.addrs.Failed(attempts.Network(addr))
}

// Login begins a session. Wrong names, passwords and codes get the same answer
// after the same time.
func (c *Control) Login(ctx context.Context, in Login) (made NewSession, err error) {
	row, err := c.signIn(ctx, in)
	change := c.aside(skein.Actor{Name: row.Name, Door: skein.DoorAPI, Addr: in.Addr}, loginAction, in.User)
	change.Tenant = row.Tenant
	if err != nil {
		if c.claims.AllowN(c.Now(), 1) { // strangers must not fill the audit log
			c.refuse(ctx, change, err)
		}
		return NewSession{}, err
	}
	made, err = c.begin(ctx, row, in)
	if err = c.recorded(ctx, change, err); err != nil {
		return NewSession{}, err
	}
	return made, nil
}

// signIn returns the user whom somebody proved to be; with an error, the one
// whom it said it was, if there is such a user.
func (c *Control) signIn(ctx context.Context, in Login) (store.UserRow, error) {
	if err := c.allowed(in.User, in.Addr); err != nil {
		return store.UserRow{}, err
	}
	row, err := c.Store.User(ctx, in.User)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return row, err
	}
	hash := row.Hash
	if err != nil {
		hash = secret.NobodysPassword
	}
	fits, err := c.fits(ctx, hash, in.Password)
	if err != nil {
		return row, err
	}
	if fits && !row.Disabled && row.TOTP && in.Code == "" {
		return row, &skein.Error{Kind: skein.KindUnknown, Cause: skein.ErrCodeNeeded, What: "this user signs in with a one-time code too", Mend: "give the code that the authenticator shows"}
	}
	if fits && !row.Disabled && row.TOTP {
		row, fits, err = c.useCode(ctx, row.Name, in.Code)
	}
	if err == nil && (!fits || row.Disabled) {
		c.failed(in.User, in.Addr)
		err = &skein.Error{Kind: skein.KindUnknown, What: "user, password or code is wrong", Mend: "try again; who forgot the password is given another one: skein user password NAME"}
	}
	return row, err
}

// begin makes a session of a user, and ends those that are too old or too many.
func (c *Control) begin(ctx context.Context, row store.UserRow, in Login) (NewSession, error) {
	now := c.Now().UTC()
	if err := c.Store.DropSessions(ctx, now.Add(-sessionIdle)); err != nil {
		return NewSession{}, err
	}
	c.access.Lock()
	defer c.access.Unlock()
	user, err := c.Store.User(ctx, row.Name)
	if err != nil {
		return NewSession{}, err
	}
	if err := expectedVersion("user "+row.Name, user.Version, &row.Version); err != nil {
		return NewSession{}, err
	}
	sessions, err := c.Store.Sessions(ctx, row.Name)
	if err != nil {
		return NewSession{}, err
	}
	for i := 0; i+maxSessions <= len(sessions); i++ {
		if err := c.Store.DeleteSession(ctx, sessions[i].ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return NewSession{}, err
		}
	}
	text, hash := secret.NewSession()
	s := skein.Session{ID: strings.ToLower(rand.Text()[:12]), User: row.Name, Created: now, Seen: now, Expires: now.Add(sessionLong), Agent: printable(in.Agent)}
	if in.Addr.IsValid() {
		s.Addr = in.Addr.String()
	}
	if err := c.Store.PutSession(ctx, store.SessionRow{Session: s, Hash: hash}); err != nil {
		return NewSession{}, err
	}
	user.LastLogin = now
	return NewSession{Secret: string(text), Session: s, User: user.User}, c.Store.PutUser(ctx, user, false)
}

// printable is a text that can be shown on a terminal.
func printable(text string) string {
	return bounded(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text), maxAgent)
}

// authenticateSession returns the user whose session a secret is of.
func (c *Control) authenticateSession(ctx context.Context, presented string) (skein.Actor, error) {
	s, err := c.session(ctx, presented)
	if err != nil {
		return skein.Actor{}, err
	}
	row, err := c.Store.User(ctx, s.User)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.Disabled {
		return skein.Actor{}, noSession()
	}
	if err != nil {
		return skein.Actor{}, err
	}
	if now := c.Now(); now.Sub(s.Seen) >= sessionSeen {
		if err := c.Store.SeeSession(ctx, s.ID, now); errors.Is(err, store.ErrNotFound) {
			return skein.Actor{}, noSession()
		} else if err != nil { // a full disk keeps nobody from looking
			c.Log.Warn("noting that a session is used", "user", s.User, "err", err)
		}
	}
	return actorOf(row.User), nil
}

// session returns the session of a secret, if it goes on.
func (c *Control) session(ctx context.Context, presented string) (store.SessionRow, error) {
	s, err := c.Store.SessionByHash(ctx, secret.HashToken(presented))
	now := c.Now()
	if errors.Is(err, store.ErrNotFound) || err == nil && (!now.Before(s.Expires) || now.Sub(s.Seen) >= sessionIdle) {
		return store.SessionRow{}, noSession()
	}
	return s, err
}

func noSession() error {
	return &skein.Error{Kind: skein.KindUnknown, What: "this session has ended, or never was", Mend: "sign in again"}
}

// Logout ends the session of a secret.
func (c *Control) Logout(ctx context.Context, presented string) error {
	s, err := c.session(ctx, presented)
	if err != nil {
		return err
	}
	if err := c.Store.DeleteSession(ctx, s.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	row, err := c.Store.User(ctx, s.User)
	if err != nil {
		return err
	}
	return c.recorded(ctx, c.aside(actorOf(row.User), logoutAction, s.User), nil)
}

// Sessions returns the sessions of a user, the oldest first: the own ones, or
// those of a user of the actor's tenants.
func (c *Control) Sessions(ctx context.Context, actor skein.Actor, user string) ([]skein.Session, error) {
	if _, err := c.User(ctx, actor, user); err != nil {
		return nil, err
	}
	return c.Store.Sessions(ctx, user)
}

// EndSession ends a session of a user.
func (c *Control) EndSession(ctx context.Context, actor skein.Actor, user, id string) (err error) {
	change := c.aside(actor, sessionEnd, user)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.enter(ctx, actor)
	if err != nil {
		return err
	}
	if err := c.mayManage(ctx, k, actor, user); err != nil {
		return err
	}
	sessions, err := c.Store.Sessions(ctx, user)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.ID == id {
			return c.Store.DeleteSession(ctx, id)
		}
	}
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("there is no session %.200q", id), Mend: "look at the list of those that there are"}
}

// mayManage says whether an actor may end what a user has: the user is oneself,
// or one whom the actor could make.
func (c *Control) mayManage(ctx context.Context, k auth.Known, actor skein.Actor, user string) error {
	if actor.User != "" && actor.User == user {
		return nil
	}
	if err := k.Permit(actor, skein.PermitAccess); err != nil {
		return err
	}
	_, err := c.subordinate(ctx, k, actor, user)
	return err
}
