package zone

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The stored form of RRsets and deltas. It begins with a version octet;
// numbers are unsigned varints; names and data are uncompressed wire, case
// kept. A name equal to the one before it is written as length 0.
//
//	RRsets := version { RRset }*
//	RRset  := nameLength name type TTL count { dataLength data }*
//	Delta  := version deletedCount { RRset }* { RRset }*
const codecVersion = 1

// ErrCodec is wrapped when stored bytes are not what Encode wrote.
var ErrCodec = errors.New("stored records are damaged")

// EncodeRRsets appends the stored form of sets to b.
func EncodeRRsets(b []byte, sets []RRset) []byte {
	return appendSets(append(b, codecVersion), sets)
}

// EncodeDelta appends the stored form of d to b.
func EncodeDelta(b []byte, d Delta) []byte {
	b = binary.AppendUvarint(append(b, codecVersion), uint64(len(d.Del)))
	return appendSets(appendSets(b, d.Del), d.Add)
}

func appendSets(b []byte, sets []RRset) []byte {
	var last Name
	for _, s := range sets {
		if s.Name == last {
			b = append(b, 0)
		} else {
			var wire [maxNameWire + 1]byte
			name := s.Name.AppendWire(wire[:0])
			b = append(binary.AppendUvarint(b, uint64(len(name))), name...)
			last = s.Name
		}
		b = binary.AppendUvarint(b, uint64(s.Type))
		b = binary.AppendUvarint(b, uint64(s.TTL))
		b = binary.AppendUvarint(b, uint64(len(s.Data)))
		for _, d := range s.Data {
			b = append(binary.AppendUvarint(b, uint64(len(d))), d...)
		}
	}
	return b
}

// DecodeRRsets reads what EncodeRRsets wrote; ErrCodec otherwise.
func DecodeRRsets(b []byte) ([]RRset, error) {
	d, err := newDecoder(b)
	if err != nil {
		return nil, err
	}
	var sets []RRset
	for len(d.rest) > 0 {
		s, err := d.set()
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	return sets, nil
}

// DecodeDelta reads what EncodeDelta wrote; ErrCodec otherwise.
func DecodeDelta(b []byte) (Delta, error) {
	d, err := newDecoder(b)
	if err != nil {
		return Delta{}, err
	}
	deleted, err := d.number(uint64(len(d.rest)))
	if err != nil {
		return Delta{}, err
	}
	var delta Delta
	for range deleted {
		s, err := d.set()
		if err != nil {
			return Delta{}, err
		}
		delta.Del = append(delta.Del, s)
	}
	d.last = "" // the two lists are written apart
	for len(d.rest) > 0 {
		s, err := d.set()
		if err != nil {
			return Delta{}, err
		}
		delta.Add = append(delta.Add, s)
	}
	return delta, nil
}

// decoder reads from one string, which the data it returns are parts of.
type decoder struct {
	rest string
	last Name
	text []byte // for making names
	blocks
}

func newDecoder(b []byte) (*decoder, error) {
	if len(b) == 0 || b[0] != codecVersion {
		return nil, fmt.Errorf("%w: unknown version", ErrCodec)
	}
	return &decoder{rest: string(b[1:])}, nil
}

func (d *decoder) number(most uint64) (uint64, error) {
	var v uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen32; i++ {
		c := d.rest[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			if v > most || i > 0 && c == 0 {
				break
			}
			d.rest = d.rest[i+1:]
			return v, nil
		}
	}
	return 0, fmt.Errorf("%w: bad number", ErrCodec)
}

func (d *decoder) octets(most uint64) (string, error) {
	n, err := d.number(most)
	if err != nil {
		return "", err
	}
	if n > uint64(len(d.rest)) {
		return "", fmt.Errorf("%w: cut short", ErrCodec)
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s, nil
}

// name reads the owner of the next set.
func (d *decoder) name() (Name, error) {
	wire, err := d.octets(maxNameWire)
	switch {
	case err != nil:
		return "", err
	case wire == "" && d.last == "":
		return "", fmt.Errorf("%w: no name", ErrCodec)
	case wire != "":
		if nameEnd(wire, 0) != len(wire) {
			return "", fmt.Errorf("%w: bad name", ErrCodec)
		}
		d.text = appendName(d.text[:0], wire)
		d.last = Name(d.keep(d.text))
	}
	return d.last, nil
}

func (d *decoder) set() (s RRset, err error) {
	if s.Name, err = d.name(); err != nil {
		return s, err
	}
	t, err := d.number(1<<16 - 1)
	if err != nil {
		return s, err
	}
	ttl, err := d.number(1<<32 - 1)
	if err != nil {
		return s, err
	}
	s.Type, s.TTL = Type(t), uint32(ttl)
	count, err := d.number(uint64(len(d.rest))) // every record has an octet at least
	if err != nil {
		return s, err
	}
	s.Data = d.room(int(count))
	for range count {
		data, err := d.octets(maxRdata)
		if err != nil {
			return s, err
		}
		s.Data = append(s.Data, Rdata(data))
	}
	return s, nil
}
