package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Found is what is in a spool.
type Found struct {
	Waiting int       `json:"waiting"`
	Since   time.Time `json:"since,omitzero"` // when the oldest of them was put in
	Refused int       `json:"refused"`
	Busy    bool      `json:"busy"` // a background deliverer is at work
}

// Look says what is in the spool, and changes nothing.
func (s *Spool) Look() (found Found, err error) {
	names, _, err := s.list()
	if err != nil {
		return found, err
	}
	found.Waiting = len(names)
	for _, name := range names {
		if e, err := s.read(name); err == nil {
			found.Since = e.At
			break
		}
	}
	aside, err := os.ReadDir(filepath.Join(s.dir, refused))
	if err != nil {
		return found, fmt.Errorf("reading the refused pushes: %w", err)
	}
	for _, f := range aside {
		if strings.HasSuffix(f.Name(), suffix) {
			found.Refused++
		}
	}
	place, err := s.Background()
	if err == nil {
		place.Release()
	} else if found.Busy = errors.Is(err, ErrBusy); found.Busy {
		err = nil
	}
	return found, err
}
