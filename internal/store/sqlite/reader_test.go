package sqlite

import (
	"context"
	"testing"

	"github.com/skein-dns/skein"
)

// As many long reads as there may be leave sessions to short ones, and one
// more waits, as long as its caller does.
func TestLongReadsHoldUpNoShortOne(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	z := commit(t, s, creation("a.example.", hosts("a.example.", 0, 3)...))
	begun, end := make(chan bool), make(chan bool)
	most := cap(s.readers.long)
	for range most {
		go func() {
			_ = s.readLong(context.Background(), "test", func(reader) error {
				begun <- true
				<-end
				return nil
			})
			begun <- false
		}()
	}
	for range most {
		<-begun
	}
	if _, err := s.Zone(t.Context(), "a.example."); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Entries(t.Context(), "", 10); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Contents(ctx, z.ID); skein.KindOf(err) != skein.KindUnavailable {
		t.Errorf("one long read more, given up: %v", err)
	}
	close(end)
	for range most {
		<-begun
	}
	if c, _, err := s.Contents(t.Context(), z.ID); err != nil || c.Origin() != "a.example." {
		t.Error(err)
	}
}
