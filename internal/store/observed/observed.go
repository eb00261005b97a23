// Package observed keeps what was observed of members, one snapshot each, in
// a file beside the store. It is not the truth: a lost, damaged or outdated
// file costs one look at every zone of every member, and nothing else. So it
// is written without waiting for the disk, and thrown away when it is broken.
package observed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	_ "modernc.org/sqlite" // the database/sql driver
)

// layout is the version of the table. A file of another layout starts anew:
// what can be observed again needs no migration.
const layout = 1

// File is the open file. It is safe for concurrent use. What a snapshot says
// is the business of who saves it (reconcile: a watermark and exceptions).
type File struct {
	db *sql.DB
}

// Open opens the file at path. One that is missing, damaged or of another
// layout is made anew, and log says so.
func Open(ctx context.Context, path string, log *slog.Logger) (*File, error) {
	f, err := open(ctx, path)
	if err == nil {
		return f, nil
	}
	log.Warn("what was observed of members is lost: all their zones will be looked at again", "file", path, "err", err)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("removing the damaged %s: %w", path, err)
		}
	}
	return open(ctx, path)
}

func open(ctx context.Context, path string) (*File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// Made here for its mode: -wal and -shm take it over.
	made, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	made.Close()
	pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(OFF)", "journal_size_limit(16777216)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: abs, RawQuery: pragmas.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if err := prepare(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), db.Close())
	}
	return &File{db}, nil
}

func prepare(ctx context.Context, db *sql.DB) error {
	var have int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&have); err != nil {
		return err
	}
	if have != 0 && have != layout {
		return fmt.Errorf("it has layout %d, not %d", have, layout)
	}
	var sound string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&sound); err != nil {
		return err
	}
	if sound != "ok" {
		return errors.New("it is damaged: " + sound)
	}
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS snapshot (
		member TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
		CREATE TABLE IF NOT EXISTS transfer (
		source TEXT, zone TEXT, data BLOB NOT NULL, PRIMARY KEY (source, zone)) STRICT, WITHOUT ROWID;
		CREATE TABLE IF NOT EXISTS given (
		member TEXT, zone TEXT, digest BLOB NOT NULL, PRIMARY KEY (member, zone)) STRICT, WITHOUT ROWID;
		PRAGMA user_version = `+strconv.Itoa(layout))
	return err
}

// Load returns the snapshot that was saved last, nil if there is none.
func (f *File) Load(ctx context.Context, member string) (snapshot []byte, err error) {
	err = f.db.QueryRowContext(ctx, `SELECT data FROM snapshot WHERE member = ?`, member).Scan(&snapshot)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("loading what was observed of %s: %w", member, err)
	}
	return snapshot, nil
}

// Save replaces the snapshot of a member, whole or not at all.
func (f *File) Save(ctx context.Context, member string, snapshot []byte) error {
	if snapshot == nil {
		snapshot = []byte{}
	}
	_, err := f.db.ExecContext(ctx, `INSERT INTO snapshot (member, data) VALUES (?, ?)
		ON CONFLICT DO UPDATE SET data = excluded.data`, member, snapshot)
	if err != nil {
		return fmt.Errorf("saving what was observed of %s: %w", member, err)
	}
	return nil
}

// Forget drops the snapshot of a member, and what it was given; it is no error
// if there is none.
func (f *File) Forget(ctx context.Context, member string) error {
	if _, err := f.db.ExecContext(ctx, `DELETE FROM snapshot WHERE member = ?1; DELETE FROM given WHERE member = ?1`, member); err != nil {
		return fmt.Errorf("forgetting what was observed of %s: %w", member, err)
	}
	return nil
}

// Close closes the file.
func (f *File) Close() error { return f.db.Close() }
