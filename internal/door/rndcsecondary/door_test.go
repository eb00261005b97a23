package rndcsecondary

import (
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// zones is a set of zones without transfers: loading is done by hand.
type zones map[zone.Name]Status

func (z zones) Add(name zone.Name, setup namedconf.Zone) (bool, error) {
	if _, there := z[name]; there {
		return false, nil
	}
	z[name] = Status{Zone: setup}
	return true, nil
}

func (z zones) Change(name zone.Name, setup namedconf.Zone) (bool, error) {
	s, there := z[name]
	if there {
		s.Zone = setup
		z[name] = s
	}
	return there, nil
}

func (z zones) Delete(name zone.Name) (bool, error) {
	_, there := z[name]
	delete(z, name)
	return there, nil
}

func (z zones) Refresh(name zone.Name, _ bool) bool { _, there := z[name]; return there }

func (z zones) Look(name zone.Name) (Status, bool) { s, there := z[name]; return s, there }

func (z zones) Len() int { return len(z) }

// A conversation with the answers that a named 9.18 gave to the same commands.
func TestAnswersAreThoseOfBIND(t *testing.T) {
	t.Parallel()
	set := zones{}
	d := &Door{Zones: set, Keys: []string{"skein-ns2.example.net", "audit."}, Version: "1.2.3"}
	const block = ` { type secondary; file "skein-0a.db"; primaries { 192.0.2.53 port 5300 key "skein-ns2.example.net"; }; };`
	for _, step := range []struct {
		line   string
		result int
		says   string
	}{
		{`null`, 0, ``},
		{`status`, 0, "version: Skein 1.2.3\n"},
		{`status`, 0, "number of zones: 0\n"},
		{`tsig-list`, 0, `view "_default"; type "static"; key "skein-ns2.example.net";` + "\n"},
		{`zonestatus Example.COM`, 23, `no matching zone 'example.com' in any view`},
		{`addzone example.com IN _default` + block, 0, ``},
		{`addzone example.com` + block, 18, ``},
		{`addzone example.com IN other` + block, 23, `no matching view found for 'other'`},
		{`zonestatus "example.com" IN "_default"`, 123, ``},
		{`showzone example.com`, 0, `zone "example.com" { type secondary; file "skein-0a.db"; primaries { 192.0.2.53 port 5300 key "skein-ns2.example.net"; }; };`},
		{`modzone example.com { type slave; file "skein-0a.db"; masters { 2001:db8::53; }; };`, 0, `zone 'example.com' reconfigured.`},
		{`showzone example.com`, 0, `primaries { 2001:db8::53; };`},
		{`refresh example.com`, 0, `zone refresh queued`},
		{`retransfer example.com`, 0, ``},
		{`notify example.com`, 0, `zone notify queued`},
		{`delzone -clean example.com`, 0, `zone 'example.com' and associated files will be deleted.`},
		{`delzone -clean example.com`, 23, `no matching zone 'example.com' in any view`},
		{`modzone example.com` + block, 23, ``},
		{`retransfer example.com`, 23, ``},
		{`addzone example.com { type primary; file "x"; };`, 25, `it is a secondary`},
		{`addzone example.com { type secondary; file "x"; };`, 25, `no primaries`},
		{`addzone example.com`, 32, ``},
		{`addzone example.com { type secondary; `, 32, ``},
		{`addzone ` + strings.Repeat("a", 64) + `.example` + block, 75, ``},
		{`addzone a..example` + block, 77, ``},
		{`addzone` + block, 77, ``},
		{`halt`, 172, ``},
	} {
		a := d.Handle(t.Context(), nil, rndc.Key{}, step.line)
		if a.Result != step.result || (a.Result == 0) != (a.Err == "") || !strings.Contains(a.Text, step.says) {
			t.Errorf("%s: %+v; want %d and %q", step.line, a, step.result, step.says)
		}
	}
}

func TestZoneStatusSaysWhyAZoneIsNotLoaded(t *testing.T) {
	t.Parallel()
	d := &Door{Zones: zones{"m1.example.": {Problem: "the server refused: REFUSED"}}}
	a := d.Handle(t.Context(), nil, rndc.Key{}, "zonestatus m1.example")
	if a.Result != 123 || a.Err != "zone not loaded" || a.Text != "the server refused: REFUSED" {
		t.Errorf("%+v", a)
	}
}

func TestZoneStatusOfALoadedZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 21, 51, 9, 0, time.UTC)
	d := &Door{Zones: zones{"m1.example.": {Zone: namedconf.Zone{File: "m1.example.db"}, Loaded: true, Serial: 2026010101, Nodes: 2, Since: at, Refreshes: at, Expires: at}}}
	a := d.Handle(t.Context(), nil, rndc.Key{}, "zonestatus m1.example")
	for _, want := range []string{"name: m1.example\n", "type: secondary\n", "files: m1.example.db\n", "serial: 2026010101\n", "last loaded: Sun, 22 Nov 2026 21:51:09 GMT\n"} {
		if !strings.Contains(a.Text, want) {
			t.Errorf("%q is not in\n%s", want, a.Text)
		}
	}
}
