package reconcile

import (
	"context"
	"errors"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/member"
)

// parity is how many zones a member has in all, where it tells.
type parity struct {
	there  int  // -1 if it did not tell
	others int  // of these, that are not Skein's, when all was as wanted last
	known  bool // others is
	due    bool // it is to be asked
}

// countAgain has the member asked how many zones it has in all.
func (w *worker) countAgain() {
	if _, can := w.driver.(member.Counter); !can {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parity.due = true
	w.wake()
}

// countThere asks how many zones the member has in all. A number that is another
// while nothing changed here is of somebody who added or deleted zones there,
// or of a member that was restored from a backup: zones that were deleted since
// may be back, which no question about those that there are brings to light.
func (w *worker) countThere(ctx context.Context) {
	quiet := func() bool { return w.live && len(w.items) == w.counts[skein.StateForeign] }
	w.mu.Lock()
	before, was := w.zones(), quiet()
	w.mu.Unlock()
	var n int
	err := w.watched(ctx, func(ctx context.Context, _ func()) (err error) {
		n, err = w.driver.(member.Counter).Count(ctx)
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &w.parity
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(err, member.ErrAway):
		p.there = -1
		w.goAway(err, w.now()) // a sign of life brings it back: nothing depends on the number
		return
	case err != nil:
		p.there = -1
		return
	}
	p.there = n
	if !was || !quiet() || w.zones() != before {
		return
	}
	others := n - before
	if p.known && others != p.others && !w.reports() && !w.present() {
		w.missed(w.now())
	}
	p.others, p.known = others, true
}
