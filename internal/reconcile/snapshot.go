package reconcile

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// snapshot is what is kept of a worker across restarts: everything up to the
// cursor is as wanted, but for the exceptions. It may be old: what came after
// it is in the feed.
type snapshot struct {
	Setup      setup          `json:"setup"`
	Pools      []string       `json:"pools,omitempty"`
	Left       []string       `json:"left,omitempty"`
	Cursor     store.Cursor   `json:"cursor"`
	Revision   skein.Revision `json:"revision"`
	AsOf       time.Time      `json:"as_of,omitzero"`
	Doubtful   bool           `json:"doubtful,omitempty"`
	Exceptions []exception    `json:"exceptions,omitempty"`
	Compared   store.Cursor   `json:"compared,omitempty"` // how far the audit of contents was
}

type exception struct {
	Zone     zone.Name      `json:"z"`
	Revision skein.Revision `json:"r"`
	Serial   uint32         `json:"s"`
	Deleted  bool           `json:"d,omitempty"`
	Parted   bool           `json:"p,omitempty"`
	Ahead    uint32         `json:"a,omitempty"`
	Drifted  bool           `json:"f,omitempty"`
	Doubt    bool           `json:"q,omitempty"` // whose it is there is to be asked: a serial does not tell
	Pool     string         `json:"o,omitempty"`
}

// setup is what zones on a member are configured with: when it changes, each must be checked.
type setup struct {
	Driver, DNS, RNDC, View, Key, Algorithm string
	Primaries                               string
	Trial                                   bool   `json:",omitempty"` // what was watched as another's was never ours for sure
	API, Only                               string `json:",omitempty"`
	Settings, User                          string `json:",omitempty"`
	Primary                                 bool   `json:",omitempty"` // others transfer from it
	Others                                  string `json:",omitempty"` // members that it transfers from
}

func (w *worker) setup() setup {
	m := w.member
	primaries, _ := json.Marshal(m.Primaries) // addresses and numbers always marshal, and so does text
	s := setup{m.Driver, m.DNS().String(), m.RNDC().String(), m.View, m.TSIGKey, m.Algorithm, string(primaries), w.trial, m.Endpoint, m.Only, "", "", m.Primary, ""}
	if len(m.Others) > 0 {
		others, _ := json.Marshal(m.Others)
		s.Others = string(others)
	}
	if len(m.Settings) > 0 {
		settings, _ := json.Marshal(m.Settings)
		s.Settings = string(settings)
	}
	if w.caps.Own { // another user is another account
		s.User = m.Username
	}
	return s
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
	w.left = leftPools(append(s.Left, s.Pools...), w.member)
	fits := s.Cursor != "" && s.Setup == w.setup() && (s.Pools == nil || slices.Equal(s.Pools, w.pools))
	if fits {
		w.cursor, w.pos, w.doubtful, w.behind, w.lateSince = s.Cursor, s.Revision, s.Doubtful, 0, time.Time{}
		w.asOf, w.newest, w.reading.cursor = s.AsOf, s.AsOf, s.Compared
	} else {
		w.doubtful = true
	}
	for _, e := range s.Exceptions {
		if w.items[e.Zone] == nil && (fits || e.Parted || e.Deleted) { // nothing else remembers those
			w.restore(e)
		}
	}
}

// restore begins an item where an earlier run left it. w.mu is held.
func (w *worker) restore(e exception) {
	w.take(&item{seen: Seen{Doubt: w.doubts() || e.Doubt, Parted: e.Parted}, drifted: e.Drifted, index: -1},
		Wanted{Zone: e.Zone, Revision: e.Revision, Serial: e.Serial, Deleted: e.Deleted, Pool: e.Pool}, w.now())
	it := w.items[e.Zone]
	if e.Ahead == 0 || it == nil {
		return
	}
	it.ahead = lead{e.Ahead, false}
	w.ahead++
	w.tellAhead(it, it.ahead) // again: it may not have been heard
}

// leftPools are those of the pools that a member has nothing to do with any
// more. Where it is standalone its zones are its own, and stay.
func leftPools(pools []string, m skein.Member) (left []string) {
	still := poolsOf(m, func(skein.Role) bool { return true })
	for _, pool := range pools {
		if !slices.Contains(still, pool) && !slices.Contains(left, pool) {
			left = append(left, pool)
		}
	}
	return left
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
	s := snapshot{Setup: w.setup(), Pools: w.pools, Left: w.left, Cursor: w.cursor, Revision: w.pos, AsOf: w.asOf, Doubtful: w.doubtful, Compared: w.reading.cursor}
	for _, it := range w.items {
		if it.want.Revision <= w.pos { // what is beyond will be found in the feed
			s.Exceptions = append(s.Exceptions, exception{it.want.Zone, it.want.Revision, it.want.Serial, it.want.Deleted, it.seen.Parted, it.ahead.serial, it.drifted, it.seen.Doubt || it.seen.Look == Foreign, it.want.Pool})
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
