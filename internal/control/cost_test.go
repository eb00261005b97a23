package control_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/control"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// costly is a store that counts what follows the size of a zone, or how many
// zones there are.
type costly struct {
	store.Store
	contents, lists, allStamps int
}

func (s *costly) Contents(ctx context.Context, id skein.ZoneID) (zone.Contents, skein.Revision, error) {
	s.contents++
	return s.Store.Contents(ctx, id)
}

func (s *costly) List(ctx context.Context, q store.ListQuery) ([]skein.Zone, error) {
	s.lists++
	return s.Store.List(ctx, q)
}

func (s *costly) Owners(ctx context.Context, id skein.ZoneID, names []zone.Name, limit int) ([]store.Stamp, error) {
	if names == nil {
		s.allStamps++
	}
	return s.Store.Owners(ctx, id, names, limit)
}

// The cost of an edit is that of the edit, also over and beneath an overlay;
// a zone is deleted and handed over without being read, and no other is looked at.
func TestTheCostFollowsTheChange(t *testing.T) {
	t.Parallel()
	counted := &costly{}
	w := newWorldWith(t, func(c *control.Config) {
		counted.Store = c.Store
		c.Store = counted
	})
	w.register(plesk1, plesk2, acme)
	w.rule(skein.RuleOverlay, plesk1, acme)
	text := ""
	for i := range 500 {
		text += fmt.Sprintf("h%d A 192.0.2.1\n", i)
	}
	w.put(plesk1, example, 1, text)
	for _, step := range []struct {
		what                       string
		do                         func() error
		contents, lists, allStamps int
	}{
		{"the origin's edit", func() error { w.edit(plesk1, example, "set h1 A 192.0.2.2"); return nil }, 0, 0, 0},
		{"an administrator's", func() error { w.edit(anna, example, "set h1 A 192.0.2.3", "delete h2"); return nil }, 0, 0, 0},
		{"the origin's beneath", func() error { w.edit(plesk1, example, "set h1 A 192.0.2.4"); return nil }, 0, 0, 0},
		{"a program's", func() error { w.edit(acme, example, "set _acme-challenge TXT x"); return nil }, 0, 0, 0},
		{"an overlay is dropped", func() error { _, err := w.endOverlay(anna, example, "h1", false); return err }, 0, 0, 0},
		{"an overlay is adopted", func() error { _, err := w.endOverlay(anna, example, "_acme-challenge", true); return err }, 0, 0, 0},
		{"handed over", func() error {
			_, err := w.TakeOver(w.ctx(), anna, control.TakeOver{Name: example, To: "plesk2"})
			return err
		}, 0, 0, 1},
		{"a whole put", func() error { return w.save(plesk2, example, 9, text)() }, 1, 0, 1},
		{"deleted", func() error { return w.drop(plesk2, example)() }, 0, 0, 0},
	} {
		counted.contents, counted.lists, counted.allStamps = 0, 0, 0
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.what, err)
		}
		if counted.contents != step.contents || counted.lists != step.lists || counted.allStamps != step.allStamps {
			t.Errorf("%s read %d whole contents, %d lists, all stamps %d times; want %d, %d, %d",
				step.what, counted.contents, counted.lists, counted.allStamps, step.contents, step.lists, step.allStamps)
		}
	}
}
