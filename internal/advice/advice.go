// Package advice says what people should be told, as a pure function of what
// was observed and of what they were told before. It is asked once a minute or
// so, and when there is news; it repeats nothing, and says when something is
// well again.
package advice

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/notice"
)

const (
	// patience is how long a member may be in trouble before it is worth a
	// person's night: a restart of named with many zones takes minutes.
	patience = 5 * time.Minute
	// gather is how long what waits is gathered after it was told of: a
	// migration holds hundreds of changes, and they are one piece of news.
	gather = 10 * time.Minute
)

// Seen is what was observed at one time.
type Seen struct {
	At       time.Time
	Settings skein.ClusterSettings
	Members  []skein.Member
	Sources  []skein.Source
	Waiting  []skein.Waiting // at most as many as are worth counting
	More     bool            // there are more of them
	Expires  []Expiry
}

// Expiry is a secondary zone whose primaries have been away for long.
type Expiry struct {
	Zone   string
	Source string
	At     time.Time
}

// State is what people were told; it is kept between runs.
type State struct {
	Trouble map[string]Trouble `json:"trouble"`           // by what it is about
	Waiting int64              `json:"waiting,omitempty"` // number of the newest waiting change that was told
	Waited  time.Time          `json:"waited,omitzero"`   // when that was
}

// Trouble is something that is not as it should be.
type Trouble struct {
	Since time.Time `json:"since"`
	Told  bool      `json:"told,omitempty"`
}

// finding is a trouble that was seen, and what to say of it.
type finding struct {
	key      string
	patience time.Duration
	notice   notice.Notice
	over     notice.Notice
	unknown  bool // nobody can tell: it is as it was
}

// On returns what is to be told now, and the state from then on.
func On(before State, seen Seen) (State, []notice.Notice) {
	after := State{Trouble: map[string]Trouble{}, Waiting: before.Waiting, Waited: before.Waited}
	var tell []notice.Notice
	say := func(n notice.Notice) {
		n.At = seen.At
		tell = append(tell, n)
	}
	overs := map[string]notice.Notice{}
	for _, f := range slices.Concat(members(seen), disabled(seen), zones(seen), sources(seen), expiries(seen)) {
		overs[f.key] = f.over
		if was, troubled := before.Trouble[f.key]; f.unknown && troubled {
			after.Trouble[f.key] = was
		}
		if f.notice.Text == "" { // well
			continue
		}
		t, known := before.Trouble[f.key]
		if !known {
			t.Since = seen.At
		}
		if !t.Told && seen.At.Sub(t.Since) >= f.patience {
			t.Told = true
			say(f.notice)
		}
		after.Trouble[f.key] = t
	}
	for _, key := range slices.Sorted(maps.Keys(before.Trouble)) {
		// Who was removed is neither in trouble nor well.
		over, there := overs[key]
		if _, still := after.Trouble[key]; !still && there && before.Trouble[key].Told && over.Text != "" {
			say(over)
		}
	}
	if n, ok := waiting(&after, seen); ok {
		say(n)
	}
	return after, tell
}

func members(seen Seen) (all []finding) {
	for _, m := range seen.Members {
		if m.State != skein.MemberEnabled && m.State != skein.MemberUnreachable || m.Status == nil {
			continue
		}
		f := finding{key: "member " + m.Name, patience: patience,
			over: notice.Notice{Kind: notice.MemberBack, Subject: m.Name, Text: fmt.Sprintf("member %s answers again and is brought up to date", m.Name)}}
		if !m.Status.Reachable && m.Status.Failures > 0 {
			f.notice = notice.Notice{Kind: notice.MemberFails, Subject: m.Name,
				Text: fmt.Sprintf("member %s has not been working for %s: %s", m.Name, patience, m.Status.LastError),
				Mend: "skein member test " + m.Name + " says what is wrong; it gets what it missed by itself"}
		}
		all = append(all, f)
	}
	return all
}

// disabled are the members that the failure threshold disabled, where people
// want to know. Who disables one by hand knows.
func disabled(seen Seen) (all []finding) {
	if !seen.Settings.FailureNotices {
		return nil
	}
	for _, m := range seen.Members {
		f := finding{key: "disabled " + m.Name}
		switch m.State {
		case skein.MemberDisabledThreshold:
			then := "it is enabled again by itself once it answers"
			if seen.Settings.Reenable == skein.ReenableManual {
				then = "once that is mended, skein member enable " + m.Name
			}
			f.notice = notice.Notice{Kind: notice.MemberDisabled, Subject: m.Name,
				Mend: fmt.Sprintf("skein member test %s says what is wrong; %s", m.Name, then),
				Text: fmt.Sprintf("member %s was disabled: %s", m.Name, m.DisabledWhy)}
		case skein.MemberEnabled:
			f.over = notice.Notice{Kind: notice.MemberEnabled, Subject: m.Name,
				Text: fmt.Sprintf("member %s is enabled again and is brought up to date", m.Name)}
		}
		all = append(all, f)
	}
	return all
}

func sources(seen Seen) (all []finding) {
	for _, s := range seen.Sources {
		if s.Status == nil || s.Paused {
			continue
		}
		f := finding{key: "source " + s.Name,
			over: notice.Notice{Kind: notice.SourceHeard, Subject: s.Name, Text: fmt.Sprintf("source %s is heard of again", s.Name)}}
		if s.Status.Silent {
			f.notice = notice.Notice{Kind: notice.SourceSilent, Subject: s.Name,
				Text: fmt.Sprintf("nothing was heard of source %s for more than %s; its %d zones stay in service as they are", s.Name, s.Silence, s.Status.Zones),
				Mend: "look there whether it still sends its changes; skein source show " + s.Name + " says when it last did"}
		}
		all = append(all, f)
	}
	return all
}

// expiries are one finding a source: a primary that is away takes all of its
// zones with it.
func expiries(seen Seen) (all []finding) {
	bySource := map[string][]Expiry{}
	for _, e := range seen.Expires {
		bySource[e.Source] = append(bySource[e.Source], e)
	}
	for _, source := range slices.Sorted(maps.Keys(bySource)) {
		zones := bySource[source]
		first := slices.MinFunc(zones, func(a, b Expiry) int { return a.At.Compare(b.At) })
		all = append(all, finding{key: "expiry " + source, notice: notice.Notice{Kind: notice.ZoneExpires, Subject: source,
			Text: fmt.Sprintf("no primary of %d zones of source %s answers; the first of them, %s, expires at %s", len(zones), source, first.Zone, first.At.UTC().Format(time.RFC3339)),
			Mend: "bring its primaries back, or take the zones over: skein zone takeover " + first.Zone}})
	}
	return all
}

// waiting tells of changes that wait which nobody was told of.
func waiting(state *State, seen Seen) (notice.Notice, bool) {
	newest, count := state.Waiting, map[string]int{}
	var first *skein.Waiting
	for i, w := range seen.Waiting {
		if w.ID <= state.Waiting {
			continue
		}
		if first == nil {
			first = &seen.Waiting[i]
		}
		newest = max(newest, w.ID)
		count[w.Kind+" of source "+w.Source]++
	}
	if first == nil || seen.At.Sub(state.Waited) < gather {
		return notice.Notice{}, false
	}
	state.Waiting, state.Waited = newest, seen.At
	total, parts := 0, []string{}
	for _, what := range slices.Sorted(maps.Keys(count)) {
		total += count[what]
		parts = append(parts, fmt.Sprintf("%d %s", count[what], what))
	}
	n := notice.Notice{Kind: notice.ChangeWaits, Subject: string(first.Zone), Mend: "skein hold list, skein conflict list"}
	if total == 1 && !seen.More {
		n.Text = fmt.Sprintf("a change of %s by source %s waits for a person (%s): %s", first.Zone, first.Source, first.Kind, first.Reason)
		return n, true
	}
	atLeast := ""
	if seen.More {
		atLeast = "at least "
	}
	n.Text = fmt.Sprintf("%s%d changes wait for a person: %s; the first is of %s: %s", atLeast, total, strings.Join(parts[:min(len(parts), 5)], ", "), first.Zone, first.Reason)
	return n, true
}
