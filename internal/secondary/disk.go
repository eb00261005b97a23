package secondary

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/zone"
)

// disk is the folder that a set is kept in: the list of zones, and a file of
// contents for each zone that has any. Such a file is the whole zone and the
// differences since, each with its checksum; its time is when a primary
// confirmed it last. Names from outside are never names of files.
type disk struct {
	dir    string
	list   *list
	folder *os.File
	dirty  atomic.Bool // something is not on disk yet
}

// stored says what the file of a zone holds.
type stored struct {
	good      bool  // it is there, and up to date
	base      int64 // octets of the whole zone
	increment int64 // octets of the differences
}

const (
	listFile       = "zones.log"
	contentsFolder = "contents"
	subfolders     = 256
	minIncrement   = 64 << 10 // differences may take so much, however small the zone
)

func openDisk(dir string, log *slog.Logger) (*disk, []entry, error) {
	if err := os.MkdirAll(filepath.Join(dir, contentsFolder), 0o700); err != nil {
		return nil, nil, err
	}
	d := &disk{dir: dir}
	var entries []entry
	var err error
	if d.list, entries, err = openList(filepath.Join(dir, listFile), log); err != nil {
		return nil, nil, err
	}
	if d.folder, err = os.Open(dir); err != nil {
		return nil, nil, err
	}
	return d, entries, d.sweep()
}

func subfolder(dir string, id uint64) string {
	return filepath.Join(dir, contentsFolder, fmt.Sprintf("%02x", id%subfolders))
}

func (d *disk) path(id uint64) string {
	return filepath.Join(subfolder(d.dir, id), strconv.FormatUint(id, 10))
}

// sweep removes files that no zone of the list has: their zone was deleted, or
// they were never finished.
func (d *disk) sweep() error {
	folders, err := os.ReadDir(filepath.Join(d.dir, contentsFolder))
	if err != nil {
		return err
	}
	for _, sub := range folders {
		folder := filepath.Join(d.dir, contentsFolder, sub.Name())
		files, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, f := range files {
			id, err := strconv.ParseUint(f.Name(), 10, 64)
			if err != nil || !d.list.live[id] {
				if err := os.Remove(filepath.Join(folder, f.Name())); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// store writes contents: the difference to what the file holds if that is
// known and short, else all of it.
func (d *disk) store(id uint64, s *stored, delta *zone.Delta, c zone.Contents, confirmed time.Time) error {
	defer d.dirty.Store(true)
	err := d.write(id, s, delta, c)
	if err != nil {
		s.good = false
		return err
	}
	return os.Chtimes(d.path(id), confirmed, confirmed)
}

func (d *disk) write(id uint64, s *stored, delta *zone.Delta, c zone.Contents) error {
	if s.good && delta != nil {
		if delta.IsZero() {
			return nil
		}
		frame := appendFrame(nil, frameDelta, func(b []byte) []byte { return zone.EncodeDelta(b, *delta) })
		if s.increment+int64(len(frame)) <= max(s.base, minIncrement) {
			f, err := os.OpenFile(d.path(id), os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				return err
			}
			s.increment += int64(len(frame))
			_, err = f.Write(frame)
			return errors.Join(err, f.Close())
		}
	}
	var sets []zone.RRset
	for set := range c.All() {
		sets = append(sets, set)
	}
	frame := appendFrame(nil, frameWhole, func(b []byte) []byte { return zone.EncodeRRsets(b, sets) })
	put := replaceFile
	if s.base == 0 { // there is nothing to lose, and what is not whole is not read
		put = writeFile
	}
	err := put(d.path(id), frame)
	if errors.Is(err, fs.ErrNotExist) { // it is the first in its subfolder
		if err = os.Mkdir(subfolder(d.dir, id), 0o700); err == nil || errors.Is(err, fs.ErrExist) {
			err = put(d.path(id), frame)
		}
	}
	if err != nil {
		return err
	}
	*s = stored{good: true, base: int64(len(frame))}
	return nil
}

// confirm notes when a primary confirmed the contents.
func (d *disk) confirm(id uint64, at time.Time) error {
	err := os.Chtimes(d.path(id), at, at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // they could not be stored, which was said then
	}
	return err
}

func (d *disk) remove(id uint64) {
	// What stays is swept at the next start.
	_ = os.Remove(d.path(id))
}

// load reads the contents of a zone, and when they were confirmed. Zero
// contents: there are none. A difference that was not written to its end is
// left out.
func (d *disk) load(id uint64, origin zone.Name) (c zone.Contents, s stored, confirmed time.Time, err error) {
	b, err := os.ReadFile(d.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return c, s, confirmed, nil
	}
	if err != nil {
		return c, s, confirmed, err
	}
	info, err := os.Stat(d.path(id))
	if err != nil {
		return c, s, confirmed, err
	}
	if c, s, err = readContents(b, origin); err != nil {
		return c, s, confirmed, err
	}
	if whole := s.base + s.increment; whole < int64(len(b)) {
		s.good = os.Truncate(d.path(id), whole) == nil
	}
	return c, s, info.ModTime(), nil
}

const (
	frameWhole = 'W'
	frameDelta = 'D'
	frameHead  = 9 // length and checksum of what follows, and its kind
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendFrame(b []byte, kind byte, payload func([]byte) []byte) []byte {
	at := len(b)
	b = payload(append(b, 0, 0, 0, 0, 0, 0, 0, 0, kind))
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-frameHead))
	binary.BigEndian.PutUint32(b[at+4:], crc32.Checksum(b[at+8:], castagnoli))
	return b
}

// cutFrame takes the first frame off b; ok is false if it is not whole.
func cutFrame(b []byte) (kind byte, payload, rest []byte, ok bool) {
	if len(b) < frameHead {
		return 0, nil, b, false
	}
	end := frameHead + int64(binary.BigEndian.Uint32(b))
	if end > int64(len(b)) || crc32.Checksum(b[8:end], castagnoli) != binary.BigEndian.Uint32(b[4:]) {
		return 0, nil, b, false
	}
	return b[8], b[frameHead:end], b[end:], true
}

var errDamaged = errors.New("the file is damaged")

// readContents reads what store wrote.
func readContents(b []byte, origin zone.Name) (c zone.Contents, s stored, err error) {
	fail := func(err error) (zone.Contents, stored, error) {
		return zone.Contents{}, stored{base: 1}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	kind, payload, rest, ok := cutFrame(b)
	if !ok || kind != frameWhole {
		return fail(errors.New("it does not begin with a whole zone"))
	}
	sets, err := zone.DecodeRRsets(payload)
	if err == nil {
		c, err = zone.NewContents(origin, sets)
	}
	if err != nil {
		return fail(err)
	}
	s = stored{good: true, base: int64(len(b) - len(rest))}
	for {
		kind, payload, after, ok := cutFrame(rest)
		if !ok || kind != frameDelta {
			return c, s, nil
		}
		delta, err := zone.DecodeDelta(payload)
		if err == nil {
			c, err = c.Apply(delta)
		}
		if err != nil {
			return fail(err)
		}
		s.increment += int64(len(rest) - len(after))
		rest = after
	}
}

// flush brings everything that was written to disk.
func (d *disk) flush() error {
	if !d.dirty.Swap(false) {
		return nil
	}
	if err := unix.Syncfs(int(d.folder.Fd())); err != nil {
		d.dirty.Store(true)
		return fmt.Errorf("bringing zones to disk: %w", err)
	}
	return nil
}

func (d *disk) close() error {
	return errors.Join(d.flush(), d.list.file.Close(), d.folder.Close())
}
