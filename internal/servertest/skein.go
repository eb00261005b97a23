package servertest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// Skein builds the program of this module, and returns its path.
func Skein(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "skein")
	if err := BuildSkein(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// BuildSkein puts the program of this module at a path, built with the flags of
// the tests and others. So what was compiled for the tests is used again, and
// what go run links is linked once for all packages.
func BuildSkein(path string, flags ...string) error {
	args := slices.Concat([]string{"go", "run", "-exec", "cp"}, detect(), flags, []string{"github.com/skein-dns/skein/cmd/skein", path})
	_, err := run("", args...)
	return err
}

// BuildCommand puts the program there as make build makes it, and takes what
// that compiles from Go's cache. It is for commands: they have little to race
// with, and take four times as long where they look for it.
func BuildCommand(path string) error {
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "github.com/skein-dns/skein/cmd/skein")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building skein: %w\n%s", err, out)
	}
	return nil
}
