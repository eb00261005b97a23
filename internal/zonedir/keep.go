package zonedir

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/skein-dns/skein/internal/image"
	"github.com/skein-dns/skein/zone"
)

// Image is a nameserver that can give its zones in the form that it serves
// them from, and take them back when the same program has started anew.
type Image interface {
	// Export appends the octets of a zone; false for one that cannot be kept so.
	Export(to []byte, name zone.Name) ([]byte, bool)
	// Import serves a zone from octets of Export, which it copies.
	Import(octets []byte, name zone.Name) error
}

// The key of a zone in the image is the mark of its file, as a little-endian
// uint64, and the file's name.
const markSize = 8

// restore serves the zones of an image whose files are as they were. The files
// are those of the first scan.
func (d *Dir) restore() {
	if d.imagePath == "" {
		return
	}
	r, err := image.Open(d.imagePath)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			d.log.Info("the image of the zones is not used; all files are read", "image", d.imagePath, "why", err)
		}
		return
	}
	defer r.Close()
	folder, err := os.Open(d.path)
	if err != nil {
		return // the files say so
	}
	defer folder.Close()
	if err := r.Each(atOnce(), func(z image.Record) { d.take(int(folder.Fd()), z) }); err != nil {
		d.log.Warn("the image of the zones is not whole; files that are not in it are read", "image", d.imagePath, "why", err)
	}
	d.keeper.Begun()
}

// take serves a zone of an image if its file is the one that it was made of.
func (d *Dir) take(folder int, z image.Record) {
	if len(z.Key) < markSize {
		return
	}
	f := d.files[string(z.Key[markSize:])] // nobody adds any meanwhile
	if f == nil {
		return
	}
	m, name := mark(binary.LittleEndian.Uint64(z.Key)), string(z.Key[markSize:])
	if !d.owns(name, f) {
		return
	}
	var st unix.Stat_t
	if err := unix.Fstatat(folder, name, &st, 0); err != nil {
		return
	}
	if now := newStamp(&st); now.mark() != m || fresh(now) {
		return
	}
	if err := d.image.Import(z.Zone, f.origin(name)); err != nil {
		return // its file is read
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	f.read, f.seen, f.served = m, m, true
	d.served++
}

// keep writes the image if that is worth it; the last one is waited for.
func (d *Dir) keep(last bool) {
	if d.imagePath == "" || !d.keeper.Due(len(d.files), last) {
		return
	}
	zones := d.keepable()
	d.keeper.Keep(func() {
		if err := image.Write(d.imagePath, nil, func(w *image.Writer) error { return d.export(w, zones) }); err != nil {
			d.log.Warn("the image of the zones cannot be written; the next start reads all files", "image", d.imagePath, "err", err)
		}
	}, last)
}

// kept is a file whose zone goes into an image.
type kept struct {
	file   string
	origin zone.Name
	mark   mark
}

// keepable returns the files that are served as they are. What is made of
// several files is not kept: one mark cannot tell of all.
func (d *Dir) keepable() []kept {
	zones := make([]kept, 0, len(d.files))
	for name, f := range d.files {
		if f.served && f.problem == "" && f.badName == nil && len(f.beside.read) == 0 && f.read != 0 && !f.busy {
			zones = append(zones, kept{name, f.origin(name), f.read})
		}
	}
	return zones
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
