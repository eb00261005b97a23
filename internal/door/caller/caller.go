// Package caller finds out who calls a port of cPanel's: whose token or access
// hash it is, whether the user name goes with it, and whether anything is taken
// from there. The handlers behind it find the actor in the context.
package caller

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/attempts"
	"github.com/skein-dns/skein/internal/dnsadmin"
)

// The limit of failed calls from one address: a burst, then one at a time.
const (
	failureBurst  = 10
	failurePeriod = 3 * time.Second
	maxAddresses  = 10_000
)

// Control is what is asked of control.
type Control interface {
	Authenticate(ctx context.Context, secret string) (skein.Actor, error)
	Admit(ctx context.Context, actor skein.Actor) error
}

// Gate is in front of handlers. It is safe for concurrent use.
type Gate struct {
	control  Control
	failures *attempts.Limit[netip.Prefix]
	log      *slog.Logger
}

// NewGate makes a gate; those who call one and those who call another share no
// limit.
func NewGate(c Control, now func() time.Time, log *slog.Logger) *Gate {
	return &Gate{control: c, failures: attempts.New[netip.Prefix](failureBurst, failurePeriod, maxAddresses, now), log: log}
}

type actorKey struct{}

// Actor returns who makes a call that came through a gate; the zero Actor,
// which may do nothing, of any other.
func Actor(ctx context.Context) skein.Actor {
	actor, _ := ctx.Value(actorKey{}).(skein.Actor)
	return actor
}

// With returns a context in which a call is made by an actor.
func With(ctx context.Context, actor skein.Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// patience is how long a stranger may take to send what nobody reads, and to
// read the answer. Who may call gets other limits from the handler.
const patience = time.Minute

// Handler lets those through to next who may call; nothing of a body was read
// until then. The others get a status that tells a wrong token (401) from one
// that may not come from there (403) and from trouble of ours (503), and a line
// of text.
func (g *Gate) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := http.NewResponseController(w) // not every writer has deadlines
		_ = out.SetReadDeadline(time.Now().Add(patience))
		_ = out.SetWriteDeadline(time.Now().Add(patience))
		actor, err := g.who(r)
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(With(r.Context(), actor)))
	})
}

// who returns the actor of a request.
func (g *Gate) who(r *http.Request) (skein.Actor, error) {
	from := Peer(r)
	if !g.failures.Allowed(attempts.Network(from)) {
		return skein.Actor{}, errTooMany
	}
	actor, err := g.authenticate(r)
	if skein.KindOf(err) == skein.KindUnknown {
		g.failures.Failed(attempts.Network(from))
	}
	if err != nil {
		return skein.Actor{}, err
	}
	actor.Door, actor.Addr = skein.DoorWHM, from
	return actor, g.control.Admit(r.Context(), actor)
}

var errTooMany = &skein.Error{Kind: skein.KindUnavailable, What: "too many tokens from this address were wrong", Mend: "wait a little, then send the right one"}

func (g *Gate) authenticate(r *http.Request) (skein.Actor, error) {
	_, user, secret, ok := dnsadmin.Credentials(r.Header.Get("Authorization"))
	if !ok {
		return skein.Actor{}, &skein.Error{Kind: skein.KindUnknown, What: "this needs an API token and none was given",
			Mend: "send the header Authorization: whm root:TOKEN; skein token create makes one"}
	}
	actor, err := g.control.Authenticate(r.Context(), secret)
	if err == nil && !goesWith(user, actor) {
		err = &skein.Error{Kind: skein.KindUnknown, What: fmt.Sprintf("the token is not one of the user %.100q", user), Mend: "sign in as root"}
	}
	return actor, err
}

// goesWith reports whether a user name goes with a token. It is root in
// clusters of cPanel servers, and says nothing that the token does not.
func goesWith(user string, actor skein.Actor) bool {
	switch user {
	case "":
		return false
	case "root", actor.Source, actor.Tenant, actor.User:
		return true
	}
	return false
}

// Peer is the address that a request comes from.
func Peer(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	return from.Addr().Unmap().WithZone("")
}

func (g *Gate) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := Status(err)
	level := slog.LevelWarn
	text := err.Error()
	switch {
	case err == error(errTooMany):
		status, level = http.StatusTooManyRequests, slog.LevelDebug // whoever tries on does not fill the log
		w.Header().Set("Retry-After", "3")
	case skein.KindOf(err) == skein.KindInternal:
		level, text = slog.LevelError, "this failed here, and the reason is in Skein's log"
	}
	g.log.Log(r.Context(), level, "call refused", "method", r.Method, "path", r.URL.Path, "status", status, "peer", r.RemoteAddr, "err", err)
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `whm realm="WHM"`)
	}
	http.Error(w, text, status)
}

// Status is the HTTP status of an error; there are no others on these ports. A
// cPanel server tries a call again that was not answered with 2xx.
func Status(err error) int {
	switch skein.KindOf(err) {
	case "":
		return http.StatusOK
	case skein.KindUnknown:
		return http.StatusUnauthorized
	case skein.KindForbidden:
		return http.StatusForbidden
	case skein.KindInvalid:
		return http.StatusBadRequest
	case skein.KindNotFound:
		return http.StatusNotFound
	case skein.KindConflict:
		return http.StatusConflict
	}
	return http.StatusServiceUnavailable
}
