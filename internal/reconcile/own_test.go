package reconcile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

func TestACloudIsGivenContentsAndReadBack(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		z := c.Put("example.com.")
		c.Wait(z, time.Minute)
		c.Wait(c.Put("example.com."), time.Minute)
		m := c.Member("cloud")
		if got := actions(m.Told()); !slices.Equal(got, []string{"add example.com.", "add example.com."}) {
			t.Errorf("told %q", got)
		}
		if m.Asked() == 0 {
			t.Error("nothing was read back")
		}
		c.Wait(c.Delete("example.com."), time.Minute)
		if got := actions(m.Told()); !slices.Equal(got, []string{"delete example.com."}) {
			t.Errorf("told %q", got)
		}
		if s := c.Loop().Status("cloud"); !s.Reachable || s.Behind != 0 || s.Failures != 0 {
			t.Errorf("status %+v", s)
		}
	}, "cloud")
}

// What was taken is no receipt before it is in force, and is not told again.
func TestWhatIsNotInForceYetIsAwaited(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		m := c.Member("cloud")
		m.SetFault(clustertest.Fault{Settles: 90 * time.Second})
		z := c.Put("example.com.")
		time.Sleep(80 * time.Second)
		if got := stateOf(c, "cloud", z); got != "told: the member has taken it, and still is putting it into force" {
			t.Error(got)
		}
		if asked := m.Asked(); asked > 10 {
			t.Errorf("%d looks in 80 seconds", asked)
		}
		c.Wait(z, 2*time.Minute)
		if told := actions(m.Told()); len(told) != 1 {
			t.Errorf("told %q", told)
		}
	}, "cloud")
}

func TestDriftOnACloud(t *testing.T) {
	for situation, drift := range map[string]func(m *clustertest.Member){
		"somebody changed a record":   func(m *clustertest.Member) { m.Alter("z7.example.", 1) },
		"somebody deleted the zone":   func(m *clustertest.Member) { m.Drop("z7.example.") },
		"the account was emptied":     func(m *clustertest.Member) { m.Forget() },
		"it went back to a backup":    func(m *clustertest.Member) { m.Own("z7.example.", 4294967295) },
		"it counts its own serials":   func(m *clustertest.Member) { m.SetSerial("z7.example.", 77) },
		"nothing happened to it":      func(*clustertest.Member) {},
		"one was put in from outside": func(m *clustertest.Member) { m.Drop("z7.example."); m.SetForeign("other.example.", 1) },
	} {
		t.Run(situation, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				last := c.PutMany(20)
				c.Wait(last, time.Minute)
				drift(c.Member("cloud"))
				time.Sleep(21 * time.Minute) // two rounds of the audit
				if left := c.Drift(); len(left) > 0 {
					t.Error(left)
				}
				if n := len(c.Conflicts()); n > 0 {
					t.Errorf("%d conflicts over serials that tell nothing", n)
				}
				if s := c.Loop().Status("cloud"); s.Verified != 20 || s.Behind != 0 {
					t.Errorf("status %+v", s)
				}
			}, "cloud")
		})
	}
}

// Where drift is only reported, a cloud's is left as well, until the zone changes.
func TestDriftOnACloudThatIsOnlyReported(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		row := c.Row("cloud")
		row.Repair = skein.RepairReport
		c.Set(row)
		altered, gone := c.Put("altered.example."), c.Put("gone.example.")
		c.Wait(altered, time.Minute)
		c.Wait(gone, time.Minute)
		m := c.Member("cloud")
		m.Told()
		m.Alter("altered.example.", 1)
		m.Drop("gone.example.")
		time.Sleep(time.Hour)
		if told := m.Told(); len(told) > 0 {
			t.Errorf("told %q", actions(told))
		}
		for z, want := range map[*skein.Zone]string{
			&altered: "differs: what it has is not what is published: it was changed there, and is left so: skein sync ZONE --to MEMBER puts it right",
			&gone:    "absent: it is gone there, and is left so: skein sync ZONE --to MEMBER brings it back",
		} {
			if got := stateOf(c, "cloud", *z); got != want {
				t.Errorf("%s: %s", z.Name, got)
			}
		}
		c.Wait(c.Put("altered.example."), time.Minute)
	}, "cloud")
}

// Of records that the member cannot hold people are told; the rest is in step,
// and nobody tries again and again.
func TestRecordsThatACloudCannotHold(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		m := c.Member("cloud")
		m.SetFault(clustertest.Fault{Lacks: func(name zone.Name) []string {
			if name != "caa.example." {
				return nil
			}
			return []string{`caa.example. CAA 0 issue "ca.example": it has no records of that type`, "b", "c"}
		}})
		c.Wait(c.Put("fine.example."), time.Minute)
		z := c.Put("caa.example.")
		time.Sleep(time.Minute)
		want := `differs: as published but for 3 records: caa.example. CAA 0 issue "ca.example": it has no records of that type; b; …`
		if got := stateOf(c, "cloud", z); got != want {
			t.Error(got)
		}
		if s := c.Loop().Status("cloud"); s.Verified != 1 || s.Stale != 1 || s.Failures != 0 {
			t.Errorf("status %+v", s)
		}
		m.Told()
		asked := m.Asked()
		time.Sleep(time.Hour)
		if told := m.Told(); len(told) > 0 {
			t.Errorf("told again %q", actions(told))
		}
		if n := m.Asked() - asked; n > 40+6 { // the audit's round over so few takes 90 s; what is known to lack is looked at after ten minutes
			t.Errorf("%d questions in an hour about two zones that do not change", n)
		}
		m.SetFault(clustertest.Fault{}) // and now it can
		c.Wait(z, time.Hour)
	}, "cloud")
}

// An API has limits: of 2,000 zones no more than one a second is asked for.
func TestTheAuditOfACloudHasARate(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		m := c.Member("cloud")
		last := c.PutMany(2000)
		c.Wait(last, time.Hour)
		time.Sleep(time.Hour)
		asked := m.Asked()
		time.Sleep(time.Hour)
		if n := m.Asked() - asked; n > 3700 || n < 2000 {
			t.Errorf("%d questions in an hour", n)
		}
		m.Alter("z1234.example.", 2)
		time.Sleep(time.Hour)
		if left := c.Drift(); len(left) > 0 {
			t.Error(left)
		}
	}, "cloud")
}

func TestAFaultOfACloudPasses(t *testing.T) {
	poison := func(names []zone.Name) error {
		if slices.Contains(names, "z3.example.") {
			return errors.New("internal error")
		}
		return nil
	}
	denied := func([]zone.Name) error { return fmt.Errorf("%w: the key may not list records", member.ErrDenied) }
	for situation, row := range map[string]struct {
		fault clustertest.Fault
		good  int    // zones in step meanwhile
		says  string // of z3
	}{
		"it is away":                          {clustertest.Fault{Down: true}, 0, "connection refused"},
		"it hangs":                            {clustertest.Fault{Hang: true}, 0, "did not answer for 2m0s"},
		"it takes changes and shows nothing":  {clustertest.Fault{HasFails: denied}, 0, "the key may not list records"},
		"one zone makes the question fail":    {clustertest.Fault{HasFails: poison}, 19, "internal error"},
		"it refuses changes":                  {clustertest.Fault{Denied: true}, 0, "allow-new-zones"},
		"its DNS is silent, and nobody cares": {clustertest.Fault{Mute: true}, 20, ""},
	} {
		t.Run(situation, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				m := c.Member("cloud")
				time.Sleep(time.Second)
				m.SetFault(row.fault)
				var zones []skein.Zone
				for i := range 20 {
					zones = append(zones, c.Put(zone.Name(fmt.Sprintf("z%d.example.", i))))
				}
				time.Sleep(10 * time.Minute)
				if n := m.Calls() + m.Knocked(); n > 200 {
					t.Errorf("%d calls in ten minutes", n)
				}
				if s := c.Loop().Status("cloud"); s.Verified != row.good {
					t.Errorf("status meanwhile %+v", s)
				}
				if got := stateOf(c, "cloud", zones[3]); !strings.Contains(got, row.says) {
					t.Error(got)
				}
				m.SetFault(clustertest.Fault{})
				time.Sleep(15 * time.Minute)
				if left := c.Drift(); len(left) > 0 {
					t.Error(left)
				}
				if s := c.Loop().Status("cloud"); !s.Reachable || s.Verified != 20 || s.Failures != 0 || s.LastError != "" {
					t.Errorf("status in the end %+v", s)
				}
			}, "cloud")
		})
	}
}

// While it only watches, what a cloud has is asked of its driver all the same.
func TestACloudThatIsObserved(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		m := c.Member("cloud")
		c.SetState("cloud", skein.MemberObserved)
		absent, other, theirs := c.Put("absent.example."), c.Put("other.example."), c.Put("foreign.example.")
		m.Own("other.example.", 1)
		m.Alter("other.example.", 1)
		m.SetForeign("foreign.example.", 1)
		time.Sleep(time.Minute)
		for z, want := range map[*skein.Zone]string{
			&absent: "pending: it does not serve the zone: the member is observed, and told nothing",
			&other:  "differs: what it has is not what is published: the member is observed, and told nothing",
			&theirs: "foreign: the member has a zone of that name that is not Skein's; it was left alone",
		} {
			if got := stateOf(c, "cloud", *z); got != want {
				t.Errorf("%s: %s", z.Name, got)
			}
		}
		asked := m.Asked()
		time.Sleep(time.Hour)
		if n := m.Asked() - asked; n > 40 {
			t.Errorf("%d questions in an hour about three zones", n)
		}
		m.SetFault(clustertest.Fault{Down: true})
		time.Sleep(30 * time.Minute)
		if s := c.Loop().Status("cloud"); s.Reachable {
			t.Errorf("away: %+v", s)
		}
		m.SetFault(clustertest.Fault{})
		time.Sleep(2 * time.Minute)
		if s := c.Loop().Status("cloud"); !s.Reachable || s.Failures > 0 {
			t.Errorf("back: %+v", s)
		}
		if told := m.Told(); len(told) > 0 {
			t.Errorf("told %q", actions(told))
		}
		if said := m.Overheard(); len(said) > 0 {
			t.Errorf("heard %q", said)
		}
	}, "cloud")
}

func TestAPlanForACloud(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(40)
		c.Wait(last, time.Minute)
		c.SetState("cloud", skein.MemberDisabled)
		m := c.Member("cloud")
		m.Drop("z1.example.")
		m.Alter("z2.example.", 1)
		m.SetForeign("z3.example.", 1)
		m.SetFault(clustertest.Fault{Lacks: func(name zone.Name) []string {
			if name == "z4.example." {
				return []string{"a CAA record"}
			}
			return nil
		}})
		plan, err := c.Loop().Plan(t.Context(), c.Row("cloud"), skein.MemberSecrets{})
		if err != nil || plan.Add != 1 || plan.Replace != 1 || plan.Foreign != 1 || plan.Same != 36 || plan.Lacks != 1 || plan.Zones != 40 {
			t.Errorf("%+v, %v", plan, err)
		}
		steps, err := c.Loop().Compare(t.Context(), "cloud", []zone.Name{"z0.example.", "z1.example.", "z4.example."})
		if err != nil || len(steps) != 2 || steps[0].Action != skein.PlanAdd || steps[1].Action != skein.PlanLeave || steps[1].Reason != "as published but for 1 record: a CAA record" {
			t.Errorf("%+v, %v", steps, err)
		}
		m.SetFault(clustertest.Fault{Down: true})
		if _, err := c.Loop().Plan(t.Context(), c.Row("cloud"), skein.MemberSecrets{}); err == nil {
			t.Error("a plan for a cloud that is away says nothing of it")
		}
		m.Overheard()
	}, "cloud")
}
