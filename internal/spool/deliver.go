package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ErrBusy: another process is delivering from this spool.
var ErrBusy = errors.New("the spool is being delivered by another process")

// Refused is what a deliver function returns for a push that no retry will
// mend: it is put aside with the report, and the next one has its turn.
type Refused struct{ Report []byte }

func (r *Refused) Error() string { return "refused: " + string(r.Report) }

// Turn is the right to deliver, held by one process at a time. Release it.
type Turn struct {
	spool  *Spool
	unlock func()
}

// TryTurn takes the turn, or returns ErrBusy at once.
func (s *Spool) TryTurn() (*Turn, error) { return s.turn("turn.lock") }

// Turn waits for the turn until ctx ends.
func (s *Spool) Turn(ctx context.Context) (*Turn, error) {
	for {
		t, err := s.TryTurn()
		if !errors.Is(err, ErrBusy) {
			return t, err
		}
		select { // flock cannot wait with a deadline
		case <-ctx.Done():
			return nil, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Background takes the place of the one background deliverer, or returns ErrBusy.
func (s *Spool) Background() (*Turn, error) { return s.turn("background.lock") }

func (s *Spool) turn(name string) (*Turn, error) {
	unlock, err := s.lock(name, false)
	if err != nil {
		return nil, err
	}
	return &Turn{s, unlock}, nil
}

// Release gives the turn back.
func (t *Turn) Release() { t.unlock() }

// Deliver hands every push to deliver, in order. One that deliver returns nil
// for is gone for good; Refused puts it aside; any other error ends the round
// and keeps it, and all behind it, for the next.
func (t *Turn) Deliver(ctx context.Context, deliver func(context.Context, Entry) error) error {
	names, _, err := t.spool.list()
	if err != nil {
		return err
	}
	for _, name := range names {
		e, err := t.spool.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = deliver(ctx, e)
		}
		var refused *Refused // by deliver, or by read for a file that is no push
		switch {
		case errors.As(err, &refused):
			err = t.spool.putAside(name, refused.Report)
		case err == nil:
			err = t.spool.remove(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Spool) remove(name string) error {
	if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
		return fmt.Errorf("taking a delivered push out of the spool: %w", err)
	}
	return syncDir(s.dir)
}
