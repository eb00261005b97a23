package rndc

import (
	"strconv"
	"testing"
	"time"
)

// Greetings of many connections are no duplicates of each other, cost no
// memory without end, and never lock anybody out.
func TestGreetingsAreRememberedWithinBounds(t *testing.T) {
	t.Parallel()
	var r replays
	now := epoch
	for i := range 2*maxGreetings + 10 {
		sent := now.Add(-time.Duration(i%600-300) * time.Second) // clocks differ
		if !r.fresh(strconv.Itoa(i), sent, now) {
			t.Fatalf("message %d passes for a duplicate", i)
		}
	}
	if n := len(r.young.has) + len(r.old.has); n > 2*maxGreetings {
		t.Errorf("%d are remembered", n)
	}
	last := strconv.Itoa(2 * maxGreetings)
	if r.fresh(last, now, now.Add(replayFor-time.Second)) {
		t.Error("a duplicate passes")
	}
	if !r.fresh(last, now, now.Add(2*replayFor)) {
		t.Error("a message is remembered for ever")
	}
}

// On one connection nothing passes twice, however much came since: what is
// not remembered is too old.
func TestNothingPassesTwiceOnOneConnection(t *testing.T) {
	t.Parallel()
	r := &newSession().seen
	const each = 100 // messages a second
	for i := range 5 * maxOfOne {
		at := epoch.Add(time.Duration(i/each) * time.Second)
		if !r.fresh(strconv.Itoa(i), at, at) {
			t.Fatalf("message %d passes for a duplicate", i)
		}
	}
	now := epoch.Add(5 * maxOfOne / each * time.Second)
	for i := range 5 * maxOfOne {
		if r.fresh(strconv.Itoa(i), epoch.Add(time.Duration(i/each)*time.Second), now) {
			t.Fatalf("message %d passes twice", i)
		}
	}
	if n := len(r.young.has) + len(r.old.has); n > 2*maxOfOne {
		t.Errorf("%d are remembered", n)
	}
	if !r.fresh("next", now, now) {
		t.Error("the connection is of no use any more")
	}
}
