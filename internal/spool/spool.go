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

// refused is the folder, within a spool, of pushes that were put aside.
const refused = "refused"

// Open returns the spool in dir, which is made if it is missing.
func Open(dir string) (*Spool, error) {
	for _, d := range []string{dir, filepath.Join(dir, refused)} {
		if err := makeDir(d); err != nil {
			return nil, fmt.Errorf("making the spool: %w", err)
		}
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
	names, halves, err := s.list()
	if err != nil {
		return Entry{}, err
	}
	for _, half := range halves { // of a crash: with the lock in hand nobody else is writing
		_ = os.Remove(filepath.Join(s.dir, half))
	}
	next := uint64(1)
	if len(names) > 0 {
		next = number(names[len(names)-1]) + 1
	}
	e := Entry{ID: rand.Text(), At: time.Now().UTC(), Body: body, file: fmt.Sprintf("%0*d%s", digits, next, suffix)}
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
	names, _, err := s.list()
	return len(names), err
}

// list returns the names of the pushes that wait, in order, and of files that
// were not written to their end.
func (s *Spool) list() (pushes, halves []string, err error) {
	files, err := os.ReadDir(s.dir) // sorted by name, and so by number
	if err != nil {
		return nil, nil, fmt.Errorf("reading the spool: %w", err)
	}
	for _, f := range files {
		switch {
		case number(f.Name()) > 0:
			pushes = append(pushes, f.Name())
		case strings.HasPrefix(f.Name(), unfinished):
			halves = append(halves, f.Name())
		}
	}
	return pushes, halves, nil
}

// The names of pushes: as many digits, and then the suffix.
const (
	digits = 16
	suffix = ".push"
)

// number returns the place of a push in the order, 0 for other files.
func number(name string) uint64 {
	text, ok := strings.CutSuffix(name, suffix)
	if !ok || len(text) != digits {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 64)
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
		return Entry{}, &Refused{[]byte("the file has no header: it was not written by the hook\n")}
	}
	e.Body = body
	return e, nil
}

// maxRefused bounds how many refused pushes are kept: they are for a person to look at.
const maxRefused = 1000

// putAside keeps a refused push under a name that is never used again.
func (s *Spool) putAside(name string, report []byte) error {
	aside := filepath.Join(s.dir, refused, time.Now().UTC().Format("20060102T150405.000000000Z")+"-"+name)
	reason := writeDurably(aside+".reason", report)
	if reason != nil { // the disk is full; the push goes all the same, since others wait behind it
		reason = fmt.Errorf("keeping the reason of a refused push: %w", reason)
	}
	if err := os.Rename(filepath.Join(s.dir, name), aside); err != nil {
		return fmt.Errorf("keeping a refused push: %w", err)
	}
	return errors.Join(reason, s.prune(), syncDir(filepath.Dir(aside)), syncDir(s.dir))
}

// prune drops the oldest refused pushes and their reasons; the names begin with the time.
func (s *Spool) prune() error {
	dir := filepath.Join(s.dir, refused)
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reading the refused pushes: %w", err)
	}
	pushes := slices.DeleteFunc(files, func(f os.DirEntry) bool { return !strings.HasSuffix(f.Name(), suffix) })
	for _, f := range pushes[:max(0, len(pushes)-maxRefused)] {
		_ = os.Remove(filepath.Join(dir, f.Name()+".reason"))
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return fmt.Errorf("dropping an old refused push: %w", err)
		}
	}
	return nil
}
