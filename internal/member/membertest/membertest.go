// Package membertest is the suite that every driver must pass, run against a
// real server: what the member.Driver contract says, told as stories.
package membertest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Subject is a driver with the server it drives, and the primary that the
// server fetches zones from. A story leaves no zone behind.
type Subject struct {
	// Driver makes a driver. With a zero address it speaks to the server
	// itself, else to a proxy there. It is closed with the test.
	Driver func(t *testing.T, via netip.AddrPort) member.Driver
	// Stranger makes one whose credentials are not the server's. Not needed where
	// a server follows and looks at no signature of a question.
	Stranger func(t *testing.T) member.Driver
	// Moved makes one that wants its zones set up otherwise: with other
	// primaries, from which they can be fetched as well. Not needed where
	// nothing is fetched, or the server does not tell.
	Moved func(t *testing.T) member.Driver
	// Control is where the driver speaks to the server. Not needed with Follows.
	Control netip.AddrPort
	// Put has the primary serve a zone with a serial, and says so to nobody.
	Put func(t *testing.T, name zone.Name, serial uint32)
	// Serial asks the server over DNS. An error is any other answer than a serial.
	// Where serials are the member's own it tells the one of the version that was
	// put, from what the server has.
	Serial func(ctx context.Context, name zone.Name) (uint32, error)
	// Stop and Start end the server and bring it back as it was.
	Stop, Start func(t *testing.T)
	// Pause lets the server take connections and not answer, until Resume.
	Pause, Resume func(t *testing.T)
	// Foreign are zones that the server has and that are not Skein's, by
	// how they came there. Their serial is 1. None where zones have no owner.
	Foreign map[string]zone.Name
	// Takes says of which of these the driver can make Skein's (member.Taker), by
	// how they came there.
	Takes []string
	// Refused is a zone that the server does not take. Not needed where there
	// are foreign ones.
	Refused zone.Name
	// Hides says that a zone which the server has not fetched yet shows nowhere.
	Hides bool
	// Unfit are the names that the server can have no zone of; nil: it can of all.
	Unfit func(zone.Name) bool
	// Reloads says that an action ends with a command that has the server serve
	// what was changed before: where that alone is lost, it failed and is done.
	Reloads bool
	// Made has somebody make or change a zone on the server itself: with a
	// serial, and what the primary would serve with that. Needed of those that
	// are read.
	Made func(t *testing.T, name zone.Name, serial uint32)
	// Other has somebody do that with other contents. Needed where contents are brought.
	Other func(t *testing.T, name zone.Name, serial uint32)
	// Follows is set where the server takes no commands: it reads what it is to
	// serve, and acts on that by itself. Follows makes that say what the store
	// and the nameserver say by the time that there is such a step. What a step
	// did then shows a while later, there is no command to be lost, and nobody
	// can tell a foreign zone from one that is about to go.
	Follows func(t *testing.T, action member.Action, name zone.Name)
}

// story is one of the suite's.
type story struct {
	name string
	tell func(*suite)
}

// Run runs the suite: the stories of every driver, and those of drivers whose
// members fetch zones, or are read.
func Run(t *testing.T, s *Subject) {
	d := s.Driver(t, netip.AddrPort{})
	stories := []story{
		{"a zone comes, changes and goes", (*suite).comesChangesAndGoes},
		{"a second round does nothing", (*suite).secondRound},
		{"many zones in one call", (*suite).many},
		{"names of every kind", (*suite).oddNames},
		{"the root zone", (*suite).theRoot},
		{"a step that cannot be done keeps none from the others", (*suite).oneBadStep},
		{"a server that does not answer", (*suite).silence},
		{"a call that is broken off", (*suite).brokenOff},
		{"a server that goes away and comes back", (*suite).goesAndComesBack},
	}
	if s.Stranger != nil {
		stories = append(stories, story{"wrong credentials change nothing", (*suite).stranger})
	}
	if len(s.Foreign) > 0 {
		stories = append(stories, story{"foreign zones are left alone", (*suite).foreign})
	}
	early := story{"a zone is added before it is served", (*suite).tooEarly}
	if d.Can().Own {
		early = story{"a zone is not made before there is something to put in", (*suite).nothingYet}
	}
	stories = append(stories, early)
	if s.Follows == nil {
		stories = append(stories, story{"a command that is lost has failed", (*suite).lostCommand},
			story{"a command whose answer is lost has failed, but is done", (*suite).lostAnswer})
	}
	switch {
	case d.Can().Transfer && s.Follows == nil:
		stories = append(stories, story{"a zone that is set up otherwise is mended", (*suite).mended})
	case !d.Can().Transfer:
		stories = append(stories, story{"the serial alone makes no zone ours", (*suite).sameSerial})
	}
	if _, is := d.(member.Prompter); is && d.Can().Transfer {
		stories = append(stories, story{"a member that is prompted fetches, though nobody notified it", (*suite).prompted})
	}
	if slices.ContainsFunc(d.Can().Roles, reads) {
		if _, is := d.(member.Reader); !is {
			t.Fatal("the driver says that members can be read, and cannot read one")
		}
		stories = append(stories, readerStories...)
	}
	if _, is := d.(member.Taker); is { // the last, since nothing is foreign any more then
		stories = append(stories, story{"foreign zones are taken over", (*suite).taken})
	}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) { story.tell(&suite{T: t, s: s}) })
	}
}

func reads(r skein.Role) bool { return r == skein.RoleSynchronize || r == skein.RoleStandalone }

type suite struct {
	*testing.T
	s *Subject
}

// patience is how long something may take that should happen at once.
const patience = 30 * time.Second

func (t *suite) driver() member.Driver { return t.s.Driver(t.T, netip.AddrPort{}) }

// apply carries out one action on zones and demands that each step is told of
// once and in order. It returns what became of each.
func (t *suite) apply(d member.Driver, action member.Action, names ...zone.Name) []error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	told, err := t.try(ctx, d, action, names...)
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	if len(told) != len(names) {
		t.Fatalf("%s: %d of %d steps were told of", action, len(told), len(names))
	}
	return told
}

// try is apply for calls that may fail.
func (t *suite) try(ctx context.Context, d member.Driver, action member.Action, names ...zone.Name) (told []error, err error) {
	t.Helper()
	for _, name := range names {
		if t.s.Follows != nil {
			t.s.Follows(t.T, action, name)
		}
	}
	return t.tryAlone(ctx, d, action, names...)
}

// tryAlone is try where nobody else has anything to do with it.
func (t *suite) tryAlone(ctx context.Context, d member.Driver, action member.Action, names ...zone.Name) (told []error, err error) {
	t.Helper()
	steps := make([]member.Step, len(names))
	for i, name := range names {
		steps[i] = member.Step{Action: action, Zone: name, Serial: 1, Reason: "test"}
	}
	err = d.Apply(ctx, steps, func(i int, err error) {
		if i != len(told) {
			t.Errorf("step %d was told of after %d others", i, len(told))
		}
		told = append(told, err)
	})
	return told, err
}

// must demands that an action works for all zones. A server may be ahead of a
// retransfer, by a try of its own: that it has these contents is said, and right.
func (t *suite) must(d member.Driver, action member.Action, names ...zone.Name) {
	t.Helper()
	for i, err := range t.apply(d, action, names...) {
		if err != nil && !(action == member.ActionRetransfer && errors.Is(err, member.ErrSame)) {
			t.Fatalf("%s %s: %v", action, names[i], err)
		}
	}
}

var (
	absent  = member.Presence{}
	current = member.Presence{Present: true, Ours: true, Current: true}
	dated   = member.Presence{Present: true, Ours: true}
	foreign = member.Presence{Present: true}
)

// same reports whether two say the same of a zone; what the member cannot hold
// is not looked at.
func same(a, b member.Presence) bool {
	return a.Present == b.Present && a.Ours == b.Ours && a.Current == b.Current && a.Pending == b.Pending
}

// has demands that the driver finds all zones alike: soon, where the server acts
// by itself.
func (t *suite) has(d member.Driver, want member.Presence, names ...zone.Name) {
	t.Helper()
	if t.s.Follows != nil {
		again := time.Now().Add(2 * time.Second)
		t.eventually(func(ctx context.Context) error {
			if same(want, absent) && time.Now().After(again) { // as reconcile would do
				again = time.Now().Add(2 * time.Second)
				_, _ = t.tryAlone(ctx, d, member.ActionDelete, names...)
			}
			there, err := d.Has(ctx, names)
			for i := range there {
				if !same(there[i], want) {
					err = fmt.Errorf("%s: %+v, want %+v", names[i], there[i], want)
				}
			}
			return err
		})
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	there, err := d.Has(ctx, names)
	if err != nil || len(there) != len(names) {
		t.Fatalf("Has: %d of %d, %v", len(there), len(names), err)
	}
	for i, name := range names {
		if !same(there[i], want) {
			t.Errorf("%s: %+v, want %+v", name, there[i], want)
		}
	}
}

// serves waits until the server serves a zone with a serial. One that it did
// not fetch at once is fetched again, as reconcile would do.
func (t *suite) serves(d member.Driver, name zone.Name, serial uint32) {
	t.Helper()
	again := time.Now().Add(2 * time.Second)
	t.eventually(func(ctx context.Context) error {
		got, err := t.s.Serial(ctx, name)
		switch {
		case err == nil && got == serial:
			return nil
		case time.Now().After(again):
			again = time.Now().Add(2 * time.Second)
			_, _ = t.try(ctx, d, member.ActionRetransfer, name)
		}
		return fmt.Errorf("%s: serial %d, not %d (%w)", name, got, serial, err)
	})
}

// servesNot waits until the server does not serve a zone any more.
func (t *suite) servesNot(name zone.Name) {
	t.Helper()
	t.eventually(func(ctx context.Context) error {
		if serial, err := t.s.Serial(ctx, name); err == nil {
			return fmt.Errorf("%s is still served, with serial %d", name, serial)
		}
		return nil
	})
}

func (t *suite) eventually(try func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		if ctx.Err() != nil && last != nil { // what it was about, and not that time is over
			err = last
		}
		last = err
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(err)
		}
	}
}

// put has the primary serve zones with serial 1.
func (t *suite) put(names ...zone.Name) []zone.Name {
	t.Helper()
	for _, name := range names {
		t.s.Put(t.T, name, 1)
	}
	return slices.Clone(names)
}
