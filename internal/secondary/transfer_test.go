package secondary

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

const com zone.Name = "example.com."

var (
	errAway    = fmt.Errorf("%w: connection timed out", xfr.ErrUnreachable)
	errRefused = fmt.Errorf("%w: REFUSED", xfr.ErrRefused)
)

// stories run each in a world of their own, by a clock of their own.
func stories(t *testing.T, all map[string]func(t *testing.T, w *world)) {
	t.Helper()
	for situation, story := range all {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { story(t, begin(t)) })
		})
	}
}

func TestFirstTransfer(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"at once": func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 1))
			w.add(com, at(primary1))
			w.serves("example.com. 1")
			w.asked(primary1, 0, "A")
		},
		"the primary has not got the zone yet": func(t *testing.T, w *world) {
			w.add(com, at(primary1))
			w.serves("example.com. SERVFAIL")
			after(500 * time.Millisecond)
			w.has(primary1, contents(com, 1))
			after(time.Second)
			w.serves("example.com. 1")
		},
		"the primary is away for ten minutes": func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.err = errAway })
			w.has(primary1, contents(com, 1))
			w.add(com, at(primary1))
			after(10 * time.Minute)
			w.serves("example.com. SERVFAIL")
			w.on(primary1, func(s *server) {
				if s.fetches < 8 || s.fetches > 25 {
					t.Errorf("it was asked %d times in ten minutes", s.fetches)
				}
				s.err = nil
			})
			after(time.Minute + 5*time.Second)
			w.serves("example.com. 1")
		},
		"the second primary has it": func(t *testing.T, w *world) {
			w.has(primary2, contents(com, 1))
			w.add(com, at(primary1, primary2))
			w.serves("example.com. 1")
			w.asked(primary2, 0, "A")
		},
		"a key that is not known is refused": func(t *testing.T, w *world) {
			s := at(primary1)
			s.Primaries[0].Key = "nosuch.example"
			if added, err := w.set.Add(com, s); added || err == nil || !strings.Contains(err.Error(), `"nosuch.example" is not known`) {
				t.Errorf("added %v, %v", added, err)
			}
			w.serves()
		},
		"no primaries are refused": func(t *testing.T, w *world) {
			if added, err := w.set.Add(com, Setup{}); added || err == nil {
				t.Errorf("added %v, %v", added, err)
			}
		},
		"twice is once": func(t *testing.T, w *world) {
			w.add(com, at(primary1))
			if added, err := w.set.Add("EXAMPLE.com.", at(primary2)); added || err != nil {
				t.Errorf("added %v, %v", added, err)
			}
			if st, _ := w.set.Look(com); st.Primaries[0].Addr != primary1 || w.set.Len() != 1 {
				t.Errorf("the setup is %+v", st)
			}
		},
	})
}

// kept begins with a zone that was transferred.
func kept(story func(t *testing.T, w *world)) func(t *testing.T, w *world) {
	return func(t *testing.T, w *world) {
		w.has(primary1, contents(com, 5))
		w.has(primary2, contents(com, 5))
		w.add(com, signed(primary1, primary2))
		w.serves("example.com. 5")
		w.asked(primary1, 0, "A")
		after(2 * flushEvery) // and is on disk
		story(t, w)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"the serial is looked at once in the refresh time": kept(func(t *testing.T, w *world) {
			after(3 * time.Hour) // refresh is 1 h, and jitter takes up to a quarter
			w.on(primary1, func(s *server) {
				if s.serials < 3 || s.serials > 4 || s.fetches != 0 {
					t.Errorf("%d serials and %d transfers in three hours", s.serials, s.fetches)
				}
			})
		}),
		"what is newer is transferred as a difference": kept(func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 6))
			after(time.Hour)
			w.serves("example.com. 6")
			w.asked(primary1, 1, "I")
		}),
		"a primary that has less than we": kept(func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 4))
			after(time.Hour)
			w.serves("example.com. 5")
			w.asked(primary2, 1, "") // who is asked then
		}),
		"all primaries have less than we": kept(func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 4))
			w.has(primary2, contents(com, 4))
			after(time.Hour)
			w.serves("example.com. 5")
			if st, _ := w.set.Look(com); !strings.Contains(st.Problem, "older serial: 4, ours is 5") {
				t.Errorf("the problem is %q", st.Problem)
			}
			if !w.set.Refresh(com, true) { // a person says so
				t.Error("the zone is not known")
			}
			w.serves("example.com. 4")
		}),
		"the first primary is away": kept(func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.err = errAway })
			w.has(primary2, contents(com, 6))
			after(time.Hour)
			w.serves("example.com. 6")
			w.asked(primary2, 1, "I")
			w.has(primary2, contents(com, 7))
			w.asked(primary1, 1, "")
			after(time.Hour)
			w.serves("example.com. 7")
			w.asked(primary1, 0, "") // who worked is asked first
		}),
		"all are away, and come back before it expires": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = errAway })
			w.has(primary1, contents(com, 6))
			after(23 * time.Hour)
			w.serves("example.com. 5")
			w.on(primary1, func(s *server) { s.err = nil })
			after(11 * time.Minute)
			w.serves("example.com. 6")
		}),
		"an order to look": kept(func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 6))
			if !w.set.Refresh(com, false) {
				t.Error("the zone is not known")
			}
			w.serves("example.com. 6")
			w.asked(primary1, 1, "I")
			if w.set.Refresh("nosuch.example.", false) {
				t.Error("a zone that is not there is known")
			}
		}),
		"an order to transfer, while the primary is thought away": kept(func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.err = errAway })
			w.on(primary2, func(s *server) { s.err = errAway })
			after(2 * time.Hour)
			w.on(primary1, func(s *server) { s.err = nil })
			w.has(primary1, contents(com, 6))
			w.set.Refresh(com, true)
			after(time.Second)
			w.serves("example.com. 6")
		}),
		"another setup is asked at once, and the zone stays served": kept(func(t *testing.T, w *world) {
			w.has(primary2, contents(com, 6))
			if known, err := w.set.Change(com, at(primary2)); !known || err != nil {
				t.Fatal(known, err)
			}
			w.serves("example.com. 6")
			w.asked(primary2, 1, "I")
			w.asked(primary1, 0, "")
			if known, err := w.set.Change("nosuch.example.", at(primary2)); known || err != nil {
				t.Error(known, err)
			}
		}),
		"another setup during a transfer": func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.takes = time.Minute })
			w.has(primary1, contents(com, 5))
			w.has(primary2, contents(com, 6))
			w.add(com, at(primary1))
			after(time.Second)
			if known, err := w.set.Change(com, at(primary2)); !known || err != nil {
				t.Fatal(known, err)
			}
			after(time.Minute)
			w.serves("example.com. 6")
		},
	})
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"SERVFAIL once nobody confirms it, and back when somebody does": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = errRefused })
			after(13 * time.Hour)
			w.serves("example.com. 5")
			if !strings.Contains(w.log.String(), "will expire unless") {
				t.Error("nobody was warned")
			}
			after(10*time.Hour + 59*time.Minute)
			w.serves("example.com. 5")
			after(2 * time.Minute)
			w.serves("example.com. SERVFAIL")
			if st, known := w.set.Look(com); !known || st.Served() {
				t.Errorf("the state is %+v", st)
			}
			w.on(primary1, func(s *server) { s.err = nil })
			after(time.Minute)
			w.serves("example.com. 5")
		}),
		"expired during the downtime": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = errAway })
			w.stop()
			time.Sleep(25 * time.Hour)
			w.start(nil)
			w.serves("example.com. SERVFAIL")
			w.on(primary1, func(s *server) { s.err = nil })
			after(2 * time.Minute)
			w.serves("example.com. 5")
		}),
		"never, where zones are to last, and neither over a restart": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = errAway })
			w.stop()
			lasting := func(o *Options) { o.Lasting = true }
			w.start(lasting)
			after(3 * 24 * time.Hour)
			w.serves("example.com. 5")
			if _, expires := w.set.Expires(com); expires {
				t.Error("others are told that it expires")
			}
			w.stop()
			w.start(lasting)
			w.serves("example.com. 5")
			if strings.Contains(w.log.String(), "will expire") {
				t.Error("it is warned of what does not come")
			}
			w.has(primary1, contents(com, 6))
			w.all(func(s *server) { s.err = nil })
			after(time.Hour)
			w.serves("example.com. 6")
		}),
		"confirmations count across restarts": kept(func(t *testing.T, w *world) {
			after(20 * time.Hour)
			w.all(func(s *server) { s.err = errAway })
			w.restart()
			after(22 * time.Hour)
			w.serves("example.com. 5")
			after(2 * time.Hour)
			w.serves("example.com. SERVFAIL")
		}),
	})
}
