// Package inventory reads members: those whose role is synchronize or
// standalone, regularly and when somebody asks. What they have passes through
// control's gate, which knows what is newer, whose it is, and what waits.
//
// An inventory is streamed and looked at some hundred zones at a time, and only
// what is newer than ours, or unknown, is read. So a round costs names and
// serials, and memory follows a page. What breaks off has taken in what came
// before, and the next round finds the rest: nothing is taken as missing.
package inventory

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/member"
	"github.com/skein-dns/skein/zone"
)

// Gate is what the regular rounds need of control.
type Gate interface {
	// Newer chooses those zones of a page that are to be read.
	Newer(ctx context.Context, member string, page []skein.Held) ([]zone.Name, error)
	TakeIn(ctx context.Context, member string, contents zone.Contents) (skein.SyncStep, error)
	SettleConflicts(ctx context.Context, member string) error
}

// Config is what an Inventory is made of. Driver is needed.
type Config struct {
	// Driver makes a driver that is used for reading alone.
	Driver func(skein.Member, skein.MemberSecrets) (member.Driver, error)
	Every  time.Duration // from one round to the next; 5 minutes by default
	Page   int           // zones that are looked at at once; 500 by default
	Rand   func() float64
	Log    *slog.Logger
}

// Inventory reads members. Its methods are safe for concurrent use.
type Inventory struct {
	cfg  Config
	gate Gate // written by Run, before anything reads it
	wake chan struct{}

	mu      sync.Mutex // owns members
	members map[string]*reading
}

const (
	readEvery = 5 * time.Minute
	pageSize  = 500
)

var _ control.Inventory = (*Inventory)(nil)

// New checks the configuration. Members are set before Run and while it runs.
func New(cfg Config) (*Inventory, error) {
	if cfg.Driver == nil {
		return nil, errors.New("inventory needs drivers")
	}
	if cfg.Every <= 0 {
		cfg.Every = readEvery
	}
	if cfg.Page <= 0 {
		cfg.Page = pageSize
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Float64
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Inventory{cfg: cfg, members: map[string]*reading{}, wake: make(chan struct{}, 1)}, nil
}

// SetMember makes a member known, or changes it.
func (i *Inventory) SetMember(m skein.Member, s skein.MemberSecrets) {
	i.mu.Lock()
	defer i.mu.Unlock()
	m.Status = nil
	if old := i.members[m.Name]; old != nil {
		old.end()
	}
	i.members[m.Name] = newReading(i, m, s)
	i.poke()
}

// RemoveMember forgets a member. What is being read of it is broken off.
func (i *Inventory) RemoveMember(name string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r := i.members[name]; r != nil {
		r.end()
		delete(i.members, name)
	}
}

func (i *Inventory) poke() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

// Run reads members regularly until ctx ends: each by a goroutine of its own,
// so that one that hangs delays no other.
func (i *Inventory) Run(ctx context.Context, gate Gate) error {
	i.gate = gate
	var running sync.WaitGroup
	for {
		i.mu.Lock()
		for _, r := range i.members {
			if r.isRead() && !r.started {
				r.started = true
				running.Go(func() { r.rounds(ctx) })
			}
		}
		i.mu.Unlock()
		select {
		case <-ctx.Done():
			running.Wait()
			return nil
		case <-i.wake:
		}
	}
}

func (i *Inventory) member(name string) (*reading, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if r := i.members[name]; r != nil {
		return r, nil
	}
	return nil, &skein.Error{Kind: skein.KindNotFound, What: fmt.Sprintf("there is no member %.253q", name), Mend: "skein member list shows those that there are"}
}

// Walk implements control.Inventory.
func (i *Inventory) Walk(ctx context.Context, name string, pick Pick, take Take) error {
	r, err := i.member(name)
	if err != nil {
		return err
	}
	return r.walk(ctx, pick, take)
}

// Read implements control.Inventory.
func (i *Inventory) Read(ctx context.Context, name string, names []zone.Name, take Take) error {
	r, err := i.member(name)
	if err != nil {
		return err
	}
	return r.withReader(ctx, func(ctx context.Context, d member.Reader, alive func()) error {
		return r.readAll(ctx, d, names, take, alive)
	})
}

// Pick chooses those zones of a page that are to be read.
type Pick = func(context.Context, []skein.Held) ([]zone.Name, error)

// Take gets a zone that was read, or why it could not be; several are called at
// once. An error ends the reading.
type Take = func(context.Context, zone.Name, zone.Contents, error) error
