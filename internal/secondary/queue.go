package secondary

import (
	"container/heap"
	"time"
)

// queue holds the zones that wait for their time, the earliest first.
type queue struct{ byTime }

type byTime []*member

func (q byTime) Len() int           { return len(q) }
func (q byTime) Less(i, j int) bool { return q[i].at.Before(q[j].at) }
func (q byTime) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *byTime) Push(x any) {
	z := x.(*member)
	z.index = len(*q)
	*q = append(*q, z)
}

func (q *byTime) Pop() any {
	last := len(*q) - 1
	z := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	z.index = -1
	return z
}

// put makes a zone due at a time, earlier or later than it was.
func (q *queue) put(z *member, at time.Time) {
	z.at = at
	if z.index >= 0 {
		heap.Fix(&q.byTime, z.index)
		return
	}
	heap.Push(&q.byTime, z)
}

// first returns the zone that is due first; nil if there is none.
func (q *queue) first() *member {
	if len(q.byTime) == 0 {
		return nil
	}
	return q.byTime[0]
}

func (q *queue) remove(z *member) {
	if z.index >= 0 {
		heap.Remove(&q.byTime, z.index)
	}
}
