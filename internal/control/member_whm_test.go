package control_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/zone"
)

var (
	firstPin  = "SHA256:" + strings.Repeat("ab", 32)
	secondPin = "SHA256:" + strings.Repeat("cd", 32)
)

const webToken = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// cpanel is a world in which members may be cPanel servers that nobody's
// authority vouches for.
func cpanel(t *testing.T) *world {
	w := newWorldWith(t, func(c *control.Config) {
		c.Drivers = []control.Driver{{Name: "bind", Roles: []skein.Role{skein.RoleWriteOnly}, Needs: control.Needs{RNDC: true, Transfer: true}},
			{Name: "whm", Roles: []skein.Role{skein.RoleSynchronize, skein.RoleWriteOnly, skein.RoleStandalone}, Needs: control.Needs{API: 2087, Token: true, Username: "root", Pinned: true}}}
		c.Hostname = "ns1.skein.example"
	})
	w.cluster.certificate = firstPin
	return w
}

// webServer describes a cPanel server.
func webServer() control.NewMember {
	return control.NewMember{Secrets: skein.MemberSecrets{Token: webToken},
		Member: skein.Member{Name: "web1.example.org", Driver: "whm", Address: netip.MustParseAddr("192.0.2.80")}}
}

func checkOf(r control.MemberResult, name string) skein.Check {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	return skein.Check{}
}

func TestAMemberWithAnAPI(t *testing.T) {
	t.Parallel()
	w := cpanel(t)
	r, err := w.AddMember(w.ctx(), anna, webServer())
	w.must(err)
	m := w.stored("web1.example.org")
	want := skein.Member{Name: "web1.example.org", Driver: "whm", Role: skein.RoleSynchronize, State: skein.MemberEnabled, Pool: "default", Username: "root",
		Version: 2, Address: netip.MustParseAddr("192.0.2.80"), Port: 53, Endpoint: "192.0.2.80:2087", Pin: firstPin, Created: start}
	if !slices.Equal(m.Primaries, nil) || m.TSIGKey+m.AuditKey+m.Algorithm != "" || m.Endpoint != want.Endpoint || m.Username != "root" || m.Pin != firstPin || m.State != want.State || m.RNDCPort != 0 {
		t.Errorf("stored %+v, want %+v", m, want)
	}
	if c := checkOf(r, "certificate"); !c.OK || !c.Warn || !strings.Contains(c.Text, firstPin) {
		t.Errorf("the fingerprint is not shown: %+v", r.Checks)
	}
	if got, _ := w.cluster.member("web1.example.org"); got.secrets != (skein.MemberSecrets{Token: webToken}) {
		t.Errorf("its secrets are %v", got.secrets)
	}

	// Once pinned it stays pinned, whatever is shown; another place shows another.
	w.cluster.certificate = secondPin
	_, err = w.TestMember(w.ctx(), anna, m.Name)
	w.must(err)
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: m.Name, Username: ptr("hoster")})
	w.must(err)
	if m = w.stored(m.Name); m.Pin != firstPin || m.Username != "hoster" {
		t.Errorf("pinned anew: %+v", m)
	}
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: m.Name, Address: ptr(netip.MustParseAddr("192.0.2.81"))})
	w.must(err)
	if m = w.stored(m.Name); m.Pin != secondPin || m.Endpoint != "192.0.2.81:2087" {
		t.Errorf("at another address: %+v", m)
	}
	w.cluster.certificate = firstPin
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: m.Name, Pin: ptr("")})
	w.must(err)
	if m = w.stored(m.Name); m.Pin != firstPin {
		t.Errorf("asked to pin what it shows now: %+v", m)
	}
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: m.Name, Secrets: skein.MemberSecrets{Token: "OTHER"}})
	w.must(err)
	if entry := w.newestAudit(); !slices.Equal(entry.Diff, []string{"token: another one"}) {
		t.Errorf("recorded as %q", entry.Diff)
	}
}

// A certificate that an authority vouches for is not pinned, or its renewal
// would be refused.
func TestATrustedCertificateIsNotPinned(t *testing.T) {
	t.Parallel()
	w := cpanel(t)
	w.cluster.vouched = true
	r, err := w.AddMember(w.ctx(), anna, webServer())
	w.must(err)
	if m := w.stored(r.Member.Name); m.Pin != "" || m.State != skein.MemberEnabled || checkOf(r, "certificate").Name != "" {
		t.Errorf("%+v, %+v", m, r.Checks)
	}

	// One that was pinned is let go once it has been replaced by such a one.
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: r.Member.Name, Pin: ptr(firstPin)})
	w.must(err)
	w.cluster.certificate = secondPin
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: r.Member.Name, Pin: ptr("")})
	w.must(err)
	if m := w.stored(r.Member.Name); m.Pin != "" {
		t.Errorf("%+v", m)
	}
}

func TestDescriptionsOfMembersWithAnAPI(t *testing.T) {
	t.Parallel()
	w := cpanel(t)
	for what, row := range map[string]struct {
		change func(*control.NewMember)
		words  string
	}{
		"no token":             {func(in *control.NewMember) { in.Secrets.Token = "" }, "API token"},
		"a token in two words": {func(in *control.NewMember) { in.Secrets.Token = "AB CD" }, "no API token"},
		"an rndc key":          {func(in *control.NewMember) { in.Secrets.RNDC = key("r") }, "rndc"},
		"primaries": {func(in *control.NewMember) {
			in.Member.Primaries = []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1")}}
		}, "primaries"},
		"a path for a host":    {func(in *control.NewMember) { in.Member.Endpoint = "web1/../:2087" }, "no host and port"},
		"port 0":               {func(in *control.NewMember) { in.Member.Endpoint = "web1.example.org:0" }, "no host and port"},
		"a broken pin":         {func(in *control.NewMember) { in.Member.Pin = "SHA256:abc" }, "fingerprint"},
		"another only":         {func(in *control.NewMember) { in.Member.Only = "some" }, "only"},
		"a user with a colon":  {func(in *control.NewMember) { in.Member.Username = "root:x" }, "user name"},
		"a token for bind":     {func(in *control.NewMember) { in.Member.Driver = "bind" }, "token"},
		"trust without a test": {func(in *control.NewMember) { in.Member.Trust, in.Pending = true, true }, "not tested"},
	} {
		in := webServer()
		row.change(&in)
		w.refused(anna, "member.add web1.example.org", func() error { _, err := w.AddMember(w.ctx(), anna, in); return err }, skein.KindInvalid, row.words)
		if strings.Contains(w.newestAudit().Refused, webToken) {
			t.Errorf("%s: the log has the token", what)
		}
	}
	in := webServer()
	in.Member.Endpoint, in.Member.Pin = "web1.example.org", strings.ReplaceAll(strings.ToUpper(firstPin[7:]), "AB", "AB:")[:95]
	r, err := w.AddMember(w.ctx(), anna, in)
	w.must(err)
	if r.Member.Endpoint != "web1.example.org:2087" || r.Member.Pin != firstPin || checkOf(r, "certificate").Name != "" {
		t.Errorf("described by name and pin: %+v", r)
	}
	two := webServer()
	two.Member.Name, two.Member.Address, two.Member.Endpoint = "web2.example.org", netip.MustParseAddr("192.0.2.82"), "web1.example.org:2087"
	w.refused(anna, "member.add web2.example.org", func() error { _, err := w.AddMember(w.ctx(), anna, two); return err }, skein.KindConflict, "has its API at")
}

// A server that did not pass is not pinned: it may have been the wrong one.
func TestNothingIsPinnedByATestThatFails(t *testing.T) {
	t.Parallel()
	w := cpanel(t)
	w.cluster.test = func(m skein.Member, _ skein.MemberSecrets) []skein.Check {
		return []skein.Check{{Name: "token", OK: m.Pin == secondPin, Text: "it does not let us in"}}
	}
	r, err := w.AddMember(w.ctx(), anna, webServer())
	w.must(err)
	if m := w.stored("web1.example.org"); m.Pin != "" || m.State != skein.MemberPending || r.Member.Pin != "" {
		t.Errorf("after a test that failed: %+v", m)
	}
	w.cluster.certificate = secondPin
	_, err = w.TestMember(w.ctx(), anna, "web1.example.org")
	w.must(err)
	if m := w.stored("web1.example.org"); m.Pin != secondPin || m.State != skein.MemberEnabled {
		t.Errorf("after one that passed: %+v", m)
	}
}

// panelTest is what a driver finds at a server with a panel.
func panelTest(m skein.Member, _ skein.MemberSecrets) []skein.Check {
	return []skein.Check{{Name: skein.CheckKind, OK: true, Warn: m.Only == "" && m.Role != skein.RoleStandalone}}
}

// A server with a panel that is to be written is warned about, with numbers,
// and stays pending however often it is tested.
func TestAPanelsServerIsWarnedAbout(t *testing.T) {
	t.Parallel()
	for what, row := range map[string]struct {
		change func(*skein.Member)
		warns  bool
	}{
		"written":          {func(*skein.Member) {}, true},
		"read alone":       {func(m *skein.Member) { m.Role = skein.RoleStandalone }, false},
		"only what it has": {func(m *skein.Member) { m.Only = skein.OnlyPresent }, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := cpanel(t)
			w.cluster.plan = skein.MemberPlan{Add: 1234, Replace: 5, Unknown: 678}
			w.cluster.test = panelTest
			in := webServer()
			row.change(&in.Member)
			state := map[bool]skein.MemberState{true: skein.MemberPending, false: skein.MemberEnabled}[row.warns]
			r, err := w.AddMember(w.ctx(), anna, in)
			w.must(err)
			c := checkOf(r, "zones")
			if (c.Name != "") != row.warns || row.warns && (!c.Warn || !c.OK || !strings.Contains(c.Text, "1234") || !strings.Contains(c.Text, "678 more") ||
				!strings.Contains(c.Mend, "--only-present") || !strings.Contains(c.Mend, "skein member enable web1.example.org")) {
				t.Errorf("%+v", r.Checks)
			}
			for range 2 {
				got, _ := w.cluster.member(in.Member.Name)
				if m := w.stored(in.Member.Name); r.Member.State != state || m.State != state || got.State != state || m.Pin != firstPin {
					t.Errorf("the test leaves %+v, the cluster has %s", m, got.State)
				}
				r, err = w.TestMember(w.ctx(), anna, in.Member.Name)
				w.must(err)
			}
		})
	}
}

// The certificate that was shown with the warning is the one that is pinned,
// not that of whoever answers when the person has decided.
func TestWhatIsHeldIsPinned(t *testing.T) {
	t.Parallel()
	w := cpanel(t)
	w.cluster.test = panelTest
	in := webServer()
	in.Member.Trust = true
	r, err := w.AddMember(w.ctx(), anna, in)
	w.must(err)
	if !r.Member.Trust || checkOf(r, "reverse-trust").Warn || r.Member.State != skein.MemberPending {
		t.Errorf("the reverse trust, which writes nothing to it: %+v", r)
	}
	w.cluster.certificate = secondPin
	plan, err := w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: in.Member.Name, State: skein.MemberEnabled, DryRun: true})
	w.must(err)
	_, err = w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: in.Member.Name, State: skein.MemberEnabled, Confirm: plan.Plan.Confirm})
	w.must(err)
	if m := w.stored(in.Member.Name); m.Pin != firstPin || m.State != skein.MemberEnabled {
		t.Errorf("%+v", m)
	}
}

// There are two ways on: to write only what the server has, or to look at what
// it would be given and say so.
func TestAPanelsServerIsBroughtIn(t *testing.T) {
	t.Parallel()
	const name = "web1.example.org"
	enable := control.SetMemberState{Name: name, State: skein.MemberEnabled}
	held := func(t *testing.T) *world {
		w := cpanel(t)
		w.cluster.test, w.cluster.plan = panelTest, skein.MemberPlan{Add: 1234}
		_, err := w.AddMember(w.ctx(), anna, webServer())
		w.must(err)
		return w
	}
	t.Run("only what it has", func(t *testing.T) {
		t.Parallel()
		w := held(t)
		r, err := w.EditMember(w.ctx(), anna, control.EditMember{Name: name, Only: ptr(skein.OnlyPresent)})
		w.must(err)
		if r.Member.State != skein.MemberPending {
			t.Errorf("%+v", r.Member)
		}
		r, err = w.TestMember(w.ctx(), anna, name)
		w.must(err)
		if m := w.stored(name); r.Member.State != skein.MemberEnabled || m.State != skein.MemberEnabled || m.Only != skein.OnlyPresent {
			t.Errorf("%+v", m)
		}
	})
	for what, before := range map[string]skein.MemberState{"all": skein.MemberPending, "all, once it was observed": skein.MemberObserved} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := held(t)
			if before == skein.MemberObserved {
				w.state(name, before)
			}
			for words, confirm := range map[string]string{"not looked at": "", "was not the role": "0123456789abcdef"} {
				unseen := enable
				unseen.Confirm = confirm
				w.refused(anna, "member.enable "+name, func() error { _, err := w.SetMemberState(w.ctx(), anna, unseen); return err }, skein.KindConflict, words)
			}
			preview := enable
			preview.DryRun = true
			r, err := w.SetMemberState(w.ctx(), anna, preview)
			w.must(err)
			if r.Plan == nil || r.Plan.Add != 1234 || r.Plan.Confirm == "" || w.stored(name).State != before {
				t.Fatalf("the preview: %+v", r)
			}
			old := enable
			old.Confirm = r.Plan.Confirm
			_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: name, Debug: ptr(true)})
			w.must(err)
			w.refused(anna, "member.enable "+name, func() error { _, err := w.SetMemberState(w.ctx(), anna, old); return err }, skein.KindConflict, "was not the role")
			r, err = w.SetMemberState(w.ctx(), anna, preview)
			w.must(err)
			seen := enable
			seen.Confirm = r.Plan.Confirm
			_, err = w.SetMemberState(w.ctx(), anna, seen)
			w.must(err)
			if m := w.stored(name); m.State != skein.MemberEnabled || m.Only != "" {
				t.Errorf("%+v", m)
			}
		})
	}
}

// All zones instead of those that it has is as much as another role: it is
// looked at before.
func TestAllZonesAreNotGivenUnseen(t *testing.T) {
	t.Parallel()
	w := cpanel(t)
	in := webServer()
	in.Member.Only = skein.OnlyPresent
	_, err := w.AddMember(w.ctx(), anna, in)
	w.must(err)
	edit := control.EditMember{Name: in.Member.Name, Only: ptr("")}
	w.refused(anna, "member.edit web1.example.org", func() error { _, err := w.EditMember(w.ctx(), anna, edit); return err }, skein.KindConflict, "not looked at")
	edit.DryRun = true
	r, err := w.EditMember(w.ctx(), anna, edit)
	w.must(err)
	edit.DryRun, edit.Confirm = false, r.Plan.Confirm
	_, err = w.EditMember(w.ctx(), anna, edit)
	w.must(err)
	if m := w.stored(in.Member.Name); m.Only != "" {
		t.Errorf("%+v", m)
	}
}

// A member is asked to add this node, with a token that speaks for its own
// source and goes with it.
func TestReverseTrust(t *testing.T) {
	t.Parallel()
	w := cpanel(t)
	in := webServer()
	in.Member.Trust = true
	r, err := w.AddMember(w.ctx(), anna, in)
	w.must(err)
	trusted := func() fakeTrust {
		t.Helper()
		all := w.cluster.trusted
		if len(all) == 0 {
			t.Fatal("nobody was asked")
		}
		return all[len(all)-1]
	}
	first := trusted()
	if !r.Member.Trust || checkOf(r, "reverse-trust").Warn || first.member != "web1.example.org" || first.user != "root" || first.host != "ns1.skein.example" {
		t.Errorf("%+v, asked %s %s %s", r, first.member, first.user, first.host)
	}
	actor, err := w.Authenticate(w.ctx(), first.token)
	if err != nil || actor.Source != "member web1.example.org" || actor.Role != "" {
		t.Errorf("the token is of %+v, %v", actor, err)
	}
	is := func(token string, good bool) {
		t.Helper()
		if _, err := w.Authenticate(w.ctx(), token); (err == nil) != good {
			t.Errorf("a token is good: %v; want %v", err == nil, good)
		}
	}

	// That it fails hinders nothing, and leaves what there was.
	w.cluster.distrusts = errors.New("it does not know that")
	r, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: in.Member.Name, Trust: ptr(true)})
	w.must(err)
	if c := checkOf(r, "reverse-trust"); !c.OK || !c.Warn || !w.stored(in.Member.Name).Trust {
		t.Errorf("%+v", r)
	}
	is(first.token, true)
	is(trusted().token, false)

	// Set up anew, the token before is worthless.
	w.cluster.distrusts = nil
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: in.Member.Name, Trust: ptr(true)})
	w.must(err)
	second := trusted()
	is(first.token, false)
	is(second.token, true)
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: in.Member.Name, Trust: ptr(false)})
	w.must(err)
	is(second.token, false)
	if w.stored(in.Member.Name).Trust {
		t.Error("it is still said to be trusted")
	}
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: in.Member.Name, Trust: ptr(true)})
	w.must(err)
	third := trusted()
	_, err = w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: in.Member.Name})
	w.must(err)
	is(third.token, false)
}

// A server that asks for it becomes a member that is read, or gives the one
// that it is a new token.
func TestAServerAsksToBeAMember(t *testing.T) {
	t.Parallel()
	w := cpanel(t)
	asks := control.TrustMember{Host: "web1.example.org", User: "root", Token: webToken, Version: "11.138.0.6", Addr: netip.MustParseAddr("192.0.2.80")}
	panel := skein.Actor{Name: "web1", Door: skein.DoorWHM, Source: "plesk1"}
	w.refused(panel, "member.add web1.example.org", func() error { _, err := w.TrustMember(w.ctx(), panel, asks); return err }, skein.KindForbidden, "clustering")
	old := asks
	old.Version = "11.23.9.9"
	w.refused(anna, "member.trust web1.example.org", func() error { _, err := w.TrustMember(w.ctx(), anna, old); return err }, skein.KindConflict, "11.23.9.9")

	m, err := w.TrustMember(w.ctx(), anna, asks)
	if err != nil || m.Role != skein.RoleStandalone || m.State != skein.MemberEnabled || m.Pin != firstPin || m.Endpoint != "192.0.2.80:2087" {
		t.Fatalf("%+v, %v", m, err)
	}
	asks.Token = "ANOTHER"
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: m.Name, Role: ptr(skein.RoleSynchronize), Pending: true})
	w.must(err)
	_, err = w.TestMember(w.ctx(), anna, m.Name)
	w.must(err)
	m, err = w.TrustMember(w.ctx(), anna, asks)
	got, _ := w.cluster.member(asks.Host)
	if err != nil || m.Role != skein.RoleSynchronize || got.secrets.Token != "ANOTHER" {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err = w.TrustMember(w.ctx(), anna, asks); err != nil || m.Name != asks.Host {
		t.Errorf("the same again: %+v, %v", m, err)
	}
}

// A server of the cluster asks for itself: it becomes a member that is read, and
// what is read of it and what it sends are one.
func TestAServerOfTheClusterAsksToBeAMember(t *testing.T) {
	t.Parallel()
	w := cpanel(t)
	server := skein.Actor{Name: "web1", Door: skein.DoorWHM, Source: "plesk1", Scope: skein.Scope{Cluster: true}, Addr: netip.MustParseAddr("192.0.2.80")}
	w.register(plesk1)
	asks := control.TrustMember{Host: "web1.example.org", User: "root", Token: webToken, Version: "11.138.0.6", Addr: server.Addr}
	m, err := w.TrustMember(w.ctx(), server, asks)
	if err != nil || m.Role != skein.RoleStandalone || m.State != skein.MemberEnabled {
		t.Fatalf("%+v, %v", m, err)
	}
	if _, err := w.TrustMember(w.ctx(), server, asks); err != nil {
		t.Errorf("the same again: %v", err)
	}
	elsewhere := asks
	elsewhere.Addr = netip.MustParseAddr("192.0.2.81")
	w.refused(server, "member.trust web1.example.org", func() error { _, err := w.TrustMember(w.ctx(), server, elsewhere); return err }, skein.KindConflict, "not at 192.0.2.81")
	w.refused(server, "member.disable web1.example.org", func() error {
		_, err := w.SetMemberState(w.ctx(), server, control.SetMemberState{Name: m.Name, State: skein.MemberDisabled})
		return err
	}, skein.KindForbidden, "clustering")

	w.put(plesk1, "sent.example.", 1, "")
	_, err = w.TakeIn(w.ctx(), m.Name, w.contents("sent.example.", 2, "www A 192.0.2.1\n"))
	w.must(err)
	w.put(plesk1, "sent.example.", 3, "www A 192.0.2.2\n")
	if kept, err := w.Waiting(w.ctx(), anna, control.WaitingQuery{}); err != nil || len(kept) > 0 {
		t.Errorf("it fights with itself: %+v, %v", kept, err)
	}
	w.put(anna, "others.example.", 1, "")
	seen, err := w.List(w.ctx(), server, control.Page{})
	if err != nil || len(seen) != 2 {
		t.Errorf("it sees %+v, %v", seen, err)
	}
	w.wants(func() error {
		_, err := w.DeleteZone(w.ctx(), server, control.DeleteZone{Name: "others.example."})
		return err
	}(), skein.KindConflict, "admin")
}

// Servers of a cluster send each other the zones that they have of each other:
// what is the same here is no conflict, and stays whose it is.
func TestCopiesFromOtherServersAreNoConflicts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(plesk1, plesk2)
	const name zone.Name = "shop.example."
	sends := func(actor skein.Actor, serial uint32, records string) error {
		_, err := w.PutZone(w.ctx(), actor, control.PutZone{Name: name, Sets: w.sets(name, apex(serial)+records), Tolerant: true, Ahead: true})
		return err
	}
	w.must(sends(plesk1, 5, "www A 192.0.2.1\n"))
	w.must(sends(plesk2, 5, "www A 192.0.2.1\n"))
	w.must(sends(plesk2, 4, "www A 192.0.2.1\n"))
	w.waits(name)
	w.wants(sends(plesk2, 6, "www A 192.0.2.1\n"), skein.KindConflict, "plesk1") // whose serial is to count?
	w.wants(sends(plesk2, 6, "www A 192.0.2.2\n"), skein.KindConflict, "plesk1")
	w.must(sends(plesk2, 5, "www A 192.0.2.1\n")) // it has come round
	w.waits(name)
	if z, err := w.Zone(w.ctx(), anna, name); err != nil || z.Origin != plesk1.Source || z.Serial != 5 {
		t.Errorf("%+v, %v", z, err)
	}
}

// Tokens come in the form that cPanel's programs take.
func TestTokensForCPanel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "web2", Door: skein.DoorWHM}})
	w.must(err)
	for what, row := range map[string]struct {
		in    skein.CreateToken
		form  string
		lines int
		door  string
	}{
		"of a source of that door": {skein.CreateToken{Name: "a", Source: "web2"}, skein.TokenWHM, 1, skein.DoorWHM},
		"of a new source":          {skein.CreateToken{Name: "b", Form: skein.TokenWHM}, skein.TokenWHM, 1, skein.DoorWHM},
		"as an access hash":        {skein.CreateToken{Name: "c", Form: skein.TokenAccessHash}, skein.TokenAccessHash, 29, skein.DoorWHM},
		"Skein's own":              {skein.CreateToken{Name: "d"}, "", 1, skein.DoorAPI},
		"an administrator's":       {skein.CreateToken{Name: "e", Admin: true, Form: skein.TokenWHM}, skein.TokenWHM, 1, ""},
	} {
		made, err := w.CreateToken(w.ctx(), anna, row.in)
		w.must(err)
		lines := strings.Split(strings.TrimSuffix(made.Secret, "\n"), "\n")
		if len(lines) != row.lines {
			t.Errorf("%s: %d lines", what, len(lines))
		}
		if row.form == skein.TokenWHM && (len(made.Secret) != 32 || strings.Trim(made.Secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "") {
			t.Errorf("%s: the secret has %d octets, or others than letters and digits", what, len(made.Secret))
		}
		for _, presented := range []string{made.Secret, strings.ReplaceAll(made.Secret, "\n", "\r\n"), secret.Joined(made.Secret)} {
			if actor, err := w.Authenticate(w.ctx(), presented); err != nil || actor.Name != row.in.Name {
				t.Errorf("%s: %+v, %v", what, actor, err)
			}
		}
		tokens, err := w.Tokens(w.ctx(), anna)
		w.must(err)
		token := tokens[slices.IndexFunc(tokens, func(k skein.Token) bool { return k.Name == row.in.Name })]
		if token.Form != row.form {
			t.Errorf("%s: the form is %q", what, token.Form)
		}
		if row.door == "" {
			continue
		}
		if s, err := w.Source(w.ctx(), anna, token.Source); err != nil || s.Door != row.door {
			t.Errorf("%s: the source %+v, %v", what, s, err)
		}
	}
	w.refused(anna, "token.create f", func() error {
		_, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "f", Form: "hex"})
		return err
	}, skein.KindInvalid, "no form")
	for _, wrong := range []string{strings.Repeat("A", 31), strings.Repeat("a", 32), strings.Repeat("A", 32), strings.Repeat("0", 29*32)} {
		if _, err := w.Authenticate(w.ctx(), wrong); skein.KindOf(err) != skein.KindUnknown {
			t.Errorf("%d octets: %v", len(wrong), err)
		}
	}
}
