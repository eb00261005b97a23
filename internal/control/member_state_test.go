package control_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// state makes a member enabled, observed or disabled, and wants it done.
func (w *world) state(name string, to skein.MemberState) skein.Member {
	w.t.Helper()
	r, err := w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: name, State: to})
	w.must(err)
	return r.Member
}

func TestEnablingAndDisabling(t *testing.T) {
	t.Parallel()
	const enabled, observed, disabled = skein.MemberEnabled, skein.MemberObserved, skein.MemberDisabled
	w := newWorld(t)
	w.configure(described("ns2", "192.0.2.53"))
	w.cluster.test = fails
	for to, words := range map[skein.MemberState]string{enabled: "does not know the key", disabled: "pending"} {
		w.refused(anna, "member.", func() error {
			_, err := w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: "ns2", State: to})
			return err
		}, skein.KindConflict, words)
	}
	w.cluster.test = nil
	for _, never := range []skein.MemberState{skein.MemberPending, skein.MemberDisabledThreshold, skein.MemberUnreachable, "happy"} {
		w.refused(anna, "member.", func() error {
			_, err := w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: "ns2", State: never})
			return err
		}, skein.KindInvalid, string(never))
	}
	if m := w.state("ns2", enabled); m.State != enabled {
		t.Errorf("one that passes its test is %s", m.State)
	}
	for _, row := range []struct {
		to    skein.MemberState
		by    string
		quiet bool // nothing changes, nothing is recorded
	}{
		{enabled, "", true}, {disabled, "anna", false}, {disabled, "anna", true}, {observed, "", false}, {observed, "", true}, {disabled, "anna", false}, {enabled, "", false}, {observed, "", false}, {enabled, "", false},
	} {
		last, before := w.newestAudit(), w.state("NS2", w.stored("ns2").State)
		w.later(time.Minute)
		m := w.state("NS2", row.to)
		if m.State != row.to || m.DisabledBy != row.by || (m.Version == before.Version) != row.quiet {
			t.Errorf("to %s: %+v", row.to, m)
		}
		if since := map[bool]time.Time{true: w.clock()}[row.by != ""]; !row.quiet && !m.DisabledAt.Equal(since) {
			t.Errorf("to %s: disabled at %v", row.to, m.DisabledAt)
		}
		if m, _ := w.cluster.member("ns2"); m.State != row.to {
			t.Errorf("to %s: the cluster has %+v", row.to, m.Member)
		}
		if now := w.newestAudit(); (now.Seq == last.Seq) != row.quiet || now.Refused != "" {
			t.Errorf("to %s: recorded as %+v", row.to, now)
		}
	}
	// A disabled member that is tested stays disabled.
	w.state("ns2", disabled)
	if r, err := w.TestMember(w.ctx(), anna, "ns2"); err != nil || r.Member.State != disabled {
		t.Errorf("%+v, %v", r, err)
	}
}

// stored returns a member as the store has it.
func (w *world) stored(name string) skein.Member {
	w.t.Helper()
	m, err := w.Member(w.ctx(), anna, name)
	w.must(err)
	return m
}

// One that runs beside what is there today can be looked at without a test,
// which it might not pass; before anything is written to it, it is tested.
func TestAMemberIsObservedForWeeks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.configure(described("ns2", "192.0.2.53"))
	if m := w.state("ns2", skein.MemberObserved); m.State != skein.MemberObserved {
		t.Errorf("%+v", m)
	}
	w.cluster.plan = skein.MemberPlan{Zones: 9, Add: 2, Replace: 3, Same: 4, Foreign: 1}
	w.cluster.test = fails
	enable := control.SetMemberState{Name: "ns2", State: skein.MemberEnabled}
	preview := enable
	preview.DryRun = true
	last, before := w.newestAudit(), w.everything()
	r, err := w.SetMemberState(w.ctx(), anna, preview)
	w.must(err)
	if !r.DryRun || r.Plan == nil || r.Plan.Replace != 3 || len(r.Checks) != 2 || r.Member.State != skein.MemberObserved {
		t.Errorf("the preview: %+v", r)
	}
	if w.everything() != before || w.newestAudit().Seq != last.Seq {
		t.Error("the preview left something behind")
	}
	w.refused(anna, "member.enable ns2", func() error { r, err = w.SetMemberState(w.ctx(), anna, enable); return err }, skein.KindConflict, "does not know the key")
	if len(r.Checks) != 2 || r.Member.State != skein.MemberObserved {
		t.Errorf("a test that fails: %+v", r)
	}
	// What is written to is what was tested.
	w.cluster.test = func(skein.Member, skein.MemberSecrets) []skein.Check {
		w.state("ns2", skein.MemberDisabled)
		return []skein.Check{{Name: "rndc", OK: true}}
	}
	_, err = w.SetMemberState(w.ctx(), anna, enable)
	w.wants(err, skein.KindConflict, "changed meanwhile", skein.ErrChanged)
	w.state("ns2", skein.MemberObserved)
	w.cluster.test = nil
	if m := w.state("ns2", skein.MemberEnabled); m.State != skein.MemberEnabled {
		t.Errorf("%+v", m)
	}
}

// If the cluster cannot take a member so, the store does not have it so either.
func TestWhatTheClusterRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.configure(described("ns2", "192.0.2.53"))
	refuse := errors.New("no driver for this")
	w.cluster.fails = refuse
	before := w.everything()
	_, err := w.ConfigMember(w.ctx(), anna, described("ns3", "192.0.2.54"))
	w.wants(err, skein.KindInvalid, "ns3", refuse)
	_, err = w.TestMember(w.ctx(), anna, "ns2")
	w.wants(err, skein.KindInvalid, "ns2", refuse)
	if after := w.everything(); after != before {
		t.Errorf("left\n%s\nof\n%s", after, before)
	}
	// At the next start such a member is left out, and the node starts.
	again, err := control.New(control.Config{Store: w.store, Cluster: w.cluster, Sealer: w.sealer})
	w.must(err)
	w.must(again.Start(w.ctx()))
	w.cluster.fails = nil
	w.reopen()
	if _, ok := w.cluster.member("ns2"); !ok {
		t.Error("the member is not handed over at the start")
	}
}

// A test that is broken off says nothing about the member.
func TestATestThatIsBrokenOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.configure(described("ns2", "192.0.2.53"))
	ctx, cancel := context.WithCancel(w.ctx())
	w.cluster.test = func(m skein.Member, s skein.MemberSecrets) []skein.Check { cancel(); return fails(m, s) }
	_, err := w.TestMember(ctx, anna, "ns2")
	w.wants(err, skein.KindUnavailable, "ns2", context.Canceled)
	if m, err := w.Member(w.ctx(), anna, "ns2"); err != nil || m.State != skein.MemberPending {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestRemovingAMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 2 {
		_, err := w.AddMember(w.ctx(), anna, described(fmt.Sprintf("ns%d", i+2), fmt.Sprintf("192.0.2.%d", 53+i)))
		w.must(err)
	}
	// While it is being cleaned, which takes long, nothing else is done with it,
	// and everything with the others.
	w.cluster.removal = func(name string, clean bool) (int, error) {
		if name != "ns2" || !clean {
			t.Errorf("removing %s, clean: %v", name, clean)
		}
		for what, err := range map[string]error{
			"disable": func() error {
				_, err := w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: "ns2", State: skein.MemberDisabled})
				return err
			}(),
			"config": func() error { _, err := w.ConfigMember(w.ctx(), anna, described("ns2", "192.0.2.53")); return err }(),
			"remove": func() error { _, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2"}); return err }(),
		} {
			if skein.KindOf(err) != skein.KindConflict {
				t.Errorf("%s meanwhile: %v", what, err)
			}
		}
		if _, err := w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: "ns3", State: skein.MemberDisabled}); err != nil {
			t.Errorf("the other one: %v", err)
		}
		return 3, &skein.Error{Kind: skein.KindUnavailable, What: "cleaning stopped", Mend: "try again"}
	}
	removed, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2", Clean: true})
	w.wants(err, skein.KindUnavailable, "cleaning")
	if _, there := w.cluster.member("ns2"); removed.Removed != 3 || !there {
		t.Errorf("%+v removed, there: %v; want it to stay", removed, there)
	}
	if _, err := w.Member(w.ctx(), anna, "ns2"); err != nil {
		t.Errorf("it is gone: %v", err)
	}
	w.cluster.removal = func(string, bool) (int, error) { return 7, nil }
	if removed, err = w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "NS2.", Clean: true}); err != nil || removed.Removed != 7 {
		t.Errorf("%+v, %v", removed, err)
	}
	if got := w.newestAudit(); got.Action != "member.remove ns2" || got.Refused != "" {
		t.Errorf("recorded as %+v", got)
	}
	_, err = w.Member(w.ctx(), anna, "ns2")
	w.wants(err, skein.KindNotFound, "ns2")
	// Its name and address are free, and its keys are others.
	if r := w.configure(described("ns2", "192.0.2.53")); r.Member.State != skein.MemberPending {
		t.Errorf("%+v", r.Member)
	}
}

// What was tested is what is enabled: not what it was made meanwhile.
func TestAMemberThatChangesWhileItIsTested(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(w *world){
		"another address": func(w *world) { w.configure(described("ns2", "192.0.2.54")) },
		"another key": func(w *world) {
			in := described("ns2", "192.0.2.53")
			in.Secrets.RNDC = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
			w.configure(in)
		},
		"removed": func(w *world) {
			_, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2"})
			w.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.configure(described("ns2", "192.0.2.53"))
			w.cluster.test = func(skein.Member, skein.MemberSecrets) []skein.Check {
				meanwhile(w)
				return []skein.Check{{Name: "rndc", OK: true}}
			}
			_, err := w.TestMember(w.ctx(), anna, "ns2")
			if kind := skein.KindOf(err); kind != skein.KindConflict && kind != skein.KindNotFound {
				t.Errorf("%v", err)
			}
			if m, ok := w.cluster.member("ns2"); ok && m.State != skein.MemberPending {
				t.Errorf("enabled: %+v", m.Member)
			}
		})
	}
}
