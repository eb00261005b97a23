package api

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/attempts"
)

// authenticate finds out who calls, and whether there is room for what is
// sent, before anything of the body is read.
func (s *server) authenticate(ctx huma.Context, next func(huma.Context)) {
	call, op := callOf(ctx.Context()), ctx.Operation()
	r, w := humago.Unwrap(ctx)
	call.operation = op.OperationID
	if len(op.Security) > 0 {
		actor, err := s.who(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		call.actor = actor
	}
	done, err := s.limits.admit(r, op)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	call.room = sync.OnceFunc(done)
	defer call.room()
	next(ctx)
}

// who returns the actor of a request. A token or session counts more than
// where the caller sits: it says in whose name to act.
func (s *server) who(r *http.Request) (skein.Actor, error) {
	secret, given, err := credential(r)
	if err != nil {
		return skein.Actor{}, err
	}
	if !given && s.LocalActor != nil {
		if actor, ok := s.LocalActor(r); ok {
			return actor, nil
		}
	}
	if !given {
		return skein.Actor{}, &skein.Error{Kind: skein.KindUnknown, What: "this needs a token and none was given", Mend: "send the header Authorization: Bearer TOKEN; skein token create makes one"}
	}
	actor, err := counted(s.failures, r, func() (skein.Actor, error) {
		return s.Control.Authenticate(r.Context(), secret)
	})
	actor.Addr = peer(r)
	return actor, err
}

// peer is the address that a request comes from; the zero Addr on the unix socket.
func peer(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	return from.Addr().Unmap().WithZone("")
}

// sessionCookie holds a browser's session. A browser takes a cookie of this
// prefix only over TLS, for this host alone, and shows it to no script with HttpOnly.
const sessionCookie = "__Host-skein"

// credential returns the secret of a request: that of the Authorization
// header, else a browser's session. Pages of other sites cannot use that one:
// see around.
func credential(r *http.Request) (secret string, given bool, err error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		cookie, err := r.Cookie(sessionCookie)
		if err != nil || cookie.Value == "" {
			return "", false, nil
		}
		return cookie.Value, true, nil
	}
	scheme, secret, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return "", true, &skein.Error{Kind: skein.KindUnknown, What: "the Authorization header is not of the Bearer scheme", Mend: "send Authorization: Bearer TOKEN"}
	}
	return strings.TrimSpace(secret), true, nil
}

// The limit of failed authentications from one address: a burst, then one at a time.
const (
	failureBurst  = 10
	failurePeriod = 3 * time.Second
	maxAddresses  = 10_000
)

// counted tries a secret, unless the caller failed too often, and counts a
// failure.
func counted[T any](f *attempts.Limit[netip.Prefix], r *http.Request, try func() (T, error)) (got T, err error) {
	from := attempts.Network(peer(r))
	if !f.Allowed(from) {
		return got, &httpError{
			status: http.StatusTooManyRequests,
			header: http.Header{"Retry-After": {"3"}},
			err:    &skein.Error{Kind: skein.KindUnavailable, What: "too many tokens from this address were wrong", Mend: "wait a little, then send the right one"},
		}
	}
	got, err = try()
	if skein.KindOf(err) == skein.KindUnknown {
		f.Failed(from)
	}
	return got, err
}
