package zonedir

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/zone"
)

const suffix = ".zone"

// isOurs reports whether a file of this name should hold a zone.
func isOurs[octets string | []byte](name octets) bool {
	return len(name) >= len(suffix) && string(name[len(name)-len(suffix):]) == suffix && name[0] != '.'
}

// originOf returns the zone that a file of ours with this name holds. Escapes
// are those of zone files, so that a zone with a slash in its name (RFC 2317)
// has a file too: 0\04725.2.0.192.in-addr.arpa.zone.
func originOf(name string) (origin zone.Name, err error) {
	text := strings.TrimSuffix(name, suffix)
	if text == "ROOT" {
		return zone.Root, nil
	}
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("%w: the file name is no UTF-8", zone.ErrName)
	}
	// Without an escape the dot before the suffix ends the name, which then is
	// part of the file's name: both are kept, once.
	if strings.IndexByte(text, '\\') < 0 {
		if origin, err = zone.ParseName(name[:len(text)+1]); err == nil {
			return origin, nil
		}
	}
	return zone.ParseName(text)
}

// stamp tells one state of a file from another. The zero value is no file.
type stamp struct {
	dev, ino     uint64
	size         int64
	mtime, ctime int64 // nanoseconds
}

func stampOf(path string) (stamp, error) { return stampIn(unix.AT_FDCWD, path) }

// stampIn is stampOf a file of an open folder. The slow look takes one of each:
// a path for each would be much to throw away.
func stampIn(folder int, name string) (stamp, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(folder, name, &st, 0); err != nil {
		return stamp{}, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return newStamp(&st), nil
}

func newStamp(st *unix.Stat_t) stamp {
	return stamp{uint64(st.Dev), st.Ino, st.Size, st.Mtim.Nano(), st.Ctim.Nano()}
}

// mark is a stamp in short, as it is kept for each file. 0 is none.
type mark uint64

// mark returns 0 for no file alone.
func (s stamp) mark() mark {
	if s == (stamp{}) {
		return 0
	}
	var octets [40]byte
	for i, n := range [...]uint64{s.dev, s.ino, uint64(s.size), uint64(s.mtime), uint64(s.ctime)} {
		binary.LittleEndian.PutUint64(octets[8*i:], n)
	}
	sum := fnv.New64a()
	sum.Write(octets[:])
	return mark(max(sum.Sum64(), 1))
}

// same reports whether it is the same file, in whatever state.
func (s stamp) same(o stamp) bool { return s.dev == o.dev && s.ino == o.ino }

// scan looks for files that came, went or changed, with full at all that there
// are, whatever is known, and returns how long it took.
func (d *Dir) scan(full bool) time.Duration {
	began := time.Now()
	folder, err := os.Open(d.path)
	if err == nil {
		defer folder.Close()
		err = d.list(folder, full)
	}
	switch {
	case errors.Is(err, errEmpty): // a file system that is not mounted looks like this
		d.log.Error("the folder of zone files was replaced by an empty one; what was read before stays served until SIGHUP", "folder", d.path)
	case err != nil:
		d.log.Error("the folder of zone files cannot be read; what was read before stays served", "err", err)
	}
	if err != nil {
		return time.Since(began)
	}
	for name, f := range d.files {
		if f.scan == d.scans {
			d.found(int(folder.Fd()), name, f, full)
		} else {
			d.lookLater(name)
		}
	}
	return time.Since(began)
}

// errEmpty: there are no files where there were some, and the folder is another.
var errEmpty = errors.New("the folder is empty")

// list notes which files there are. Of files of one zone those that came first
// are first and, of those that came together, those whose names are.
func (d *Dir) list(folder *os.File, full bool) error {
	var came []string
	there := 0
	d.scans++
	err := zoneFiles(folder, func(name []byte, _ uint64) {
		there++
		if !d.knows(name) {
			came = append(came, string(name))
		}
	})
	if err != nil {
		return err
	}
	at, err := stampOf(d.path)
	if !full && there == 0 && len(d.files) > 0 && (err != nil || !at.same(d.scanned)) {
		return errEmpty
	}
	d.scanned = at
	slices.Sort(came)
	for _, name := range came {
		d.there(name)
	}
	return nil
}

// knows reports whether a file that a scan found was known before.
func (d *Dir) knows(name []byte) bool {
	f := d.files[string(name)]
	if f != nil {
		f.scan = d.scans
	}
	return f != nil
}

// there returns what is known of a file that a scan found.
func (d *Dir) there(name string) *file {
	f := d.file(name)
	f.scan = d.scans
	return f
}

// found is for a file that a scan found in a folder.
func (d *Dir) found(folder int, name string, f *file, full bool) {
	if !full {
		now, err := stampIn(folder, name)
		if err != nil || now.mark() != f.read || f.beside.changed() {
			f.seen = now.mark()
			d.lookLater(name)
		}
		return
	}
	f.read, f.trust = 0, true
	d.now = append(d.now, waiting{name, f})
}

// fresh reports whether a file changed so short ago that it may be about to
// change again. A time in the future says nothing.
func fresh(s stamp) bool {
	age := time.Since(time.Unix(0, s.mtime))
	return age >= 0 && age < settle
}

// touch is for a file that something happened to. A whole one came by a rename.
func (d *Dir) touch(name string, whole bool) {
	if !isOurs(name) {
		return
	}
	now, err := stampOf(filepath.Join(d.path, name))
	if errors.Is(err, fs.ErrNotExist) && d.files[name] == nil {
		return
	}
	f := d.file(name)
	f.seen = now.mark()
	if whole && err == nil {
		d.now = append(d.now, waiting{name, f})
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
