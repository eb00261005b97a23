package dnsadmin

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// What comes round a circle is taken once.
func TestIdsOfACircle(t *testing.T) {
	t.Parallel()
	c := &clock{time.Unix(1_000_000, 0)}
	ids := NewIds(10, time.Hour, c.now)
	for _, step := range []struct {
		what                         string
		source, action, zone, uniqid string
		first                        bool
	}{
		{"an action", "web1", "savezone", "a.example", "id1", true},
		{"its repeat", "web1", "savezone", "a.example", "id1", true},
		{"it comes round", "web2", "savezone", "a.example", "id1", false},
		{"again", "web2", "savezone", "a.example", "id1", false},
		{"the same action on another zone of a batch", "web2", "savezone", "b.example", "id1", true},
		{"what the action makes of it", "web2", "reloadbind", "a.example", "id1_1", true},
		{"what we do ourselves", "", "synczones", "c.example", "id2", true},
		{"and comes back", "web1", "synczones", "c.example", "id2", false},
		{"an action without an id", "web1", "savezone", "a.example", "", true},
		{"another without an id", "web2", "savezone", "a.example", "", true},
		{"parts that run into each other", "web2", "savezonea", ".example", "id1", true},
	} {
		if got := ids.First(step.source, step.action, step.zone, step.uniqid); got != step.first {
			t.Errorf("%s: first %v", step.what, got)
		}
	}
	c.at = c.at.Add(time.Hour)
	if !ids.First("web2", "savezone", "a.example", "id1") {
		t.Error("an id is remembered for longer than an hour")
	}
}

func TestIdsOfVersions(t *testing.T) {
	t.Parallel()
	c := &clock{time.Unix(1_000_000, 0)}
	ids := NewIds(2, time.Hour, c.now)
	ids.Mark("a.example", 7, "id1")
	ids.Mark("a.example", 8, "id2")
	ids.Mark("b.example", 8, "")
	ids.Mark("b.example", 8, strings.Repeat("x", maxUniqID+1))
	for _, row := range []struct {
		zone   string
		serial uint32
		want   string
	}{{"a.example", 8, "id2"}, {"a.example", 7, ""}, {"a.example", 9, ""}, {"b.example", 8, ""}} {
		if got := ids.Of(row.zone, row.serial); got != row.want {
			t.Errorf("%s %d: %q", row.zone, row.serial, got)
		}
	}
	c.at = c.at.Add(time.Hour)
	if got := ids.Of("a.example", 8); got != "" {
		t.Errorf("after an hour: %q", got)
	}
}

// However many come, so many are kept: the newest, also of one that comes again and again.
func TestIdsAreBounded(t *testing.T) {
	t.Parallel()
	const most = 50
	ids := NewIds(most, time.Hour, time.Now)
	for i := range 10 * most {
		ids.Mark("often.example", uint32(i), "id")
		ids.Mark(fmt.Sprintf("z%d.example", i), 1, "id")
		ids.First("web1", "savezone", fmt.Sprintf("z%d.example", i), "id")
	}
	for what, n := range map[string]int{
		"versions": len(ids.versions.of), "in their order": ids.versions.order.Len(),
		"actions": len(ids.seen.of), "in that order": ids.seen.order.Len(),
	} {
		if n != most {
			t.Errorf("%d %s are kept", n, what)
		}
	}
	if ids.Of("often.example", 10*most-1) == "" || ids.Of(fmt.Sprintf("z%d.example", 10*most-1), 1) == "" {
		t.Error("the newest are forgotten")
	}
	if !ids.First("web2", "savezone", "z0.example", "id") {
		t.Error("the oldest is remembered")
	}
}

func TestUniqID(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-zA-Z0-9]{32}$`)
	a, b := UniqID(), UniqID()
	if !form.MatchString(a) || !form.MatchString(b) || a == b {
		t.Errorf("%s, %s", a, b)
	}
	if got := NextID("id", 2); got != "id_2" {
		t.Errorf("got %s", got)
	}
}
