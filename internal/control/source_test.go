package control_test

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
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

// CheckZone refuses a key that the source does not have.
func (i *intake) CheckZone(z skein.TransferZone) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, p := range z.Primaries {
		if p.Key != "" && !slices.ContainsFunc(i.secrets[z.Source].Keys, func(k skein.TransferKey) bool { return k.Name == p.Key }) {
			return errors.New("the source has no key " + p.Key)
		}
	}
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
		"shared zones' name":           {control.NewSource{Source: skein.Source{Name: "reverse"}}, "Skein's own"},
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
	}, skein.KindForbidden, "permission")
	w.refused(anna, "source.edit", func() error {
		_, err := w.EditSource(w.ctx(), anna, control.NewSource{Source: skein.Source{Name: "a"}})
		return err
	}, skein.KindNotFound, `"a"`)
}

// A source that is paused, or comes from elsewhere, changes nothing.
func TestWhoComesIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.CreateToken(w.ctx(), anna, skein.CreateToken{Name: "plesk1"})
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
