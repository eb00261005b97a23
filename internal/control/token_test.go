package control_test

import (
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secret"
	"github.com/skein-dns/skein/internal/store"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "plesk1", Expires: start.Add(time.Hour)})
	if err != nil || made.Name != "plesk1" || made.ID == "" || !secret.LooksLikeToken(made.Secret) || !made.Expires.Equal(start.Add(time.Hour)) {
		t.Fatalf("%+v, %v", made, err)
	}
	if got := w.newestAudit(); got.Action != "token.create plesk1" || got.Refused != "" || got.Actor.Name != "anna" {
		t.Errorf("recorded as %+v", got)
	}
	forever, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "ops", Admin: true})
	w.must(err)
	other, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "plesk1 new", Source: "plesk1"})
	w.must(err)
	for _, row := range []struct {
		secret string
		want   skein.Actor
	}{
		{made.Secret, skein.Actor{Name: "plesk1", Door: "api", Source: "plesk1", Tenant: "root", Until: start.Add(time.Hour)}},
		{forever.Secret, skein.Actor{Name: "ops", Door: "api", Source: "admin", Admin: true, Tenant: "root", Role: "root"}},
		{other.Secret, skein.Actor{Name: "plesk1 new", Door: "api", Source: "plesk1", Tenant: "root"}},
	} {
		if got, err := w.Authenticate(w.ctx(), row.secret); err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%+v, %v; want %+v", got, err, row.want)
		}
	}
	list, err := w.Tokens(w.ctx(), anna)
	if err != nil || len(list) != 3 || list[0].ID == "" || !list[0].Created.Equal(start) {
		t.Errorf("%+v, %v", list, err)
	}

	// Its time comes, to the moment.
	w.later(time.Hour - 1)
	if _, err := w.Authenticate(w.ctx(), made.Secret); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	w.later(1)
	_, err = w.Authenticate(w.ctx(), made.Secret)
	w.wants(err, skein.KindUnknown, "expired")

	// It is deleted, and worthless at once.
	w.must(w.DeleteToken(w.ctx(), anna, other.ID))
	if got := w.newestAudit(); got.Action != "token.delete "+other.ID || got.Refused != "" {
		t.Errorf("recorded as %+v", got)
	}
	for what, presented := range map[string]string{
		"deleted": other.Secret, "empty": "", "not a token": "hunter2", "one that was never made": "skein_" + strings.Repeat("A", 43), "changed": made.Secret[:20] + "x" + made.Secret[21:],
		"its hash": string(secret.HashToken(forever.Secret)), "longer than any": strings.Repeat("x", 1<<20),
	} {
		_, err := w.Authenticate(w.ctx(), presented)
		if skein.KindOf(err) != skein.KindUnknown {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "plesk1"})
	w.must(err)
	for name, row := range map[string]struct {
		actor         skein.Actor
		token, source string
		admin         bool
		expires       time.Time
		kind          skein.Kind
		words         string
	}{
		"by a panel":                        {plesk1, "t", "", false, time.Time{}, skein.KindForbidden, "permission"},
		"a name that is taken":              {anna, "plesk1", "", false, time.Time{}, skein.KindConflict, "--source plesk1"},
		"no name":                           {anna, "", "", false, time.Time{}, skein.KindInvalid, "name"},
		"a name with a line break":          {anna, "a\nb", "x", false, time.Time{}, skein.KindInvalid, "name"},
		"a name with a space":               {anna, " a", "x", false, time.Time{}, skein.KindInvalid, "name"},
		"a name of 201 octets":              {anna, strings.Repeat("x", 201), "x", false, time.Time{}, skein.KindInvalid, "200"},
		"a source that is not UTF-8":        {anna, "t", "\xff", false, time.Time{}, skein.KindInvalid, "source"},
		"the administrators' source":        {anna, "t", "admin", false, time.Time{}, skein.KindInvalid, `"admin"`},
		"the administrators' as name alone": {anna, "admin", "", false, time.Time{}, skein.KindInvalid, `"admin"`},
		"the shared zones' source":          {anna, "t", "reverse", true, time.Time{}, skein.KindInvalid, `"reverse"`},
		"a time that is past":               {anna, "t", "", false, start, skein.KindInvalid, "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.refused(row.actor, "token.create", func() error {
				made, err := w.CreateToken(w.ctx(), row.actor, skein.CreateToken{Name: row.token, Source: row.source, Admin: row.admin, Expires: row.expires})
				if made != (control.NewToken{}) {
					t.Errorf("made %+v all the same", made)
				}
				return err
			}, row.kind, row.words)
		})
	}
	w.t = t
	w.refused(plesk1, "token.delete", func() error { return w.DeleteToken(w.ctx(), plesk1, "x") }, skein.KindForbidden, "permission")
	w.refused(anna, "token.delete nosuch", func() error { return w.DeleteToken(w.ctx(), anna, "nosuch") }, skein.KindNotFound, "nosuch", store.ErrNotFound)
	if _, err := w.Tokens(w.ctx(), plesk1); skein.KindOf(err) != skein.KindForbidden {
		t.Errorf("listing: %v", err)
	}
}

// The link of the first start makes one administrator, once.
func TestClaim(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code, ok := w.ClaimCode(w.ctx())
	if !ok || len(code) < 26 {
		t.Fatalf("%q, %v", code, ok)
	}
	w.reopen()
	if again, ok := w.ClaimCode(w.ctx()); !ok || again != code {
		t.Errorf("after a restart: %q, %v; want the same", again, ok)
	}
	stranger := skein.Actor{Door: "api"}
	for _, wrong := range []string{"", "x", code + "x", code[1:], strings.ToLower(code)} {
		w.refused(stranger, "claim", func() error { _, err := w.Claim(w.ctx(), wrong); return err }, skein.KindUnknown, "not valid")
	}
	// Many at the same time: one gets it.
	var won atomic.Int64
	var token control.NewToken
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if made, err := w.Claim(w.ctx(), code); err == nil {
				won.Add(1)
				token = made
			} else if skein.KindOf(err) != skein.KindUnknown {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d won", won.Load())
	}
	actor, err := w.Authenticate(w.ctx(), token.Secret)
	if err != nil || !actor.Admin || actor.Source != "admin" {
		t.Errorf("%+v, %v", actor, err)
	}
	if _, err := w.CreateToken(w.ctx(), actor, skein.CreateToken{Name: "plesk1"}); err != nil {
		t.Errorf("the administrator may not make tokens: %v", err)
	}
	for range 2 {
		if code, ok := w.ClaimCode(w.ctx()); ok || code != "" {
			t.Errorf("there is a code still: %q", code)
		}
		w.refused(stranger, "claim", func() error { _, err := w.Claim(w.ctx(), code); return err }, skein.KindUnknown, "used already")
		w.refused(stranger, "claim", func() error { _, err := w.Claim(w.ctx(), ""); return err }, skein.KindUnknown, "not valid")
		w.reopen()
	}
	if _, err := w.Authenticate(w.ctx(), token.Secret); err != nil {
		t.Errorf("after restarts the token is not known: %v", err)
	}
}

// Anybody may send wrong codes, and cannot fill the disk with it.
func TestWrongCodesDoNotFillTheAuditLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 150 {
		if _, err := w.Claim(w.ctx(), "wrong"); skein.KindOf(err) != skein.KindUnknown {
			t.Fatal(err)
		}
	}
	if n := w.newestAudit().Seq; n != 100 {
		t.Errorf("%d entries, want 100", n)
	}
	w.later(3 * time.Minute)
	for range 10 {
		w.Claim(w.ctx(), "wrong")
	}
	if n := w.newestAudit().Seq; n != 103 {
		t.Errorf("%d entries, want 103", n)
	}
}
