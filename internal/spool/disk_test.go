package spool

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// childDir, in the environment, turns this test binary into a hook that puts
// one push into the spool of that folder and says so.
const childDir = "SKEIN_SPOOL_CHILD"

func TestMain(m *testing.M) {
	dir := os.Getenv(childDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := Open(dir)
	if err == nil {
		_, err = s.Put([]byte("push"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ack")
	os.Exit(0)
}

// What Put returned for survives a power cut: the system calls say so, since
// the kernel keeps what was written whatever happens to the process.
func TestPushesAreSyncedBeforeTheyAreAcknowledged(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("strace is missing, and nothing else shows that pushes are synced: apt-get install strace")
	}
	base := t.TempDir()
	trace, dir := filepath.Join(base, "trace"), filepath.Join(base, "data", "spool")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-y", "-s", "64", "-o", trace,
		"-e", "trace=mkdirat,mkdir,fsync,write,renameat,renameat2,rename", os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	// Each of these must come after the one before it.
	rest := strings.Split(string(text), "\n")
	for _, c := range []struct{ what, call, on string }{
		{"the way to the spool is made", "mkdir", dir + `"`},
		{"and is on disk", "fsync(", "<" + filepath.Dir(dir) + ">"},
		{"the push is written", "write(", "<" + dir + "/" + unfinished},
		{"and is on disk", "fsync(", "<" + dir + "/" + unfinished},
		{"it gets its name", "rename", ".push"},
		{"and that is on disk", "fsync(", "<" + dir + ">"},
		{"only then it is acknowledged", "write(1<", "ack"},
	} {
		i := slices.IndexFunc(rest, func(line string) bool { return strings.Contains(line, c.call) && strings.Contains(line, c.on) })
		if i < 0 {
			t.Fatalf("%s: no %s of %s at its place in\n%s", c.what, c.call, c.on, text)
		}
		rest = rest[i+1:]
	}
	if i := slices.IndexFunc(rest, func(line string) bool { return strings.Contains(line, "fsync(") }); i >= 0 {
		t.Errorf("something is synced after the acknowledgement: %s", rest[i])
	}
}

// small mounts a file system of two megabytes, and returns what fills it.
func small(t *testing.T) (dir string, fill func()) {
	t.Helper()
	dir = t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("mounting a small tmpfs as root: %v\n%s", err, out)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir, func() {
		for n := 0; ; n++ {
			err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("ballast%d", n)), make([]byte, 64<<10), 0o600)
			if errors.Is(err, syscall.ENOSPC) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A full disk says so, keeps no half of a push, and loses none that it has.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // only root may mount
	}
	dir, fill := small(t)
	s, err := Open(filepath.Join(dir, "spool"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "first", "second", "third")
	fill()
	if _, err := s.Put(make([]byte, 256<<10)); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), s.dir) {
		t.Errorf("putting onto a full disk: %v", err)
	}
	if _, halves, err := s.list(); err != nil || len(halves) > 0 {
		t.Errorf("half a push is left: %q, %v", halves, err)
	}

	// One that is refused must not stand in the way because its reason has no room.
	seen, err := deliver(t, s, func(e Entry) error {
		if string(e.Body) == "first" {
			return &Refused{make([]byte, 256<<10)}
		}
		return nil
	})
	if !errors.Is(err, syscall.ENOSPC) || !slices.Equal(seen, []string{"first"}) {
		t.Errorf("delivered %q, %v", seen, err)
	}
	if seen, err := deliver(t, s, fine); err != nil || !slices.Equal(seen, []string{"second", "third"}) {
		t.Errorf("delivered %q, %v", seen, err)
	}
	if aside, _ := filepath.Glob(filepath.Join(s.dir, refused, "*"+suffix)); len(aside) != 1 {
		t.Errorf("put aside: %q", aside)
	}
}

// Root's hook puts into the spool of a node that runs as somebody else.
func TestRootHandsOver(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // nobody else has anything to hand over
	}
	const nobody = 65534
	data := filepath.Join(t.TempDir(), "data")
	if err := errors.Join(os.Mkdir(data, 0o700), os.Chown(data, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	s, err := Open(filepath.Join(data, "spool", "plesk"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "bad", "good")
	if _, err := deliver(t, s, func(e Entry) error {
		if string(e.Body) == "bad" {
			return &Refused{[]byte("no")}
		}
		return errors.New("away")
	}); err == nil {
		t.Fatal("it is not away")
	}
	err = filepath.WalkDir(data, func(path string, f os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := f.Info()
		if err != nil {
			return err
		}
		if owner := info.Sys().(*syscall.Stat_t); owner.Uid != nobody || owner.Gid != nobody || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %d's, mode %v", path, owner.Uid, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}

	// A link that the owner of the folder put there leads root nowhere.
	target := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(target, []byte("root's"), 0o600); err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(s.dir, "numbers.lock")
	if err := errors.Join(os.Remove(lock), os.Symlink(target, lock)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put([]byte("x")); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("following a link: %v", err)
	}
	if info, err := os.Stat(target); err != nil || info.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Errorf("the link's target was given away: %v", err)
	}
}
