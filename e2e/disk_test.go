package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Disk full: a clear error, the old state intact, and on it goes when there is
// room again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Fatal("this test mounts a small tmpfs and so needs root, as CI has")
	}
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
	acknowledged := 0
	var stderr string
	full := false
	for ; acknowledged < 500 && !full; acknowledged++ {
		var code int
		_, stderr, code = n.run("", "record", "set", "example.com", fmt.Sprintf("r%d", acknowledged), "TXT", strings.Repeat("x", 200))
		full = code != 0
	}
	acknowledged--
	if !full || !strings.Contains(stderr, "full") || !strings.Contains(stderr, "mend: ") {
		t.Errorf("the disk is full, and skein says %q", stderr)
	}
	// What was acknowledged is there, what was refused is not; and it answers.
	intact := func() {
		t.Helper()
		out := n.ok("", "zone", "export", "example.com")
		for i := range acknowledged {
			if !strings.Contains(out, fmt.Sprintf("r%d ", i)) {
				t.Errorf("r%d was acknowledged and is not there:\n%s", i, out)
			}
		}
		if !strings.Contains(out, "192.0.2.1") || strings.Contains(out, fmt.Sprintf("r%d ", acknowledged)) {
			t.Errorf("the old state is not intact:\n%s", out)
		}
	}
	intact()
	// The hook does not fail Plesk silently: what it cannot keep, it says.
	if _, stderr, code := n.run(plesk("create", "panel.example."), "hook", "plesk"); code == 0 && !strings.Contains(stderr, "refused") && !strings.Contains(stderr, "later") {
		t.Errorf("a push onto a full disk: exit %d, %q", code, stderr)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	n.kill()
	n.start()
	intact()
	n.ok("", "record", "set", "example.com", "www", "A", "192.0.2.2")
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
