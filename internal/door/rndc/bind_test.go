package rndc

import (
	"context"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/namedconf"
	wire "github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/internal/servertest"
	"github.com/skein-dns/skein/zone"
)

// zones is a set of zones without transfers: loading is done by hand.
type zones map[zone.Name]Status

func (z zones) Add(_ context.Context, name zone.Name, setup namedconf.Zone) (bool, error) {
	if _, there := z[name.Canonical()]; there {
		return false, nil
	}
	z[name.Canonical()] = Status{Zone: setup}
	return true, nil
}

func (z zones) Change(_ context.Context, name zone.Name, setup namedconf.Zone) (bool, error) {
	s, there := z[name.Canonical()]
	if there {
		s.Zone = setup
		z[name.Canonical()] = s
	}
	return there, nil
}

func (z zones) Delete(_ context.Context, name zone.Name) (bool, error) {
	_, there := z[name.Canonical()]
	delete(z, name.Canonical())
	return there, nil
}

func (z zones) Refresh(_ context.Context, name zone.Name, _ bool) (bool, error) {
	_, there := z[name.Canonical()]
	return there, nil
}

func (z zones) Look(_ context.Context, name zone.Name) (Status, bool, error) {
	s, there := z[name.Canonical()]
	return s, there, nil
}

func (z zones) Len(context.Context) (int, error) { return len(z), nil }

func (z zones) Keys(context.Context) ([]string, error) {
	return slices.Collect(maps.Keys(map[string]bool{"servertest": true})), nil
}

// The very lines that Plesk's extension sends, and those of scripts around
// rndc, get the same result and the same text from a real BIND and from us.
// Where BIND is silent and we say why, a line is marked: "!" for any text,
// "~" where both name or count what only they know.
func TestAnswersAreThoseOfARealBIND(t *testing.T) {
	t.Parallel()
	named := servertest.New(t, "named")
	named.Named(named.Controls() + named.Options("allow-new-zones yes;"))
	theirs := wire.NewClient(named.Control, mustKeys(t, named.Key)[0], wire.Options{})
	t.Cleanup(func() { theirs.Close() })
	d := &Door{Zones: zones{}, Version: "1.2.3"}

	long := strings.Repeat("a", 64)
	const block = `{ type slave; file "d.example"; masters { 127.0.0.1; }; };`
	for line := range strings.Lines(`
 status~
 tsig-list~
 addzone d.example IN _default { type slave; file "d.example"; masters { 127.0.0.1; }; };
 addzone d.example IN _default { type slave; file "d.example"; masters { 127.0.0.1; }; };
 addzone D.Example ` + block + `
 showzone d.example IN _default
 showzone D.EXAMPLE.
 zonestatus d.example!
 refresh d.example IN _default
 refresh "d.example" in "_default"
 refresh d.example IN other
 refresh d.example CH _default
 refresh d.example CH
 refresh d.example XX
 refresh d.example CLASS300
 refresh no.example
 refresh
 refresh ` + long + `.example!
 refresh a..example!
 retransfer d.example
 retransfer no.example IN _default
 notify d.example
 notify no.example
 reload d.example
 reload no.example
 reload
 reconfig
 freeze d.example
 freeze no.example
 freeze
 thaw d.example
 thaw
 sync d.example
 sync -clean d.example
 sync no.example
 sync
 modzone d.example { type slave; file "d.example"; masters { 127.0.0.1 port 5300; }; };
 showzone d.example
 modzone no.example ` + block + `
 modzone d.example
 modzone d.example IN other ` + block + `
 modzone d.example { type slave; file "d.example"; masters { 127.0.0.1; }; notify no; allow-transfer { key "servertest"; 192.0.2.0/24; !192.0.2.128/25; }; };
 showzone d.example
 modzone d.example { type slave; file "d.example"; masters { 127.0.0.1; }; zone-statistics yes; also-notify port 5300 { 192.0.2.1 key "servertest"; }; allow-query { { 192.0.2.0/24; }; }; };
 showzone d.example
 addzone e.example { type hint; file "x"; };!
 addzone e.example { type slave; file "x"; masters { nolist; }; };~
 addzone e.example { type slave; file "x"; masters { 127.0.0.1 port x; }; };!
 addzone e.example
 addzone e.example { type slave; !
 addzone e.example { type slave }~
 addzone a..b ` + block + `!
 addzone ` + long + `.example ` + block + `!
 addzone e.example CH ` + block + `
 addzone e.example XX ` + block + `
 addzone e.example IN other ` + block + `
 addzone e.example IN _default more ` + block + `
 addzone e.example { type slave; file "../../x"; masters { 127.0.0.1; }; };
 showzone e.example
 delzone -clean "e.example" "IN" "_default"
 delzone -clean e.example
 delzone no.example IN _default
 delzone
 delzone d.example IN other
 delzone d.example
 showzone d.example
 zonestatus d.example
 showzone
 null
 no-such-command
`) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		anyText, loose := strings.HasSuffix(line, "!"), strings.HasSuffix(line, "~")
		line = strings.TrimRight(line, "!~")
		want, err := theirs.Call(t.Context(), line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got := d.Handle(t.Context(), &net.TCPAddr{}, wire.Key{}, line)
		switch {
		case loose && (got.Result == 0) == (want.Result == 0):
		case got.Result != want.Result || got.Err != want.Err:
			t.Errorf("%s\n  we answer %d %s, BIND %d %s", line, got.Result, got.Err, want.Result, want.Err)
		case !anyText && got.Text != asWeSay(want.Text):
			t.Errorf("%s\n  we say   %q\n  BIND says %q", line, got.Text, want.Text)
		}
	}
}

// asWeSay leaves out what BIND says of files, of which we have none, and a space.
func asWeSay(text string) string {
	text = strings.ReplaceAll(text, "allow-transfer  {", "allow-transfer {")
	return regexp.MustCompile(`(?s)\nThese files.*`).ReplaceAllString(text, "")
}
