// Package membertest is the suite that every driver must pass, run against a
// real server: what the member.Driver contract says, told as stories.
package membertest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Subject is a driver with the server it drives, and the primary that the
// server fetches zones from. A story leaves no zone behind.
type Subject struct {
	// Driver makes a driver. With a zero address it speaks to the server
	// itself, else to a proxy there. It is closed with the test.
	Driver func(t *testing.T, via netip.AddrPort) member.Driver
	// Stranger makes one whose credentials are not the server's.
	Stranger func(t *testing.T) member.Driver
	// Moved makes one that wants its zones set up otherwise: with other
	// primaries, from which they can be fetched as well.
	Moved func(t *testing.T) member.Driver
	// Control is where the driver speaks to the server.
	Control netip.AddrPort
	// Put has the primary serve a zone with a serial, and says so to nobody.
	Put func(t *testing.T, name zone.Name, serial uint32)
	// Serial asks the server over DNS. An error is any other answer than a serial.
	Serial func(ctx context.Context, name zone.Name) (uint32, error)
	// Stop and Start end the server and bring it back as it was.
	Stop, Start func(t *testing.T)
	// Pause lets the server take connections and not answer, until Resume.
	Pause, Resume func(t *testing.T)
	// Foreign are zones that the server has and that are not Skein's, by
	// how they came there. Their serial is 1.
	Foreign map[string]zone.Name
}

// Run runs the suite.
func Run(t *testing.T, s *Subject) {
	for _, story := range []struct {
		name string
		tell func(*suite)
	}{
		{"a zone comes, changes and goes", (*suite).comesChangesAndGoes},
		{"a zone is added before it is served", (*suite).tooEarly},
		{"a second round does nothing", (*suite).secondRound},
		{"many zones in one call", (*suite).many},
		{"names of every kind", (*suite).oddNames},
		{"the root zone", (*suite).theRoot},
		{"foreign zones are left alone", (*suite).foreign},
		{"a zone that is set up otherwise is mended", (*suite).mended},
		{"a step that cannot be done keeps none from the others", (*suite).oneBadStep},
		{"wrong credentials change nothing", (*suite).stranger},
		{"a command that is lost has failed", (*suite).lostCommand},
		{"a command whose answer is lost has failed, but is done", (*suite).lostAnswer},
		{"a server that does not answer", (*suite).silence},
		{"a call that is broken off", (*suite).brokenOff},
		{"a restart of the server", (*suite).restart},
		{"a server that is away", (*suite).isAway},
	} {
		t.Run(story.name, func(t *testing.T) { story.tell(&suite{T: t, s: s}) })
	}
}

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

// must demands that an action works for all zones.
func (t *suite) must(d member.Driver, action member.Action, names ...zone.Name) {
	t.Helper()
	for i, err := range t.apply(d, action, names...) {
		if err != nil {
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

// has demands that the driver finds all zones alike.
func (t *suite) has(d member.Driver, want member.Presence, names ...zone.Name) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	there, err := d.Has(ctx, names)
	if err != nil || len(there) != len(names) {
		t.Fatalf("Has: %d of %d, %v", len(there), len(names), err)
	}
	for i, name := range names {
		if there[i] != want {
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
	for {
		err := try(ctx)
		if err == nil {
			return
		}
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
