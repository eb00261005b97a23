// Package publish makes published contents out of authored ones. It is pure:
// the serial is chosen here, once, when a change is committed, and put into
// the SOA wherever contents are served.
package publish

import (
	"time"

	"github.com/skein-dns/skein/zone"
)

// Past is what is known of the serials that a zone's name had before, in this
// life of the zone or in an earlier one.
type Past struct {
	Last uint32 // the last serial that was published under the name
	Had  bool   // false: there never was a zone of that name
}

// Serial returns the serial of the next version. Wanted is the one that the
// author's SOA brings, 0 where it brings none. It is kept while it is ahead of
// all that was published (RFC 1982); otherwise the policy chooses one that is.
// The result is never 0, which some servers take for "no serial".
func Serial(past Past, wanted uint32, policy zone.SerialPolicy, now time.Time) uint32 {
	if wanted != 0 && (!past.Had || zone.SerialLess(past.Last, wanted)) {
		return wanted
	}
	next := policy.First(now)
	if past.Had {
		next = policy.Next(past.Last, now)
	}
	return max(next, 1) // 1 is also ahead of 2³²-1
}

// Contents returns what is served of authored contents at a serial.
func Contents(authored zone.Contents, serial uint32) zone.Contents {
	return authored.WithSerial(serial)
}
