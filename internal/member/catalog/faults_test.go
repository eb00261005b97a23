package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/internal/member/bind"
	"github.com/skein-dns/skein/internal/member/catalog"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// step has the driver do one thing, after the store came to it.
func (s *stage) step(t *testing.T, d *catalog.Driver, action member.Action, name zone.Name) error {
	t.Helper()
	s.wants(name, action != member.ActionDelete)
	told := errors.New("nothing was told of it")
	err := d.Apply(t.Context(), []member.Step{{Action: action, Zone: name}}, func(_ int, err error) { told = err })
	return errors.Join(err, told)
}

func (s *stage) must(t *testing.T, d *catalog.Driver, action member.Action, name zone.Name) {
	t.Helper()
	if err := s.step(t, d, action, name); err != nil {
		t.Fatalf("%s %s: %v", action, name, err)
	}
}

// awaits demands that the consumer comes to serve a zone, or not to.
func (s *stage) awaits(t *testing.T, name zone.Name, serves bool) {
	t.Helper()
	servertest.Eventually(t, fmt.Sprintf("%s is served: %v", name, serves), func() error {
		serial, err := s.serial(t.Context(), name)
		switch {
		case serves:
			return err
		case err == nil:
			return fmt.Errorf("it is served, with serial %d", serial)
		}
		return nil
	})
}

// What a consumer does not hear of, cannot fetch, or loses comes to it when it
// is told again. Both sides are restarted in between.
func TestFaults(t *testing.T) {
	t.Parallel()
	s := newStage(t, "bind")
	s.start(t, "")
	d := s.driver(t, nil)

	t.Run("a catalog that is not handed out, and then is", func(t *testing.T) {
		const name zone.Name = "refused.example."
		s.put(t, name, 1)
		s.let(false)
		s.must(t, d, member.ActionAdd, name) // the member was told: what it does about that shows
		s.server.AwaitLog("REFUSED")
		s.let(true)
		s.again(t, d, member.ActionAdd, name, true)
		s.must(t, d, member.ActionDelete, name)
		s.awaits(t, name, false)
	})
	t.Run("a NOTIFY that is lost", func(t *testing.T) {
		const name zone.Name = "unheard.example."
		s.put(t, name, 1)
		deaf := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *catalog.Options) { o.Notify = func(zone.Name) {} })
		s.must(t, deaf, member.ActionAdd, name)
		s.must(t, d, member.ActionAdd, name)
		s.awaits(t, name, true)
		s.must(t, deaf, member.ActionDelete, name)
		s.must(t, d, member.ActionDelete, name)
		s.awaits(t, name, false)
	})
	t.Run("a zone that somebody takes away on the member", func(t *testing.T) {
		const name zone.Name = "lost.example."
		s.put(t, name, 1)
		s.must(t, d, member.ActionAdd, name)
		s.awaits(t, name, true)
		if out, err := s.server.RNDC("delzone", string(name)); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		s.awaits(t, name, false)
		s.again(t, d, member.ActionAdd, name, true) // another version of the catalog
		s.must(t, d, member.ActionDelete, name)
		s.awaits(t, name, false)
	})
	t.Run("other contents under our serial", func(t *testing.T) {
		const name zone.Name = "parted.example."
		s.put(t, name, 7)
		s.must(t, d, member.ActionAdd, name)
		s.awaits(t, name, true)
		s.putOther(t, name, 7)
		there, err := d.Has(t.Context(), []zone.Name{name})
		if err != nil || !there[0].Present || there[0].Ours {
			t.Errorf("with another SOA record: %+v, %v", there, err)
		}
		s.must(t, d, member.ActionRetransfer, name)
		servertest.Eventually(t, "it has ours", func() error {
			r, err := s.prober.Serial(t.Context(), s.server.DNS, name)
			if err == nil && r.SOA.Minimum != 30 {
				err = fmt.Errorf("%+v", r)
			}
			return err
		})
		if err := s.step(t, d, member.ActionRetransfer, name); !errors.Is(err, member.ErrSame) { // nothing is reset for it
			t.Errorf("it has ours already, and that is told as %v", err)
		}
		if _, err := s.serial(t.Context(), name); err != nil {
			t.Errorf("a zone that was right went away: %v", err)
		}
		s.must(t, d, member.ActionDelete, name)
	})
	t.Run("a zone that is deleted while it begins anew", func(t *testing.T) {
		const name zone.Name = "overtaken.example."
		s.put(t, name, 7)
		s.must(t, d, member.ActionAdd, name)
		s.awaits(t, name, true)
		s.putOther(t, name, 7)
		overtaken := s.driver(t, func(_ *skein.Member, _ *skein.MemberSecrets, o *catalog.Options) {
			o.Listing = deleting{o.Listing, func() { s.wants(name, false) }}
		})
		if err := s.step(t, overtaken, member.ActionRetransfer, name); err == nil || !strings.Contains(err.Error(), "still does not list") {
			t.Errorf("it is taken for done: %v", err)
		}
		s.must(t, d, member.ActionDelete, name)
		s.awaits(t, name, false)
	})
	t.Run("a zone that the pool keeps is not deleted by a member that leaves", func(t *testing.T) {
		const name zone.Name = "kept.example."
		s.put(t, name, 1)
		s.must(t, d, member.ActionAdd, name)
		var told error
		if err := d.Apply(t.Context(), []member.Step{{Action: member.ActionDelete, Zone: name}}, func(_ int, err error) { told = err }); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(told, member.ErrDenied) || !strings.Contains(told.Error(), "take the catalog out") {
			t.Errorf("%v", told)
		}
		s.must(t, d, member.ActionDelete, name)
	})
	t.Run("a zone that is not served yet", func(t *testing.T) {
		var told error
		err := d.Apply(t.Context(), []member.Step{{Action: member.ActionAdd, Zone: "never.example."}}, func(_ int, err error) { told = err })
		if err != nil || told == nil {
			t.Errorf("%v, %v", err, told)
		}
	})
}

// deleting is a listing that zones are deleted from while they are left out.
type deleting struct {
	catalog.Listing
	delete func()
}

func (l deleting) Leave(origin zone.Name, names []zone.Name) (takeBack func()) {
	relist := l.Listing.Leave(origin, names)
	return func() { l.delete(); relist() }
}

// let lets the member transfer, or not.
func (s *stage) let(may bool) {
	s.mu.Lock()
	s.refuse = !may
	s.mu.Unlock()
	s.admit()
}

// again repeats a step, as reconcile does, until it has come to what it was for.
func (s *stage) again(t *testing.T, d *catalog.Driver, action member.Action, name zone.Name, serves bool) {
	t.Helper()
	var next time.Time
	servertest.Eventually(t, fmt.Sprintf("%s is served: %v", name, serves), func() error {
		if time.Now().After(next) {
			next = time.Now().Add(2 * time.Second)
			s.must(t, d, action, name)
		}
		_, err := s.serial(t.Context(), name)
		return err
	})
}

// putOther is put with another SOA record.
func (s *stage) putOther(t *testing.T, name zone.Name, serial uint32) {
	t.Helper()
	s.putText(t, name, fmt.Sprintf("@ 60 SOA other.invalid. hostmaster.invalid. %d 3600 600 86400 30\n@ 60 NS ns.invalid.\n", serial))
}

// Zones that come by rndc and zones that come by a catalog lie side by side on
// one BIND, and neither driver touches the other's.
func TestBesideRNDC(t *testing.T) {
	t.Parallel()
	s := newStage(t, "bind")
	rndcKey := "cm5kYy1rZXktb2YtdGhlLXRlc3RzLTAxMjM0NTY3ODk="
	printed := catalog.Config(s.member, s.secrets, nil, nil, skein.ConfigStyle{Directory: s.server.Dir})
	printed = strings.Replace(printed, "options {\n", "options {\n    allow-new-zones yes;\n", 1)
	s.server.Named(printed + fmt.Sprintf("key %q { algorithm hmac-sha256; secret %q; };\ncontrols { inet 127.0.0.1 port %d allow { any; } keys { %[1]q; }; };\n",
		"skein-rndc-ns2", rndcKey, s.server.Control.Port()))
	byCatalog := s.driver(t, nil)
	m := s.member
	m.Driver, m.RNDCPort = "bind", s.server.Control.Port()
	byRNDC, err := bind.New(m, skein.MemberSecrets{RNDC: rndcKey, TSIG: s.secrets.TSIG}, bind.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer byRNDC.Close()
	told := func(d member.Driver, action member.Action, name zone.Name) (told error) {
		t.Helper()
		if err := d.Apply(t.Context(), []member.Step{{Action: action, Zone: name}}, func(_ int, err error) { told = err }); err != nil {
			t.Fatal(err)
		}
		return told
	}
	const listed, added zone.Name = "listed.example.", "added.example."
	s.put(t, listed, 1)
	s.put(t, added, 1)
	s.must(t, byCatalog, member.ActionAdd, listed)
	if err := told(byRNDC, member.ActionAdd, added); err != nil {
		t.Fatal(err)
	}
	s.awaits(t, listed, true)
	s.awaits(t, added, true)
	for _, action := range []member.Action{member.ActionAdd, member.ActionDelete} {
		if err := told(byRNDC, action, listed); !errors.Is(err, member.ErrForeign) {
			t.Errorf("%s of a catalog's zone over rndc: %v", action, err)
		}
	}
	there, err := byCatalog.Has(t.Context(), []zone.Name{added, listed})
	if err != nil || !there[0].Present || there[0].Ours || !there[1].Ours {
		t.Errorf("%+v, %v", there, err)
	}
	s.must(t, byCatalog, member.ActionDelete, listed)
	s.awaits(t, listed, false)
	if _, err := s.serial(t.Context(), added); err != nil {
		t.Errorf("the zone that came by rndc went with the catalog's: %v", err)
	}
	if err := told(byRNDC, member.ActionDelete, added); err != nil {
		t.Fatal(err)
	}
	s.awaits(t, added, false)
}

// A catalog is for the keys of those who follow it.
func TestNobodyElseSeesTheCatalog(t *testing.T) {
	t.Parallel()
	s := newStage(t, "bind")
	s.put(t, "a.example.", 1)
	s.wants("a.example.", true)
	origin := catalog.Of(s.member)[0].Origin
	if _, err := s.set.Await(t.Context(), origin, "a.example.", true); err != nil {
		t.Fatal(err)
	}
	other := nameserver.Key{Name: "another", Algorithm: "hmac-sha256", Secret: s.secrets.Audit}
	own := nameserver.Key{Name: s.member.TSIGKey, Algorithm: "hmac-sha256", Secret: s.secrets.TSIG}
	s.primary.SetAccess(nameserver.Access{Keys: []nameserver.Key{own, other}, TransferKeys: []string{own.Name, other.Name},
		Closed: []nameserver.Closed{{Zone: origin, Keys: []string{own.Name}}}})
	at := s.primary.Addrs()[0]
	for key, sees := range map[nameserver.Key]bool{own: true, other: false} {
		for _, z := range []zone.Name{"a.example.", origin} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			c, err := s.prober.Served(ctx, at, z, probeKey(key))
			cancel()
			if may := sees || z != origin; (err == nil) != may {
				t.Errorf("%s transfers %s: %v, %v", key.Name, z, c.Origin(), err)
			}
		}
	}
	for _, name := range []zone.Name{origin, "version." + origin} {
		out, err := servertest.Dig(t, at, string(name), "ANY", "+tcp")
		if err != nil || !strings.Contains(out, "REFUSED") {
			t.Errorf("without a key: %v\n%s", err, out)
		}
	}
}
