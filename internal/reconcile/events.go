package reconcile

import (
	"sync"
	"sync/atomic"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// eventBuffer is how many events a slow reader may be behind before it loses some.
const eventBuffer = 256

// subscribers get events. The zero value is ready.
type subscribers struct {
	mu    sync.Mutex // owns chans
	chans map[chan skein.Event]struct{}
	some  atomic.Bool
}

func (s *subscribers) send(e skein.Event) {
	if !s.some.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.chans {
		select {
		case c <- e:
		default: // slow readers lose events
		}
	}
}

// Subscribe returns events until stop is called, which closes the channel.
func (l *Loop) Subscribe() (events <-chan skein.Event, stop func()) {
	s := &l.events
	c := make(chan skein.Event, eventBuffer)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chans == nil {
		s.chans = map[chan skein.Event]struct{}{}
	}
	s.chans[c] = struct{}{}
	s.some.Store(true)
	return c, sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.chans, c)
		s.some.Store(len(s.chans) > 0)
		close(c)
	})
}

// watchers wait for zones to settle. The zero value is ready.
type watchers struct {
	mu    sync.Mutex // owns zones; the last lock to be taken
	zones map[zone.Name]map[chan struct{}]struct{}
}

func (w *watchers) add(name zone.Name) (touched <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.zones == nil {
		w.zones = map[zone.Name]map[chan struct{}]struct{}{}
	}
	if w.zones[name] == nil {
		w.zones[name] = map[chan struct{}]struct{}{}
	}
	w.zones[name][c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.zones[name], c)
		if len(w.zones[name]) == 0 {
			delete(w.zones, name)
		}
	}
}

func (w *watchers) touch(name zone.Name) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.zones[name] {
		poke(c)
	}
}

func (w *watchers) touchAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, chans := range w.zones {
		for c := range chans {
			poke(c)
		}
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
