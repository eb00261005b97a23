package control_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// heedThresholds lets the node do what it was told of the threshold.
func (w *world) heedThresholds() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.ctx())
	cancel() // one look, and the end
	w.must(w.Thresholds(ctx))
}

// told is what became of the members, as the audit log has it, since an entry.
func (w *world) toldSince(seq int64) (lines []string) {
	w.t.Helper()
	entries, err := w.store.Audit(w.ctx(), skein.AuditQuery{Limit: 100})
	w.must(err)
	for _, e := range entries {
		if e.Seq > seq {
			lines = append(lines, e.Actor.Name+": "+e.Action+" "+e.Refused)
		}
	}
	slices.Reverse(lines)
	return lines
}

func TestTheFailureThreshold(t *testing.T) {
	t.Parallel()
	const enabled, disabled, byThreshold = skein.MemberEnabled, skein.MemberDisabled, skein.MemberDisabledThreshold
	crossed := func(n int) func(*world) {
		return func(w *world) { w.ThresholdCrossed("ns2", n, "connection refused") }
	}
	recovered := func(w *world) { w.ThresholdRecovered("ns2") }
	by := func(to skein.MemberState) func(*world) { return func(w *world) { w.state("ns2", to) } }
	edit := func(in skein.EditCluster) func(*world) {
		return func(w *world) { _, err := w.EditCluster(w.ctx(), anna, in, nil); w.must(err) }
	}
	manual, never := edit(skein.EditCluster{Reenable: ptr("manual")}), edit(skein.EditCluster{KeepOnline: ptr(true)})
	restart := func(w *world) { w.reopen() }
	for what, row := range map[string]struct {
		story []func(*world)
		state skein.MemberState
		log   []string // what Skein did of its own accord
	}{
		"it is reached":                          {[]func(*world){crossed(10)}, byThreshold, []string{"disable"}},
		"it is reached, and again":               {[]func(*world){crossed(10), crossed(20)}, byThreshold, []string{"disable"}},
		"it was raised meanwhile":                {[]func(*world){edit(skein.EditCluster{Threshold: ptr(20)}), crossed(10)}, enabled, nil},
		"it was raised, and is reached then":     {[]func(*world){edit(skein.EditCluster{Threshold: ptr(20)}), crossed(20)}, byThreshold, []string{"disable"}},
		"members are kept online":                {[]func(*world){never, crossed(10)}, enabled, nil},
		"the member is back":                     {[]func(*world){crossed(10), recovered}, enabled, []string{"disable", "enable"}},
		"it is back after a restart":             {[]func(*world){crossed(10), restart, recovered}, enabled, []string{"disable", "enable"}},
		"it is back, and a person is to decide":  {[]func(*world){manual, crossed(10), recovered}, byThreshold, []string{"disable"}},
		"the person decides":                     {[]func(*world){manual, crossed(10), recovered, by(enabled)}, enabled, []string{"disable"}},
		"after all it may come back by itself":   {[]func(*world){manual, crossed(10), recovered, edit(skein.EditCluster{Reenable: ptr("automatic")}), recovered}, enabled, []string{"disable", "enable"}},
		"a person disabled it":                   {[]func(*world){by(disabled), crossed(10)}, disabled, nil},
		"what a person disabled does not return": {[]func(*world){by(disabled), recovered, restart, recovered}, disabled, nil},
		"a person disables it after all":         {[]func(*world){crossed(10), by(disabled), recovered}, disabled, []string{"disable"}},
		"it is observed":                         {[]func(*world){by(skein.MemberObserved), crossed(10)}, skein.MemberObserved, nil},
		"a restart keeps it disabled":            {[]func(*world){crossed(10), restart}, byThreshold, []string{"disable"}},
		"another member":                         {[]func(*world){func(w *world) { w.ThresholdCrossed("ns9", 10, "") }}, enabled, nil},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			news := 0
			w := newWorldWith(t, func(c *control.Config) { c.News = func() { news++ } })
			w.enabled(described("ns2", "192.0.2.53"))
			began := w.newestAudit().Seq
			for _, step := range row.story {
				w.later(time.Minute)
				step(w)
				w.heedThresholds()
			}
			m := w.stored("ns2")
			if m.State != row.state {
				t.Errorf("it is %s, want %s", m.State, row.state)
			}
			if handed, _ := w.cluster.member("ns2"); handed.State != row.state {
				t.Errorf("the cluster has it as %s", handed.State)
			}
			if why := m.State == byThreshold; why != strings.Contains(m.DisabledWhy, "connection refused") || why != (m.DisabledBy == "skein") {
				t.Errorf("%+v", m)
			}
			var log []string
			for _, line := range w.toldSince(began) {
				if action, itself := strings.CutPrefix(line, "skein: member."); itself {
					log = append(log, strings.TrimSuffix(action, " ns2 "))
				}
			}
			if !slices.Equal(log, row.log) {
				t.Errorf("of its own accord it did %q, want %q", log, row.log)
			}
			if news != len(row.log) {
				t.Errorf("there were %d news for people, want one of each that it did", news)
			}
		})
	}
}

// Whatever fails on the way, a member that crossed the threshold is disabled,
// once, and that is recorded, once.
func TestTheStoreFailsWhileAMemberIsDisabled(t *testing.T) {
	full := errors.New("no space left on device")
	for what, now := range map[string]trouble{
		"the member is not stored":  {member: full},
		"it is stored all the same": {member: full, done: true},
		"the log is not written":    {refused: full},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.enabled(described("ns2", "192.0.2.53"))
				began := w.newestAudit().Seq
				ctx, cancel := context.WithCancel(w.ctx())
				done := make(chan error)
				go func() { done <- w.Thresholds(ctx) }()
				w.store.set(now)
				w.ThresholdCrossed("ns2", 10, "connection refused")
				time.Sleep(time.Minute)
				w.store.set(trouble{})
				time.Sleep(time.Minute)
				if m := w.stored("ns2"); m.State != skein.MemberDisabledThreshold {
					t.Errorf("it is %s", m.State)
				}
				if log := w.toldSince(began); !slices.Equal(log, []string{"skein: member.disable ns2 "}) {
					t.Errorf("recorded is %q", log)
				}
				w.ThresholdRecovered("ns2")
				synctest.Wait()
				if m := w.stored("ns2"); m.State != skein.MemberEnabled {
					t.Errorf("it is %s", m.State)
				}
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
				w.store.Close()
			})
		})
	}
}

// One that is just being removed is not disabled; if it stays after all it is,
// the next time that the cluster says so.
func TestTheThresholdOfAMemberThatIsBeingRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enabled(described("ns2", "192.0.2.53"))
	w.cluster.removal = func(string, bool) (int, error) {
		w.ThresholdCrossed("ns2", 10, "connection refused")
		w.heedThresholds()
		return 0, &skein.Error{Kind: skein.KindUnavailable, What: "cleaning stopped", Mend: "try again"}
	}
	_, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2", Clean: true})
	w.wants(err, skein.KindUnavailable, "cleaning")
	if m := w.stored("ns2"); m.State != skein.MemberEnabled {
		t.Errorf("%+v", m)
	}
	w.ThresholdCrossed("ns2", 20, "connection refused")
	w.heedThresholds()
	if m := w.stored("ns2"); m.State != skein.MemberDisabledThreshold {
		t.Errorf("%+v", m)
	}
}
