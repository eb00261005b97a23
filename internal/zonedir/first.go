package zonedir

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"os"
	"slices"
	"sync"
	"time"
)

// newcomer is a file that was not known.
type newcomer struct {
	name  string
	inode uint64
	file  *file
}

// scanFirst has all files looked at that the image does not know, and returns
// how long it took to find them.
func (d *Dir) scanFirst() time.Duration {
	began := time.Now()
	d.scans++
	came, err := d.firstNames()
	if err != nil {
		d.log.Error("the folder of zone files cannot be read; what the image has of it is served", "err", err)
		return time.Since(began)
	}
	d.scanned, _ = stampOf(d.path)
	for name, f := range d.files {
		if f.scan != d.scans { // it went since it was restored
			d.lookLater(name)
		}
	}
	// What belongs to neighbours lies side by side, in memory and on disk.
	slices.SortFunc(came, func(a, b newcomer) int { return cmp.Compare(a.inode, b.inode) })
	if len(d.files) == 0 {
		d.files = make(map[string]*file, len(came))
	}
	for i := range came {
		came[i].file = d.there(came[i].name)
	}
	d.claims.sort()
	d.yield()
	for _, c := range came {
		d.first(c.name, c.file)
	}
	return time.Since(began)
}

// firstNames restores the image, if there is one, and returns the files that
// it does not know. The names are read beside it, and of use once its files are
// known.
func (d *Dir) firstNames() (came []newcomer, err error) {
	folder, err := os.Open(d.path)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	var names bytes.Buffer // each after its inode and its size, which is that of an octet (NAME_MAX)
	var reading sync.WaitGroup
	reading.Go(func() {
		err = zoneFiles(folder, func(name []byte, inode uint64) {
			names.Write(append(binary.LittleEndian.AppendUint64(names.AvailableBuffer(), inode), byte(len(name))))
			names.Write(name)
		})
	})
	if d.imagePath != "" {
		d.restore(folder)
	}
	reading.Wait()
	for names.Len() > 0 {
		inode := binary.LittleEndian.Uint64(names.Next(8))
		size, _ := names.ReadByte()
		if name := names.Next(int(size)); !d.knows(name) {
			came = append(came, newcomer{name: string(name), inode: inode})
		}
	}
	return came, err
}

// yield takes back what the image gave of files that their zones are not served
// from any more, since another one is there now.
func (d *Dir) yield() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for origin, names := range d.claims {
		for _, name := range names[1:] {
			if f := d.files[name]; f.served {
				f.seen, f.served = 0, false
				d.served--
				d.into.Drop(origin)
				d.first(name, f)
			}
		}
	}
}

// first has a file looked at that is not served from the image.
func (d *Dir) first(name string, f *file) {
	f.looks = 2 // one more for a file that has just been written
	d.undecided++
	f.read, f.trust = 0, true
	d.now = append(d.now, waiting{name, f})
}
