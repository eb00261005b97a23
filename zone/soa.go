package zone

import (
	"encoding/binary"
	"fmt"
)

// SOA is the data of a SOA record (RFC 1035 section 3.3.13); times in seconds.
type SOA struct {
	MName, RName                            Name
	Serial, Refresh, Retry, Expire, Minimum uint32
}

// ParseSOA reads SOA record data.
func ParseSOA(d Rdata) (SOA, error) {
	if !d.wellFormed(TypeSOA) {
		return SOA{}, fmt.Errorf("%w: SOA of %d octets", ErrRdata, len(d))
	}
	names := nameEnd(d, 0)
	mname, err := nameFromWire(d[:names])
	if err != nil {
		return SOA{}, err
	}
	numbers := nameEnd(d, names)
	rname, err := nameFromWire(d[names:numbers])
	if err != nil {
		return SOA{}, err
	}
	n := func(i int) uint32 { return binary.BigEndian.Uint32([]byte(d[numbers+4*i:])) }
	return SOA{mname, rname, n(0), n(1), n(2), n(3), n(4)}, nil
}

// Rdata returns the record data.
func (s SOA) Rdata() Rdata {
	b := s.RName.AppendWire(s.MName.AppendWire(nil))
	for _, v := range []uint32{s.Serial, s.Refresh, s.Retry, s.Expire, s.Minimum} {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return Rdata(b)
}
