package rndc

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	wire "github.com/skein-dns/skein/internal/rndc"
	"github.com/skein-dns/skein/zone"
)

// Control is what the door needs of control.
type Control interface {
	// Admit says why nothing is taken from an actor at the moment.
	Admit(context.Context, skein.Actor) error
	Heard(source string)
	Source(ctx context.Context, actor skein.Actor, name string) (skein.Source, error)
	AddTransferZone(context.Context, skein.Actor, skein.TransferZone) (created bool, err error)
	ChangeTransferZone(context.Context, skein.Actor, skein.TransferZone) error
	DeleteTransferZone(context.Context, skein.Actor, zone.Name) error
	TransferZone(context.Context, skein.Actor, zone.Name) (skein.TransferZone, error)
}

// Refresher is what the door needs of the part that transfers zones in.
type Refresher interface {
	// Refresh asks the primaries of a source's zone for its serial soon, or
	// transfers it whatever the serial. False if it has no such zone.
	Refresh(name zone.Name, source string, whole bool) bool
	// State is how far the transfers of a source's zone are.
	State(name zone.Name, source string) (s State, known bool)
}

// SourcesConfig is what Sources are made of.
type SourcesConfig struct {
	Control   Control
	Refresher Refresher
	Version   string
	Started   time.Time
	Log       *slog.Logger // nil: silent
}

// Sources answers commands for the source whose key signed them: each source
// sees its own zones and no others, as if it had a server to itself. Methods
// are safe for concurrent use; those of the configuration may be filled in
// until the first command comes.
type Sources struct {
	SourcesConfig

	mu      sync.RWMutex // owns what follows
	sources map[string]*holder
	byKey   map[keyMaterial][]*holder // those that have a key
}

// keyMaterial is what tells keys apart on the wire.
type keyMaterial struct{ algorithm, secret string }

// holder is a source with its keys.
type holder struct {
	source skein.Source
	keys   []keyMaterial
	names  []string
}

// NewSources knows no source yet.
func NewSources(c SourcesConfig) *Sources {
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	return &Sources{SourcesConfig: c, sources: map[string]*holder{}, byKey: map[keyMaterial][]*holder{}}
}

// SetSource begins to take commands signed with a source's keys, or goes on
// with others. A source of another door has none here.
func (s *Sources) SetSource(src skein.Source, secrets skein.SourceSecrets) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(src.Name)
	if src.Door != skein.DoorRNDC {
		return nil
	}
	h := &holder{source: src}
	s.sources[src.Name] = h
	for _, k := range secrets.Keys {
		m := keyMaterial{k.Algorithm, k.Secret}
		h.names = append(h.names, k.Name)
		if slices.Contains(h.keys, m) {
			continue
		}
		h.keys = append(h.keys, m)
		if s.byKey[m] = append(s.byKey[m], h); len(s.byKey[m]) > 1 {
			s.Log.Warn("two sources have the same rndc key; from an address that both may come from, it is refused",
				"source", src.Name, "other", s.byKey[m][0].source.Name)
		}
	}
	return nil
}

// RemoveSource takes nothing more from a source.
func (s *Sources) RemoveSource(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(name)
	return nil
}

// forget drops a source's keys. The caller holds mu.
func (s *Sources) forget(name string) {
	h := s.sources[name]
	if h == nil {
		return
	}
	delete(s.sources, name)
	for _, m := range h.keys {
		if s.byKey[m] = slices.DeleteFunc(s.byKey[m], func(o *holder) bool { return o == h }); len(s.byKey[m]) == 0 {
			delete(s.byKey, m)
		}
	}
}

// KeysFrom returns the keys that may sign what comes from an address. Each is
// named like the one source that it speaks for.
func (s *Sources) KeysFrom(from netip.Addr) (keys []wire.Key) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for m, holders := range s.byKey {
		var speaker *holder
		alone := true
		for _, h := range holders {
			if h.comesFrom(from) {
				alone = speaker == nil
				speaker = h
			}
		}
		if speaker != nil && alone {
			keys = append(keys, wire.Key{Name: speaker.source.Name, Algorithm: m.algorithm, Secret: m.secret})
		}
	}
	return keys
}

func (h *holder) comesFrom(a netip.Addr) bool {
	return len(h.source.Networks) == 0 || slices.ContainsFunc(h.source.Networks, func(n netip.Prefix) bool { return n.Contains(a) })
}

// Handle is an rndc.Handler for keys that KeysFrom returned.
func (s *Sources) Handle(ctx context.Context, from net.Addr, key wire.Key, line string) wire.Answer {
	s.mu.RLock()
	h := s.sources[key.Name]
	s.mu.RUnlock()
	if h == nil {
		return saying(denied, "the source of this key was just removed")
	}
	z := ofSource{Sources: s, holder: h, actor: skein.Actor{Name: key.Name, Door: skein.DoorRNDC, Source: key.Name}}
	if tcp, ok := from.(*net.TCPAddr); ok {
		z.actor.Addr = tcp.AddrPort().Addr().Unmap()
	}
	s.Control.Heard(key.Name)
	if err := s.Control.Admit(ctx, z.actor); err != nil {
		return refusal(z.told(ctx, err))
	}
	a := (&Door{Zones: z, Version: s.Version, Started: s.Started}).Handle(ctx, from, key, line)
	level := slog.LevelDebug
	if a.Result != 0 {
		level = slog.LevelInfo
	}
	s.Log.Log(ctx, level, "rndc command", "source", key.Name, "peer", from, "command", clipped(line), "result", cmp.Or(a.Err, "success"), "text", a.Text)
	return a
}

// clipped is the beginning of a command line, for the log.
func clipped(line string) string {
	const most = 300
	if len(line) <= most {
		return line
	}
	return line[:most] + "…"
}
