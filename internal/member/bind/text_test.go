package bind

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/namedconf"
	"github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// FuzzCommand: whatever a zone is called, a command about it has that name as
// its one argument, and the block behind it says what it should.
func FuzzCommand(f *testing.F) {
	for _, label := range []string{"example", `a"; }; zone "evil`, `\`, `"`, "a;b{c}", "\x00\n\r\t\x7f\xff", "/*", "//#", "-clean"} {
		f.Add([]byte(label))
	}
	text, err := newText(ns2)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, label []byte) {
		if len(label) == 0 || len(label) > 63 {
			return
		}
		wire := append([]byte{byte(len(label))}, label...)
		name, err := zone.NameFromWire(append(wire, 0))
		if err != nil {
			t.Fatal(err)
		}
		line, err := text.on("addzone", name)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		c, err := rndc.ParseCommand(line + " " + text.block(name))
		if err != nil || c.Name != "addzone" || len(c.Args) != 3 || len(c.Flags) != 0 || len(c.Block) != 5 || c.Arg(1) != "IN" || c.Arg(2) != "_default" {
			t.Fatalf("%q: %+v, %v", line, c, err)
		}
		if back, err := zone.ParseName(c.Arg(0)); err != nil || back != name {
			t.Fatalf("%q became %q, %v", name, back, err)
		}
		if z, err := namedconf.ParseZone(c.Block); err != nil || strings.ContainsAny(z.File, `/\ "`) || len(z.Primaries) != 1 {
			t.Fatalf("%+v, %v", z, err)
		}
	})
}

// FuzzJudge: what showzone prints is ours only with our file.
func FuzzJudge(f *testing.F) {
	text, err := newText(ns2)
	if err != nil {
		f.Fatal(err)
	}
	const name zone.Name = "example.com."
	f.Add("zone x " + text.block(name))
	f.Add(`zone "x" { type primary; file "` + text.file(name) + `"; };`)
	f.Add(`zone "x" { type secondary; file "` + text.file(name) + `"; file "other"; primaries { 192.0.2.1; }; };`)
	f.Add("")
	f.Fuzz(func(t *testing.T, shown string) {
		ours, current := text.judge(shown, name)
		if ours && !strings.Contains(shown, text.file(name)) || current && !ours {
			t.Errorf("ours %v, current %v: %s", ours, current, shown)
		}
	})
}

func TestWhatShowzonePrintsIsJudged(t *testing.T) {
	t.Parallel()
	text, err := newText(ns2)
	if err != nil {
		t.Fatal(err)
	}
	const name zone.Name = "example.com."
	file := text.file(name)
	for situation, c := range map[string]struct {
		shown         string
		ours, current bool
	}{
		"as it was added":               {"zone \"example.com\" " + text.block(name), true, true},
		"new words, other order":        {`zone "example.com" { primaries { 192.0.2.1 port 53 key "skein-ns2.example.net"; }; allow-transfer  { key "skein-audit-ns2.example.net"; }; notify no; file "` + file + `"; type secondary; };`, true, true},
		"another primary":               {`zone "example.com" { type secondary; file "` + file + `"; primaries { 192.0.2.9 port 53 key "skein-ns2.example.net"; }; notify no; allow-transfer { key "skein-audit-ns2.example.net"; }; };`, true, false},
		"another key":                   {`zone "example.com" { type secondary; file "` + file + `"; primaries { 192.0.2.1 port 53 key "x"; }; notify no; allow-transfer { key "skein-audit-ns2.example.net"; }; };`, true, false},
		"no audit":                      {`zone "example.com" { type secondary; file "` + file + `"; primaries { 192.0.2.1 port 53 key "skein-ns2.example.net"; }; };`, true, false},
		"another file":                  {`zone "example.com" { type secondary; file "example.com.db"; primaries { 192.0.2.1; }; };`, false, false},
		"left by a test":                {`zone "example.com" { type secondary; file "` + strings.TrimSuffix(file, ".db") + `-12345.db"; primaries { 192.0.2.1 port 53 key "skein-ns2.example.net"; }; notify no; allow-transfer { key "skein-audit-ns2.example.net"; }; };`, true, false},
		"a file that begins like ours":  {`zone "example.com" { type secondary; file "` + strings.TrimSuffix(file, ".db") + `/../other.db"; primaries { 192.0.2.1; }; };`, false, false},
		"the file of another zone":      {`zone "example.com" { type secondary; file "` + text.file("example.net.") + `"; primaries { 192.0.2.1; }; };`, false, false},
		"our file, but a primary of it": {`zone "example.com" { type primary; file "` + file + `"; };`, false, false},
		"no file":                       {`zone "example.com" { type secondary; primaries { 192.0.2.1; }; };`, false, false},
		"nothing":                       {"", false, false},
		"something else":                {"zone {", false, false},
	} {
		if ours, current := text.judge(c.shown, name); ours != c.ours || current != c.current {
			t.Errorf("%s: ours %v, current %v", situation, ours, current)
		}
	}
}

func TestFilesAreUniqueAndStable(t *testing.T) {
	t.Parallel()
	file := func(view string, attempt uint32, name zone.Name) string {
		return text{view: view, attempt: attempt}.file(name)
	}
	if a, b := file(defaultView, 0, "Example.COM."), file(defaultView, 0, "example.com."); a != b {
		t.Errorf("%s and %s are one zone's", a, b)
	}
	for _, other := range []string{file("inside", 0, "example.com."), file(defaultView, 0, "example.net."), file(defaultView, 7, "example.com.")} {
		if a := file(defaultView, 0, "example.com."); a == other {
			t.Errorf("%s is two zones'", a)
		}
	}
	// Servers are full of files of these names: with others their zones would be foreign.
	if got := file(defaultView, 0, "example.com."); got != "skein-902e9c464fa43fcab109d1a6b95ddf83338a8cbc.db" {
		t.Errorf("%s", got)
	}
}

// What cannot be written safely makes no driver.
func TestUnsafeMembersMakeNoDriver(t *testing.T) {
	t.Parallel()
	for situation, edit := range map[string]func(m *skein.Member, s *skein.MemberSecrets){
		"no rndc key":                   func(_ *skein.Member, s *skein.MemberSecrets) { s.RNDC = "" },
		"no address":                    func(m *skein.Member, _ *skein.MemberSecrets) { m.Address = netip.Addr{} },
		"no rndc port":                  func(m *skein.Member, _ *skein.MemberSecrets) { m.RNDCPort = 0 },
		"a view that ends the word":     func(m *skein.Member, _ *skein.MemberSecrets) { m.View = "x { }; stop" },
		"a view that must be quoted":    func(m *skein.Member, _ *skein.MemberSecrets) { m.View = "my view" },
		"a TSIG key that ends the word": func(m *skein.Member, _ *skein.MemberSecrets) { m.TSIGKey = `x"; }; stop "` },
		"no TSIG key":                   func(m *skein.Member, _ *skein.MemberSecrets) { m.TSIGKey = "" },
		"an audit key of two lines":     func(m *skein.Member, _ *skein.MemberSecrets) { m.AuditKey = "x\ny" },
		"no primary":                    func(m *skein.Member, _ *skein.MemberSecrets) { m.Primaries = nil },
		"a primary without a port":      func(m *skein.Member, _ *skein.MemberSecrets) { m.Primaries = []skein.Primary{{Address: m.Address}} },
		"a primary with a scope that breaks out": func(m *skein.Member, _ *skein.MemberSecrets) {
			m.Primaries = []skein.Primary{{Address: netip.MustParseAddr("fe80::1").WithZone("eth0; }; stop"), Port: 53}}
		},
	} {
		m, s := ns2, allSecrets
		edit(&m, &s)
		if d, err := New(m, s, Options{}); err == nil {
			d.Close()
			t.Errorf("%s: a driver was made", situation)
		}
	}
}
