package reconcile

import "time"

// flood is zones that a member fetches in quick succession and was not told of:
// it is new, and found thousands in a catalog. While it rises both sides have
// enough to do, and zones in bulk are looked at afterwards, when they are as
// wanted. The zero value is none.
type flood struct {
	first, last time.Time
	zones       int
}

const (
	floodGap  = 50 * time.Millisecond // without a zone: it is over
	floodRise = time.Second           // looks wait no longer, however long it lasts
)

// note is for a zone that was fetched.
func (f *flood) note(now time.Time) {
	if now.Sub(f.last) >= floodGap {
		f.first, f.zones = now, 0
	}
	f.last = now
	f.zones++
}

// crest is up to when it rises if nothing more comes; in the past if it does not.
func (f *flood) crest() time.Time {
	if f.zones < crowded {
		return time.Time{}
	}
	over, high := f.last.Add(floodGap), f.first.Add(floodRise)
	if high.Before(over) {
		return high
	}
	return over
}
