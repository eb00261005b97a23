package zonedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/zone"
)

const suffix = ".zone"

// originOf returns the zone that a file of this name holds; ok is false for
// files that are none of ours. Escapes are those of zone files, so that a zone
// with a slash in its name (RFC 2317) has a file too: 0\04725.2.0.192.in-addr.arpa.zone.
func originOf(name string) (origin zone.Name, ok bool, err error) {
	text, ok := strings.CutSuffix(name, suffix)
	if !ok || strings.HasPrefix(name, ".") {
		return "", false, nil
	}
	if text == "ROOT" {
		return zone.Root, true, nil
	}
	if !utf8.ValidString(text) {
		return "", true, fmt.Errorf("%w: the file name is no UTF-8", zone.ErrName)
	}
	origin, err = zone.ParseName(text)
	return origin, true, err
}

// stamp tells one state of a file from another. The zero value is no file.
type stamp struct {
	dev, ino     uint64
	size         int64
	mtime, ctime int64 // nanoseconds
}

func stampOf(path string) (stamp, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return stamp{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return newStamp(&st), nil
}

func newStamp(st *unix.Stat_t) stamp {
	return stamp{uint64(st.Dev), st.Ino, st.Size, st.Mtim.Nano(), st.Ctim.Nano()}
}

// same reports whether it is the same file, in whatever state.
func (s stamp) same(o stamp) bool { return s.dev == o.dev && s.ino == o.ino }

type scanKind int

const (
	firstScan scanKind = iota // everything is new
	laterScan                 // what differs from what is known
	fullScan                  // everything, whatever is known
)

// scan looks for files that came, went or changed, and returns how long it took.
func (d *Dir) scan(kind scanKind) time.Duration {
	began := time.Now()
	entries, err := os.ReadDir(d.path)
	if err != nil {
		d.log.Error("the folder of zone files cannot be read; what was read before stays served", "err", err)
		return time.Since(began)
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		if _, ours, _ := originOf(e.Name()); ours {
			there[e.Name()] = true
		}
	}
	folder, err := stampOf(d.path)
	if kind == laterScan && len(there) == 0 && len(d.files) > 0 && (err != nil || !folder.same(d.scanned)) {
		// A file system that is not mounted looks like this.
		d.log.Error("the folder of zone files was replaced by an empty one; what was read before stays served until SIGHUP", "folder", d.path)
		return time.Since(began)
	}
	d.scanned = folder
	for _, e := range entries {
		if there[e.Name()] {
			d.found(e.Name(), kind)
		}
	}
	for name := range d.files {
		if !there[name] {
			d.lookLater(name)
		}
	}
	return time.Since(began)
}

// found is for a file that a scan found.
func (d *Dir) found(name string, kind scanKind) {
	f := d.file(name)
	if kind == laterScan {
		now, err := stampOf(filepath.Join(d.path, name))
		if err != nil || now != f.read || f.beside.changed() {
			f.seen = now
			d.lookLater(name)
		}
		return
	}
	if kind == firstScan {
		f.looks = 2 // one more for a file that has just been written
		d.undecided++
	}
	f.read, f.trust = stamp{}, true
	d.now = append(d.now, name)
}

// fresh reports whether a file changed so short ago that it may be about to
// change again. A time in the future says nothing.
func fresh(s stamp) bool {
	age := time.Since(time.Unix(0, s.mtime))
	return age >= 0 && age < settle
}

// touch is for a file that something happened to. A whole one came by a rename.
func (d *Dir) touch(name string, whole bool) {
	if _, ours, _ := originOf(name); !ours {
		return
	}
	now, err := stampOf(filepath.Join(d.path, name))
	if errors.Is(err, fs.ErrNotExist) && d.files[name] == nil {
		return
	}
	f := d.file(name)
	f.seen = now
	if whole && err == nil {
		d.now = append(d.now, name)
		return
	}
	d.lookLater(name)
}

func (d *Dir) lookLater(name string) {
	if f := d.files[name]; !f.queued {
		f.queued = true
		d.later = append(d.later, pending{name, time.Now().Add(settle)})
	}
}

// file returns what is known of a file, which may be nothing yet.
func (d *Dir) file(name string) *file {
	if f := d.files[name]; f != nil {
		return f
	}
	f := &file{}
	if f.origin, _, f.badName = originOf(name); f.badName == nil {
		key := f.origin.Canonical()
		d.claims[key] = append(d.claims[key], name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[name] = f
	return f
}
