package dnsadmin

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"sync"
	"time"
)

// UniqID makes a dnsuniqid: what keeps an action from being carried out twice
// where members repeat it to their own. 32 letters and digits, as is documented.
func UniqID() string { return (rand.Text() + rand.Text())[:32] }

// NextID is the id of the nth action that an action makes itself.
func NextID(uniqid string, n int) string { return uniqid + "_" + strconv.Itoa(n) }

// Ids remembers which actions came from whom, so that one that comes round a
// circle of servers is taken once, and what they made of zones, so that it is
// passed on under its own id. It keeps the newest, for a time; an entry takes
// less than 500 octets. It is safe for concurrent use.
type Ids struct {
	max  int
	keep time.Duration
	now  func() time.Time

	mu       sync.Mutex // owns the rest
	seen     memory[seenKey, seenKey]
	versions memory[seenKey, version]
}

// seenKey is what an action or a name is known by: part of a hash, since ids
// come from outside and may be of any length.
type seenKey [16]byte

// version is what a zone's newest version came under.
type version struct {
	serial uint32
	uniqid string
}

// NewIds makes one that remembers so many of each, for so long. Now is time.Now
// but in tests.
func NewIds(max int, keep time.Duration, now func() time.Time) *Ids {
	return &Ids{max: max, keep: keep, now: now}
}

// The kinds of actions that are told apart where one comes round a circle: a
// server may pass a zone that was added on in a batch.
const (
	ActionSave   = "save"
	ActionRemove = "remove"
)

// First reports whether an action is to be carried out: false if it came from
// another source before. From the same source it is a repeat, which whoever
// carries it out knows how to answer. What we do ourselves is noted with the
// source "".
func (i *Ids) First(source, action, zone, uniqid string) bool {
	if uniqid == "" {
		return true
	}
	key, by := hash(action, zone, uniqid), hash(source)
	i.mu.Lock()
	defer i.mu.Unlock()
	if was, is := i.seen.get(key, i.now()); is {
		return was == by
	}
	i.seen.put(kept[seenKey, seenKey]{key, by, i.now().Add(i.keep)}, i.max, i.now())
	return true
}

// Forget takes back what First noted: the action was not carried out, and counts
// when it comes another way.
func (i *Ids) Forget(action, zone, uniqid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen.drop(hash(action, zone, uniqid))
}

// maxUniqID bounds an id that is passed on, in octets; longer ones are forgotten.
const maxUniqID = 128

// Mark notes the id that the version of a zone with this serial came under, or
// with the serial 0 its removal.
func (i *Ids) Mark(zone string, serial uint32, uniqid string) {
	if uniqid == "" || len(uniqid) > maxUniqID {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.versions.put(kept[seenKey, version]{hash(zone), version{serial, uniqid}, i.now().Add(i.keep)}, i.max, i.now())
}

// Of returns the id that the version of a zone came under; "" if it did not come
// under any, or that is forgotten.
func (i *Ids) Of(zone string, serial uint32) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if v, is := i.versions.get(hash(zone), i.now()); is && v.serial == serial {
		return v.uniqid
	}
	return ""
}

// hash tells parts apart by their lengths.
func hash(parts ...string) (key seenKey) {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	copy(key[:], h.Sum(nil))
	return key
}
