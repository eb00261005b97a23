package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Promise 2: yesterday's data directory is put back, whole, so that nothing in
// it tells of the days since. What the members have since is not taken from
// them, and the next change reaches them although its serial was given before.
func TestYesterdaysDataDirectory(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	ns := bringIn(t, n, "ns1.hoster.example")
	copied := func(from, to string) {
		t.Helper()
		if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	for _, zone := range []string{"untouched.example", "edited.example"} {
		n.ok("", "zone", "create", zone, "--ns", "ns1.hoster.example")
		n.ok("", "wait", zone)
	}
	n.stop()
	yesterday := filepath.Join(t.TempDir(), "data")
	copied(n.data, yesterday)
	n.start()
	for _, zone := range []string{"untouched.example", "edited.example"} {
		n.ok("", "record", "set", zone, "lost", "A", "192.0.2.66")
		n.ok("", "wait", zone)
	}
	n.stop()
	if err := os.RemoveAll(n.data); err != nil {
		t.Fatal(err)
	}
	copied(yesterday, n.data)
	n.start()

	n.ok("", "record", "set", "edited.example", "kept", "A", "192.0.2.7")
	n.ok("", "wait", "edited.example")
	ns.answers("kept.edited.example", "A", "192.0.2.7")
	ns.answers("lost.edited.example", "A", "")
	ns.answers("lost.untouched.example", "A", "192.0.2.66")
	n.ok("", "record", "set", "edited.example", "more", "A", "192.0.2.8")
	n.ok("", "wait", "edited.example")
	ns.answers("more.edited.example", "A", "192.0.2.8")
	ns.answers("kept.edited.example", "A", "192.0.2.7")
}
