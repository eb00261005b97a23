package daemon

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/skein-dns/skein/internal/catalog"
	"github.com/skein-dns/skein/internal/listing"
	"github.com/skein-dns/skein/zone"
)

// catalogs is where the catalogs of a stage are served.
type catalogs struct {
	mu     sync.Mutex // owns the rest
	newest zone.Contents
}

func (c *catalogs) Put(contents zone.Contents) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.newest = contents
}

func (c *catalogs) Drop(zone.Name) {}

// lists are the zones that the next version lists, and returns once it is served.
func (c *catalogs) lists(t *testing.T, s *stage) (names []zone.Name) {
	t.Helper()
	if _, err := s.serving.list.Renew(t.Context(), ofAll.Origin, false); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	read, err := catalog.Read(c.newest)
	if err != nil {
		t.Fatal(err)
	}
	for m := range read.All() {
		names = append(names, m.Zone)
	}
	slices.Sort(names)
	return names
}

var ofAll = listing.Catalog{Origin: "default.catalog.invalid.", Pool: "default"}

// listed has a stage's nameserver make a catalog of what it serves.
func (s *stage) listed() *catalogs {
	s.t.Helper()
	c, loaded := &catalogs{}, make(chan struct{})
	close(loaded)
	s.serving.list = listing.New(s.serving, c, time.Now().Add(-time.Hour), slog.New(slog.DiscardHandler))
	s.serving.list.Keep([]listing.Catalog{ofAll})
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan error, 1)
	list := s.serving.list
	go func() { done <- list.Run(ctx, loaded) }()
	s.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	})
	return c
}

// While clustering is disabled, consumers of a catalog neither forget zones nor
// hear of new ones, also of a node that is started anew meanwhile.
func TestACatalogStaysAsItIsWhileClusteringIsDisabled(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("kept.example.", 1)
	s.put("deleted.example.", 1)
	s.put("again.example.", 1)
	c := s.listed()
	s.follow()
	is := func(when string, want ...zone.Name) {
		t.Helper()
		if got := c.lists(t, s); !slices.Equal(got, want) {
			t.Errorf("%s it lists %q, not %q", when, got, want)
		}
	}
	is("at first", "again.example.", "deleted.example.", "kept.example.")
	life := s.serving.Life("again.example.")
	s.freeze()
	s.put("kept.example.", 2)
	s.remove("deleted.example.")
	s.put("made.example.", 1)
	s.remove("again.example.")
	s.put("again.example.", 2)
	s.follow()
	is("disabled", "again.example.", "deleted.example.", "kept.example.")
	s.restart()
	c = s.listed()
	s.follow()
	is("after a restart", "again.example.", "deleted.example.", "kept.example.")
	if now := s.serving.Life("again.example."); now != life {
		t.Errorf("a zone that was made again is listed with the life %v, not %v", now, life)
	}
	s.serving.Thaw()
	s.follow()
	is("enabled", "again.example.", "kept.example.", "made.example.")
	if now := s.serving.Life("again.example."); now == life {
		t.Error("a zone that was made again does not begin anew")
	}
}
