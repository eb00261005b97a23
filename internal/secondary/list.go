package secondary

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/skein-dns/skein/zone"
)

// entry is one line of the list of zones: the setup that a zone has from then
// on, or its end. A zone that is made again has another id, so that what is
// left of the old one is never taken for its own.
type entry struct {
	ID   uint64    `json:"id"`
	Zone zone.Name `json:"zone,omitempty"`
	Gone bool      `json:"gone,omitempty"`
	Setup
}

// list is the list of zones on disk: lines that are only ever added, and
// written anew when most of them are out of date.
type list struct {
	path  string
	file  *os.File
	size  int64 // up to the end of the last whole line
	lines int
	last  uint64 // the highest id in it
	live  map[uint64]bool
}

const spareLines = 1000 // out of date, before the list is written anew

func openList(path string, log *slog.Logger) (*list, []entry, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	l := &list{path: path, live: map[uint64]bool{}}
	var order []uint64
	newest := map[uint64]entry{}
	for rest := text; ; l.lines++ {
		line, after, whole := bytes.Cut(rest, []byte{'\n'})
		if !whole { // a line that was being written when everything ended was never acknowledged
			break
		}
		l.size, rest = l.size+int64(len(line))+1, after
		var e entry
		if err := json.Unmarshal(line, &e); err != nil || e.ID == 0 {
			log.Error("a line of the list of zones is damaged and left out", "file", path, "line", l.lines+1)
			continue
		}
		if _, again := newest[e.ID]; !again {
			order = append(order, e.ID)
		}
		newest[e.ID] = e
		l.last = max(l.last, e.ID)
	}
	var entries []entry
	for _, id := range order {
		if e := newest[id]; !e.Gone {
			if e.Zone, err = zone.ParseName(string(e.Zone)); err != nil {
				log.Error("a zone of the list is left out", "file", path, "err", err)
				continue
			}
			l.live[id] = true
			entries = append(entries, e)
		}
	}
	if l.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, nil, err
	}
	if err := errors.Join(l.file.Truncate(l.size), l.file.Sync(), syncFolder(filepath.Dir(path))); err != nil {
		return nil, nil, errors.Join(err, l.file.Close())
	}
	return l, entries, nil
}

// add writes lines; with now, it returns when they are on disk. All yields what
// the list should hold without them.
func (l *list) add(lines []entry, now bool, all func() []entry) error {
	if l.lines > 2*len(l.live)+spareLines {
		if err := l.rewrite(all()); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	for _, e := range lines {
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	_, err := l.file.WriteAt(text.Bytes(), l.size)
	if err == nil && now {
		err = l.file.Sync()
	}
	if err != nil {
		return errors.Join(err, l.file.Truncate(l.size))
	}
	l.size, l.lines = l.size+int64(text.Len()), l.lines+len(lines)
	for _, e := range lines {
		if e.Gone {
			delete(l.live, e.ID)
		} else {
			l.live[e.ID] = true
		}
	}
	return nil
}

// rewrite leaves out what is out of date.
func (l *list) rewrite(all []entry) error {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	for _, e := range all {
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	if err := replaceFile(l.path, text.Bytes()); err != nil {
		return fmt.Errorf("writing the list of zones anew: %w", err)
	}
	if err := syncFolder(filepath.Dir(l.path)); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	l.file.Close()
	l.file, l.size, l.lines = f, int64(text.Len()), len(all)
	return nil
}

// writeFile writes a file; after a crash it may be cut off.
func writeFile(path string, b []byte) error { return os.WriteFile(path, b, 0o600) }

// replaceFile puts a file in another's place at once: that is there until the
// new one is on disk.
func replaceFile(path string, b []byte) (err error) {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		os.Remove(path + ".new")
	}
	return err
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
