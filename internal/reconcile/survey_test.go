package reconcile_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// surprise puts what a plan may find on a member that is disabled: zones zN
// are ours, at serial 1.
func surprise(c *clustertest.Cluster) {
	m := c.Member("ns1")
	m.Drop("z1.example.")
	m.SetSerial("z2.example.", 4294967290)
	m.SetSerial("z3.example.", 7)
	m.SetForeign("z4.example.", 1)
	c.Delete("z5.example.")
}

func disabledWithZones(t *testing.T, story func(t *testing.T, c *clustertest.Cluster)) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(700)
		c.Wait(last, time.Minute)
		time.Sleep(5 * time.Second)
		c.SetState("ns1", skein.MemberDisabled)
		surprise(c)
		time.Sleep(time.Second)
		story(t, c)
		c.Member("ns1").Overheard() // the questions that plans ask
		if told := c.Member("ns1").Told(); len(told) > 700 {
			t.Errorf("a plan told %v", actions(told[700:]))
		}
	}, "ns1")
}

func TestAPlanSaysWhatWritingWouldDo(t *testing.T) {
	disabledWithZones(t, func(t *testing.T, c *clustertest.Cluster) {
		plan, err := c.Loop().Plan(t.Context(), c.Row("ns1"), skein.MemberSecrets{})
		if err != nil {
			t.Fatal(err)
		}
		examples := map[zone.Name]string{}
		for _, e := range plan.Examples {
			examples[e.Zone] = fmt.Sprintf("%s %d over %d: %s", e.Action, e.Ours, e.Theirs, e.Reason)
		}
		want := map[zone.Name]string{
			"z1.example.": "add 1 over 0: ",
			"z2.example.": "replace 1 over 4294967290: ",
			"z3.example.": "leave 1 over 7: it serves serial 7, beyond our 1: someone else changes the zone there, or our store went back; it keeps what it has until the zone gets a serial after that",
			"z4.example.": "leave 1 over 1: the member has a zone of that name that is not Skein's; it was left alone",
			"z5.example.": "delete 1 over 1: ",
		}
		if !maps.Equal(examples, want) {
			t.Errorf("examples %q", examples)
		}
		plan.Examples = nil
		if diff := cmp.Diff(skein.MemberPlan{Member: "ns1", Zones: 699, Add: 1, Replace: 1, Same: 695, Foreign: 1, Delete: 1, Ahead: 1}, plan); diff != "" {
			t.Errorf("plan (-want +got):\n%s", diff)
		}
	})
}

func TestAPlanKeepsAFewExamplesOfEachKind(t *testing.T) {
	disabledWithZones(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Member("ns1").Forget()
		plan, err := c.Loop().Plan(t.Context(), c.Row("ns1"), skein.MemberSecrets{})
		if err != nil || plan.Add != 699 || len(plan.Examples) != 20 {
			t.Errorf("%d to add, %d examples, %v", plan.Add, len(plan.Examples), err)
		}
	})
}

// A plan that cannot say whose the zones are is none; one of a member that
// answers no DNS says so.
func TestAPlanOfAMemberThatDoesNotTell(t *testing.T) {
	for situation, row := range map[string]struct {
		fault   clustertest.Fault
		unknown int
		fails   bool
	}{
		"it refuses commands":         {clustertest.Fault{Denied: true}, 0, true},
		"it answers no DNS questions": {clustertest.Fault{Mute: true}, 700, false},
	} {
		t.Run(situation, func(t *testing.T) {
			disabledWithZones(t, func(t *testing.T, c *clustertest.Cluster) {
				c.Member("ns1").SetFault(row.fault)
				plan, err := c.Loop().Plan(t.Context(), c.Row("ns1"), skein.MemberSecrets{})
				if (err != nil) != row.fails || plan.Unknown != row.unknown {
					t.Errorf("%+v %v", plan, err)
				}
			})
		})
	}
}

func TestCompareTellsOfEachZoneThatDiffers(t *testing.T) {
	disabledWithZones(t, func(t *testing.T, c *clustertest.Cluster) {
		steps, err := c.Loop().Compare(t.Context(), "ns1", []zone.Name{"z0.example.", "Z1.example.", "z2.example.", "z3.example.", "z4.example.", "z5.example.", "never.example."})
		var got []string
		for _, s := range steps {
			got = append(got, s.Action+" "+string(s.Zone))
		}
		want := []string{"add z1.example.", "replace z2.example.", "leave z3.example.", "leave z4.example.", "delete z5.example."}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q %v", got, err)
		}
	})
}

func TestQuestionsThatAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		many := make([]zone.Name, 1001)
		_, unknown := c.Loop().Compare(t.Context(), "nobody", nil)
		_, tooMany := c.Loop().Compare(t.Context(), "ns1", many)
		c.SetState("ns1", skein.MemberDisabled)
		for situation, row := range map[string]struct {
			err  error
			kind skein.Kind
		}{
			"a member that there is none of":  {unknown, skein.KindNotFound},
			"too many names":                  {tooMany, skein.KindInvalid},
			"a look at one that is disabled":  {c.Loop().Recheck(t.Context(), "ns1", nil), skein.KindUnavailable},
			"too many names to look at again": {c.Loop().Recheck(t.Context(), "ns1", many), skein.KindInvalid},
		} {
			var e *skein.Error
			if !errors.As(row.err, &e) || e.Kind != row.kind {
				t.Errorf("%s: %v", situation, row.err)
			}
		}
	}, "ns1")
}

func TestRecheckMendsAtOnceWhatTheAuditWouldFindLater(t *testing.T) {
	for situation, names := range map[string][]zone.Name{
		"two zones": {"z1.example.", "Z2.Example.", "gone.example."},
		"all zones": nil,
	} {
		t.Run(situation, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				c.Kill()
				c.Config = func(cfg *reconcile.Config) { cfg.AuditPeriod = 1000 * time.Hour }
				c.Start()
				last := c.PutMany(600)
				c.Wait(last, time.Minute)
				c.Wait(c.Put("gone.example."), time.Minute)
				c.Wait(c.Delete("gone.example."), time.Minute)
				time.Sleep(10 * time.Second)
				m := c.Member("ns1")
				m.Told()
				m.Drop("z1.example.")
				m.SetSerial("z2.example.", 4294967290)
				m.Own("gone.example.", 1)
				time.Sleep(time.Minute)
				if told := m.Told(); len(told) > 0 {
					t.Fatalf("told %q before anybody asked for it", actions(told))
				}
				if err := c.Loop().Recheck(t.Context(), "ns1", names); err != nil {
					t.Fatal(err)
				}
				time.Sleep(20 * time.Second)
				converged(t, c)
				if told := m.Told(); len(told) < 3 || len(told) > 4 {
					t.Errorf("told %q", actions(told))
				}
			}, "ns1")
		})
	}
}

// A Recheck waits while there is too much to do, and ends with its context.
func TestRecheckIsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Kill()
		c.Config = func(cfg *reconcile.Config) {
			cfg.AuditPeriod = 1000 * time.Hour
			reconcile.Bound(cfg, 520, 520)
		}
		c.Start()
		var names []zone.Name
		for i := range 600 {
			names = append(names, zone.Name(fmt.Sprintf("z%d.example.", i)))
			c.Put(names[i])
		}
		time.Sleep(time.Minute)
		converged(t, c)
		c.Member("ns1").Forget()
		c.Member("ns1").SetFault(clustertest.Fault{StepTime: 100 * time.Millisecond})
		done := make(chan error)
		go func() { done <- c.Loop().Recheck(t.Context(), "ns1", names) }()
		for range 20 {
			time.Sleep(time.Second)
			if kept, _ := c.Loop().Kept("ns1"); kept > 520 {
				t.Fatalf("%d zones in work", kept)
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Minute)
		converged(t, c)
	}, "ns1")
}

func TestAConflictIsToldWhenItBeginsAndWhenItIsOver(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("example.com."), time.Minute)
		time.Sleep(time.Minute)
		c.Member("ns1").SetSerial("example.com.", 20)
		time.Sleep(25 * time.Minute) // the audit finds it
		is := map[string]uint32{"ns1 example.com.": 20}
		if got := c.Conflicts(); !maps.Equal(got, is) {
			t.Errorf("conflicts %v", got)
		}
		if s := c.Loop().Status("ns1"); s.Ahead != 1 || s.Stale != 1 {
			t.Errorf("status: %+v", s)
		}
		c.Kill()
		c.Start()
		time.Sleep(25 * time.Minute)
		if got := c.Conflicts(); !maps.Equal(got, is) || c.Loop().Status("ns1").Ahead != 1 {
			t.Errorf("conflicts after a restart %v", got)
		}
		c.Member("ns1").SetSerial("example.com.", 30)
		time.Sleep(25 * time.Minute)
		if got := c.Conflicts()["ns1 example.com."]; got != 30 {
			t.Errorf("it goes on: %d", got)
		}
		for range 40 { // ours is put above theirs
			c.Put("example.com.")
		}
		c.Wait(c.Put("example.com."), time.Minute)
		synctest.Wait()
		if got := c.Conflicts(); len(got) > 0 || c.Loop().Status("ns1").Ahead != 0 {
			t.Errorf("conflicts after a later serial: %v", got)
		}
		converged(t, c)

		c.Member("ns1").SetSerial("example.com.", 99)
		time.Sleep(25 * time.Minute)
		c.Member("ns1").Drop("example.com.") // whoever it was takes it away
		time.Sleep(25 * time.Minute)
		if got := c.Conflicts(); len(got) > 0 {
			t.Errorf("conflicts after it is gone: %v", got)
		}
	}, "ns1")
}
