package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/semaphore"

	"github.com/skein-dns/skein"
)

// What all callers together may use at once.
const (
	maxStreams   = 256             // event streams
	maxWaits     = 4096            // waits for members
	maxBodies    = 512 << 20       // octets of bodies, from their coming to the answer
	bodyPatience = 5 * time.Second // to wait for room for a body
)

// limits are shared by all requests.
type limits struct {
	streams places
	waits   places
	bodies  *semaphore.Weighted
}

func newLimits() limits {
	return limits{make(places, maxStreams), make(places, maxWaits), semaphore.NewWeighted(maxBodies)}
}

// places are so many that may do something at once.
type places chan struct{}

// take takes a place, which leave gives back. What is for the refusal.
func (p places) take(what string) (leave func(), err error) {
	select {
	case p <- struct{}{}:
		return func() { <-p }, nil
	default:
		return nil, &skein.Error{Kind: skein.KindUnavailable,
			What: fmt.Sprintf("%d %s are open already", cap(p), what), Mend: "end some, or ask again later"}
	}
}

// admit waits, not for long, until there is room for a request's body in
// memory. A body of unknown length counts as the longest that is taken.
func (l limits) admit(r *http.Request, op *huma.Operation) (done func(), err error) {
	size := r.ContentLength
	if size < 0 || size > op.MaxBodyBytes {
		size = op.MaxBodyBytes
	}
	ctx, cancel := context.WithTimeout(r.Context(), bodyPatience)
	defer cancel()
	if err := l.bodies.Acquire(ctx, size); err != nil {
		return nil, &skein.Error{Kind: skein.KindUnavailable, Cause: err,
			What: "too much is being sent at the same time; nothing was changed", Mend: "send it again later"}
	}
	return func() { l.bodies.Release(size) }, nil
}
