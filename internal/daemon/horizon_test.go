package daemon

import (
	"errors"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// freeze keeps the nameserver where the store is now.
func (s *stage) freeze() {
	s.t.Helper()
	err := s.serving.Freeze(func() (skein.Revision, error) {
		_, newest, err := s.db.Totals(s.t.Context())
		return newest, err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// restart makes a new nameserver, kept where the one before was.
func (s *stage) restart() {
	s.t.Helper()
	before := s.serving.sees()
	s.shown = &shown{zones: map[zone.Name]zone.Contents{}, broken: map[zone.Name]bool{}}
	s.serving, s.cursor = newServing(s.db, newAccess(), slog.New(slog.DiscardHandler)), ""
	if !before.ends {
		return
	}
	if err := s.serving.Freeze(func() (skein.Revision, error) { return before.at, nil }); err != nil {
		s.t.Fatal(err)
	}
}

// as demands that the nameserver has just these contents, and never had others
// of theirs since it began.
func (s *stage) as(want map[zone.Name]zone.Contents, when string) {
	s.t.Helper()
	for name, contents := range want {
		if have, ok := s.shown.zones[name]; !ok || !have.Equal(contents) {
			s.t.Errorf("%s: %s is not served as it was (served at all: %v)", when, name, ok)
		}
	}
	if len(s.shown.zones) != len(want) {
		s.t.Errorf("%s: %q are served", when, slices.Sorted(maps.Keys(s.shown.zones)))
	}
}

func TestAFrozenNameserverStaysAsItWas(t *testing.T) {
	t.Parallel()
	const a, b, c zone.Name = "a.example.", "b.example.", "c.example."
	for name, since := range map[string]func(s *stage){
		"nothing happens":         func(*stage) {},
		"a zone is changed":       func(s *stage) { s.put(a, 9) },
		"changed twice":           func(s *stage) { s.put(a, 9); s.put(a, 10) },
		"a zone is made":          func(s *stage) { s.put(c, 9) },
		"made and deleted":        func(s *stage) { s.put(c, 9); s.remove(c) },
		"a zone is deleted":       func(s *stage) { s.remove(a) },
		"changed, then deleted":   func(s *stage) { s.put(a, 9); s.remove(a) },
		"deleted and made again":  func(s *stage) { s.remove(a); s.put(a, 9) },
		"made again and deleted":  func(s *stage) { s.remove(a); s.put(a, 9); s.remove(a) },
		"made again, and again":   func(s *stage) { s.remove(a); s.put(a, 9); s.remove(a); s.put(a, 10) },
		"all is deleted":          func(s *stage) { s.remove(a); s.remove(b) },
		"one that lived before":   func(s *stage) { s.put("gone.example.", 9) },
		"one that lived, changed": func(s *stage) { s.put("back.example.", 9) },
		"a month goes by, and older history is purged": func(s *stage) {
			s.put(a, 9)
			s.remove(b)
			// What was committed until the freeze goes; control keeps what came since.
			if err := s.db.Purge(s.t.Context(), s.frozen); err != nil {
				s.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.put("gone.example.", 1)
			s.remove("gone.example.")
			s.put("back.example.", 1)
			s.remove("back.example.")
			s.put("back.example.", 2)
			s.put(a, 1)
			s.put(a, 2)
			s.put(b, 1)
			s.follow()
			was := maps.Clone(s.shown.zones)
			s.freeze()
			s.frozen = time.Now()
			puts := len(s.shown.puts)
			since(s)
			s.follow()
			s.as(was, "since then")
			if len(s.shown.puts) != puts {
				t.Errorf("while it was frozen it was given %q", s.shown.puts[puts:])
			}
			s.restart()
			s.follow()
			s.as(was, "after a restart")
			s.follow()
			s.as(was, "looking again")
			if len(s.shown.puts) != len(was) {
				t.Errorf("after a restart it was given %q", s.shown.puts)
			}
			s.serving.Thaw()
			s.follow()
			s.inStep()
		})
	}
}

// Thawed it goes on from where it was, version by version, so that secondaries
// can be brought forward by increments; what did not change is not read again.
func TestAThawedNameserverCatchesUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, name := range []zone.Name{"a.example.", "b.example.", "c.example."} {
		s.put(name, 1)
	}
	s.follow()
	s.freeze()
	s.put("a.example.", 2)
	s.put("a.example.", 3)
	s.follow()
	read := 0
	s.db.fault = func(skein.ZoneID) error { read++; return nil }
	s.serving.Thaw()
	s.follow()
	s.inStep()
	if want := []string{"a.example. 2", "a.example. 3"}; !slices.Equal(s.shown.puts[3:], want) || read != 0 {
		t.Errorf("it was given %q, reading %d zones whole; want %q", s.shown.puts[3:], read, want)
	}
}

// It may be frozen before it has seen everything that is to be served.
func TestFrozenWhileItIsBehind(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("a.example.", 1)
	s.follow()
	s.put("a.example.", 2)
	s.put("b.example.", 1)
	a, b := s.heads["a.example."], s.heads["b.example."]
	s.freeze()
	s.put("a.example.", 3)
	s.remove("b.example.")
	s.follow()
	for _, z := range []skein.Zone{a, b} {
		c := s.shown.zones[z.Name]
		if soa, _ := c.SOA(); soa.Serial != z.Serial {
			t.Errorf("%s is served with serial %d, released was %d", z.Name, soa.Serial, z.Serial)
		}
	}
}

// A change that comes between the look into the feed and the load of a zone
// must not slip through.
func TestAChangeWhileAZoneIsLoaded(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("a.example.", 1)
	released := s.heads["a.example."].Serial
	s.freeze()
	once := true
	s.db.fault = func(skein.ZoneID) error {
		if once {
			once = false
			s.put("a.example.", 2)
		}
		return nil
	}
	s.follow()
	if want := []string{"a.example. 1"}; !slices.Equal(s.shown.puts, want) || released != 1 {
		t.Errorf("it was given %q, want %q", s.shown.puts, want)
	}
}

// What comes while the end is looked for is at the end: nothing newer is in service.
func TestNothingComesIntoServiceWhileItIsFrozen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("a.example.", 1)
	full := errors.New("no space left on device")
	if err := s.serving.Freeze(func() (skein.Revision, error) { return 0, full }); !errors.Is(err, full) || s.serving.sees().ends {
		t.Errorf("%v, %+v", err, s.serving.sees())
	}
	began, done := make(chan struct{}), make(chan error)
	go func() {
		done <- s.serving.Freeze(func() (skein.Revision, error) {
			close(began)
			_, newest, err := s.db.Totals(t.Context())
			if _, served := s.shown.Current("a.example."); served {
				err = errors.New("a zone came into service meanwhile")
			}
			return newest, err
		})
	}()
	<-began
	s.follow() // waits until it is frozen
	if err := <-done; err != nil {
		t.Error(err)
	}
	s.inStep()
}

// A feed that does not go on is read anew, up to the same end.
func TestFrozenOverAnotherEpoch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("goes.example.", 1)
	s.put("stays.example.", 1)
	s.follow()
	was := maps.Clone(s.shown.zones)
	s.freeze()
	s.remove("goes.example.")
	if err := s.serving.dropDeleted(t.Context(), s.shown); err != nil {
		t.Fatal(err)
	}
	s.cursor = store.Cursor("")
	s.follow()
	s.as(was, "read anew")
}
