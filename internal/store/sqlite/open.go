// Package sqlite is the default store engine: one SQLite file in WAL mode,
// one writer that commits in groups, a pool of readers. See ../DESIGN.md.
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the database/sql driver

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

// Options of Open. The zero value is good.
type Options struct {
	Log     *slog.Logger     // nil: nothing is logged
	Now     func() time.Time // nil: time.Now; stamps changes that bring no time
	Readers int              // read connections; 0: one a processor and four more, at least 8
}

// Store is the engine. Make one with Open.
type Store struct {
	log     *slog.Logger
	now     func() time.Time
	readers *readers
	write   *writer
	wakes   wakes
	close   func() error // once
}

var _ store.Store = (*Store)(nil)

// Open opens the database at path, and creates it (readable by its user
// alone) or brings its schema up to date where needed. A database made by a
// newer Skein is refused and left as it is.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	s := &Store{log: o.Log, now: o.Now}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if o.Readers == 0 {
		o.Readers = max(8, runtime.GOMAXPROCS(0)+spare)
	}
	if err := create(path); err != nil {
		return nil, cannotOpen(path, err)
	}
	// A writer's cache of 32 MB made neither changes nor imports faster: the
	// system keeps the file's pages too.
	writeDB, err := connect(path, 1, "cache_size(-8192)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)")
	if err != nil {
		return nil, cannotOpen(path, err)
	}
	if err := s.prepare(ctx, writeDB); err != nil {
		return nil, errors.Join(cannotOpen(path, err), writeDB.Close())
	}
	readDB, err := connect(path, o.Readers, "query_only(1)", "cache_size(-8192)")
	if err != nil {
		return nil, errors.Join(cannotOpen(path, err), writeDB.Close())
	}
	if s.readers, err = startReaders(ctx, readDB, o.Readers); err != nil {
		return nil, errors.Join(cannotOpen(path, err), writeDB.Close())
	}
	if s.write, err = startWriter(ctx, writeDB, s.log, s.wakes.wake); err != nil {
		return nil, errors.Join(cannotOpen(path, err), writeDB.Close(), s.readers.close())
	}
	s.close = sync.OnceValue(func() error { return errors.Join(s.readers.close(), s.write.close()) })
	return s, nil
}

// Close waits for reads under way and ends the writer after the group under
// way; writes that still wait, and all that come later, fail.
func (s *Store) Close() error { return s.close() }

// create makes the file before SQLite would, so that its mode, which -wal and
// -shm take over, is ours to choose.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(dir.Sync(), dir.Close(), f.Close()) // or its name could be lost with the power
}

func connect(path string, conns int, pragmas ...string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	q := url.Values{}
	// synchronous=FULL is what promise 1 rests on: the WAL is synced at every commit.
	for _, p := range append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: abs, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// prepare migrates the schema and writes the one row of position.
func (s *Store) prepare(ctx context.Context, db *sql.DB) error {
	if err := migrate(ctx, db); err != nil {
		return err
	}
	zero := make([]byte, digestSize)
	_, err := db.ExecContext(ctx, `INSERT INTO position (one, epoch, revision, digest, floor, floor_digest, zones)
		VALUES (1, ?, 0, ?, 0, ?, 0) ON CONFLICT DO NOTHING`, newEpoch(), zero, zero)
	return err
}

func newEpoch() string { return rand.Text()[:12] }

func cannotOpen(path string, err error) error {
	var known *skein.Error
	if errors.As(err, &known) {
		return err
	}
	return &skein.Error{Kind: skein.KindUnavailable, What: "cannot open the database " + path, Cause: err,
		Mend: fmt.Sprintf("check that %s exists, belongs to the user that runs Skein, and has room", filepath.Dir(path))}
}
