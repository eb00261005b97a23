package rndc

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/namedconf"
	wire "github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

func mustKeys(t *testing.T, file string) []wire.Key {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := wire.ParseKeys(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// What BIND has no answer of its own to, or another one.
func TestOurOwnAnswers(t *testing.T) {
	t.Parallel()
	d := &Door{Zones: zones{}, Version: "1.2.3"}
	for _, step := range []struct {
		line   string
		result int
		says   string
	}{
		{`status`, 0, "version: Skein 1.2.3\n"},
		{`status`, 0, "number of zones: 0\nserver is up and running"},
		{`tsig-list`, 0, `view "_default"; type "static"; key "servertest";`},
		{`stop`, 6, `not stopped over this channel`},
		{`halt -p`, 6, `not stopped over this channel`},
		{`addzone new.example IN _default { type secondary; file "n.db"; primaries { 2001:db8::53 port 5300 key "k.example"; 192.0.2.1 tls ephemeral; }; };`, 0, ``},
		{`showzone new.example`, 0, `zone "new.example" { type slave; file "n.db"; masters { 2001:db8::53 port 5300 key "k.example"; 192.0.2.1 tls "opportunistic"; }; };`},
		{`addzone e.example { type primary; file "x"; };`, 25, `this server is a secondary`},
		{`addzone e.example { type slave; masters { up; }; };`, 25, `primaries "up" not found`},
		{`addzone e.example { type slave; masters { 192.0.2.1 tls strict; }; };`, 32, `there is no tls statement "strict"`},
		{`addzone e.example { type slave; masters { fe80::1%eth0; }; };`, 25, `names an interface`},
		{`addzone e.example { type slave; file "` + strings.Repeat("x", 1001) + `"; };`, 25, `longer than 1000 octets`},
		{"addzone e.example { type slave; file \"a\nb\"; };", 25, `cannot be written as one word`},
		{`addzone . { type slave; masters { 192.0.2.1; }; };`, 0, ``},
		{`addzone kept.example { type slave; masters { 192.0.2.1; }; notify "no"; ALLOW-TRANSFER { "a\"b"; { !k; }; }; };`, 0, ``},
		{`showzone kept.example`, 0, `masters { 192.0.2.1; }; ALLOW-TRANSFER { "a\"b"; { !k; }; }; notify "no"; };`},
		{`addzone e.example { type slave; masters { 192.0.2.1; }; allow-transfer { ` + strings.Repeat("x; ", 1400) + `}; };`, 25, `longer than 4000 octets`},
		{"addzone e.example { type slave; masters { 192.0.2.1; }; allow-transfer { \"a\tb\"; }; };", 25, `control character`},
		{`showzone .`, 0, `zone "." { type slave; masters { 192.0.2.1; }; };`},
		{`zonestatus .`, 123, ``},
		{``, 32, `no command`},
		{`{`, 32, ``},
		{`"" "" ""`, 32, ``},
	} {
		a := d.Handle(t.Context(), nil, wire.Key{}, step.line)
		if a.Result != step.result || (a.Result == 0) != (a.Err == "") || !strings.Contains(a.Text, step.says) {
			t.Errorf("%s: %+v; want %d and %q", step.line, a, step.result, step.says)
		}
	}
}

// refusing refuses everything.
type refusing struct {
	Zones
	err error
}

func (r refusing) Add(context.Context, zone.Name, namedconf.Zone) (bool, error) { return false, r.err }
func (r refusing) Change(context.Context, zone.Name, namedconf.Zone) (bool, error) {
	return false, r.err
}
func (r refusing) Delete(context.Context, zone.Name) (bool, error)        { return false, r.err }
func (r refusing) Refresh(context.Context, zone.Name, bool) (bool, error) { return false, r.err }
func (r refusing) Look(context.Context, zone.Name) (Status, bool, error) {
	return Status{}, false, r.err
}
func (r refusing) Len(context.Context) (int, error)       { return 0, r.err }
func (r refusing) Keys(context.Context) ([]string, error) { return nil, r.err }

// Whatever is refused says why, whichever command it was.
func TestARefusalSaysWhy(t *testing.T) {
	t.Parallel()
	for kind, want := range map[skein.Kind]wire.Answer{
		skein.KindForbidden: denied, skein.KindConflict: failure, skein.KindUnavailable: failure, skein.KindInvalid: failure, "": failure,
	} {
		var err error = &skein.Error{Kind: kind, What: "no good", Mend: "do better"}
		if kind == "" {
			err = errors.New("no good (do better)")
		}
		d := &Door{Zones: refusing{err: err}}
		const block = ` { type slave; masters { 192.0.2.1; }; };`
		for _, line := range []string{"status", "tsig-list", "addzone x" + block, "modzone x" + block, "delzone x", "refresh x",
			"retransfer x", "reload x", "notify x", "sync x", "freeze x", "showzone x", "zonestatus x"} {
			if a := d.Handle(t.Context(), nil, wire.Key{}, line); a != saying(want, "no good (do better)") {
				t.Errorf("%s, %s: %+v", kind, line, a)
			}
		}
	}
}

func TestZoneStatusSaysWhyAZoneIsNotLoaded(t *testing.T) {
	t.Parallel()
	d := &Door{Zones: zones{"m1.example.": {State: State{Problem: "the server refused: REFUSED"}}}}
	a := d.Handle(t.Context(), nil, wire.Key{}, "zonestatus m1.example")
	if a.Result != 123 || a.Err != "zone not loaded" || a.Text != "the server refused: REFUSED" {
		t.Errorf("%+v", a)
	}
}

func TestZoneStatusOfALoadedZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 21, 51, 9, 0, time.UTC)
	d := &Door{Zones: zones{"m1.example.": {Zone: namedconf.Zone{File: "m1.example.db"},
		State: State{Loaded: true, Serial: 2026010101, Nodes: 2, Since: at, Refreshes: at.Add(time.Hour), Expires: at.Add(48 * time.Hour)}}}}
	const want = `name: m1.example
type: secondary
files: m1.example.db
serial: 2026010101
nodes: 2
last loaded: Sun, 22 Nov 2026 21:51:09 GMT
next refresh: Sun, 22 Nov 2026 22:51:09 GMT
expires: Tue, 24 Nov 2026 21:51:09 GMT
secure: no
dynamic: no
reconfigurable via modzone: yes`
	if a := d.Handle(t.Context(), nil, wire.Key{}, "zonestatus m1.example"); a.Result != 0 || a.Text != want {
		t.Errorf("%+v", a)
	}
}
