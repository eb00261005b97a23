package control_test

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
)

// described is a member as an administrator describes it.
func described(name, address string) control.NewMember {
	return control.NewMember{Member: skein.Member{Name: name, Address: netip.MustParseAddr(address)}}
}

// fails is a test of a member at which something is wrong.
func fails(skein.Member, skein.MemberSecrets) []skein.Check {
	return []skein.Check{{Name: "rndc", OK: true}, {Name: "tsig-list", Text: "it does not know the key", Mend: "paste the block"}}
}

// configure makes a pending member and returns its block.
func (w *world) configure(in control.NewMember) control.MemberResult {
	w.t.Helper()
	r, err := w.ConfigMember(w.ctx(), anna, in)
	w.must(err)
	return r
}

// The way of the how-to: print the block, paste it, test.
func TestBringingInAMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.configure(described("NS2.Example.net.", "192.0.2.53"))
	want := skein.Member{
		Name: "ns2.example.net", Driver: "bind", Role: skein.RoleWriteOnly, State: skein.MemberPending,
		Address: netip.MustParseAddr("192.0.2.53"), Port: 53, RNDCPort: 953,
		Primaries: []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1"), Port: 5300}},
		Pool:      "default", Version: 1,
		TSIGKey: "skein-ns2_example_net", AuditKey: "skein-audit-ns2_example_net", Algorithm: "hmac-sha256", Created: start,
	}
	got := r.Member
	if got.Status == nil {
		t.Error("there is no status")
	}
	got.Status = nil
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("made %+v\nwant %+v", got, want)
	}
	keys := strings.Fields(r.Config)[2:]
	for i, key := range keys {
		raw, err := base64.StdEncoding.DecodeString(key)
		if err != nil || len(raw) != 32 || slices.Contains(keys[:i], key) {
			t.Errorf("key %d is %d octets, %v, or the same as another", i, len(raw), err)
		}
	}
	// Its key is known to the cluster from now on, so that it can fetch.
	if m, ok := w.cluster.member("ns2.example.net"); !ok || m.State != skein.MemberPending || m.secrets.TSIG != keys[1] {
		t.Errorf("the cluster has %+v", m.Member)
	}
	// Printed again it is the same, also after a restart.
	w.reopen()
	if again := w.configure(described("ns2.example.net", "192.0.2.53")); again.Config != r.Config {
		t.Error("the block is another one now")
	}
	if again := w.configure(control.NewMember{Member: skein.Member{Name: "ns2.example.net"}}); again.Config != r.Config || again.Member.Address != want.Address {
		t.Errorf("by name alone: %+v", again.Member)
	}

	w.cluster.test = fails
	r, err := w.TestMember(w.ctx(), anna, "ns2.example.net.")
	if err != nil || r.Member.State != skein.MemberPending || len(r.Checks) != 2 || r.Config != "" {
		t.Errorf("a test that fails: %+v, %v", r, err)
	}
	w.cluster.test = nil
	r, err = w.TestMember(w.ctx(), anna, "NS2.example.net")
	if err != nil || r.Member.State != skein.MemberEnabled {
		t.Errorf("a test that passes: %+v, %v", r, err)
	}
	if m, _ := w.cluster.member("ns2.example.net"); m.State != skein.MemberEnabled {
		t.Errorf("the cluster has %+v", m.Member)
	}
	if got := w.newestAudit(); got.Action != "member.enable ns2.example.net" || got.Refused != "" || got.Actor.Name != "anna" {
		t.Errorf("recorded as %+v", got)
	}
	w.reopen()
	if m, err := w.Member(w.ctx(), anna, "ns2.example.net"); err != nil || m.State != skein.MemberEnabled || m.Status == nil {
		t.Errorf("%+v, %v", m, err)
	}
	// The block of a member that takes part can still be shown, and that is recorded.
	if again := w.configure(control.NewMember{Member: r.Member}); !strings.Contains(again.Config, keys[0]) || again.Member.State != skein.MemberEnabled {
		t.Errorf("%+v", again)
	}
	if got := w.newestAudit(); got.Action != "member.config ns2.example.net" {
		t.Errorf("recorded as %+v", got)
	}
}

func TestAddingAMemberWithKeysOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	in := described("ns2.example.net", "192.0.2.53")
	in.Secrets.RNDC, in.Member.Algorithm, in.Member.Port, in.Member.RNDCPort = own, "HMAC-SHA512", 5302, 9532
	in.Member.Primaries = []skein.Primary{{Address: netip.MustParseAddr("198.51.100.1")}, {Address: netip.MustParseAddr("198.51.100.2"), Port: 54}}

	// It does not know the transfer key yet: it stays pending, and its block is what is to be pasted.
	w.cluster.test = fails
	r, err := w.AddMember(w.ctx(), anna, in)
	if err != nil || r.Member.State != skein.MemberPending || len(r.Checks) != 2 || r.Config != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	if p := r.Member.Primaries; len(p) != 2 || p[0].Port != 5300 || p[1].Port != 54 || r.Member.Algorithm != "hmac-sha512" {
		t.Errorf("%+v", r.Member)
	}
	block := w.configure(control.NewMember{Member: skein.Member{Name: "ns2.example.net"}}).Config
	if !strings.Contains(block, own) {
		t.Error("the block does not have the member's own key")
	}
	// Added again, with another key this time: what was wrong is completed, the rest stays.
	other := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("o", 32)))
	in.Secrets.RNDC, w.cluster.test = other, nil
	r, err = w.AddMember(w.ctx(), anna, in)
	if err != nil || r.Member.State != skein.MemberEnabled {
		t.Fatalf("%+v, %v", r, err)
	}
	m, _ := w.cluster.member("ns2.example.net")
	if m.secrets.RNDC != other || m.secrets.TSIG != strings.Fields(block)[3] || m.State != skein.MemberEnabled {
		t.Errorf("the cluster has %+v", m)
	}
	w.refused(anna, "member.add ns2.example.net", func() error { _, err := w.AddMember(w.ctx(), anna, in); return err }, skein.KindConflict, "exists", store.ErrExists)

	// Without a test.
	in = described("ns3.example.net", "192.0.2.54")
	in.Pending = true
	w.cluster.test = func(skein.Member, skein.MemberSecrets) []skein.Check { t.Error("it was tested"); return nil }
	if r, err := w.AddMember(w.ctx(), anna, in); err != nil || r.Member.State != skein.MemberPending || len(r.Checks) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// A pending member's address may change; what was pasted on it stays right.
func TestAPendingMemberMoves(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, func(c *control.Config) {
		c.Primaries = func(a netip.Addr) []skein.Primary {
			if !a.IsValid() {
				return nil
			}
			if a.Is6() {
				return []skein.Primary{{Address: netip.MustParseAddr("2001:db8::1"), Port: 53}}
			}
			return []skein.Primary{{Address: netip.MustParseAddr("192.0.2.1"), Port: 53}}
		}
	})
	// Where it will be is not known yet.
	r := w.configure(control.NewMember{Member: skein.Member{Name: "ns2"}})
	if r.Member.Address.IsValid() || len(r.Member.Primaries) != 0 {
		t.Errorf("%+v", r.Member)
	}
	keys := strings.Fields(r.Config)[2:]
	for _, address := range []string{"::ffff:192.0.2.53", "2001:db8::53"} {
		r = w.configure(described("ns2", address))
		if !slices.Equal(strings.Fields(r.Config)[2:], keys) {
			t.Error("the keys are others now")
		}
		if r.Member.Address != netip.MustParseAddr(address).Unmap() || len(r.Member.Primaries) != 1 || r.Member.Primaries[0].Address.Is4() != r.Member.Address.Is4() {
			t.Errorf("%+v", r.Member)
		}
	}
	w.refused(anna, "member.add", func() error {
		_, err := w.AddMember(w.ctx(), anna, control.NewMember{Member: skein.Member{Name: "ns4"}})
		return err
	}, skein.KindInvalid, "address")
}

func TestMembersThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.AddMember(w.ctx(), anna, described("ns2", "192.0.2.53"))
	w.must(err)
	w.configure(described("ns2.b", "192.0.2.55"))
	for name, row := range map[string]struct {
		change func(*control.NewMember)
		kind   skein.Kind
		words  string
	}{
		"no name":                   {func(m *control.NewMember) { m.Member.Name = "" }, skein.KindInvalid, "name"},
		"a path":                    {func(m *control.NewMember) { m.Member.Name = "../../etc" }, skein.KindInvalid, "name"},
		"a quote":                   {func(m *control.NewMember) { m.Member.Name = `ns"; }; evil` }, skein.KindInvalid, "name"},
		"an empty label":            {func(m *control.NewMember) { m.Member.Name = "a..b" }, skein.KindInvalid, "name"},
		"a label too long":          {func(m *control.NewMember) { m.Member.Name = "a." + strings.Repeat("a", 64) }, skein.KindInvalid, "63"},
		"another one's key names":   {func(m *control.NewMember) { m.Member.Name = "ns2_b" }, skein.KindConflict, "ns2.b"},
		"a name too long":           {func(m *control.NewMember) { m.Member.Name = strings.Repeat("a.", 120) + "a" }, skein.KindInvalid, "200"},
		"an unknown driver":         {func(m *control.NewMember) { m.Member.Driver = "unbound" }, skein.KindInvalid, "unbound"},
		"a role that it cannot":     {func(m *control.NewMember) { m.Member.Role = skein.RoleSynchronize }, skein.KindInvalid, "synchronize"},
		"a view with a quote":       {func(m *control.NewMember) { m.Member.View = `x" evil` }, skein.KindInvalid, "view"},
		"an algorithm of rndc only": {func(m *control.NewMember) { m.Member.Algorithm = "hmac-md5" }, skein.KindInvalid, "hmac-md5"},
		"any address":               {func(m *control.NewMember) { m.Member.Address = netip.MustParseAddr("0.0.0.0") }, skein.KindInvalid, "0.0.0.0"},
		"a multicast address":       {func(m *control.NewMember) { m.Member.RNDCAddr = netip.MustParseAddr("ff02::1") }, skein.KindInvalid, "ff02::1"},
		"a primary without address": {func(m *control.NewMember) { m.Member.Primaries = []skein.Primary{{Port: 53}} }, skein.KindInvalid, "primary"},
		"a key that is no base64":   {func(m *control.NewMember) { m.Secrets.RNDC = "hunter2!" }, skein.KindInvalid, "rndc key"},
		"a key of 8 octets":         {func(m *control.NewMember) { m.Secrets.TSIG = "AAAAAAAAAAA=" }, skein.KindInvalid, "TSIG key"},
		"this node":                 {func(m *control.NewMember) { m.Member.Address = netip.MustParseAddr("192.0.2.1") }, skein.KindConflict, "own"},
		"another one's address":     {func(m *control.NewMember) { m.Member.Address = netip.MustParseAddr("192.0.2.53") }, skein.KindConflict, "ns2"},
		"a name that is taken":      {func(m *control.NewMember) { m.Member.Name = "NS2" }, skein.KindConflict, "exists"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			in := described("ns3", "192.0.2.99")
			row.change(&in)
			for action, do := range map[string]func() error{
				"member.config": func() error { _, err := w.ConfigMember(w.ctx(), anna, in); return err },
				"member.add":    func() error { _, err := w.AddMember(w.ctx(), anna, in); return err },
			} {
				w.refused(anna, action, do, row.kind, row.words)
			}
		})
	}
	// Members are for administrators alone.
	w.t = t
	for action, do := range map[string]func() error{
		"member.config": func() error { _, err := w.ConfigMember(w.ctx(), plesk1, described("ns3", "192.0.2.99")); return err },
		"member.add":    func() error { _, err := w.AddMember(w.ctx(), plesk1, described("ns3", "192.0.2.99")); return err },
		"member.test":   func() error { _, err := w.TestMember(w.ctx(), plesk1, "ns2"); return err },
		"member.enable": func() error {
			_, err := w.SetMemberState(w.ctx(), plesk1, control.SetMemberState{Name: "ns2", State: skein.MemberEnabled})
			return err
		},
		"member.disable": func() error {
			_, err := w.SetMemberState(w.ctx(), plesk1, control.SetMemberState{Name: "ns2", State: skein.MemberDisabled})
			return err
		},
		"member.remove": func() error {
			_, err := w.RemoveMember(w.ctx(), plesk1, control.RemoveMember{Name: "ns2", Clean: true})
			return err
		},
	} {
		w.refused(plesk1, action, do, skein.KindForbidden, "permission")
	}
	for action, do := range map[string]func() error{
		"member.test": func() error { _, err := w.TestMember(w.ctx(), anna, "nosuch"); return err },
		"member.enable": func() error {
			_, err := w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: "nosuch", State: skein.MemberEnabled})
			return err
		},
		"member.disable": func() error {
			_, err := w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: "nosuch", State: skein.MemberDisabled})
			return err
		},
		"member.remove": func() error {
			_, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "nosuch", Clean: true})
			return err
		},
	} {
		w.refused(anna, action+" nosuch", do, skein.KindNotFound, "nosuch", store.ErrNotFound)
	}
	if _, err := w.Members(w.ctx(), plesk1); skein.KindOf(err) != skein.KindForbidden {
		t.Errorf("listing: %v", err)
	}
	if _, err := w.Member(w.ctx(), plesk1, "ns2"); skein.KindOf(err) != skein.KindForbidden {
		t.Errorf("showing: %v", err)
	}
	_, err = w.Member(w.ctx(), anna, "nosuch")
	w.wants(err, skein.KindNotFound, "nosuch", store.ErrNotFound)
}

// The names of keys are one label each, whatever the member's name is.
func TestNamesOfKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]string{}
	for i, name := range []string{"ns2", "ns2.example.net", "a." + strings.Repeat("b", 60) + ".example.net", "a." + strings.Repeat("b", 60) + ".example.org", strings.Repeat("c.", 90) + "example"} {
		m := w.configure(described(name, fmt.Sprintf("192.0.2.%d", 60+i))).Member
		for _, key := range []string{m.TSIGKey, m.AuditKey} {
			if len(key) > 63 || strings.ContainsAny(key, ". \"") || seen[key] != "" {
				t.Errorf("%s has the key %s, which %q has, too", name, key, seen[key])
			}
			seen[key] = name
		}
	}
}

// Keys that are made are as long as the hash of their algorithm.
func TestLengthsOfKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for algorithm, octets := range map[string]int{"hmac-sha1": 20, "hmac-sha224": 28, "hmac-sha256": 32, "hmac-sha384": 48, "HMAC-SHA512": 64} {
		in := control.NewMember{Member: skein.Member{Name: algorithm, Algorithm: algorithm}}
		for _, key := range strings.Fields(w.configure(in).Config)[2:] {
			if raw, err := base64.StdEncoding.DecodeString(key); err != nil || len(raw) != octets {
				t.Errorf("%s: %d octets, %v", algorithm, len(raw), err)
			}
		}
	}
}
