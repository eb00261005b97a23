package reconcile

import (
	"container/heap"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// item is one zone on one member that is not (yet) as wanted, or in doubt.
// Zones that are as wanted have none: memory follows what is out of step.
type item struct {
	want   Wanted
	seen   Seen
	state  skein.ZoneState
	reason string
	at     place
	fresh  bool // a single change: overtakes bulk
	got    fetched
	ahead  lead // of us, as was told
	asking bool // a question is in flight
	lost   bool // the member went away while it was at this
	denied bool // the member refused the last step for it
	tells  int  // how often it was told this revision
	looks  int  // how often it was looked at since it was told
	fails  int  // in a row
	due    time.Time
	index  int           // in the heap of due items, -1 if not
	step   member.Action // while queued or busy

	drifted bool // an audit found it otherwise, and no change has come since

	inLine        bool // owned by the line, like the next two
	since         time.Time
	before, after *item
}

// fetched is the last serial that the member transferred from our primary, so
// far as we know.
type fetched struct {
	serial uint32
	ever   bool
}

// proven reports whether what the member has as the wanted serial is ours.
func (it *item) proven() bool {
	return it.got.ever && !zone.SerialLess(it.got.serial, it.want.Serial)
}

// place is where an item is in its way. Only items in watch, gate and parked have a due time.
type place uint8

const (
	watch    place = iota // to be looked at when due
	gate                  // waits for our own nameserver to serve the wanted serial
	ready                 // in a queue for the driver
	busy                  // in the driver's hands
	parked                // failed or foreign: left alone until due
	sleeping              // the member is away
)

// dueHeap orders items by due time.
type dueHeap []*item

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *dueHeap) Push(x any) {
	it := x.(*item)
	it.index = len(*h)
	*h = append(*h, it)
}
func (h *dueHeap) Pop() any {
	old := *h
	it := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	it.index = -1
	return it
}

// at sets when it is due, also if it is in the heap already.
func (h *dueHeap) at(it *item, due time.Time) {
	it.due = due
	if it.index >= 0 {
		heap.Fix(h, it.index)
		return
	}
	heap.Push(h, it)
}

func (h *dueHeap) remove(it *item) {
	if it.index >= 0 {
		heap.Remove(h, it.index)
	}
}

// lanes are two queues, of single changes and of bulk.
type lanes struct{ fresh, bulk []*item }

// push queues an item. So many single changes that they would wait for each
// other are bulk, however they came: one by one, or all ripe at once.
func (q *lanes) push(it *item) {
	if it.fresh && len(q.fresh) < freshPage {
		q.fresh = append(q.fresh, it)
	} else {
		q.bulk = append(q.bulk, it)
	}
}

func (q *lanes) empty() bool { return len(q.fresh)+len(q.bulk) == 0 }

// pop takes up to n items that still qualify; the others left the queue in other ways.
func pop(queue *[]*item, n int, qualifies func(*item) bool) (taken []*item) {
	for len(*queue) > 0 && len(taken) < n {
		it := (*queue)[0]
		(*queue)[0] = nil
		*queue = (*queue)[1:]
		if qualifies(it) {
			taken = append(taken, it)
		}
	}
	if len(*queue) == 0 {
		*queue = nil
	}
	return taken
}

// The times of the loop. Each first wait is the shortest that can help.
const (
	nextLook    = time.Millisecond     // at a single change that the member has fetched: it serves it any moment
	firstLook   = 5 * time.Millisecond // a small zone is transferred in less
	longLook    = 5 * time.Second
	together    = 100 * time.Millisecond // what is fetched in bulk is looked at so often: questions and answers go in bursts
	crowd       = 2 * time.Millisecond   // per waiting zone: about 500 looks a second beside hints
	firstGate   = time.Millisecond
	longGate    = 250 * time.Millisecond
	patience    = 2 * time.Second  // BIND: a zone that missed its first transfer waits a minute by itself
	longQueue   = 30 * time.Second // how long a zone may wait for others without being told again
	longest     = 60 * time.Second // of any back-off
	rarely      = 10 * time.Minute // foreign zones
	recheckPoll = 50 * time.Millisecond
	stalled     = 15 * time.Second // a driver's call without progress
)

// crowded is how many zones are told at once without one waiting for the others.
const crowded = 32

// backoff doubles from first to longest; jitter in [0,1) takes off up to half.
func backoff(first, longest time.Duration, n int, jitter float64) time.Duration {
	d := longest
	if n < 20 && first<<n < longest {
		d = first << n
	}
	return d - time.Duration(jitter*float64(d)/2)
}
