package e2e

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// extension is Plesk's Slave DNS Manager: its rndc, called as it calls it,
// beside the nameserver of its Plesk.
type extension struct {
	t     *testing.T
	name  string // of the source
	slave netip.AddrPort
	conf  string
	bind  *servertest.Server
}

// newExtension makes a Plesk whose nameserver has zones, each with a TXT that
// says whose version it is, and its source.
func newExtension(t *testing.T, n *node, slave netip.AddrPort, name string, serial int, zones ...string) *extension {
	t.Helper()
	p := &extension{t: t, name: name, slave: slave, bind: servertest.New(t, name)}
	key := filepath.Join(t.TempDir(), name+".key")
	n.ok("", "source", "add", "rndc", name, "--new-key", key)
	text, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	// The extension's key has a name of its own. Names do not travel.
	p.conf = p.bind.File("slave_127.0.0.1.conf", strings.Replace(string(text), name, "rndc-key", 1))
	conf := string(text) + p.bind.Options("allow-update { any; }; notify no;")
	for _, z := range append(zones, "tsig.example") {
		who := "any"
		if z == "tsig.example" {
			who = fmt.Sprintf("key %q", name)
		}
		p.bind.File(z+".zone", fmt.Sprintf("$TTL 60\n@ IN SOA ns1.example.net. hostmaster.example.net. %d 10800 3600 604800 300\n@ IN NS ns1.example.net.\n@ IN TXT %q\n", serial, name))
		conf += fmt.Sprintf("zone %q { type primary; file %q; allow-transfer { %s; }; };\n", z, z+".zone", who)
	}
	p.bind.Named(conf)
	return p
}

func (p *extension) rndc(args ...string) (string, error) {
	out, err := exec.Command(servertest.Program(p.t, "rndc"), append([]string{"-b", "127.0.0.1", "-s", p.slave.Addr().String(),
		"-p", fmt.Sprint(p.slave.Port()), "-y", "rndc-key", "-c", p.conf}, args...)...).CombinedOutput()
	return string(out), err
}

// create, update and delete are what the extension does at each event of Plesk.
func (p *extension) create(domain string) (string, error) {
	return p.rndc("addzone", domain, "IN", "_default", fmt.Sprintf(`{ type slave; file "%s"; masters { 127.0.0.1 port %d; }; };`, domain, p.bind.DNS.Port()))
}

func (p *extension) update(domain string) (string, error) {
	if out, err := p.rndc("refresh", domain, "IN", "_default"); err == nil {
		return out, nil
	}
	return p.create(domain)
}

func (p *extension) delete(domain string) (string, error) {
	if out, err := p.rndc("status"); err != nil {
		return out, err
	}
	return p.rndc("delzone", domain, "IN", "_default")
}

func (p *extension) must(do func(string) (string, error), domain string) {
	p.t.Helper()
	if out, err := do(domain); err != nil {
		p.t.Fatalf("%s: %v\n%s", p.name, err, out)
	}
}

// serves waits until the node's nameserver answers a TXT question so; "" is
// that it knows nothing of the zone.
func (n *node) serves(name, want string) {
	n.t.Helper()
	at := netip.MustParseAddrPort(n.dns)
	eventually(n.t, fmt.Sprintf("%s is %q", name, want), func() error {
		out, err := servertest.Dig(n.t, at, name, "TXT")
		refused := strings.Contains(out, "status: REFUSED")
		if err == nil && (want == "" && refused || want != "" && strings.Contains(out, fmt.Sprintf("TXT\t%q", want))) {
			return nil
		}
		return fmt.Errorf("%v\n%s", err, out)
	})
}

// An unmodified Plesk extension uses Skein as its slave server.
func TestPlesksExtensionDrivesSkein(t *testing.T) {
	t.Parallel()
	slave := servertest.Free(t)
	n := newNode(t, "--rndc", slave.String())
	p := newExtension(t, n, slave, "plesk-1", 2026112501, "shop.example")

	p.must(p.create, "shop.example")
	n.serves("shop.example", "plesk-1")
	if out := n.ok("", "zone", "show", "shop.example"); !strings.Contains(out, "2026112501") || !strings.Contains(out, "plesk-1") {
		t.Errorf("the serial or the source is another:\n%s", out)
	}
	if out, err := p.rndc("zonestatus", "shop.example"); err != nil || !strings.Contains(out, "serial: 2026112501\nnodes: ") {
		t.Errorf("zonestatus: %v\n%s", err, out)
	}
	if out, err := p.rndc("status"); err != nil || !strings.Contains(out, "number of zones: 1\n") {
		t.Errorf("status: %v\n%s", err, out)
	}

	nsupdate(t, p.bind, "shop.example", "add www.shop.example. 60 TXT new")
	p.must(p.update, "shop.example")
	n.serves("www.shop.example", "new")

	// kill -9 loses nothing of it.
	n.kill()
	n.start()
	n.serves("www.shop.example", "new")
	nsupdate(t, p.bind, "shop.example", "add more.shop.example. 60 TXT newer")
	p.must(p.update, "shop.example")
	n.serves("more.shop.example", "newer")

	// Retransfer, and a change of the primary, without a gap.
	if out, err := p.rndc("retransfer", "shop.example", "IN", "_default"); err != nil {
		t.Errorf("retransfer: %v\n%s", err, out)
	}
	if out, err := p.rndc("modzone", "shop.example", fmt.Sprintf(`{ type slave; file "../../x"; masters { 127.0.0.1 port %d; 127.0.0.1 port 1; }; };`, p.bind.DNS.Port())); err != nil {
		t.Errorf("modzone: %v\n%s", err, out)
	}
	if out, err := p.rndc("showzone", "shop.example"); err != nil || !strings.Contains(out, `file "../../x"; masters { 127.0.0.1 port `) {
		t.Errorf("showzone: %v\n%s", err, out)
	}
	n.serves("more.shop.example", "newer")

	// A key of the source signs transfers, too.
	if out, err := p.rndc("addzone", "tsig.example", fmt.Sprintf(`{ type slave; file "t"; masters { 127.0.0.1 port %d key "plesk-1"; }; };`, p.bind.DNS.Port())); err != nil {
		t.Errorf("addzone with a key: %v\n%s", err, out)
	}
	n.serves("tsig.example", "plesk-1")

	// Paused it is refused with the reason, and serves.
	n.ok("", "source", "pause", "plesk-1")
	if out, err := p.rndc("status"); err == nil || !strings.Contains(out, "permission denied") || !strings.Contains(out, "paused") {
		t.Errorf("paused: %v\n%s", err, out)
	}
	n.ok("", "source", "resume", "plesk-1")
	n.serves("shop.example", "plesk-1")

	p.must(p.delete, "shop.example")
	n.serves("shop.example", "")
	if out, err := p.delete("shop.example"); err == nil || !strings.Contains(out, "no matching zone 'shop.example'") {
		t.Errorf("deleting it again: %v\n%s", err, out)
	}
	n.ok("", "zone", "undelete", "shop.example") // nothing is deleted by accident
	n.serves("shop.example", "plesk-1")
}

func nsupdate(t *testing.T, s *servertest.Server, zone, line string) {
	t.Helper()
	if out, err := servertest.NSUpdate(t, s.DNS, "", "zone "+zone, "update "+line, "send"); err != nil {
		t.Fatalf("nsupdate: %v\n%s", err, out)
	}
}

// Two Plesk servers make and delete the same domain, in every order. Who had
// it first has it, until it lets go; the other one's version waits, and comes
// then by itself, if its serial is ahead; else a person has a look first.
// Deleting what is another's deletes nothing.
func TestTwoPlesksAndOneDomain(t *testing.T) {
	t.Parallel()
	slave := servertest.Free(t)
	n := newNode(t, "--rndc", slave.String())
	var orders [][]string
	var domains []string
	for order := range permutations([]string{"a adds", "b adds", "a deletes", "b deletes"}) {
		domains = append(domains, fmt.Sprintf("shop%d.example", len(orders)))
		orders = append(orders, order)
	}
	serials := map[string]int{"a": 10, "b": 20}
	plesks := map[string]*extension{}
	for name, serial := range serials {
		plesks[name] = newExtension(t, n, slave, name, serial, domains...)
	}
	for i, order := range orders {
		domain, owner, listed := domains[i], "", map[string]bool{}
		for at, step := range order {
			if t.Logf("%s: %s", domain, strings.Join(order[:at+1], ", ")); t.Failed() {
				return
			}
			who, what, _ := strings.Cut(step, " ")
			other := map[string]string{"a": "b", "b": "a"}[who]
			p := plesks[who]
			switch {
			case what == "adds":
				p.must(p.create, domain)
				if listed[who] = true; owner == "" {
					owner = who
				} else {
					p.waits(domain)
				}
			case !listed[who]:
				if out, err := p.delete(domain); err == nil || !strings.Contains(out, "not found") {
					t.Errorf("what it never added: %v\n%s", err, out)
				}
			case owner == who && listed[other] && serials[other] < serials[who]:
				out, err := p.delete(domain)
				held := waiting.FindStringSubmatch(out)
				if err == nil || !strings.Contains(out, "goes back") || held == nil {
					t.Fatalf("the other version has an older serial: %v\n%s", err, out)
				}
				n.serves(domain, owner)
				n.ok("", "hold", "release", held[1]) // a person lets it go
				owner = other
				n.serves(domain, owner)
				fallthrough
			default:
				p.must(p.delete, domain)
				if listed[who] = false; owner == who {
					owner = ""
				}
				if owner == "" && listed[other] {
					owner = other
				}
			}
			n.serves(domain, owner)
		}
	}
}

// waiting is the number of a change that waits for a person.
var waiting = regexp.MustCompile(`waits for a person as number (\d+)`)

// waits waits until the extension's version of a zone waits for a person.
func (p *extension) waits(domain string) {
	p.t.Helper()
	eventually(p.t, p.name+"'s version of "+domain+" waits", func() error {
		out, err := p.rndc("zonestatus", domain)
		if err == nil || !strings.Contains(out, "zone not loaded") || !waiting.MatchString(out) {
			return fmt.Errorf("%v\n%s", err, out)
		}
		return nil
	})
}

func permutations(list []string) func(func([]string) bool) {
	return func(yield func([]string) bool) { permute(nil, list, yield) }
}

func permute(head, rest []string, yield func([]string) bool) bool {
	if len(rest) == 0 {
		return yield(slices.Clone(head))
	}
	for i := range rest {
		if !permute(append(slices.Clone(head), rest[i]), slices.Delete(slices.Clone(rest), i, i+1), yield) {
			return false
		}
	}
	return true
}
