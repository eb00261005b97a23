package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

var errClosed = &skein.Error{Kind: skein.KindUnavailable, What: "the store is closed", Mend: "Skein is shutting down; try again when it is up"}

func notFound(format string, args ...any) error {
	return &skein.Error{Kind: skein.KindNotFound, What: fmt.Sprintf(format, args...), Cause: store.ErrNotFound}
}

func exists(what, name string) error {
	return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrExists,
		What: fmt.Sprintf("%s %s exists already", what, name), Mend: "choose another name, or change the one that there is"}
}

func invalid(format string, args ...any) error {
	return &skein.Error{Kind: skein.KindInvalid, What: fmt.Sprintf(format, args...)}
}

// failed gives an error of the database or of a context its kind. Errors that
// have one, and nil, pass.
func failed(doing string, err error) error {
	var known *skein.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return &skein.Error{Kind: skein.KindTimeout, What: doing + " took too long", Cause: err}
	case errors.Is(err, context.Canceled):
		return &skein.Error{Kind: skein.KindUnavailable, What: doing + " was given up", Cause: err}
	case errors.Is(err, store.ErrCursor):
		return err
	case errors.Is(err, sql.ErrConnDone):
		return errClosed
	case disturbed(err):
		return unavailable(doing, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func unavailable(doing string, err error) error {
	e := &skein.Error{Kind: skein.KindUnavailable, What: doing + " failed, nothing was changed", Cause: err,
		Mend: "check the disk of the data directory and the log"}
	if code(err) == sqlite3.SQLITE_FULL {
		e.What = doing + " failed because the disk is full, nothing was changed"
		e.Mend = "make room on the disk of the data directory, then try again; Skein needs no restart"
	}
	return e
}

// disturbed reports whether the trouble is with disk, memory or locks rather
// than with one statement. SQLite may then have rolled back the transaction.
func disturbed(err error) bool {
	switch code(err) {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED,
		sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

// code returns the primary result code of SQLite, 0 if err is not SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
