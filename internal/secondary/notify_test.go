package secondary

import (
	"testing"
	"time"
)

func TestNotify(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"signed, of a newer serial: a transfer at once": kept(func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 6))
			if !w.set.Notified(com, stranger, "Transfer.example.", 6, true) { // such as through NAT
				t.Error("it is not known")
			}
			w.serves("example.com. 6")
			w.asked(primary1, 0, "I")
		}),
		"unsigned, from a primary: a look at the serial first": kept(func(t *testing.T, w *world) {
			w.has(primary2, contents(com, 6))
			w.set.Notified(com, primary2, "", 6, true)
			w.serves("example.com. 6")
			w.asked(primary2, 1, "I") // it is the one that has the news
			w.asked(primary1, 0, "")
		}),
		"without a serial": kept(func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 6))
			w.set.Notified(com, primary1, testKey.Name, 0, false)
			w.serves("example.com. 6")
			w.asked(primary1, 1, "I")
		}),
		"of what is here already": kept(func(t *testing.T, w *world) {
			if !w.set.Notified(com, primary1, testKey.Name, 5, true) {
				t.Error("it is not known")
			}
			w.asked(primary1, 0, "")
		}),
		"from a stranger, by another key, or of another zone": kept(func(t *testing.T, w *world) {
			for _, known := range []bool{w.set.Notified(com, stranger, "", 6, true), w.set.Notified(com, stranger, "other.example", 6, true), w.set.Notified("nosuch.example.", primary1, testKey.Name, 6, true)} {
				if known {
					t.Error("it is known")
				}
			}
			w.asked(primary1, 0, "")
		}),
		"ten thousand in anybody's name": kept(func(t *testing.T, w *world) {
			for range 100 {
				for range 100 {
					w.set.Notified(com, primary1, "", 4_000_000, true)
				}
				after(100 * time.Millisecond)
			}
			w.on(primary1, func(s *server) {
				if s.serials > 4 || s.fetches > 0 {
					t.Errorf("%d serials and %d transfers in ten seconds", s.serials, s.fetches)
				}
			})
		}),
		"during a transfer: another one after it": kept(func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.takes = time.Second })
			w.has(primary1, contents(com, 6))
			w.set.Notified(com, primary1, testKey.Name, 6, true)
			after(500 * time.Millisecond)
			w.set.Notified(com, primary1, testKey.Name, 7, true)
			after(600 * time.Millisecond)
			w.has(primary1, contents(com, 7)) // it is busy with the second by now
			after(2 * time.Second)
			w.serves("example.com. 7")
			w.asked(primary1, 0, "II")
		}),
		"during the transfer of what it tells of: no other one": kept(func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.takes = time.Second })
			w.has(primary1, contents(com, 7))
			w.set.Notified(com, primary1, testKey.Name, 6, true)
			after(500 * time.Millisecond)
			w.set.Notified(com, primary1, testKey.Name, 7, true)
			after(10 * time.Second)
			w.serves("example.com. 7")
			w.asked(primary1, 0, "I")
		}),
		"from the second primary, during a look at the first": kept(func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.takes = time.Second })
			w.set.Refresh(com, false)
			after(500 * time.Millisecond)
			w.has(primary2, contents(com, 6))
			w.set.Notified(com, primary2, "", 6, true)
			after(time.Second)
			w.serves("example.com. 6")
		}),
		"from a primary that was away": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = errAway })
			after(3 * time.Hour)
			w.on(primary1, func(s *server) { s.err = nil })
			w.has(primary1, contents(com, 6))
			w.set.Notified(com, primary1, testKey.Name, 6, true)
			w.serves("example.com. 6")
		}),
		"before the primary gives the new serial out": kept(func(t *testing.T, w *world) {
			w.set.Notified(com, primary1, testKey.Name, 6, true)
			w.serves("example.com. 5")
			w.asked(primary1, 0, "=")
		}),
	})
}
