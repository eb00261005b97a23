package api

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
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
	defer done()
	next(ctx)
}

// who returns the actor of a request. A token counts more than where the
// caller sits: it says in whose name to act.
func (s *server) who(r *http.Request) (skein.Actor, error) {
	secret, given, err := bearer(r)
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
	if err := s.failures.check(r); err != nil {
		return skein.Actor{}, err
	}
	actor, err := s.Control.Authenticate(r.Context(), secret)
	if skein.KindOf(err) == skein.KindUnknown {
		s.failures.count(r)
	}
	if err != nil {
		return skein.Actor{}, err
	}
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err == nil { // the unix socket has none
		actor.Addr = from.Addr().Unmap().WithZone("")
	}
	return actor, nil
}

// bearer returns the secret of the Authorization header.
func bearer(r *http.Request) (secret string, given bool, err error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", false, nil
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

// failures slows down whoever tries secrets.
type failures struct {
	now func() time.Time

	mu sync.Mutex // guards by
	by map[netip.Prefix]*rate.Limiter
}

func newFailures(now func() time.Time) *failures {
	return &failures{now: now, by: map[netip.Prefix]*rate.Limiter{}}
}

// check refuses a caller that failed too often; it does not look at the secret.
func (f *failures) check(r *http.Request) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	limiter := f.by[network(r)]
	if limiter == nil || limiter.TokensAt(f.now()) >= 1 {
		return nil
	}
	return &httpError{
		status: http.StatusTooManyRequests,
		header: http.Header{"Retry-After": {"3"}},
		err:    &skein.Error{Kind: skein.KindUnavailable, What: "too many tokens from this address were wrong", Mend: "wait a little, then send the right one"},
	}
}

func (f *failures) count(r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from, now := network(r), f.now()
	if f.by[from] == nil {
		f.makeRoom(now)
		f.by[from] = rate.NewLimiter(rate.Every(failurePeriod), failureBurst)
	}
	f.by[from].AllowN(now, 1)
}

// makeRoom bounds the map: who has not failed for long is forgotten, and if
// all are busy failing, everybody is.
func (f *failures) makeRoom(now time.Time) {
	if len(f.by) < maxAddresses {
		return
	}
	for from, limiter := range f.by {
		if limiter.TokensAt(now) >= failureBurst {
			delete(f.by, from)
		}
	}
	if len(f.by) >= maxAddresses {
		clear(f.by)
	}
}

// network is whom to blame: an IPv4 address, or the /64 that one IPv6 host
// may choose addresses from. Callers without an address share the zero Prefix.
func network(r *http.Request) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	addr, bits := peer.Addr().Unmap().WithZone(""), 32
	if addr.Is6() {
		bits = 64
	}
	from, _ := addr.Prefix(bits) // the bits fit the address
	return from
}
