package intake

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// auto is the autosecondary: a NOTIFY of an unknown zone from a primary that
// is trusted so asks for the zone, once that primary was seen to have it. It
// never ends one.
type auto struct {
	queue chan announced

	mu      sync.Mutex // owns the rest
	trusted map[netip.Addr][]trust
	waits   map[secondary.Ref]bool // in queue, or being looked at
}

// trust is a primary whose word creates zones.
type trust struct {
	source string
	peer   secondary.Peer
	rate   *rate.Limiter
}

// announced is a zone that a NOTIFY told of.
type announced struct {
	ref  secondary.Ref
	peer secondary.Peer
}

const (
	// A panel that is told of a new secondary announces all that it has at once.
	autoBurst = 20_000
	autoRate  = 100 // in a second, beyond that
	autoAsks  = 8   // at once
)

func newAuto() *auto {
	return &auto{queue: make(chan announced, autoBurst), trusted: map[netip.Addr][]trust{}, waits: map[secondary.Ref]bool{}}
}

// set trusts the primaries of a source, or no more.
func (a *auto) set(s *source) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop(s.Name)
	if s.Paused || s.Transfer == nil || !s.Transfer.Auto {
		return
	}
	limit := rate.NewLimiter(autoRate, autoBurst)
	for _, p := range s.peers {
		at := p.Addr.Addr().Unmap()
		a.trusted[at] = append(a.trusted[at], trust{s.Name, p, limit})
	}
}

func (a *auto) remove(source string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop(source)
}

func (a *auto) drop(source string) {
	for at, all := range a.trusted {
		all = slices.DeleteFunc(slices.Clone(all), func(t trust) bool { return t.source == source })
		if a.trusted[at] = all; len(all) == 0 {
			delete(a.trusted, at)
		}
	}
}

// notified takes a NOTIFY of a zone that nobody asks for. To strangers it costs
// a look at one map; a primary that has a key must sign with it.
func (a *auto) notified(name zone.Name, from netip.AddrPort, key string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.trusted[from.Addr().Unmap()] {
		if t.peer.Key != nil && (key == "" || t.peer.Key.OwnerName() != xfr.Key{Name: key}.OwnerName()) {
			continue
		}
		ref := secondary.Ref{Name: name.Canonical(), Source: t.source}
		if a.waits[ref] {
			return true
		}
		if !t.rate.Allow() {
			continue
		}
		select {
		case a.queue <- announced{ref, t.peer}:
			a.waits[ref] = true
			return true
		default:
		}
	}
	return false
}

func (a *auto) run(ctx context.Context, i *Intake) {
	var workers sync.WaitGroup
	for range autoAsks {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case z := <-a.queue:
					i.discover(ctx, z)
					a.done(z.ref)
				}
			}
		})
	}
	workers.Wait()
}

func (a *auto) done(ref secondary.Ref) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.waits, ref)
}

// askPatience bounds the look at a primary that announced a zone.
const askPatience = 10 * time.Second

// discover asks for a zone that a primary announced and has.
func (i *Intake) discover(ctx context.Context, z announced) {
	i.gate.Heard(z.ref.Source)
	asking, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	if _, err := i.serial(asking, xfr.Request{Server: z.peer.Addr, Zone: z.ref.Name, Key: z.peer.Key, TLS: z.peer.TLS}); err != nil {
		i.log.Warn("a zone that was announced is not there", "zone", z.ref, "primary", z.peer.Addr, "err", err)
		return
	}
	_, err := i.gate.AddTransferZones(ctx, actorOf(z.ref.Source), []skein.TransferZone{{Name: z.ref.Name, Source: z.ref.Source}})
	if err != nil && ctx.Err() == nil {
		i.log.Warn("a zone that was announced is not asked for", "zone", z.ref, "primary", z.peer.Addr, "err", err)
		return
	}
	i.log.Info("a zone was announced by its primary, and is transferred from now on", "zone", z.ref, "primary", z.peer.Addr)
}
