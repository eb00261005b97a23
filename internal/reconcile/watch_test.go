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
	"github.com/skein-dns/skein/zone"
)

// stateOf tells how one zone is on one member, in a line.
func stateOf(c *clustertest.Cluster, name string, z skein.Zone) string {
	for _, m := range c.Loop().Receipt(z).Members {
		if m.Member == name {
			return strings.TrimSuffix(fmt.Sprintf("%s: %s", m.State, m.Reason), ": ")
		}
	}
	return "not listed"
}

func TestAnObservedMemberIsComparedAndTold(t *testing.T) {
	for situation, row := range map[string]struct {
		there func(m *clustertest.Member) // what the member has before Skein comes
		gone  bool
		want  string
	}{
		"it has the zone as it is": {
			there: func(m *clustertest.Member) { m.SetForeign("example.com.", 1) },
			want:  "verified"},
		"other records under the same serial": {
			there: func(m *clustertest.Member) { m.SetForeign("example.com.", 1); m.Alter("example.com.", 3) },
			want:  "differs: 3 records of what it serves as serial 1 are not as in ours; the member is observed, and told nothing"},
		"one other record, and no transfers to the audit key": {
			there: func(m *clustertest.Member) {
				m.SetForeign("example.com.", 1)
				m.Alter("example.com.", 1)
				m.SetFault(clustertest.Fault{NoTransfer: true})
			},
			want: "verified"},
		"it does not have it": {
			there: func(*clustertest.Member) {},
			want:  "pending: it does not serve the zone: the member is observed, and told nothing"},
		"an older one": {
			there: func(m *clustertest.Member) { m.SetForeign("example.com.", 4294967295) },
			want:  "stale: it serves serial 4294967295: the member is observed, and told nothing"},
		"a newer one": {
			there: func(m *clustertest.Member) { m.SetForeign("example.com.", 9) },
			want: "differs: it serves serial 9, beyond our 1: someone else changes the zone there, or our store went back; " +
				"it keeps what it has until the zone gets a serial after that"},
		"it still has one that was deleted": {
			there: func(m *clustertest.Member) { m.SetForeign("example.com.", 1) },
			gone:  true,
			want:  "pending: it still has the zone: the member is observed, and told nothing"},
		"it never had one that was deleted": {
			there: func(*clustertest.Member) {},
			gone:  true,
			want:  "absent"},
	} {
		t.Run(situation, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				row.there(c.Member("ns1"))
				c.SetState("ns1", skein.MemberObserved)
				z := c.Put("example.com.")
				if row.gone {
					z = c.Delete("example.com.")
				}
				time.Sleep(10 * time.Second)
				if got := stateOf(c, "ns1", z); got != row.want {
					t.Errorf("got  %s\nwant %s", got, row.want)
				}
				if n := len(c.Conflicts()); n > 0 {
					t.Errorf("%d conflicts with a member that is only observed", n)
				}
			}, "ns1")
		})
	}
}

func TestDriftOfAnObservedMemberIsReportedAndLeft(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		m := c.Member("ns1")
		m.SetForeign("a.example.", 1)
		m.SetForeign("b.example.", 1)
		c.SetState("ns1", skein.MemberObserved)
		a, b := c.Put("a.example."), c.Put("b.example.")
		time.Sleep(time.Minute)
		if s := c.Loop().Status("ns1"); !s.Reachable || s.Zones != 2 || s.Verified != 2 || s.Behind != 0 {
			t.Errorf("status in step: %+v", s)
		}
		events, stop := c.Loop().Subscribe()
		defer stop()
		m.SetSerial("a.example.", 4294967290)
		m.Alter("b.example.", 2)
		time.Sleep(25 * time.Minute) // two rounds of the audit
		var heard []string
		for len(events) > 0 {
			e := <-events
			heard = append(heard, string(e.Zone)+" "+e.State)
		}
		if !slices.Contains(heard, "a.example. stale") || !slices.Contains(heard, "b.example. differs") {
			t.Errorf("events: %q", heard)
		}
		if s := c.Loop().Status("ns1"); s.Stale != 2 || s.Behind != 2 || s.Verified != 0 {
			t.Errorf("status with drift: %+v", s)
		}
		if n := m.Transfers(); n > 60 {
			t.Errorf("%d transfers in 25 minutes", n)
		}
		m.SetSerial("a.example.", 1) // and somebody puts it right again
		m.Alter("b.example.", 0)
		time.Sleep(25 * time.Minute)
		if got := stateOf(c, "ns1", a) + " " + stateOf(c, "ns1", b); got != "verified verified" {
			t.Errorf("put right: %s", got)
		}
	}, "ns1")
}

// An observed member counts in no receipt: nobody waits for it.
func TestNobodyWaitsForAnObservedMember(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.SetState("ns2", skein.MemberObserved)
		z := c.Put("example.com.")
		if r := c.Wait(z, time.Minute); !r.Complete || len(r.Members) != 2 {
			t.Errorf("receipt: %+v", r)
		}
	}, "ns1", "ns2")
}

func TestLeavingObservationGoesOnByDifference(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.SetState("ns1", skein.MemberObserved)
		m := c.Member("ns1")
		var last skein.Zone
		for i := range 600 {
			name := zone.Name(fmt.Sprintf("z%d.example.", i))
			last = c.Put(name)
			m.Own(name, 1)
		}
		m.Drop("z1.example.")
		m.SetSerial("z2.example.", 4294967290)
		m.Alter("z3.example.", 2)
		m.SetForeign("z4.example.", 1)
		gone := c.Delete("z5.example.")
		time.Sleep(5 * time.Minute)
		plan, err := c.Loop().Plan(t.Context(), c.Row("ns1"), skein.MemberSecrets{})
		if err != nil || plan.Zones != 599 || plan.Add != 1 || plan.Replace != 2 || plan.Same != 595 || plan.Foreign != 1 || plan.Delete != 1 || plan.Unknown != 0 {
			t.Errorf("the plan: %+v %v", plan, err)
		}
		for _, said := range m.Overheard() {
			if said != "whose its zones are" {
				t.Errorf("the plan said %s", said)
			}
		}
		c.SetState("ns1", skein.MemberEnabled)
		if s := c.Loop().Status("ns1"); s.Verified != 0 {
			t.Errorf("nothing is taken for seen that was not asked: %+v", s)
		}
		c.Wait(last, time.Minute)
		c.Wait(gone, time.Minute)
		time.Sleep(time.Minute)
		told := actions(m.Told())
		slices.Sort(told)
		// z2 is there already, but until it was added again it is not sure how
		if want := []string{"add z1.example.", "add z2.example.", "delete z5.example.", "retransfer z2.example.", "retransfer z3.example."}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	}, "ns1")
}

func TestWhileClusteringIsDisabledMembersAreToldNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		kept, changed := c.Put("kept.example."), c.Put("changed.example.")
		c.Put("deleted.example.")
		c.Wait(changed, time.Minute)
		time.Sleep(time.Second)
		c.Pause(true)
		c.Member("ns1").Told()
		served := changed
		changed = c.Store.Put("changed.example.") // and the primary stays at what was released
		made, gone := c.Store.Put("made.example."), c.Store.Delete("deleted.example.")
		time.Sleep(5 * time.Minute)
		for _, row := range []struct {
			zone skein.Zone
			want string
		}{
			{kept, "verified"},
			{served, "verified"}, // by its receipt it was seen, and is
			{changed, "stale: it serves serial 1: clustering is disabled"},
			{made, "pending: it does not serve the zone: clustering is disabled"},
			{gone, "pending: it still has the zone: clustering is disabled"},
		} {
			if got := stateOf(c, "ns1", row.zone); row.zone != served && got != row.want {
				t.Errorf("%s: %s, want %s", row.zone.Name, got, row.want)
			}
		}
		if s := c.Loop().Status("ns1"); s.Behind != 3 || s.Verified != 1 || s.Zones != 3 {
			t.Errorf("status: %+v", s)
		}
		if _, err := c.Loop().Wait(t.Context(), made, "all"); err == nil || !strings.Contains(err.Error(), "clustering is disabled") {
			t.Errorf("waiting for what does not come: %v", err)
		}
		if told := c.Member("ns1").Told(); len(told) > 0 {
			t.Errorf("told %v", told)
		}
		asked := c.Member("ns1").Asked()
		for _, z := range []skein.Zone{changed, made, gone} { // the freeze is lifted
			c.Primary.Serve(z)
		}
		c.Pause(false)
		for _, z := range []skein.Zone{kept, changed, made, gone} {
			c.Wait(z, time.Minute)
		}
		told := actions(c.Member("ns1").Told())
		slices.Sort(told)
		if want := []string{"add made.example.", "delete deleted.example.", "notify changed.example."}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		if n := c.Member("ns1").Asked() - asked; n > 3*4 {
			t.Errorf("%d questions to catch up three zones", n)
		}
		converged(t, c)
	}, "ns1")
}

// What is under way when clustering is disabled is broken off, and a member
// that is disabled by the threshold is left alone as well.
func TestDisablingClusteringBreaksOffWhatIsUnderWay(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		c.SetState("ns2", skein.MemberDisabledThreshold)
		c.Member("ns1").SetFault(clustertest.Fault{StepTime: 30 * time.Millisecond})
		for i := range 200 {
			c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
		}
		time.Sleep(200 * time.Millisecond)
		c.Pause(true)
		c.Member("ns1").Told()
		proofs := c.Member("ns2").Knocked()
		time.Sleep(time.Hour)
		if told := c.Member("ns1").Told(); len(told) > 0 {
			t.Errorf("told %d things after it was disabled", len(told))
		}
		if n := c.Member("ns2").Knocked() - proofs; n > 0 {
			t.Errorf("the other was tried %d times", n)
		}
		c.Kill()
		c.Start() // as it was
		time.Sleep(time.Hour)
		c.Pause(false)
		time.Sleep(10 * time.Minute)
		converged(t, c)
	}, "ns1", "ns2")
}
