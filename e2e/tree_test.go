package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/skein-dns/skein/internal/servertest"
)

// A whole tree (root, top level domain, two zones; all but one signed) that
// only Skein serves, in a network of its own, as the checkers of registries
// and of DNSSEC see it.
func TestCheckersFindNoErrorInATree(t *testing.T) {
	t.Parallel()
	dir, anchor := signedTree(t)
	inside := network(t, "10.53.0.1", "10.53.1.1", "10.53.2.1", "10.53.3.1", "10.53.4.1", "10.53.5.1")
	serveInside(t, inside, filepath.Join(dir, "root"), "10.53.0.1", "10.53.3.1")
	serveInside(t, inside, filepath.Join(dir, "tld"), "10.53.1.1", "10.53.2.1")
	serveInside(t, inside, filepath.Join(dir, "zone"), "10.53.4.1", "10.53.5.1")

	for _, zone := range []string{".", "example", "shop.example", "plain.example"} {
		t.Run("zonemaster "+zone, func(t *testing.T) { zonemaster(t, inside, filepath.Join(dir, "hints"), zone) })
	}
	t.Run("dnsviz", func(t *testing.T) { dnsviz(t, inside, anchor) })
}

// excused are zonemaster's errors that say nothing of the server: the network
// has no public addresses, and a root answers NXDOMAIN to what zonemaster
// takes for a question to a recursor (BIND's root gets the same mark).
var excused = regexp.MustCompile(`NAMESERVER_IP_PRIVATE_NETWORK|IS_A_RECURSOR +ns=[ab]\.root-servers\.`)

func zonemaster(t *testing.T, inside []string, hints, zone string) {
	out := must(t, "", inside, "zonemaster-cli", "--hints", hints, "--level", "INFO", "--no-ipv6", "--raw", "--no-progress", "--show-testcase", zone)
	// Proof that it looked: it says what it found of the SOA.
	if !strings.Contains(out, "NAMESERVER") || !strings.Contains(out, "ZONE") {
		t.Fatalf("zonemaster did not test %s:\n%s", zone, out)
	}
	for line := range strings.Lines(out) {
		if (strings.Contains(line, " ERROR ") || strings.Contains(line, " CRITICAL ")) && !excused.MatchString(line) {
			t.Errorf("zonemaster on %s: %s", zone, line)
		}
	}
}

func dnsviz(t *testing.T, inside []string, anchor string) {
	probe := filepath.Join(t.TempDir(), "probe.json")
	names := []string{"shop.example", "www.shop.example", "nx.shop.example", "b.ent.shop.example", "any.wild.shop.example", "plain.example", "nx.plain.example", "nx.example"}
	args := []string{"probe", "-4", "-A", "-a", ".", "-o", probe,
		"-x", ".:a.root-servers.example=10.53.0.1,b.root-servers.example=10.53.3.1",
		"-x", "example:a.nic.example=10.53.1.1,b.nic.example=10.53.2.1",
		"-x", "shop.example:ns1.shop.example=10.53.4.1,ns2.shop.example=10.53.5.1",
		"-x", "plain.example:ns1.shop.example=10.53.4.1,ns2.shop.example=10.53.5.1"}
	must(t, "", inside, "dnsviz", append(args, names...)...)
	picture := must(t, "", nil, "dnsviz", "print", "-t", anchor, "-r", probe)
	for _, part := range []string{"PROOF", "NSEC3", "RRSIG", "DS: ", "NXDOMAIN", "NODATA", "CNAME shop.example.", "\nshop.example [.] [.]\n"} {
		if !strings.Contains(picture, part) {
			t.Errorf("dnsviz saw no %s:\n%s", part, picture)
		}
	}
	// It marks what is secure with [.], insecure with [-], wrong with [!] and doubtful with [?].
	for line := range strings.Lines(picture) {
		if strings.Contains(line, "[!]") || strings.Contains(line, "[?]") {
			t.Errorf("dnsviz: %s", line)
		}
	}
	if found := must(t, "", nil, "dnsviz", "grok", "-l", "warning", "-r", probe); strings.TrimSpace(found) != "" {
		t.Errorf("dnsviz warns:\n%s", found)
	}
	if t.Failed() {
		t.Logf("the whole picture:\n%s", picture)
	}
}

// signedTree copies the tree and signs it from the leaves up: the zone with
// NSEC3, the top level domain with NSEC3 and opt-out, the root with NSEC.
// anchor is the file with the root's key.
func signedTree(t *testing.T) (dir, anchor string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/tree")); err != nil {
		t.Fatal(err)
	}
	ds := signZone(t, filepath.Join(dir, "zone", "shop.example.zone"), "shop.example.", "-3", "-")
	appendTo(t, filepath.Join(dir, "tld", "example.zone"), ds)
	ds = signZone(t, filepath.Join(dir, "tld", "example.zone"), "example.", "-3", "-", "-A")
	appendTo(t, filepath.Join(dir, "root", "ROOT.zone"), ds)
	signZone(t, filepath.Join(dir, "root", "ROOT.zone"), ".")
	keys, err := filepath.Glob(filepath.Join(dir, "keys-root", "*.key"))
	if err != nil || len(keys) != 1 {
		t.Fatalf("the root has %d keys: %v", len(keys), err)
	}
	return dir, keys[0]
}

// signZone signs a zone file in place with one key that does both jobs, and
// returns the DS for its parent.
func signZone(t *testing.T, file, origin string, options ...string) (ds string) {
	t.Helper()
	keys := filepath.Join(filepath.Dir(filepath.Dir(file)), "keys-"+filepath.Base(filepath.Dir(file)))
	if err := os.MkdirAll(keys, 0o700); err != nil {
		t.Fatal(err)
	}
	key := strings.TrimSpace(must(t, keys, nil, "dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", origin))
	text, err := os.ReadFile(filepath.Join(keys, key+".key"))
	if err != nil {
		t.Fatal(err)
	}
	appendTo(t, file, string(text))
	args := append([]string{"-z", "-o", origin, "-f", file + ".signed"}, options...)
	must(t, keys, nil, "dnssec-signzone", append(args, file, key)...)
	if err := os.Rename(file+".signed", file); err != nil {
		t.Fatal(err)
	}
	return must(t, keys, nil, "dnssec-dsfromkey", "-2", key+".key")
}

func appendTo(t *testing.T, file, text string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(text)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// network makes a network with these addresses and no way out of it, and
// returns the words that run a command inside.
func network(t *testing.T, addrs ...string) (inside []string) {
	t.Helper()
	name := fmt.Sprintf("skein-%d", os.Getpid())
	must(t, "", nil, "ip", "netns", "add", name)
	t.Cleanup(func() { exec.Command("ip", "netns", "delete", name).Run() })
	inside = []string{"ip", "netns", "exec", name}
	must(t, "", inside, "ip", "link", "set", "lo", "up")
	for _, addr := range addrs {
		must(t, "", inside, "ip", "addr", "add", addr+"/24", "dev", "lo")
	}
	return inside
}

// serveInside runs `skein nameserver` on a folder until the test ends.
func serveInside(t *testing.T, inside []string, zones string, addrs ...string) {
	t.Helper()
	args := append(inside[1:len(inside):len(inside)], daemon, "nameserver", "--zones", zones)
	for _, addr := range addrs {
		args = append(args, "--listen", addr+":53")
	}
	cmd := exec.Command(inside[0], args...)
	out := &logBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := servertest.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("skein nameserver of %s said:\n%s", zones, out)
		}
	})
	eventually(t, "the nameserver of "+zones+" serves", func() error {
		if !strings.Contains(out.String(), " serves ") {
			return fmt.Errorf("so far: %s", out)
		}
		return nil
	})
}

// must runs a command, inside a network if that is given, and returns what it
// prints on standard output.
func must(t *testing.T, dir string, inside []string, name string, args ...string) string {
	t.Helper()
	words := append(append(inside[:len(inside):len(inside)], name), args...)
	cmd := exec.Command(words[0], words[1:]...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(words, " "), err, out.String(), errs.String())
	}
	return out.String()
}
