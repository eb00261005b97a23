// Package intake transfers zones in from the servers of sources: zones that a
// source asks for, the members of its catalogs (RFC 9432), and, as
// autosecondary, what its primaries announce.
//
// It is a door: what comes goes through control, as the source, which says
// whose zone it is and whether it waits for a person. What is to be transferred
// is in the store, and told by control; when a primary last spoke is observed,
// and never written there.
package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// Gate is what intake needs of control.
type Gate interface {
	PutZone(context.Context, skein.Actor, control.PutZone) (control.Result, error)
	Zone(context.Context, skein.Actor, zone.Name) (skein.Zone, error)
	Contents(context.Context, skein.Actor, zone.Name) (skein.Zone, zone.Contents, error)
	Overlays(context.Context, skein.Actor, zone.Name) ([]skein.Overlay, error)
	TakeOver(context.Context, skein.Actor, control.TakeOver) (control.Result, error)
	AddTransferZones(context.Context, skein.Actor, []skein.TransferZone) (created int, err error)
	DeleteTransferZone(context.Context, skein.Actor, zone.Name) error
	TransferZones(context.Context, skein.Actor, control.TransferQuery) ([]skein.TransferZone, error)
	Heard(source string)
}

// Service ends and begins again the service of zones that expired. Calls for
// one zone come one after the other.
type Service interface {
	Expire(name zone.Name)
	Revive(name zone.Name)
}

// Options are what an Intake is made of. Service and States must be given.
type Options struct {
	Service Service
	States  States
	Log     *slog.Logger
	// Secondary is for tests: Fetch, Serial, Random. Its Keeper is the intake itself.
	Secondary secondary.Options
}

// Intake is the transfer door. Its methods are safe for concurrent use.
type Intake struct {
	opts   Options
	log    *slog.Logger
	set    *secondary.Set
	serial func(context.Context, xfr.Request) (uint32, error)
	states *states
	expiry *expiry
	auto   *auto
	gate   Gate // written by Start, before anything reads it

	applying sync.Mutex // one catalog at a time; taken before the rest

	changes sync.Mutex // one change of sources or zones at a time; taken before mu

	mu      sync.Mutex // owns the rest
	sources map[string]*source
	lists   map[secondary.Ref]*list // of the catalogs
	restore int                     // zones that were put before Start; -1 after it
}

// New makes an intake and reads what was observed before. Control tells it
// then what sources and zones there are, before Start.
func New(ctx context.Context, o Options) (*Intake, error) {
	if o.Service == nil || o.States == nil {
		return nil, errors.New("intake needs a service and states")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	i := &Intake{
		opts: o, log: o.Log, serial: o.Secondary.Serial, auto: newAuto(), expiry: newExpiry(o.Service),
		sources: map[string]*source{}, lists: map[secondary.Ref]*list{},
	}
	if i.serial == nil {
		i.serial = xfr.Serial
	}
	var err error
	if i.states, err = loadStates(ctx, o.States); err != nil {
		return nil, err
	}
	so := o.Secondary
	so.Keeper, so.Log, so.Older, so.Expiring, so.Believes = i, o.Log, true, i.expiry.near, i.believes
	i.set = secondary.New(so)
	return i, nil
}

// Start ends the service of what expired while nobody looked. Run follows.
func (i *Intake) Start(ctx context.Context, gate Gate) error {
	i.gate = gate
	i.mu.Lock()
	i.restore = -1
	i.mu.Unlock()
	i.states.forgetUnclaimed()
	if err := i.expiry.look(ctx, i); err != nil {
		return fmt.Errorf("looking at zones that expired: %w", err)
	}
	return nil
}

// Run transfers until ctx ends.
func (i *Intake) Run(ctx context.Context) error {
	var parts sync.WaitGroup
	parts.Go(func() { i.set.Run(ctx) })
	parts.Go(func() { i.auto.run(ctx, i) })
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-i.expiry.wake:
			if err := i.expiry.look(ctx, i); err != nil && ctx.Err() == nil {
				i.log.Error("ending the service of expired zones; it is tried again", "err", err)
			}
		case <-tick.C:
			if err := i.states.flush(ctx); err != nil && ctx.Err() == nil {
				i.log.Error("noting what was observed of transfers", "err", err)
			}
			i.expiry.nudge()
		}
	}
	parts.Wait()
	return i.states.flush(context.WithoutCancel(ctx))
}

// Notified implements nameserver.NotifySink.
func (i *Intake) Notified(name zone.Name, from netip.AddrPort, key string, serial uint32, hasSerial bool) bool {
	return i.set.Notified(name, from, key, serial, hasSerial) || i.auto.notified(name, from, key)
}

// Expires returns how long a zone stays good without word from a primary;
// false if it is not transferred in.
func (i *Intake) Expires(name zone.Name) (left time.Duration, is bool) { return i.set.Expires(name) }

// Refresh asks a primary soon; with whole, the zone is transferred whatever its
// serial. False if the source does not ask for it.
func (i *Intake) Refresh(name zone.Name, source string, whole bool) bool {
	return i.set.Refresh(secondary.Ref{Name: name, Source: source}, whole)
}

// Look returns what is known of a zone that a source asks for, or of a catalog.
func (i *Intake) Look(name zone.Name, source string) (secondary.Status, bool) {
	ref := secondary.Ref{Name: name.Canonical(), Source: source}
	s, is := i.set.Look(ref)
	i.mu.Lock()
	l, of := i.lists[ref], i.sources[source]
	leaving := of != nil && of.zones[ref.Name].leaving
	i.mu.Unlock()
	switch {
	case leaving:
		s.Problem = "its source lists it no more, and its deletion waits for a person"
	case l != nil && s.Problem == "":
		s.Problem = l.problem()
	}
	return s, is
}

// TransferStatus implements control.Intake.
func (i *Intake) TransferStatus(name zone.Name, source string) (skein.TransferStatus, bool) {
	s, is := i.Look(name, source)
	if !is {
		return skein.TransferStatus{}, false
	}
	t := skein.TransferStatus{Name: name, Source: source, Refreshes: s.Refreshes, Expires: s.Expires, Expired: s.Expired, Problem: s.Problem}
	if s.Loaded {
		t.Serial, t.Since, t.Confirmed = s.SOA.Serial, s.Since, s.Confirmed
	}
	return t, true
}

// Catalogs implements control.Intake.
func (i *Intake) Catalogs(source string) (all []skein.TransferStatus) {
	i.mu.Lock()
	var names []zone.Name
	for ref := range i.lists {
		if ref.Source == source {
			names = append(names, ref.Name)
		}
	}
	i.mu.Unlock()
	slices.Sort(names)
	for _, name := range names {
		if t, is := i.TransferStatus(name, source); is {
			all = append(all, t)
		}
	}
	return all
}

// actorOf is who a source's transfers are made by.
func actorOf(source string) skein.Actor {
	return skein.Actor{Name: source, Door: skein.DoorTransfer, Source: source}
}
