package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/internal/store/storetest"
	"github.com/skein-dns/skein/zone"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Engine {
		dir := t.TempDir()
		return storetest.Engine{
			Open: func() (store.Store, error) { return Open(t.Context(), filepath.Join(dir, "skein.db"), Options{}) },
			Snapshot: func() (func() error, error) {
				kept := t.TempDir()
				return func() error { return copyDir(dir, kept) }, copyDir(kept, dir)
			},
		}
	})
}

// copyDir makes to hold the files of from, and no others.
func copyDir(to, from string) error {
	old, err := filepath.Glob(filepath.Join(to, "*"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	return os.CopyFS(to, os.DirFS(from))
}

func TestOpenMakesAFileForItsUserAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "odd name?#%.db")
	s := open(t, path)
	commit(t, s, creation("a.example."))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want 0600", path+suffix, info.Mode(), err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "no", "skein.db")
	if _, err := Open(t.Context(), missing, Options{}); err == nil || !strings.Contains(err.Error(), filepath.Dir(missing)) {
		t.Errorf("no directory: %v", err)
	}
	garbage := filepath.Join(t.TempDir(), "skein.db")
	text := strings.Repeat("this is no database ", 500)
	if err := os.WriteFile(garbage, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), garbage, Options{}); err == nil {
		t.Error("garbage opens")
	}
	if now, err := os.ReadFile(garbage); err != nil || string(now) != text {
		t.Errorf("the foreign file was changed: %v", err)
	}
	newer := filepath.Join(t.TempDir(), "skein.db")
	s := open(t, newer)
	execute(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	s.Close()
	if _, err := Open(t.Context(), newer, Options{}); err == nil || !strings.Contains(err.Error(), "schema 999") {
		t.Errorf("made by a newer Skein: %v", err)
	}
	if _, err := fs.Stat(os.DirFS(filepath.Dir(newer)), "skein.db"); err != nil {
		t.Error(err)
	}
}

// A purge that was interrupted leaves tombstones without all of their contents:
// nothing that could be brought back.
func TestWhatIsBeingPurgedIsNotOffered(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	z := commit(t, s, creation("a.example.", hosts("a.example.", 0, 3)...))
	gone := edit(z, zone.Delta{})
	gone.Delete = true
	z = commit(t, s, gone)
	if offered, err := s.Deleted(t.Context(), store.DeletedQuery{}); err != nil || len(offered) != 1 {
		t.Fatalf("before: %v, %v", offered, err)
	}
	err := s.write.submit(t.Context(), func(tx *txn) error {
		if _, err := tx.drop(`DELETE FROM version WHERE revision <= ?`, z.Revision); err != nil {
			return err
		}
		return tx.raiseFloor(z.Revision)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []store.DeletedQuery{{}, {Name: "a.example."}} {
		if offered, err := s.Deleted(t.Context(), q); err != nil || len(offered) > 0 {
			t.Errorf("%+v: %v, %v", q, offered, err)
		}
	}
	if err := s.Purge(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if _, err := s.ZoneByID(t.Context(), z.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the next purge does not finish: %v", err)
	}
}

// After Close the file can be copied, moved or unmounted: all is in the one file.
func TestCloseLetsGoOfTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "skein.db"))
	z := commit(t, s, creation("a.example."))
	if _, _, err := s.Contents(t.Context(), z.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(filepath.Join(dir, "skein.db"+suffix)); !os.IsNotExist(err) {
			t.Errorf("skein.db%s is still there (%v): a connection was not closed", suffix, err)
		}
	}
}
