package reconcile_test

import (
	"context"
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

// once returns a fault hook that fails the first step of an action.
func once(action member.Action, err error) func(member.Step) error {
	failed := false
	return func(s member.Step) error {
		if s.Action != action || failed {
			return nil
		}
		failed = true
		return err
	}
}

func TestAStepFailsOrIsDoneAndThenFails(t *testing.T) {
	away := fmt.Errorf("%w: connection reset", member.ErrAway)
	broken := errors.New("out of memory")
	for _, action := range []member.Action{member.ActionAdd, member.ActionDelete} {
		for name, fault := range map[string]func() clustertest.Fault{
			"fails":                       func() clustertest.Fault { return clustertest.Fault{StepFails: once(action, broken)} },
			"is done and then fails":      func() clustertest.Fault { return clustertest.Fault{StepDoneThen: once(action, broken)} },
			"fails, connection lost":      func() clustertest.Fault { return clustertest.Fault{StepFails: once(action, away)} },
			"is done and connection lost": func() clustertest.Fault { return clustertest.Fault{StepDoneThen: once(action, away)} },
		} {
			t.Run(string(action)+" "+name, func(t *testing.T) {
				inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
					synctest.Wait()
					c.Member("ns1").SetFault(fault())
					c.Wait(c.Put("a.example."), time.Minute)
					c.Wait(c.Put("b.example."), time.Minute)
					c.Wait(c.Delete("a.example."), time.Minute)
					converged(t, c)
					if s := c.Loop().Status("ns1"); s.Failures != 0 || s.LastError != "" || s.Failed != 0 {
						t.Errorf("status: %+v", s)
					}
				}, "ns1")
			})
		}
	}
}

func TestAMemberThatRefusesIsMarkedWithTheMendAndNotHammered(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		steps := 0
		c.Member("ns1").SetFault(clustertest.Fault{StepFails: func(member.Step) error {
			steps++
			return fmt.Errorf("%w: the view has allow-new-zones off; set it to yes", member.ErrDenied)
		}})
		var z skein.Zone
		for i := range 500 {
			z = c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
		}
		time.Sleep(10 * time.Minute)
		r, s := c.Loop().Receipt(z), c.Loop().Status("ns1")
		if s.Failures == 0 || !strings.Contains(s.LastError, "allow-new-zones") || r.Members[0].State == skein.StateVerified {
			t.Errorf("status %+v, receipt %+v", s, r)
		}
		if steps > 600 {
			t.Errorf("it was asked %d times in ten minutes", steps)
		}
		c.Member("ns1").SetFault(clustertest.Fault{})
		time.Sleep(5 * time.Minute)
		converged(t, c)
		if s := c.Loop().Status("ns1"); s.LastError != "" {
			t.Errorf("status: %+v", s)
		}
	}, "ns1")
}

// What a member refused is on its page while there is something that it refused;
// a zone that is wanted no more takes that with it, though the member is not
// spoken to for it.
func TestWhatWasRefusedIsForgottenWithTheLastZone(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		refused := func() (failures int, text string) {
			time.Sleep(5 * time.Minute)
			synctest.Wait()
			s := c.Loop().Status("ns1")
			return s.Failures, s.LastError
		}
		c.Wait(c.Put("before.example."), time.Minute)
		c.Member("ns1").SetFault(clustertest.Fault{StepFails: func(member.Step) error {
			return fmt.Errorf("%w: the view has allow-new-zones off; set it to yes", member.ErrDenied)
		}})
		c.Put("a.example.")
		c.Put("b.example.")
		if n, text := refused(); n == 0 || !strings.Contains(text, "allow-new-zones") {
			t.Errorf("two zones are refused: %d failures, %q", n, text)
		}
		c.Delete("a.example.")
		if n, text := refused(); n == 0 || !strings.Contains(text, "allow-new-zones") {
			t.Errorf("one of them is deleted: %d failures, %q", n, text)
		}
		c.Delete("b.example.")
		if n, text := refused(); n != 0 || text != "" {
			t.Errorf("none of them is wanted any more: %d failures, %q", n, text)
		}
		c.Put("c.example.")
		if n, text := refused(); n == 0 || !strings.Contains(text, "allow-new-zones") {
			t.Errorf("the next one is refused as well: %d failures, %q", n, text)
		}
		c.Member("ns1").SetFault(clustertest.Fault{})
		time.Sleep(5 * time.Minute)
		converged(t, c)
	}, "ns1")
}

func TestAMemberSilentOnDNSIsToldAllTheSame(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		c.Member("ns1").SetFault(clustertest.Fault{Mute: true})
		var z skein.Zone
		for i := range 100 {
			z = c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
		}
		time.Sleep(5 * time.Minute)
		converged(t, c)
		if s := c.Loop().Status("ns1"); !s.Reachable || s.Verified != 0 || !strings.Contains(s.LastError, "DNS") {
			t.Errorf("status: %+v", s)
		}
		if asked := c.Member("ns1").Asked(); asked > 1000 {
			t.Errorf("it was asked %d times", asked)
		}
		c.Member("ns1").SetFault(clustertest.Fault{})
		c.Wait(z, 5*time.Minute)
	}, "ns1")
}

func TestTenThousandNewZonesVerifyWithoutAFloodAndSingleChangesOvertake(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		z := c.Put("busy.example.")
		c.Wait(z, time.Minute)
		m := c.Member("ns1")
		m.SetFault(clustertest.Fault{StepTime: time.Millisecond, TransferGap: 2 * time.Millisecond})
		m.Told()
		asked := m.Asked()
		last := c.PutMany(10_000)
		time.Sleep(2 * time.Second)
		began := time.Now()
		one := c.Put("single.example.")
		for {
			if _, told := find(m.Told(), "single.example."); told {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("a single new zone waited %s behind bulk", took)
		}
		c.Wait(one, time.Minute)
		c.Wait(last, time.Minute)
		time.Sleep(25*time.Second - time.Since(began))
		converged(t, c)
		if s := c.Loop().Status("ns1"); s.Verified != 10_002 {
			t.Errorf("status: %+v", s)
		}
		t.Logf("%d questions", m.Asked()-asked)
		if n := m.Asked() - asked; n > 40_000 {
			t.Errorf("%d questions were asked", n)
		}
		for _, s := range m.Told() {
			if s.Action == member.ActionRetransfer {
				t.Fatalf("%s was retransferred while the member was busy with its first transfers", s.Zone)
			}
		}
	}, "ns1")
}

func find(steps []member.Step, name zone.Name) (member.Step, bool) {
	i := slices.IndexFunc(steps, func(s member.Step) bool { return s.Zone == name })
	if i < 0 {
		return member.Step{}, false
	}
	return steps[i], true
}

func TestDriftIsFoundAndMended(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		for _, name := range []zone.Name{"stale.example.", "absent.example.", "fine.example."} {
			for range 3 {
				c.Wait(c.Put(name), time.Minute)
			}
		}
		m := c.Member("ns1")
		m.Told()
		m.SetSerial("stale.example.", 2)
		m.Drop("absent.example.")
		time.Sleep(20 * time.Minute)
		converged(t, c)
		got := actions(m.Told())
		slices.Sort(got)
		if want := []string{"add absent.example.", "notify stale.example."}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	}, "ns1")
}

func TestPromise2_AMemberAheadKeepsWhatItHasUntilWeAreBeyondIt(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		z := c.Put("example.com.")
		c.Wait(z, time.Minute)
		m := c.Member("ns1")
		m.SetSerial("example.com.", 4)
		m.Told()
		events, stop := c.Loop().Subscribe()
		defer stop()
		ahead := func() {
			t.Helper()
			time.Sleep(20 * time.Minute)
			if serial := m.Serving()["example.com."]; serial != 4 {
				t.Errorf("the member serves %d, it had 4", serial)
			}
			if r := c.Loop().Receipt(z).Members[0]; r.State != skein.StateDiffers || !strings.Contains(r.Reason, "until the zone gets a serial after") {
				t.Errorf("receipt: %+v", r)
			}
		}
		ahead()
		differs := false
		for len(events) > 0 {
			e := <-events
			differs = differs || e.State == string(skein.StateDiffers) && e.Zone == "example.com." && e.Text != ""
		}
		if !differs {
			t.Error("no event told that the member is ahead")
		}
		z = c.Put("example.com.") // 2
		z = c.Put("example.com.") // 3
		ahead()
		c.Kill()
		c.Start() // what was seen of it is not forgotten
		ahead()
		m.Told()
		z = c.Put("example.com.") // 4: the serial that it has, with other contents
		c.Wait(z, time.Minute)
		converged(t, c)
		z = c.Put("example.com.")
		c.Wait(z, time.Minute)
		if got, want := actions(m.Told()), []string{"retransfer example.com.", "notify example.com."}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	}, "ns1")
}

// The store went back unnoticed, and its next change gets the serial that the
// member has already.
func TestASerialOfAnotherHistoryIsNotTakenForOurs(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("example.com."), time.Minute)
		c.Member("ns1").SetSerial("example.com.", 2)
		c.Member("ns1").Told()
		c.Wait(c.Put("example.com."), time.Minute)
		converged(t, c)
		if got, want := actions(c.Member("ns1").Told()), []string{"notify example.com.", "retransfer example.com."}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	}, "ns1")
}

// Of several changes in a row a member fetches the last, before we hear of it.
func TestAChangeThatWasFetchedBeforeItsTurnIsNotFetchedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("example.com."), time.Minute)
		c.Member("ns1").Told()
		for range 20 {
			z := c.Store.Put("example.com.")
			next := c.Store.Put("example.com.")
			c.Primary.Serve(next)
			c.Wait(z, time.Minute)
			c.Wait(next, time.Minute)
			time.Sleep(time.Minute)
		}
		for _, s := range c.Member("ns1").Told() {
			if s.Action != reconcile.ActionNotify {
				t.Errorf("told %+v", s)
			}
		}
		converged(t, c)
	}, "ns1")
}

func TestPromise2_AfterTheStoreWentBackMembersKeepWhatTheyHave(t *testing.T) {
	for name, lost := range map[string]bool{"and what was observed is lost": true, "and what was observed went back too": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				z := c.Put("example.com.")
				for range 5 {
					z = c.Put("example.com.")
				}
				c.Wait(z, time.Minute)
				old := clustertest.NewStore() // an old backup is restored
				c.Kill()
				c.Store = old
				if lost {
					old.NewEpoch()
				} else {
					c.Observed = clustertest.NewObserved()
				}
				c.Primary.Restore(old.Put("example.com."))
				c.Start()
				time.Sleep(30 * time.Minute)
				if serial := c.Member("ns1").Serving()["example.com."]; serial != z.Serial {
					t.Errorf("the member serves %d, it had %d", serial, z.Serial)
				}
				head := old.Live()[0]
				if r := c.Loop().Receipt(head); r.Members[0].State != skein.StateDiffers || r.Members[0].Reason == "" {
					t.Errorf("receipt: %+v", r)
				}
				for head.Serial <= z.Serial { // control publishes beyond it
					head = c.Put("example.com.")
				}
				c.Wait(head, time.Minute)
			}, "ns1")
		})
	}
}

func TestPromise4_AZoneThatLivesAgainIsNotDeletedByItsOldTombstone(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("example.com."), time.Minute)
		m := c.Member("ns1")
		m.SetFault(clustertest.Fault{Down: true})
		time.Sleep(time.Minute)
		c.Delete("example.com.")
		for i := range 1000 { // the new life is pages further on in the feed
			c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
		}
		z := c.Put("example.com.")
		c.Store.SetSlow(time.Second)
		c.Kill()
		c.Start()
		time.Sleep(time.Minute)
		m.Told()
		m.SetFault(clustertest.Fault{})
		c.Wait(z, 2*time.Minute)
		for _, s := range m.Told() {
			if s.Action == member.ActionDelete {
				t.Errorf("a live zone was deleted: %+v", s)
			}
		}
	}, "ns1")
}

func TestARestartRemembersWhatWasNotInStep(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		c.Member("ns1").SetFault(clustertest.Fault{StepFails: func(s member.Step) error {
			if s.Zone == "bad.example." {
				return errors.New("out of memory")
			}
			return nil
		}})
		bad := c.Put("bad.example.")
		c.Wait(c.Put("good.example."), time.Minute)
		if r := c.Loop().Receipt(bad); r.Members[0].State != skein.StateFailed || !strings.Contains(r.Members[0].Reason, "memory") {
			t.Errorf("receipt: %+v", r)
		}
		c.Kill()
		c.Member("ns1").SetFault(clustertest.Fault{})
		c.Start()
		time.Sleep(time.Second)
		c.Wait(bad, 2*time.Minute)
		converged(t, c)
	}, "ns1")
}

func TestASnapshotThatMakesNoSenseCostsALookAtEveryZone(t *testing.T) {
	for name, snapshot := range map[string]string{
		"no JSON":                     `{"cursor":`,
		"empty":                       ``,
		"a cursor of another history": `{"setup":SETUP,"cursor":"9:9","revision":9}`,
		"a cursor of nowhere":         `{"setup":SETUP,"cursor":"x","revision":18446744073709551615}`,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
				for i := range 20 {
					c.Wait(c.Put(zone.Name(fmt.Sprintf("z%d.example.", i))), time.Minute)
				}
				c.Kill()
				kept, _ := c.Observed.Load(t.Context(), "ns1")
				_, rest, _ := strings.Cut(string(kept), `"setup":`)
				setup, _, _ := strings.Cut(rest, `,"cursor"`)
				if err := c.Observed.Save(t.Context(), "ns1", []byte(strings.Replace(snapshot, "SETUP", setup, 1))); err != nil {
					t.Fatal(err)
				}
				changed, gone := c.Put("z3.example."), c.Delete("z4.example.")
				c.Start()
				c.Wait(changed, time.Minute)
				c.Wait(gone, time.Minute)
				time.Sleep(25 * time.Minute)
				converged(t, c)
				if s := c.Loop().Status("ns1"); s.Verified != 19 || s.Pending != 0 || s.Failed != 0 {
					t.Errorf("status: %+v", s)
				}
			}, "ns1")
		})
	}
}

func TestASnapshotThatCouldNotBeSavedIsSavedLater(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Observed.SetFull(true)
		z := c.Put("example.com.")
		c.Wait(z, time.Minute)
		time.Sleep(time.Minute)
		c.Observed.SetFull(false)
		time.Sleep(15 * time.Second)
		c.Crash()
		asked := c.Member("ns1").Asked()
		c.Start()
		time.Sleep(time.Second)
		if n := c.Member("ns1").Asked() - asked; n > 0 || !c.Loop().Receipt(z).Complete {
			t.Errorf("after the restart %d questions were asked", n)
		}
	}, "ns1")
}

func TestAQuickDeleteAndRecreateAndDelete(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Member("ns1").SetFault(clustertest.Fault{StepTime: 5 * time.Millisecond})
		for i := range 30 {
			c.Put("example.com.")
			time.Sleep(time.Duration(i) * time.Millisecond)
			gone := c.Delete("example.com.")
			time.Sleep(time.Duration(i%7) * time.Millisecond)
			if i%5 == 4 {
				c.Wait(gone, time.Minute)
				converged(t, c)
			}
		}
		c.Wait(c.Put("example.com."), time.Minute)
		converged(t, c)
	}, "ns1")
}

func TestANewMemberArrivesThoughTheNewestTombstoneWasPurged(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		z := c.Put("a.example.")
		c.Put("b.example.")
		c.Wait(c.Delete("b.example."), time.Minute)
		c.Store.PurgeTombstones()
		c.Set(c.Add("ns2"))
		c.Wait(z, time.Minute)
		time.Sleep(time.Second)
		if s := c.Loop().Status("ns2"); s.Zones != 1 || s.Verified != 1 || s.Pending != 0 {
			t.Errorf("status: %+v", s)
		}
		c.Wait(c.Put("a.example."), 15*time.Millisecond) // it is live: no looking first, no waiting for a poll
	}, "ns1")
}

func TestLostHintsCostASecondAtMost(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		c.Store.LoseHints(true)
		c.Wait(c.Put("example.com."), 2*time.Second)
	}, "ns1")
}

func TestADisabledMemberIsUntouchedAndDoesNotCount(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("a.example."), time.Minute)
		row := c.Row("ns2")
		row.State = skein.MemberDisabled
		c.Set(row)
		c.Member("ns2").Told()
		r := c.Wait(c.Put("b.example."), time.Minute)
		if len(r.Members) != 2 || r.Members[1].State != skein.StateHeld || !r.Complete {
			t.Errorf("receipt: %+v", r)
		}
		z := c.Put("a.example.")
		c.Wait(z, time.Minute)
		if told := c.Member("ns2").Told(); len(told) > 0 {
			t.Errorf("a disabled member was told %v", told)
		}
		row.State = skein.MemberEnabled
		c.Set(row)
		c.Wait(z, time.Minute)
		time.Sleep(time.Second)
		converged(t, c)
		got := actions(c.Member("ns2").Told())
		slices.Sort(got)
		if want := []string{"add b.example.", "notify a.example."}; !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	}, "ns1", "ns2")
}

func TestRemovingAMemberCleansOursOnly(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Member("ns1").SetForeign("theirs.example.", 1)
		c.Put("theirs.example.")
		last := c.PutMany(600)
		c.Wait(last, time.Minute)
		time.Sleep(10 * time.Second)
		c.Member("ns1").SetFault(clustertest.Fault{Down: true})
		if _, err := c.Loop().RemoveMember(t.Context(), "ns1", true); skein.KindOf(err) == "" || c.Loop().Status("ns1") == nil {
			t.Errorf("removing a member that is away: %v", err)
		}
		c.Member("ns1").SetFault(clustertest.Fault{})
		n, err := c.Loop().RemoveMember(t.Context(), "ns1", true)
		if n != 600 || err != nil {
			t.Errorf("removed %d, error %v", n, err)
		}
		if left := c.Member("ns1").Serving(); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if _, there := c.Member("ns1").Foreign("theirs.example."); !there {
			t.Error("the foreign zone is gone")
		}
		if c.Loop().Status("ns1") != nil {
			t.Error("its status is still known")
		}
	}, "ns1")
}

func TestAChangedSetupIsCarriedToEveryZone(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("a.example."), time.Minute)
		row := c.Row("ns1")
		row.TSIGKey = "another"
		asked := c.Member("ns1").Asked()
		c.Set(row)
		time.Sleep(time.Minute)
		if c.Member("ns1").Asked() == asked {
			t.Error("the zones were not looked at again")
		}
		converged(t, c)
	}, "ns1")
}

func TestWaitSaysWhyItDidNotWait(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		c.Member("ns2").SetFault(clustertest.Fault{Down: true})
		z := c.Put("a.example.")
		for _, row := range []struct {
			enough string
			want   skein.Kind
		}{
			{"1", ""}, {"majority", skein.KindTimeout}, {"all", skein.KindTimeout}, {"", skein.KindTimeout},
			{"2", skein.KindTimeout}, {"3", skein.KindInvalid}, {"0", skein.KindInvalid}, {"some", skein.KindInvalid},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			r, err := c.Loop().Wait(ctx, z, row.enough)
			cancel()
			if skein.KindOf(err) != row.want || len(r.Members) != 2 {
				t.Errorf("wait for %q: %v, %+v", row.enough, err, r)
			}
		}
		for _, name := range []string{"ns1", "ns2"} {
			row := c.Row(name)
			row.State = skein.MemberPending
			c.Set(row)
		}
		if _, err := c.Loop().Wait(t.Context(), z, "all"); skein.KindOf(err) != skein.KindUnavailable {
			t.Errorf("with no member enabled: %v", err)
		}
	}, "ns1", "ns2")
}

func TestASlowSubscriberLosesEventsIsToldSoAndHoldsUpNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		events, stop := c.Loop().Subscribe() // not read for long
		defer stop()
		last := c.PutMany(1000)
		c.Wait(last, time.Minute)
		time.Sleep(time.Minute) // until all is quiet
		var e skein.Event
		for len(events) > 0 {
			e = <-events
		}
		if e.Kind != "notice" || e.State != skein.EventsLost || e.Text == "" {
			t.Errorf("the last event before the gap is %+v", e)
		}
		z := c.Put("after.example.")
		if e := <-events; e.Revision != z.Revision {
			t.Errorf("the first event after the gap is %+v", e)
		}
	}, "ns1")
}

func TestCleaningAMemberThatHangsEndsAndHoldsUpNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("a.example."), time.Minute)
		c.Member("ns1").SetFault(clustertest.Fault{Hang: true})
		removed := make(chan error, 1)
		began := time.Now()
		go func() {
			_, err := c.Loop().RemoveMember(t.Context(), "ns1", true)
			removed <- err
		}()
		time.Sleep(time.Second)
		row := c.Row("ns2")
		row.State = skein.MemberDisabled
		c.Set(row)
		row.State = skein.MemberEnabled
		c.Set(row)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("a change of ns2 waited %s for ns1", took)
		}
		if err := <-removed; skein.KindOf(err) != skein.KindUnavailable || time.Since(began) > time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if c.Loop().Status("ns1") == nil {
			t.Error("it was removed all the same")
		}
		c.Member("ns1").SetFault(clustertest.Fault{})
		c.Wait(c.Put("b.example."), 2*time.Minute)
	}, "ns1", "ns2")
}

// Memory follows neither the zones that there are nor those that wait.
func TestWhatIsKeptOfAMemberIsBounded(t *testing.T) {
	const items, parked, zones = 600, 1800, 5000
	for name, row := range map[string]struct {
		fault clustertest.Fault
		most  int
	}{
		"it is away":          {clustertest.Fault{Hang: true}, items},
		"it is slow":          {clustertest.Fault{StepTime: time.Second}, items},
		"it refuses commands": {clustertest.Fault{Denied: true}, items + parked},
		"each zone fails":     {clustertest.Fault{StepFails: func(member.Step) error { return errors.New("out of memory") }}, items + parked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := clustertest.NewOver(t, func(cfg *reconcile.Config) { reconcile.Bound(cfg, items, parked) }, "ns1")
				defer c.Kill()
				synctest.Wait()
				c.Member("ns1").SetFault(row.fault)
				var last skein.Zone
				for i := range zones {
					last = c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
					if i%(zones/10) == 0 {
						time.Sleep(time.Minute)
					}
					if items, settled := c.Loop().Kept("ns1"); items > row.most+reconcile.Overtaking || settled > 4096 {
						t.Fatalf("of %d zones %d are kept, and %d settled ones", i, items, settled)
					}
				}
				c.Member("ns1").SetFault(clustertest.Fault{}) // and nothing is forgotten
				c.Wait(last, 30*time.Minute)
				time.Sleep(5 * time.Minute)
				converged(t, c)
			})
		})
	}
}

func TestWaitForAMajority(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		synctest.Wait()
		c.Member("ns3").SetFault(clustertest.Fault{Hang: true})
		z := c.Put("a.example.")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := c.Loop().Wait(ctx, z, "majority")
		if err != nil || r.Complete {
			t.Errorf("%v, %+v", err, r)
		}
		later := c.Put("a.example.")
		if r, err := c.Loop().Wait(ctx, z, "2"); err != nil || r.Revision != z.Revision {
			t.Errorf("a later revision does not count for an earlier one: %v, %+v", err, r)
		}
		if _, err := c.Loop().Wait(ctx, later, "2"); err != nil {
			t.Error(err)
		}
	}, "ns1", "ns2", "ns3")
}

func TestNewRefusesAConfigurationWithGaps(t *testing.T) {
	t.Parallel()
	if _, err := reconcile.New(reconcile.Config{}); err == nil {
		t.Error("an empty configuration was accepted")
	}
}
