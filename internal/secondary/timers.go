package secondary

import (
	"time"

	"github.com/skein-dns/skein/zone"
)

// Bounds of what a SOA may ask for: nobody is asked all the time because a
// zone says so, and a forgotten NOTIFY does not go unnoticed for weeks.
const (
	minRefresh = 10 * time.Second
	maxRefresh = 24 * time.Hour
	minRetry   = 5 * time.Second
	maxRetry   = time.Hour
	maxExpire  = 24 * 7 * 24 * time.Hour // as BIND

	firstRetry  = time.Second      // after the first failure; doubles from then on
	unloadedMax = 30 * time.Second // between attempts at a zone that was never transferred
)

func clamp(seconds uint32, least, most time.Duration) time.Duration {
	return min(max(time.Duration(seconds)*time.Second, least), most)
}

// refreshIn is how long a confirmed zone is left alone: from three quarters of
// the SOA's time to the whole, so that zones do not stay in step.
func refreshIn(soa zone.SOA, random float64) time.Duration {
	return jitter(clamp(soa.Refresh, minRefresh, maxRefresh), random)
}

// retryIn is how long to wait after so many failed rounds: short at first,
// since most failures are, then as the SOA says.
func retryIn(soa zone.SOA, loaded bool, failures int, random float64) time.Duration {
	most := unloadedMax
	if loaded {
		most = clamp(soa.Retry, minRetry, maxRetry)
	}
	wait := most
	if failures < 20 {
		wait = min(firstRetry<<(failures-1), most)
	}
	return jitter(wait, random)
}

func jitter(d time.Duration, random float64) time.Duration {
	return d - time.Duration(random*float64(d)/4)
}

// expireIn is how long contents are served without word from a primary; it
// leaves time for at least one refresh and retry.
func expireIn(soa zone.SOA) time.Duration {
	least := clamp(soa.Refresh, minRefresh, maxRefresh) + clamp(soa.Retry, minRetry, maxRetry)
	return clamp(soa.Expire, least, maxExpire)
}
