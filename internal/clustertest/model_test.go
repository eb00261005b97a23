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

var members = []string{"ns1", "ns2", "ns3"}

var ops = []string{
	"put", "put", "put", "put", "delete", "delete", "take", "sleep", "sleep", // mostly work
	"down", "mute", "hang", "denied", "slow", "never loads", "fails", "done then fails", "done then away", "heal", "heal",
	"wipe", "stop", "crash", "start", "lose hints", "disable", "enable",
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
// acknowledged last, nothing is left to plan, receipts are complete, and at no
// time was a member given older contents than it had.
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
	for _, o := range script {
		happen(c, o)
	}
	for _, name := range members {
		c.Member(name).SetFault(clustertest.Fault{})
		row := c.Row(name)
		row.State = skein.MemberEnabled
		c.Set(row)
	}
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
	for _, z := range c.Store.Live() {
		if r := c.Loop().Receipt(z); !r.Complete {
			wrong = append(wrong, fmt.Sprintf("receipts are complete: %+v", r))
		}
	}
	for _, name := range members {
		for _, back := range c.Member(name).WentBack() {
			wrong = append(wrong, "promise 2, never older contents: "+name+" "+back)
		}
		s := c.Loop().Status(name)
		if !s.Reachable || s.Failures != 0 || s.LastError != "" || s.Pending+s.Stale+s.Failed != 0 || s.Verified != len(c.Store.Live()) {
			wrong = append(wrong, fmt.Sprintf("status of %s: %+v", name, *s))
		}
	}
	return wrong
}

func happen(c *clustertest.Cluster, o op) {
	name := zone.Name(fmt.Sprintf("z%d.example.", o.zone))
	m := c.Member(members[o.member])
	pause := time.Duration(o.ms) * time.Millisecond
	switch o.what {
	case "put":
		z := c.Store.Put(name)
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
	case "disable", "enable":
		row := c.Row(members[o.member])
		row.State = map[string]skein.MemberState{"disable": skein.MemberDisabled, "enable": skein.MemberEnabled}[o.what]
		c.Set(row)
	}
}
