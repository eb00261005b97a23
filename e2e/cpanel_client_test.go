package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// lego is go-acme/lego's provider for cPanel, in a module of its own.
type lego struct {
	program string
	env     []string
}

// newLego builds it; it trusts a node's own authority, and looks for zones at a
// nameserver.
func newLego(t *testing.T, n *node, resolver *named) *lego {
	t.Helper()
	l := &lego{program: filepath.Join(t.TempDir(), "lego")}
	build := exec.Command("go", "build", "-o", l.program, ".")
	build.Dir = filepath.Join("testdata", "lego")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building lego: %v\n%s", err, out)
	}
	l.env = append(os.Environ(), "SSL_CERT_FILE="+filepath.Join(n.data, "ca.pem"), "RESOLVER="+resolver.DNS.String())
	return l
}

// run has it put a challenge in, or take it out.
func (l *lego) run(do, mode, url, user, token, domain, key string) error {
	cmd := exec.Command(l.program, do, domain, key)
	cmd.Env = append(slices.Clone(l.env), "CPANEL_MODE="+mode, "CPANEL_BASE_URL="+url, "CPANEL_USERNAME="+user, "CPANEL_TOKEN="+token, "CPANEL_TTL=60")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("lego %s in mode %s: %w: %s", do, mode, err, out)
	}
	return nil
}

// texts waits until a server answers with so many TXT records.
func (s *named) texts(name string, count int) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("%s has %d TXT records of %s", s.Name, count, name), func() error {
		out, err := s.Dig(name, "TXT", "+noall", "+answer")
		if got := strings.Count(out, "\tTXT\t"); err != nil || got != count {
			return fmt.Errorf("%d, %v:\n%s", got, err, out)
		}
		return nil
	})
}

// lego gets the records of two certificates' challenges in and out, in both of
// its modes: with the token of a panel, and with one that may edit records of
// one zone alone. What the panel sends meanwhile does not take them away.
func TestLegoAtCPanel(t *testing.T) {
	t.Parallel()
	cpanel := servertest.Free(t).String()
	n := newNode(t, "--whm", servertest.Free(t).String(), "--cpanel", cpanel)
	ns := bringIn(t, n, "ns1.example.net")
	web := newWebServer(t, n, "web1")
	web.says("…shop.example has been successfully added…", "quickzoneadd_local", "shop.example", panelZone("shop.example", 2026010101, "192.0.2.10"))
	web.says("…other.example has been successfully added…", "quickzoneadd_local", "other.example", panelZone("other.example", 2026010101, "192.0.2.11"))
	ns.texts("_acme-challenge.shop.example", 0)
	eventually(t, "the zone is served", func() error {
		out, err := ns.Dig("shop.example", "SOA", "+short")
		if err != nil || !strings.Contains(out, "2026010101") {
			return fmt.Errorf("%v %s", err, out)
		}
		return nil
	})
	file := filepath.Join(t.TempDir(), "token")
	n.ok("", "token", "create", "certificates", "--permission", "records", "--zone", "shop.example", "--output", file)
	limited, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	l := newLego(t, n, ns)
	for _, way := range []struct{ mode, url, user, token string }{
		{"whm", "https://" + n.whm(), "root", web.token},
		{"cpanel", "https://" + cpanel, "web1", web.token},
		{"cpanel", "https://" + cpanel, "root", strings.TrimSpace(string(limited))},
	} {
		run := func(do, domain, key string) {
			t.Helper()
			if err := l.run(do, way.mode, way.url, way.user, way.token, domain, key); err != nil {
				t.Error(err)
			}
		}
		run("present", "shop.example", "first")
		run("present", "shop.example", "second")
		ns.texts("_acme-challenge.shop.example", 2)
		if way.token != web.token {
			web.says("…", "savezone_local", "shop.example", panelZone("shop.example", 2026020101, "192.0.2.12"))
			ns.texts("_acme-challenge.shop.example", 2)
		}
		run("cleanup", "shop.example", "first")
		ns.texts("_acme-challenge.shop.example", 1)
		run("cleanup", "shop.example", "second")
		ns.texts("_acme-challenge.shop.example", 0)
	}
	err = l.run("present", "cpanel", "https://"+cpanel, "root", strings.TrimSpace(string(limited)), "other.example", "first")
	if err == nil || !strings.Contains(err.Error(), "You do not control a DNS zone named other.example.") {
		t.Errorf("a token of one zone edits another: %v", err)
	}
	err = l.run("present", "whm", "https://"+n.whm(), "root", "WRONG", "shop.example", "first")
	if err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("a wrong token: %v", err)
	}
}
