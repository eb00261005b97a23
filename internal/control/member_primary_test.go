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
)

// pairs are drivers as they differ in what they transfer from: any number of
// keys, one, nothing from other members, nothing at all.
func pairs(c *control.Config) {
	write := []skein.Role{skein.RoleWriteOnly}
	c.Drivers = []control.Driver{
		{Name: "bind", Roles: write, Needs: control.Needs{RNDC: true, Transfer: true, Primary: anyMember}},
		{Name: "onekey", Roles: write, Needs: control.Needs{Transfer: true, OneKey: true}},
		{Name: "alone", Roles: write, Needs: control.Needs{Transfer: true, Others: func(skein.Member) bool { return false }}},
		{Name: "script", Roles: write, Needs: control.Needs{NoAddress: true, Root: true}},
	}
	c.MemberConfig = func(m skein.Member, s skein.MemberSecrets, keys control.PairKeys, _ skein.ConfigStyle) string {
		return fmt.Sprintf("from%v to%v", keys.From, keys.To)
	}
}

func anyMember(skein.Member) bool { return true }

func ofDriver(name, driver, address string, primary bool) control.NewMember {
	in := described(name, address)
	in.Member.Driver, in.Member.Primary = driver, primary
	return in
}

// others is what the cluster was told that a member transfers from besides the node.
func (w *world) others(name string) (all []string) {
	w.t.Helper()
	m, is := w.cluster.member(name)
	if !is {
		w.t.Fatalf("the cluster does not know %s", name)
	}
	for _, p := range m.Others {
		all = append(all, fmt.Sprintf("%s@%s#%d", p.Member, p.Address, p.Port))
	}
	return all
}

func (w *world) wantOthers(name string, want ...string) {
	w.t.Helper()
	if got := w.others(name); !slices.Equal(got, want) {
		w.t.Errorf("%s transfers from %q besides the node, want %q", name, got, want)
	}
}

func TestOtherPrimariesComeAndGoWithTheirMembers(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, pairs)
	w.enabled(ofDriver("ns3", "bind", "192.0.2.33", false))
	w.enabled(ofDriver("ns4", "onekey", "192.0.2.44", false))
	w.enabled(ofDriver("ns5", "alone", "192.0.2.55", false))
	w.enabled(ofDriver("ns6", "bind", "2001:db8::6", false))

	pending := ofDriver("ns2", "bind", "192.0.2.22", true)
	pending.Pending = true
	_, err := w.AddMember(w.ctx(), anna, pending)
	w.must(err)
	w.wantOthers("ns3") // nothing was ever written to it

	_, err = w.TestMember(w.ctx(), anna, "ns2")
	w.must(err)
	w.wantOthers("ns3", "ns2@192.0.2.22#53")
	w.wantOthers("ns4", "ns2@192.0.2.22#53")
	w.wantOthers("ns5") // cannot
	w.wantOthers("ns6") // is reached by the other family of addresses
	w.wantOthers("ns2")

	_, err = w.SetMemberState(w.ctx(), anna, control.SetMemberState{Name: "ns2", State: skein.MemberDisabled})
	w.must(err)
	w.wantOthers("ns3", "ns2@192.0.2.22#53") // what it serves stays transferable
	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: "ns2", Address: ptr(netip.MustParseAddr("192.0.2.23"))})
	w.must(err)
	w.wantOthers("ns3", "ns2@192.0.2.23#53")

	w.enabled(ofDriver("ns1", "bind", "192.0.2.11", true))
	w.wantOthers("ns3", "ns1@192.0.2.11#53", "ns2@192.0.2.23#53")
	w.wantOthers("ns2", "ns1@192.0.2.11#53")
	w.wantOthers("ns1", "ns2@192.0.2.23#53")
	w.reopen()
	w.wantOthers("ns3", "ns1@192.0.2.11#53", "ns2@192.0.2.23#53")
	rows, err := w.store.Members(w.ctx())
	w.must(err)
	for _, row := range rows {
		if len(row.Member.Others) != 0 {
			t.Errorf("what follows from other members is stored with %s", row.Member.Name)
		}
	}
	if m, err := w.Member(w.ctx(), anna, "ns3"); err != nil || len(m.Others) != 2 {
		t.Errorf("shown is %+v, %v", m.Others, err)
	}

	_, err = w.EditMember(w.ctx(), anna, control.EditMember{Name: "ns1", Primary: ptr(false)})
	w.must(err)
	w.wantOthers("ns3", "ns2@192.0.2.23#53")
	_, err = w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns2"})
	w.must(err)
	w.wantOthers("ns3")
}

// A member transfers only from one that has all its zones.
func TestOtherPrimariesHaveAllPoolsOfAMember(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	_, err := w.AddPool(w.ctx(), henry, skein.NewPool{})
	w.must(err)
	theirs := ofDriver("ns-theirs", "bind", "192.0.2.66", false)
	theirs.Member.Pool = "hosting"
	w.enabled(theirs)
	w.enabled(ofDriver("ns2", "bind", "192.0.2.22", true))
	w.wantOthers("ns-theirs")
	share := control.ShareMember{Member: "ns2", Pool: "hosting", Role: skein.RoleWriteOnly}
	_, err = w.ShareMember(w.ctx(), anna, share)
	w.must(err)
	w.wantOthers("ns-theirs", "ns2@192.0.2.22#53")
	_, err = w.UnshareMember(w.ctx(), anna, share)
	w.must(err)
	w.wantOthers("ns-theirs")
}

func TestEachPairHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, pairs)
	w.enabled(ofDriver("ns1", "bind", "192.0.2.11", true))
	w.enabled(ofDriver("ns2", "bind", "192.0.2.22", true))
	w.enabled(ofDriver("ns3", "bind", "192.0.2.33", false))
	w.enabled(ofDriver("ns4", "onekey", "192.0.2.44", false))
	keys := map[string]skein.TransferKey{}
	for _, name := range []string{"ns3", "ns4"} {
		m, _ := w.cluster.member(name)
		for _, p := range m.Others {
			keys[name+" from "+p.Member] = control.PairKey(m.Member, m.secrets, p.Key)
		}
	}
	secrets := map[string]string{}
	for pair, k := range keys {
		raw, err := base64.StdEncoding.DecodeString(k.Secret)
		if err != nil || len(raw) != 32 || k.Algorithm != "hmac-sha256" {
			t.Errorf("the key of %s is %+v", pair, k)
		}
		if other, is := secrets[k.Secret]; is && !strings.HasPrefix(pair, "ns4") {
			t.Errorf("%s has the secret of %s", pair, other)
		}
		secrets[k.Secret] = pair
	}
	if m, _ := w.cluster.member("ns3"); secrets[m.secrets.TSIG] != "" {
		t.Error("a pair has the member's own key with the node")
	}
	if m, _ := w.cluster.member("ns4"); keys["ns4 from ns1"].Secret != m.secrets.TSIG || keys["ns4 from ns1"].Name != m.TSIGKey {
		t.Error("a member that has one key for all sources has another for this one")
	}
	// Both ends are told, and nobody else.
	for _, row := range []struct {
		name     string
		from, to []string
	}{
		{"ns1", nil, []string{"ns3 from ns1", "ns4 from ns1"}},
		{"ns3", []string{"ns3 from ns1", "ns3 from ns2"}, nil},
		{"ns4", nil, nil},
	} {
		block := w.configure(control.NewMember{Member: skein.Member{Name: row.name}}).Config
		from, to, _ := strings.Cut(block, " to")
		for pair, k := range keys {
			if got := strings.Contains(from, k.Secret); got != slices.Contains(row.from, pair) {
				t.Errorf("%s fetches with the key of %s: %v", row.name, pair, got)
			}
			if got := strings.Contains(to, k.Secret); pair != "ns4 from ns2" && got != slices.Contains(row.to, pair) {
				t.Errorf("%s gives to the key of %s: %v", row.name, pair, got)
			}
		}
	}
	// Made anew under its name, it has other keys.
	_, err := w.RemoveMember(w.ctx(), anna, control.RemoveMember{Name: "ns1"})
	w.must(err)
	w.later(1)
	w.enabled(ofDriver("ns1", "bind", "192.0.2.11", true))
	m, _ := w.cluster.member("ns3")
	if k := control.PairKey(m.Member, m.secrets, m.Others[0].Key); m.Others[0].Member != "ns1" || k.Secret == keys["ns3 from ns1"].Secret || k.Name == keys["ns3 from ns1"].Name {
		t.Errorf("after ns1 was removed and added its pair with ns3 still has the key %s", k.Name)
	}
}

func TestWhatIsNoPrimary(t *testing.T) {
	t.Parallel()
	for what, row := range map[string]struct {
		change func(*skein.Member)
		says   string
	}{
		"a server of another kind":      {func(m *skein.Member) { m.Driver = "onekey" }, "onekey"},
		"one with some of the zones":    {func(m *skein.Member) { m.Only = skein.OnlyPresent }, "some of the zones"},
		"one with zones in a BIND view": {func(m *skein.Member) { m.View = "outside" }, "view"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, pairs)
			in := ofDriver("ns2", "bind", "192.0.2.22", true)
			row.change(&in.Member)
			w.refused(anna, "member.add", func() error { _, err := w.AddMember(w.ctx(), anna, in); return err }, skein.KindInvalid, row.says)
		})
	}
}
