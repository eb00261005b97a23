package control_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

const password = "several good words"

// tenant makes a tenant of root's, or below another.
func (w *world) tenant(t skein.Tenant) {
	w.t.Helper()
	_, err := w.AddTenant(w.ctx(), anna, t)
	w.must(err)
}

// user makes a user with the usual password.
func (w *world) user(name, tenant string, role skein.AccessRole) {
	w.t.Helper()
	_, err := w.AddUser(w.ctx(), anna, control.NewUser{User: skein.User{Name: name, Tenant: tenant, Role: role}, Password: password})
	w.must(err)
}

// login signs in and returns the secret of the session, and whom it stands for.
func (w *world) login(name string) (string, skein.Actor) {
	w.t.Helper()
	made, err := w.Login(w.ctx(), control.Login{User: name, Password: password})
	w.must(err)
	actor, err := w.Authenticate(w.ctx(), made.Secret)
	w.must(err)
	return made.Secret, actor
}

var home = netip.MustParseAddr("192.0.2.7")

func TestSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("bert", "root", skein.RoleRoot)
	made, err := w.Login(w.ctx(), control.Login{User: "bert", Password: password, Addr: home, Agent: "skein/1\x1b[2J"})
	w.must(err)
	if made.User.Name != "bert" || !made.User.LastLogin.Equal(start) || made.Session.Addr != home.String() || !made.Session.Expires.Equal(start.Add(7*24*time.Hour)) || strings.Contains(made.Session.Agent, "\x1b") {
		t.Errorf("%+v", made)
	}
	if got := w.newestAudit(); got.Action != "login bert" || got.Addr != home.String() || got.Refused != "" {
		t.Errorf("recorded as %+v", got)
	}
	actor, err := w.Authenticate(w.ctx(), made.Secret)
	if err != nil || actor.Name != "bert" || actor.User != "bert" || !actor.Admin || actor.Role != skein.RoleRoot || actor.Source != "admin" {
		t.Errorf("%+v, %v", actor, err)
	}
	w.put(actor, example, 1, "")

	// What is wrong is not told, and what is told does not depend on it.
	unknown := func(situation string, in control.Login) string {
		t.Helper()
		_, err := w.Login(w.ctx(), in)
		if skein.KindOf(err) != skein.KindUnknown {
			t.Errorf("%s: %v", situation, err)
		}
		return err.Error()
	}
	wrong := unknown("a wrong password", control.Login{User: "bert", Password: "x"})
	if other := unknown("nobody", control.Login{User: "berta", Password: password}); other != wrong {
		t.Errorf("%q for nobody, %q for a wrong password", other, wrong)
	}
	if got := w.newestAudit(); got.Action != "login berta" || got.Refused == "" || got.Actor.Name != "" {
		t.Errorf("recorded as %+v", got)
	}
	disabled := true
	_, err = w.EditUser(w.ctx(), anna, control.EditUser{Name: "bert", Disabled: &disabled})
	w.must(err)
	if other := unknown("who is disabled", control.Login{User: "bert", Password: password}); other != wrong {
		t.Errorf("%q for who is disabled, %q for a wrong password", other, wrong)
	}
	_, err = w.Authenticate(w.ctx(), made.Secret)
	w.wants(err, skein.KindUnknown, "session")
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		do   func(w *world, secret string, bert skein.Actor)
		ends bool
	}{
		"used now and then": {func(w *world, secret string, _ skein.Actor) {
			for range 13 {
				w.later(11 * time.Hour)
				_, err := w.Authenticate(w.ctx(), secret)
				w.must(err)
			}
		}, false},
		"after twelve hours of rest": {func(w *world, _ string, _ skein.Actor) { w.later(12 * time.Hour) }, true},
		"after a week, however busy": {func(w *world, secret string, _ skein.Actor) {
			for range 24 * 7 {
				_, err := w.Authenticate(w.ctx(), secret)
				w.must(err)
				w.later(time.Hour)
			}
		}, true},
		"signed out": {func(w *world, secret string, _ skein.Actor) { w.must(w.Logout(w.ctx(), secret)) }, true},
		"with another password": {func(w *world, _ string, bert skein.Actor) {
			w.must(w.SetPassword(w.ctx(), bert, control.SetPassword{Name: "bert", Old: password, New: password + "!"}))
		}, true},
		"with a password from above": {func(w *world, _ string, _ skein.Actor) {
			w.must(w.SetPassword(w.ctx(), anna, control.SetPassword{Name: "bert", New: password + "!"}))
		}, true},
		"ended by hand": {func(w *world, _ string, bert skein.Actor) {
			list, err := w.Sessions(w.ctx(), bert, "bert")
			w.must(err)
			w.must(w.EndSession(w.ctx(), bert, "bert", list[0].ID))
		}, true},
		"of who is removed": {func(w *world, _ string, _ skein.Actor) { w.must(w.RemoveUser(w.ctx(), anna, "bert")) }, true},
		"the oldest of too many": {func(w *world, _ string, _ skein.Actor) {
			for range 20 {
				w.later(time.Second)
				w.login("bert")
			}
		}, true},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.user("bert", "root", skein.RoleRoot)
			secret, bert := w.login("bert")
			row.do(w, secret, bert)
			_, err := w.Authenticate(w.ctx(), secret)
			if (err != nil) != row.ends || err != nil && skein.KindOf(err) != skein.KindUnknown {
				t.Errorf("%v", err)
			}
		})
	}
}

// A token that acts as people do is worth what the user is who made it; a
// panel's is its source's.
func TestTokensEndWithTheirUser(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		do   func(w *world)
		ends bool
	}{
		"who is there":   {func(*world) {}, false},
		"who is removed": {func(w *world) { w.must(w.RemoveUser(w.ctx(), anna, "bert")) }, true},
		"who is removed, and another has the name": {func(w *world) {
			w.must(w.RemoveUser(w.ctx(), anna, "bert"))
			w.user("bert", "root", skein.RoleRoot)
		}, true},
		"who may not sign in":      {func(w *world) { w.editUser("bert", control.EditUser{Disabled: ptr(true)}) }, true},
		"who may only look by now": {func(w *world) { w.editUser("bert", control.EditUser{Role: ptr(skein.RoleReadOnly)}) }, true},
		"who may sign in again": {func(w *world) {
			w.editUser("bert", control.EditUser{Disabled: ptr(true)})
			w.editUser("bert", control.EditUser{Disabled: ptr(false)})
		}, false},
	} {
		t.Run("of one "+situation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.user("bert", "root", skein.RoleRoot)
			_, bert := w.login("bert")
			own, err := w.CreateToken(w.ctx(), bert, skein.CreateToken{Name: "script", Role: skein.RoleRoot})
			w.must(err)
			script, err := w.Authenticate(w.ctx(), own.Secret)
			w.must(err)
			next, err := w.CreateToken(w.ctx(), script, skein.CreateToken{Name: "script of the script", Role: skein.RoleReadOnly})
			w.must(err)
			panel, err := w.CreateToken(w.ctx(), bert, skein.CreateToken{Name: "plesk7"})
			w.must(err)
			other, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "of nobody", Role: skein.RoleRoot})
			w.must(err)
			row.do(w)
			for name, token := range map[string]control.NewToken{"the own one": own, "the one that it made": next} {
				_, err := w.Authenticate(w.ctx(), token.Secret)
				if (err != nil) != row.ends || err != nil && skein.KindOf(err) != skein.KindUnknown {
					t.Errorf("%s: %v", name, err)
				}
			}
			for name, token := range map[string]control.NewToken{"the panel's": panel, "of the machine's administrator": other} {
				if _, err := w.Authenticate(w.ctx(), token.Secret); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// editUser changes a user.
func (w *world) editUser(name string, in control.EditUser) {
	w.t.Helper()
	in.Name = name
	_, err := w.EditUser(w.ctx(), anna, in)
	w.must(err)
}

// Whoever tries passwords is slowed down, by user and by address, and nobody
// else is.
func TestTryingPasswords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("bert", "root", skein.RoleRoot)
	w.user("carla", "root", skein.RoleRoot)
	try := func(user, password string, addr netip.Addr) error {
		_, err := w.Login(w.ctx(), control.Login{User: user, Password: password, Addr: addr})
		return err
	}
	for range 10 {
		w.wants(try("bert", "wrong", home), skein.KindUnknown, "wrong")
	}
	w.wants(try("bert", password, home), skein.KindUnavailable, "too many", control.ErrTooMany)
	w.must(try("carla", password, home))
	for range 10 {
		w.wants(try("nobody", "wrong", home), skein.KindUnknown, "wrong")
	}
	w.wants(try("carla", password, home), skein.KindUnavailable, "too many", control.ErrTooMany)
	w.must(try("carla", password, netip.MustParseAddr("192.0.2.8")))
	w.later(30 * time.Second)
	w.must(try("bert", password, home))
}

// totp makes a user sign in with codes.
func (w *world) totp(actor skein.Actor) (secret string) {
	w.t.Helper()
	setup, err := w.BeginTOTP(w.ctx(), actor)
	w.must(err)
	if !strings.HasPrefix(setup.URL, "otpauth://totp/Skein:"+actor.User+"?") || !strings.Contains(setup.URL, setup.Secret) {
		w.t.Errorf("%+v", setup)
	}
	w.must(w.ConfirmTOTP(w.ctx(), actor, w.code(setup.Secret)))
	return setup.Secret
}

func (w *world) code(secret string) string {
	w.t.Helper()
	code, err := totp.GenerateCode(secret, w.clock())
	w.must(err)
	return code
}

func TestOneTimeCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("bert", "root", skein.RoleRoot)
	_, bert := w.login("bert")
	w.wants(w.ConfirmTOTP(w.ctx(), bert, "123456"), skein.KindConflict, "no one-time codes")
	setup, err := w.BeginTOTP(w.ctx(), bert)
	w.must(err)
	w.login("bert") // nothing is asked for before it is confirmed
	w.wants(w.ConfirmTOTP(w.ctx(), bert, "000000"), skein.KindInvalid, "code")
	if setup, err = w.BeginTOTP(w.ctx(), bert); err != nil {
		t.Fatal(err)
	}
	w.must(w.ConfirmTOTP(w.ctx(), bert, w.code(setup.Secret)))
	_, err = w.BeginTOTP(w.ctx(), bert)
	w.wants(err, skein.KindConflict, "already")

	try := func(password, code string) error {
		_, err := w.Login(w.ctx(), control.Login{User: "bert", Password: password, Code: code})
		return err
	}
	w.wants(try(password, ""), skein.KindUnknown, "one-time code", skein.ErrCodeNeeded)
	if err := try("wrong", ""); errors.Is(err, skein.ErrCodeNeeded) {
		t.Error("a wrong password shows that the user has codes")
	}
	w.wants(try(password, w.code(setup.Secret)), skein.KindUnknown, "wrong") // it confirmed them, and is used
	w.later(30 * time.Second)
	code := w.code(setup.Secret)
	w.wants(try("wrong", code), skein.KindUnknown, "wrong") // and is not used up by that
	w.must(try(password, code))
	w.wants(try(password, code), skein.KindUnknown, "wrong")
	w.later(30 * time.Second)
	early := w.clock().Add(30 * time.Second)
	next, err := totp.GenerateCode(setup.Secret, early)
	w.must(err)
	late := w.code(setup.Secret)
	w.must(try(password, next)) // a clock that is half a minute ahead
	w.wants(try(password, late), skein.KindUnknown, "wrong")
	w.later(2 * time.Minute)
	w.wants(try(password, next), skein.KindUnknown, "wrong")

	w.reopen()
	w.must(w.DropTOTP(w.ctx(), anna, "bert"))
	w.login("bert")
	_, err = w.BeginTOTP(w.ctx(), anna)
	w.wants(err, skein.KindForbidden, "token is nobody")
}

// Nothing that somebody signs in with can be found in the database or the log.
func TestWhatUsersSignInWithIsKeptSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user("bert", "root", skein.RoleRoot)
	session, bert := w.login("bert")
	secret := w.totp(bert)
	row, err := w.store.User(w.ctx(), "bert")
	w.must(err)
	if strings.Contains(row.Hash, password) || strings.Contains(string(row.Sealed), secret) || len(row.Sealed) == 0 {
		t.Errorf("kept as %+v", row)
	}
	entries, err := w.Audit(w.ctx(), anna, skein.AuditQuery{})
	w.must(err)
	for _, e := range entries {
		for _, text := range append(e.Diff, e.Action, e.Refused) {
			if strings.Contains(text, password) || strings.Contains(text, secret) || strings.Contains(text, session) {
				t.Errorf("recorded as %+v", e)
			}
		}
	}
	if strings.Contains(w.log.String(), secret) || strings.Contains(w.log.String(), session) {
		t.Error("logged")
	}
}

func TestUsersThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tenant(skein.Tenant{Name: "rita"})
	w.user("bert", "root", skein.RoleRoot)
	w.user("watch", "root", skein.RoleReadOnly)
	_, bert := w.login("bert")
	_, watch := w.login("watch")
	for situation, row := range map[string]struct {
		actor    skein.Actor
		user     skein.User
		password string
		kind     skein.Kind
		words    string
	}{
		"a short password":               {anna, skein.User{Name: "x"}, "short", skein.KindInvalid, "12 characters"},
		"a password without end":         {anna, skein.User{Name: "x"}, strings.Repeat("x", 1001), skein.KindInvalid, "1000 octets"},
		"the name as the password":       {anna, skein.User{Name: "administrator"}, "Administrator", skein.KindInvalid, "name"},
		"no name":                        {anna, skein.User{}, password, skein.KindInvalid, "name of a user"},
		"a name that reads as another's": {anna, skein.User{Name: "Bert"}, password, skein.KindInvalid, "lower-case"},
		"a name with a line break":       {anna, skein.User{Name: "b\nert"}, password, skein.KindInvalid, "lower-case"},
		"a name that is taken":           {anna, skein.User{Name: "bert"}, password, skein.KindConflict, "taken"},
		"a tenant that there is not":     {anna, skein.User{Name: "x", Tenant: "nosuch"}, password, skein.KindNotFound, "no tenant"},
		"a role that there is not":       {anna, skein.User{Name: "x", Role: "owner"}, password, skein.KindInvalid, "owner"},
		"a role of another kind":         {anna, skein.User{Name: "x", Tenant: "rita", Role: skein.RoleRoot}, password, skein.KindInvalid, "reseller"},
		"by a panel":                     {plesk1, skein.User{Name: "x"}, password, skein.KindForbidden, "permission"},
		"by who may only look":           {watch, skein.User{Name: "x"}, password, skein.KindForbidden, "may look"},
	} {
		t.Run(situation, func(t *testing.T) {
			w.t = t
			w.refused(row.actor, "user.add", func() error {
				_, err := w.AddUser(w.ctx(), row.actor, control.NewUser{User: row.user, Password: row.password})
				return err
			}, row.kind, row.words)
		})
	}
	w.t = t
	reader, yes, one := skein.RoleReadOnly, true, 7
	for situation, row := range map[string]struct {
		do     func() error
		actor  skein.Actor
		action string
		kind   skein.Kind
		words  string
	}{
		"the own role": {func() error {
			_, err := w.EditUser(w.ctx(), bert, control.EditUser{Name: "bert", Role: &reader})
			return err
		}, bert, "user.edit", skein.KindInvalid, "oneself"},
		"another's, meanwhile": {func() error {
			_, err := w.EditUser(w.ctx(), bert, control.EditUser{Name: "watch", Disabled: &yes, Expect: &one})
			return err
		}, bert, "user.edit", skein.KindConflict, "changed"},
		"oneself, removed": {func() error { return w.RemoveUser(w.ctx(), bert, "bert") }, bert, "user.remove", skein.KindInvalid, "oneself"},
		"nobody":           {func() error { return w.RemoveUser(w.ctx(), bert, "nosuch") }, bert, "user.remove", skein.KindNotFound, "no user"},
		"a wrong old password": {func() error {
			return w.SetPassword(w.ctx(), bert, control.SetPassword{Name: "bert", Old: "wrong", New: password + "!"})
		}, bert, "user.password", skein.KindForbidden, "old password"},
		"no old password": {func() error {
			return w.SetPassword(w.ctx(), watch, control.SetPassword{Name: "watch", New: password + "!"})
		}, watch, "user.password", skein.KindForbidden, "old password"},
		"another's, by a reader": {func() error {
			return w.SetPassword(w.ctx(), watch, control.SetPassword{Name: "bert", New: password + "!"})
		}, watch, "user.password", skein.KindForbidden, "may look"},
	} {
		t.Run(situation, func(t *testing.T) {
			w.t = t
			w.refused(row.actor, row.action, row.do, row.kind, row.words)
		})
	}
	w.t = t
	if got, err := w.User(w.ctx(), watch, "watch"); err != nil || got.Role != skein.RoleReadOnly {
		t.Errorf("oneself: %+v, %v", got, err)
	}
}

// A token says what it may, and makes none that may more.
func TestScopedTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := func(actor skein.Actor, in skein.CreateToken) (skein.Actor, error) {
		made, err := w.CreateToken(w.ctx(), actor, in)
		if err != nil {
			return skein.Actor{}, err
		}
		return w.Authenticate(w.ctx(), made.Secret)
	}
	w.put(anna, "a.example.", 1, "")
	w.put(anna, "b.example.", 1, "")
	w.put(anna, "x.b.example.", 1, "")
	w.put(anna, "y.b.example.", 1, "")
	acme, err := token(anna, skein.CreateToken{Name: "acme", Role: skein.RoleRoot,
		Scope: skein.Scope{Permissions: []skein.Permission{skein.PermitRecords}, Zones: []zone.Name{"a.example.", "*.b.example."}, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}})
	w.must(err)
	acme.Addr = home
	w.edit(acme, "a.example.", "set www 300 A 192.0.2.1")
	var names []zone.Name
	for after := ""; ; {
		list, err := w.List(w.ctx(), acme, control.Page{After: after, Limit: 2})
		w.must(err)
		if len(list) == 0 {
			break
		}
		for _, z := range list {
			names = append(names, z.Name)
		}
		after = string(names[len(names)-1])
	}
	if !slices.Equal(names, []zone.Name{"a.example.", "x.b.example.", "y.b.example."}) {
		t.Errorf("it lists %v", names)
	}
	_, err = w.Zone(w.ctx(), acme, "b.example.")
	w.wants(err, skein.KindNotFound, "no zone b.example.", store.ErrNotFound)
	for _, name := range []zone.Name{"b.example.", "nosuch.example."} { // there or not
		w.refused(acme, "record.set", func() error {
			_, err := w.EditRecords(w.ctx(), acme, control.EditRecords{Zone: name, Edits: w.edits(name, "set www 300 A 192.0.2.1")})
			return err
		}, skein.KindForbidden, "limited to other zones")
	}
	w.refused(acme, "zone.delete", func() error {
		_, err := w.DeleteZone(w.ctx(), acme, control.DeleteZone{Name: "a.example."})
		return err
	}, skein.KindForbidden, "no permission zones")
	_, err = w.Members(w.ctx(), acme)
	w.wants(err, skein.KindForbidden, "no permission clustering")
	acme.Addr = netip.MustParseAddr("203.0.113.1")
	_, err = w.Zone(w.ctx(), acme, "a.example.")
	w.wants(err, skein.KindForbidden, "networks of its token")

	keeper, err := token(anna, skein.CreateToken{Name: "keeper", Role: skein.RoleRoot, Expires: start.Add(time.Hour), Scope: skein.Scope{Permissions: []skein.Permission{skein.PermitAccess, skein.PermitRecords}}})
	w.must(err)
	for situation, row := range map[string]struct {
		in    skein.CreateToken
		kind  skein.Kind
		words string
	}{
		"more than it has":       {skein.CreateToken{Name: "t", Admin: true, Expires: start.Add(time.Minute)}, skein.KindForbidden, "permission zones"},
		"a panel's":              {skein.CreateToken{Name: "t", Expires: start.Add(time.Minute)}, skein.KindForbidden, "permission zones"},
		"for longer than it has": {skein.CreateToken{Name: "t", Role: skein.RoleRoot, Scope: keeper.Scope}, skein.KindForbidden, "use after"},
	} {
		w.refused(keeper, "token.create", func() error { _, err := token(keeper, row.in); return err }, row.kind, row.words)
		if t.Failed() {
			t.Fatal(situation)
		}
	}
	w.refused(keeper, "user.add", func() error {
		_, err := w.AddUser(w.ctx(), keeper, control.NewUser{User: skein.User{Name: "mallory", Role: skein.RoleRoot}, Password: password})
		return err
	}, skein.KindForbidden, "permission zones")
	w.user("bert", "root", skein.RoleRoot)
	w.refused(keeper, "user.password", func() error {
		return w.SetPassword(w.ctx(), keeper, control.SetPassword{Name: "bert", New: password})
	}, skein.KindForbidden, "give away")
	less, err := token(keeper, skein.CreateToken{Name: "less", Role: skein.RoleRoot, Expires: start.Add(time.Minute), Scope: skein.Scope{Permissions: []skein.Permission{skein.PermitRecords}}})
	w.must(err)
	w.edit(less, "a.example.", "set www 300 A 192.0.2.2")

	look, err := token(anna, skein.CreateToken{Name: "look", Role: skein.RoleReadOnly})
	w.must(err)
	if _, err := w.Members(w.ctx(), look); err != nil {
		t.Errorf("it sees no members: %v", err)
	}
	w.refused(look, "record.set", func() error {
		_, err := w.EditRecords(w.ctx(), look, control.EditRecords{Zone: "a.example.", Edits: w.edits("a.example.", "set www 300 A 192.0.2.1")})
		return err
	}, skein.KindForbidden, "may look")
}
