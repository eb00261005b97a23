package namedconf

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/skein-dns/skein/internal/servertest"
)

// said is a zone in one line, for comparing.
func said(z Zone) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %q", z.Name, z.Class, z.Type)
	if z.View != "" {
		b.WriteString(" view=" + z.View)
	}
	if z.InView != "" {
		b.WriteString(" in-view=" + z.InView)
	}
	if z.File != "" {
		b.WriteString(" file=" + z.File)
	}
	for _, p := range z.Primaries {
		fmt.Fprintf(&b, " %s", p.Address)
		if p.Port != 0 {
			fmt.Fprintf(&b, ":%d", p.Port)
		}
		if p.Key != "" {
			b.WriteString("/" + p.Key)
		}
		if p.TLS != "" {
			b.WriteString("~" + p.TLS)
		}
	}
	for _, name := range z.Unknown {
		b.WriteString(" ?" + name)
	}
	return b.String()
}

func allSaid(c *Config) (all []string) {
	for _, z := range c.Zones {
		all = append(all, said(z))
	}
	return all
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing":                           {"", nil},
		"comments of three kinds":           {"# one\n// two\n/* zone \"x\" { };\n */ zone /* here */ a.example { type /**/ hint; }; # zone b { };", []string{`a.example IN "hint"`}},
		"a comment at a word's end":         {"zone a.example{type hint;/*x*/file \"f\"//y\n;};", []string{`a.example IN "hint" file=f`}},
		"# and / inside a word":             {"zone 0/25.2.0.192.in-addr.arpa { type hint; file a#b; };", []string{`0/25.2.0.192.in-addr.arpa IN "hint" file=a#b`}},
		"# inside quotes":                   {`zone "a" { type primary; file "//#/*"; };`, []string{`a IN "primary" file=//#/*`}},
		"a quotation mark within a word":    {`zone "a\"b.example" { type primary; };`, []string{`a"b.example IN "primary"`}},
		"escapes of a domain name":          {`zone "a\.b\032c.example" { type primary; };`, []string{`a\.b\032c.example IN "primary"`}},
		"old words":                         {`zone "a" { type master; }; zone "b" { type slave; masters { 192.0.2.1; }; };`, []string{`a IN "primary"`, `b IN "secondary" 192.0.2.1`}},
		"words in capitals":                 {`ZONE "a" in { TYPE Slave; Masters PORT 5300 { 192.0.2.1; }; };`, []string{`a IN "secondary" 192.0.2.1:5300`}},
		"a quoted keyword is none":          {`"zone" "a" { type primary; };`, nil},
		"a port and keys":                   {`zone "a" { type secondary; primaries port 5300 { 192.0.2.1; 2001:db8::1 port 54 key "k.example"; 192.0.2.2 key k2; }; };`, []string{`a IN "secondary" 192.0.2.1:5300 2001:db8::1:54/k.example 192.0.2.2:5300/k2`}},
		"sources of queries left out":       {`zone "a" { type secondary; primaries port 5300 source 192.0.2.9 { 192.0.2.1; }; };`, []string{`a IN "secondary" 192.0.2.1:5300`}},
		"another class":                     {`zone "version.bind" chaos { type primary; };`, []string{`version.bind CHAOS "primary"`}},
		"views, and a class of one":         {`view "in" { match-clients { any; }; zone "a" { type primary; file "1"; }; }; view v CH { zone "b" { type hint; }; };`, []string{`a IN "primary" view=in file=1`, `b CH "hint" view=v`}},
		"a zone of another view":            {`view a { zone "x" { type primary; }; }; view b { zone "x" { in-view a; }; };`, []string{`x IN "primary" view=a`, `x IN "" view=b in-view=a`}},
		"catalog-zones is no zone":          {`options { catalog-zones { zone "cat.example" default-primaries { 192.0.2.1; } in-memory no; }; };`, nil},
		"zones of templates and policies":   {`response-policy { zone "rpz.example"; }; options { response-policy { zone "rpz.example" policy given; }; };`, nil},
		"what is not known":                 {`future "x" { deep { deeper { 1; }; }; } tail; bare; zone a { type hint; future { x; }; };`, []string{`a IN "hint"`}},
		"a statement of two blocks":         {`controls { inet * allow { any; } keys { "k"; }; }; zone a { type hint; };`, []string{`a IN "hint"`}},
		"semicolons too many":               {`;; zone a { ;type hint;; };;`, []string{`a IN "hint"`}},
		"a file of added zones":             {"# New zone file for view: _default\nzone \"a\" { type slave; file \"a.db\"; masters { 192.0.2.1 key \"x\"; }; };\nzone \"b\" in view \"v\" { type primary; };\n", []string{`a IN "secondary" file=a.db 192.0.2.1/x`, `b IN "primary"`}},
		"rndc showzone":                     {`zone "a" { type slave; file "m1.example"; masters { 192.0.2.53 key "xfr"; }; };`, []string{`a IN "secondary" file=m1.example 192.0.2.53/xfr`}},
		"the root":                          {`zone "." { type hint; file "/usr/share/dns/root.hints"; };`, []string{`. IN "hint" file=/usr/share/dns/root.hints`}},
		"a list by name":                    {`primaries up port 5300 { 192.0.2.1; 192.0.2.2 port 1 key k; }; zone a { type secondary; primaries { UP; 192.0.2.3; }; };`, []string{`a IN "secondary" 192.0.2.1:5300 192.0.2.2:1/k 192.0.2.3`}},
		"a list defined later, old word":    {`zone a { type slave; masters { up; }; }; masters up { 192.0.2.1; };`, []string{`a IN "secondary" 192.0.2.1`}},
		"a list of lists, each once":        {`remote-servers a { b; 192.0.2.1; }; remote-servers b { a; b; 192.0.2.2; }; zone x { type secondary; primaries { a; b; }; };`, []string{`x IN "secondary" 192.0.2.2 192.0.2.1`}},
		"a list takes the zone's port":      {`primaries up { 192.0.2.1; }; zone a { type secondary; primaries port 54 { up; }; };`, []string{`a IN "secondary" 192.0.2.1:54`}},
		"a list that is nowhere":            {`zone a { type secondary; primaries { up; 192.0.2.1; }; };`, []string{`a IN "secondary" 192.0.2.1 ?up`}},
		"TLS, with and without a name":      {`tls t { remote-hostname "ns.example"; }; tls u { ca-file "f"; }; zone a { type secondary; primaries { 192.0.2.1 tls t; 192.0.2.2 port 8853 tls ephemeral; 192.0.2.3 tls u; 192.0.2.4 tls none; }; };`, []string{`a IN "secondary" 192.0.2.1~ns.example 192.0.2.2:8853~opportunistic 192.0.2.3~opportunistic 192.0.2.4`}},
		"a view with the name of a keyword": {`view "zone" { zone "zone" { type hint; }; };`, []string{`zone IN "hint" view=zone`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(File{Text: c.text}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(allSaid(got), c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(allSaid(got), "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	chain := "primaries l0 { 192.0.2.1; };"
	for i := range 200 {
		chain += fmt.Sprintf("primaries l%d { l%d; };", i+1, i)
	}
	for name, c := range map[string]struct{ text, says string }{
		"a comment without an end":   {"\n\n/* zone", "named.conf:3: not in named.conf's form: a comment has no end"},
		"a quotation mark open":      {"zone \"a { };", "a quotation mark is never closed"},
		"a block open":               {"zone a { type hint;", "a } is missing"},
		"a view open":                {"view a { zone b { };", "a } is missing"},
		"an unknown block open":      {"future { x;", "a } or ; is missing"},
		"one } too many":             {"zone a { }; };", "a } too many"},
		"no ; before }":              {"zone a { type hint };", "a ; is missing before }"},
		"no ; at the end":            {"zone a { type hint; }", "a ; is missing at the end"},
		"no ; behind a view":         {"view a { }\nzone b { } }", "named.conf:2"},
		"no ; between zones":         {"zone a { type hint; }\nfuture { } };", "a } too many"},
		"a zone without a name":      {"\nzone { type hint; };", "named.conf:2: not in named.conf's form: a zone without a name"},
		"a port that is none":        {"\nzone a { type secondary; primaries { 192.0.2.1 port 70000; }; };", `named.conf:2: zone "a": not in named.conf's form: port "70000"`},
		"TLS that is not said how":   {"zone a { type secondary; primaries { 192.0.2.1 tls strict; }; };", `there is no tls statement "strict"`},
		"blocks in blocks in blocks": {"zone a { " + strings.Repeat("{", 100) + strings.Repeat("};", 100) + " };", "nested deeper than 16"},
		"more words than a zone has": {"zone a { x" + strings.Repeat(" y", maxWords) + "; };", "more than 100000 words"},
		"more primaries than sane":   {"zone a { primaries {" + strings.Repeat("192.0.2.1;", 200) + "}; };", "more than 100 primaries"},
		"a long chain of lists":      {chain + "zone a { primaries { l200; }; };", "more than 100 primaries"},
		"an include, and no opener":  {"include \"/etc/shadow\";", `it includes "/etc/shadow"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(File{Name: "named.conf", Text: c.text}, nil)
			if err == nil || !errors.Is(err, ErrSyntax) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, %v; want %q", got, err, c.says)
			}
		})
	}
}

// Includes go through the caller's hands: anywhere, with patterns, relative
// to the directory of options once that is known.
func TestIncludes(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"etc/bind/zones.conf":   {Data: []byte("zone \"b\" { type secondary; include \"/etc/bind/up.conf\"; };\n// a comment\ninclude \"more/*.conf\";\n")},
		"etc/bind/up.conf":      {Data: []byte("primaries { up; };")},
		"etc/bind/lists.conf":   {Data: []byte("primaries up { 192.0.2.1; };")},
		"var/cache/more/1.conf": {Data: []byte(`zone "c" { type primary; file "c.db"; };`)},
		"var/cache/more/2.conf": {Data: []byte("\n\n" + `zone "d" { type primary; };`)},
		"etc/bind/loop.conf":    {Data: []byte(`include "/etc/bind/loop.conf";`)},
		"etc/bind/two.conf":     {Data: []byte(strings.Repeat("include \"/etc/bind/more.conf\";", 1000))},
		"etc/bind/more.conf":    {Data: []byte(strings.Repeat("include \"/etc/bind/none.conf\";", 1000))},
		"etc/bind/none.conf":    {},
		"etc/bind/open.conf":    {Data: []byte("zone a {")},
		"etc/bind/closes.conf":  {Data: []byte("};")},
		"etc/bind/fifo.conf":    {Mode: fs.ModeNamedPipe},
	}
	open := FS(files)
	got, err := Parse(File{"named.conf", `
include "/etc/bind/lists.conf";
options { directory "/var/cache"; };
view "v" { zone "a" { type primary; }; include "/etc/bind/zones.conf"; };
`}, open)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`a IN "primary" view=v`, `b IN "secondary" view=v 192.0.2.1`, `c IN "primary" view=v file=c.db`, `d IN "primary" view=v`}
	if !reflect.DeepEqual(allSaid(got), want) {
		t.Errorf("got\n%s", strings.Join(allSaid(got), "\n"))
	}
	if at := got.Zones[3].At; at != (Position{"var/cache/more/2.conf", 3}) || got.Directory != "/var/cache" {
		t.Errorf("zone d is at %s, the directory is %q", at, got.Directory)
	}
	for name, says := range map[string]string{
		"missing.conf": "file does not exist", "loop.conf": "deeper than 16", "two.conf": "more than 100000 files",
		"open.conf": "a } is missing", "closes.conf": "a } too many", "fifo.conf": "no regular file", "[": "syntax error in pattern",
	} {
		_, err := Parse(File{"named.conf", fmt.Sprintf("\ninclude %q;", "/etc/bind/"+name)}, open)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %q", name, err, says)
		}
	}
	if got := mustOpen(t, open, "../../../etc/bind/up.conf"); got != "primaries { up; };" {
		t.Errorf("a name that climbs reads %q", got)
	}
}

func mustOpen(t *testing.T, open Opener, name string) string {
	t.Helper()
	files, err := open(name)
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %v, %v", name, files, err)
	}
	return files[0].Text
}

func TestKeys(t *testing.T) {
	t.Parallel()
	got, err := Parse(File{Text: `key "a.example." { algorithm HMAC-SHA256; secret "c2VjcmV0"; }; view v { key b { secret AAAA; algorithm "hmac-md5.sig-alg.reg.int."; }; };`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Key{{"a.example.", "", "hmac-sha256", "c2VjcmV0"}, {"b", "v", "hmac-md5.sig-alg.reg.int", "AAAA"}}
	if !reflect.DeepEqual(got.Keys, want) {
		t.Errorf("%#v", got.Keys)
	}
	if text := fmt.Sprintf("%v %+v", got.Keys, *got); strings.Contains(text, "c2VjcmV0") {
		t.Errorf("a secret is printed: %s", text)
	}
}

// What BIND understands of a configuration and prints again has the same
// zones, keys and primaries.
func TestAsBINDReadsIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/real")); err != nil {
		t.Fatal(err)
	}
	check := exec.Command(servertest.Program(t, "named-checkconf"), "-p", "named.conf")
	check.Dir = dir
	printed, err := check.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	text, err := os.ReadFile(filepath.Join(dir, "named.conf"))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := Parse(File{"named.conf", string(text)}, FS(os.DirFS(dir)))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := Parse(File{"printed", string(printed)}, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	if got, want := allSaid(ours), allSaid(theirs); len(got) < 10 || !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s\n\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), printed)
	}
	for _, c := range []*Config{ours, theirs} { // BIND prints its keys behind its views
		slices.SortFunc(c.Keys, func(a, b Key) int { return strings.Compare(a.Name, b.Name) })
	}
	if !reflect.DeepEqual(ours.Keys, theirs.Keys) || len(ours.Keys) != 3 || ours.Directory != theirs.Directory {
		t.Errorf("keys %v and %v, directory %q and %q", ours.Keys, theirs.Keys, ours.Directory, theirs.Directory)
	}
}

// A view is one statement, and may yet hold more words than one may have.
func TestManyZones(t *testing.T) {
	t.Parallel()
	const n = 50_000
	var b strings.Builder
	b.WriteString("primaries up { 192.0.2.1; };\nview v {\n")
	for i := range n {
		fmt.Fprintf(&b, "zone \"z%d.example\" { type slave; file \"z%d\"; masters { up; }; };\n", i, i)
	}
	b.WriteString("};")
	got, err := Parse(File{Text: b.String()}, nil)
	if err != nil || len(got.Zones) != n {
		t.Fatal(err)
	}
	last := got.Zones[n-1]
	if last.Primaries[0].Address != netip.MustParseAddr("192.0.2.1") || last.At.Line != n+2 {
		t.Errorf("%+v", last)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for _, name := range []string{`a\"b.example`, `a\.b\\.example`, "a b;{}.example"} {
		q, err := Quote(name)
		s, serr := ParseStatement(q)
		if err != nil || serr != nil || len(s.Words) != 1 || s.Word(0) != strings.ReplaceAll(name, `\"`, `"`) {
			t.Error(name, q, s, err, serr)
		}
	}
	for _, bad := range []string{`a" ; rm`, `a\`, "a\nb"} {
		if q, err := Quote(bad); err == nil {
			t.Errorf("%q is quoted as %s", bad, q)
		}
	}
}
