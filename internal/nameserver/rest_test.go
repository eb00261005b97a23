package nameserver

import (
	"testing"
	"testing/synctest"
	"time"
)

// Memory is given back once many changes are over: not for a few, and not
// while there are more.
func TestMemoryIsGivenBackInTheCalm(t *testing.T) {
	t.Parallel()
	for situation, row := range map[string]struct {
		changes, more int // more: every 700 ms, ten times
		want          string
	}{
		"a few changes":              {manyChanges - 1, 0, "never"},
		"many at once":               {manyChanges, 0, "5s"},
		"many, and they go on":       {manyChanges, 1, "15s"},
		"a few, and they become so":  {manyChanges - 5, 1, "13.5s"},
		"a few, and they stay a few": {1, 1, "never"},
	} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began, got := time.Now(), "never"
				s := New(Options{})
				s.rest.release = func() { got = time.Since(began).String() }
				for range row.changes {
					s.changed("z.", nil)
				}
				for range 10 {
					time.Sleep(700 * time.Millisecond)
					for range row.more {
						s.changed("z.", nil)
					}
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if got != row.want {
					t.Errorf("%s, want %s", got, row.want)
				}
			})
		})
	}
}
