package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Promise 7: whatever is refused says why, and changes nothing.
func TestRefusalsChangeNothing(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.ok("", "zone", "create", "example.com", "--ns", "ns1.example.net", "--ns", "ns2.example.net")
	n.ok("", "record", "set", "example.com", "www", "A", "192.0.2.1")
	n.ok(plesk("create", "panel.example.", record("www.panel.example.", "A", "", "192.0.2.9")), "hook", "plesk")
	before := n.ok("", "zone", "export", "example.com") + n.ok("", "zone", "export", "panel.example")
	list := n.ok("", "zone", "list", "-o", "json")

	bad := func(name, text string) string {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	const soa = "$ORIGIN bad.example.\n$TTL 300\n@ SOA ns1.example.net. host.example.net. 1 2 3 4 5\n@ NS ns1.example.net.\n"
	for name, c := range map[string]struct {
		code        int
		says, stdin string
		args        []string
	}{
		"broken JSON from the panel":         {1, "JSON", `[{"command":"create","zone":`, []string{"hook", "plesk"}},
		"a zone name that is a shell":        {2, `"; rm`, "", []string{"zone", "create", `"; rm -rf /`, "--ns", "ns1.example.net"}},
		"a zone name that is a path":         {2, "../", "", []string{"zone", "create", "../../etc/passwd", "--ns", "ns1.example.net"}},
		"an empty label":                     {2, "empty label", "", []string{"zone", "create", "a..example", "--ns", "ns1.example.net"}},
		"a label of 64 octets":               {2, "64 octets", "", []string{"zone", "create", strings.Repeat("a", 64) + ".example", "--ns", "ns1.example.net"}},
		"a name of 256 octets":               {2, "255 octets", "", []string{"zone", "create", strings.Repeat("abcdefg.", 32) + "example", "--ns", "ns1.example.net"}},
		"an owner name of 64-octet labels":   {2, "64 octets", "", []string{"record", "set", "example.com", strings.Repeat("b", 64), "A", "192.0.2.1"}},
		"an address that is none":            {2, "192.0.2.300", "", []string{"record", "set", "example.com", "www", "A", "192.0.2.300"}},
		"a CNAME beside other data":          {2, "CNAME", "", []string{"record", "set", "example.com", "www", "CNAME", "example.net."}},
		"a record that is not there":         {4, "www", "", []string{"record", "delete", "example.com", "www", "AAAA"}},
		"a zone that exists":                 {3, "exists", "", []string{"zone", "create", "example.com", "--ns", "ns1.example.net"}},
		"a zone that does not":               {4, "nosuch.example", "", []string{"zone", "show", "nosuch.example"}},
		"an $INCLUDE":                        {2, "$INCLUDE", "", []string{"zone", "import", bad("include.zone", soa+"$INCLUDE /etc/passwd\n")}},
		"a syntax error, with its line":      {2, "line 5", "", []string{"zone", "import", bad("syntax.zone", soa+"www A 1.2.3\n")}},
		"an RRset that fits into no message": {2, "65", "", []string{"zone", "import", bad("big.zone", soa+bigSet())}},
		"an unknown record type":             {2, "NOSUCH", "", []string{"record", "set", "example.com", "x", "NOSUCH", "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := n.run(c.stdin, c.args...)
			// Input that is wrong may be found by the command line (2) or by the gate (1).
			if code != c.code && !(c.code == 2 && code == 1) || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("skein %s: exit %d, want %d and %q in\n%s%s", strings.Join(c.args, " "), code, c.code, c.says, stdout, stderr)
			}
		})
	}
	if after := n.ok("", "zone", "export", "example.com") + n.ok("", "zone", "export", "panel.example"); after != before {
		t.Errorf("a refusal changed a zone:\n%s\nwas\n%s", after, before)
	}
	if after := n.ok("", "zone", "list", "-o", "json"); after != list {
		t.Errorf("a refusal changed the list of zones:\n%s\nwas\n%s", after, list)
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
	ns := bringIn(t, n, "ns1.hoster.example", "127.0.0.1")
	var text strings.Builder
	text.WriteString("$ORIGIN large.example.\n$TTL 300\n@ SOA ns1.example.net. host.example.net. 7 3600 600 86400 300\n@ NS ns1.example.net.\n$GENERATE 1-50000 host$ TXT \"n-${0,5,d}\"\n")
	for i := range 50_000 {
		fmt.Fprintf(&text, "name%d A 10.%d.%d.%d\n", i, i>>16&255, i>>8&255, i&255)
	}
	zone := text.String()
	file := filepath.Join(t.TempDir(), "large.example.zone")
	if err := os.WriteFile(file, []byte(zone), 0o600); err != nil {
		t.Fatal(err)
	}
	n.ok("", "zone", "import", file)
	n.ok("", "wait", "large.example", "--timeout", "60s")
	ns.answers("host49999.large.example", "TXT", `"n-49999"`)
	ns.answers("name49999.large.example", "A", "10.0.195.79")
	n.ok("", "record", "set", "large.example", "name7", "A", "192.0.2.7")
	n.ok("", "wait", "large.example", "--timeout", "60s")
	ns.answers("name7.large.example", "A", "192.0.2.7")
	if got := strings.Count(n.ok("", "zone", "export", "large.example"), "\n"); got < 100_000 {
		t.Errorf("the export has %d lines only", got)
	}
}

// What is wrong with a member is named with its mend.
func TestMemberTestNamesTheCause(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns := bringIn(t, n, "good.hoster.example", "127.0.0.1")
	conf, err := os.ReadFile(ns.conf)
	if err != nil {
		t.Fatal(err)
	}
	_, rndcPort, _ := strings.Cut(string(conf), "inet ")
	rndcPort = strings.Fields(rndcPort[strings.Index(rndcPort, "port")+4:])[0]
	key := filepath.Join(t.TempDir(), "rndc.key")
	write := func(secret string) {
		t.Helper()
		if err := os.WriteFile(key, []byte(`key "k" { algorithm hmac-sha256; secret "`+secret+`"; };`), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	write("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	_, dnsPort, _ := net.SplitHostPort(ns.dns)
	out, errs, code := n.run("", "member", "add", "bind", "wrongkey.example", "--address", "127.0.0.1", "--port", dnsPort, "--rndc-port", rndcPort, "--rndc-key-file", key)
	if code == 0 || !strings.Contains(out+errs, "refused") {
		t.Errorf("nothing listens there: exit %d\n%s%s", code, out, errs)
	}

	// A member that accepts and never answers.
	silent, err := net.Listen("tcp", "127.0.0.111:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	_, silentPort, _ := net.SplitHostPort(silent.Addr().String())
	start := time.Now()
	out, errs, code = n.run("", "member", "add", "bind", "silent.example", "--address", "127.0.0.111", "--rndc-port", silentPort, "--rndc-key-file", key)
	if code == 0 || !strings.Contains(out+errs, "answer") {
		t.Errorf("accepts and never answers: exit %d after %v\n%s%s", code, time.Since(start), out, errs)
	}

	// A named of its own, with another secret: the protocol hides the cause, so all are listed.
	dir := t.TempDir()
	dns, rndc := freePort(t, "127.0.0.1"), freePort(t, "127.0.0.1")
	_, dnsPort, _ = net.SplitHostPort(dns)
	_, rndcPort, _ = net.SplitHostPort(rndc)
	other := &named{t: t, name: "other", dir: dir, conf: filepath.Join(dir, "named.conf"), dns: dns}
	text := fmt.Sprintf(`key "k" { algorithm hmac-sha256; secret "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="; };
options { directory %q; pid-file none; session-keyfile none; listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; };
controls { inet 127.0.0.1 port %s allow { any; } keys { "k"; }; };
`, dir, dnsPort, rndcPort)
	if err := os.WriteFile(other.conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	other.start()
	add := []string{"member", "add", "bind", "other.example", "--address", "127.0.0.1", "--port", dnsPort, "--rndc-port", rndcPort, "--rndc-key-file", key}
	out, errs, code = n.run("", add...)
	for _, cause := range []string{"secret", "algorithm", "clock", "allow"} {
		if code == 0 || !strings.Contains(out+errs, cause) {
			t.Errorf("wrong key: exit %d, %q is not named in\n%s%s", code, cause, out, errs)
		}
	}
	// The right key, but named lacks allow-new-zones and the TSIG key.
	write("MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=")
	out, errs, code = n.run("", add...)
	for _, cause := range []string{"allow-new-zones", "skein-other.example"} {
		if code == 0 || !strings.Contains(out+errs, cause) {
			t.Errorf("no allow-new-zones: exit %d, %q is not named in\n%s%s", code, cause, out, errs)
		}
	}
	if strings.Contains(out+errs+n.out.String(), "MzMzMzMz") {
		t.Error("a secret was printed (promise 8)")
	}
}

// Disk full: a clear error, the old state intact, and on it goes when there is room again.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("this test mounts a small tmpfs and so needs root, as CI has")
	}
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("mounting a tmpfs: %v: %s", err, out)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", dir).Run() })
	n := newNodeAt(t, filepath.Join(dir, "data"))
	n.ok("", "zone", "create", "example.com", "--ns", "ns1.example.net")
	n.ok("", "record", "set", "example.com", "www", "A", "192.0.2.1")

	filler := filepath.Join(dir, "filler")
	if err := fill(filler); err != nil {
		t.Fatal(err)
	}
	var stderr string
	full := false
	for i := range 200 {
		var code int
		_, stderr, code = n.run("", "record", "set", "example.com", fmt.Sprintf("r%d", i), "TXT", strings.Repeat("x", 200))
		if full = code != 0; full {
			break
		}
	}
	if !full || !strings.Contains(stderr, "full") {
		t.Errorf("the disk is full, and skein says %q", stderr)
	}
	if out := n.ok("", "zone", "export", "example.com"); !strings.Contains(out, "192.0.2.1") {
		t.Errorf("the old state is not intact:\n%s", out)
	}
	os.Remove(filler)
	eventually(t, "it works again once there is room", func() error {
		_, stderr, code := n.run("", "record", "set", "example.com", "www", "A", "192.0.2.2")
		if code != 0 {
			return fmt.Errorf("exit %d: %s", code, stderr)
		}
		return nil
	})
}

// fill takes all the room that is left.
func fill(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for {
			if _, err := f.Write(make([]byte, size)); err != nil {
				break
			}
		}
	}
	return nil
}
