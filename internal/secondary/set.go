// Package secondary keeps a set of secondary zones (RFC 9499) in step with
// their primaries by zone transfers.
//
// A Set decides when which primary is asked, and asks. Where contents are kept
// and served from is its Keeper's business: a Folder on disk that feeds a
// nameserver by itself, or the control plane (package intake).
//
// One scheduler starts what is due, a bounded number at once and for each
// primary, so that one dead primary delays nobody else's zones. A zone that
// waits costs its memory and nothing else.
package secondary

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// Ref names a zone of a set. Two sources may each have one of the same name.
type Ref struct {
	Name   zone.Name
	Source string
}

// LogValue implements slog.LogValuer.
func (r Ref) LogValue() slog.Value { return slog.StringValue(r.String()) }

func (r Ref) String() string {
	if r.Source == "" {
		return string(r.Name)
	}
	return string(r.Name) + " of " + r.Source
}

// Peer is a primary with all that is needed to ask it.
type Peer struct {
	Addr netip.AddrPort
	Key  *xfr.Key // nil: unsigned
	TLS  *xfr.TLS // nil: plain TCP
}

// State is what a zone goes on from after a restart. The zero value is a zone
// that was never transferred.
type State struct {
	Loaded    bool      // contents were taken
	SOA       zone.SOA  // of those
	Since     time.Time // when they came
	Confirmed time.Time // when a primary said last that they are current, as it saw it
	Refused   bool      // the primary has contents that the keeper did not take
	Offered   uint32    // their serial
	OfferedAt time.Time // when they came
	Problem   string    // of the last attempt; "" if that was good
}

// Status is what is known of a zone.
type Status struct {
	State
	Expired   bool
	Refreshes time.Time // when a primary is asked next
	Expires   time.Time
	Peers     []Peer // in the order in which they are asked
}

// Served reports whether the zone answers.
func (s Status) Served() bool { return s.Loaded && !s.Expired }

// Taken is contents that a primary gave.
type Taken struct {
	Ref
	Contents zone.Contents
	Kind     xfr.Kind
	From     netip.AddrPort
	Before   State // of the zone
	State    State // of the zone once they are kept
}

// Keeper keeps the contents of a set, and serves them. Calls for one zone come
// one after the other, but for Expire.
type Keeper interface {
	// Recall returns what is kept of a zone of which the set knows nothing, so
	// that it is not transferred for nothing; the zero value if nothing is.
	Recall(ctx context.Context, z Ref) State
	// Have returns what a primary gave with a serial, for a difference to start
	// from; zero contents if that is not at hand.
	Have(ctx context.Context, z Ref, serial uint32) zone.Contents
	// Take keeps contents. An error that wraps ErrNotTaken says that it would
	// refuse them again: they are not fetched again.
	Take(ctx context.Context, t Taken) error
	// Settled reports whether contents that were not taken, as s says, may have
	// been taken since, by a person: then they are fetched and handed over again.
	Settled(ctx context.Context, z Ref, s State) bool
	// Confirm notes that a primary said that the contents are current, or gave
	// others that are not taken. A zone that had expired is in service again.
	Confirm(ctx context.Context, z Ref, s State) error
	// Expire ends the service of a zone until the next Take or Confirm: no
	// primary has spoken for it for too long (RFC 1034 section 4.3.5). It must
	// not call the set.
	Expire(z Ref)
}

// Options are what a Set is made of.
type Options struct {
	Keeper    Keeper
	Log       *slog.Logger
	Transfers int  // attempts at once, 200 by default
	Each      int  // of them at one primary, 50 by default
	Lasting   bool // zones stay in service until they are deleted: nothing expires
	Older     bool // fetch also what has an older serial than ours: the keeper judges it
	// Believes is how long the serial of a zone's primaries is believed to say
	// whether it changed: after that the zone comes whole once. nil and 0: forever.
	Believes func(Ref) time.Duration
	// Expiring is told once, well before, that a zone will expire; nil: only
	// the log is. It must not block.
	Expiring func(Ref, Status)

	// For tests. Random returns numbers from 0 to below 1.
	Random func() float64
	Fetch  func(context.Context, xfr.Request) (zone.Contents, xfr.Kind, error)
	Serial func(context.Context, xfr.Request) (uint32, error)
}

// Set is a set of secondary zones. Its methods are safe for concurrent use.
type Set struct {
	opts Options
	log  *slog.Logger
	wake chan struct{} // something may be due earlier than it was

	mu        sync.Mutex            // owns the rest
	zones     map[zone.Name]*member // by canonical name: the first of that name
	count     int
	queue     queue
	primaries map[netip.AddrPort]*primary
	running   int
	loaded    int // zones that are served
}

// member is one zone of the set. Set.mu owns it.
type member struct {
	Ref
	peers []Peer  // nobody is asked, and nothing expires, without any
	twin  *member // another source's zone of the same name

	state   State
	expired bool
	warned  bool // of the coming expiry

	try      time.Time // when a primary is to be asked next
	from     int       // the primary to begin with
	tried    int       // primaries that failed in this round
	failures int       // rounds that failed
	order    order     // what is asked for beyond a look at the serial
	quiet    time.Time // until then, unsigned NOTIFYs wait

	phase phase
	at    time.Time // due, while queued
	index int       // in the queue
	end   context.CancelFunc
	gone  bool
	done  chan struct{} // closed when the attempt that runs has ended; nil: nobody waits for that
}

type phase int

const (
	queued  phase = iota // waits for its time
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

// New makes an empty set. Run keeps it.
func New(o Options) *Set {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
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
		o.Fetch = new(xfr.Conns).Fetch
	}
	if o.Serial == nil {
		o.Serial = xfr.Serial
	}
	return &Set{opts: o, log: o.Log, wake: make(chan struct{}, 1), zones: map[zone.Name]*member{}, primaries: map[netip.AddrPort]*primary{}}
}

func (z *member) served() bool { return z.state.Loaded && !z.expired }

func (z *member) expires() time.Time { return z.state.Confirmed.Add(expireIn(z.state.SOA)) }

func (s *Set) status(z *member) Status {
	st := Status{State: z.state, Expired: z.expired, Refreshes: z.try, Peers: z.peers}
	if z.state.Loaded && !s.opts.Lasting {
		st.Expires = z.expires()
	}
	if len(z.peers) == 0 {
		st.Refreshes, st.Expires = time.Time{}, time.Time{}
	}
	return st
}
