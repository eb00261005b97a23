package control_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/zone"
)

// theirs is a member as a reseller describes it.
func theirs(name, address string) control.NewMember {
	in := described(name, address)
	in.Member.Driver = "panel"
	return in
}

// A reseller with a pool of its own has members there; of others it knows what
// is shared with it, and of the rest nothing.
func TestMembersOfAReseller(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.ownPool()
	w.enrol("root1", "default", skein.RoleSynchronize)
	w.enrol("root2", "default", skein.RoleSynchronize)
	_, err := w.ShareMember(w.ctx(), anna, control.ShareMember{Member: "root2", Pool: "hosting", Role: skein.RoleWriteOnly})
	w.must(err)

	r, err := w.AddMember(w.ctx(), henry, theirs("mine", "203.0.113.5"))
	w.must(err)
	if r.Member.Pool != "hosting" || r.Member.State != skein.MemberEnabled {
		t.Errorf("%+v", r.Member)
	}
	for who, row := range map[*skein.Actor][]string{&henry: {"mine", "ns-hosting", "root2"}, &anna: {"mine", "ns-hosting", "root1", "root2"}} {
		list, err := w.Members(w.ctx(), *who)
		w.must(err)
		var names []string
		for _, m := range list {
			names = append(names, m.Name)
		}
		if !slices.Equal(names, row) {
			t.Errorf("%s sees %q, want %q", who.Name, names, row)
		}
	}
	shared, err := w.Member(w.ctx(), henry, "root2")
	w.must(err)
	if shared.Pool != "" || fmt.Sprint(shared.Shares) != "[{hosting write-only}]" {
		t.Errorf("of a shared one it sees %+v", shared)
	}

	// Its own it may change and remove, and none of the others.
	for what, do := range map[string]func(name string) error{
		"member.edit": func(name string) error {
			_, err := w.EditMember(w.ctx(), henry, control.EditMember{Name: name, Debug: ptr(true)})
			return err
		},
		"member.replace": func(name string) error {
			_, err := w.ReplaceMember(w.ctx(), henry, control.EditMember{Name: name})
			return err
		},
		"member.disable": func(name string) error {
			_, err := w.SetMemberState(w.ctx(), henry, control.SetMemberState{Name: name, State: skein.MemberDisabled})
			return err
		},
		"member.remove": func(name string) error {
			_, err := w.RemoveMember(w.ctx(), henry, control.RemoveMember{Name: name})
			return err
		},
		"member.test": func(name string) error { _, err := w.TestMember(w.ctx(), henry, name); return err },
	} {
		w.refused(henry, what, func() error { return do("root2") }, skein.KindForbidden, "shared")
		w.refused(henry, what, func() error { return do("root1") }, skein.KindNotFound, "there is no member")
		foreign, never := do("root1"), do("never")
		if strings.ReplaceAll(foreign.Error(), "root1", "never") != never.Error() {
			t.Errorf("%s: another's is told apart from none: %q and %q", what, foreign, never)
		}
		if what != "member.remove" {
			w.must(do("mine"))
		}
	}
	if _, err := w.Member(w.ctx(), henry, "root1"); skein.KindOf(err) != skein.KindNotFound {
		t.Errorf("it sees root's: %v", err)
	}
	if _, err := w.RemoveMember(w.ctx(), henry, control.RemoveMember{Name: "mine"}); err != nil {
		t.Error(err)
	}
}

// What a reseller is refused says nothing of others.
func TestWhatAResellerIsRefusedOfMembers(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	_, err := w.AddMember(w.ctx(), anna, theirs("root1", "203.0.113.5"))
	w.must(err)
	if _, err := w.AddMember(w.ctx(), henry, theirs("mine", "203.0.113.6")); skein.KindOf(err) != skein.KindNotFound || !strings.Contains(err.Error(), "pool") {
		t.Errorf("without a pool: %v", err)
	}
	_, err = w.AddPool(w.ctx(), henry, skein.NewPool{})
	w.must(err)
	in := theirs("mine", "203.0.113.6")
	in.Member.Pool = "default"
	for what, row := range map[string]struct {
		in    control.NewMember
		kind  skein.Kind
		words string
	}{
		"in root's pool":         {in, skein.KindNotFound, `there is no pool "default"`},
		"a name that root has":   {theirs("root1", "203.0.113.6"), skein.KindConflict, "is taken"},
		"a server that root has": {theirs("mine", "203.0.113.5"), skein.KindConflict, "a member is at 203.0.113.5:53 already"},
	} {
		w.refused(henry, "member.add", func() error { _, err := w.AddMember(w.ctx(), henry, row.in); return err }, row.kind, row.words)
		_, err := w.AddMember(w.ctx(), henry, row.in)
		if strings.Contains(err.Error(), "root1") != (row.in.Member.Name == "root1") {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Without the permission everything is alike, whatever the name.
	said := map[string]bool{}
	for _, name := range []string{"root1", "never"} {
		for _, who := range []skein.Actor{olga, sam} {
			_, err := w.Member(w.ctx(), who, name)
			w.wants(err, skein.KindForbidden, "permission")
			_, err = w.EditMember(w.ctx(), who, control.EditMember{Name: name, Address: ptr(netip.MustParseAddr("203.0.113.9"))})
			w.wants(err, skein.KindForbidden, "permission")
			said[who.Name+": "+err.Error()] = true
		}
	}
	if len(said) != 2 {
		t.Errorf("names make a difference: %v", said)
	}
}

// What a member serves is shown to those who see the member; to others names of
// members make no difference.
func TestWhoSeesWhatAMemberServes(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.ownPool()
	w.enrol("root1", "default", skein.RoleWriteOnly)
	w.enrol("root2", "default", skein.RoleWriteOnly)
	_, err := w.ShareMember(w.ctx(), anna, control.ShareMember{Member: "root2", Pool: "hosting", Role: skein.RoleWriteOnly})
	w.must(err)
	const hostings, others, shops = "hosting.example.", "other.example.", "shop.example."
	w.put(henry, hostings, 1, "")
	w.put(olga, others, 1, "")
	w.put(sam, shops, 1, "")
	w.put(plesk1, example, 1, "")
	for situation, row := range map[string]struct {
		actor  skein.Actor
		member string
		zone   zone.Name
		kind   skein.Kind
		words  string
	}{
		"root":                                  {anna, "root1", others, "", ""},
		"a reseller, of its own":                {henry, "ns-hosting", hostings, "", ""},
		"a reseller, of one shared with it":     {henry, "root2", shops, "", ""},
		"who may only look":                     {guest, "ns-hosting", hostings, "", ""},
		"a reseller, of another's":              {henry, "root1", hostings, skein.KindNotFound, `there is no member "root1"`},
		"a reseller, of none":                   {henry, "never", hostings, skein.KindNotFound, `there is no member "never"`},
		"a reseller, a zone of another":         {henry, "ns-hosting", others, skein.KindNotFound, "there is no zone"},
		"a reseller without members":            {olga, "root1", others, skein.KindForbidden, "permission clustering"},
		"a reseller without members, of none":   {olga, "never", others, skein.KindForbidden, "permission clustering"},
		"a customer":                            {sam, "ns-hosting", shops, skein.KindForbidden, "permission clustering"},
		"a panel that reads the zone":           {plesk1, "root1", example, skein.KindForbidden, "permission clustering"},
		"a panel that reads the zone, and none": {plesk1, "never", example, skein.KindForbidden, "permission clustering"},
		"nobody":                                {nobody, "root1", example, skein.KindForbidden, "no source"},
	} {
		_, err := w.Served(w.ctx(), row.actor, row.member, row.zone)
		if row.kind == "" && err != nil {
			t.Errorf("%s: %v", situation, err)
		}
		if row.kind != "" {
			w.wants(err, row.kind, row.words)
		}
	}
	for _, who := range []skein.Actor{olga, plesk1} {
		of := map[string]zone.Name{"olga": others}[who.Name]
		if of == "" {
			of = example
		}
		_, is := w.Served(w.ctx(), who, "root1", of)
		_, none := w.Served(w.ctx(), who, "never", of)
		if is.Error() != none.Error() {
			t.Errorf("%s can tell members from none: %q and %q", who.Name, is, none)
		}
	}
}

// Root's role of a member leaves room for the roles that it is shared in.
func TestARoleThatLeavesSharesNoRoom(t *testing.T) {
	t.Parallel()
	w := newTenants(t)
	w.ownPool()
	w.enrol("root1", "default", skein.RoleStandalone)
	share := control.ShareMember{Member: "root1", Pool: "hosting", Role: skein.RoleStandalone}
	_, err := w.ShareMember(w.ctx(), anna, share)
	w.must(err)
	edit := func(role skein.Role, dry bool) error {
		_, err := w.EditMember(w.ctx(), anna, control.EditMember{Name: "root1", Role: &role, Pending: true, DryRun: dry})
		return err
	}
	for _, role := range []skein.Role{skein.RoleSynchronize, skein.RoleWriteOnly} {
		w.refused(anna, "member.edit", func() error { return edit(role, false) }, skein.KindConflict, "shared with the pool hosting as standalone")
		w.wants(edit(role, true), skein.KindConflict, "skein pool unshare hosting root1")
	}
	_, err = w.UnshareMember(w.ctx(), anna, share)
	w.must(err)
	w.must(edit(skein.RoleSynchronize, false))
	share.Role = skein.RoleWriteOnly
	_, err = w.ShareMember(w.ctx(), anna, share)
	w.must(err)
	for _, role := range []skein.Role{skein.RoleStandalone, skein.RoleWriteOnly} {
		w.must(edit(role, false))
	}
}
