package spool

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"
)

// ended ends the pass and returns the names that it noted.
func ended(t *testing.T, s *Spool) (names []string) {
	t.Helper()
	if err := s.EndPass(func(p Pass) error { names = p.Names; return nil }); err != nil {
		t.Fatal(err)
	}
	return names
}

func note(t *testing.T, s *Spool, names ...string) {
	t.Helper()
	if err := s.Note(names); err != nil {
		t.Fatal(err)
	}
}

func TestPass(t *testing.T) {
	t.Parallel()
	s := open(t)
	note(t, s, "before.example.")
	if err := s.EndPass(func(Pass) error { t.Error("there is none"); return nil }); !errors.Is(err, ErrNoPass) {
		t.Errorf("ending none: %v", err)
	}
	if err := s.BeginPass(false); err != nil {
		t.Fatal(err)
	}
	note(t, s, "a.example.", "b\"\n.example.")
	note(t, s, "a.example.")
	put(t, s, "a push is not in its way")
	if p, err := s.Pass(); err != nil || p.Begun.IsZero() || time.Since(p.Last) > time.Minute {
		t.Errorf("%+v, %v", p, err)
	}
	// It ends when it was taken, and not before: the push that tells of it may have found no room.
	full := errors.New("no room")
	if err := s.EndPass(func(Pass) error { return full }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	if got, want := ended(t, s), []string{"a.example.", "b\"\n.example."}; !slices.Equal(got, want) {
		t.Errorf("noted %q, want %q", got, want)
	}
	note(t, s, "after.example.")
	if n, err := s.Len(); err != nil || n != 1 {
		t.Errorf("%d pushes, %v", n, err)
	}
}

// Two at once: the second is refused while the first goes on, and counts alone
// once the first is given up or has long been silent.
func TestTwoPassesAtOnce(t *testing.T) {
	t.Parallel()
	for situation, c := range map[string]struct {
		quiet time.Duration
		anew  bool
		want  error
	}{
		"the first goes on":          {0, false, ErrPassOpen},
		"the first is given up":      {0, true, nil},
		"the first was interrupted":  {2 * passQuiet, false, nil},
		"the clock was turned back ": {-2 * passQuiet, true, nil},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			if err := s.BeginPass(false); err != nil {
				t.Fatal(err)
			}
			note(t, s, "first.example.")
			then := time.Now().Add(-c.quiet)
			if err := os.Chtimes(s.passFile(), then, then); err != nil {
				t.Fatal(err)
			}
			if err := s.BeginPass(c.anew); !errors.Is(err, c.want) {
				t.Fatalf("beginning a second: %v, want %v", err, c.want)
			}
			note(t, s, "second.example.")
			want := []string{"second.example."}
			if c.want != nil {
				want = []string{"first.example.", "second.example."}
			}
			if got := ended(t, s); !slices.Equal(got, want) {
				t.Errorf("noted %q, want %q", got, want)
			}
		})
	}
}

// A pass that misses a name would call a zone forgotten that is there: it ends
// without a result instead.
func TestPassThatMissesANameEnds(t *testing.T) {
	t.Parallel()
	for situation, spoil := range map[string]func(*testing.T, *Spool){
		"noting fails": func(t *testing.T, s *Spool) {
			if err := errors.Join(os.Remove(s.passFile()), os.Mkdir(s.passFile(), 0o700)); err != nil {
				t.Fatal(err)
			}
			if err := s.Note([]string{"a.example."}); err == nil {
				t.Error("it was noted in a folder")
			}
		},
		"the machine lost its power while a name was written": func(t *testing.T, s *Spool) {
			note(t, s, "a.example.")
			info, err := os.Stat(s.passFile())
			if err == nil {
				err = os.Truncate(s.passFile(), info.Size()-5)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"the file is none of ours": func(t *testing.T, s *Spool) {
			if err := os.WriteFile(s.passFile(), []byte("{}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			if err := s.BeginPass(false); err != nil {
				t.Fatal(err)
			}
			spoil(t, s)
			if err := s.EndPass(func(p Pass) error { t.Errorf("it ended with %q", p.Names); return nil }); err == nil {
				t.Error("it ended well")
			}
			if err := s.BeginPass(true); err != nil {
				t.Errorf("a new one cannot begin: %v", err)
			}
		})
	}
}

// Plesk runs several calls at once.
func TestNotesAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := s.BeginPass(false); err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 10
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				if err := s.Note([]string{fmt.Sprintf("%d-%d.example.", w, n), "all.example."}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := ended(t, s); len(got) != writers*each+1 {
		t.Errorf("%d names are noted", len(got))
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	s := open(t)
	if found, err := s.Look(); err != nil || found != (Found{}) {
		t.Errorf("%+v, %v", found, err)
	}
	put(t, s, "bad", "first", "second")
	if _, err := deliver(t, s, func(e Entry) error {
		if string(e.Body) == "bad" {
			return &Refused{[]byte("no")}
		}
		return errors.New("away")
	}); err == nil {
		t.Fatal("it is not away")
	}
	place, err := s.Background()
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Look()
	if err != nil || found.Waiting != 2 || found.Refused != 1 || !found.Busy || time.Since(found.Since) > time.Minute {
		t.Errorf("%+v, %v", found, err)
	}
	place.Release()
	if found, err := s.Look(); err != nil || found.Busy {
		t.Errorf("%+v, %v", found, err)
	}
}

// A process that is started shares what is open until it is its own program;
// nobody is kept out by that.
func TestATurnIsGivenBackWhileProcessesStart(t *testing.T) {
	t.Parallel()
	s := open(t)
	starting := make(chan struct{})
	go func() {
		defer close(starting)
		for range 50 {
			if err := exec.Command("/bin/true").Run(); err != nil {
				t.Error(err)
			}
		}
	}()
	for {
		place, err := s.Background()
		if err != nil {
			t.Fatal(err)
		}
		place.Release()
		select {
		case <-starting:
			return
		default:
		}
	}
}
