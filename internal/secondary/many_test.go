package secondary

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Promise 6: one slow or dead primary never delays another's zones.
func TestManyZones(t *testing.T) {
	t.Parallel()
	name := func(i int) zone.Name { return zone.Name(fmt.Sprintf("z%d.example.", i)) }
	stories(t, map[string]func(t *testing.T, w *world){
		"on a primary that is slow and gone": func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.err, s.takes = errAway, 10*time.Second })
			for i := range 200 {
				w.add(name(i), at(primary1))
			}
			w.has(primary2, contents(com, 1))
			w.add(com, at(primary2))
			if st, _ := w.set.Look(com); !st.Served() {
				t.Error("the other primary's zone waits for it")
			}
			after(10 * time.Minute)
			w.on(primary1, func(s *server) {
				if s.fetches > 200 { // a first volley, then one at a time
					t.Errorf("the dead one was asked %d times", s.fetches)
				}
				s.err, s.takes = nil, 0
				for i := range 200 {
					s.zones[name(i)] = contents(name(i), 1)
				}
			})
			after(3 * time.Minute)
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.served) != 201 {
				t.Errorf("%d zones are served three minutes after it is back", len(w.served))
			}
		},
		"on many primaries that accept and say nothing": func(t *testing.T, w *world) {
			w.stop()
			w.start(func(o *Options) { o.Transfers, o.Each = 30, 20 })
			for i := range 60 {
				addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i / 10)}), 53)
				w.servers[addr] = &server{err: errAway, takes: 10 * time.Minute}
				w.add(name(i), at(addr))
			}
			w.has(primary2, contents(com, 1))
			w.add(com, at(primary2))
			w.serves(append([]string{"example.com. 1"}, w.failing()...)...)
		},
		"take no more places than there are": func(t *testing.T, w *world) {
			w.stop()
			w.start(func(o *Options) { o.Transfers, o.Each = 30, 20 })
			w.all(func(s *server) { s.takes = time.Second })
			for i := range 200 {
				w.has(primary1, contents(name(i), 1))
				w.has(primary2, contents(name(200+i), 1))
				w.add(name(i), at(primary1))
				w.add(name(200+i), at(primary2))
			}
			after(time.Minute)
			w.mu.Lock()
			defer w.mu.Unlock()
			if one, two := w.servers[primary1].most, w.servers[primary2].most; one < 5 || one > 20 || two < 5 || two > 20 || w.most > 30 {
				t.Errorf("at most %d and %d transfers ran at once, %d together", one, two, w.most)
			}
			if len(w.served) != 400 {
				t.Errorf("%d zones are served", len(w.served))
			}
		},
		"are not all looked at in one moment after a restart": func(t *testing.T, w *world) {
			for i := range 300 {
				w.has(primary1, contents(name(i), 1))
				w.add(name(i), at(primary1))
			}
			w.stop()
			random := 0.0
			w.start(func(o *Options) {
				o.Random = func() float64 { random += 1.0 / 300; return random - float64(int(random)) }
			})
			w.on(primary1, func(s *server) { s.serials, s.kinds = 0, "" })
			after(150 * time.Millisecond)
			w.on(primary1, func(s *server) {
				if s.serials < 100 || s.serials > 200 {
					t.Errorf("after half of the time %d of 300 were looked at", s.serials)
				}
			})
			after(time.Second)
			w.asked(primary1, 300, "")
		},
		"are deleted while they wait for a place": func(t *testing.T, w *world) {
			w.stop()
			w.start(func(o *Options) { o.Each = 1 })
			w.on(primary1, func(s *server) { s.takes = time.Second })
			for i := range 10 {
				w.has(primary1, contents(name(i), 1))
				w.add(name(i), at(primary1))
			}
			for i := range 9 {
				if known, err := w.set.Delete(name(i)); !known || err != nil {
					t.Fatal(known, err)
				}
			}
			after(time.Minute)
			w.serves("z9.example. 1")
		},
	})
}
