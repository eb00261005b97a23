package zonedir

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/zone"
)

// look is one look at one file, with what was known of it before. It runs
// beside the others.
type look struct {
	dir    *Dir
	name   string
	origin zone.Name
	rival  string // the file that the zone is served from, if that is another one
	known  *file  // Run's
	file
}

// result is what a look found.
type result struct {
	name    string
	known   *file
	verdict verdict
	at      stamp
	sum     uint64
	beside  includes
	err     error
}

type verdict int

const (
	gone    verdict = iota // there is no such file any more
	same                   // nothing that was not known
	moving                 // it changed since it was touched last: look again
	writing                // somebody has it open for writing: wait for the end of that
	broken                 // it cannot be served, see err
	good                   // it is served now
)

// looker is the memory of one who looks at files, one after another.
type looker struct {
	opened openedFile
	text   bytes.Buffer // of all of it
	beside includes
	zone   zone.Tools
}

// parse reads and checks the zone that in holds.
func (w *looker) parse(l look, in io.Reader) (c zone.Contents, warnings []zone.Problem, err error) {
	w.beside = includes{folder: l.dir.path}
	return parse(&w.zone, in, l.origin, w.include)
}

// include opens a file that $INCLUDE names.
func (w *looker) include(name string) (io.ReadCloser, error) { return w.beside.open(name) }

// do looks at the file.
func (l look) do(with *looker) result {
	r := result{name: l.name, known: l.known, beside: l.beside}
	path := filepath.Join(l.dir.path, l.name)
	reads := l.read == 0 && l.badName == nil && l.rival == "" // whatever it is
	if !reads {
		var err error
		r.at, err = stampOf(path)
		switch {
		case err != nil:
			return r.missing(path, err)
		case r.at.mark() == l.read && !l.beside.changed():
			return r.is(same, nil)
		case l.isMoving(r.at):
			return r.is(moving, nil)
		case l.badName != nil:
			return r.is(broken, l.badName)
		case l.rival != "":
			return r.is(broken, fmt.Errorf("the zone %s is served from %s; remove one of the two", l.origin, l.rival))
		}
	}
	f := &with.opened
	if err := f.open(path); err != nil {
		return r.missing(path, err)
	}
	defer f.close()
	written := f.lease()
	var st unix.Stat_t
	if err := unix.Fstat(f.fd, &st); err != nil {
		return r.is(broken, err)
	}
	at := newStamp(&st)
	other := !reads && at != r.at
	r.at = at
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return r.is(broken, errors.New("it is no regular file"))
	case other || l.isMoving(at):
		return r.is(moving, nil)
	case written:
		return r.is(writing, nil)
	}
	return l.take(r, with)
}

// isMoving reports whether the file changed since it was touched last, or may
// be about to.
func (l look) isMoving(now stamp) bool {
	return now.mark() != l.seen && !l.trust || l.looks > 1 && fresh(now)
}

// missing is for a file that cannot be looked at.
func (r result) missing(path string, err error) result {
	if errors.Is(err, fs.ErrNotExist) && !exists(path) {
		return r.is(gone, nil)
	}
	return r.fault(err)
}

// exists reports whether there is anything, be it a symbolic link to nowhere.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func (r result) is(v verdict, err error) result {
	r.verdict, r.err = v, err
	return r
}

// fault is for what may be otherwise at the next look, though the file stays the same.
func (r result) fault(err error) result {
	r.at = stamp{}
	return r.is(broken, err)
}

// take reads the file and serves it.
func (l look) take(r result, with *looker) result {
	text, whole, err := with.opened.whole(r.at.size)
	switch {
	case err != nil:
		return r.fault(err)
	case !whole:
		return l.takePieces(r, with)
	}
	if r.sum = maphash.Bytes(l.dir.seed, text); l.isServed(r.sum) {
		return r.is(good, nil)
	}
	with.text = *bytes.NewBuffer(text)
	contents, warnings, err := with.parse(l, &with.text)
	r.beside = with.beside
	return l.taken(r, contents, warnings, err)
}

// takePieces is take for a file that is large, or may change meanwhile.
func (l look) takePieces(r result, with *looker) result {
	f := &with.opened
	f.sum.SetSeed(l.dir.seed)
	if l.served && l.problem == "" {
		if _, err := io.Copy(io.Discard, f); err != nil {
			return r.fault(err)
		}
		if r.sum = f.sum.Sum64(); l.isServed(r.sum) {
			return r.is(good, nil)
		}
		if err := f.again(); err != nil {
			return r.fault(err)
		}
	}
	f.left = r.at.size
	contents, warnings, err := with.parse(l, f)
	r.beside = with.beside
	var st unix.Stat_t
	if failed := unix.Fstat(f.fd, &st); failed != nil {
		return r.fault(failed)
	}
	if after := newStamp(&st); after != r.at {
		r.at = after
		return r.is(moving, nil) // somebody wrote while we read
	}
	r.sum = f.sum.Sum64()
	return l.taken(r, contents, warnings, err)
}

// isServed reports whether octets with this sum are what is served. Touched, or
// asked for by SIGHUP, they need no parsing, and do not undo what updates have
// changed since.
func (l look) isServed(sum uint64) bool {
	return l.served && l.problem == "" && sum == l.sum && !l.beside.changed()
}

// taken serves what a file was parsed to.
func (l look) taken(r result, c zone.Contents, warnings []zone.Problem, err error) result {
	switch {
	case r.beside.moving || r.beside.changed():
		return r.is(moving, nil)
	case err != nil:
		return r.is(broken, err)
	}
	l.warn(warnings)
	l.serve(c)
	return r.is(good, nil)
}

// maxWarnings are logged of one file.
const maxWarnings = 5

func (l look) warn(warnings []zone.Problem) {
	for i, w := range warnings {
		if i == maxWarnings {
			l.dir.log.Warn("a zone file has more warnings", "file", l.name, "more", len(warnings)-maxWarnings)
			return
		}
		l.dir.log.Warn("a zone file has a warning", "file", where(l.name, w), "warning", w.Text)
	}
}

// where names the place of a problem. A name that could play tricks on a
// terminal is quoted.
func where(name string, p zone.Problem) string {
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		name = strconv.Quote(name)
	}
	if p.Line == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d", name, p.Line)
}

// parse reads and checks one zone. What peers serve with a warning is served
// with a warning.
func parse(t *zone.Tools, in io.Reader, origin zone.Name, include func(string) (io.ReadCloser, error)) (c zone.Contents, warnings []zone.Problem, err error) {
	sets, warnings, err := t.Parse(in, zone.Options{Origin: origin, Include: include})
	if err != nil {
		return c, warnings, err
	}
	sets = slices.DeleteFunc(sets, func(s zone.RRset) bool {
		outside := !s.Name.IsSubdomainOf(origin)
		if outside {
			warnings = append(warnings, zone.Problem{Name: s.Name, Warning: true, Text: fmt.Sprintf("%s %s is outside of the zone and left out", s.Name, s.Type)})
		}
		return outside
	})
	if c, err = t.NewContents(origin, sets); err != nil {
		return c, warnings, err
	}
	c, more, err := t.Validate(c, zone.Tolerant)
	return c, append(warnings, more...), err
}

// serve puts contents, as a change of what is served where that can be, so
// that both share what stayed.
func (l look) serve(c zone.Contents) {
	before, ok := l.dir.into.Current(l.origin)
	if !ok {
		l.dir.into.Put(c)
		return
	}
	d := zone.Diff(before, c)
	if d.IsZero() {
		return
	}
	if next, err := before.Apply(d); err == nil {
		c = next
	}
	old, _ := before.SOA()
	soa, _ := c.SOA()
	if !zone.SerialLess(old.Serial, soa.Serial) {
		l.dir.log.Warn("a zone changed, but its serial did not rise; secondaries do not notice", "file", l.name, "serial", soa.Serial, "before", old.Serial)
	}
	l.dir.into.Put(c)
	l.dir.log.Info("a zone changed", "zone", l.origin, "serial", soa.Serial)
}
