// Package secondary keeps a set of secondary zones (RFC 9499) in step with
// their primaries by zone transfers, and feeds a nameserver with them: a
// nameserver.Source and NotifySink.
//
// The list of zones and their contents are on disk, so that a restart answers
// at once. A change of the list is on disk when it returns; contents follow
// within a second, since another transfer brings them back.
//
// One scheduler starts what is due, a bounded number at once and for each
// primary, so that one dead primary delays nobody else's zones.
package secondary

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/nameserver"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// Setup is how one zone is kept.
type Setup struct {
	Label     string    `json:"label,omitempty"`     // for whoever made the zone to find again
	Primaries []Primary `json:"primaries,omitempty"` // in the order in which they are asked
}

// Primary is a server to transfer from.
type Primary struct {
	Addr netip.AddrPort `json:"addr"`
	Key  string         `json:"key,omitempty"` // name of the TSIG key; "" none
}

// Status is what is known of a zone.
type Status struct {
	Setup
	Loaded    bool // false: nothing was transferred yet, or it expired
	Serial    uint32
	Names     int       // owner names
	Since     time.Time // when the contents came
	Refreshes time.Time // when a primary is asked next
	Expires   time.Time
	Problem   string // of the last attempt; "" if that was good
}

// Options are what a Set is made of. Only Dir must be given.
type Options struct {
	Dir       string // kept between runs; one Set at a time
	Keys      []xfr.Key
	Log       *slog.Logger
	Transfers int // attempts at once, 200 by default
	Each      int // of them at one primary, 50 by default

	// For tests. Random returns numbers from 0 to below 1.
	Random func() float64
	Fetch  func(context.Context, xfr.Request) (zone.Contents, xfr.Kind, error)
	Serial func(context.Context, xfr.Request) (uint32, error)
}

// Set is a set of secondary zones. Its methods are safe for concurrent use.
type Set struct {
	opts Options
	log  *slog.Logger
	keys map[string]xfr.Key // by owner name
	disk *disk
	wake chan struct{} // something may be due earlier than it was

	changes sync.Mutex // one change of the list at a time; taken before mu

	mu        sync.Mutex // owns the rest
	into      nameserver.Updater
	zones     map[zone.Name]*member // by canonical name
	queue     queue
	primaries map[netip.AddrPort]*primary
	running   int
	loaded    int // zones that are served
	nextID    uint64
}

// member is one zone of the set. Set.mu owns it.
type member struct {
	id    uint64
	name  zone.Name
	setup Setup

	loaded    bool     // contents are served
	soa       zone.SOA // of the contents, if loaded
	since     time.Time
	confirmed time.Time // when a primary said last that the contents are current
	warned    bool      // of the coming expiry

	try      time.Time // when a primary is to be asked next
	from     int       // the primary to begin with
	tried    int       // primaries that failed in this round
	failures int       // rounds that failed
	problem  string
	order    order     // what is asked for beyond a look at the serial
	quiet    time.Time // until then, unsigned NOTIFYs wait

	state state
	at    time.Time // due, while queued
	index int       // in the queue
	end   context.CancelFunc

	writing sync.Mutex // held while contents change, in the nameserver and on disk; taken before mu
	gone    bool       // written under both locks
	stored  stored     // owned by writing
}

type state int

const (
	queued  state = iota // waits for its time
	waiting              // waits for a place at its primary
	busy                 // is asking
)

// order is what an attempt does beyond looking at the serial.
type order struct {
	whole  bool   // transfer the zone whatever its serial
	now    bool   // whatever is known of the primary
	heard  bool   // a primary sent a NOTIFY
	by     int    // the place of that primary, from 1; 0: by its key only
	signed bool   // with a signature that holds, so that its serial is believed
	serial uint32 // of the NOTIFY
	known  bool   // it had one
}

// Open reads the list of zones.
func Open(o Options) (*Set, error) {
	s := &Set{opts: o, log: o.Log, keys: map[string]xfr.Key{}, wake: make(chan struct{}, 1), zones: map[zone.Name]*member{}, primaries: map[netip.AddrPort]*primary{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.opts.defaults()
	for _, k := range o.Keys {
		if err := k.Check(); err != nil {
			return nil, err
		}
		s.keys[k.OwnerName()] = k
	}
	var entries []entry
	var err error
	if s.disk, entries, err = openDisk(o.Dir, s.log); err != nil {
		return nil, fmt.Errorf("opening the folder of secondary zones: %w", err)
	}
	s.nextID = s.disk.list.last
	for _, e := range entries {
		s.zones[e.Zone.Canonical()] = &member{id: e.ID, name: e.Zone, setup: e.Setup, end: func() {}, index: -1}
	}
	return s, nil
}

func (o *Options) defaults() {
	if o.Transfers <= 0 {
		o.Transfers = 200
	}
	if o.Each <= 0 {
		o.Each = 50
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Fetch == nil {
		o.Fetch = xfr.Fetch
	}
	if o.Serial == nil {
		o.Serial = xfr.Serial
	}
}

// Close gives the files back. Run must have ended.
func (s *Set) Close() error { return s.disk.close() }

// Len returns the number of zones.
func (s *Set) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.zones)
}

// Counts returns how many zones are served, and how many are not: they were
// never transferred, or have expired.
func (s *Set) Counts() (served, waiting int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loaded, len(s.zones) - s.loaded
}

// setLoaded notes whether a zone is served. The caller holds mu.
func (s *Set) setLoaded(z *member, loaded bool) {
	switch {
	case loaded && !z.loaded:
		s.loaded++
	case !loaded && z.loaded:
		s.loaded--
	}
	z.loaded = loaded
}

// Look returns a zone's setup and state; false if there is none.
func (s *Set) Look(name zone.Name) (Status, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := s.zones[name.Canonical()]
	if z == nil {
		return Status{}, false
	}
	st := Status{Setup: z.setup, Loaded: z.loaded, Refreshes: z.try, Problem: z.problem}
	if z.loaded {
		st.Serial, st.Since, st.Expires = z.soa.Serial, z.since, z.expires()
		if c, ok := s.into.Current(z.name); ok {
			st.Names, _ = c.Len()
		}
	}
	return st, true
}
