package zonedir

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/skein-dns/skein/internal/image"
	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/zone"
)

// Image is a nameserver that can give its zones in the form that it serves
// them from, and take them back when the same program has started anew.
type Image interface {
	// Export appends the octets of a zone; false for one that cannot be kept so.
	Export(to []byte, name zone.Name) ([]byte, bool)
	// Import serves zones from octets of Export, which it copies, and says which.
	Import(zones []nameserver.Exported)
}

// The key of a zone in the image is the mark of its file, as a little-endian
// uint64, and the file's name.
const markSize = 8

// restore serves the zones of an image whose files are as they were.
func (d *Dir) restore(folder *os.File) {
	r, err := image.Open(d.imagePath)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			d.log.Info("the image of the zones is not used; all files are read", "image", d.imagePath, "why", err)
		}
		return
	}
	defer r.Close()
	d.files = make(map[string]*file, r.Records())
	taken := make(chan []kept, 2*atOnce())
	go func() {
		defer close(taken)
		err = r.Each(atOnce(), func(records []image.Record) { taken <- d.take(int(folder.Fd()), records) })
	}()
	for files := range taken {
		d.took(files)
	}
	if err != nil {
		d.log.Warn("the image of the zones is not whole; files that are not in it are read", "image", d.imagePath, "why", err)
	}
	d.keeper.Begun()
}

// take serves those zones of an image whose files are the ones that they were
// made of, and returns which.
func (d *Dir) take(folder int, records []image.Record) (taken []kept) {
	zones, files := make([]nameserver.Exported, 0, len(records)), make([]kept, 0, len(records))
	for _, r := range records {
		if k, ok := keptAs(folder, r.Key); ok {
			zones, files = append(zones, nameserver.Exported{Name: k.origin, Octets: r.Zone}), append(files, k)
		}
	}
	d.image.Import(zones)
	taken = files[:0]
	for i, k := range files {
		if zones[i].Served {
			taken = append(taken, k)
		}
	}
	return taken
}

// took notes files whose zones are served from the image.
func (d *Dir) took(files []kept) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, k := range files {
		f := d.add(k.file)
		f.read, f.seen, f.served = k.mark, k.mark, true
		d.served++
	}
}

// keptAs reads the key of a zone; false if its file is another now.
func keptAs(folder int, key []byte) (k kept, ok bool) {
	if len(key) < markSize || !isOurs(key[markSize:]) || bytes.IndexByte(key[markSize:], '/') >= 0 {
		return k, false
	}
	k.mark, k.file = mark(binary.LittleEndian.Uint64(key)), string(key[markSize:])
	at, err := stampIn(folder, k.file)
	if err != nil || at.mark() != k.mark || fresh(at) {
		return k, false
	}
	k.origin, err = originOf(k.file)
	return k, err == nil
}

// keep writes the image if that is worth it; the last one is waited for.
func (d *Dir) keep(last bool) {
	if d.imagePath == "" || !d.keeper.Due(len(d.files), last) {
		return
	}
	zones := d.keepable()
	d.keeper.Keep(func() {
		d.inOrder(zones)
		if err := image.Write(d.imagePath, nil, len(zones), func(w *image.Writer) error { return d.export(w, zones) }); err != nil {
			d.log.Warn("the image of the zones cannot be written; the next start reads all files", "image", d.imagePath, "err", err)
		}
	}, last)
}

// kept is a file whose zone goes into an image.
type kept struct {
	file   string
	origin zone.Name
	mark   mark
	inode  uint64
}

// keepable returns the files that are served as they are. What is made of
// several files is not kept: one mark cannot tell of all.
func (d *Dir) keepable() []kept {
	zones := make([]kept, 0, len(d.files))
	for name, f := range d.files {
		if f.served && f.problem == "" && f.badName == nil && len(f.beside.read) == 0 && f.read != 0 && !f.busy {
			zones = append(zones, kept{file: name, origin: f.origin(name), mark: f.read})
		}
	}
	return zones
}

// inOrder puts files in the order of their inodes, in which the next start asks
// for them: what belongs to neighbours lies side by side, in memory and on disk.
func (d *Dir) inOrder(zones []kept) {
	folder, err := os.Open(d.path)
	if err != nil {
		return // any order will do
	}
	defer folder.Close()
	for i := range zones {
		at, _ := stampIn(int(folder.Fd()), zones[i].file) // one that is gone may come first
		zones[i].inode = at.ino
	}
	slices.SortFunc(zones, func(a, b kept) int { return cmp.Compare(a.inode, b.inode) })
}

// export adds zones to an image.
func (d *Dir) export(w *image.Writer, zones []kept) error {
	var key []byte
	for _, z := range zones {
		key = append(binary.LittleEndian.AppendUint64(key[:0], uint64(z.mark)), z.file...)
		if _, err := w.Add(key, func(to []byte) ([]byte, bool) { return d.image.Export(to, z.origin) }); err != nil {
			return err
		}
	}
	return nil
}
