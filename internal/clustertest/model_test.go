package clustertest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/clustertest"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// op is one thing that happens to the cluster. A story is data, so that a
// failing one can be made shorter and read.
type op struct {
	what   string
	zone   int
	member int
	ms     int
}

func (o op) String() string { return fmt.Sprintf("%s z%d m%d %dms", o.what, o.zone, o.member, o.ms) }

var members = []string{"ns1", "ns2", "ns3", "cloud"}

var ops = []string{
	"put", "put", "put", "put", "delete", "delete", "take", "sleep", "sleep", // mostly work
	"down", "mute", "hang", "denied", "slow", "never loads", "fails", "done then fails", "done then away", "heal", "heal",
	"wipe", "stop", "crash", "start", "lose hints", "disable", "enable", "observe",
	"cluster off", "cluster on", "move", "move", "leave or join", "edited there", "recheck",
}

func story() *rapid.Generator[[]op] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) op {
		return op{
			what:   rapid.SampledFrom(ops).Draw(t, "what"),
			zone:   rapid.IntRange(0, 7).Draw(t, "zone"),
			member: rapid.IntRange(0, len(members)-1).Draw(t, "member"),
			ms:     rapid.SampledFrom([]int{0, 1, 3, 10, 100, 2000, 15_000, 70_000}).Draw(t, "ms"),
		}
	}), 1, 60)
}

// TestModelWhateverHappensTheClusterConverges: zones come, change and go while
// members and the loop fail at random. Healed, every member serves what was
// acknowledged last in its pools, nothing is left to plan, receipts are
// complete, and at no time was a member given older contents than it had, or
// told anything while it was disabled, observed, or clustering was off.
func TestModelWhateverHappensTheClusterConverges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		script := story().Draw(rt, "story")
		var wrong []string
		synctest.Test(t, func(t *testing.T) { wrong = play(t, script) })
		if len(wrong) > 0 {
			rt.Fatalf("%s", strings.Join(wrong, "\n"))
		}
	})
}

func play(t *testing.T, script []op) (wrong []string) {
	c := clustertest.New(t, members...)
	defer c.Kill()
	c.Kill()
	c.Threshold = 5
	c.Start()
	in(c, "ns2", "rose")
	in(c, "ns3", "", "rose")
	for _, o := range script {
		happen(c, o)
	}
	for _, name := range members {
		c.Member(name).SetFault(clustertest.Fault{})
		c.SetState(name, skein.MemberEnabled)
	}
	c.Pause(false)
	if c.Loop() == nil {
		c.Start()
	}
	time.Sleep(25 * time.Minute) // two rounds of the audit, for wiped members

	for _, drift := range c.Drift() {
		wrong = append(wrong, "converges: "+drift)
	}
	for _, step := range c.Plan() {
		wrong = append(wrong, fmt.Sprintf("the second plan is empty: %+v", step))
	}
	wanted := map[string]int{}
	for _, z := range c.Store.Live() {
		r := c.Loop().Receipt(z)
		for _, m := range r.Members {
			wanted[m.Member]++
		}
		if !r.Complete || len(r.Members) == 0 {
			wrong = append(wrong, fmt.Sprintf("receipts are complete: %+v", r))
		}
	}
	for _, name := range members {
		for _, back := range c.Member(name).WentBack() {
			wrong = append(wrong, "promise 2, never older contents: "+name+" "+back)
		}
		for _, said := range c.Member(name).Overheard() {
			wrong = append(wrong, "told while it must not be: "+name+" "+said)
		}
		s := c.Loop().Status(name)
		if !s.Reachable || s.Failures != 0 || s.LastError != "" || s.Behind+s.Pending+s.Stale+s.Failed+s.Ahead != 0 || s.Verified != wanted[name] {
			wrong = append(wrong, fmt.Sprintf("status of %s: %+v", name, *s))
		}
	}
	return wrong
}

// in puts a member into a pool, and shares it with others.
func in(c *clustertest.Cluster, name, pool string, shared ...string) {
	row := c.Row(name)
	row.Pool, row.Shares = pool, nil
	for _, s := range shared {
		row.Shares = append(row.Shares, skein.Share{Pool: s, Role: skein.RoleWriteOnly})
	}
	c.Set(row)
}

func happen(c *clustertest.Cluster, o op) {
	name := zone.Name(fmt.Sprintf("z%d.example.", o.zone))
	m := c.Member(members[o.member])
	pause := time.Duration(o.ms) * time.Millisecond
	switch o.what {
	case "put":
		z := c.Store.PutIn(name, []string{"", "rose"}[o.zone%2])
		time.AfterFunc(pause/10, func() { c.Primary.Serve(z) }) // the primary follows the feed too
	case "delete":
		if _, err := c.Store.Zone(context.Background(), name); err == nil {
			c.Primary.Serve(c.Store.Delete(name))
		}
	case "take":
		if _, err := c.Store.Zone(context.Background(), name); err == nil {
			c.Store.Take(name)
		}
	case "sleep":
		time.Sleep(pause)
	case "down":
		m.SetFault(clustertest.Fault{Down: true})
	case "mute":
		m.SetFault(clustertest.Fault{Mute: true})
	case "hang":
		m.SetFault(clustertest.Fault{Hang: true})
	case "denied":
		m.SetFault(clustertest.Fault{Denied: true})
	case "slow":
		m.SetFault(clustertest.Fault{StepTime: pause / 10, TransferTime: pause})
	case "never loads":
		m.SetFault(clustertest.Fault{NeverLoads: func(n zone.Name) bool { return n == name }})
	case "fails":
		m.SetFault(clustertest.Fault{StepFails: func(member.Step) error { return errors.New("out of memory") }})
	case "done then fails":
		m.SetFault(clustertest.Fault{StepDoneThen: func(member.Step) error { return errors.New("disk full") }})
	case "done then away":
		m.SetFault(clustertest.Fault{StepDoneThen: func(member.Step) error { return fmt.Errorf("%w: reset", member.ErrAway) }})
	case "heal":
		m.SetFault(clustertest.Fault{})
	case "wipe":
		m.Forget()
	case "stop":
		c.Kill()
	case "crash":
		c.Crash()
	case "start":
		if c.Loop() == nil {
			c.Start()
		}
	case "lose hints":
		c.Store.LoseHints(o.ms%2 == 0)
	case "disable":
		c.SetState(members[o.member], skein.MemberDisabled)
	case "enable":
		c.SetState(members[o.member], skein.MemberEnabled)
	case "observe":
		c.SetState(members[o.member], skein.MemberObserved)
	case "cluster off", "cluster on":
		c.Pause(o.what == "cluster off")
	case "move":
		if z, err := c.Store.Zone(context.Background(), name); err == nil {
			c.Primary.Serve(c.Store.Move(name, map[string]string{"": "rose", "rose": "default", "default": "rose"}[z.Pool]))
		}
	case "leave or join":
		if shares := c.Row("ns3").Shares; len(shares) > 0 {
			in(c, "ns3", "")
		} else {
			in(c, "ns3", "", "rose")
		}
	case "edited there":
		m.Alter(name, 1)
	case "recheck":
		if l := c.Loop(); l != nil {
			_ = l.Recheck(context.Background(), members[o.member], nil) // refused where it is disabled
		}
	}
}
