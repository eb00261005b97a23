package nameserver

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// One peer wants five, two others one each: they do not wait for its last.
func TestTurnsRotateOverPeers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		hold, err := turns.take(t.Context(), "holder")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan string, 10)
		want := func(peer, what string) {
			go func() {
				done, err := turns.take(t.Context(), peer)
				if err != nil {
					return
				}
				served <- what
				done()
			}()
			synctest.Wait() // so that the order of asking is known
		}
		for i := range 5 {
			want("greedy", fmt.Sprint("greedy ", i))
		}
		want("modest", "modest")
		want("late", "late")
		hold()
		var order []string
		for range 7 {
			order = append(order, <-served)
		}
		if want := []string{"greedy 0", "modest", "late", "greedy 1", "greedy 2", "greedy 3", "greedy 4"}; !slices.Equal(order, want) {
			t.Errorf("served %q, want %q", order, want)
		}
	})
}

// A transfer that takes long does not keep its turn.
func TestATurnEndsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		slow, err := turns.take(t.Context(), "slow")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		next, err := turns.take(t.Context(), "next")
		if err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited != turnLength {
			t.Errorf("waited %s", waited)
		}
		slow() // gives nothing back a second time
		next()
		turns.mu.Lock()
		defer turns.mu.Unlock()
		if turns.free != 1 {
			t.Errorf("%d turns are free, want 1", turns.free)
		}
	})
}

// Who goes away while waiting leaves the turn to others.
func TestATurnIsNotLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		hold, err := turns.take(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := turns.take(ctx, "b")
			gone <- err
		}()
		synctest.Wait()
		cancel()
		if <-gone == nil {
			t.Error("a turn was given to one that is gone")
		}
		hold()
		synctest.Wait()
		if done, err := turns.take(t.Context(), "c"); err != nil {
			t.Error(err)
		} else {
			done()
		}
	})
}
