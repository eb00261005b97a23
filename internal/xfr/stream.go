package xfr

import (
	"iter"

	"github.com/skein-dns/skein/zone"
)

// Version is one step of a zone's history: from the serial before to Serial.
type Version struct {
	From, To zone.RRset // the SOA sets before and after
	Delta    zone.Delta // without the SOA
}

// Increments yields the records of an IXFR answer over versions, oldest first
// (RFC 1995 section 4).
func Increments(versions []Version) iter.Seq[zone.RRset] {
	return func(yield func(zone.RRset) bool) {
		if len(versions) == 0 {
			return
		}
		newest := versions[len(versions)-1].To
		all := func(sets []zone.RRset) bool {
			for _, s := range sets {
				if !yield(s) {
					return false
				}
			}
			return true
		}
		if !yield(newest) {
			return
		}
		for _, v := range versions {
			if !yield(v.From) || !all(v.Delta.Del) || !yield(v.To) || !all(v.Delta.Add) {
				return
			}
		}
		yield(newest)
	}
}
