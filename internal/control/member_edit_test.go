package control_test

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
)

func key(fill string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(fill, 32)))
}

// roles are drivers with one that is read, too.
func roles(c *control.Config) {
	c.Drivers = []control.Driver{
		{Name: "bind", Roles: []skein.Role{skein.RoleWriteOnly}, Needs: control.Needs{RNDC: true, Transfer: true}},
		{Name: "whm", Roles: []skein.Role{skein.RoleSynchronize, skein.RoleStandalone, skein.RoleWriteOnly}, Needs: control.Needs{RNDC: true, Transfer: true}},
	}
}

// enabled adds a member and wants it enabled.
func (w *world) enabled(in control.NewMember) skein.Member {
	w.t.Helper()
	r, err := w.AddMember(w.ctx(), anna, in)
	w.must(err)
	if r.Member.State != skein.MemberEnabled {
		w.t.Fatalf("%+v", r)
	}
	return r.Member
}

func TestEditingAMember(t *testing.T) {
	t.Parallel()
	for what, row := range map[string]struct {
		edit   control.EditMember
		tested bool
		check  func(m skein.Member, s skein.MemberSecrets) bool
		diff   []string
	}{
		"another address": {control.EditMember{Address: ptr(netip.MustParseAddr("::ffff:192.0.2.60"))}, true,
			func(m skein.Member, _ skein.MemberSecrets) bool {
				return m.Address.String() == "192.0.2.60" && m.Primaries[0].Address.String() == "192.0.2.1"
			},
			[]string{"address: 192.0.2.53:53 → 192.0.2.60:53", "rndc: 192.0.2.53:953 → 192.0.2.60:953"}},
		"an address of the other family": {control.EditMember{Address: ptr(netip.MustParseAddr("2001:db8::60"))}, true,
			func(m skein.Member, _ skein.MemberSecrets) bool {
				return m.Primaries[0].Address.String() == "2001:db8::1"
			}, nil},
		"where rndc is spoken": {control.EditMember{RNDCAddr: ptr(netip.MustParseAddr("10.0.0.1")), RNDCPort: ptr(uint16(1953))}, true,
			func(m skein.Member, _ skein.MemberSecrets) bool { return m.RNDC().String() == "10.0.0.1:1953" }, []string{"rndc: 192.0.2.53:953 → 10.0.0.1:1953"}},
		"a key": {control.EditMember{Secrets: skein.MemberSecrets{RNDC: key("n")}}, true,
			func(_ skein.Member, s skein.MemberSecrets) bool { return s.RNDC == key("n") && s.TSIG == key("t") }, []string{"rndc key: another one"}},
		"the log": {control.EditMember{Debug: ptr(true)}, false,
			func(m skein.Member, _ skein.MemberSecrets) bool { return m.Debug }, []string{"debug: false → true"}},
		"the role": {control.EditMember{Role: ptr(skein.RoleStandalone)}, true,
			func(m skein.Member, _ skein.MemberSecrets) bool { return m.Role == skein.RoleStandalone }, []string{"role: synchronize → standalone"}},
		"its primaries": {control.EditMember{Primaries: &[]skein.Primary{{Address: netip.MustParseAddr("198.51.100.7")}}}, true,
			func(m skein.Member, _ skein.MemberSecrets) bool { return m.Primaries[0].Port == 5300 }, []string{"primaries: [{192.0.2.1 5300}] → [{198.51.100.7 5300}]"}},
		"without a test, which makes it pending": {control.EditMember{Address: ptr(netip.MustParseAddr("192.0.2.60")), Pending: true}, false,
			func(m skein.Member, _ skein.MemberSecrets) bool { return m.State == skein.MemberPending }, nil},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, func(c *control.Config) {
				roles(c)
				c.Primaries = func(at netip.Addr) []skein.Primary {
					if at.Is6() {
						return []skein.Primary{{Address: netip.MustParseAddr("2001:db8::1"), Port: 5300}}
					}
					return []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1"), Port: 5300}}
				}
			})
			in := described("ns2", "192.0.2.53")
			in.Member.Driver, in.Secrets = "whm", skein.MemberSecrets{RNDC: key("r"), TSIG: key("t"), Audit: key("a")}
			was := w.enabled(in)
			if was.Role != skein.RoleSynchronize {
				t.Errorf("the default role of its driver is %s", was.Role)
			}
			tested := false
			w.cluster.test = func(m skein.Member, s skein.MemberSecrets) []skein.Check {
				if tested = true; !row.check(m, s) {
					t.Errorf("tested was %+v", m)
				}
				return []skein.Check{{Name: "rndc", OK: true}}
			}
			row.edit.Name, row.edit.Expect = "NS2.", &was.Version
			row.edit.DryRun = true
			before := w.everything()
			r, err := w.EditMember(w.ctx(), anna, row.edit)
			if err != nil || !r.DryRun || tested != row.tested || (r.Plan == nil) != (r.Member.Role == skein.RoleStandalone) || w.everything() != before {
				t.Errorf("the dry run, tested %v: %+v, %v", tested, r, err)
			}
			row.edit.DryRun, tested = false, false
			r, err = w.EditMember(w.ctx(), anna, row.edit)
			w.must(err)
			m, _ := w.cluster.member("ns2")
			if !row.check(m.Member, m.secrets) || tested != row.tested || r.Member.Version != was.Version+1 || m.Version != r.Member.Version {
				t.Errorf("tested %v: %+v", tested, m)
			}
			entry := w.newestAudit()
			if row.diff != nil && !slices.Equal(entry.Diff, row.diff) || entry.Action != "member.edit ns2" {
				t.Errorf("recorded as %+v", entry)
			}
			if strings.Contains(strings.Join(entry.Diff, " "), key("n")) {
				t.Error("the log has a secret")
			}
			// The one who saw the version before does not undo it.
			w.refused(anna, "member.edit", func() error { _, err := w.EditMember(w.ctx(), anna, row.edit); return err }, skein.KindConflict, "version", skein.ErrChanged)
			row.edit.Expect = nil
			row.edit.Pending = false
			last := w.newestAudit()
			if r, err = w.EditMember(w.ctx(), anna, row.edit); err != nil || r.Member.Version != was.Version+1 || w.newestAudit().Seq != last.Seq {
				t.Errorf("what is so already: %+v, %v", r, err)
			}
			w.reopen()
			if again := w.stored("ns2"); !row.check(again, m.secrets) || again.Version != was.Version+1 {
				t.Errorf("after a restart: %+v", again)
			}
		})
	}
}

// A role that writes is not given unseen: the change carries the word of the
// plan that was looked at.
func TestARoleThatWritesIsShownFirst(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, roles)
	in := described("web1", "192.0.2.53")
	in.Member.Driver, in.Member.Role = "whm", skein.RoleStandalone
	was := w.enabled(in)
	edit := func(in control.EditMember) (control.MemberResult, error) {
		in.Name = "web1"
		return w.EditMember(w.ctx(), anna, in)
	}
	change := control.EditMember{Role: ptr(skein.RoleSynchronize)}
	w.refused(anna, "member.edit", func() error { _, err := edit(change); return err }, skein.KindConflict, "not looked at")
	_, err := w.ReplaceMember(w.ctx(), anna, control.EditMember{Name: "web1", Role: change.Role})
	w.wants(err, skein.KindConflict, "not looked at")

	change.DryRun = true
	seen, err := edit(change)
	w.must(err)
	if seen.Plan == nil || seen.Plan.Confirm == "" || w.stored("web1").Version != was.Version {
		t.Fatalf("the dry run: %+v", seen.Plan)
	}
	change.DryRun, change.Confirm = false, seen.Plan.Confirm
	for what, other := range map[string]control.EditMember{
		"another role":                {Role: ptr(skein.RoleWriteOnly), Confirm: change.Confirm},
		"a word that no plan has had": {Role: change.Role, Confirm: strings.Repeat("0", len(change.Confirm))},
	} {
		_, err := edit(other)
		if skein.KindOf(err) != skein.KindConflict {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = edit(control.EditMember{Debug: ptr(true)}) // somebody changes it meanwhile
	w.must(err)
	_, err = edit(change)
	w.wants(err, skein.KindConflict, "as it is now")

	change.DryRun = true
	seen, err = edit(change)
	w.must(err)
	change.DryRun, change.Confirm = false, seen.Plan.Confirm
	if r, err := edit(change); err != nil || r.Member.Role != skein.RoleSynchronize {
		t.Errorf("what was looked at: %+v, %v", r, err)
	}
	if r, err := edit(control.EditMember{Role: change.Role, DryRun: true}); err != nil || !r.DryRun {
		t.Errorf("a dry run of what it is already: %+v, %v", r, err)
	}
	if r, err := edit(control.EditMember{Role: ptr(skein.RoleStandalone)}); err != nil || r.Member.Role != skein.RoleStandalone {
		t.Errorf("what writes nothing needs no look: %+v, %v", r, err)
	}
	if r, err := edit(control.EditMember{Role: ptr(skein.RoleWriteOnly), Pending: true}); err != nil || r.Member.State != skein.MemberPending {
		t.Errorf("nor what is written nothing yet: %+v, %v", r, err)
	}
}

// What does not pass its test so stays as it was, and the refusal says what is wrong.
func TestAnEditThatDoesNotPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enabled(described("ns2", "192.0.2.53"))
	w.cluster.test = fails
	edit := control.EditMember{Name: "ns2", Address: ptr(netip.MustParseAddr("192.0.2.60"))}
	for action, do := range map[string]func() error{
		"member.edit":    func() error { _, err := w.EditMember(w.ctx(), anna, edit); return err },
		"member.replace": func() error { _, err := w.ReplaceMember(w.ctx(), anna, edit); return err },
	} {
		w.refused(anna, action, do, skein.KindConflict, "it does not know the key (paste the block)")
	}
	r, err := w.EditMember(w.ctx(), anna, edit)
	if err == nil || len(r.Checks) != 2 || r.Member.Address.String() != "192.0.2.53" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestEditsOfMembersThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, roles)
	w.enabled(described("ns2", "192.0.2.53"))
	w.enabled(described("ns3", "192.0.2.54"))
	for what, row := range map[string]struct {
		edit  control.EditMember
		kind  skein.Kind
		words string
	}{
		"a role that its driver cannot": {control.EditMember{Name: "ns2", Role: ptr(skein.RoleSynchronize)}, skein.KindInvalid, "write-only"},
		"the address of another":        {control.EditMember{Name: "ns2", Address: ptr(netip.MustParseAddr("192.0.2.54"))}, skein.KindConflict, "ns3"},
		"this node":                     {control.EditMember{Name: "ns2", Address: ptr(netip.MustParseAddr("192.0.2.1"))}, skein.KindConflict, "own"},
		"no address":                    {control.EditMember{Name: "ns2", Address: ptr(netip.Addr{})}, skein.KindInvalid, "address"},
		"a key of 8 octets":             {control.EditMember{Name: "ns2", Secrets: skein.MemberSecrets{TSIG: "AAAAAAAAAAA="}}, skein.KindInvalid, "TSIG key"},
		"a member that is not there":    {control.EditMember{Name: "ns9"}, skein.KindNotFound, "ns9"},
	} {
		t.Run(what, func(t *testing.T) {
			w.t = t
			for action, do := range map[string]func(control.EditMember) error{
				"member.edit":    func(in control.EditMember) error { _, err := w.EditMember(w.ctx(), anna, in); return err },
				"member.replace": func(in control.EditMember) error { _, err := w.ReplaceMember(w.ctx(), anna, in); return err },
			} {
				w.refused(anna, action, func() error { return do(row.edit) }, row.kind, row.words)
			}
		})
	}
	w.t = t
	w.refused(plesk1, "member.edit", func() error { _, err := w.EditMember(w.ctx(), plesk1, control.EditMember{Name: "ns2"}); return err }, skein.KindForbidden, "permission")
}

// Two administrators have a member open; the second one's test takes long.
func TestAMemberThatIsChangedWhileAnEditIsTested(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enabled(described("ns2", "192.0.2.53"))
	w.cluster.test = func(skein.Member, skein.MemberSecrets) []skein.Check {
		w.cluster.test = nil
		_, err := w.EditMember(w.ctx(), anna, control.EditMember{Name: "ns2", Address: ptr(netip.MustParseAddr("192.0.2.61"))})
		w.must(err)
		return []skein.Check{{Name: "rndc", OK: true}}
	}
	_, err := w.EditMember(w.ctx(), anna, control.EditMember{Name: "ns2", Address: ptr(netip.MustParseAddr("192.0.2.60"))})
	w.wants(err, skein.KindConflict, "changed meanwhile", skein.ErrChanged)
	if m := w.stored("ns2"); m.Address.String() != "192.0.2.61" {
		t.Errorf("%+v", m)
	}
}

// A machine burned down. The new one has its name, and perhaps its address:
// what the one before had says nothing of it.
func TestReplacingAMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enabled(described("ns2", "192.0.2.53"))
	secrets, _ := w.cluster.member("ns2")
	w.cluster.takeTold()
	r, err := w.ReplaceMember(w.ctx(), anna, control.EditMember{Name: "ns2"})
	w.must(err)
	m, _ := w.cluster.member("ns2")
	if told := w.cluster.takeTold(); !slices.Equal(told, []string{"recheck ns2 []"}) || m.secrets != secrets.secrets || r.Member.State != skein.MemberEnabled {
		t.Errorf("%+v, the cluster was told %q", r, told)
	}
	if entry := w.newestAudit(); entry.Action != "member.replace ns2" {
		t.Errorf("recorded as %+v", entry)
	}
	// The threshold disabled the one before, not this one; a person meant the name.
	w.ThresholdCrossed("ns2", 10, "connection refused")
	w.heedThresholds()
	if r, err = w.ReplaceMember(w.ctx(), anna, control.EditMember{Name: "ns2", Address: ptr(netip.MustParseAddr("192.0.2.60"))}); err != nil || r.Member.State != skein.MemberEnabled || r.Member.DisabledWhy != "" {
		t.Errorf("%+v, %v", r, err)
	}
	w.state("ns2", skein.MemberDisabled)
	if r, err = w.ReplaceMember(w.ctx(), anna, control.EditMember{Name: "ns2"}); err != nil || r.Member.State != skein.MemberDisabled || r.Member.DisabledBy != "anna" {
		t.Errorf("%+v, %v", r, err)
	}
	// If it does not know the keys yet, it waits for its test.
	w.cluster.test = fails
	if r, err = w.ReplaceMember(w.ctx(), anna, control.EditMember{Name: "ns2", Pending: true}); err != nil || r.Member.State != skein.MemberPending {
		t.Errorf("%+v, %v", r, err)
	}
}

// If the store does not take the change of a member, nobody has it.
func TestTheStoreFailsWhileAMemberIsEdited(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	w := newWorld(t)
	w.enabled(described("ns2", "192.0.2.53"))
	before := w.everything()
	w.store.set(trouble{member: full})
	if _, err := w.EditMember(w.ctx(), anna, control.EditMember{Name: "ns2", Debug: ptr(true)}); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	w.store.set(trouble{})
	if after := w.everything(); after != before {
		t.Errorf("left\n%s\nof\n%s", after, before)
	}
}

// Where nothing can be deleted on a member alone, that is said before it is tried.
func TestAMemberThatSharesWhatItFollowsIsNotCleaned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.enabled(described("ns2", "192.0.2.53"))
	w.cluster.removal = func(_ string, clean bool) (int, error) {
		if clean {
			t.Error("it is cleaned")
		}
		return 0, nil
	}
	for i := range w.Drivers {
		w.Drivers[i].Needs.Shared = true
	}
	for _, dry := range []bool{true, false} {
		_, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2", Clean: true, DryRun: dry})
		if e := new(skein.Error); !errors.As(err, &e) || e.Kind != skein.KindConflict || !strings.Contains(e.Mend, "without --clean") {
			t.Errorf("dry %v: %v", dry, err)
		}
	}
	if _, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2", Expect: &m.Version}); err != nil {
		t.Error(err)
	}
}

// What would become of a member's zones is told before it is removed.
func TestRemovingIsTriedDry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.enabled(described("ns2", "192.0.2.53"))
	w.cluster.status = skein.MemberStatus{Zones: 12}
	w.cluster.removal = func(string, bool) (int, error) { return 11, nil }
	before, last := w.everything(), w.newestAudit()
	for clean, want := range map[bool]skein.MemberRemoval{
		false: {DryRun: true, Zones: 12, Left: 12},
		true:  {DryRun: true, Zones: 12, Removed: 12},
	} {
		if r, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2", Clean: clean, DryRun: true}); err != nil || r != want {
			t.Errorf("clean %v: %+v, %v; want %+v", clean, r, err, want)
		}
	}
	if w.everything() != before || w.newestAudit().Seq != last.Seq {
		t.Error("the dry run left something behind")
	}
	w.refused(anna, "member.remove ns2", func() error {
		_, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2", Expect: ptr(m.Version - 1)})
		return err
	}, skein.KindConflict, "version", skein.ErrChanged)
	if r, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2", Clean: true, Expect: &m.Version}); err != nil || r != (skein.MemberRemoval{Zones: 12, Removed: 11}) {
		t.Errorf("%+v, %v", r, err)
	}
}
