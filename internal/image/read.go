package image

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// Reader reads an image.
type Reader struct {
	file *os.File
	head []byte
}

// Open opens an image that this program, run by this user, has written.
func Open(path string) (*Reader, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	r := &Reader{file: f}
	if err := r.begin(); err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

func (r *Reader) begin() error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !info.Mode().IsRegular() || info.Mode().Perm()&0o022 != 0 || !ok || int(st.Uid) != os.Geteuid() {
		return errOthers
	}
	sum, err := program()
	if err != nil {
		return err
	}
	var begin [len(magic) + sha256.Size]byte
	if _, err := io.ReadFull(r.file, begin[:]); err != nil || string(begin[:]) != magic+string(sum[:]) {
		return errOther
	}
	head, crc, err := readChunk(r.file, nil)
	if err != nil || crc32.Checksum(head, castagnoli) != crc {
		return errDamaged
	}
	r.head = head
	return nil
}

// Head returns what the image begins with.
func (r *Reader) Head() []byte { return r.head }

// Close closes the file.
func (r *Reader) Close() { r.file.Close() }

// Each calls take with every record that is whole, by so many goroutines at
// once. A record is good until take returns. It fails if there is less or
// other in the file than was written, whatever was taken until then.
func (r *Reader) Each(goroutines int, take func(Record)) error {
	var running sync.WaitGroup
	var damaged atomic.Bool
	full, empty := make(chan chunk, goroutines), make(chan []byte, 2*goroutines+1)
	for range cap(empty) {
		empty <- nil
	}
	for range goroutines {
		running.Go(func() {
			for c := range full {
				if !c.each(take) {
					damaged.Store(true)
				}
				empty <- c.octets
			}
		})
	}
	err := r.chunks(full, empty)
	close(full)
	running.Wait()
	if err == nil && damaged.Load() {
		err = errDamaged
	}
	return err
}

// chunk is one that was read and not yet looked at.
type chunk struct {
	octets []byte
	crc    uint32
}

// chunks reads chunks up to the end, into memory that is empty.
func (r *Reader) chunks(full chan<- chunk, empty <-chan []byte) error {
	for count := uint32(0); ; count++ {
		octets, crc, err := readChunk(r.file, <-empty)
		switch {
		case err != nil:
			return err
		case len(octets) == 0 && crc != count:
			return errDamaged
		case len(octets) == 0:
			return nil
		}
		full <- chunk{octets, crc}
	}
}

// readChunk reads a chunk into memory that may be used for it.
func readChunk(in io.Reader, into []byte) (octets []byte, crc uint32, err error) {
	var head [chunkHead]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, 0, errDamaged
	}
	size := int(binary.LittleEndian.Uint32(head[:]))
	if size > chunkMax {
		return nil, 0, errDamaged
	}
	if size > cap(into) {
		into = make([]byte, size, max(size, min(2*chunkFull, chunkMax)))
	}
	octets = into[:size]
	if _, err := io.ReadFull(in, octets); err != nil {
		return nil, 0, errDamaged
	}
	return octets, binary.LittleEndian.Uint32(head[4:]), nil
}

// each calls take with the records of a chunk; false if it is damaged.
func (c chunk) each(take func(Record)) bool {
	if crc32.Checksum(c.octets, castagnoli) != c.crc {
		return false
	}
	for rest := c.octets; len(rest) > 0; {
		r, after, ok := cutRecord(rest)
		if !ok {
			return false
		}
		take(r)
		rest = after
	}
	return true
}
