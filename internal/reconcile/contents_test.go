package reconcile_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/reconcile"
	"github.com/skein-dns/skein/zone"
)

const day = 25 * time.Hour

// Other contents under our serial: only comparing them brings it to light.
func TestContentsThatWereChangedUnderTheSameSerialAreHealed(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(300)
		c.Wait(last, time.Minute)
		time.Sleep(time.Minute) // and the others are there as well
		m := c.Member("ns1")
		m.Told()
		m.Alter("z7.example.", 3)
		m.Alter("z250.example.", 1)
		transfers := m.Transfers()
		time.Sleep(day)
		if m.Others("z7.example.")+m.Others("z250.example.") > 0 {
			t.Error("a day later it still serves what somebody else made of it")
		}
		if told := actions(m.Told()); fmt.Sprint(told) != "[retransfer z7.example. retransfer z250.example.]" && fmt.Sprint(told) != "[retransfer z250.example. retransfer z7.example.]" {
			t.Errorf("told %q", told)
		}
		if n := m.Transfers() - transfers; n < 300 || n > 3*25*60 {
			t.Errorf("%d transfers in a day", n)
		}
		s := c.Loop().Status("ns1")
		if s.Verified != 300 || s.Audit == nil || s.Audit.Found != 2 || s.Audit.Round.IsZero() || s.Audit.Refused != "" {
			t.Errorf("status: %+v, audit: %+v", s, s.Audit)
		}
		converged(t, c)
	}, "ns1")
}

// A member that is far away is compared with in the time that was asked for: a
// few zones at once, and never more.
func TestAMemberThatIsFarAwayIsComparedWithInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clustertest.NewOver(t, func(cfg *reconcile.Config) { cfg.ContentsPeriod = time.Minute }, "ns1")
		defer c.Kill()
		m := c.Member("ns1")
		m.SetFault(clustertest.Fault{ServeTime: 150 * time.Millisecond})
		last := c.PutMany(600) // one every 100 ms
		c.Wait(last, time.Minute)
		time.Sleep(5 * time.Minute)
		began, transfers := time.Now(), m.Transfers()
		time.Sleep(10 * time.Minute)
		if n := m.Transfers() - transfers; n < 9*600 || n > 11*600 {
			t.Errorf("%d transfers of 600 zones in ten rounds", n)
		}
		if n := m.MostTransfers(); n < 2 || n > 4 {
			t.Errorf("%d at once", n)
		}
		if a := c.Loop().Status("ns1").Audit; a.Found > 0 || a.Refused != "" || a.Round.Before(began) {
			t.Errorf("%+v", a)
		}
	})
}

// A driver that compares, and finds that there is nothing to fetch any more,
// says so: nobody waits to see the member fetch it.
func TestContentsThatAreRightAgainByTheTimeTheMemberIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("example.com."), time.Minute)
		m := c.Member("ns1")
		m.Alter("example.com.", 3)
		compared := 0
		m.SetFault(clustertest.Fault{StepFails: func(s member.Step) error {
			if s.Action != member.ActionRetransfer {
				return nil
			}
			compared++
			m.Alter(s.Zone, 0)
			return member.ErrSame
		}})
		time.Sleep(day)
		if s := c.Loop().Status("ns1"); compared != 1 || s.Verified != 1 || s.Behind > 0 || len(s.Errors) > 0 {
			t.Errorf("compared %d times; %+v", compared, s)
		}
	}, "ns1")
}

// What was compared is not compared again after each restart: else the end of
// the list would never have its turn.
func TestAnAuditGoesOnAfterARestart(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Kill()
		c.Config = func(cfg *reconcile.Config) { cfg.AuditPeriod = day } // of serials, which are not the matter here
		c.Start()
		last := c.PutMany(2000)
		c.Wait(last, time.Minute)
		time.Sleep(time.Minute) // and the others are there as well
		m := c.Member("ns1")
		transfers := m.Transfers()
		m.Alter("z1990.example.", 1)
		for range 5 {
			time.Sleep(day / 5)
			c.Crash()
			c.Start()
			time.Sleep(time.Second)
		}
		time.Sleep(day / 5)
		if m.Others("z1990.example.") > 0 {
			t.Error("the last zones were never compared")
		}
		if n := m.Transfers() - transfers; n > 2*2000 {
			t.Errorf("%d transfers of 2000 zones in a day", n)
		}
		converged(t, c)
	}, "ns1")
}

// A member whose drift is only reported keeps what somebody made of it, until
// the zone changes or somebody has it put right.
func TestDriftIsOnlyReportedWhereThatIsThePolicy(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		row := c.Row("ns1")
		row.Repair = skein.RepairReport
		c.Set(row)
		gone, older, other, fine := c.Put("gone.example."), c.Put("older.example."), c.Put("other.example."), c.Put("fine.example.")
		older = c.Put("older.example.")
		for _, z := range []skein.Zone{gone, older, other, fine} {
			c.Wait(z, time.Minute)
		}
		m := c.Member("ns1")
		m.Told()
		m.Drop("gone.example.")
		m.SetSerial("older.example.", 1)
		m.Alter("other.example.", 2)
		time.Sleep(2 * time.Hour)
		check := func(when string) {
			t.Helper()
			for z, want := range map[string]string{
				stateOf(c, "ns1", gone):  "absent: it is gone there, and is left so: skein sync ZONE --to MEMBER brings it back",
				stateOf(c, "ns1", older): "stale: it was changed there, and is left so: skein sync ZONE --to MEMBER puts it right",
				stateOf(c, "ns1", other): "differs: 2 records of what it serves as serial 1 are not as in ours: it was changed there, and is left so: skein sync ZONE --to MEMBER puts it right",
				stateOf(c, "ns1", fine):  "verified",
			} {
				if z != want {
					t.Errorf("%s: %s, want %s", when, z, want)
				}
			}
			if told := m.Told(); len(told) > 0 {
				t.Errorf("%s: told %q", when, actions(told))
			}
			if s := c.Loop().Status("ns1"); s.Absent != 1 || s.Differs != 1 || s.Stale != 2 || s.Behind != 3 || s.Verified != 1 {
				t.Errorf("%s: %+v", when, s)
			}
		}
		check("found")
		c.Kill()
		c.Start()
		time.Sleep(2 * time.Hour)
		check("after a restart")

		m.Alter("other.example.", 0) // somebody puts one right
		gone = c.Put("gone.example.")
		c.Wait(gone, time.Minute) // one changes
		if err := c.Loop().Recheck(t.Context(), "ns1", []zone.Name{"older.example."}); err != nil {
			t.Fatal(err)
		}
		c.Wait(older, time.Minute) // and one is asked for
		time.Sleep(time.Hour)
		if s := c.Loop().Status("ns1"); s.Verified != 4 || s.Behind != 0 {
			t.Errorf("in the end: %+v", s)
		}
		for _, said := range actions(m.Told()) {
			if said == "retransfer other.example." {
				t.Errorf("told %s, which was right again", said)
			}
		}
		converged(t, c)
	}, "ns1")
}

// A zone that is another's by now is not transferred over.
func TestWhatBecameForeignIsFoundAndLeftAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		z := c.Put("taken.example.")
		c.Wait(z, time.Minute)
		m := c.Member("ns1")
		m.Told()
		m.SetForeign("taken.example.", z.Serial)
		m.Alter("taken.example.", 2)
		time.Sleep(time.Hour)
		if got := stateOf(c, "ns1", z); got != "foreign: the member has a zone of that name that is not Skein's; it was left alone" {
			t.Errorf("%s", got)
		}
		if told := m.Told(); len(told) > 0 {
			t.Errorf("told %q", actions(told))
		}
	}, "ns1")
}

// How long the member has been behind is that of the oldest change that it has
// not got, and nothing once it has all.
func TestBehindSinceFollowsTheOldestChange(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("a.example."), time.Minute)
		m := c.Member("ns1")
		m.SetFault(clustertest.Fault{Down: true})
		began := time.Now()
		c.Put("a.example.")
		time.Sleep(10 * time.Minute)
		b := c.Put("b.example.")
		time.Sleep(10 * time.Minute)
		if s := c.Loop().Status("ns1"); s.BehindSince.Sub(began).Abs() > time.Minute {
			t.Errorf("behind since %s, down since %s", s.BehindSince, began)
		}
		m.SetFault(clustertest.Fault{})
		c.Wait(b, 5*time.Minute)
		time.Sleep(time.Minute)
		if s := c.Loop().Status("ns1"); !s.BehindSince.IsZero() {
			t.Errorf("behind since %s", s.BehindSince)
		}
	}, "ns1")
}

// A member that was set back to an old backup has zones again that were deleted
// since. No question about those that there are finds them: their number does.
func TestZonesThatAreBackAreFoundByTheirNumber(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		for i := range 5 {
			c.Put(zone.Name(fmt.Sprintf("z%d.example.", i)))
		}
		gone := c.Put("gone.example.")
		c.Wait(gone, time.Minute)
		gone = c.Delete("gone.example.")
		c.Wait(gone, time.Minute)
		m := c.Member("ns1")
		m.SetForeign("theirs.example.", 1)
		m.SetForeign("both.example.", 1)
		c.Put("both.example.")       // is wanted, and stays foreign: all else is as wanted
		time.Sleep(30 * time.Minute) // it is known how many others there are
		m.Told()
		m.Own("gone.example.", 1)
		time.Sleep(30 * time.Minute)
		if told := actions(m.Told()); fmt.Sprint(told) != "[delete gone.example.]" {
			t.Errorf("told %q", told)
		}
		if _, there := m.Foreign("theirs.example."); !there {
			t.Error("what is another's is gone")
		}
		if s := c.Loop().Status("ns1"); s.There == nil || *s.There != 7 {
			t.Errorf("status: %+v", s)
		}
	}, "ns1")
}

// A connection that breaks while a member counts its zones is no failure for ever.
func TestAMemberThatWentAwayWhileItCountedIsWellAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		c.Wait(c.Put("example.com."), time.Minute)
		m := c.Member("ns1")
		m.SetFault(clustertest.Fault{CountBreaks: true})
		time.Sleep(30 * time.Minute)
		if s := c.Loop().Status("ns1"); s.Errors["away"] == 0 {
			t.Errorf("while it breaks: %+v", s)
		}
		m.SetFault(clustertest.Fault{})
		time.Sleep(15 * time.Minute)
		if s := c.Loop().Status("ns1"); s.Failures > 0 || s.LastError != "" || s.There == nil || *s.There != 1 {
			t.Errorf("once it counts: %+v", s)
		}
	}, "ns1")
}

// Contents that a driver brings are compared by one of its kind, which tells
// only that they are others.
func TestContentsThatADriverBringsAreComparedByIt(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		last := c.PutMany(300)
		c.Wait(last, time.Minute)
		time.Sleep(time.Minute) // and the others are there as well
		m := c.Member("panel")
		m.Told()
		m.Alter("z7.example.", 3)
		m.Alter("z250.example.", 1)
		calls := m.Calls()
		time.Sleep(day)
		if m.Others("z7.example.")+m.Others("z250.example.") > 0 {
			t.Error("a day later it still has what somebody else made of it")
		}
		if told := m.Told(); len(told) != 2 {
			t.Errorf("told %q", actions(told))
		}
		if n := m.Calls() - calls; n < 300 || n > 3*25*60 {
			t.Errorf("asked %d times in a day", n)
		}
		s := c.Loop().Status("panel")
		if s.Verified != 300 || s.Audit == nil || s.Audit.Found != 2 || s.Audit.Round.IsZero() || s.Audit.Refused != "" {
			t.Errorf("status: %+v, audit: %+v", s, s.Audit)
		}
		converged(t, c)
	}, "panel")
}

// Drift in what a driver brings is only reported where that is the policy, and
// so is that somebody put it right.
func TestDriftOfWhatADriverBringsIsOnlyReported(t *testing.T) {
	inBubble(t, func(t *testing.T, c *clustertest.Cluster) {
		row := c.Row("panel")
		row.Repair = skein.RepairReport
		c.Set(row)
		c.Wait(c.Put("other.example."), time.Minute)
		m := c.Member("panel")
		m.Told()
		m.Alter("other.example.", 2)
		time.Sleep(2 * time.Hour)
		if s := c.Loop().Status("panel"); s.Differs != 1 || len(m.Told()) > 0 {
			t.Errorf("%+v, told %q", s, actions(m.Told()))
		}
		m.Alter("other.example.", 0)
		time.Sleep(2 * time.Hour)
		if s := c.Loop().Status("panel"); s.Differs != 0 || s.Verified != 1 {
			t.Errorf("once it is right again: %+v", s)
		}
	}, "panel")
}
