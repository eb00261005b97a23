package image

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"sync"
	"syscall"
)

// Reader reads an image.
type Reader struct {
	head    []byte
	records int

	mu     sync.Mutex // owns the rest
	file   *os.File   // up to the next chunk
	chunks uint32     // with records, that were read
	ended  bool
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
	if err != nil || len(head) < countSize || crc32.Checksum(head, castagnoli) != crc {
		return errDamaged
	}
	r.records, r.head = int(binary.LittleEndian.Uint64(head)), head[countSize:]
	return nil
}

// Head returns what the image begins with.
func (r *Reader) Head() []byte { return r.head }

// Records is about how many there are.
func (r *Reader) Records() int { return r.records }

// Close closes the file.
func (r *Reader) Close() { r.file.Close() }

// Each calls take with all records that are whole, some at a time, by so many
// goroutines at once. They are good until take returns. It fails if there is
// less or other in the file than was written, whatever was taken until then.
func (r *Reader) Each(goroutines int, take func([]Record)) error {
	errs := make([]error, goroutines)
	var running sync.WaitGroup
	for i := range errs {
		running.Go(func() { errs[i] = r.each(take) })
	}
	running.Wait()
	return cmp.Or(errs...)
}

// each takes chunks, by turns with others, until there are no more.
func (r *Reader) each(take func([]Record)) (damaged error) {
	var records []Record
	for octets := []byte(nil); ; {
		next, crc, err := r.next(octets)
		if err != nil || len(next) == 0 {
			return cmp.Or(damaged, err)
		}
		octets = next
		if records, err = cutRecords(records[:0], octets, crc); err != nil {
			damaged = err // others may be whole
			continue
		}
		take(records)
	}
}

// next reads the next chunk, into memory that may be used for it; it has no
// octets if there is none.
func (r *Reader) next(into []byte) (octets []byte, crc uint32, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return nil, 0, nil
	}
	octets, crc, err = readChunk(r.file, into)
	if err == nil && len(octets) > 0 {
		r.chunks++
		return octets, crc, nil
	}
	r.ended = true
	if err == nil && crc != r.chunks {
		err = errDamaged
	}
	return nil, 0, err
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

// cutRecords appends the records of a chunk.
func cutRecords(to []Record, octets []byte, crc uint32) ([]Record, error) {
	if crc32.Checksum(octets, castagnoli) != crc {
		return to, errDamaged
	}
	for rest := octets; len(rest) > 0; {
		r, after, ok := cutRecord(rest)
		if !ok {
			return to, errDamaged
		}
		to, rest = append(to, r), after
	}
	return to, nil
}
