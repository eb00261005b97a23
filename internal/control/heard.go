package control

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"github.com/skein-dns/skein"
)

const (
	// heardKey is the name under which it is kept when sources were heard. No
	// member has a space in its name.
	heardKey = "sources heard"
	// heardEvery is how often that is written.
	heardEvery = time.Minute
)

// hearing is when sources were last heard. The zero value is ready.
type hearing struct {
	mu    sync.Mutex // owns what follows
	began time.Time  // of listening
	at    map[string]time.Time
	dirty bool
}

// Heard notes that a source said something just now, whatever came of it.
// Every change that is asked for counts by itself; a door says it of other things.
func (c *Control) Heard(source string) {
	h := &c.hearing
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at == nil {
		h.at = map[string]time.Time{}
	}
	h.at[source], h.dirty = c.Now().UTC(), true
}

func (c *Control) heardOf(source string) time.Time {
	c.hearing.mu.Lock()
	defer c.hearing.mu.Unlock()
	return c.hearing.at[source]
}

// loadHeard takes up what was kept. Without it no source is silent before its
// time has passed anew.
func (c *Control) loadHeard(ctx context.Context) {
	h := &c.hearing
	h.mu.Lock()
	defer h.mu.Unlock()
	h.began, h.at = c.Now().UTC(), map[string]time.Time{}
	if c.Observed == nil {
		return
	}
	kept, err := c.Observed.Load(ctx, heardKey)
	if err == nil && len(kept) > 0 {
		err = json.Unmarshal(kept, &h.at)
	}
	if err != nil {
		c.Log.Warn("when sources were last heard is lost", "err", err)
	}
}

// silent reports whether a source has not been heard for longer than its alarm.
func (c *Control) silent(s skein.Source, heard time.Time) bool {
	if heard.IsZero() {
		c.hearing.mu.Lock()
		heard = c.hearing.began
		c.hearing.mu.Unlock()
	}
	if heard.Before(s.Created) {
		heard = s.Created
	}
	return s.Silence > 0 && !s.Paused && c.Now().Sub(heard) > s.Silence
}

// Watch writes down when sources were heard until ctx ends.
func (c *Control) Watch(ctx context.Context) error {
	tick := time.NewTicker(heardEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			c.keepHeard(context.WithoutCancel(ctx))
			return nil
		case <-tick.C:
			c.keepHeard(ctx)
		}
	}
}

func (c *Control) keepHeard(ctx context.Context) {
	h := &c.hearing
	h.mu.Lock()
	dirty, at := h.dirty, maps.Clone(h.at)
	h.dirty = false
	h.mu.Unlock()
	if !dirty || c.Observed == nil {
		return
	}
	kept, err := json.Marshal(at)
	if err == nil {
		err = c.Observed.Save(ctx, heardKey, kept)
	}
	if err != nil {
		c.Log.Warn("writing down when sources were heard", "err", err)
	}
}

func (c *Control) forgetHeard(source string) {
	c.hearing.mu.Lock()
	defer c.hearing.mu.Unlock()
	delete(c.hearing.at, source)
	c.hearing.dirty = true
}
