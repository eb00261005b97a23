// Package image keeps zones in a file, in the form that a nameserver serves
// them from, so that the next start of the same program need not make them
// anew. A file that is wrong in whatever way is noticed, and costs its owner
// reading the zones where they come from.
package image

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
)

// A file begins with magic and the sum of the program that wrote it, since the
// octets of zones are for that one alone. Chunks follow: how many octets they
// have and their CRC, as little-endian uint32, and the octets. The first chunk
// is how many records were meant to be, as a little-endian uint64, and the head,
// which is the owner's; the others are records, one after another: the size of
// the key as a uint16, that of the zone as a uint32, the key, the zone. The end
// is a chunk without octets, in which the number of chunks with records stands
// in place of the CRC.
const (
	magic      = "skein zones 3\n\n\n"
	chunkHead  = 4 + 4
	countSize  = 8
	recordHead = 2 + 4
	chunkFull  = 128 << 10 // from so many octets on the next record begins another one
	chunkMax   = 1 << 20   // no chunk has more
)

// Record is a zone: by what its owner knows it, and the octets that it is
// served from, which may be none.
type Record struct{ Key, Zone []byte }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var (
	errDamaged = errors.New("it is damaged")
	errOther   = errors.New("it is of another program")
	errOthers  = errors.New("others may have written it")
)

// program sums up the program that runs.
func program() (sum [sha256.Size]byte, err error) {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	return sum, nil
}

// appendRecord appends a record, as octets gives its zone; false, and nothing,
// if that is false, or more than a chunk holds.
func appendRecord(to, key []byte, octets func([]byte) ([]byte, bool)) ([]byte, bool) {
	from := len(to)
	to = binary.LittleEndian.AppendUint16(to, uint16(len(key)))
	to = append(append(to, 0, 0, 0, 0), key...)
	zone := len(to)
	to, ok := octets(to)
	if !ok || len(key) > 1<<16-1 || len(to)-from > chunkMax-chunkFull {
		return to[:from], false
	}
	binary.LittleEndian.PutUint32(to[from+2:], uint32(len(to)-zone))
	return to, true
}

// cutRecord takes the first record off the octets of a chunk.
func cutRecord(b []byte) (r Record, rest []byte, ok bool) {
	if len(b) < recordHead {
		return r, b, false
	}
	key, zone := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint32(b[2:]))
	if key+zone > len(b)-recordHead {
		return r, b, false
	}
	b = b[recordHead:]
	return Record{b[:key:key], b[key : key+zone : key+zone]}, b[key+zone:], true
}
