package control_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// intake is a fake of the part that transfers zones in.
type intake struct {
	mu      sync.Mutex // owns what follows
	sources map[string]skein.Source
	secrets map[string]skein.SourceSecrets
	zones   map[string]skein.TransferZone
	fails   error // of SetSource
}

func newIntake() *intake {
	return &intake{sources: map[string]skein.Source{}, secrets: map[string]skein.SourceSecrets{}, zones: map[string]skein.TransferZone{}}
}

func (i *intake) SetSource(s skein.Source, secrets skein.SourceSecrets) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fails != nil {
		return i.fails
	}
	i.sources[s.Name], i.secrets[s.Name] = s, secrets
	return nil
}

func (i *intake) RemoveSource(name string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.sources, name)
	return nil
}

func (i *intake) SetZone(z skein.TransferZone) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.zones[string(z.Name)+z.Source] = z
	return nil
}

func (i *intake) RemoveZone(name zone.Name, source string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.zones, string(name)+source)
	return nil
}

func (i *intake) TransferStatus(zone.Name, string) (s skein.TransferStatus, is bool) { return s, false }
func (i *intake) Catalogs(string) []skein.TransferStatus                             { return nil }

// receiving is a world with an intake.
func receiving(t *testing.T) (*world, *intake) {
	in := newIntake()
	return newWorldWith(t, func(c *control.Config) { c.Intake = in }), in
}

var primary = skein.TransferPrimary{Address: netip.MustParseAddrPort("192.0.2.1:53")}

func secretKey(name, text string) skein.TransferKey {
	return skein.TransferKey{Name: name, Secret: base64.StdEncoding.EncodeToString([]byte(text))}
}

// A source has its settings, keys that are never shown again, and is listed
// with what belongs to it.
func TestASourceFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	w, in := receiving(t)
	keyed := primary
	keyed.Key = "xfer.example."
	add := control.NewSource{
		Source: skein.Source{Name: "knot1", Door: skein.DoorTransfer, Silence: time.Hour,
			Transfer: &skein.TransferSetup{Primaries: []skein.TransferPrimary{keyed, {Address: netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), 0)}}, Auto: true}},
		Secrets: skein.SourceSecrets{Keys: []skein.TransferKey{secretKey("xfer.example.", "very secret indeed")}},
	}
	s, err := w.AddSource(w.ctx(), anna, add)
	if err != nil || s.Transfer.Primaries[1].Address.Port() != 53 || !s.Created.Equal(start) || s.Status == nil {
		t.Fatalf("%+v, %v", s, err)
	}
	if got := in.secrets["knot1"].Keys[0]; got.Algorithm != "hmac-sha256" || got.Secret != add.Secrets.Keys[0].Secret {
		t.Errorf("the intake has the key %s of %s", got.Name, got.Algorithm)
	}
	if entry := w.newestAudit(); entry.Action != "source.add knot1" {
		t.Errorf("recorded as %+v", entry.Change)
	}
	w.refused(anna, "source.add", func() error { _, err := w.AddSource(w.ctx(), anna, add); return err }, skein.KindConflict, "already", store.ErrExists)

	// An edit without keys keeps them; with a name alone that one.
	edit := control.NewSource{Source: s}
	edit.Source.Door, edit.Source.Silence = "", 2*time.Hour
	if s, err = w.EditSource(w.ctx(), anna, edit); err != nil || s.Door != skein.DoorTransfer || s.Silence != 2*time.Hour {
		t.Errorf("%+v, %v", s, err)
	}
	edit.Secrets.Keys = []skein.TransferKey{{Name: "xfer.example."}, secretKey("second.", "another")}
	_, err = w.EditSource(w.ctx(), anna, edit)
	w.must(err)
	if keys := in.secrets["knot1"].Keys; len(keys) != 2 || keys[0].Secret != add.Secrets.Keys[0].Secret {
		t.Errorf("the intake has %d keys", len(keys))
	}
	// What the intake refuses is taken back.
	in.fails = errors.New("cannot")
	edit.Source.Silence = 3 * time.Hour
	w.refused(anna, "source.edit", func() error { _, err := w.EditSource(w.ctx(), anna, edit); return err }, skein.KindInvalid, "set up")
	in.fails = nil
	if s, err := w.Source(w.ctx(), anna, "knot1"); err != nil || s.Silence != 2*time.Hour {
		t.Errorf("%+v, %v", s, err)
	}
	// Another node takes it up, with its zones.
	_, err = w.AddTransferZone(w.ctx(), anna, skein.TransferZone{Name: example, Source: "knot1"})
	w.must(err)
	in.sources, in.zones, in.secrets = map[string]skein.Source{}, map[string]skein.TransferZone{}, map[string]skein.SourceSecrets{}
	w.reopen()
	if len(in.sources) != 1 || len(in.zones) != 1 || len(in.secrets["knot1"].Keys) != 2 {
		t.Errorf("after a start the intake has %v, %v", in.sources, in.zones)
	}
	for _, who := range []skein.Actor{plesk1, {Name: "knot1", Source: "knot1"}} {
		_, err := w.Source(w.ctx(), who, "knot1")
		if (err == nil) != (who.Source == "knot1") {
			t.Errorf("%s: %v", who.Name, err)
		}
		if _, err := w.Sources(w.ctx(), who); skein.KindOf(err) != skein.KindForbidden {
			t.Errorf("%s lists them all: %v", who.Name, err)
		}
	}
	if log := w.log.String(); strings.Contains(log, add.Secrets.Keys[0].Secret) {
		t.Error("the log has the key")
	}
}

func TestSourcesThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	setup := func(p ...skein.TransferPrimary) *skein.TransferSetup { return &skein.TransferSetup{Primaries: p} }
	key := func(k skein.TransferKey) skein.SourceSecrets {
		return skein.SourceSecrets{Keys: []skein.TransferKey{k}}
	}
	for situation, row := range map[string]struct {
		in    control.NewSource
		words string
	}{
		"no name":                      {control.NewSource{Source: skein.Source{}}, "name of a source"},
		"shared zones' name":           {control.NewSource{Source: skein.Source{Name: "reverse"}}, "name of a source"},
		"a line break in it":           {control.NewSource{Source: skein.Source{Name: "a\nb"}}, "name of a source"},
		"a door that is none":          {control.NewSource{Source: skein.Source{Name: "a", Door: "window"}}, `"window"`},
		"a mode of another door":       {control.NewSource{Source: skein.Source{Name: "a", Mode: skein.ModePush}}, "mode"},
		"a mode that is none":          {control.NewSource{Source: skein.Source{Name: "a", Door: skein.DoorPlesk, Mode: "pull"}}, `"pull"`},
		"bits behind a network":        {control.NewSource{Source: skein.Source{Name: "a", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/24")}}}, "network"},
		"a second of silence":          {control.NewSource{Source: skein.Source{Name: "a", Silence: time.Second}}, "silence"},
		"transfers of the api":         {control.NewSource{Source: skein.Source{Name: "a", Transfer: setup(primary)}}, "door api"},
		"transfers of a pushing panel": {control.NewSource{Source: skein.Source{Name: "a", Door: skein.DoorPlesk, Transfer: setup(primary)}}, "transferred"},
		"a primary everywhere":         {control.NewSource{Source: skein.Source{Name: "a", Door: skein.DoorTransfer, Transfer: setup(skein.TransferPrimary{Address: netip.MustParseAddrPort("0.0.0.0:53")})}}, "primary"},
		"a key that is not there":      {control.NewSource{Source: skein.Source{Name: "a", Door: skein.DoorTransfer, Transfer: setup(skein.TransferPrimary{Address: primary.Address, Key: "k."})}}, `"k."`},
		"catalogs of nobody":           {control.NewSource{Source: skein.Source{Name: "a", Door: skein.DoorTransfer, Transfer: &skein.TransferSetup{Catalogs: []zone.Name{"catalog.example."}}}}, "primaries"},
		"a key of no algorithm":        {control.NewSource{Source: skein.Source{Name: "a"}, Secrets: key(skein.TransferKey{Name: "k", Algorithm: "rot13", Secret: "AAAA"})}, `"rot13"`},
		"a key that is not base64":     {control.NewSource{Source: skein.Source{Name: "a"}, Secrets: key(skein.TransferKey{Name: "k", Secret: "hunter2!"})}, "base64"},
		"a key without a secret":       {control.NewSource{Source: skein.Source{Name: "a"}, Secrets: key(skein.TransferKey{Name: "k"})}, "base64"},
		"administrators, paused":       {control.NewSource{Source: skein.Source{Name: "admin", Paused: true}}, "paused"},
	} {
		t.Run(situation, func(t *testing.T) {
			w.t = t
			w.refused(anna, "source.add", func() error {
				_, err := w.AddSource(w.ctx(), anna, row.in)
				if err != nil && strings.Contains(err.Error(), "hunter2") {
					t.Error("the refusal shows the secret")
				}
				return err
			}, skein.KindInvalid, row.words)
		})
	}
	w.t = t
	w.refused(plesk1, "source.add", func() error {
		_, err := w.AddSource(w.ctx(), plesk1, control.NewSource{Source: skein.Source{Name: "a"}})
		return err
	}, skein.KindForbidden, "administrators")
	w.refused(anna, "source.edit", func() error {
		_, err := w.EditSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "a"}})
		return err
	}, skein.KindNotFound, `"a"`)
}

// A source that is paused, or comes from elsewhere, changes nothing.
func TestWhoComesIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.CreateToken(w.ctx(), anna, "plesk1", "", false, time.Time{})
	w.must(err)
	s, err := w.Source(w.ctx(), anna, "plesk1") // a token makes its source
	if err != nil || s.Door != skein.DoorAPI {
		t.Fatalf("%+v, %v", s, err)
	}
	s.Networks = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	_, err = w.EditSource(w.ctx(), anna, control.NewSource{Source: s})
	w.must(err)
	for addr, may := range map[string]bool{"192.0.2.7": true, "::ffff:192.0.2.7": true, "2001:db8::7": true, "": true, "198.51.100.1": false, "2001:db9::1": false} {
		from := plesk1
		if addr != "" {
			from.Addr = netip.MustParseAddr(addr)
		}
		if !may {
			w.refused(from, "zone.replace", w.save(from, example, 1, ""), skein.KindForbidden, addr)
			_, err := w.List(w.ctx(), from, control.Page{})
			w.wants(err, skein.KindForbidden, addr)
			continue
		}
		w.must(w.save(from, example, 1, "")())
	}
	s.Networks, s.Paused = nil, true
	_, err = w.EditSource(w.ctx(), anna, control.NewSource{Source: s})
	w.must(err)
	w.refused(plesk1, "zone.replace", w.save(plesk1, example, 9, "www A 192.0.2.1\n"), skein.KindForbidden, "paused")
	w.refused(plesk1, "zone.delete", w.drop(plesk1, example), skein.KindForbidden, "paused")
	if _, err := w.Zone(w.ctx(), plesk1, example); err != nil {
		t.Errorf("what it has it may look at: %v", err)
	}
	s.Paused = false
	_, err = w.EditSource(w.ctx(), anna, control.NewSource{Source: s})
	w.must(err)
	w.must(w.save(plesk1, example, 9, "www A 192.0.2.1\n")())
}

// A source that has gone quiet is shown as that; what was heard is kept beside the truth.
func TestSilence(t *testing.T) {
	t.Parallel()
	kept := &observed{}
	w := newWorldWith(t, func(c *control.Config) { c.Observed = kept })
	_, err := w.AddSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "plesk1", Silence: time.Hour}})
	w.must(err)
	silent := func(want bool) {
		t.Helper()
		if s, err := w.Source(w.ctx(), anna, "plesk1"); err != nil || s.Status.Silent != want {
			t.Errorf("%+v, %v; want silent %v", s.Status, err, want)
		}
	}
	silent(false)
	w.later(time.Hour + time.Second)
	silent(true)
	w.must(w.save(plesk1, example, 1, "")()) // whatever it says
	silent(false)
	if s, _ := w.Source(w.ctx(), anna, "plesk1"); !s.Status.Heard.Equal(w.clock()) || s.Status.Zones != 1 {
		t.Errorf("%+v", s.Status)
	}
	w.later(30 * time.Minute)
	w.Heard("plesk1")
	heard := w.clock()
	ctx, stop := context.WithCancel(w.ctx())
	stop()
	w.must(w.Watch(ctx))
	w.reopen()
	if s, _ := w.Source(w.ctx(), anna, "plesk1"); !s.Status.Heard.Equal(heard) {
		t.Errorf("after a start: %+v", s.Status)
	}
	// Lost, it costs an alarm that comes late.
	kept.text = []byte("{")
	w.later(2 * time.Hour)
	w.reopen()
	silent(false)
	w.later(2 * time.Hour)
	silent(true)
}

// What was heard is written down every minute, and only if there is news.
func TestWhatWasHeardIsWrittenDown(t *testing.T) {
	t.Parallel()
	kept := &observed{}
	w := newWorldWith(t, func(c *control.Config) { c.Observed = kept })
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		go w.Watch(ctx)
		w.Heard("plesk1")
		time.Sleep(5*time.Minute + time.Second)
		synctest.Wait()
		if kept.saves != 1 {
			t.Errorf("written %d times", kept.saves)
		}
		w.Heard("plesk1")
		stop()
		synctest.Wait()
		if kept.saves != 2 {
			t.Errorf("at the end written %d times", kept.saves)
		}
	})
}

// observed keeps one text.
type observed struct {
	text  []byte
	saves int
}

func (o *observed) Load(context.Context, string) ([]byte, error) { return o.text, nil }

func (o *observed) Save(_ context.Context, _ string, text []byte) error {
	o.text = text
	o.saves++
	return nil
}

// What goes with a source is shown first; its zones are kept, handed over or
// recycled.
func TestRemovingASource(t *testing.T) {
	t.Parallel()
	for choice, row := range map[string]struct {
		origin   string // of its zones afterwards; "": they are gone
		overlays []string
	}{
		skein.ZonesKeep:    {"plesk1", []string{`note TXT of plesk1: "x" over "y"`}},
		skein.ZonesHanded:  {"plesk2", []string{`note TXT of plesk2: "x" over "y"`}},
		skein.ZonesRecycle: {"", nil},
	} {
		t.Run(choice, func(t *testing.T) {
			t.Parallel()
			w, in := receiving(t)
			w.register(plesk1, plesk2, plesk3)
			for i := range 12 {
				w.put(plesk1, zone.Name(fmt.Sprintf("z%02d.example.", i)), 1, "www A 192.0.2.1\n")
			}
			w.put(plesk3, "other.example.", 1, "note TXT y\n")
			w.rule(skein.RuleOverlay, plesk3, plesk1)
			w.edit(plesk1, "other.example.", "set note TXT x")
			_, err := w.CreateToken(w.ctx(), anna, "t", "plesk1", false, time.Time{})
			w.must(err)
			_, err = w.AddTransferZone(w.ctx(), plesk1, skein.TransferZone{Name: "t.example.", Primaries: []skein.TransferPrimary{primary}})
			w.must(err)
			w.put(plesk2, "taken.example.", 1, "")
			w.kept(plesk1, "zone.replace", w.save(plesk1, "taken.example.", 2, ""), `"plesk2"`)

			before, last := w.everything(), w.newestAudit()
			r, err := w.RemoveSource(w.ctx(), anna, control.RemoveSource{Name: "plesk1", DryRun: true})
			if err != nil || r.Zones != 12 || len(r.Examples) != 10 || r.Overlays != 1 || r.Tokens != 1 || r.Rules != 1 || r.TransferZones != 1 || r.Waiting != 1 {
				t.Errorf("the preview: %+v, %v", r, err)
			}
			if w.everything() != before || w.newestAudit() != last {
				t.Error("looking changed something")
			}
			w.refused(anna, "source.remove", func() error {
				_, err := w.RemoveSource(w.ctx(), anna, control.RemoveSource{Name: "plesk1"})
				return err
			}, skein.KindInvalid, "12 zones")

			// Interrupted it goes on.
			remove := control.RemoveSource{Name: "plesk1", Zones: choice, To: "plesk2"}
			if choice != skein.ZonesKeep {
				w.store.fail(&skein.Error{Kind: skein.KindUnavailable, What: "the disk is full"}, false)
				if _, err := w.RemoveSource(w.ctx(), anna, remove); skein.KindOf(err) != skein.KindUnavailable {
					t.Errorf("with a full disk: %v", err)
				}
				w.store.fail(nil, false)
				w.wants(w.save(plesk1, "z00.example.", 9, "")(), skein.KindForbidden, "paused")
			}
			_, err = w.RemoveSource(w.ctx(), anna, remove)
			w.must(err)
			for i := range 12 {
				z, err := w.Zone(w.ctx(), anna, zone.Name(fmt.Sprintf("z%02d.example.", i)))
				if err == nil && z.Origin != row.origin || (err == nil) != (row.origin != "") {
					t.Errorf("%+v, %v", z, err)
				}
			}
			w.overlays("other.example.", row.overlays...)
			if row.origin == "" {
				w.holds("other.example.", `note TXT "y"`)
			}
			w.waits("taken.example.")
			if tokens, _ := w.Tokens(w.ctx(), anna); len(tokens) != 0 {
				t.Errorf("tokens are left: %+v", tokens)
			}
			if rules, _ := w.Rules(w.ctx(), anna); len(rules) != 0 {
				t.Errorf("rules are left: %+v", rules)
			}
			if len(in.zones) != 0 || in.sources["plesk1"].Name != "" {
				t.Errorf("the intake has %v, %v", in.zones, in.sources)
			}
			_, err = w.Source(w.ctx(), anna, "plesk1")
			w.wants(err, skein.KindNotFound, `"plesk1"`)
			w.refused(anna, "source.remove", func() error { _, err := w.RemoveSource(w.ctx(), anna, remove); return err }, skein.KindNotFound, `"plesk1"`)
		})
	}
}
