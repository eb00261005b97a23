package advice

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/notice"
)

var start = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func member(reachable bool) skein.Member {
	m := skein.Member{Name: "ns2", State: skein.MemberEnabled, Status: &skein.MemberStatus{Reachable: reachable}}
	if !reachable {
		m.Status.Failures, m.Status.LastError = 3, "connection refused"
	}
	return m
}

func source(silent bool) skein.Source {
	return skein.Source{Name: "plesk1", Silence: time.Hour, Status: &skein.SourceStatus{Silent: silent, Zones: 12}}
}

func held(id int64, source string) skein.Waiting {
	return skein.Waiting{ID: id, Kind: skein.WaitingHold, Zone: "a.example.", Source: source, Reason: "too many deletions"}
}

// bad is a member with zones that it does not take, and that are other than ours.
func bad(failed, differs int, reachable bool) Seen {
	m := member(reachable)
	m.Status.Failed, m.Status.Stale, m.Status.Differs = failed, differs, differs
	return Seen{Members: []skein.Member{m}}
}

// lost is a member that so many zones expire on.
func lost(zones int) Seen {
	m := member(true)
	if m.Status.Expiring = zones; zones > 0 {
		m.Status.Expires, m.Status.ExpiresZone = start.Add(3*time.Hour), "a.example."
	}
	return Seen{Members: []skein.Member{m}}
}

// each look is at a minute of the story, and says which notices come of it.
type look struct {
	minute int
	seen   Seen
	tell   []string // "kind: a part of the text"
}

func TestWhatPeopleAreTold(t *testing.T) {
	t.Parallel()
	down, up := Seen{Members: []skein.Member{member(false)}}, Seen{Members: []skein.Member{member(true)}}
	stopped := member(false)
	stopped.State = skein.MemberDisabled
	crossed := stopped
	crossed.State, crossed.DisabledWhy = skein.MemberDisabledThreshold, "10 operations failed in a row, at last: connection refused"
	with := func(m skein.Member, reenable string, notices bool) Seen {
		return Seen{Members: []skein.Member{m}, Settings: skein.ClusterSettings{Reenable: reenable, FailureNotices: notices}}
	}
	const automatic, manual = skein.ReenableAutomatic, skein.ReenableManual
	const wasDisabled, isEnabled = "member-disabled: member ns2 was disabled: 10 operations failed in a row, at last: connection refused", "member-enabled: member ns2 is enabled again"
	silent, heard := Seen{Sources: []skein.Source{source(true)}}, Seen{Sources: []skein.Source{source(false)}}
	expires := Seen{Expires: []Expiry{{"b.example.", "knot", start.Add(3 * time.Hour)}, {"a.example.", "knot", start.Add(2 * time.Hour)}}}
	for name, story := range map[string][]look{
		"a member that is restarted": {{0, down, nil}, {4, down, nil}, {5, up, nil}, {20, up, nil}},
		"a member that stays away is news once, and its return too": {
			{0, down, nil}, {4, down, nil}, {5, down, []string{"member-fails: ns2 has not been working for 5m0s: connection refused"}}, {6, down, nil}, {600, down, nil},
			{601, up, []string{"member-back: ns2 answers again"}}, {602, up, nil}},
		"a member that comes and goes begins anew":          {{0, down, nil}, {4, up, nil}, {5, down, nil}, {9, down, nil}, {10, down, []string{"member-fails: ns2"}}},
		"a member that a person disables meanwhile":         {{0, down, nil}, {5, down, []string{"member-fails: ns2"}}, {6, Seen{Members: []skein.Member{stopped}}, nil}},
		"a member that is removed meanwhile":                {{0, down, nil}, {5, down, []string{"member-fails: ns2"}}, {6, Seen{}, nil}},
		"the threshold disables a member, which comes back": {{0, with(member(false), automatic, true), nil}, {1, with(crossed, automatic, true), []string{wasDisabled}}, {2, with(crossed, automatic, true), nil}, {60, with(member(true), automatic, true), []string{isEnabled}}, {61, with(member(true), automatic, true), nil}},
		"a person enables it again":                         {{1, with(crossed, manual, true), []string{wasDisabled}}, {2, with(member(true), manual, true), []string{isEnabled}}},
		"a person leaves it disabled":                       {{1, with(crossed, manual, true), []string{wasDisabled}}, {2, with(stopped, manual, true), nil}, {3, with(member(true), manual, true), nil}},
		"it is disabled again":                              {{1, with(crossed, automatic, true), []string{wasDisabled}}, {2, with(member(true), automatic, true), []string{isEnabled}}, {3, with(crossed, automatic, true), []string{wasDisabled}}},
		"nobody wants to know":                              {{1, with(crossed, automatic, false), nil}, {2, with(member(true), automatic, false), nil}},
		"it is disabled after it failed for long":           {{0, with(member(false), automatic, true), nil}, {5, with(member(false), automatic, true), []string{"member-fails: ns2"}}, {6, with(crossed, automatic, true), []string{wasDisabled}}, {7, with(member(true), automatic, true), []string{isEnabled}}},
		"a person disables a member":                        {{1, with(member(true), automatic, true), nil}, {2, with(stopped, automatic, true), nil}, {3, with(member(true), automatic, true), nil}},
		"a source that falls silent, and speaks again":      {{0, heard, nil}, {1, silent, []string{"source-silent: nothing was heard of source plesk1 for more than 1h0m0s; its 12 zones"}}, {2, silent, nil}, {3, heard, []string{"source-heard: plesk1 is heard"}}},
		"zones that expire are one piece of news":           {{0, expires, []string{"zone-expires: no primary of 2 zones of source knot answers; the first of them, a.example., expires at 2026-11-25T14:00:00Z"}}, {1, expires, nil}, {2, Seen{}, nil}},
		"a change that waits":                               {{0, Seen{Waiting: []skein.Waiting{held(1, "plesk1")}}, []string{"change-waits: a change of a.example. by source plesk1 waits for a person (hold): too many deletions"}}, {1, Seen{Waiting: []skein.Waiting{held(1, "plesk1")}}, nil}},
		"hundreds that come within minutes are two news": {
			{0, Seen{Waiting: []skein.Waiting{held(1, "plesk1")}}, []string{"change-waits: a change of a.example."}},
			{1, Seen{Waiting: []skein.Waiting{held(1, "plesk1"), held(2, "plesk1")}}, nil},
			{9, Seen{Waiting: []skein.Waiting{held(1, "plesk1"), held(2, "plesk1"), held(3, "plesk2")}}, nil},
			{10, Seen{Waiting: []skein.Waiting{held(1, "plesk1"), held(2, "plesk1"), held(3, "plesk2")}, More: true}, []string{"change-waits: at least 2 changes wait for a person: 1 hold of source plesk1, 1 hold of source plesk2; the first is of a.example."}},
			{60, Seen{}, nil}},
		"zones that a member does not take are news once they stay so, once a state": {
			{0, bad(3, 0, true), nil}, {9, bad(2, 0, true), nil}, {10, bad(2, 1, true), []string{"zones-fail: ns2 does not take 2 of its zones"}},
			{11, bad(7, 1, true), nil}, {20, bad(7, 1, true), []string{"zones-fail: ns2 serves 1 of its zones with other contents"}},
			{21, bad(0, 1, true), []string{"zones-well: no zone of member ns2 is failed"}}, {22, bad(0, 0, true), []string{"zones-well: no zone of member ns2 is differs"}}},
		"zones that settle within minutes are none": {{0, bad(5, 2, true), nil}, {9, bad(5, 2, true), nil}, {10, bad(0, 0, true), nil}, {30, bad(0, 0, true), nil}},
		"what is told stays told while the member is away": {
			{0, bad(3, 0, true), nil}, {10, bad(3, 0, true), []string{"zones-fail: ns2 does not take 3"}},
			{11, bad(0, 0, false), nil}, {16, bad(0, 0, false), []string{"member-fails: ns2"}},
			{17, bad(3, 0, true), []string{"member-back: ns2"}}, {18, bad(0, 0, true), []string{"zones-well: no zone of member ns2 is failed"}}},
		"a member that lost its primary": {
			{0, lost(0), nil}, {1, lost(4), []string{"zone-expires: member ns2 does not reach its primary: 4 zones expire there, the first of them, a.example., at 2026-11-25T15:00:00Z"}},
			{2, lost(5), nil}, {3, lost(0), []string{"zones-well: member ns2 hears from its primary again"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var state State
			for _, l := range story {
				l.seen.At = start.Add(time.Duration(l.minute) * time.Minute)
				var tell []notice.Notice
				state, tell = On(restarted(t, state), l.seen)
				if len(tell) != len(l.tell) {
					t.Fatalf("minute %d: told %+v", l.minute, tell)
				}
				for i, n := range tell {
					kind, part, _ := strings.Cut(l.tell[i], ": ")
					if string(n.Kind) != kind || !strings.Contains(n.Text, part) || !n.At.Equal(l.seen.At) || n.Subject == "" {
						t.Errorf("minute %d: told %+v, want %s", l.minute, n, l.tell[i])
					}
				}
			}
		})
	}
}

// restarted is the state as the next run of Skein finds it.
func restarted(t *testing.T, s State) State {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again State
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s, again); d != "" {
		t.Fatal(d)
	}
	return again
}

// What to do is another thing where a person is to decide.
func TestWhatToDoAboutADisabledMember(t *testing.T) {
	t.Parallel()
	for reenable, want := range map[string]string{skein.ReenableAutomatic: "by itself", skein.ReenableManual: "skein member enable ns2"} {
		m := member(false)
		m.State = skein.MemberDisabledThreshold
		_, tell := On(State{}, Seen{Members: []skein.Member{m}, Settings: skein.ClusterSettings{Reenable: reenable, FailureNotices: true}})
		if len(tell) != 1 || !strings.Contains(tell[0].Mend, want) {
			t.Errorf("%s: %+v", reenable, tell)
		}
	}
}
