package memberlog

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// followPoll is how soon a line is seen that was just written.
const followPoll = 250 * time.Millisecond

// rotatedAt is how the time of its rotation is in an older file's name.
const rotatedAt = "2006-01-02T15-04-05.000"

// Read calls each for every line of a member's log, the oldest first. With
// follow it goes on with what is written later, across rotations, until ctx
// ends; that is no error. A line is good until each returns.
func (d *Dir) Read(ctx context.Context, name string, follow bool, each func(line []byte) error) error {
	if !isName(name) {
		return nil
	}
	var r reader
	defer r.close()
	if err := r.open(d.file(name)); err != nil {
		return err
	}
	if err := d.readOlder(ctx, name, r, each); err != nil {
		return err
	}
	poll := time.NewTicker(followPoll)
	defer poll.Stop()
	for {
		if err := r.drain(ctx, each); err != nil || !follow {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
		}
		if err := r.turnOver(ctx, d.file(name), each); err != nil {
			return err
		}
	}
}

// readOlder reads the files that were rotated away, but for the one that is
// open as the current one.
func (d *Dir) readOlder(ctx context.Context, name string, current reader, each func([]byte) error) error {
	older, err := d.older(name)
	for _, path := range older {
		if err != nil {
			return err
		}
		var r reader
		if err = r.open(path); err == nil && !current.same(r) {
			err = r.drain(ctx, each)
		}
		r.close()
	}
	return err
}

// older are the files of a member that were rotated away, in the order of their lines.
func (d *Dir) older(name string) (paths []string, err error) {
	entries, err := os.ReadDir(d.path) // in order of names, and so of times
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		rest, isLog := strings.CutSuffix(e.Name(), extension)
		at, isOurs := strings.CutPrefix(rest, name+"-")
		if _, bad := time.Parse(rotatedAt, at); isLog && isOurs && bad == nil {
			paths = append(paths, filepath.Join(d.path, e.Name()))
		}
	}
	return paths, err
}

// reader reads whole lines of a file that grows. The zero value has no file.
type reader struct {
	file  *os.File
	lines *bufio.Reader
	part  []byte // of a line whose end is not there yet
}

// open opens a file, if there is one.
func (r *reader) open(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		*r = reader{file: f, lines: bufio.NewReader(f)}
	}
	return err
}

func (r *reader) close() {
	if r.file != nil {
		r.file.Close()
	}
	*r = reader{}
}

// drain reads all whole lines that are there.
func (r *reader) drain(ctx context.Context, each func([]byte) error) error {
	for r.file != nil && ctx.Err() == nil {
		some, err := r.lines.ReadBytes('\n')
		r.part = append(r.part, some...)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := each(r.part[:len(r.part)-1]); err != nil {
			return err
		}
		r.part = r.part[:0]
	}
	return nil
}

// turnOver goes on with the file that has the path now, once all is read of
// one that was rotated away.
func (r *reader) turnOver(ctx context.Context, path string, each func([]byte) error) error {
	var next reader
	if err := next.open(path); err != nil {
		return err
	}
	if next.file == nil || r.same(next) {
		next.close()
		return nil
	}
	err := r.drain(ctx, each)
	r.close()
	*r = next
	return err
}

// same reports whether two readers read the same file.
func (r *reader) same(o reader) bool {
	if r.file == nil || o.file == nil {
		return false
	}
	a, errA := r.file.Stat()
	b, errB := o.file.Stat()
	return errA == nil && errB == nil && os.SameFile(a, b)
}
