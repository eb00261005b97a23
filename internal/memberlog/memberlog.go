// Package memberlog keeps the debug logs of members: every transaction with
// one as a line of JSON, in a file of its own that is rotated.
package memberlog

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"gopkg.in/natefinch/lumberjack.v2"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
)

const (
	fileMegabytes = 10
	oldFiles      = 2
	mostText      = 4096 // octets of a request or an answer
)

// Dir is a folder of debug logs: NAME.log, and older ones beside it.
type Dir struct {
	path string

	mu   sync.Mutex // owns open
	open map[string]*lumberjack.Logger
}

// New returns the logs of a folder. It, and a file, is made when there is
// something to write.
func New(path string) *Dir { return &Dir{path: path, open: map[string]*lumberjack.Logger{}} }

// Trace returns what writes the log of a member, nil while its debug log is
// off. None of the secrets is ever written.
func (d *Dir) Trace(m skein.Member, s skein.MemberSecrets) member.Trace {
	if !m.Debug || !isName(m.Name) {
		return nil
	}
	return member.Trace(func(t member.Transaction) { d.write(m.Name, t) }).Redact(s)
}

// write loses a line rather than to hold up work on a member: a full disk is
// noticed where it matters.
func (d *Dir) write(name string, t member.Transaction) {
	t.Request, t.Answer = shortened(t.Request), shortened(t.Answer)
	line, err := json.Marshal(t)
	if err != nil {
		return // strings, numbers and times always marshal
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	log := d.open[name]
	if log == nil {
		if err := os.MkdirAll(d.path, 0o700); err != nil {
			return
		}
		log = &lumberjack.Logger{Filename: d.file(name), MaxSize: fileMegabytes, MaxBackups: oldFiles}
		d.open[name] = log
	}
	_, _ = log.Write(append(line, '\n'))
}

func (d *Dir) file(name string) string { return filepath.Join(d.path, name+extension) }

const extension = ".log"

// isName reports whether a member's name can be a file's, and leads nowhere else.
func isName(name string) bool {
	return filepath.IsLocal(name) && !strings.HasPrefix(name, ".") && !strings.ContainsAny(name, `/\`)
}

// shortened cuts a long text, between characters.
func shortened(s string) string {
	if len(s) <= mostText {
		return s
	}
	return strings.ToValidUTF8(s[:mostText], "") + "…"
}

// Remove deletes the log of a member.
func (d *Dir) Remove(name string) error {
	if !isName(name) {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if log := d.open[name]; log != nil {
		_ = log.Close()
		delete(d.open, name)
	}
	older, err := d.older(name)
	for _, path := range append(older, d.file(name)) {
		if gone := os.Remove(path); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// Close ends writing.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, log := range d.open {
		_ = log.Close()
		delete(d.open, name)
	}
	return nil
}
