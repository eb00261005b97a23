package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// panel is one Plesk server: a source with a token of its own, whose pushes go
// through the real hook to the real node.
type panel struct {
	t     *testing.T
	n     *node
	name  string
	flags []string
}

func newPanel(t *testing.T, n *node, name string, source ...string) *panel {
	t.Helper()
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	n.ok("", append([]string{"source", "add", "plesk", name}, source...)...)
	n.ok("", "token", "create", name, "--source", name, "--output", token)
	n.ok("", "login", "https://"+n.api, "--token-file", token, "--ca", filepath.Join(n.data, "ca.pem"))
	return &panel{t: t, n: n, name: name, flags: []string{"hook", "plesk", "--url", "https://" + n.api, "--token-file", token, "--spool", filepath.Join(dir, "spool")}}
}

// push is a call of the hook by this Plesk; it says what became of each task.
func (p *panel) push(body string) string {
	p.t.Helper()
	return p.n.ok(body, p.flags...)
}

// says demands what the hook says of a push.
func (p *panel) says(want, body string) {
	p.t.Helper()
	if out := p.push(body); !strings.Contains(out, want) {
		p.t.Errorf("%s: want %q in\n%s", p.name, want, out)
	}
}

// dig asks the node's own nameserver.
func (n *node) dig(args ...string) string {
	n.t.Helper()
	host, port, _ := strings.Cut(n.dns, ":")
	out, err := exec.Command(servertest.Program(n.t, "dig"), append([]string{"@" + host, "-p", port, "+time=2", "+tries=2"}, args...)...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("dig %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (n *node) digs(want string, args ...string) {
	n.t.Helper()
	eventually(n.t, fmt.Sprintf("dig %v gives %q", args, want), func() error {
		if got := n.dig(append(args, "+short")...); got != want {
			return fmt.Errorf("it gives %q", got)
		}
		return nil
	})
}

// Two Plesk servers create, save and delete the same domain, in every order
// that took a zone away from its owner elsewhere.
func TestTwoPlesksWithOneDomain(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	p1, p2 := newPanel(t, n, "plesk-1"), newPanel(t, n, "plesk-2")
	shop := func(command, address string) string {
		if command == "delete" {
			return plesk(command, "shop.example.")
		}
		return plesk(command, "shop.example.", record("www.shop.example.", "A", "", address))
	}
	p1.says("create shop.example.: applied", shop("create", "192.0.2.1"))

	// The second one's is kept for a person; the rest of its push goes on.
	both := strings.TrimSuffix(shop("create", "192.0.2.2"), "]") + "," + strings.TrimPrefix(plesk("create", "mine.example."), "[")
	p2.says("create shop.example.: waiting", both)
	n.ok("", "zone", "show", "mine.example")
	n.digs("192.0.2.1", "www.shop.example", "A")
	if out := n.ok("", "conflict", "list"); !strings.Contains(out, "shop.example.") || !strings.Contains(out, "plesk-2") {
		t.Errorf("conflict list:\n%s", out)
	}

	// It deletes the domain again: the first one's stays.
	p2.says("delete shop.example.: unchanged", shop("delete", ""))
	n.digs("192.0.2.1", "www.shop.example", "A")
	p2.says("delete shop.example.: waiting", shop("delete", ""))
	n.digs("192.0.2.1", "www.shop.example", "A")
	p1.says("update shop.example.: applied", shop("update", "192.0.2.3"))
	n.digs("192.0.2.3", "www.shop.example", "A")

	// The domain moves: created on the second, then deleted on the first. Its
	// version takes over, without a moment in which there is none.
	p2.says("create shop.example.: waiting", shop("create", "192.0.2.2"))
	p1.says("delete shop.example.: applied", shop("delete", ""))
	n.digs("192.0.2.2", "www.shop.example", "A")
	if out := n.ok("", "zone", "show", "shop.example", "-o", "json"); !strings.Contains(out, `"origin": "plesk-2"`) {
		t.Errorf("it belongs to somebody else:\n%s", out)
	}
	p1.says("update shop.example.: waiting", shop("update", "192.0.2.1"))
	n.digs("192.0.2.2", "www.shop.example", "A")
}

// What somebody else put into a zone survives what Plesk sends.
func TestOverlaysSurvivePlesk(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	p := newPanel(t, n, "plesk-1")
	address := record("www.shop.example.", "A", "", "192.0.2.1")
	p.says("applied", plesk("create", "shop.example.", address))
	n.ok("", "record", "set", "shop.example", "_acme-challenge", "TXT", "token")
	n.digs(`"token"`, "_acme-challenge.shop.example", "TXT")
	p.says("applied", plesk("update", "shop.example.", strings.Replace(address, "192.0.2.1", "192.0.2.9", 2)))
	n.digs("192.0.2.9", "www.shop.example", "A")
	n.digs(`"token"`, "_acme-challenge.shop.example", "TXT")
	if out := n.ok("", "zone", "overlay", "list", "shop.example"); !strings.Contains(out, "_acme-challenge") {
		t.Errorf("zone overlay list:\n%s", out)
	}
	// It goes when it is dropped, and not before.
	n.ok("", "zone", "overlay", "drop", "shop.example", "_acme-challenge", "TXT")
	n.digs("", "_acme-challenge.shop.example", "TXT")
}

// pleskZone is a zone file as Plesk writes it for its BIND.
func pleskZone(name string, serial int, more string) string {
	return fmt.Sprintf(`; *** This file is automatically generated by Plesk ***
$TTL	86400

@	IN	SOA	ns1.hoster.example. hostmaster.%s. (
			%d	; Serial
			10800	; Refresh
			3600	; Retry
			604800	; Expire
			10800 )	; Minimum

%[1]s.		IN NS	ns1.hoster.example.
%[1]s.		IN NS	ns2.hoster.example.
%[1]s.		IN A	192.0.2.10
www.%[1]s.		IN CNAME	%[1]s.
%[1]s.		IN MX	10 mail.%[1]s.
mail.%[1]s.		IN A	192.0.2.25
%[1]s.		IN TXT	"v=spf1 +a +mx -all"
%[3]s`, name, serial, more)
}

// pleskBIND is Debian's named in the role of a Plesk server's own nameserver:
// it gives everything out to one address, and tells nobody of changes.
type pleskBIND struct {
	*servertest.Server
	t      *testing.T
	signed map[string]bool
}

func newPleskBIND(t *testing.T, signed ...string) *pleskBIND {
	t.Helper()
	b := &pleskBIND{Server: servertest.New(t, "plesk"), t: t, signed: map[string]bool{}}
	for _, name := range signed {
		b.signed[name] = true
		b.run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-K", b.Dir, name)
		b.run("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", b.Dir, name)
	}
	b.Named(b.Options("allow-new-zones yes; allow-transfer { 127.0.0.1; }; notify no;"))
	return b
}

func (b *pleskBIND) run(program string, args ...string) {
	b.t.Helper()
	cmd := exec.Command(servertest.Program(b.t, program), args...)
	cmd.Dir = b.Dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
}

// write puts a zone into the folder, as Plesk does before it calls the hook,
// signed where the zone is.
func (b *pleskBIND) write(name string, serial int, more string) {
	b.t.Helper()
	file := b.File(name+".in", pleskZone(name, serial, more))
	if b.signed[name] {
		b.run("dnssec-signzone", "-q", "-S", "-N", "keep", "-K", b.Dir, "-o", name, "-f", filepath.Join(b.Dir, name), file)
		return
	}
	b.File(name, pleskZone(name, serial, more))
}

func (b *pleskBIND) rndc(args ...string) {
	b.t.Helper()
	if out, err := b.RNDC(args...); err != nil {
		b.t.Fatalf("rndc %v: %v\n%s", args, err, out)
	}
}

func (b *pleskBIND) add(name string) {
	b.t.Helper()
	b.rndc("addzone", name, fmt.Sprintf(`{ type primary; file %q; };`, name))
}

// sortedLines are records, one a line, as they can be compared.
func sortedLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.Join(strings.Fields(lines[i]), " ")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// In mode transfer, Plesk's nameserver and Skein's show the same: serial,
// records, signatures. Nobody notifies: the push alone brings a change over.
func TestPleskInModeTransfer(t *testing.T) {
	t.Parallel()
	bind := newPleskBIND(t, "signed.example")
	n := newNode(t)
	p := newPanel(t, n, "plesk-1", "--mode", "transfer", "--primary", bind.DNS.String())
	zones := []string{"plain.example", "signed.example"}
	same := func() {
		t.Helper()
		for _, name := range zones {
			for _, q := range [][2]string{{name, "SOA"}, {name, "NS"}, {name, "MX"}, {name, "TXT"}, {name, "DNSKEY"}, {name, "NSEC"}, {"www." + name, "CNAME"}, {"mail." + name, "A"}, {"new." + name, "A"}} {
				args := []string{q[0], q[1], "+dnssec", "+noall", "+answer"}
				eventually(t, fmt.Sprintf("both answer the same to %v", q), func() error {
					theirs, err := bind.Dig(args...)
					if err != nil {
						t.Fatal(err)
					}
					if ours := n.dig(args...); sortedLines(ours) != sortedLines(theirs) {
						return fmt.Errorf("Skein has\n%s\nPlesk's BIND has\n%s", ours, theirs)
					}
					return nil
				})
			}
		}
	}
	for _, name := range zones {
		bind.write(name, 2026112501, "")
		bind.add(name)
		// What the push says of contents and serial does not count.
		p.says("create "+name+".: applied", plesk("create", name+".", record("www."+name+".", "A", "", "203.0.113.1")))
	}
	same()
	if out := n.dig("signed.example", "SOA", "+dnssec", "+short"); !strings.Contains(out, " 2026112501 ") || !strings.Contains(out, "SOA 13 2 ") {
		t.Fatalf("no signature, or another serial:\n%s", out)
	}

	// A change.
	for _, name := range zones {
		bind.write(name, 2026112502, "new."+name+". IN A 192.0.2.77\n")
		bind.rndc("reload", name)
		p.says("update "+name+".: applied", plesk("update", name+"."))
	}
	same()
	n.digs("192.0.2.77", "new.plain.example", "A")

	// The hook is called before BIND has loaded the zone: it comes all the same.
	p.says("create late.example.: applied", plesk("create", "late.example."))
	bind.write("late.example", 2026112501, "")
	bind.add("late.example")
	n.digs("192.0.2.25", "mail.late.example", "A")

	// A serial that goes back waits for a person, and the newer contents stay.
	bind.write("plain.example", 2026112499, "")
	bind.rndc("reload", "plain.example")
	p.push(plesk("update", "plain.example."))
	eventually(t, "the older serial waits for a person", func() error {
		if out := n.ok("", "hold", "list"); !strings.Contains(out, "plain.example.") {
			return fmt.Errorf("hold list:\n%s", out)
		}
		return nil
	})
	n.digs("192.0.2.77", "new.plain.example", "A")

	// It goes.
	bind.rndc("delzone", "late.example")
	p.says("delete late.example.: applied", plesk("delete", "late.example."))
	n.refused(4, []string{"late.example"}, "", "zone", "show", "late.example")

	// What came by pushes before comes by transfer from now on.
	p = newPanel(t, n, "plesk-2")
	p.says("create moved.example.: applied", plesk("create", "moved.example.", record("www.moved.example.", "A", "", "192.0.2.1")))
	n.digs("192.0.2.1", "www.moved.example", "A")
	bind.write("moved.example", 2026112501, "")
	bind.add("moved.example")
	n.ok("", "source", "edit", "plesk-2", "--mode", "transfer", "--primary", bind.DNS.String())
	p.says("update moved.example.: applied", plesk("update", "moved.example."))
	n.digs("192.0.2.25", "mail.moved.example", "A")
	p.says("delete moved.example.: applied", plesk("delete", "moved.example."))
	n.refused(4, []string{"moved.example"}, "", "zone", "show", "moved.example")
}
