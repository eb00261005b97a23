package control_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func TestEnablingAndDisabling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.configure(described("ns2", "192.0.2.53"))
	for _, enable := range []bool{true, false} {
		w.refused(anna, "member.", func() error { _, err := w.SetMemberState(w.ctx(), anna, "ns2", enable); return err }, skein.KindConflict, "pending")
	}
	_, err := w.TestMember(w.ctx(), anna, "ns2")
	w.must(err)
	for _, row := range []struct {
		enable bool
		state  skein.MemberState
		by     string
		quiet  bool // nothing changes, nothing is recorded
	}{
		{true, skein.MemberEnabled, "", true}, {false, skein.MemberDisabled, "anna", false}, {false, skein.MemberDisabled, "anna", true}, {true, skein.MemberEnabled, "", false},
	} {
		last := w.newestAudit()
		m, err := w.SetMemberState(w.ctx(), anna, "NS2", row.enable)
		if err != nil || m.State != row.state || m.DisabledBy != row.by {
			t.Errorf("enable %v: %+v, %v", row.enable, m, err)
		}
		if m, _ := w.cluster.member("ns2"); m.State != row.state {
			t.Errorf("enable %v: the cluster has %+v", row.enable, m.Member)
		}
		if now := w.newestAudit(); (now.Seq == last.Seq) != row.quiet || now.Refused != "" {
			t.Errorf("enable %v: recorded as %+v", row.enable, now)
		}
	}
	// A disabled member that is tested stays disabled.
	_, err = w.SetMemberState(w.ctx(), anna, "ns2", false)
	w.must(err)
	if r, err := w.TestMember(w.ctx(), anna, "ns2"); err != nil || r.Member.State != skein.MemberDisabled {
		t.Errorf("%+v, %v", r, err)
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
			"disable": func() error { _, err := w.SetMemberState(w.ctx(), anna, "ns2", false); return err }(),
			"config":  func() error { _, err := w.ConfigMember(w.ctx(), anna, described("ns2", "192.0.2.53")); return err }(),
			"remove":  func() error { _, err := w.RemoveMember(w.ctx(), anna, "ns2", false); return err }(),
		} {
			if skein.KindOf(err) != skein.KindConflict {
				t.Errorf("%s meanwhile: %v", what, err)
			}
		}
		if _, err := w.SetMemberState(w.ctx(), anna, "ns3", false); err != nil {
			t.Errorf("the other one: %v", err)
		}
		return 3, &skein.Error{Kind: skein.KindUnavailable, What: "cleaning stopped", Mend: "try again"}
	}
	removed, err := w.RemoveMember(w.ctx(), anna, "ns2", true)
	w.wants(err, skein.KindUnavailable, "cleaning")
	if _, there := w.cluster.member("ns2"); removed != 3 || !there {
		t.Errorf("%d removed, there: %v; want it to stay", removed, there)
	}
	if _, err := w.Member(w.ctx(), anna, "ns2"); err != nil {
		t.Errorf("it is gone: %v", err)
	}
	w.cluster.removal = func(string, bool) (int, error) { return 7, nil }
	if removed, err = w.RemoveMember(w.ctx(), anna, "NS2.", true); err != nil || removed != 7 {
		t.Errorf("%d, %v", removed, err)
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
		"removed": func(w *world) { _, err := w.RemoveMember(w.ctx(), anna, "ns2", false); w.must(err) },
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
