package intake

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/secondary"
	"github.com/skein-dns/skein/zone"
)

const (
	cat1 zone.Name = "cat1.invalid."
	cat2 zone.Name = "cat2.invalid."
)

func manyNames(n int) []zone.Name {
	names := make([]zone.Name, n)
	for i := range names {
		names[i] = zone.Name(fmt.Sprintf("z%d.example.", i))
	}
	return names
}

// following is a change of a source that follows catalogs.
func following(catalogs ...zone.Name) func(*skein.Source) {
	return func(s *skein.Source) { s.Transfer.Catalogs = catalogs }
}

// listed begins with a catalog of two zones.
func listed(story func(t *testing.T, w *world)) func(t *testing.T, w *world) {
	return func(t *testing.T, w *world) {
		w.has(primary1, catalogOf(cat1, 1, "a.zones PTR example.com.", "b.zones PTR example.net.", "group.b.zones TXT signed"), contents(com, 5), contents(net, 5))
		w.source("old", following(cat1), primary1)
		w.holds("example.com. 5 of old", "example.net. 5 of old")
		story(t, w)
	}
}

// now has a primary's catalog say something else, and tell so.
func (w *world) now(name zone.Name, serial uint32, records ...string) {
	w.t.Helper()
	w.has(primary1, catalogOf(name, serial, records...))
	if !w.intake.Notified(name, primary1, testKey.Name, serial, true) {
		w.t.Errorf("nobody knows %s", name)
	}
	after(time.Second)
}

func (w *world) row(name zone.Name, source string) skein.TransferZone {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rows[secondary.Ref{Name: name, Source: source}]
}

func TestCatalogs(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"keep label, catalog and group with the zone": listed(func(t *testing.T, w *world) {
			if r := w.row(net, "old"); r.Label != "b" || r.Catalog != cat1 || r.Group != "signed" {
				t.Errorf("the row is %+v", r)
			}
			w.now(cat1, 2, "a.zones PTR example.com.", "b.zones PTR example.net.", "group.b.zones TXT plain")
			if r := w.row(net, "old"); r.Group != "plain" {
				t.Errorf("the row is %+v", r)
			}
		}),
		"bring new zones and end old ones": listed(func(t *testing.T, w *world) {
			w.has(primary1, contents("new.example.", 3))
			w.now(cat1, 2, "b.zones PTR example.net.", "c.zones PTR new.example.")
			w.holds("example.net. 5 of old", "new.example. 3 of old")
			w.on(primary1, func(s *server) {
				if s.kinds != "AAAIA" { // catalog and zones, the difference, the new zone
					t.Errorf("transfers were %q", s.kinds)
				}
			})
		}),
		"that are broken change nothing": listed(func(t *testing.T, w *world) {
			w.now(cat1, 2, "a.zones PTR example.com.", "a.zones PTR example.org.")
			w.holds("example.com. 5 of old", "example.net. 5 of old")
			w.problem(cat1, "old", "the catalog is broken: a.zones.cat1.invalid. has 2 PTR records, not one")
			w.now(cat1, 3, "a.zones PTR example.com.")
			w.holds("example.com. 5 of old")
			w.problem(cat1, "old", "")
		}),
		"are compared after a restart": listed(func(t *testing.T, w *world) {
			w.stop()
			w.has(primary1, catalogOf(cat1, 2, "a.zones PTR example.com.", "c.zones PTR new.example."), contents("new.example.", 1))
			w.start()
			after(time.Second)
			w.holds("example.com. 5 of old", "new.example. 1 of old")
		}),
		"that did not change take no zone anew after a restart": listed(func(t *testing.T, w *world) {
			after(30 * time.Minute)
			w.on(primary1, func(s *server) { s.serials, s.kinds = 0, "" })
			w.restart()
			after(10 * time.Second)
			w.asked(primary1, 2, "A") // the catalog alone
		}),
		"with trouble behind the gate are tried again": listed(func(t *testing.T, w *world) {
			trouble := fmt.Errorf("database is locked")
			w.refuses(func(action string, name zone.Name) error {
				if action == "add" {
					return trouble
				}
				return nil
			})
			w.has(primary1, contents("new.example.", 3))
			w.now(cat1, 2, "a.zones PTR example.com.", "b.zones PTR example.net.", "c.zones PTR new.example.")
			w.problem(cat1, "old", "database is locked")
			w.refuses(nil)
			after(time.Minute)
			w.holds("example.com. 5 of old", "example.net. 5 of old", "new.example. 3 of old")
			w.problem(cat1, "old", "")
		}),
		"with one name that the gate refuses bring the others": listed(func(t *testing.T, w *world) {
			w.refuses(func(_ string, name zone.Name) error {
				if name == "bad.example." {
					return &skein.Error{Kind: skein.KindInvalid, What: "it is none for a zone"}
				}
				return nil
			})
			w.has(primary1, contents("good.example.", 3), contents("bad.example.", 3))
			w.now(cat1, 2, "a.zones PTR example.com.", "b.zones PTR example.net.", "c.zones PTR bad.example.", "d.zones PTR good.example.")
			w.holds("example.com. 5 of old", "example.net. 5 of old", "good.example. 3 of old")
			w.problem(cat1, "old", "1 of its zones are not as it says, such as bad.example.: it is none for a zone")
			w.refuses(nil)
			after(time.Hour)
			w.holds("bad.example. 3 of old", "example.com. 5 of old", "example.net. 5 of old", "good.example. 3 of old")
			w.problem(cat1, "old", "")
		}),
		"that give a zone another label reset it": listed(func(t *testing.T, w *world) {
			w.on(primary1, func(s *server) { s.kinds = "" })
			w.now(cat1, 2, "x.zones PTR example.com.", "b.zones PTR example.net.", "group.b.zones TXT signed")
			w.asked(primary1, 0, "IA")
			w.holds("example.com. 5 of old", "example.net. 5 of old")
			if r := w.row(com, "old"); r.Label != "x" {
				t.Errorf("the row is %+v", r)
			}
		}),
		"do not take a zone that the source asks for otherwise": kept(func(t *testing.T, w *world) {
			w.has(primary1, catalogOf(cat1, 1, "a.zones PTR example.com."))
			w.source("old", following(cat1), primary1, primary2)
			after(time.Second)
			w.problem(cat1, "old", "by other means than a catalog")
			w.now(cat1, 2)
			w.holds("example.com. 5 of old")
		}),
		"do not list themselves": listed(func(t *testing.T, w *world) {
			w.now(cat1, 2, "a.zones PTR example.com.", "b.zones PTR example.net.", "c.zones PTR cat1.invalid.")
			w.problem(cat1, "old", "it is a catalog itself")
		}),
		"that the source has no more leave their zones": listed(func(t *testing.T, w *world) {
			w.source("old", nil, primary1)
			w.has(primary1, contents(com, 6))
			after(time.Hour)
			w.holds("example.com. 6 of old", "example.net. 5 of old")
			if _, is := w.intake.TransferStatus(cat1, "old"); is {
				t.Error("the catalog is still followed")
			}
		}),
		"that lose ten thousand zones at once: those whose deletion waits stay": func(t *testing.T, w *world) {
			names := manyNames(2000)
			var records []string
			for i, name := range names {
				w.has(primary1, contents(name, 1))
				records = append(records, fmt.Sprintf("m%d.zones PTR %s", i, name))
			}
			w.has(primary1, catalogOf(cat1, 1, records...))
			w.source("old", following(cat1), primary1)
			after(time.Minute)
			deletions := 0
			w.refuses(func(action string, _ zone.Name) error {
				switch {
				case action != "delete":
					return nil
				case deletions < 100:
					deletions++
					return nil
				case deletions < 1000:
					deletions++
					return waits(int64(deletions))
				}
				return &skein.Error{Kind: skein.KindUnavailable, What: "too many wait already"}
			})
			w.now(cat1, 2)
			w.lacks(primary1, names...)
			after(72 * time.Hour)
			w.mu.Lock()
			left, expired := len(w.zones), len(w.expired)
			w.mu.Unlock()
			if left != 1900 || expired != 0 {
				t.Errorf("%d zones are left, %d of them expired", left, expired)
			}
			w.problem(cat1, "old", "1900 of its zones are not as it says")
		},
	})
}

func TestChangeOfOwnership(t *testing.T) {
	t.Parallel()
	stories(t, map[string]func(t *testing.T, w *world){
		"a zone that two catalogs list stays with the first": listed(func(t *testing.T, w *world) {
			w.has(primary1, catalogOf(cat2, 1, "a.zones PTR example.com."))
			w.source("old", following(cat1, cat2), primary1)
			after(time.Second)
			w.problem(cat2, "old", "the catalog cat1.invalid. lists it as well, and does not give it away (coo)")
			w.now(cat2, 2)
			w.holds("example.com. 5 of old", "example.net. 5 of old")
		}),
		"given away, then listed, then gone from the first": listed(func(t *testing.T, w *world) {
			w.has(primary1, catalogOf(cat2, 1))
			w.source("old", following(cat1, cat2), primary1)
			w.on(primary1, func(s *server) { s.kinds = "" })
			w.now(cat1, 2, "a.zones PTR example.com.", "coo.a.zones PTR cat2.invalid.", "b.zones PTR example.net.")
			w.now(cat2, 2, "a.zones PTR example.com.")
			w.now(cat1, 3, "b.zones PTR example.net.")
			w.holds("example.com. 5 of old", "example.net. 5 of old")
			if r := w.row(com, "old"); r.Catalog != cat2 {
				t.Errorf("the row is %+v", r)
			}
			w.problem(cat2, "old", "")
			w.on(primary1, func(s *server) {
				if s.kinds != "III" {
					t.Errorf("transfers were %q", s.kinds)
				}
			})
		}),
		"listed first, then given away": listed(func(t *testing.T, w *world) {
			w.has(primary1, catalogOf(cat2, 1, "a.zones PTR example.com."))
			w.source("old", following(cat1, cat2), primary1)
			after(time.Second)
			w.now(cat1, 2, "a.zones PTR example.com.", "coo.a.zones PTR cat2.invalid.", "b.zones PTR example.net.")
			if r := w.row(com, "old"); r.Catalog != cat2 {
				t.Errorf("the row is %+v", r)
			}
			w.problem(cat2, "old", "")
		}),
		"given away and listed while the node was away": listed(func(t *testing.T, w *world) {
			w.has(primary1, catalogOf(cat2, 1))
			w.source("old", following(cat1, cat2), primary1)
			w.stop()
			w.has(primary1, catalogOf(cat1, 2, "a.zones PTR example.com.", "coo.a.zones PTR cat2.invalid.", "b.zones PTR example.net."), catalogOf(cat2, 2, "a.zones PTR example.com."))
			w.start()
			after(time.Minute)
			if r := w.row(com, "old"); r.Catalog != cat2 {
				t.Errorf("the row is %+v", r)
			}
			w.holds("example.com. 5 of old", "example.net. 5 of old")
		}),
		"from one source's catalog to another's": listed(func(t *testing.T, w *world) {
			w.has(primary2, catalogOf(cat2, 1), contents(com, 9))
			w.source("new", following(cat2), primary2)
			w.now(cat1, 2, "a.zones PTR example.com.", "coo.a.zones PTR cat2.invalid.", "b.zones PTR example.net.")
			w.has(primary2, catalogOf(cat2, 2, "z.zones PTR example.com."))
			w.intake.Notified(cat2, primary2, testKey.Name, 2, true)
			after(time.Second)
			w.holds("example.com. 9 of new", "example.net. 5 of old")
			w.now(cat1, 3, "b.zones PTR example.net.")
			w.holds("example.com. 9 of new", "example.net. 5 of old")
		}),
		"not given away: the other source's version is a conflict": listed(func(t *testing.T, w *world) {
			w.has(primary2, catalogOf(cat2, 1, "z.zones PTR example.com."), contents(com, 9))
			w.source("new", following(cat2), primary2)
			after(time.Second)
			w.holds("example.com. 5 of old", "example.net. 5 of old")
			w.problem(com, "new", "it belongs to old")
		}),
	})
}

func TestAutosecondary(t *testing.T) {
	t.Parallel()
	auto := func(s *skein.Source) { s.Transfer.Auto = true }
	stories(t, map[string]func(t *testing.T, w *world){
		"a zone that a trusted primary announces is created": func(t *testing.T, w *world) {
			w.source("panel", auto, primary1)
			w.has(primary1, contents(com, 1))
			if !w.intake.Notified(com, primary1, testKey.Name, 1, true) {
				t.Error("the primary is not known")
			}
			w.holds("example.com. 1 of panel")
		},
		"a panel that changes records, and not the serial": func(t *testing.T, w *world) {
			w.source("panel", auto, primary1)
			w.has(primary1, contents(com, 1))
			w.intake.Notified(com, primary1, testKey.Name, 1, true)
			after(time.Second)
			w.has(primary1, parsed(com, "@ SOA ns1.example.net. hostmaster.example.net. 1 3600 600 86400 300\n@ NS ns1.example.net.\nnew TXT here\n"))
			after(23 * time.Hour)
			after(2 * time.Hour)
			w.behind(func() {
				if _, there := w.zones[com].contents.Get("new."+com, zone.TypeTXT); !there {
					t.Error("it was not noticed")
				}
			})
			w.asked(primary1, 29, "AA")
		},
		"unsigned, where the primary has no key": func(t *testing.T, w *world) {
			w.source("panel", func(s *skein.Source) { auto(s); s.Transfer.Primaries[0].Key = "" }, primary1)
			if !w.intake.Notified(com, primary1, "", 1, true) {
				t.Error("the primary is not known")
			}
		},
		"unsigned, by another key or from a stranger it is nothing": func(t *testing.T, w *world) {
			w.source("panel", auto, primary1)
			w.has(primary1, contents(com, 1))
			for _, known := range []bool{w.intake.Notified(com, primary1, "", 1, true), w.intake.Notified(com, primary1, "other", 1, true), w.intake.Notified(com, stranger, testKey.Name, 1, true)} {
				if known {
					t.Error("it is taken")
				}
			}
			w.holds()
			w.asked(primary1, 0, "")
		},
		"of a source that is paused, or trusted no more, it is nothing": func(t *testing.T, w *world) {
			w.source("panel", auto, primary1)
			w.source("panel", func(s *skein.Source) { auto(s); s.Paused = true }, primary1)
			if w.intake.Notified(com, primary1, testKey.Name, 1, true) {
				t.Error("the paused one is trusted")
			}
			w.source("panel", nil, primary1)
			if w.intake.Notified(com, primary1, testKey.Name, 1, true) {
				t.Error("the one that is no autosecondary is trusted")
			}
		},
		"what the primary has not got is not created": func(t *testing.T, w *world) {
			w.source("panel", auto, primary1)
			w.intake.Notified(com, primary1, testKey.Name, 1, true)
			w.asked(primary1, 1, "")
			w.behind(func() {
				if len(w.rows) != 0 {
					t.Errorf("%d zones are asked for", len(w.rows))
				}
			})
		},
		"thousands at once, which is what a new secondary is told": func(t *testing.T, w *world) {
			w.source("panel", auto, primary1)
			names := manyNames(3000)
			for _, name := range names {
				w.has(primary1, contents(name, 1))
			}
			for _, name := range names {
				if !w.intake.Notified(name, primary1, testKey.Name, 1, true) {
					t.Fatalf("%s is not taken", name)
				}
			}
			after(time.Minute)
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.zones) != len(names) {
				t.Errorf("%d zones are there", len(w.zones))
			}
		},
		"a flood in a trusted primary's name is bounded": func(t *testing.T, w *world) {
			w.source("panel", auto, primary1)
			taken := 0
			for i := range autoBurst + 5000 {
				if w.intake.Notified(zone.Name(fmt.Sprintf("x%d.example.", i)), primary1, testKey.Name, 1, true) {
					taken++
				}
			}
			after(time.Minute)
			w.on(primary1, func(s *server) {
				if taken != autoBurst || s.serials != taken {
					t.Errorf("%d were taken, and %d questions asked", taken, s.serials)
				}
			})
			w.behind(func() {
				if len(w.rows) != 0 {
					t.Errorf("%d zones are asked for", len(w.rows))
				}
			})
		},
		"a flood of strangers reaches nobody": listed(func(t *testing.T, w *world) {
			var before []string
			w.behind(func() { before = slices.Clone(w.puts) })
			w.on(primary1, func(s *server) { s.serials, s.kinds = 0, "" })
			for i := range 10_000 {
				w.intake.Notified(zone.Name(fmt.Sprintf("x%d.example.", i%100)), stranger, "", uint32(i), true)
				w.intake.Notified(com, stranger, "", uint32(i), true)
			}
			w.asked(primary1, 0, "")
			w.behind(func() {
				if !slices.Equal(w.puts, before) {
					t.Errorf("the gate got %q", w.puts)
				}
			})
		}),
	})
}
