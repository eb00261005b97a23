package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func open(t *testing.T) *Spool {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "spool"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *Spool, bodies ...string) {
	t.Helper()
	for _, b := range bodies {
		if _, err := s.Put([]byte(b)); err != nil {
			t.Fatal(err)
		}
	}
}

// deliver runs one round and returns the bodies that were handed over.
func deliver(t *testing.T, s *Spool, outcome func(Entry) error) (seen []string, err error) {
	t.Helper()
	turn, err := s.TryTurn()
	if err != nil {
		t.Fatal(err)
	}
	defer turn.Release()
	err = turn.Deliver(t.Context(), func(_ context.Context, e Entry) error {
		seen = append(seen, string(e.Body))
		return outcome(e)
	})
	return seen, err
}

func fine(Entry) error { return nil }

func TestPushesAreDeliveredOnceAndInOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	put(t, s, "first", "second\nwith lines\n", "")
	seen, err := deliver(t, s, fine)
	if want := []string{"first", "second\nwith lines\n", ""}; err != nil || !slices.Equal(seen, want) {
		t.Errorf("delivered %q, %v", seen, err)
	}
	if seen, err := deliver(t, s, fine); err != nil || len(seen) > 0 {
		t.Errorf("delivered again: %q, %v", seen, err)
	}
}

func TestDaemonAwayKeepsTheOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	put(t, s, "1", "2", "3")
	away := errors.New("away")
	ids := map[string]string{}
	remember := func(e Entry) error { ids[string(e.Body)] = e.ID; return nil }
	seen, err := deliver(t, s, func(e Entry) error {
		_ = remember(e)
		if string(e.Body) == "2" {
			return away
		}
		return nil
	})
	if !errors.Is(err, away) || !slices.Equal(seen, []string{"1", "2"}) {
		t.Fatalf("delivered %q, %v; the third must not overtake the second", seen, err)
	}
	put(t, s, "4")
	second := ids["2"]
	seen, err = deliver(t, s, remember)
	if err != nil || !slices.Equal(seen, []string{"2", "3", "4"}) {
		t.Errorf("delivered %q, %v", seen, err)
	}
	if second == "" || ids["2"] != second {
		t.Error("a push has another id at its second delivery, so a retry would be applied twice")
	}
}

func TestRefusedPushesAreKeptWithTheReason(t *testing.T) {
	t.Parallel()
	s := open(t)
	put(t, s, "bad", "good")
	seen, err := deliver(t, s, func(e Entry) error {
		if string(e.Body) == "bad" {
			return &Refused{[]byte("it is plesk-2's")}
		}
		return nil
	})
	if err != nil || len(seen) != 2 {
		t.Fatalf("delivered %q, %v", seen, err)
	}
	files, _ := filepath.Glob(filepath.Join(s.dir, "refused", "*"))
	var kept string
	for _, f := range files {
		text, _ := os.ReadFile(f)
		kept += string(text)
		if info, _ := os.Stat(f); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f, info.Mode())
		}
	}
	if len(files) != 2 || !strings.Contains(kept, "bad") || !strings.Contains(kept, "it is plesk-2's") {
		t.Errorf("refused/ holds %v:\n%s", files, kept)
	}
}

// What is no push, and what a crash left behind, stands in nobody's way.
func TestForeignFiles(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, text := range map[string]string{
		"0000000000000001.push": "no header", ".new-123": "half a pu", "notes.txt": "hello", "99999999999999999999.push": "a number of its own",
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, "good", "better")
	if seen, err := deliver(t, s, fine); err != nil || !slices.Equal(seen, []string{"good", "better"}) {
		t.Errorf("delivered %q, %v", seen, err)
	}
	if _, halves, err := s.list(); err != nil || len(halves) > 0 {
		t.Errorf("what a crash left lies there for ever: %q, %v", halves, err)
	}
}

// A crash at any step of a delivery: the push comes again with its id, or is gone.
func TestDeliveryInterrupted(t *testing.T) {
	t.Parallel()
	for situation, after := range map[string]bool{"before it arrived": false, "after it arrived": true} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			put(t, s, "push")
			arrived := map[string]int{}
			died := errors.New("the process died")
			for range 3 {
				seen, err := deliver(t, s, func(e Entry) error {
					if after {
						arrived[e.ID]++
					}
					return died
				})
				if !errors.Is(err, died) || len(seen) != 1 {
					t.Fatalf("delivered %q, %v", seen, err)
				}
			}
			if seen, err := deliver(t, s, func(e Entry) error { arrived[e.ID]++; return nil }); err != nil || len(seen) != 1 {
				t.Fatalf("delivered %q, %v", seen, err)
			}
			if len(arrived) != 1 {
				t.Errorf("one push arrived as several: %v", arrived)
			}
			if n, err := s.Len(); err != nil || n != 0 {
				t.Errorf("%d are left, %v", n, err)
			}
		})
	}
}

// A panel that is refused all the time does not fill the disk.
func TestRefusedPushesAreBounded(t *testing.T) {
	t.Parallel()
	s := open(t)
	for n := range maxRefused {
		for _, end := range []string{suffix, suffix + ".reason"} {
			name := filepath.Join(s.dir, refused, fmt.Sprintf("20200101T000000.%09dZ-0000000000000001%s", n, end))
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(t, s, "newest")
	if _, err := deliver(t, s, func(Entry) error { return &Refused{[]byte("no")} }); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(s.dir, refused))
	if err != nil || len(files) != 2*maxRefused {
		t.Fatalf("%d files, %v", len(files), err)
	}
	if first, last := files[0].Name(), files[len(files)-1].Name(); !strings.Contains(first, ".000000001Z") || strings.HasPrefix(last, "2020") {
		t.Errorf("kept %s to %s, which are not the newest", first, last)
	}
}

func TestOneDelivererAtATime(t *testing.T) {
	t.Parallel()
	s := open(t)
	turn, err := s.TryTurn()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.TryTurn(); !errors.Is(err, ErrBusy) {
		t.Errorf("a second turn: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Turn(ended); !errors.Is(err, ErrBusy) {
		t.Errorf("waiting for a turn with no time left: %v", err)
	}
	put(t, s, "a push needs no turn")
	turn.Release()
	turn, err = s.Turn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	turn.Release()
}

func TestConcurrentPutsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	const writers, each = 8, 20
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				if _, err := s.Put(fmt.Appendf(nil, "%d %d", w, n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	seen, err := deliver(t, s, fine)
	if err != nil || len(seen) != writers*each {
		t.Errorf("%d of %d arrived: %v", len(seen), writers*each, err)
	}
	var next [writers]int // of each writer
	for _, body := range seen {
		var w, n int
		if _, err := fmt.Sscan(body, &w, &n); err != nil || n != next[w] {
			t.Fatalf("%q came where %d was due: %q", body, next[w], seen)
		}
		next[w]++
	}
}

func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	s := open(t)
	put(t, s, "x")
	files, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
}
