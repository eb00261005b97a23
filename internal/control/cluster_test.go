package control_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

// answering is this node's own nameserver: the last revision that it may know.
type answering struct {
	frozen bool
	at     skein.Revision
}

func (a *answering) Freeze(at func() (skein.Revision, error)) error {
	end, err := at()
	if err == nil {
		a.frozen, a.at = true, end
	}
	return err
}

func (a *answering) Thaw() { *a = answering{} }

func (a *answering) String() string { return fmt.Sprintf("%v at %d", a.frozen, a.at) }

// newWorldAnswering is a world with a nameserver of its own.
func newWorldAnswering(t *testing.T) (*world, *answering) {
	ns := &answering{}
	w := newWorldWith(t, func(c *control.Config) {
		*ns = answering{} // it begins anew with the node
		c.Nameserver = ns
		c.Keep = 30 * 24 * time.Hour
	})
	return w, ns
}

func (w *world) settings() skein.ClusterSettings {
	w.t.Helper()
	s, err := w.ClusterSettings(w.ctx(), anna)
	w.must(err)
	return s
}

func ptr[T any](v T) *T { return &v }

func TestSettingsOfTheCluster(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := skein.ClusterSettings{Enabled: true, Threshold: 10, Reenable: "automatic", Conflicts: "person", Remote: "allowed", Trusted: []netip.Prefix{}, FailureNotices: true}
	look := func(when string) {
		t.Helper()
		if diff := cmp.Diff(want, w.settings(), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	look("at the beginning")
	if told := w.cluster.takeTold(); !slices.Equal(told, []string{"threshold 10, automatic true"}) {
		t.Errorf("the cluster was told %q", told)
	}
	for _, row := range []struct {
		what string
		edit skein.EditCluster
		then func()
		told string   // to the cluster
		diff []string // in the audit log
	}{
		{"a number", skein.EditCluster{Threshold: ptr(3)}, func() { want.Threshold = 3 }, "threshold 3, automatic true", []string{"threshold: 10 → 3"}},
		{"never", skein.EditCluster{KeepOnline: ptr(true)}, func() { want.KeepOnline = true }, "threshold 0, automatic true", []string{"keep_online: true"}},
		{"a number ends never", skein.EditCluster{Threshold: ptr(1000)}, func() { want.Threshold, want.KeepOnline = 1000, false }, "threshold 1000, automatic true", []string{"keep_online: true → none", "threshold: 3 → 1000"}},
		{"WHM's way", skein.EditCluster{Reenable: ptr("manual"), Conflicts: ptr("highest-serial"), FailureNotices: ptr(false)},
			func() { want.Reenable, want.Conflicts, want.FailureNotices = "manual", "highest-serial", false }, "threshold 1000, automatic false",
			[]string{"conflicts: person → highest-serial", "failure_notices: true → false", "reenable: automatic → manual"}},
		{"trusted networks", skein.EditCluster{Remote: ptr("trusted"), Trusted: &[]netip.Prefix{netip.MustParsePrefix("2001:db8::1/32"), netip.MustParsePrefix("192.0.2.9/24"), netip.MustParsePrefix("::ffff:192.0.2.0/120")}},
			func() {
				want.Remote, want.Trusted = "trusted", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
			}, "threshold 1000, automatic false", []string{"remote: allowed → trusted", `trusted: ["192.0.2.0/24","2001:db8::/32"]`}},
	} {
		got, err := w.EditCluster(w.ctx(), anna, row.edit, &want.Version)
		w.must(err)
		row.then()
		want.Version++
		if got.Version != want.Version {
			t.Errorf("%s: version %d", row.what, got.Version)
		}
		look(row.what)
		if told := w.cluster.takeTold(); !slices.Equal(told, []string{row.told}) {
			t.Errorf("%s: the cluster was told %q", row.what, told)
		}
		if entry := w.newestAudit(); entry.Action != "cluster.edit" || !slices.Equal(entry.Diff, row.diff) {
			t.Errorf("%s: recorded as %+v", row.what, entry)
		}
	}
	last := w.newestAudit()
	if got, err := w.EditCluster(w.ctx(), anna, skein.EditCluster{Threshold: ptr(1000)}, nil); err != nil || got.Version != want.Version || w.newestAudit().Seq != last.Seq {
		t.Errorf("what is so already: %+v, %v", got, err)
	}
	w.reopen()
	look("after a restart")
	if told := w.cluster.takeTold(); !slices.Equal(told, []string{"threshold 1000, automatic false"}) {
		t.Errorf("after a restart the cluster was told %q", told)
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	networks := func(all ...netip.Prefix) skein.EditCluster { return skein.EditCluster{Trusted: &all} }
	for what, row := range map[string]struct {
		edit   skein.EditCluster
		expect *int
		kind   skein.Kind
		words  string
	}{
		"a threshold of 0":         {skein.EditCluster{Threshold: ptr(0)}, nil, skein.KindInvalid, "keep online"},
		"a threshold of -1":        {skein.EditCluster{Threshold: ptr(-1)}, nil, skein.KindInvalid, "keep online"},
		"a threshold of 1001":      {skein.EditCluster{Threshold: ptr(1001)}, nil, skein.KindInvalid, "1 to 1000"},
		"no such way":              {skein.EditCluster{Reenable: ptr("perhaps")}, nil, skein.KindInvalid, "automatic or manual"},
		"no such rule":             {skein.EditCluster{Conflicts: ptr("newest")}, nil, skein.KindInvalid, "person or highest-serial"},
		"no such rule of domains":  {skein.EditCluster{Remote: ptr("")}, nil, skein.KindInvalid, "allowed or trusted"},
		"everything is trusted":    {networks(netip.MustParsePrefix("0.0.0.0/0")), nil, skein.KindInvalid, "allowed"},
		"a network that is none":   {networks(netip.Prefix{}), nil, skein.KindInvalid, "192.0.2.0/24"},
		"too many networks":        {networks(make([]netip.Prefix, 1001)...), nil, skein.KindInvalid, "1000"},
		"half of it is wrong":      {skein.EditCluster{Threshold: ptr(7), Remote: ptr("x")}, nil, skein.KindInvalid, "remote"},
		"somebody was here before": {skein.EditCluster{Threshold: ptr(7)}, ptr(4), skein.KindConflict, "changed meanwhile"},
	} {
		before := w.settings()
		w.refused(anna, "cluster.edit", func() error { _, err := w.EditCluster(w.ctx(), anna, row.edit, row.expect); return err }, row.kind, row.words)
		if !cmp.Equal(before, w.settings(), cmpopts.EquateComparable(netip.Prefix{})) {
			t.Errorf("%s: changed %+v", what, w.settings())
		}
	}
	_, err := w.EditCluster(w.ctx(), anna, skein.EditCluster{Threshold: ptr(7)}, ptr(4))
	w.wants(err, skein.KindConflict, "version", skein.ErrChanged)
	for action, do := range map[string]func() error{
		"cluster.edit":    func() error { _, err := w.EditCluster(w.ctx(), plesk1, skein.EditCluster{}, nil); return err },
		"cluster.enable":  func() error { _, err := w.SetClustering(w.ctx(), plesk1, true); return err },
		"cluster.disable": func() error { _, err := w.SetClustering(w.ctx(), plesk1, false); return err },
	} {
		w.refused(plesk1, action, do, skein.KindForbidden, "permission")
	}
	if _, err := w.ClusterSettings(w.ctx(), plesk1); skein.KindOf(err) != skein.KindForbidden {
		t.Errorf("a panel sees them: %v", err)
	}
}

// While clustering is disabled changes are taken; the nameserver stays where
// it was, over restarts, and history that it needs is kept.
func TestClusteringIsDisabledAndEnabled(t *testing.T) {
	t.Parallel()
	w, ns := newWorldAnswering(t)
	w.put(anna, "a.example.", 1, "")
	w.put(anna, "b.example.", 1, "")
	if purge := w.PurgeBefore(); !purge.Equal(start.AddDate(0, 0, -30)) {
		t.Errorf("history goes before %v", purge)
	}
	w.cluster.takeTold()
	s, err := w.SetClustering(w.ctx(), anna, false)
	w.must(err)
	if s.Enabled || s.Released != 2 || s.ChangedBy != "anna" || !s.ChangedAt.Equal(start) || s.Version != 1 {
		t.Errorf("%+v", s)
	}
	if told := w.cluster.takeTold(); !slices.Equal(told, []string{"paused true"}) || ns.String() != "true at 2" {
		t.Errorf("the cluster was told %q, the nameserver is frozen: %s", told, ns)
	}
	if entry := w.newestAudit(); entry.Action != "cluster.disable" || entry.Refused != "" {
		t.Errorf("recorded as %+v", entry)
	}
	last := w.newestAudit()
	w.put(anna, "a.example.", 5, "www A 192.0.2.1\n")
	if again, err := w.SetClustering(w.ctx(), anna, false); err != nil || again.Released != 2 || w.newestAudit().Seq != last.Seq+1 {
		t.Errorf("disabled again: %+v, %v", again, err)
	}
	w.later(60 * 24 * time.Hour)
	w.reopen()
	if told := w.cluster.takeTold(); !slices.Contains(told, "paused true") || ns.String() != "true at 2" {
		t.Errorf("after a restart the cluster was told %q, the nameserver is frozen: %s", told, ns)
	}
	if purge := w.PurgeBefore(); !purge.IsZero() {
		t.Errorf("history goes before %v", purge)
	}
	// Members come and go meanwhile; other settings do not end it.
	_, err = w.EditCluster(w.ctx(), anna, skein.EditCluster{Threshold: ptr(3)}, nil)
	w.must(err)
	w.cluster.takeTold()
	s, err = w.SetClustering(w.ctx(), anna, true)
	w.must(err)
	if !s.Enabled || s.Released != 0 || s.Threshold != 3 || s.Version != 3 || ns.frozen {
		t.Errorf("%+v, frozen: %s", s, ns)
	}
	if told := w.cluster.takeTold(); !slices.Equal(told, []string{"paused false"}) {
		t.Errorf("the cluster was told %q", told)
	}
	w.reopen()
	if told := strings.Join(w.cluster.takeTold(), ", "); strings.Contains(told, "paused") || ns.frozen {
		t.Errorf("after a restart the cluster was told %q, frozen: %s", told, ns)
	}
}

// Whatever the store says of the switch: what is answered must never be newer
// than what a restart would begin with.
func TestTheStoreFailsWhileClusteringIsSwitched(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	for what, row := range map[string]struct {
		enable  bool
		trouble trouble
		fails   bool   // the call
		ns      string // afterwards
		paused  bool   // what the cluster was told last
		restart string
	}{
		"disabling is not stored":               {false, trouble{setting: full}, true, "false at 0", false, "false at 0"},
		"disabling is stored all the same":      {false, trouble{setting: full, done: true}, false, "true at 1", true, "true at 1"},
		"disabling, and nobody knows":           {false, trouble{setting: full, reading: full}, true, "true at 1", true, "false at 0"},
		"disabling was stored, nobody knows":    {false, trouble{setting: full, done: true, reading: full}, true, "true at 1", true, "true at 1"},
		"enabling is not stored":                {true, trouble{setting: full}, true, "true at 1", true, "true at 1"},
		"enabling is stored all the same":       {true, trouble{setting: full, done: true}, false, "false at 0", false, "false at 0"},
		"enabling, and nobody knows":            {true, trouble{setting: full, reading: full}, true, "true at 1", true, "true at 1"},
		"enabling was stored, but nobody knows": {true, trouble{setting: full, done: true, reading: full}, true, "true at 1", true, "false at 0"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w, ns := newWorldAnswering(t)
			w.put(anna, "a.example.", 1, "")
			if row.enable {
				_, err := w.SetClustering(w.ctx(), anna, false)
				w.must(err)
			}
			w.store.set(row.trouble)
			_, err := w.SetClustering(w.ctx(), anna, row.enable)
			if (err != nil) != row.fails || row.fails && !errors.Is(err, full) {
				t.Errorf("it says %v", err)
			}
			told := w.cluster.takeTold()
			if want := fmt.Sprintf("paused %v", row.paused); ns.String() != row.ns || told[len(told)-1] != want {
				t.Errorf("the nameserver is frozen: %s, want %s; the cluster was told %q", ns, row.ns, told)
			}
			w.store.set(trouble{})
			w.reopen()
			if ns.String() != row.restart {
				t.Errorf("after a restart the nameserver is frozen: %s, want %s", ns, row.restart)
			}
			// It can be switched from there.
			for _, enable := range []bool{false, true} {
				_, err := w.SetClustering(w.ctx(), anna, enable)
				w.must(err)
			}
			if ns.frozen {
				t.Error("it stays frozen")
			}
		})
	}
}
