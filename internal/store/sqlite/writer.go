package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/skein-dns/skein"
)

const (
	groupSize = 256  // writes that share one transaction, and one sync, at most
	queueSize = 1024 // writes that wait; who comes then waits in submit
)

// job is one write: all of do happens, or nothing.
type job struct {
	do    func(t *txn) error
	state atomic.Int32 // waiting until the writer takes the job or its owner withdraws it
	done  chan error   // gets one value after COMMIT
}

const (
	waiting int32 = iota
	taken
	withdrawn
)

// writer is the only one that writes. Its goroutine owns session.
type writer struct {
	log       *slog.Logger
	queue     chan *job
	closing   chan struct{}
	stopped   chan struct{}
	committed func() // called after each commit that moved the position

	db      *sql.DB
	session *session
}

func startWriter(ctx context.Context, db *sql.DB, log *slog.Logger, committed func()) (*writer, error) {
	session, err := newSession(ctx, db)
	if err != nil {
		return nil, err
	}
	w := &writer{log: log, queue: make(chan *job, queueSize), closing: make(chan struct{}), stopped: make(chan struct{}),
		committed: committed, db: db, session: session}
	go w.run()
	return w, nil
}

// submit has do carried out in a group and returns once that is on disk. When
// ctx ends before the writer took it, nothing happens; after that the outcome
// is waited for, so that "not done" is always true when it is said.
func (w *writer) submit(ctx context.Context, do func(t *txn) error) error {
	j := &job{do: do, done: make(chan error, 1)}
	select {
	case w.queue <- j:
	case <-ctx.Done():
		return failed("the change", ctx.Err())
	case <-w.closing:
		return errClosed
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, withdrawn) {
			return failed("the change", ctx.Err())
		}
	case <-w.stopped:
	}
	select {
	case err := <-j.done:
		return err
	case <-w.stopped:
	}
	select {
	case err := <-j.done:
		return err
	default:
		return errClosed
	}
}

// close ends it. Call it once.
func (w *writer) close() error {
	close(w.closing)
	<-w.stopped
	return errors.Join(w.session.close(), w.db.Close())
}

func (w *writer) run() {
	defer close(w.stopped)
	for {
		select {
		case <-w.closing:
			return
		case j := <-w.queue:
			w.commit(w.gather(j))
		}
	}
}

// gather takes what waits already, and waits for nothing: under load the sync
// of one group is the time in which the next one gathers.
func (w *writer) gather(first *job) []*job {
	group := make([]*job, 0, 16)
	for j := first; ; {
		if j.state.CompareAndSwap(waiting, taken) {
			group = append(group, j)
		}
		if len(group) == groupSize {
			return group
		}
		select {
		case j = <-w.queue:
		default:
			return group
		}
	}
}

// commit carries out a group and tells each job what became of it.
func (w *writer) commit(group []*job) {
	if len(group) == 0 {
		return
	}
	results, moved, err := w.transact(group)
	if err != nil {
		w.log.Error("a group of changes was not committed", "changes", len(group), "err", err)
		err = unavailable("the change", err)
	}
	if err == nil && moved {
		w.committed()
	}
	for i, j := range group {
		if err != nil {
			j.done <- err
			continue
		}
		j.done <- results[i]
	}
}

// transact returns one result a job, or an error that concerns all: then
// nothing of the group is on disk.
func (w *writer) transact(group []*job) (results []error, moved bool, err error) {
	t := &txn{w: w}
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return nil, false, err
	}
	defer func() {
		if err != nil {
			// SQLite may have rolled back by itself; then this fails, which is fine.
			_, _ = t.exec("ROLLBACK")
		}
	}()
	if err := t.loadPosition(); err != nil {
		return nil, false, err
	}
	start := t.pos.revision
	results = make([]error, len(group))
	for i, j := range group {
		results[i] = t.savepoint(func() error { return j.do(t) })
		if disturbed(results[i]) {
			return nil, false, results[i]
		}
	}
	if t.pos.revision != start {
		if err := t.savePosition(); err != nil {
			return nil, false, err
		}
	}
	_, err = t.exec("COMMIT")
	return results, t.pos.revision != start, err
}

// txn is the transaction of one group. Only the writer's goroutine uses it.
type txn struct {
	w   *writer
	pos position
}

// savepoint undoes what do did if it fails. Savepoints nest.
func (t *txn) savepoint(do func() error) error {
	if _, err := t.exec("SAVEPOINT one"); err != nil {
		return err
	}
	before := t.pos
	err := do()
	if disturbed(err) {
		return err // the whole group fails
	}
	if err != nil {
		t.pos = before
		if _, undo := t.exec("ROLLBACK TO one"); undo != nil {
			return undo
		}
	}
	if _, release := t.exec("RELEASE one"); release != nil {
		return release
	}
	return err
}

// The statements of a txn take no context: a job that was taken is finished.

func (t *txn) exec(query string, args ...any) (sql.Result, error) {
	return t.w.session.exec(context.Background(), query, args...)
}

// row runs a query of one row; found is false when there is none.
func (t *txn) row(query string, args []any, dest ...any) (found bool, err error) {
	return t.w.session.row(context.Background(), query, args, dest...)
}

// position is the one row of that table.
type position struct {
	epoch       string
	revision    skein.Revision
	digest      []byte
	floor       skein.Revision
	floorDigest []byte
	zones       int // live ones
}

const selectPosition = `SELECT epoch, revision, digest, floor, floor_digest, zones FROM position`

func (p *position) dest() []any {
	return []any{&p.epoch, &p.revision, &p.digest, &p.floor, &p.floorDigest, &p.zones}
}

func (t *txn) loadPosition() error {
	found, err := t.row(selectPosition, nil, t.pos.dest()...)
	if err == nil && !found {
		return errors.New("the database has no position row: it is not whole")
	}
	return err
}

func (t *txn) savePosition() error {
	_, err := t.exec(`UPDATE position SET epoch = ?, revision = ?, digest = ?, floor = ?, floor_digest = ?, zones = ?`,
		t.pos.epoch, t.pos.revision, t.pos.digest, t.pos.floor, t.pos.floorDigest, t.pos.zones)
	return err
}
