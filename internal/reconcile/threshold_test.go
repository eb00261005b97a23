package reconcile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// withThreshold runs a story about a cluster that disables after so many failures.
func withThreshold(t *testing.T, failures int, story func(t *testing.T, c *clustertest.Cluster), members ...string) {
	t.Helper()
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Kill()
		c.Threshold = failures
		c.Start()
		synctest.Wait()
		story(t, c)
	}, members...)
}

func TestAMemberThatFailsTenTimesInARowIsDisabledOnceAndCaughtUpWhenItIsFit(t *testing.T) {
	for situation, fault := range map[string]clustertest.Fault{
		"it is dead":                          {Down: true},
		"it takes commands and never answers": {Hang: true},
		"it answers no DNS questions":         {Mute: true},
		"it refuses commands":                 {Denied: true},
		"it gives signs of life, and goes away at every step": {StepFails: func(member.Step) error {
			return fmt.Errorf("%w: connection reset", member.ErrAway)
		}},
	} {
		t.Run(situation, func(t *testing.T) {
			withThreshold(t, 10, func(t *testing.T, c *clustertest.Cluster) {
				sick := c.Member("ns2")
				for i := range 50 {
					c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
				}
				time.Sleep(time.Minute)
				sick.SetFault(fault)
				for i := range 20 { // a change and a new zone a minute
					c.Put("z3.example.")
					c.Put(zone.Name(fmt.Sprintf("new%d.example.", i)))
					time.Sleep(time.Minute)
				}
				want := []string{"ns2 crossed the threshold with 10 failures"}
				if told := c.Told(); !slices.Equal(told, want) {
					t.Errorf("told %q, want %q", told, want)
				}
				if s := c.Loop().Status("ns2"); s.Failures < 10 || s.LastError == "" || s.Reachable || s.Zones != 70 || s.Unknown != 70 {
					t.Errorf("status: %+v", s)
				}
				last := c.Put("z4.example.")
				if r := c.Wait(last, time.Minute); !r.Complete || len(r.Members) != 2 || r.Members[1].State != skein.StateHeld {
					t.Errorf("nobody waits for it: %+v", r)
				}
				sick.SetFault(clustertest.Fault{})
				time.Sleep(6 * time.Minute)
				if told := c.Told(); !slices.Equal(told, []string{"ns2 recovered"}) {
					t.Errorf("told %q", told)
				}
				converged(t, c)
			}, "ns1", "ns2")
		})
	}
}

// A sign of life is no success: what goes away at each step is tried as
// rarely as what is dead, and one step that it takes makes it well.
func TestAMemberThatGoesAwayAtEachStepIsNotHammered(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		steps := 0
		c.Member("ns1").SetFault(clustertest.Fault{StepFails: func(member.Step) error {
			steps++
			return fmt.Errorf("%w: connection reset", member.ErrAway)
		}})
		z := c.Put("example.com.")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if steps < 10 || steps > 25 {
			t.Errorf("%d steps in ten minutes", steps)
		}
		if s := c.Loop().Status("ns1"); s.Failures != steps || !strings.Contains(s.LastError, "connection reset") {
			t.Errorf("status after %d steps: %+v", steps, s)
		}
		c.Member("ns1").SetFault(clustertest.Fault{})
		c.Wait(z, 2*time.Minute)
		if s := c.Loop().Status("ns1"); s.Failures != 0 || s.LastError != "" {
			t.Errorf("status of what is well: %+v", s)
		}
	}, "ns1")
}

// The work of a return follows what changed, not what there is.
func TestWhatTheThresholdDisabledGoesOnFromItsPlace(t *testing.T) {
	withThreshold(t, 10, func(t *testing.T, c *clustertest.Cluster) {
		c.Kill()
		c.Config = func(cfg *reconcile.Config) { cfg.AuditPeriod = 24 * time.Hour }
		c.Start()
		last := c.PutMany(2000)
		c.Wait(last, time.Minute)
		time.Sleep(10 * time.Second)
		sick := c.Member("ns1")
		sick.SetFault(clustertest.Fault{Down: true})
		for i := range 20 {
			last = c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
		}
		time.Sleep(30 * time.Minute)
		if state := c.Row("ns1").State; state != skein.MemberDisabledThreshold {
			t.Fatalf("it is %s", state)
		}
		sick.SetFault(clustertest.Fault{})
		sick.Told()
		asked := sick.Asked()
		time.Sleep(5*time.Minute + 10*time.Second)
		if told := sick.Told(); len(told) != 20 {
			t.Errorf("told %q", actions(told))
		}
		if n := sick.Asked() - asked; n > 20*4 {
			t.Errorf("%d questions", n)
		}
		converged(t, c)
	}, "ns1")
}

func TestFewerFailuresThanTheThresholdDisableNobody(t *testing.T) {
	withThreshold(t, 10, func(t *testing.T, c *clustertest.Cluster) {
		for range 30 {
			c.Member("ns1").SetFault(clustertest.Fault{Down: true})
			z := c.Put("example.com.")
			time.Sleep(2 * time.Minute) // a reboot: 8 failures
			if n := c.Loop().Status("ns1").Failures; n < 5 || n > 9 {
				t.Fatalf("%d failures in two minutes", n)
			}
			c.Member("ns1").SetFault(clustertest.Fault{})
			c.Wait(z, 2*time.Minute)
		}
		if told := c.Told(); len(told) > 0 {
			t.Errorf("told %q", told)
		}
	}, "ns1")
}

// One zone that cannot be had is that zone's failure, not the member's.
func TestAZoneThatFailsDoesNotDisableItsMember(t *testing.T) {
	for situation, fault := range map[string]clustertest.Fault{
		"failed": {StepFails: func(s member.Step) error {
			if s.Zone == "bad.example." {
				return errors.New("out of range")
			}
			return nil
		}},
		"failed but done": {StepDoneThen: func(s member.Step) error {
			if s.Zone == "bad.example." {
				return errors.New("disk full")
			}
			return nil
		}},
	} {
		t.Run(situation, func(t *testing.T) {
			withThreshold(t, 3, func(t *testing.T, c *clustertest.Cluster) {
				c.Member("ns1").SetFault(fault)
				c.Put("bad.example.")
				time.Sleep(time.Hour)
				if told := c.Told(); len(told) > 0 {
					t.Errorf("told %q", told)
				}
				c.Wait(c.Put("good.example."), time.Minute)
			}, "ns1")
		})
	}
}

func TestWhatIsNeverDisabled(t *testing.T) {
	for situation, row := range map[string]struct {
		threshold int
		state     skein.MemberState
	}{
		"one that is to be kept online":     {0, skein.MemberEnabled},
		"one that is observed":              {10, skein.MemberObserved},
		"one that a person disabled before": {10, skein.MemberDisabled},
	} {
		t.Run(situation, func(t *testing.T) {
			withThreshold(t, row.threshold, func(t *testing.T, c *clustertest.Cluster) {
				c.Put("example.com.")
				time.Sleep(time.Minute)
				c.SetState("ns1", row.state)
				c.Member("ns1").SetFault(clustertest.Fault{Down: true})
				c.Put("example.com.")
				time.Sleep(5 * time.Hour)
				if told := c.Told(); len(told) > 0 || c.Row("ns1").State != row.state {
					t.Errorf("told %q", told)
				}
				c.Member("ns1").SetFault(clustertest.Fault{})
				time.Sleep(5 * time.Hour)
				if told := c.Told(); len(told) > 0 || c.Row("ns1").State != row.state {
					t.Errorf("told %q", told)
				}
			}, "ns1")
		})
	}
}

func TestADisabledMemberIsTriedEverFiveMinutesOrNever(t *testing.T) {
	for situation, row := range map[string]struct {
		automatic   bool
		least, most int // tries in an hour
	}{
		"automatic": {true, 12, 17},
		"manual":    {false, 0, 0},
	} {
		t.Run(situation, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				synctest.Wait()
				c.Loop().SetThreshold(10, row.automatic)
				c.Member("ns1").SetFault(clustertest.Fault{Down: true})
				c.SetState("ns1", skein.MemberDisabledThreshold)
				before := c.Member("ns1").Knocked()
				time.Sleep(time.Hour)
				if n := c.Member("ns1").Knocked() - before; n < row.least || n > row.most {
					t.Errorf("%d tries in an hour", n)
				}
				c.Member("ns1").SetFault(clustertest.Fault{})
				time.Sleep(6 * time.Minute)
				if back := c.Row("ns1").State == skein.MemberEnabled; back != row.automatic {
					t.Errorf("fit again, it is %s", c.Row("ns1").State)
				}
			}, "ns1")
		})
	}
}

// A member that nothing is asked of any more is found to answer again.
func TestASilentMemberIsFoundToAnswerAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		m := c.Member("ns1")
		m.SetFault(clustertest.Fault{Mute: true})
		z := c.Put("example.com.")
		time.Sleep(time.Minute)
		c.Store.Delete("example.com.")
		z.Deleted = true
		if s := c.Loop().Status("ns1"); s.LastError == "" {
			t.Errorf("its silence is not noticed: %+v", s)
		}
		m.SetFault(clustertest.Fault{})
		time.Sleep(2 * time.Minute)
		if s := c.Loop().Status("ns1"); s.LastError != "" || s.Failures != 0 {
			t.Errorf("it answers again: %+v", s)
		}
	}, "ns1")
}
