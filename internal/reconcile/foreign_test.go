package reconcile_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// isForeign demands that zones are, whatever their serials, and that nobody told
// the member anything about them.
func isForeign(t *testing.T, c *clustertest.Cluster, zones ...skein.Zone) {
	t.Helper()
	time.Sleep(time.Minute)
	for _, z := range zones {
		if got := stateOf(c, "ns1", z); !strings.HasPrefix(got, "foreign: ") {
			t.Errorf("%s is %s", z.Name, got)
		}
	}
	for _, said := range actions(c.Member("ns1").Told()) {
		if strings.Contains(said, "theirs") {
			t.Errorf("told %s", said)
		}
	}
}

// A zone of another's has a serial by chance: what was found out about it is
// known after a restart, and under other settings of the member.
func TestAForeignZoneIsForeignAfterARestart(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		var theirs []skein.Zone
		for i, name := range []zone.Name{"older.theirs.example.", "same.theirs.example.", "newer.theirs.example."} {
			c.Member("ns1").SetForeign(name, uint32(i+1))
			c.Put(name)
			theirs = append(theirs, c.Put(name)) // serial 2
		}
		isForeign(t, c, theirs...)
		c.Kill()
		c.Start()
		isForeign(t, c, theirs...)
		row := c.Row("ns1")
		row.Repair = skein.RepairReport
		c.Set(row)
		isForeign(t, c, theirs...)
	}, "ns1")
}

// A zone that was made while the member was away may be there already, and be
// another's: that is asked, whatever its serial.
func TestAZoneThatIsMadeWhileTheMemberIsAwayMayBeThere(t *testing.T) {
	for situation, restarts := range map[string]bool{"the node goes on": false, "the node is restarted": true} {
		t.Run(situation, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				ours := c.Put("ours.example.")
				c.Wait(ours, time.Minute)
				time.Sleep(time.Minute)
				m := c.Member("ns1")
				m.SetFault(clustertest.Fault{Down: true})
				c.Put("ours.example.") // is found to be away
				time.Sleep(time.Minute)
				if restarts {
					c.Kill()
				}
				var theirs []skein.Zone
				for i, name := range []zone.Name{"older.theirs.example.", "same.theirs.example.", "newer.theirs.example."} {
					c.Put(name)
					theirs = append(theirs, c.Put(name))
					m.SetForeign(name, uint32(i+1))
				}
				ours = c.Put("ours.example.")
				time.Sleep(time.Minute)
				if restarts {
					c.Start()
				}
				m.SetFault(clustertest.Fault{})
				c.Wait(ours, 5*time.Minute)
				isForeign(t, c, theirs...)
			}, "ns1")
		})
	}
}

// A consumer of a catalog that is slow to drop what it no longer lists passes for
// one that has the zone from elsewhere. When it fetches the zone from us after
// all, that is no longer believed, and not only at the next rare look.
func TestAZoneThatIsFetchedFromUsIsAskedForAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("before.example."), time.Minute)
		told := false
		c.Member("ns1").SetFault(clustertest.Fault{TransferTime: 30 * time.Second, StepDoneThen: func(s member.Step) error {
			if told || s.Zone != "slow.example." {
				return nil
			}
			told = true
			return fmt.Errorf("%w: %s", member.ErrForeign, s.Zone)
		}})
		z := c.Put("slow.example.")
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if got := stateOf(c, "ns1", z); !strings.HasPrefix(got, "foreign: ") {
			t.Errorf("before it is fetched it is %s", got)
		}
		c.Wait(z, 15*time.Second)
	}, "ns1")
}
