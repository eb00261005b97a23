package reconcile

import (
	"context"
	"time"

	"github.com/skein-dns/skein/internal/member"
)

const (
	// prompts is how many single changes wait for their turn. NOTIFY goes to all of
	// them, and is what is left to those that find no room.
	prompts = 8
	// promptTime is how long a prompt may take: by then NOTIFY has done it.
	promptTime = 2 * time.Second
)

// hurryOn has the driver prompt the member of a single change that it is being
// notified of. w.mu is held.
func (w *worker) hurryOn(it *item) {
	if !it.fresh {
		return
	}
	select {
	case w.hurry <- it.want.Zone:
	default:
	}
}

// prompt hands on what hurryOn took, beside whatever else the driver does: a
// single change does not wait for bulk. What fails is left to NOTIFY, and shows
// in what the member serves.
func (w *worker) prompt(ctx context.Context, p member.Prompter) {
	for {
		select {
		case <-ctx.Done():
			return
		case name := <-w.hurry:
			soon, cancel := context.WithTimeout(ctx, promptTime)
			_ = p.Prompt(soon, name)
			cancel()
		}
	}
}
