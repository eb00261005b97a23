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
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

// inBubble runs a story about a cluster in synthetic time.
func inBubble(t *testing.T, story func(t *testing.T, c *clustertest.Cluster), members ...string) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clustertest.New(t, members...)
		defer c.Kill()
		story(t, c)
		for _, name := range members {
			if said := c.Member(name).Overheard(); len(said) > 0 {
				t.Errorf("%s was told while it must not be: %v", name, said)
			}
			if back := c.Member(name).WentBack(); len(back) > 0 {
				t.Errorf("promise 2: %s was given older contents: %v", name, back)
			}
		}
	})
}

func converged(t *testing.T, c *clustertest.Cluster) {
	t.Helper()
	if drift := c.Drift(); len(drift) > 0 {
		t.Errorf("%d not in step: %v", len(drift), drift[:min(len(drift), 20)])
	}
}

func actions(steps []member.Step) (a []string) {
	for _, s := range steps {
		a = append(a, string(s.Action)+" "+string(s.Zone))
	}
	return a
}

func TestAZoneIsAddedUpdatedAndDeletedOnTwoMembers(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		z := c.Put("example.com.")
		began := time.Now()
		r := c.Wait(z, time.Minute)
		if !r.Complete || len(r.Members) != 2 || r.Members[0].State != skein.StateVerified || r.Members[0].Told.IsZero() || r.Members[0].Verified.IsZero() {
			t.Errorf("receipt after the first push: %+v", r)
		}
		if took := time.Since(began); took > 20*time.Millisecond {
			t.Errorf("the push took %s of synthetic time", took)
		}
		c.Wait(c.Put("example.com."), time.Minute)
		r = c.Wait(c.Delete("example.com."), time.Minute)
		if !r.Complete || r.Members[1].State != skein.StateAbsent {
			t.Errorf("receipt after the deletion: %+v", r)
		}
		want := []string{"add example.com.", "notify example.com.", "delete example.com."}
		for _, name := range []string{"ns1", "ns2"} {
			if got := actions(c.Member(name).Told()); !slices.Equal(got, want) {
				t.Errorf("%s was told %q, want %q", name, got, want)
			}
		}
		converged(t, c)
	}, "ns1", "ns2")
}

func TestTheCaseOfAZonesNameDoesNotMatter(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		z := c.Store.Put("example.com.")
		c.Primary.Serve(z)
		z.Name = "Example.COM."
		if r := c.Wait(z, time.Minute); !r.Complete {
			t.Errorf("receipt: %+v", r)
		}
	}, "ns1")
}

func TestNothingIsAnnouncedBeforeItIsServed(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		z := c.Store.Put("late.example.")
		time.Sleep(5 * time.Second)
		if told := c.Member("ns1").Told(); len(told) > 0 {
			t.Errorf("told %v before the primary serves it", told)
		}
		c.Primary.Serve(z)
		c.Wait(z, time.Minute)
		c.Member("ns1").Told()
		z = c.Store.Put("late.example.")
		time.Sleep(5 * time.Second)
		if told := c.Member("ns1").Told(); len(told) > 0 {
			t.Errorf("told %v before the primary serves the change", told)
		}
		c.Primary.Serve(z)
		c.Wait(z, time.Minute)
	}, "ns1")
}

func TestPromise5_AMemberAwayGetsTheNewestOnceAndNothingElse(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(20)
		c.Wait(last, time.Minute)
		time.Sleep(time.Minute)
		away := c.Member("ns2")
		away.Told()
		away.SetFault(clustertest.Fault{Down: true})
		for range 1000 {
			last = c.Put("z3.example.")
			time.Sleep(100 * time.Millisecond)
		}
		if s := c.Loop().Status("ns2"); s.Reachable || s.Failures == 0 || s.LastError == "" || s.Pending != 1 {
			t.Errorf("status while away: %+v", s)
		}
		away.SetFault(clustertest.Fault{})
		c.Wait(last, 2*time.Minute)
		if got := actions(away.Told()); !slices.Equal(got, []string{"notify z3.example."}) {
			t.Errorf("after its return it was told %q", got)
		}
		if s := c.Loop().Status("ns2"); !s.Reachable || s.Failures != 0 || s.LastError != "" || s.Verified != 20 {
			t.Errorf("status after its return: %+v", s)
		}
		converged(t, c)
	}, "ns1", "ns2")
}

func TestPromise6_ASickMemberDelaysNobody(t *testing.T) {
	for name, row := range map[string]struct {
		fault   clustertest.Fault
		reached bool // its commands still work
	}{
		"it takes commands and never answers": {clustertest.Fault{Hang: true}, false},
		"it is dead":                          {clustertest.Fault{Down: true}, false},
		"it answers no DNS questions":         {clustertest.Fault{Mute: true}, true},
		"it refuses commands":                 {clustertest.Fault{Denied: true}, true},
		"it takes a second for each command":  {clustertest.Fault{StepTime: time.Second}, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				synctest.Wait()
				c.Member("ns2").SetFault(row.fault)
				for i := range 50 {
					z := c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
					began := time.Now()
					if _, err := c.Loop().Wait(t.Context(), z, "1"); err != nil {
						t.Fatal(err)
					}
					if took := time.Since(began); took > 20*time.Millisecond {
						t.Fatalf("ns1 had to wait %s for ns2", took)
					}
				}
				time.Sleep(time.Minute)
				s := c.Loop().Status("ns2")
				if s.Reachable != row.reached || row.fault.StepTime == 0 && s.LastError == "" {
					t.Errorf("what is wrong with it is not noticed: %+v", s)
				}
				c.Member("ns2").SetFault(clustertest.Fault{})
				time.Sleep(5 * time.Minute)
				converged(t, c)
			}, "ns1", "ns2")
		})
	}
}

// The work of a change follows the change, however many zones there are.
func TestAChangeOfOneZoneLooksAtNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(3000)
		c.Wait(last, time.Minute)
		time.Sleep(10 * time.Second)
		c.Member("ns1").Told()
		asked, handed := c.Member("ns1").Asked(), c.Store.Handed()
		for range 10 {
			c.Wait(c.Put("z7.example."), 50*time.Millisecond)
		}
		if n := c.Member("ns1").Asked() - asked; n > 10*4 {
			t.Errorf("%d questions for ten changes", n)
		}
		if n := c.Store.Handed() - handed; n > 10+64 { // and a page of the audit, which goes on meanwhile
			t.Errorf("%d entries of the feed were read for ten changes", n)
		}
		if told := actions(c.Member("ns1").Told()); len(told) != 10 {
			t.Errorf("told %q", told)
		}
	}, "ns1")
}

// A zone that changes hands is served as it was: no member hears of it.
func TestPromise5_ATakeoverTellsNoMember(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(500)
		c.Wait(last, time.Minute)
		time.Sleep(10 * time.Second)
		c.Member("ns1").Told()
		asked := c.Member("ns1").Asked()
		for i := range 500 {
			last = c.Store.Take(zone.Name(fmt.Sprintf("z%d.example.", i)))
		}
		c.Wait(last, 10*time.Millisecond)
		if r := c.Loop().Receipt(last); !r.Complete || r.Revision != last.Revision {
			t.Errorf("receipt: %+v", r)
		}
		time.Sleep(30 * time.Second)
		if told := c.Member("ns1").Told(); len(told) > 0 {
			t.Errorf("told %q", actions(told))
		}
		if n := c.Member("ns1").Asked() - asked; n > 64 { // a page of the audit, which goes on meanwhile
			t.Errorf("%d questions", n)
		}

		// While contents are on their way, they stay that.
		c.Member("ns1").SetFault(clustertest.Fault{StepTime: 50 * time.Millisecond, TransferTime: time.Second})
		c.Put("z1.example.")
		c.Put("z2.example.")
		time.Sleep(20 * time.Millisecond)
		c.Store.Take("z1.example.")
		z := c.Store.Take("z2.example.")
		c.Wait(z, time.Minute)
		time.Sleep(30 * time.Second)
		if told := actions(c.Member("ns1").Told()); len(told) != 2 {
			t.Errorf("told %q", told)
		}
		converged(t, c)
	}, "ns1")
}

func TestAMemberThatIsAwayIsKnockedAtEverLessOftenUpToAMinute(t *testing.T) {
	for name, row := range map[string]struct {
		jitter      float64
		least, most int // knocks in an hour
	}{
		"without jitter": {0, 60, 67},
		"with much":      {0.999, 115, 135},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := clustertest.NewOver(t, func(cfg *reconcile.Config) { cfg.Rand = func() float64 { return row.jitter } }, "ns1")
				defer c.Kill()
				synctest.Wait()
				c.Member("ns1").SetFault(clustertest.Fault{Down: true})
				z := c.Put("example.com.")
				before := c.Member("ns1").Knocked()
				time.Sleep(time.Hour)
				if n := c.Member("ns1").Knocked() - before; n < row.least || n > row.most {
					t.Errorf("%d knocks in an hour, want %d to %d", n, row.least, row.most)
				}
				c.Member("ns1").SetFault(clustertest.Fault{})
				c.Wait(z, time.Minute+time.Second)
			})
		})
	}
}

func TestEventsTellOfChangesAndThenOfMembers(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		events, stop := c.Loop().Subscribe()
		defer stop()
		made := c.Put("example.com.")
		c.Wait(made, time.Minute)
		changed := c.Put("example.com.")
		c.Wait(changed, time.Minute)
		gone := c.Delete("example.com.")
		c.Wait(gone, time.Minute)
		synctest.Wait()
		var got []string
		for len(events) > 0 {
			e := <-events
			got = append(got, fmt.Sprintf("%d %s %s%s", e.Revision, e.Kind, e.State, e.Member))
		}
		want := []string{
			"1 zone created", "1 zone pendingns1", "1 zone toldns1", "1 zone verifiedns1",
			"2 zone changed", "2 zone pendingns1", "2 zone toldns1", "2 zone verifiedns1",
			"3 zone deleted", "3 zone pendingns1", "3 zone toldns1", "3 zone absentns1",
		}
		if !slices.Equal(got, want) {
			t.Errorf("told\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	}, "ns1")
}

func TestAZoneThatMissedItsFirstTransferIsRetransferred(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		c.Member("ns1").SetFault(clustertest.Fault{NeverLoads: func(zone.Name) bool { return true }})
		z := c.Put("example.com.")
		c.Wait(z, 10*time.Second)
		want := []string{"add example.com.", "retransfer example.com."}
		if got := actions(c.Member("ns1").Told()); !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	}, "ns1")
}

func TestAForeignZoneIsLeftAloneAndSaidSo(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		c.Member("ns1").SetForeign("theirs.example.", 77)
		z := c.Put("theirs.example.")
		time.Sleep(time.Minute)
		r := c.Loop().Receipt(z)
		if r.Complete || r.Members[0].State != skein.StateForeign || r.Members[0].Reason == "" {
			t.Errorf("receipt: %+v", r)
		}
		if serial, ok := c.Member("ns1").Foreign("theirs.example."); !ok || serial != 77 {
			t.Error("the foreign zone was touched")
		}
		for _, row := range []struct {
			state skein.ZoneState
			after zone.Name
			limit int
			want  []zone.Name
		}{
			{skein.StateForeign, "", 10, []zone.Name{"theirs.example."}},
			{skein.StateBehind, "a.example.", 1, []zone.Name{"theirs.example."}},
			{skein.StateBehind, "Theirs.example.", 10, nil},
			{skein.StateBehind, "", 0, nil},
			{skein.StateFailed, "", 10, nil},
		} {
			if got := c.Loop().InState([]string{"ns1", "nosuch"}, row.state, row.after, row.limit); !slices.Equal(got, row.want) {
				t.Errorf("%s after %q, at most %d: %v, want %v", row.state, row.after, row.limit, got, row.want)
			}
		}
		c.Member("ns1").Drop("theirs.example.") // they moved it away
		c.Wait(z, 15*time.Minute)
	}, "ns1")
}

// Whoever changes a zone need not wait for the next look at what was foreign.
func TestAForeignZoneIsAskedForAgainWhenItChanges(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		c.Member("ns1").SetForeign("theirs.example.", 77)
		z := c.Put("theirs.example.")
		for range 2 { // it is, and then it is not
			time.Sleep(time.Minute)
			if got := stateOf(c, "ns1", z); !strings.HasPrefix(got, "foreign: ") {
				t.Errorf("it is %s", got)
			}
			z = c.Put("theirs.example.")
		}
		c.Member("ns1").SetFault(clustertest.Fault{StepTime: 10 * time.Second})
		z = c.Put("theirs.example.")
		time.Sleep(5 * time.Second)
		if got := stateOf(c, "ns1", z); !strings.HasPrefix(got, "foreign: ") {
			t.Errorf("while it is asked for it is %s", got)
		}
		c.Member("ns1").SetFault(clustertest.Fault{})
		c.Member("ns1").Drop("theirs.example.") // they moved it away
		c.Wait(c.Put("theirs.example."), 20*time.Second)
		converged(t, c)
	}, "ns1")
}

// A driver that cannot tell whose a zone is, as while our own nameserver starts,
// is asked again soon. Meanwhile the zone is nobody else's.
func TestAZoneWhoseOwnerCannotBeToldIsAskedForAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		z := c.Put("example.com.")
		c.Wait(z, time.Minute)
		m := c.Member("ns1")
		m.Told()
		m.SetFault(clustertest.Fault{Unclear: func(zone.Name) bool { return true }})
		if err := c.Loop().Recheck(t.Context(), "ns1", nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := stateOf(c, "ns1", z); got != "pending: whose the zone there is cannot be told at the moment" {
			t.Errorf("it is %s", got)
		}
		plan, err := c.Loop().Plan(t.Context(), c.Row("ns1"), skein.MemberSecrets{})
		if err != nil || plan.Unknown != 1 || plan.Foreign != 0 {
			t.Errorf("plan %+v, %v", plan, err)
		}
		m.SetFault(clustertest.Fault{})
		c.Wait(z, 10*time.Second)
		if told := m.Told(); len(told) > 0 {
			t.Errorf("told %q", actions(told))
		}
	}, "ns1")
}

func TestANewMemberGetsTheZonesThatExist(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(3000)
		c.Delete("z7.example.")
		c.Wait(last, time.Minute)
		row := c.Add("ns2")
		c.Member("ns2").SetForeign("z5.example.", 1) // happens to have the serial that we want
		c.Set(row)
		c.Wait(last, time.Minute)
		time.Sleep(10 * time.Second)
		converged(t, c)
		if s := c.Loop().Status("ns2"); s.Zones != 2999 || s.Verified != 2998 || s.Failed != 1 {
			t.Errorf("status: %+v", s)
		}
	}, "ns1")
}

func TestKilledBetweenAckAndPushTheNextLoopPushes(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("a.example."), time.Minute)
		c.Put("b.example.")
		c.Kill()
		c.Member("ns1").Told()
		z := c.Put("c.example.")
		gone := c.Delete("a.example.")
		c.Start()
		c.Wait(z, time.Minute)
		c.Wait(gone, time.Minute)
		time.Sleep(time.Second)
		converged(t, c)
	}, "ns1", "ns2")
}

func TestARestartAsksForNothingThatIsInStep(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(100)
		c.Wait(last, time.Minute)
		time.Sleep(time.Second)
		c.Kill()
		asked := c.Member("ns1").Asked()
		c.Member("ns1").Told()
		c.Start()
		time.Sleep(5 * time.Second)
		if r := c.Loop().Receipt(last); !r.Complete {
			t.Errorf("receipt: %+v", r)
		}
		if told := c.Member("ns1").Told(); len(told) > 0 || c.Member("ns1").Asked() != asked {
			t.Errorf("the restart told %v and asked %d questions", told, c.Member("ns1").Asked()-asked)
		}
	}, "ns1")
}

// A member that lost its zones and is well otherwise is filled again as soon as
// one of them is missed, not as the audit comes round.
func TestAWipedMemberIsFilledAgainOnceAZoneIsMissed(t *testing.T) {
	const zones = 1000
	for situation, row := range map[string]struct {
		notice func(c *clustertest.Cluster)
		within time.Duration
	}{
		"a zone of it changes":    {func(c *clustertest.Cluster) { c.Put("z7.example.") }, 30 * time.Second},
		"the audit comes by":      {func(*clustertest.Cluster) {}, time.Minute},
		"it comes by after a day": {func(*clustertest.Cluster) { time.Sleep(24 * time.Hour) }, time.Minute},
	} {
		t.Run(situation, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				last := c.PutMany(zones)
				c.Wait(last, time.Minute)
				time.Sleep(time.Minute)
				c.Member("ns1").Forget()
				row.notice(c)
				time.Sleep(row.within)
				if there := len(c.Member("ns1").Serving()); there != zones {
					t.Errorf("%d of %d zones are there again", there, zones)
				}
				converged(t, c)
			}, "ns1")
		})
	}
}

// Whoever takes zones away one by one has all looked at once a round.
func TestSingleZonesThatAreMissedCostOneLookARound(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(2000)
		c.Wait(last, time.Minute)
		time.Sleep(time.Minute)
		asked := c.Member("ns1").Asked()
		for i := range 8 { // eight minutes
			name := zone.Name(fmt.Sprintf("z%d.example.", i))
			c.Member("ns1").Drop(name)
			c.Wait(c.Put(name), time.Minute)
			time.Sleep(time.Minute)
		}
		if n := c.Member("ns1").Asked() - asked; n < 2000 || n > 2*2000+500 { // a look, and most of a round of the audit
			t.Errorf("%d questions", n)
		}
		converged(t, c)
	}, "ns1")
}
