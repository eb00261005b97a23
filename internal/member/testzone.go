package member

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

const (
	dnsPatience  = 2 * time.Second // TestZone.Serial waits longer for an answer, so that silence is told from a no
	fetchAgain   = 2 * time.Second // a member leaves a zone that missed its first transfer out for a while
	testZonePoll = 25 * time.Millisecond
)

// TestZone is the zone that a driver's test gives to a member, asked for over DNS.
type TestZone struct {
	Name   zone.Name
	Member skein.Member
	// Serial asks a nameserver for the serial of a zone; any other answer is an error.
	Serial   func(ctx context.Context, addr netip.AddrPort, name zone.Name) (uint32, error)
	Patience time.Duration // how long Until waits
}

// DNS notes whether the member answers questions at all, before a transfer is
// judged by answers. Elsewhere says where its maker's settings have it listen.
func (f *Findings) DNS(ctx context.Context, z TestZone, elsewhere string) bool {
	if z.Serial == nil {
		return f.Warn("dns", "", "nothing was asked over DNS: this driver was made without")
	}
	ask, cancel := context.WithTimeout(ctx, dnsPatience)
	defer cancel()
	if _, err := z.Serial(ask, z.Member.DNS(), z.Name); err != nil && ask.Err() != nil {
		return f.Bad("dns", fmt.Sprintf("one of three: a firewall drops UDP to port %d; %s; --address and --port are not where it answers DNS", z.Member.Port, elsewhere),
			"no DNS answer comes from %s", z.Member.DNS())
	}
	return f.Good("dns", "it answers DNS at %s", z.Member.DNS())
}

// Until asks for the zone until the outcome is right; false if that takes too long.
func (z TestZone) Until(ctx context.Context, right func(err error) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, z.Patience)
	defer cancel()
	tick := time.NewTicker(testZonePoll)
	defer tick.Stop()
	for {
		ask, done := context.WithTimeout(ctx, dnsPatience)
		_, err := z.Serial(ask, z.Member.DNS(), z.Name)
		done()
		if right(err) {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}

// Fetched waits until the member serves the zone, and calls again where it is
// time that it is told once more to fetch it.
func (z TestZone) Fetched(ctx context.Context, again func()) bool {
	next := time.Now().Add(fetchAgain)
	return z.Until(ctx, func(err error) bool {
		if err != nil && time.Now().After(next) {
			next = time.Now().Add(fetchAgain)
			again()
		}
		return err == nil
	})
}
