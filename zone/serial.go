package zone

import "time"

// SerialLess reports whether a is before b in the sense of RFC 1982. Where
// the two are exactly 2^31 apart the RFC leaves it undefined; here neither is less.
func SerialLess(a, b uint32) bool { return int32(a-b) < 0 && a-b != 1<<31 }

// SerialPolicy says how a new serial is chosen when the origin sends none that is ahead.
type SerialPolicy string

// The policies. The zero value acts as SerialIncrement.
const (
	SerialDate      SerialPolicy = "date"      // YYYYMMDDnn of the day, in UTC
	SerialUnix      SerialPolicy = "unix"      // seconds since 1970, modulo 2^32
	SerialIncrement SerialPolicy = "increment" // the last one plus one
)

// First returns the serial of a zone that never had one: the policy's own, or 1.
func (p SerialPolicy) First(now time.Time) uint32 {
	switch p {
	case SerialDate:
		year, month, day := now.UTC().Date()
		return uint32(year)*1000000 + uint32(month)*10000 + uint32(day)*100
	case SerialUnix:
		return uint32(now.Unix())
	}
	return 1
}

// Next returns a serial that is after last: the policy's own if it is ahead and
// not 0, otherwise last+1. So the hundredth change of a day borrows from the next.
func (p SerialPolicy) Next(last uint32, now time.Time) uint32 {
	if own := p.First(now); (p == SerialDate || p == SerialUnix) && own != 0 && SerialLess(last, own) {
		return own
	}
	return last + 1
}
