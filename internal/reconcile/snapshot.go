package reconcile

import (
	"context"
	"encoding/json"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// snapshot is what is kept of a worker across restarts: everything up to the
// cursor is as wanted, but for the exceptions. It may be old: what came after
// it is in the feed.
type snapshot struct {
	Setup      setup          `json:"setup"`
	Cursor     store.Cursor   `json:"cursor"`
	Revision   skein.Revision `json:"revision"`
	Doubtful   bool           `json:"doubtful,omitempty"`
	Exceptions []exception    `json:"exceptions,omitempty"`
}

type exception struct {
	Zone     zone.Name      `json:"z"`
	Revision skein.Revision `json:"r"`
	Serial   uint32         `json:"s"`
	Deleted  bool           `json:"d,omitempty"`
	Parted   bool           `json:"p,omitempty"`
}

// setup is what zones on a member are configured with: when it changes, each must be checked.
type setup struct {
	Driver, DNS, RNDC, View, Key, Algorithm string
	Primaries                               string
}

func setupOf(m skein.Member) setup {
	primaries, _ := json.Marshal(m.Primaries) // addresses and numbers always marshal
	return setup{m.Driver, m.DNS().String(), m.RNDC().String(), m.View, m.TSIGKey, m.Algorithm, string(primaries)}
}

// load takes over the snapshot of an earlier run, if it is of the same setup.
func (w *worker) load(ctx context.Context) {
	var s snapshot
	if o := w.loop.cfg.Observed; o != nil {
		raw, err := o.Load(ctx, w.member.Name)
		if err == nil && raw != nil {
			err = json.Unmarshal(raw, &s)
		}
		if err != nil {
			w.loop.cfg.Log.Warn("what was observed of a member is lost: looking at all its zones again", "member", w.member.Name, "error", err)
			s = snapshot{}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.Cursor == "" || s.Setup != setupOf(w.member) {
		w.doubtful = true
		w.behind = w.loop.zones()
		return
	}
	w.cursor, w.pos, w.doubtful = s.Cursor, s.Revision, s.Doubtful
	for _, e := range s.Exceptions {
		if w.items[e.Zone] == nil {
			w.begin(Wanted{e.Zone, e.Revision, e.Serial, e.Deleted}, Seen{Doubt: s.Doubtful, Parted: e.Parted}, false, w.now())
		}
	}
}

// save writes a snapshot if anything changed.
func (w *worker) save(ctx context.Context) {
	if w.loop.cfg.Observed == nil {
		return
	}
	w.mu.Lock()
	if !w.dirty {
		w.mu.Unlock()
		return
	}
	w.dirty = false
	s := snapshot{Setup: setupOf(w.member), Cursor: w.cursor, Revision: w.pos, Doubtful: w.doubtful}
	for _, it := range w.items {
		if it.want.Revision <= w.pos { // what is beyond will be found in the feed
			s.Exceptions = append(s.Exceptions, exception{it.want.Zone, it.want.Revision, it.want.Serial, it.want.Deleted, it.seen.Parted})
		}
	}
	w.mu.Unlock()
	raw, err := json.Marshal(s)
	if err == nil {
		err = w.loop.cfg.Observed.Save(ctx, w.member.Name, raw)
	}
	if err != nil {
		w.mu.Lock()
		w.dirty = true
		w.mu.Unlock()
		w.loop.cfg.Log.Warn("saving what was observed of a member failed; it is tried again", "member", w.member.Name, "error", err)
	}
}
