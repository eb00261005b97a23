package image

import "time"

// Keeper says when an image is worth writing: once a thirty-second part of the
// zones is other than in the one before, or after a day in which any changed. To
// make so many anew takes a start about as long as to take all others from the
// image; and what is written for a change is bounded, however many zones there
// are. The zero value is ready; it is for one goroutine.
type Keeper struct {
	changed int           // zones, since the last one
	at      time.Time     // when that was
	next    time.Time     // not before that
	took    time.Duration // the last one, once done is closed
	done    chan struct{} // closed when the one that is being written is; nil: none is
}

const (
	worth    = 32
	keepMin  = time.Minute // between images
	keepCost = 100         // writing one may take a hundredth of the time
	keepMax  = 24 * time.Hour
)

// Changed notes that a zone is other than in the image.
func (k *Keeper) Changed() { k.changed++ }

// Begun notes that the zones are those of the image.
func (k *Keeper) Begun() { k.changed, k.at = 0, time.Now() }

// Due reports whether an image of so many zones should be written now. The last
// one, at the end, is written whenever it is worth it, and waits for one that is
// being written.
func (k *Keeper) Due(zones int, last bool) bool {
	if !k.ended(last) || k.changed == 0 || !last && time.Now().Before(k.next) {
		return false
	}
	return k.changed*worth > zones || time.Since(k.at) > keepMax
}

// Keep has an image written of what is now: beside, but for the last one.
func (k *Keeper) Keep(write func(), last bool) {
	done := make(chan struct{})
	k.changed, k.at, k.done = 0, time.Now(), done
	timed := func() {
		defer close(done)
		began := time.Now()
		defer func() { k.took = time.Since(began) }()
		write()
	}
	if last {
		timed()
		return
	}
	go timed()
}

// Written is closed when the image that is being written is there; nil if none is.
func (k *Keeper) Written() <-chan struct{} { return k.done }

// ended reports whether no image is being written; with wait it waits for that.
func (k *Keeper) ended(wait bool) bool {
	if k.done == nil {
		return true
	}
	if !wait {
		select {
		case <-k.done:
		default:
			return false
		}
	}
	<-k.done
	k.done, k.next = nil, time.Now().Add(max(keepMin, keepCost*k.took))
	return true
}
