package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// spare is how many sessions long reads leave to short ones: whoever follows
// the feed or checks a token does not wait for eight who list a million zones.
const spare = 4

// readers is a pool of sessions that only read. free holds those that nobody
// uses; who wants one waits for it.
type readers struct {
	db      *sql.DB
	free    chan *session
	long    chan struct{} // holds a value for each long read under way
	closing chan struct{}
}

func startReaders(ctx context.Context, db *sql.DB, n int) (*readers, error) {
	p := &readers{db: db, free: make(chan *session, n), long: make(chan struct{}, max(1, n-spare)), closing: make(chan struct{})}
	for range n {
		s, err := newSession(ctx, db)
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.free <- s
	}
	return p, nil
}

// close waits for those who read. Call it once.
func (p *readers) close() error {
	close(p.closing)
	var errs []error
	for range p.db.Stats().OpenConnections {
		errs = append(errs, (<-p.free).close())
	}
	return errors.Join(append(errs, p.db.Close())...)
}

func (p *readers) take(ctx context.Context) (*session, error) {
	select {
	case <-p.closing:
		return nil, errClosed
	default:
	}
	select {
	case s := <-p.free:
		return s, nil
	case <-p.closing:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reader is one consistent look at the database: all its queries see the same state.
type reader struct {
	ctx     context.Context
	session *session
}

// read calls do with a reader. Doing says for errors what it is for.
func (s *Store) read(ctx context.Context, doing string, do func(r reader) error) error {
	session, err := s.readers.take(ctx)
	if err != nil {
		return failed(doing, err)
	}
	defer func() { s.readers.free <- session }()
	// Begun and ended without ctx: its end must not leave us inside a
	// transaction, and neither waits for anything.
	if _, err := session.exec(context.Background(), "BEGIN"); err != nil {
		return failed(doing, err)
	}
	err = do(reader{ctx, session})
	if _, end := session.exec(context.Background(), "ROLLBACK"); err == nil {
		err = end
	}
	return failed(doing, err)
}

// readLong is read for what may take long: whole contents, lists that look at
// every zone.
func (s *Store) readLong(ctx context.Context, doing string, do func(r reader) error) error {
	select {
	case s.readers.long <- struct{}{}:
		defer func() { <-s.readers.long }()
	case <-s.readers.closing:
		return errClosed
	case <-ctx.Done():
		return failed(doing, ctx.Err())
	}
	return s.read(ctx, doing, do)
}

// row runs a query of one row; found is false when there is none.
func (r reader) row(query string, args []any, dest ...any) (found bool, err error) {
	return r.session.row(r.ctx, query, args, dest...)
}

// each calls scan for every row of the answer.
func (r reader) each(scan func(scanner) error, query string, args ...any) error {
	return r.session.each(r.ctx, scan, query, args...)
}
