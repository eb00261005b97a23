// Package attempts slows down whoever tries secrets: so many failures at once,
// then one at a time.
package attempts

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit counts the failures of each key. It is safe for concurrent use.
type Limit[K comparable] struct {
	burst int
	every time.Duration
	most  int
	now   func() time.Time

	mu sync.Mutex // guards by
	by map[K]*rate.Limiter
}

// New lets each key fail burst times at once, and then once in every. It
// remembers most keys.
func New[K comparable](burst int, every time.Duration, most int, now func() time.Time) *Limit[K] {
	return &Limit[K]{burst: burst, every: every, most: most, now: now, by: map[K]*rate.Limiter{}}
}

// Allowed reports whether a key may try once more.
func (l *Limit[K]) Allowed(key K) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.by[key]
	return limiter == nil || limiter.TokensAt(l.now()) >= 1
}

// Failed counts a failure.
func (l *Limit[K]) Failed(key K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.by[key] == nil {
		l.makeRoom(now)
		l.by[key] = rate.NewLimiter(rate.Every(l.every), l.burst)
	}
	l.by[key].AllowN(now, 1)
}

// makeRoom bounds the map: who has not failed for long is forgotten, and if
// all are busy failing, everybody is.
func (l *Limit[K]) makeRoom(now time.Time) {
	if len(l.by) < l.most {
		return
	}
	for key, limiter := range l.by {
		if limiter.TokensAt(now) >= float64(l.burst) {
			delete(l.by, key)
		}
	}
	if len(l.by) >= l.most {
		clear(l.by)
	}
}

// Network is whom to blame for what comes from an address: an IPv4 address, or
// the /64 that one IPv6 host may choose addresses from. Callers without an
// address share the zero Prefix.
func Network(addr netip.Addr) netip.Prefix {
	addr, bits := addr.Unmap().WithZone(""), 32
	if addr.Is6() {
		bits = 64
	}
	from, _ := addr.Prefix(bits) // the bits fit the address
	return from
}
