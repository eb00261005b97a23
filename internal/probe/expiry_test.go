package probe

import (
	"testing"
	"time"

	"github.com/miekg/dns"
)

func TestWhatAnExpireOptionTells(t *testing.T) {
	t.Parallel()
	const hour, day = 3600, 86400
	for name, c := range map[string]struct {
		refresh, retry, expire uint32
		left                   int // -1: no option, -2: an empty one
		want                   time.Duration
		lost                   bool
	}{
		"a server that tells nothing":        {hour, hour, 14 * day, -1, 0, false},
		"a server that repeats the question": {hour, hour, 14 * day, -2, 0, false},
		"a primary":                          {hour, hour, 14 * day, 14 * day, 14 * day * time.Second, false},
		"just refreshed":                     {hour, hour, 14 * day, 14*day - 60, (14*day - 60) * time.Second, false},
		"a refresh that failed twice":        {hour, hour, 14 * day, 14*day - 3*hour, (14*day - 3*hour) * time.Second, false},
		"its primary is away for hours":      {hour, hour, 14 * day, 14*day - 4*hour, (14*day - 4*hour) * time.Second, true},
		"an impatient SOA":                   {30, 10, day, day - 1700, (day - 1700) * time.Second, false},
		"a refresh as long as its expiry":    {day, day, day, hour, hour * time.Second, true},
		"more than the SOA allows":           {hour, hour, day, 2 * day, 0, false},
		"expiring now":                       {hour, hour, day, 0, 0, true},
	} {
		opt := &dns.OPT{}
		switch c.left {
		case -1:
			opt = nil
		case -2:
			opt.Option = append(opt.Option, &dns.EDNS0_EXPIRE{Code: dns.EDNS0EXPIRE, Empty: true})
		default:
			opt.Option = append(opt.Option, &dns.EDNS0_EXPIRE{Code: dns.EDNS0EXPIRE, Expire: uint32(c.left)})
		}
		left, lost := expiry(opt, &dns.SOA{Refresh: c.refresh, Retry: c.retry, Expire: c.expire})
		if left != c.want || lost != c.lost {
			t.Errorf("%s: %v %v, want %v %v", name, left, lost, c.want, c.lost)
		}
	}
}
