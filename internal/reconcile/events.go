package reconcile

import (
	"sync"
	"sync/atomic"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/zone"
)

// eventBuffer is how many events a slow reader may be behind before it loses some.
const eventBuffer = 1024

// subscribers get events. The zero value is ready.
type subscribers struct {
	mu   sync.Mutex // owns all, and who sends
	all  map[*subscriber]struct{}
	some atomic.Bool
}

// subscriber is one reader.
type subscriber struct {
	events chan skein.Event
	behind bool // told so, and given nothing until it has caught up
}

func (s *subscribers) send(e skein.Event) {
	if !s.some.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for reader := range s.all {
		reader.send(e)
	}
}

// send never waits. Nobody else sends, so there is room where there was. The
// last place is for the notice that events are left out.
func (s *subscriber) send(e skein.Event) {
	waiting := len(s.events)
	switch {
	case s.behind && waiting > eventBuffer/2:
		return
	case waiting == eventBuffer-1:
		s.behind = true
		e = skein.Event{At: e.At, Kind: "notice", State: skein.EventsLost,
			Text: "events were left out here, since they were not read fast enough: look at the state anew"}
	default:
		s.behind = false
	}
	s.events <- e
}

// Subscribe returns events until stop is called, which closes the channel.
func (l *Loop) Subscribe() (events <-chan skein.Event, stop func()) {
	s, reader := &l.events, &subscriber{events: make(chan skein.Event, eventBuffer)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[*subscriber]struct{}{}
	}
	s.all[reader] = struct{}{}
	s.some.Store(true)
	return reader.events, sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, reader)
		s.some.Store(len(s.all) > 0)
		close(reader.events)
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
