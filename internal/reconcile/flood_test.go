package reconcile_test

import (
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/reconcile"
)

// A member that fetches thousands of zones by itself is left to it for a second.
func TestLooksWaitWhileAFloodRises(t *testing.T) {
	const begun = 50 * time.Millisecond
	for name, row := range map[string]struct {
		zones int
		gap   time.Duration // between transfers
		at    time.Duration // since the start
		most  int           // questions until then, once it has begun
		then  time.Duration
		least int // questions by then
	}{
		"it ends within the second": {zones: 8000, gap: 50 * time.Microsecond, at: 400 * time.Millisecond, most: 0, then: 700 * time.Millisecond, least: 6000},
		"it goes on":                {zones: 40_000, gap: 50 * time.Microsecond, at: 950 * time.Millisecond, most: 0, then: 1200 * time.Millisecond, least: 6000},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				c.Kill()
				last := c.PutMany(row.zones)
				member := c.Member("ns1")
				member.SetFault(clustertest.Fault{TransferGap: row.gap})
				member.Follow()
				c.Start()
				time.Sleep(begun)
				asked := member.Asked()
				time.Sleep(row.at - begun)
				if n := member.Asked() - asked; n > row.most {
					t.Errorf("%d questions until %s", n, row.at)
				}
				time.Sleep(row.then - row.at)
				if n := member.Asked() - asked; n < row.least {
					t.Errorf("%d questions until %s, want %d", n, row.then, row.least)
				}
				c.Wait(last, time.Minute)
				time.Sleep(3 * time.Second)
				converged(t, c)
			}, "ns1")
		})
	}
}

func TestWhenLooksGoOn(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		zones int
		gap   time.Duration
		on    time.Duration // since the last zone was fetched; not later than that: 0
	}{
		"a few":                          {zones: 31, gap: time.Millisecond},
		"many":                           {zones: 32, gap: time.Millisecond, on: 50 * time.Millisecond},
		"many for nearly a second":       {zones: 981, gap: time.Millisecond, on: 20 * time.Millisecond},
		"many for longer":                {zones: 1100, gap: time.Millisecond},
		"single ones, now and then":      {zones: 1100, gap: 50 * time.Millisecond},
		"single ones, but close by":      {zones: 20, gap: 49 * time.Millisecond},
		"so close that they are a flood": {zones: 40, gap: 24 * time.Millisecond, on: 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var at []time.Time
			for i := range row.zones {
				at = append(at, time.Unix(1_800_000_000, 0).Add(time.Duration(i)*row.gap))
			}
			if on := max(0, reconcile.Crest(at).Sub(at[len(at)-1])); on != row.on {
				t.Errorf("looks go on after %s, want %s", on, row.on)
			}
		})
	}
}
