// Package spool is the durable queue between a panel that will not ask twice
// and a daemon that may be away: what Put returned for is on disk, and it is
// delivered in order, by one process at a time.
//
// A spool is a folder (0700). Each push is one file, NUMBER.push, whose first
// line is a small JSON header and whose rest is what the panel sent. A push
// that was refused for good lies in refused/ with the reason beside it.
package spool

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Entry is one push.
type Entry struct {
	ID   string    `json:"id"` // random; makes a second delivery after an unclear answer harmless
	At   time.Time `json:"at"`
	Body []byte    `json:"-"`

	file string
}

// Spool is a folder of pushes. It holds no state: any number of processes may use it at once.
type Spool struct{ dir string }

// Open returns the spool in dir, which is made if it is missing.
func Open(dir string) (*Spool, error) {
	if err := os.MkdirAll(filepath.Join(dir, "refused"), 0o700); err != nil {
		return nil, fmt.Errorf("making the spool: %w", err)
	}
	return &Spool{dir}, nil
}

// Put writes one push behind all others. When it returns nil the push is on disk.
func (s *Spool) Put(body []byte) (Entry, error) {
	unlock, err := s.lock("numbers.lock", true)
	if err != nil {
		return Entry{}, err
	}
	defer unlock()
	names, err := s.pending()
	if err != nil {
		return Entry{}, err
	}
	next := uint64(1)
	if len(names) > 0 {
		next = number(names[len(names)-1]) + 1
	}
	e := Entry{ID: rand.Text(), At: time.Now().UTC(), Body: body, file: fmt.Sprintf("%016d.push", next)}
	head, err := json.Marshal(e)
	if err != nil {
		return Entry{}, err
	}
	if err := writeDurably(filepath.Join(s.dir, e.file), head, []byte("\n"), body); err != nil {
		return Entry{}, fmt.Errorf("writing to the spool %s: %w", s.dir, err)
	}
	return e, nil
}

// Len returns how many pushes wait.
func (s *Spool) Len() (int, error) {
	names, err := s.pending()
	return len(names), err
}

// pending returns the names of the pushes that wait, in order.
func (s *Spool) pending() ([]string, error) {
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("reading the spool: %w", err)
	}
	var names []string
	for _, f := range files {
		if number(f.Name()) > 0 {
			names = append(names, f.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	return names, nil
}

// number returns the place of a push in the order, 0 for other files.
func number(name string) uint64 {
	digits, ok := strings.CutSuffix(name, ".push")
	if !ok {
		return 0
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// read returns a push; Refused for a file that Put did not write, which must
// not stand in the way of the others.
func (s *Spool) read(name string) (Entry, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		return Entry{}, err
	}
	e := Entry{file: name}
	head, body, ok := bytes.Cut(text, []byte("\n"))
	if err := json.Unmarshal(head, &e); err != nil || !ok || e.ID == "" {
		return Entry{}, &Refused{[]byte("the file has no header: it was not written by the hook")}
	}
	e.Body = body
	return e, nil
}

// writeDurably writes a file that is either whole and on disk, or not there.
func writeDurably(path string, parts ...[]byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	for _, part := range parts {
		if _, err := f.Write(part); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
