package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Promise 7: whatever is refused says why, and changes nothing.
func TestRefusalsChangeNothing(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.ok("", "zone", "create", "example.com", "--ns", "ns1.example.net", "--ns", "ns2.example.net")
	n.ok("", "record", "set", "example.com", "www", "A", "192.0.2.1")
	n.ok(plesk("create", "panel.example.", record("www.panel.example.", "A", "", "192.0.2.9")), "hook", "plesk")
	before := n.everything()

	dir := t.TempDir()
	bad := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const soa = "$ORIGIN bad.example.\n$TTL 300\n@ SOA ns1.example.net. host.example.net. 1 2 3 4 5\n@ NS ns1.example.net.\n"
	for name, c := range map[string]struct {
		code int
		says string
		args []string
	}{
		"a zone name that is a shell":        {2, `rm`, []string{"zone", "create", `"; rm -rf /`, "--ns", "ns1.example.net"}},
		"a zone name that is a path":         {2, "../", []string{"zone", "create", "../../etc/passwd", "--ns", "ns1.example.net"}},
		"an empty label":                     {2, "empty label", []string{"zone", "create", "a..example", "--ns", "ns1.example.net"}},
		"a label of 64 octets":               {2, "64 octets", []string{"zone", "create", strings.Repeat("a", 64) + ".example", "--ns", "ns1.example.net"}},
		"a name of 256 octets":               {2, "255", []string{"zone", "create", strings.Repeat("abcdefg.", 31) + "abcdef", "--ns", "ns1.example.net"}},
		"an owner name of 64-octet labels":   {2, "64 octets", []string{"record", "set", "example.com", strings.Repeat("b", 64), "A", "192.0.2.1"}},
		"an address that is none":            {2, "192.0.2.300", []string{"record", "set", "example.com", "www", "A", "192.0.2.300"}},
		"a CNAME beside other data":          {2, "CNAME", []string{"record", "set", "example.com", "www", "CNAME", "example.net."}},
		"a record that is not there":         {4, "www", []string{"record", "delete", "example.com", "www", "AAAA"}},
		"a zone that exists":                 {3, "exists", []string{"zone", "create", "example.com", "--ns", "ns1.example.net"}},
		"a zone that does not":               {4, "nosuch.example", []string{"zone", "show", "nosuch.example"}},
		"an $INCLUDE":                        {2, "$INCLUDE", []string{"zone", "import", bad("include.zone", soa+"$INCLUDE /etc/passwd\n")}},
		"a syntax error, with its line":      {2, "line 5", []string{"zone", "import", bad("syntax.zone", soa+"www A 1.2.3\n")}},
		"an RRset that fits into no message": {2, "65", []string{"zone", "import", bad("big.zone", soa+bigSet())}},
		"an unknown record type":             {2, "NOSUCH", []string{"record", "set", "example.com", "x", "NOSUCH", "1"}},
		"one bad zone of several":            {2, "line 5", []string{"zone", "import", bad("syntax.zone", soa+"www A 1.2.3\n"), bad("include.zone", soa+"$INCLUDE /etc/passwd\n")}},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := n.run("", c.args...)
			if code != c.code || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("skein %s: exit %d, want %d and %q in\n%s%s", strings.Join(c.args, " "), code, c.code, c.says, stdout, stderr)
			}
		})
	}
	if after := n.everything(); after != before {
		t.Errorf("a refusal changed\n%s\nto\n%s", before, after)
	}
}

// What a panel sends is taken, kept for a person or refused task by task; what cannot be read at
// all is refused as a whole. Plesk learns of neither: it only logs.
func TestHostilePushesChangeNothing(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.ok("", "zone", "create", "mine.example", "--ns", "ns1.example.net")
	n.ok("", "zone", "create", "ours.example", "--ns", "ns1.example.net")
	n.ok(plesk("create", "panel.example.", record("www.panel.example.", "A", "", "192.0.2.9")), "hook", "plesk")
	before := n.everything()
	for name, c := range map[string]struct {
		code        int
		says, stdin string
	}{
		"broken JSON":                  {1, "JSON", `[{"command":"create","zone":`},
		"no JSON at all":               {1, "JSON", `create panel.example`},
		"a shell as the zone's name":   {0, "refused", plesk("create", `"; rm -rf /.example.`)},
		"a path as the zone's name":    {0, "refused", plesk("create", "../../etc/passwd.")},
		"an empty label":               {0, "refused", plesk("create", "a..example.")},
		"a label of 64 octets":         {0, "refused", plesk("create", strings.Repeat("a", 64)+".example.")},
		"a name of 256 octets":         {0, "refused", plesk("create", strings.Repeat("abcdefg.", 32))},
		"somebody else's zone":         {0, "waiting", plesk("update", "mine.example.")},
		"deleting somebody else's":     {0, "waiting", plesk("delete", "ours.example.")},
		"a command that nobody knows":  {0, "ignored", `[{"command":"explode","zone":{"name":"panel.example."}}]`},
		"deleting what is not there":   {0, "delete nosuch.example.", plesk("delete", "nosuch.example.")},
		"a zone without its contents":  {0, "refused", `[{"command":"update","zone":{"name":"panel.example."}}]`},
		"a task without a zone":        {0, "", `[{"command":"create"}]`},
		"the same, and nothing is new": {0, "unchanged", plesk("update", "panel.example.", record("www.panel.example.", "A", "", "192.0.2.9"))},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := n.run(c.stdin, "hook", "plesk")
			if code != c.code || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("exit %d, want %d and %q in\n%s%s", code, c.code, c.says, stdout, stderr)
			}
		})
	}
	if after := n.everything(); after != before {
		t.Errorf("a push that was not taken changed\n%s\nto\n%s", before, after)
	}
}

// bigSet is one RRset of more than 65,535 octets.
func bigSet() string {
	var b strings.Builder
	for i := range 300 {
		fmt.Fprintf(&b, "big TXT %q\n", fmt.Sprintf("%03d%s", i, strings.Repeat("x", 230)))
	}
	return b.String()
}

// A zone of 100,000 records is imported, edited, transferred and exported.
func TestLargeZone(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns := bringIn(t, n, "ns1.hoster.example")
	var text strings.Builder
	text.WriteString("$ORIGIN large.example.\n$TTL 300\n@ SOA ns1.example.net. host.example.net. 7 3600 600 86400 300\n@ NS ns1.example.net.\n$GENERATE 1-50000 host$ TXT \"n-${0,5,d}\"\n")
	for i := range 50_000 {
		fmt.Fprintf(&text, "name%d A 10.%d.%d.%d\n", i, i>>16&255, i>>8&255, i&255)
	}
	file := filepath.Join(t.TempDir(), "large.example.zone")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	n.ok("", "zone", "import", file)
	n.ok("", "wait", "large.example", "--timeout", "2m")
	ns.answers("host49999.large.example", "TXT", `"n-49999"`)
	ns.answers("name49999.large.example", "A", "10.0.195.79")
	n.ok("", "record", "set", "large.example", "name7", "A", "192.0.2.7")
	n.ok("", "wait", "large.example", "--timeout", "2m")
	ns.answers("name7.large.example", "A", "192.0.2.7")
	if got := strings.Count(n.ok("", "zone", "export", "large.example"), "\n"); got < 100_000 {
		t.Errorf("the export has %d lines only", got)
	}
	n.ok("", "zone", "diff", "large.example", "--member", ns.Name)
}
