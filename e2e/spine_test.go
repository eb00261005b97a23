package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// plesk makes what Plesk's custom DNS backend sends for one zone.
func plesk(command, zone string, records ...string) string {
	rr := []string{
		record(zone, "NS", "", "ns1.hoster.example."),
		record(zone, "NS", "", "ns2.hoster.example."),
	}
	body := ""
	if command != "delete" {
		body = fmt.Sprintf(`,"soa":{"email":"hostmaster@%s","status":0,"type":"master","ttl":86400,"refresh":10800,"retry":3600,"expire":604800,"minimum":10800,"serial":1767225600,"serial_format":"UNIXTIMESTAMP"},"rr":[%s]`,
			strings.TrimSuffix(zone, "."), strings.Join(append(rr, records...), ","))
	}
	return fmt.Sprintf(`[{"command":%q,"zone":{"name":%q,"displayName":%q%s}}]`, command, zone, zone, body)
}

func record(host, rrtype, opt, value string) string {
	return fmt.Sprintf(`{"host":%q,"displayHost":%q,"type":%q,"displayValue":%q,"opt":%q,"value":%q}`, host, host, rrtype, value, opt, value)
}

// secondary is a BIND that was brought in as a hoster does it: paste the
// block that Skein prints, start named, test the member.
func bringIn(t *testing.T, n *node, name, ip string) *named {
	t.Helper()
	dir := t.TempDir()
	dns, rndc := freePort(t, ip), freePort(t, ip)
	_, dnsPort, _ := net.SplitHostPort(dns)
	_, rndcPort, _ := net.SplitHostPort(rndc)
	block := n.ok("", "member", "config", "bind", "--name", name, "--address", ip, "--port", dnsPort, "--rndc-port", rndcPort, "--directory", dir)
	conf := filepath.Join(dir, "named.conf")
	if err := os.WriteFile(conf, []byte(block), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &named{t: t, name: name, dir: dir, conf: conf, dns: dns}
	s.start()
	out := n.ok("", "member", "test", name)
	if !strings.Contains(out, "dig +short") || !strings.Contains(out, ip) {
		t.Errorf("member test does not end with the dig line to try:\n%s", out)
	}
	return s
}

// The four steps of a hoster with one Plesk server and two BIND secondaries.
func TestPanelZoneReachesBothSecondaries(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns1, ns2 := bringIn(t, n, "ns1.hoster.example", "127.0.0.1"), bringIn(t, n, "ns2.hoster.example", "127.0.0.1")
	both := []*named{ns1, ns2}

	n.ok(plesk("create", "example.com.", record("www.example.com.", "A", "", "192.0.2.10"), record("example.com.", "TXT", "", `say "hi"`)), "hook", "plesk")
	n.ok("", "wait", "example.com", "--timeout", "30s")
	for _, s := range both {
		s.answers("www.example.com", "A", "192.0.2.10")
		s.answers("example.com", "TXT", `"say \"hi\""`)
	}

	n.ok(plesk("update", "example.com.", record("www.example.com.", "A", "", "192.0.2.11")), "hook", "plesk")
	n.ok("", "wait", "example.com", "--timeout", "30s")
	for _, s := range both {
		s.answers("www.example.com", "A", "192.0.2.11")
		s.answers("example.com", "TXT", "")
	}

	n.ok("", "record", "set", "example.com", "www", "A", "192.0.2.12", "192.0.2.13", "--ttl", "60")
	n.ok("", "wait", "example.com", "--timeout", "30s")
	for _, s := range both {
		s.answers("www.example.com", "A", "192.0.2.12\n192.0.2.13")
	}

	n.ok(plesk("delete", "example.com."), "hook", "plesk")
	n.ok("", "wait", "example.com", "--timeout", "30s")
	for _, s := range both {
		s.refuses("example.com")
		if files, _ := filepath.Glob(filepath.Join(s.dir, "skein-*")); len(files) > 0 {
			t.Errorf("%s: files are left over: %v", s.name, files)
		}
	}
	n.refused(4, "example.com", "", "zone", "show", "example.com")
}

// Promise 5: a member away gets the newest contents once, and does not delay the other.
func TestSecondaryDownAndBack(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns1, ns2 := bringIn(t, n, "ns1.hoster.example", "127.0.0.1"), bringIn(t, n, "ns2.hoster.example", "127.0.0.1")
	n.ok(plesk("create", "old.example.", record("www.old.example.", "A", "", "192.0.2.1")), "hook", "plesk")
	n.ok(plesk("create", "gone.example."), "hook", "plesk")
	n.ok("", "wait", "gone.example", "--timeout", "30s")

	ns2.kill()
	n.ok(plesk("delete", "gone.example."), "hook", "plesk")
	n.ok(plesk("create", "new.example.", record("www.new.example.", "A", "", "192.0.2.3")), "hook", "plesk")
	for i := range 5 {
		n.ok(plesk("update", "old.example.", record("www.old.example.", "A", "", fmt.Sprintf("192.0.2.%d", 50+i))), "hook", "plesk")
	}
	n.ok("", "wait", "old.example", "--for", "1", "--timeout", "30s")
	n.ok("", "wait", "new.example", "--for", "1", "--timeout", "30s")
	ns1.answers("www.old.example", "A", "192.0.2.54")
	ns1.answers("www.new.example", "A", "192.0.2.3")
	n.refused(5, "ns2.hoster.example", "", "wait", "new.example", "--timeout", "300ms")

	ns2.start()
	for _, zone := range []string{"old.example", "new.example", "gone.example"} {
		n.ok("", "wait", zone, "--timeout", "60s")
	}
	ns2.answers("www.old.example", "A", "192.0.2.54")
	ns2.answers("www.new.example", "A", "192.0.2.3")
	ns2.refuses("gone.example")
}

// Promise 1, end to end: what was acknowledged reaches the members although
// Skein was killed between the acknowledgement and the push.
func TestKilledBetweenAckAndPush(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns1, ns2 := bringIn(t, n, "ns1.hoster.example", "127.0.0.1"), bringIn(t, n, "ns2.hoster.example", "127.0.0.1")
	n.ok(plesk("create", "stays.example.", record("www.stays.example.", "A", "", "192.0.2.1")), "hook", "plesk")
	n.ok(plesk("create", "goes.example."), "hook", "plesk")
	n.ok("", "wait", "stays.example", "--timeout", "30s")
	n.ok("", "wait", "goes.example", "--timeout", "30s")

	// Members that are stopped take nothing, so the push cannot have happened.
	ns1.signal(syscall.SIGSTOP)
	ns2.signal(syscall.SIGSTOP)
	n.ok(plesk("create", "fresh.example.", record("www.fresh.example.", "A", "", "192.0.2.2")), "hook", "plesk")
	n.ok(plesk("update", "stays.example.", record("www.stays.example.", "A", "", "192.0.2.3")), "hook", "plesk")
	n.ok(plesk("delete", "goes.example."), "hook", "plesk")
	n.kill()
	ns1.signal(syscall.SIGCONT)
	ns2.signal(syscall.SIGCONT)
	n.start()

	for _, zone := range []string{"fresh.example", "stays.example", "goes.example"} {
		n.ok("", "wait", zone, "--timeout", "60s")
	}
	for _, s := range []*named{ns1, ns2} {
		s.answers("www.fresh.example", "A", "192.0.2.2")
		s.answers("www.stays.example", "A", "192.0.2.3")
		s.refuses("goes.example")
	}
}

// Promise 3: secondaries and their contents do not depend on Skein being up.
func TestSecondariesAnswerWithoutSkein(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns := bringIn(t, n, "ns1.hoster.example", "127.0.0.1")
	n.ok(plesk("create", "example.com.", record("www.example.com.", "A", "", "192.0.2.10")), "hook", "plesk")
	n.ok("", "wait", "example.com", "--timeout", "30s")
	n.stop()
	ns.answers("www.example.com", "A", "192.0.2.10")

	// The hook must not fail Plesk while Skein is away, nor lose anything.
	n.ok(plesk("update", "example.com.", record("www.example.com.", "A", "", "192.0.2.11")), "hook", "plesk")
	n.ok(plesk("create", "late.example.", record("www.late.example.", "A", "", "192.0.2.12")), "hook", "plesk")
	n.start()
	eventually(t, "the spool is delivered after the start", func() error {
		if _, stderr, code := n.run("", "wait", "late.example", "--timeout", "10s"); code != 0 {
			return fmt.Errorf("exit %d: %s", code, stderr)
		}
		return nil
	})
	n.ok("", "wait", "example.com", "--timeout", "30s")
	ns.answers("www.example.com", "A", "192.0.2.11")
	ns.answers("www.late.example", "A", "192.0.2.12")
}
