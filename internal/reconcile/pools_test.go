package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// inPools is a cluster of three: ns1 of the default pool, ns2 of the pool
// rose, ns3 of the default pool and shared with rose. No audit asks questions.
func inPools(t *testing.T, story func(t *testing.T, c *clustertest.Cluster)) {
	t.Helper()
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Kill()
		c.Config = func(cfg *reconcile.Config) { cfg.AuditPeriod = 1000 * time.Hour }
		c.Start()
		ns2, ns3 := c.Row("ns2"), c.Row("ns3")
		ns2.Pool = "rose"
		ns3.Shares = []skein.Share{{Pool: "rose", Role: skein.RoleWriteOnly}}
		c.Set(ns2)
		c.Set(ns3)
		synctest.Wait()
		story(t, c)
	}, "ns1", "ns2", "ns3")
}

func (p pooled) put(name zone.Name, pool string) skein.Zone {
	z := p.Store.PutIn(name, pool)
	p.Primary.Serve(z)
	return z
}

func (p pooled) move(name zone.Name, pool string) skein.Zone {
	z := p.Store.Move(name, pool)
	p.Primary.Serve(z)
	return z
}

type pooled struct{ *clustertest.Cluster }

func membersOf(r skein.Receipt) string {
	var names []string
	for _, m := range r.Members {
		names = append(names, m.Member)
	}
	return strings.Join(names, " ")
}

func TestAZoneIsOnTheMembersOfItsPoolAndNoOthers(t *testing.T) {
	inPools(t, func(t *testing.T, c *clustertest.Cluster) {
		p := pooled{c}
		for i := range 100 {
			p.put(zone.Name(fmt.Sprintf("z%d.example.", i)), "")
		}
		root, theirs := p.put("root.example.", ""), p.put("theirs.example.", "rose")
		if r := c.Wait(root, time.Minute); !r.Complete || membersOf(r) != "ns1 ns3" {
			t.Errorf("root's: %+v", r)
		}
		if r := c.Wait(theirs, time.Minute); !r.Complete || membersOf(r) != "ns2 ns3" {
			t.Errorf("theirs: %+v", r)
		}
		time.Sleep(time.Second)
		converged(t, c)
		for name, want := range map[string]int{"ns1": 101, "ns2": 1, "ns3": 102} {
			if s := c.Loop().Status(name); s.Zones != want || s.Verified != want || s.Behind != 0 {
				t.Errorf("%s: %+v, want %d", name, s, want)
			}
		}
		if n := c.Member("ns2").Asked(); n > 5 {
			t.Errorf("%d questions to a member of one zone", n)
		}
		c.Kill()
		c.Observed = clustertest.NewObserved() // and also where all is to be looked at
		asked := c.Member("ns2").Asked()
		c.Start()
		time.Sleep(time.Minute)
		if n := c.Member("ns2").Asked() - asked; n > 1 {
			t.Errorf("%d questions to look at one zone", n)
		}
	})
}

func TestAZoneThatMovesIsDeletedWhereItWas(t *testing.T) {
	for situation, away := range map[string]bool{"all are there": false, "the members that it leaves are away": true} {
		t.Run(situation, func(t *testing.T) {
			inPools(t, func(t *testing.T, c *clustertest.Cluster) {
				p := pooled{c}
				c.Wait(p.put("stays.example.", ""), time.Minute)
				c.Wait(p.put("moves.example.", ""), time.Minute)
				time.Sleep(time.Minute)
				for _, name := range []string{"ns1", "ns2", "ns3"} {
					c.Member(name).Told()
				}
				if away {
					c.Member("ns1").SetFault(clustertest.Fault{Down: true})
					p.put("stays.example.", "") // and that is noticed
				}
				z := p.move("moves.example.", "rose")
				if r := c.Wait(z, time.Minute); membersOf(r) != "ns2 ns3" {
					t.Errorf("receipt: %+v", r)
				}
				time.Sleep(time.Minute)
				c.Member("ns1").SetFault(clustertest.Fault{})
				time.Sleep(2 * time.Minute)
				converged(t, c)
				if told := actions(c.Member("ns1").Told()); !slices.Contains(told, "delete moves.example.") {
					t.Errorf("where it was: %q", told)
				}
				if told := actions(c.Member("ns2").Told()); !slices.Equal(told, []string{"add moves.example."}) {
					t.Errorf("where it is: %q", told)
				}
				if told := actions(c.Member("ns3").Told()); slices.Contains(told, "delete moves.example.") {
					t.Errorf("where it is and was: %q", told)
				}
				asked := c.Member("ns1").Asked() // from here on the zone is nothing to it
				c.Wait(p.put("moves.example.", "rose"), time.Minute)
				if n := c.Member("ns1").Asked() - asked; n > 0 {
					t.Errorf("%d questions about a zone that has left", n)
				}
				c.Wait(p.move("moves.example.", ""), time.Minute)
				time.Sleep(time.Minute)
				converged(t, c)
			})
		})
	}
}

// Nothing is deleted by accident: what moved away is deleted there only if it
// is still away when its turn comes.
func TestPromise4_AZoneThatMovedBackIsNotDeleted(t *testing.T) {
	inPools(t, func(t *testing.T, c *clustertest.Cluster) {
		p := pooled{c}
		c.Wait(p.put("moves.example.", ""), time.Minute)
		time.Sleep(time.Second)
		c.Member("ns1").Told()
		c.Member("ns1").SetFault(clustertest.Fault{Down: true})
		p.move("moves.example.", "rose")
		time.Sleep(10 * time.Second)
		p.move("moves.example.", "")
		c.Member("ns1").SetFault(clustertest.Fault{})
		time.Sleep(5 * time.Minute)
		if told := actions(c.Member("ns1").Told()); slices.Contains(told, "delete moves.example.") {
			t.Errorf("told %q", told)
		}
		converged(t, c)
	})
}

func TestAMemberThatLeavesAPoolLosesItsZonesAndNoOthers(t *testing.T) {
	for situation, restart := range map[string]bool{"while it runs": false, "and Skein is killed amid it": true} {
		t.Run(situation, func(t *testing.T) {
			inPools(t, func(t *testing.T, c *clustertest.Cluster) {
				p := pooled{c}
				for i := range 100 {
					p.put(zone.Name(fmt.Sprintf("r%d.example.", i)), "rose")
				}
				c.Member("ns3").SetForeign("r3.example.", 1) // of that name, and somebody else's
				last := p.put("root.example.", "")
				c.Wait(last, time.Minute)
				time.Sleep(20 * time.Second)
				c.Member("ns3").SetFault(clustertest.Fault{StepTime: 20 * time.Millisecond})
				row := c.Row("ns3")
				row.Shares = nil
				c.Set(row)
				time.Sleep(500 * time.Millisecond)
				if restart {
					c.Kill()
					c.Start()
				}
				time.Sleep(5 * time.Minute)
				converged(t, c)
				if serving := c.Member("ns3").Serving(); len(serving) != 1 {
					t.Errorf("it serves %v", serving)
				}
				if _, ok := c.Member("ns3").Foreign("r3.example."); !ok {
					t.Error("a foreign zone was deleted")
				}
			})
		})
	}
}

func TestAStandaloneRoleIsNeverWritten(t *testing.T) {
	for situation, change := range map[string]func(*skein.Member){
		"of its only pool": func(m *skein.Member) { m.Shares, m.Role = nil, skein.RoleStandalone },
		"of one of two":    func(m *skein.Member) { m.Role = skein.RoleStandalone },
	} {
		t.Run(situation, func(t *testing.T) {
			inPools(t, func(t *testing.T, c *clustertest.Cluster) {
				p := pooled{c}
				c.Wait(p.put("root.example.", ""), time.Minute)
				c.Wait(p.put("theirs.example.", "rose"), time.Minute)
				time.Sleep(time.Minute)
				m := c.Row("ns3")
				change(&m)
				c.Set(m)
				time.Sleep(time.Minute)
				c.Member("ns3").Told()
				root := p.put("root.example.", "")
				time.Sleep(time.Minute)
				if told := actions(c.Member("ns3").Told()); len(told) > 0 {
					t.Errorf("told %q", told)
				}
				if serving := c.Member("ns3").Serving(); serving["root.example."] != 1 {
					t.Errorf("it serves %v", serving)
				}
				if r := c.Wait(root, time.Minute); !r.Complete {
					t.Errorf("nobody waits for it: %+v", r)
				}
			})
		})
	}
}

func TestCleaningAMemberDeletesTheZonesOfItsPoolsAlone(t *testing.T) {
	inPools(t, func(t *testing.T, c *clustertest.Cluster) {
		p := pooled{c}
		c.Wait(p.put("root.example.", ""), time.Minute)
		c.Wait(p.put("theirs.example.", "rose"), time.Minute)
		removed, err := c.Loop().RemoveMember(t.Context(), "ns3", true)
		if removed != 2 || err != nil {
			t.Errorf("removed %d: %v", removed, err)
		}
		if removed, err = c.Loop().RemoveMember(t.Context(), "ns1", true); removed != 1 || err != nil {
			t.Errorf("removed %d: %v", removed, err)
		}
	})
}
