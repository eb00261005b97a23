package intake

import (
	"errors"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/xfr"
	"github.com/skein-dns/skein/zone"
)

// kept begins with a zone that was transferred.
func kept(story func(t *testing.T, w *world)) func(t *testing.T, w *world) {
	return func(t *testing.T, w *world) {
		w.has(primary1, contents(com, 5))
		w.has(primary2, contents(com, 5))
		w.source("old", nil, primary1, primary2)
		w.asks("old", com)
		w.holds("example.com. 5 of old")
		w.asked(primary1, 0, "A")
		story(t, w)
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"follow their primary by differences": kept(func(t *testing.T, w *world) {
			w.has(primary1, contents(com, 6))
			if !w.intake.Notified(com, primary1, testKey.Name, 6, true) {
				t.Error("the primary is not known")
			}
			w.holds("example.com. 6 of old")
			w.asked(primary1, 0, "I")
			w.problem(com, "old", "")
		}),
		"come whole where others have overlays in them": kept(func(t *testing.T, w *world) {
			w.behind(func() { w.overlays = true })
			w.has(primary1, contents(com, 6))
			after(time.Hour)
			w.holds("example.com. 6 of old")
			w.asked(primary1, 1, "A")
		}),
		"come from the next primary where one is away": kept(func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.err = errAway })
			w.has(primary2, contents(com, 6))
			after(time.Hour)
			w.holds("example.com. 6 of old")
		}),
		"are left alone when they did not change": kept(func(t *testing.T, w *world) {
			after(3 * time.Hour)
			w.asked(primary1, 3, "")
			w.behind(func() {
				if len(w.puts) != 1 || w.heard["old"] < 4 {
					t.Errorf("the gate got %q; heard %d times", w.puts, w.heard["old"])
				}
			})
		}),
		"go on after a restart, without a transfer": kept(func(t *testing.T, w *world) {
			after(30 * time.Minute)
			w.restart()
			after(10 * time.Second)
			w.asked(primary1, 1, "")
			w.has(primary1, contents(com, 6))
			after(time.Hour)
			w.holds("example.com. 6 of old")
			w.asked(primary1, 1, "I")
		}),
		"go on after what was observed is lost, by the serial behind the gate": kept(func(t *testing.T, w *world) {
			w.stop()
			clear(w.kept)
			w.start()
			after(10 * time.Second)
			w.asked(primary1, 1, "")
			w.holds("example.com. 5 of old")
		}),
		"of a primary that goes back wait, and stay as they are": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.zones[com] = contents(com, 4) })
			after(time.Hour)
			w.holds("example.com. 5 of old")
			w.problem(com, "old", "the serial goes back")
			w.asked(primary1, 1, "A")
			after(23 * time.Hour) // that it was refused is known: it is not fetched again, nor does anything expire
			w.on(primary1, func(s *server) {
				if s.kinds != "" {
					t.Errorf("it was fetched again: %q", s.kinds)
				}
				s.serials = 0
			})
			w.restart()
			after(10 * time.Second)
			w.asked(primary1, 1, "")
			w.problem(com, "old", "the serial goes back")
			w.holds("example.com. 5 of old")

			w.behind(func() { w.zones[com] = held{"old", contents(com, 4), time.Now()} }) // a person has released it
			after(time.Hour)
			w.problem(com, "old", "")
			w.holds("example.com. 4 of old")
		}),
		"that the gate refuses are not fetched again until they change": kept(func(t *testing.T, w *world) {
			w.refuses(func(action string, _ zone.Name) error {
				if action == "put" {
					return &skein.Error{Kind: skein.KindInvalid, What: "two CNAMEs"}
				}
				return nil
			})
			w.all(func(s *server) { s.zones[com] = contents(com, 6) })
			after(5 * time.Hour)
			w.asked(primary1, 5, "I")
			w.problem(com, "old", "two CNAMEs")
			w.refuses(nil)
			w.all(func(s *server) { s.zones[com] = contents(com, 7) })
			after(time.Hour)
			w.holds("example.com. 7 of old")
			w.problem(com, "old", "")
		}),
		"that the gate cannot take now are tried again": kept(func(t *testing.T, w *world) {
			w.refuses(func(string, zone.Name) error { return errors.New("no space left on device") })
			w.has(primary1, contents(com, 6))
			w.intake.Notified(com, primary1, testKey.Name, 6, true)
			w.problem(com, "old", "no space left")
			w.refuses(nil)
			after(time.Minute)
			w.holds("example.com. 6 of old")
		}),
		"that come broken stay as they are": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = xfr.ErrBroken })
			after(time.Hour)
			w.holds("example.com. 5 of old")
			w.problem(com, "old", "broken")
		}),
		"that a person deleted are not brought back": kept(func(t *testing.T, w *world) {
			w.behind(func() { delete(w.zones, com) })
			w.has(primary1, contents(com, 6))
			after(3 * time.Hour)
			w.holds()
			w.problem(com, "old", "no such zone")
		}),
		"are not brought back by a transfer that is under way": func(t *testing.T, w *world) {
			w.source("old", nil, primary1)
			w.has(primary1, contents(com, 5))
			w.asks("old", com)
			w.must(w.DeleteTransferZone(t.Context(), actorOf("old"), com))
			after(time.Hour)
			w.holds()
			if _, is := w.intake.TransferStatus(com, "old"); is {
				t.Error("it is still known")
			}
		},
		"of two sources: the second one's is a conflict, and known as one": kept(func(t *testing.T, w *world) {
			w.source("new", nil, primary2)
			w.has(primary2, contents(com, 9))
			w.asks("new", com)
			w.holds("example.com. 5 of old")
			w.problem(com, "new", "it belongs to old")
			after(5 * time.Hour)
			w.holds("example.com. 5 of old")
			w.on(primary2, func(s *server) {
				if s.kinds != "A" {
					t.Errorf("it was fetched %q", s.kinds)
				}
			})
			w.must(w.DeleteTransferZone(t.Context(), actorOf("old"), com))
			w.has(primary2, contents(com, 10))
			w.intake.Notified(com, primary2, testKey.Name, 10, true)
			w.holds("example.com. 10 of new")
		}),
		"of a source that is paused are left alone, and do not expire": kept(func(t *testing.T, w *world) {
			w.source("old", func(s *skein.Source) { s.Paused = true }, primary1, primary2)
			w.has(primary1, contents(com, 6))
			if w.intake.Notified(com, primary1, testKey.Name, 6, true) {
				t.Error("a NOTIFY is taken")
			}
			after(48 * time.Hour)
			w.holds("example.com. 5 of old")
			w.asked(primary1, 0, "")
			w.source("old", nil, primary1, primary2)
			after(time.Second)
			w.holds("example.com. 6 of old")
		}),
		"of a source that is removed are left alone": kept(func(t *testing.T, w *world) {
			w.must(w.intake.RemoveSource("old"))
			delete(w.sources, "old")
			after(48 * time.Hour)
			w.holds("example.com. 5 of old")
			w.asked(primary1, 0, "")
			w.behind(func() {
				if len(w.kept) != 0 {
					t.Errorf("%d states are kept", len(w.kept))
				}
			})
		}),
		"with a key that the source does not have are refused": kept(func(t *testing.T, w *world) {
			row := skein.TransferZone{Name: net, Source: "old", Primaries: []skein.TransferPrimary{{Address: primary1, Key: "nosuch"}}}
			if err := w.intake.SetZone(row); err == nil {
				t.Error("it is taken")
			}
			if err := w.intake.SetZone(skein.TransferZone{Name: net, Source: "nosuch"}); err == nil {
				t.Error("a zone of no source is taken")
			}
		}),
	})
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"SERVFAIL once nobody confirms a zone, and back when somebody does": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = errAway })
			after(24*time.Hour - time.Minute)
			w.holds("example.com. 5 of old")
			after(2 * time.Minute)
			w.holds("example.com. 5 of old, SERVFAIL")
			if t2, _ := w.intake.TransferStatus(com, "old"); !t2.Expired {
				t.Errorf("of it is said %+v", t2)
			}
			w.restart()
			w.holds("example.com. 5 of old, SERVFAIL")
			w.all(func(s *server) { s.err, s.kinds = nil, "" })
			after(2 * time.Minute)
			w.holds("example.com. 5 of old")
			w.on(primary1, func(s *server) {
				if s.kinds != "" {
					t.Errorf("it was transferred for that: %q", s.kinds)
				}
			})
		}),
		"while the node was away": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = errAway })
			w.stop()
			time.Sleep(25 * time.Hour)
			w.start()
			w.holds("example.com. 5 of old, SERVFAIL")
		}),
		"of a zone that is another's by now": kept(func(t *testing.T, w *world) {
			w.behind(func() { w.zones[com] = held{"new", contents(com, 9), time.Now()} })
			w.all(func(s *server) { s.err = errAway })
			after(25 * time.Hour)
			w.holds("example.com. 9 of new")
		}),
		"and then another's": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = errAway })
			after(25 * time.Hour)
			w.holds("example.com. 5 of old, SERVFAIL")
			w.source("new", nil, primary2)
			w.on(primary2, func(s *server) { s.err, s.zones[com] = nil, contents(com, 9) })
			w.behind(func() { w.zones[com] = held{"new", contents(com, 5), time.Now()} }) // a person gave it to the other source
			w.asks("new", com)
			after(time.Minute)
			w.holds("example.com. 9 of new")
		}),
		"is told of well before": kept(func(t *testing.T, w *world) {
			w.all(func(s *server) { s.err = xfr.ErrRefused })
			after(13 * time.Hour)
			w.holds("example.com. 5 of old")
			if t2, _ := w.intake.TransferStatus(com, "old"); t2.Problem == "" || time.Until(t2.Expires) < 10*time.Hour {
				t.Errorf("of it is said %+v", t2)
			}
			if near := w.intake.Expiring(); len(near) != 1 || near[0].Name != com || near[0].Source != "old" || time.Until(near[0].At) < 10*time.Hour {
				t.Errorf("expiring are %+v", near)
			}
			w.all(func(s *server) { s.err = nil })
			after(time.Hour)
			if near := w.intake.Expiring(); len(near) != 0 {
				t.Errorf("expiring are %+v", near)
			}
		}),
		"of a zone whose deletion waits is none": kept(func(t *testing.T, w *world) {
			w.has(primary1, catalogOf("cat.invalid.", 1, "a.zones PTR example.net."), contents(net, 1))
			w.source("listed", func(s *skein.Source) { s.Transfer.Catalogs = []zone.Name{"cat.invalid."} }, primary1)
			w.holds("example.com. 5 of old", "example.net. 1 of listed")
			w.refuses(func(action string, _ zone.Name) error {
				if action == "delete" {
					return waits(7)
				}
				return nil
			})
			w.lacks(primary1, net)
			w.has(primary1, catalogOf("cat.invalid.", 2))
			after(72 * time.Hour)
			w.holds("example.com. 5 of old", "example.net. 1 of listed")
			w.problem("cat.invalid.", "listed", "1 of its zones are not as it says, such as example.net.: it waits as number 7")
			w.problem(net, "listed", "its deletion waits for a person")
			w.restart()
			after(72 * time.Hour)
			w.holds("example.com. 5 of old", "example.net. 1 of listed")
			w.has(primary1, catalogOf("cat.invalid.", 3, "a.zones PTR example.net."), contents(net, 2))
			after(time.Hour) // it is listed again
			w.holds("example.com. 5 of old", "example.net. 2 of listed")
			w.problem(net, "listed", "")
		}),
	})
}

// Zones that do not change cost no write to the truth, and few beside it.
func TestIdleZonesCostLittle(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"hundreds for a day": func(t *testing.T, w *world) {
			w.source("old", nil, primary1)
			names := manyNames(500)
			for _, name := range names {
				w.has(primary1, contents(name, 1))
			}
			w.asks("old", names...)
			after(time.Minute)
			puts := 0
			w.behind(func() { puts, w.saves = len(w.puts), 0 })
			after(12 * time.Hour)
			w.mu.Lock()
			defer w.mu.Unlock()
			if puts != len(names) || len(w.puts) != puts {
				t.Errorf("%d zones were put %d times, and %d times while nothing changed", len(names), puts, len(w.puts)-puts)
			}
			if refreshes := w.servers[primary1].serials; w.saves > refreshes/10 {
				t.Errorf("%d refreshes were written in %d transactions", refreshes, w.saves)
			}
		},
	})
}
