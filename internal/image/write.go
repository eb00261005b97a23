package image

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
)

// Writer takes the records of an image.
type Writer struct {
	file   *os.File
	chunk  []byte // room for its head, and then its octets
	chunks uint32 // with records, that are written
}

// Write puts an image in the place of the one before, whole or not at all.
// fill adds its records, of which there will be about so many; if it fails,
// nothing is written.
func Write(path string, head []byte, records int, fill func(*Writer) error) (err error) {
	sum, err := program()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".skein-image-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	w := &Writer{file: f}
	if _, err = f.Write(append([]byte(magic), sum[:]...)); err == nil {
		err = w.put(append(binary.LittleEndian.AppendUint64(nil, uint64(records)), head...))
	}
	if err == nil {
		err = fill(w)
	}
	if err == nil {
		err = w.end()
	}
	if err != nil {
		return err
	}
	// No sync: after a loss of power the sums tell what is left of it, and the
	// zones are elsewhere.
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Add adds the record of a zone, as octets appends that; false says that it is
// not kept: octets returned false, or what they are is too much.
func (w *Writer) Add(key []byte, octets func(to []byte) ([]byte, bool)) (kept bool, err error) {
	if len(w.chunk) >= chunkHead+chunkFull {
		if err := w.flush(); err != nil {
			return false, err
		}
	}
	if len(w.chunk) == 0 {
		w.chunk = append(w.chunk, make([]byte, chunkHead)...)
	}
	w.chunk, kept = appendRecord(w.chunk, key, octets)
	return kept, nil
}

// flush writes the chunk of what was added.
func (w *Writer) flush() error {
	if len(w.chunk) <= chunkHead {
		return nil
	}
	octets := w.chunk[chunkHead:]
	binary.LittleEndian.PutUint32(w.chunk, uint32(len(octets)))
	binary.LittleEndian.PutUint32(w.chunk[4:], crc32.Checksum(octets, castagnoli))
	_, err := w.file.Write(w.chunk)
	w.chunk = w.chunk[:0]
	w.chunks++
	return err
}

// put writes the head.
func (w *Writer) put(head []byte) error {
	if len(head) > chunkMax {
		return errors.New("the head of the image is too large")
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(head)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(head, castagnoli))
	_, err := w.file.Write(append(b, head...))
	return err
}

func (w *Writer) end() error {
	if err := w.flush(); err != nil {
		return err
	}
	_, err := w.file.Write(binary.LittleEndian.AppendUint32(make([]byte, 4), w.chunks))
	return err
}
