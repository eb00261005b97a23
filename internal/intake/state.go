package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/internal/store/observed"
	"github.com/skein-dns/skein/zone"
)

// States keeps what was observed of transfers; observed.File is it. It is not
// the truth: without it each zone is looked at once more.
type States interface {
	LoadTransfers(ctx context.Context, yield func(observed.Transfer)) error
	SaveTransfers(ctx context.Context, all []observed.Transfer) error
}

const (
	// flushEvery is how often what was observed is written, all at once.
	flushEvery = 5 * time.Second
	// flushAtOnce is how much of it.
	flushAtOnce = 10_000
)

// states is what is observed, on its way to where it is kept.
type states struct {
	kept States

	mu       sync.Mutex // owns the rest
	restored map[secondary.Ref]remembered
	dirty    map[secondary.Ref]*remembered // nil: forgotten
}

// remembered is what is observed of a zone.
type remembered struct {
	secondary.State
	leaving bool // its deletion waits for a person
}

func loadStates(ctx context.Context, kept States) (*states, error) {
	s := &states{kept: kept, restored: map[secondary.Ref]remembered{}, dirty: map[secondary.Ref]*remembered{}}
	err := kept.LoadTransfers(ctx, func(t observed.Transfer) {
		var st state
		if json.Unmarshal(t.Data, &st) == nil {
			s.restored[secondary.Ref{Name: zone.Name(t.Zone), Source: t.Source}] = st.open()
		}
	})
	return s, err
}

// claim returns what was observed of a zone before the start.
func (s *states) claim(ref secondary.Ref) remembered {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.restored[ref]
	delete(s.restored, ref)
	return st
}

// forgetUnclaimed drops what was observed of zones that are no more.
func (s *states) forgetUnclaimed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ref := range s.restored {
		s.dirty[ref] = nil
	}
	s.restored = map[secondary.Ref]remembered{}
}

func (s *states) note(ref secondary.Ref, st secondary.State, leaving bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty[ref] = &remembered{st, leaving}
}

func (s *states) forget(ref secondary.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty[ref] = nil
}

// flush writes what is not written yet.
func (s *states) flush(ctx context.Context) error {
	for {
		batch := s.take()
		if len(batch) == 0 {
			return nil
		}
		all := make([]observed.Transfer, 0, len(batch))
		for ref, st := range batch {
			t := observed.Transfer{Source: ref.Source, Zone: string(ref.Name)}
			if st != nil {
				var err error
				if t.Data, err = json.Marshal(closed(*st)); err != nil {
					return fmt.Errorf("%s: %w", ref, err)
				}
			}
			all = append(all, t)
		}
		if err := s.kept.SaveTransfers(ctx, all); err != nil {
			s.giveBack(batch)
			return err
		}
	}
}

// take returns a part of what is not written yet.
func (s *states) take() map[secondary.Ref]*remembered {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.dirty) <= flushAtOnce {
		all := s.dirty
		s.dirty = map[secondary.Ref]*remembered{}
		return all
	}
	batch := make(map[secondary.Ref]*remembered, flushAtOnce)
	for ref, st := range s.dirty {
		if len(batch) == flushAtOnce {
			break
		}
		batch[ref] = st
		delete(s.dirty, ref)
	}
	return batch
}

func (s *states) giveBack(batch map[secondary.Ref]*remembered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ref, st := range batch {
		if _, newer := s.dirty[ref]; !newer {
			s.dirty[ref] = st
		}
	}
}

// state is a secondary.State as it is written.
type state struct {
	Loaded    bool      `json:"l,omitempty"`
	Serial    uint32    `json:"s,omitempty"`
	Times     [4]uint32 `json:"t"` // refresh, retry, expire, minimum
	Since     int64     `json:"b,omitempty"`
	Confirmed int64     `json:"c,omitempty"`
	Refused   bool      `json:"r,omitempty"`
	Offered   uint32    `json:"o,omitempty"`
	OfferedAt int64     `json:"a,omitempty"`
	Problem   string    `json:"p,omitempty"`
	Leaving   bool      `json:"g,omitempty"`
}

func closed(s remembered) state {
	c := state{Leaving: s.leaving, Loaded: s.Loaded, Serial: s.SOA.Serial, Times: [4]uint32{s.SOA.Refresh, s.SOA.Retry, s.SOA.Expire, s.SOA.Minimum}, Refused: s.Refused, Offered: s.Offered, Problem: s.Problem}
	if s.Loaded {
		c.Since = s.Since.Unix()
	}
	if s.Refused {
		c.OfferedAt = s.OfferedAt.Unix() + 1 // the second that it was in is over
	}
	if !s.Confirmed.IsZero() {
		c.Confirmed = s.Confirmed.Unix()
	}
	return c
}

func (c state) open() remembered {
	return remembered{leaving: c.Leaving, State: secondary.State{Loaded: c.Loaded, SOA: zone.SOA{Serial: c.Serial, Refresh: c.Times[0], Retry: c.Times[1], Expire: c.Times[2], Minimum: c.Times[3]},
		Since: time.Unix(c.Since, 0), Confirmed: time.Unix(c.Confirmed, 0), Refused: c.Refused, Offered: c.Offered, OfferedAt: time.Unix(c.OfferedAt, 0), Problem: c.Problem}}
}
