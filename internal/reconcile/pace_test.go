package reconcile_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
)

func TestHowLongChangesTakeIsCountedAsTheyHappen(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		time.Sleep(time.Second) // after a start, members catch up first
		synctest.Wait()
		for range 3 {
			c.Wait(c.Put("example.com."), time.Minute)
		}
		p := c.Loop().Propagation()
		if p.Hour.Seen != 6 || p.Hour.P50 <= 0 || p.Hour.P50 > p.Hour.P99 || p.Hour.P99 > time.Second {
			t.Errorf("three changes on two members: %+v", p.Hour)
		}
		time.Sleep(10 * time.Minute)
		c.Member("ns1").SetFault(clustertest.Fault{Down: true})
		put := c.Put("example.com.")
		time.Sleep(2 * time.Minute)
		c.Member("ns1").SetFault(clustertest.Fault{})
		c.Wait(put, 5*time.Minute)
		p = c.Loop().Propagation()
		if p.Hour.Seen != 8 || p.Hour.P50 > time.Second || p.Hour.P99 < 2*time.Minute {
			t.Errorf("one of them was away for two minutes: %+v", p.Hour)
		}
		if len(p.Minutes) < 3 || !p.Minutes[0].At.Before(p.Minutes[1].At) {
			t.Errorf("minutes: %+v", p.Minutes)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if p = c.Loop().Propagation(); p.Hour != (skein.Spread{}) || len(p.Minutes) > 0 {
			t.Errorf("an hour later: %+v", p)
		}
	}, "ns1", "ns2")
}

// A new member, and one that starts over, gets what there was long before.
func TestWhatAMemberCatchesUpWithTookNoTime(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("example.com."), time.Minute)
		time.Sleep(2 * time.Hour)
		row := c.Add("ns2")
		c.Set(row)
		time.Sleep(time.Minute)
		synctest.Wait()
		converged(t, c)
		if p := c.Loop().Propagation(); p.Hour.Seen != 0 {
			t.Errorf("%+v", p)
		}
		if told := c.Loop().Status("ns1").Latencies; len(told) == 0 {
			t.Error("nobody knows how fast ns1 answers, which is looked at every ten minutes")
		}
	}, "ns1")
}
