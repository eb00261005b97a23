package zone

import (
	"encoding/binary"
	"fmt"
	"time"
)

// SerialLess reports whether a is before b in the sense of RFC 1982. Where
// the two are exactly 2^31 apart the RFC leaves it undefined; here neither is less.
func SerialLess(a, b uint32) bool { return int32(a-b) < 0 && a-b != 1<<31 }

// SerialPolicy says how a new serial is chosen when the origin sends none that is ahead.
type SerialPolicy string

// The policies. The zero value acts as SerialIncrement.
const (
	SerialDate      SerialPolicy = "date"      // YYYYMMDDnn of the day, in UTC
	SerialUnix      SerialPolicy = "unix"      // seconds since 1970
	SerialIncrement SerialPolicy = "increment" // the last one plus one
)

// Next returns a serial that is after last: the policy's own if it is ahead,
// otherwise last+1.
func (p SerialPolicy) Next(last uint32, now time.Time) uint32 {
	var want uint32
	switch p {
	case SerialDate:
		now = now.UTC()
		want = uint32(now.Year()*1000000 + int(now.Month())*10000 + now.Day()*100)
	case SerialUnix:
		want = uint32(now.Unix())
	}
	if SerialLess(last, want) {
		return want
	}
	return last + 1
}

// SOA is the data of a SOA record (RFC 1035 section 3.3.13); times in seconds.
type SOA struct {
	MName, RName                            Name
	Serial, Refresh, Retry, Expire, Minimum uint32
}

// ParseSOA reads SOA record data.
func ParseSOA(d Rdata) (SOA, error) {
	spans := embeddedNames(TypeSOA, d)
	if len(spans) != 2 || len(d) != spans[1].to+20 {
		return SOA{}, fmt.Errorf("%w: SOA of %d octets", ErrRdata, len(d))
	}
	mname, err := NameFromWire([]byte(d[:spans[0].to]))
	if err != nil {
		return SOA{}, err
	}
	rname, err := NameFromWire([]byte(d[spans[1].from:spans[1].to]))
	if err != nil {
		return SOA{}, err
	}
	n := func(i int) uint32 { return binary.BigEndian.Uint32([]byte(d[spans[1].to+4*i:])) }
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
