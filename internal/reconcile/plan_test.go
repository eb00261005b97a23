package reconcile

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	just := func(by member.Action) Seen { return Seen{Told: now, By: by, Due: now.Add(2 * time.Second)} }
	late := func(by member.Action) Seen {
		return Seen{Told: now.Add(-3 * time.Second), By: by, Due: now.Add(-time.Second)}
	}
	with := func(s Seen, look Look, serial uint32) Seen { s.Look, s.Serial = look, serial; return s }
	proven := func(s Seen) Seen { s.Proven = true; return s }
	parted := func(s Seen) Seen { s.Parted = true; return s }
	transfers := member.Capabilities{Transfer: true}
	brings := Rules{Read: func(string) bool { return false }} // contents, itself
	cloud := Rules{Caps: member.Capabilities{Own: true}}
	has := func(look Look, serial uint32, lacks string) Seen {
		return Seen{Look: look, Serial: serial, Lacks: lacks}
	}
	both := Rules{Read: func(pool string) bool { return pool == "default" }}

	for _, row := range []struct {
		situation string
		gone      bool // the zone is deleted; else serial 5 is wanted
		seen      Seen
		rules     Rules
		step      member.Action
		ask       bool
		check     bool
		settled   bool
		held      bool
		ahead     bool
		state     skein.ZoneState
	}{
		{situation: "nothing is known", ask: true, state: skein.StatePending},
		{situation: "a zone just made", seen: Seen{Expect: Absent}, step: member.ActionAdd, state: skein.StatePending},
		{situation: "a verified zone just changed", seen: Seen{Expect: Serves}, step: ActionNotify, state: skein.StatePending},
		{situation: "the same on a member that is given contents, and may have newer ones by now", seen: Seen{Expect: Serves}, rules: brings, ask: true, state: skein.StatePending},
		{situation: "a zone just made, that a member which is given contents may have had before", seen: Seen{Expect: Absent}, rules: brings, ask: true, state: skein.StatePending},
		{situation: "told, and silent since", seen: late(member.ActionAdd), ask: true, state: skein.StateTold},
		{situation: "serves it", seen: Seen{Look: Serves, Serial: 5}, settled: true, state: skein.StateVerified},
		{situation: "serves what it was told of, and fetched it here", seen: proven(with(just(ActionNotify), Serves, 5)), settled: true, state: skein.StateVerified},
		{situation: "serves what it was told of, and was not seen to fetch it", seen: with(just(ActionNotify), Serves, 5), state: skein.StateTold},
		{situation: "serves what it was told of, and was not seen to fetch it for long", seen: with(late(ActionNotify), Serves, 5), step: member.ActionRetransfer, state: skein.StateTold},
		{situation: "serves what it was told to fetch, and was not seen to", seen: with(just(member.ActionRetransfer), Serves, 5), state: skein.StateTold},
		{situation: "serves what it was told to fetch, and must have fetched elsewhere", seen: with(late(member.ActionRetransfer), Serves, 5), settled: true, state: skein.StateVerified},
		{situation: "serves it, but perhaps another's", seen: Seen{Look: Serves, Serial: 5, Doubt: true}, check: true, state: skein.StatePending},
		{situation: "serves an older one", seen: Seen{Look: Serves, Serial: 4}, step: ActionNotify, state: skein.StatePending},
		{situation: "serves an older one, perhaps another's", seen: Seen{Look: Serves, Serial: 4, Doubt: true}, step: member.ActionAdd, state: skein.StatePending},
		{situation: "serves an older one just after it was told", seen: with(just(ActionNotify), Serves, 4), state: skein.StateTold},
		{situation: "serves an older one long after it was told", seen: with(late(ActionNotify), Serves, 4), step: member.ActionRetransfer, state: skein.StateStale},
		{situation: "serves one across the wrap of serials that is newer", seen: Seen{Look: Serves, Serial: 5 + 1<<31 - 1}, ahead: true, state: skein.StateDiffers},
		{situation: "serves one across the wrap of serials that is older", seen: Seen{Look: Serves, Serial: 1<<31 + 6}, step: ActionNotify, state: skein.StatePending},
		{situation: "serves one beyond ours", seen: Seen{Look: Serves, Serial: 9}, ahead: true, state: skein.StateDiffers},
		{situation: "serves one beyond ours, perhaps another's", seen: Seen{Look: Serves, Serial: 9, Doubt: true}, check: true, state: skein.StatePending},
		{situation: "was beyond ours, and just changed", seen: Seen{Expect: Serves, Parted: true}, ask: true, state: skein.StatePending},
		{situation: "was beyond ours, and ours is level now", seen: Seen{Look: Serves, Serial: 5, Parted: true}, step: member.ActionRetransfer, state: skein.StateDiffers},
		{situation: "was beyond ours, and ours is beyond it now", seen: Seen{Look: Serves, Serial: 4, Parted: true}, step: member.ActionRetransfer, state: skein.StateDiffers},
		{situation: "is beyond ours still", seen: Seen{Look: Serves, Serial: 9, Parted: true}, ahead: true, state: skein.StateDiffers},
		{situation: "was beyond ours, and was just told to fetch all", seen: parted(with(just(member.ActionRetransfer), Serves, 5)), state: skein.StateTold},
		{situation: "was beyond ours, and has not fetched for long", seen: parted(with(late(member.ActionRetransfer), Serves, 5)), step: member.ActionRetransfer, state: skein.StateDiffers},
		{situation: "serves one that we have not heard of but our primary has", seen: Seen{Look: Serves, Serial: 9}, rules: Rules{Caps: transfers, Served: func(zone.Name) (uint32, bool) { return 9, true }}, settled: true, state: skein.StateVerified},
		{situation: "serves one that we have not heard of, and our primary has not loaded the zone yet", seen: Seen{Look: Serves, Serial: 9}, rules: Rules{Caps: transfers, Served: func(zone.Name) (uint32, bool) { return 0, false }}, state: skein.StatePending},
		{situation: "serves it with contents that nobody gave it", seen: Seen{Look: Serves, Serial: 5, Doubt: true, Parted: true}, rules: brings, check: true, state: skein.StatePending},
		{situation: "serves it with other contents, and is only written", seen: Seen{Look: Serves, Serial: 5, Parted: true}, rules: brings, step: member.ActionAdd, state: skein.StateDiffers},
		{situation: "serves it with other contents, and is read as well", seen: Seen{Look: Serves, Serial: 5, Parted: true}, rules: both, ahead: true, state: skein.StateDiffers},
		{situation: "had it with other contents and is read as well, and ours is beyond it now", seen: Seen{Look: Serves, Serial: 4, Parted: true}, rules: both, step: member.ActionAdd, state: skein.StateDiffers},
		{situation: "was just given it, and is read as well", seen: with(just(member.ActionAdd), Serves, 5), rules: both, settled: true, state: skein.StateVerified},
		{situation: "does not have it", seen: Seen{Look: Absent}, step: member.ActionAdd, state: skein.StatePending},
		{situation: "does not have it, though NOTIFY took that for granted", seen: with(just(ActionNotify), Absent, 0), step: member.ActionAdd, state: skein.StateTold},
		{situation: "does not have it yet", seen: with(just(member.ActionAdd), Absent, 0), state: skein.StateTold},
		{situation: "lost it again", seen: with(late(member.ActionAdd), Absent, 0), step: member.ActionAdd, state: skein.StateTold},
		{situation: "has not loaded it, whoever set it up", seen: Seen{Look: NotLoaded}, step: member.ActionAdd, state: skein.StatePending},
		{situation: "has not loaded it yet", seen: with(just(member.ActionAdd), NotLoaded, 0), state: skein.StateTold},
		{situation: "missed its first transfer", seen: with(late(member.ActionAdd), NotLoaded, 0), step: member.ActionRetransfer, state: skein.StateTold},
		{situation: "has another's", seen: Seen{Look: Foreign}, state: skein.StateForeign},

		{situation: "nothing is known of a cloud", rules: cloud, ask: true, state: skein.StatePending},
		{situation: "nothing is known of a cloud, that was said to differ", rules: cloud, seen: Seen{Doubt: true, Parted: true}, ask: true, state: skein.StatePending},
		{situation: "a zone just made, for a cloud", rules: cloud, seen: Seen{Expect: Absent}, step: member.ActionAdd, state: skein.StatePending},
		{situation: "a zone just changed, for a cloud", rules: cloud, seen: Seen{Expect: Serves}, step: member.ActionAdd, state: skein.StatePending},
		{situation: "a cloud was told, and has not said since what it has", rules: cloud, seen: late(member.ActionAdd), ask: true, state: skein.StateTold},
		{situation: "a cloud has what is published", rules: cloud, seen: has(Serves, 5, ""), settled: true, state: skein.StateVerified},
		{situation: "a cloud has what is published, whoever put it there", rules: cloud, seen: Seen{Look: Serves, Serial: 5, Doubt: true, Parted: true}, settled: true, state: skein.StateVerified},
		{situation: "a cloud has what was just published, and we have not heard of it", rules: cloud, seen: has(Serves, 6, ""), settled: true, state: skein.StateVerified},
		{situation: "a cloud has what was published before", rules: cloud, seen: has(Serves, 4, ""), step: member.ActionAdd, state: skein.StatePending},
		{situation: "a cloud has something else", rules: cloud, seen: has(Other, 0, ""), step: member.ActionAdd, state: skein.StatePending},
		{situation: "a cloud has something else just after it was told", rules: cloud, seen: with(just(member.ActionAdd), Other, 0), state: skein.StateTold},
		{situation: "a cloud has something else long after it was told", rules: cloud, seen: with(late(member.ActionAdd), Other, 0), step: member.ActionAdd, state: skein.StateDiffers},
		{situation: "a cloud lacks the zone", rules: cloud, seen: has(Absent, 0, ""), step: member.ActionAdd, state: skein.StatePending},
		{situation: "a cloud cannot hold some records", rules: cloud, seen: has(Serves, 5, "1 record: a"), held: true, state: skein.StateDiffers},
		{situation: "a cloud cannot hold some records, and has what was published before", rules: cloud, seen: has(Serves, 4, "1 record: a"), step: member.ActionAdd, state: skein.StatePending},
		{situation: "a cloud has another's", rules: cloud, seen: has(Foreign, 0, ""), state: skein.StateForeign},
		{situation: "deleted, and a cloud has it still, in whatever version", gone: true, rules: cloud, seen: has(Other, 0, ""), step: member.ActionDelete, state: skein.StatePending},
		{situation: "deleted, and gone from a cloud", gone: true, rules: cloud, seen: has(Absent, 0, ""), settled: true, state: skein.StateAbsent},

		{situation: "deleted, nothing is known", gone: true, ask: true, state: skein.StatePending},
		{situation: "just deleted", gone: true, seen: Seen{Expect: Serves}, step: member.ActionDelete, state: skein.StatePending},
		{situation: "deleted, and still there", gone: true, seen: Seen{Look: Serves, Serial: 5}, step: member.ActionDelete, state: skein.StatePending},
		{situation: "deleted, and there without contents", gone: true, seen: Seen{Look: NotLoaded}, step: member.ActionDelete, state: skein.StatePending},
		{situation: "deleted, and not gone yet", gone: true, seen: with(just(member.ActionDelete), Serves, 5), state: skein.StateTold},
		{situation: "deleted, and not gone for long", gone: true, seen: with(late(member.ActionDelete), Serves, 5), step: member.ActionDelete, state: skein.StateTold},
		{situation: "deleted and gone", gone: true, seen: Seen{Look: Absent}, settled: true, state: skein.StateAbsent},
		{situation: "deleted, and another's is there", gone: true, seen: Seen{Look: Foreign}, settled: true, state: skein.StateAbsent},
	} {
		t.Run(row.situation, func(t *testing.T) {
			rules := row.rules
			if rules.Served == nil && rules.Read == nil && !rules.Caps.Own {
				rules.Caps = transfers
			}
			rules.Now = now
			d := rules.Decide(Wanted{Zone: "example.com.", Serial: 5, Deleted: row.gone, Pool: "default"}, row.seen)
			if d.Step != row.step || d.Ask != row.ask || d.Check != row.check || d.Settled != row.settled || d.Held != row.held || d.Ahead != row.ahead || d.State != row.state {
				t.Errorf("got %+v", d)
			}
			if (d.State == skein.StateForeign || d.State == skein.StateStale || d.State == skein.StateDiffers) && d.Reason == "" {
				t.Error("no reason is given")
			}
		})
	}
}

func TestTheSecondPlanIsEmpty(t *testing.T) {
	t.Parallel()
	wanted := []Wanted{
		{Zone: "new.example.", Serial: 1}, {Zone: "stale.example.", Serial: 2},
		{Zone: "fine.example.", Serial: 3}, {Zone: "gone.example.", Deleted: true}, {Zone: "foreign.example.", Serial: 1},
	}
	seen := map[zone.Name]Seen{
		"stale.example.":   {Look: Serves, Serial: 1},
		"fine.example.":    {Look: Serves, Serial: 3},
		"gone.example.":    {Look: Serves, Serial: 8},
		"foreign.example.": {Look: Foreign},
	}
	caps := member.Capabilities{Transfer: true}
	steps := Plan(wanted, seen, caps, time.Now())
	if len(steps) != 3 {
		t.Errorf("first plan: %+v", steps)
	}
	for _, s := range steps { // as a member does
		switch s.Action {
		case member.ActionDelete:
			delete(seen, s.Zone)
		default:
			seen[s.Zone] = Seen{Look: Serves, Serial: s.Serial}
		}
	}
	if steps := Plan(wanted, seen, caps, time.Now()); len(steps) != 0 {
		t.Errorf("second plan: %+v", steps)
	}
}

// Whatever was seen of a zone on a member whose serials are its own: the planner
// comes to one thing to do at most, never takes a serial for a conflict, never
// lets what cannot be held pass for verified, and is content once the member has
// done what it was told.
func TestPropertyOfPlansForClouds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		serial := rapid.SampledFrom([]uint32{0, 1, 5, 1 << 31, 1<<32 - 1})
		w := Wanted{Zone: "example.com.", Serial: serial.Draw(t, "wanted"), Deleted: rapid.Bool().Draw(t, "deleted"), Pool: "default"}
		look := rapid.SampledFrom([]Look{Unseen, Serves, Absent, Foreign, Other})
		s := Seen{
			Look: look.Draw(t, "look"), Serial: serial.Draw(t, "serial"), Expect: rapid.SampledFrom([]Look{Unseen, Serves, Absent}).Draw(t, "expect"),
			Doubt: rapid.Bool().Draw(t, "doubt"), Parted: rapid.Bool().Draw(t, "parted"), Lacks: rapid.SampledFrom([]string{"", "1 record: a"}).Draw(t, "lacks"),
		}
		if rapid.Bool().Draw(t, "told") {
			s.Told, s.By, s.Due = now.Add(-time.Minute), member.ActionAdd, now.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "due"))*time.Second)
		}
		rules := Rules{Caps: member.Capabilities{Own: true}, Now: now, Read: func(string) bool { return rapid.Bool().Draw(t, "read") }, Present: rapid.Bool().Draw(t, "present")}
		if rapid.Bool().Draw(t, "watched") {
			rules.Watch = "it is watched"
		}
		d := rules.Decide(w, s)
		things := 0
		for _, is := range []bool{d.Step != "", d.Ask, d.Settled, d.Held} {
			if is {
				things++
			}
		}
		switch {
		case things > 1 || d.State == "":
			t.Errorf("%+v", d)
		case d.Ahead || d.Check || d.Step == ActionNotify || d.Step == member.ActionRetransfer:
			t.Errorf("nothing of that kind is for clouds: %+v", d)
		case rules.Watch != "" && d.Step != "":
			t.Errorf("it is only watched: %+v", d)
		case d.State == skein.StateVerified && (s.Look != Serves || s.Lacks != "" || zone.SerialLess(s.Serial, w.Serial)):
			t.Errorf("that was not seen: %+v", d)
		}
		if d.Step == "" {
			return
		}
		s = Seen{Look: Serves, Serial: w.Serial, Told: now, By: d.Step, Due: now.Add(time.Second)}
		if w.Deleted {
			s.Look, s.Serial = Absent, 0
		}
		if d := rules.Decide(w, s); !d.Settled {
			t.Errorf("the second plan is not empty: %+v", d)
		}
	})
}

func TestBackoffStaysWithinItsBounds(t *testing.T) {
	t.Parallel()
	for n := range 100 {
		for _, jitter := range []float64{0, 0.5, 0.999} {
			if d := backoff(time.Second, longest, n, jitter); d < 500*time.Millisecond || d > longest {
				t.Errorf("attempt %d: %s", n, d)
			}
		}
	}
}

func TestRecentForgetsTheOldest(t *testing.T) {
	t.Parallel()
	var r recent
	for i := range maxRecent + 10 {
		r.add(zone.Name(rune(i)), settled{revision: skein.Revision(i)})
	}
	if len(r.by) != maxRecent {
		t.Errorf("%d are kept", len(r.by))
	}
	if _, ok := r.get(zone.Name(rune(9))); ok {
		t.Error("the oldest is still there")
	}
	if s, ok := r.get(zone.Name(rune(10))); !ok || s.revision != 10 {
		t.Error("a newer one is gone")
	}
}
