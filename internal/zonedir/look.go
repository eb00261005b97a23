package zonedir

import (
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
	dir   *Dir
	name  string
	rival string // the file that the zone is served from, if that is another one
	file
}

// result is what a look found.
type result struct {
	name    string
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

func (l look) do() result {
	r := result{name: l.name, beside: l.beside}
	path := filepath.Join(l.dir.path, l.name)
	var err error
	r.at, err = stampOf(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !exists(path):
		return r.is(gone, nil)
	case err != nil:
		return r.fault(err)
	case r.at == l.read && !l.beside.changed():
		return r.is(same, nil)
	case r.at != l.seen && !l.trust, l.looks > 1 && fresh(r.at):
		return r.is(moving, nil)
	case l.badName != nil:
		return r.is(broken, l.badName)
	case l.rival != "":
		return r.is(broken, fmt.Errorf("the zone %s is served from %s; remove one of the two", l.origin, l.rival))
	}
	// Not blocking: what is found may be a pipe by now.
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return r.fault(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return r.is(broken, errors.Join(err, errors.New("it is no regular file")))
	}
	if openForWriting(f) {
		return r.is(writing, nil)
	}
	return l.take(r, f)
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

// openForWriting reports whether anybody has f open for writing: a read lease
// is given only where nobody has (fcntl(2), F_SETLEASE). Where leases cannot be
// had, on the files of others or on a network, the pause of settle has to do.
func openForWriting(f *os.File) bool {
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	if err == nil {
		_, _ = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK) // closing gives it back, too
	}
	return errors.Is(err, unix.EAGAIN)
}

// take reads the file and serves it.
func (l look) take(r result, f *os.File) result {
	var sum maphash.Hash
	sum.SetSeed(l.dir.seed)
	if l.served && l.problem == "" && !l.beside.changed() {
		// Touched, or asked for by SIGHUP: the same bytes need no parsing, and do
		// not undo what updates have changed since.
		if _, err := io.Copy(&sum, f); err != nil {
			return r.fault(err)
		}
		if r.sum = sum.Sum64(); r.sum == l.sum {
			return r.is(good, nil)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return r.fault(err)
		}
		sum.Reset()
	}
	r.beside = includes{folder: l.dir.path}
	contents, warnings, err := parse(&summed{f, &sum, r.at.size}, l.origin, r.beside.open)
	var st unix.Stat_t
	if failed := unix.Fstat(int(f.Fd()), &st); failed != nil {
		return r.fault(failed)
	}
	if after := newStamp(&st); after != r.at || r.beside.moving || r.beside.changed() {
		r.at = after
		return r.is(moving, nil) // somebody wrote while we read
	}
	if err != nil {
		return r.is(broken, err)
	}
	l.warn(warnings)
	l.serve(contents)
	r.sum = sum.Sum64()
	return r.is(good, nil)
}

// summed reads a file, sums up its octets, and says how many are left.
type summed struct {
	from io.Reader
	sum  *maphash.Hash
	left int64
}

func (s *summed) Read(b []byte) (int, error) {
	n, err := s.from.Read(b)
	s.sum.Write(b[:n])
	s.left -= int64(n)
	return n, err
}

// Len spares the parser a large buffer for a small file.
func (s *summed) Len() int { return int(max(s.left, 0)) }

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
func parse(in io.Reader, origin zone.Name, include func(string) (io.ReadCloser, error)) (c zone.Contents, warnings []zone.Problem, err error) {
	sets, warnings, err := zone.Parse(in, zone.Options{Origin: origin, Include: include})
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
	if c, err = zone.NewContents(origin, sets); err != nil {
		return c, warnings, err
	}
	c, more, err := zone.Validate(c, zone.Tolerant)
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
