// Package clustertest is a whole cluster in a test: a feed, a primary and
// members that live in memory, with faults to inject. It is made for
// synthetic time (testing/synctest): everything that takes time takes it from
// package time, and nothing touches the network or a disk.
package clustertest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// Store is the durable truth in memory: the feed and the heads of zones. It
// outlives the loops that follow it.
type Store struct {
	mu       sync.Mutex // owns everything below
	epoch    int
	revision skein.Revision
	lives    int
	floor    map[zone.Name]uint32
	zones    map[zone.Name]skein.Zone        // live
	newest   map[skein.ZoneID]skein.Revision // of the entries that count
	entries  []store.Entry                   // in order, superseded ones among them
	wakes    map[chan struct{}]struct{}
	quiet    bool // hints get lost
	slow     time.Duration
	handed   int // entries given out
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{
		floor: map[zone.Name]uint32{}, zones: map[zone.Name]skein.Zone{},
		newest: map[skein.ZoneID]skein.Revision{}, wakes: map[chan struct{}]struct{}{},
	}
}

// Put commits a change of a zone, which is made if it is not there, and
// returns its new head. The serial never goes back, also across lives.
func (s *Store) Put(name zone.Name) skein.Zone { return s.PutIn(name, "") }

// PutIn is Put of a zone that is made in a pool.
func (s *Store) PutIn(name zone.Name, pool string) skein.Zone {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, ok := s.zones[name]
	if !ok {
		s.lives++
		z = skein.Zone{ID: skein.ZoneID(fmt.Sprintf("zone-%d", s.lives)), Name: name, Pool: pool, Created: time.Now()}
	}
	s.floor[name]++
	z.Serial, z.Changed, z.Published = s.floor[name], time.Now(), s.revision+1
	return s.commit(z)
}

// Move commits that a zone that is there goes to another pool, as it is.
func (s *Store) Move(name zone.Name, pool string) skein.Zone {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.zones[name]
	z.Pool, z.PoolBefore = pool, cmp.Or(z.Pool, skein.DefaultPool)
	return s.commit(z)
}

// Take commits a takeover of a zone that is there: a revision with the serial
// and the contents that it has.
func (s *Store) Take(name zone.Name) skein.Zone {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.zones[name]
	z.Origin, z.OriginBefore = "another", z.Origin
	return s.commit(z)
}

// Delete commits the deletion of a zone that is there.
func (s *Store) Delete(name zone.Name) skein.Zone {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.zones[name]
	z.Deleted, z.Published = true, s.revision+1
	return s.commit(z)
}

func (s *Store) commit(z skein.Zone) skein.Zone {
	s.revision++
	z.Revision = s.revision
	s.entries = append(s.entries, store.Entry{Revision: s.revision, Zone: z})
	s.newest[z.ID] = s.revision
	if z.Deleted {
		delete(s.zones, z.Name)
	} else {
		s.zones[z.Name] = z
	}
	if !s.quiet {
		for c := range s.wakes {
			select {
			case c <- struct{}{}:
			default:
			}
		}
	}
	return z
}

// LoseHints switches the wake-ups of the feed off or on.
func (s *Store) LoseHints(lose bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quiet = lose
}

// PurgeTombstones drops what is kept of deleted zones.
func (s *Store) PurgeTombstones() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if e.Zone.Deleted {
			delete(s.newest, e.Zone.ID)
		}
	}
}

// SetSlow makes every page of the feed take a while to read.
func (s *Store) SetSlow(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = d
}

// Handed returns how many entries of the feed were given out: the work of those who read it.
func (s *Store) Handed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handed
}

// NewEpoch makes all cursors invalid, as after a rewind of the database.
func (s *Store) NewEpoch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
}

// Live returns the live zones in order of names.
func (s *Store) Live() []skein.Zone {
	s.mu.Lock()
	defer s.mu.Unlock()
	var live []skein.Zone
	for _, z := range s.zones {
		live = append(live, z)
	}
	slices.SortFunc(live, func(a, b skein.Zone) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return live
}

// Zone implements reconcile.Zones.
func (s *Store) Zone(_ context.Context, name zone.Name) (skein.Zone, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, ok := s.zones[name]
	if !ok {
		return skein.Zone{}, fmt.Errorf("zone %s: %w", name, store.ErrNotFound)
	}
	return z, nil
}

// Contents implements reconcile.Zones: a record that its serial is in.
func (s *Store) Contents(_ context.Context, id skein.ZoneID) (zone.Contents, skein.Revision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, z := range s.zones {
		if z.ID == id {
			return contents(z.Name, z.Serial, 0), z.Revision, nil
		}
	}
	return zone.Contents{}, 0, store.ErrNotFound
}

// contents of a zone at a serial; some records may be others'.
func contents(name zone.Name, serial uint32, others int) zone.Contents {
	text := fmt.Sprintf("@ 60 SOA ns. mail. %d 2 3 4 5\n@ 60 NS ns.\n@ 60 TXT v%d\n", serial, serial)
	for i := range others {
		text += fmt.Sprintf("@ 60 TXT other%d\n", i)
	}
	c, _, err := zone.Read(strings.NewReader(text), name, zone.Options{}, zone.Tolerant)
	if err != nil {
		panic(err) // of our own text
	}
	return c
}

// Entries implements store.Feed.
func (s *Store) Entries(ctx context.Context, after store.Cursor, limit int) ([]store.Entry, store.Cursor, error) {
	s.mu.Lock()
	slow := s.slow
	s.mu.Unlock()
	time.Sleep(slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, after, err
	}
	var from skein.Revision
	if after != "" {
		epoch, position, _ := strings.Cut(string(after), ":")
		n, err := strconv.ParseUint(position, 10, 64)
		if err != nil || epoch != strconv.Itoa(s.epoch) {
			return nil, "", store.ErrCursor
		}
		from = skein.Revision(n)
	}
	var entries []store.Entry
	i := sort.Search(len(s.entries), func(i int) bool { return s.entries[i].Revision > from })
	for ; i < len(s.entries) && len(entries) < limit; i++ {
		if e := s.entries[i]; s.newest[e.Zone.ID] == e.Revision {
			entries = append(entries, e)
		}
	}
	if len(entries) > 0 {
		from = entries[len(entries)-1].Revision
	}
	s.handed += len(entries)
	return entries, store.Cursor(fmt.Sprintf("%d:%d", s.epoch, from)), nil
}

// Wake implements store.Feed.
func (s *Store) Wake() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakes[c] = struct{}{}
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.wakes, c)
	}
}

// Observed keeps snapshots in memory; it outlives loops like a file does.
type Observed struct {
	mu   sync.Mutex // owns the group
	kept map[string][]byte
	full bool
}

// NewObserved returns an empty one.
func NewObserved() *Observed { return &Observed{kept: map[string][]byte{}} }

// Load implements reconcile.Observed.
func (o *Observed) Load(_ context.Context, member string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kept[member], nil
}

// Save implements reconcile.Observed.
func (o *Observed) Save(_ context.Context, member string, snapshot []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.full {
		return errors.New("no space left on device")
	}
	o.kept[member] = slices.Clone(snapshot)
	return nil
}

// SetFull makes what is to be saved fail, or succeed again.
func (o *Observed) SetFull(full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.full = full
}

// Copy returns what is on disk now: what a loop that is killed leaves behind.
func (o *Observed) Copy() *Observed {
	o.mu.Lock()
	defer o.mu.Unlock()
	return &Observed{kept: maps.Clone(o.kept)}
}

// Forget implements reconcile.Observed.
func (o *Observed) Forget(_ context.Context, member string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.kept, member)
	return nil
}
