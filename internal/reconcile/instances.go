package reconcile

import (
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	mostInstances   = 16
	instancesRecent = time.Hour // the audit asks several times in that
)

// instances are the names that whatever answers at a member's address has for
// itself (NSID): one of a single server, several where the address is an anycast
// one. The zero value is ready.
type instances struct {
	mu   sync.Mutex // a leaf
	seen map[string]time.Time
}

func (i *instances) note(nsid string, now time.Time) {
	if nsid == "" {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forget(now)
	if _, is := i.seen[nsid]; !is && len(i.seen) == mostInstances {
		return
	}
	if i.seen == nil {
		i.seen = map[string]time.Time{}
	}
	i.seen[nsid] = now
}

// told are those of the last hour, in order.
func (i *instances) told(now time.Time) []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forget(now)
	return slices.Sorted(maps.Keys(i.seen))
}

// forget drops what has not answered for long. i.mu is held.
func (i *instances) forget(now time.Time) {
	maps.DeleteFunc(i.seen, func(_ string, at time.Time) bool { return now.Sub(at) > instancesRecent })
}
