package sqlite

import (
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/skein-dns/skein/zone"
)

// Stored values begin with one octet that says how the rest is packed.
const (
	plain      = 0
	compressed = 1

	// worthwhile is the size in octets from which zstd is tried: below, its
	// frame and the time cost more than it saves (figures in ../DESIGN.md).
	worthwhile = 1 << 10
	// maxUnpacked limits what a value may unpack to, in octets.
	maxUnpacked = 1 << 30
)

// Both are made once, have no state between calls, and are safe for concurrent use.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithEncoderCRC(false))
		if err != nil {
			panic(err) // the options are constants
		}
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxUnpacked), zstd.WithDecoderConcurrency(0))
		if err != nil {
			panic(err)
		}
		return d
	})
)

// pack compresses b where that saves at least an eighth.
func pack(b []byte) []byte {
	if len(b) >= worthwhile {
		if small := encoder().EncodeAll(b, []byte{compressed}); len(small) <= len(b)*7/8 {
			return small
		}
	}
	return append([]byte{plain}, b...)
}

func unpack(b []byte) ([]byte, error) {
	switch {
	case len(b) == 0:
		return nil, errors.New("a stored value is empty")
	case b[0] == plain:
		return b[1:], nil
	case b[0] == compressed:
		return decoder().DecodeAll(b[1:], nil)
	}
	return nil, fmt.Errorf("a stored value is packed in a way (%d) that this Skein does not know", b[0])
}

func packSets(sets []zone.RRset) []byte { return pack(zone.EncodeRRsets(nil, sets)) }

func unpackSets(b []byte) ([]zone.RRset, error) {
	raw, err := unpack(b)
	if err != nil {
		return nil, err
	}
	return zone.DecodeRRsets(raw)
}

func unpackDelta(b []byte) (zone.Delta, error) {
	raw, err := unpack(b)
	if err != nil {
		return zone.Delta{}, err
	}
	return zone.DecodeDelta(raw)
}
