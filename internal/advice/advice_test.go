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
	silent, heard := Seen{Sources: []skein.Source{source(true)}}, Seen{Sources: []skein.Source{source(false)}}
	expires := Seen{Expires: []Expiry{{"b.example.", "knot", start.Add(3 * time.Hour)}, {"a.example.", "knot", start.Add(2 * time.Hour)}}}
	for name, story := range map[string][]look{
		"a member that is restarted": {{0, down, nil}, {4, down, nil}, {5, up, nil}, {20, up, nil}},
		"a member that stays away is news once, and its return too": {
			{0, down, nil}, {4, down, nil}, {5, down, []string{"member-fails: ns2 has not been working for 5m0s: connection refused"}}, {6, down, nil}, {600, down, nil},
			{601, up, []string{"member-back: ns2 answers again"}}, {602, up, nil}},
		"a member that comes and goes begins anew":     {{0, down, nil}, {4, up, nil}, {5, down, nil}, {9, down, nil}, {10, down, []string{"member-fails: ns2"}}},
		"a member that a person disables meanwhile":    {{0, down, nil}, {5, down, []string{"member-fails: ns2"}}, {6, Seen{Members: []skein.Member{stopped}}, nil}},
		"a member that is removed meanwhile":           {{0, down, nil}, {5, down, []string{"member-fails: ns2"}}, {6, Seen{}, nil}},
		"a source that falls silent, and speaks again": {{0, heard, nil}, {1, silent, []string{"source-silent: nothing was heard of source plesk1 for more than 1h0m0s; its 12 zones"}}, {2, silent, nil}, {3, heard, []string{"source-heard: plesk1 is heard"}}},
		"zones that expire are one piece of news":      {{0, expires, []string{"zone-expires: no primary of 2 zones of source knot answers; the first of them, a.example., expires at 2026-11-25T14:00:00Z"}}, {1, expires, nil}, {2, Seen{}, nil}},
		"a change that waits":                          {{0, Seen{Waiting: []skein.Waiting{held(1, "plesk1")}}, []string{"change-waits: a change of a.example. by source plesk1 waits for a person (hold): too many deletions"}}, {1, Seen{Waiting: []skein.Waiting{held(1, "plesk1")}}, nil}},
		"hundreds that come within minutes are two news": {
			{0, Seen{Waiting: []skein.Waiting{held(1, "plesk1")}}, []string{"change-waits: a change of a.example."}},
			{1, Seen{Waiting: []skein.Waiting{held(1, "plesk1"), held(2, "plesk1")}}, nil},
			{9, Seen{Waiting: []skein.Waiting{held(1, "plesk1"), held(2, "plesk1"), held(3, "plesk2")}}, nil},
			{10, Seen{Waiting: []skein.Waiting{held(1, "plesk1"), held(2, "plesk1"), held(3, "plesk2")}, More: true}, []string{"change-waits: at least 2 changes wait for a person: 1 hold of source plesk1, 1 hold of source plesk2; the first is of a.example."}},
			{60, Seen{}, nil}},
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
