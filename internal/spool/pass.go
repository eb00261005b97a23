package spool

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Pass is a full pass: between its marks the panel sends every zone that it
// has, and the names are noted, so that what it did not send is known at the
// end. It lies in a file beside the pushes and survives whatever they survive.
type Pass struct {
	Begun time.Time `json:"begun"`
	Last  time.Time `json:"-"` // when something was noted last
	Names []string  `json:"-"` // as the panel sent them, each once
}

// ErrPassOpen: another pass has begun and seems to go on.
var ErrPassOpen = errors.New("another full pass is going on")

// ErrNoPass: none has begun.
var ErrNoPass = errors.New("no full pass has begun")

const (
	passFile  = "pass"
	passQuiet = time.Hour // after which a pass that noted nothing was interrupted
)

// BeginPass begins a pass. One that is open and noted something within the
// hour is ErrPassOpen, unless anew is set; an older one was interrupted, and
// goes: the newer pass counts alone.
func (s *Spool) BeginPass(anew bool) error {
	unlock, err := s.lock("pass.lock", true)
	if err != nil {
		return err
	}
	defer unlock()
	info, err := os.Stat(s.passFile())
	switch {
	case err == nil && !anew && time.Since(info.ModTime()) < passQuiet:
		return fmt.Errorf("%w: it noted something at %s", ErrPassOpen, info.ModTime().UTC().Format(time.DateTime))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	head, err := json.Marshal(Pass{Begun: time.Now().UTC()})
	if err == nil {
		err = writeDurably(s.passFile(), head, []byte("\n"))
	}
	if err != nil {
		return fmt.Errorf("beginning a pass: %w", err)
	}
	return nil
}

func (s *Spool) passFile() string { return filepath.Join(s.dir, passFile) }

// Note notes names if a pass is open. A pass that misses one would report a
// zone that is there as forgotten: where noting fails the pass ends, and the
// error says so.
func (s *Spool) Note(names []string) error {
	if len(names) == 0 {
		return nil
	}
	if _, err := os.Lstat(s.passFile()); errors.Is(err, fs.ErrNotExist) {
		return nil // as nearly always
	}
	unlock, err := s.lock("pass.lock", true)
	if err != nil {
		return err
	}
	defer unlock()
	f, err := os.OpenFile(s.passFile(), os.O_WRONLY|os.O_APPEND|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // ended meanwhile
	}
	if err == nil {
		_, err = f.Write(lines(names))
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err == nil {
		return nil
	}
	return errors.Join(fmt.Errorf("the full pass is given up, since a zone cannot be noted: %w", err), os.Remove(s.passFile()))
}

// lines writes each name as JSON, since a name may hold anything.
func lines(names []string) []byte {
	var b bytes.Buffer
	for _, name := range names {
		line, _ := json.Marshal(name) // a string marshals
		b.Write(append(line, '\n'))
	}
	return b.Bytes()
}

// EndPass hands the pass to take, and ends it when that returns nil: else it
// stays open. Interrupted in between it may be handed over twice.
func (s *Spool) EndPass(take func(Pass) error) error {
	unlock, err := s.lock("pass.lock", true)
	if err != nil {
		return err
	}
	defer unlock()
	p, err := s.readPass()
	if err != nil {
		return err
	}
	if err := take(p); err != nil {
		return err
	}
	return s.remove(passFile)
}

// Pass returns the pass that is open, ErrNoPass if none.
func (s *Spool) Pass() (Pass, error) { return s.readPass() }

func (s *Spool) readPass() (p Pass, err error) {
	f, err := os.Open(s.passFile())
	if errors.Is(err, fs.ErrNotExist) {
		return p, ErrNoPass
	}
	if err != nil {
		return p, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return p, err
	}
	in := json.NewDecoder(bufio.NewReader(f))
	if err := in.Decode(&p); err != nil || p.Begun.IsZero() {
		return p, fmt.Errorf("the file %s cannot be understood: begin the pass anew", s.passFile())
	}
	p.Last = info.ModTime()
	seen := map[string]bool{}
	for in.More() {
		var name string
		if err := in.Decode(&name); err != nil { // half a line, of a full disk or a power cut
			return p, fmt.Errorf("the pass misses names, since writing one failed: begin it anew: %w", err)
		}
		if !seen[name] {
			seen[name] = true
			p.Names = append(p.Names, name)
		}
	}
	return p, nil
}
