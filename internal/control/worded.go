package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// worded has a change that waits say why, to its reader and as things are: zones
// and sources go from one tenant to another while it waits, and whose the other
// zone was then is not everybody's to know, nor which one it was.
func (c *Control) worded(ctx context.Context, k auth.Known, reader skein.Actor, w *skein.Waiting) error {
	if err := c.unmarked(ctx, k, reader, w); err != nil {
		return err
	}
	w.Mend = numbered(w.Mend, w.ID)
	actor := k.Speaker(w.Actor.Name, w.Actor.Door, w.Source)
	_, member := memberOf(w.Source)
	switch {
	case w.Kind == skein.WaitingConflict && !member: // a member's is about serials
		z, err := c.Store.Zone(ctx, w.Zone)
		switch {
		case errors.Is(err, store.ErrNotFound):
			w.Reason = fmt.Sprintf("zone %s was another's, and is gone by now", w.Zone)
		case err != nil:
			return err
		case z.Origin == w.Source:
			w.Reason = fmt.Sprintf("zone %s was another's, and belongs to the source %q by now", w.Zone, z.Origin)
		default:
			w.Reason = k.Another(reader, actor, z).What
		}
	case w.Kind == skein.WaitingApproval:
		reason, _, err := c.inTheWay(ctx, k, reader, actor, skein.Zone{Name: w.Zone, Origin: w.Source})
		if err != nil {
			return err
		}
		if reason != nil {
			w.Reason = reason.What
		}
	}
	return nil
}

// unmarked takes away which zone a change that waits was to change, and where
// that stood, unless the reader may know of it.
func (c *Control) unmarked(ctx context.Context, k auth.Known, reader skein.Actor, w *skein.Waiting) error {
	if w.ZoneID == "" || k.Whole(reader) {
		return nil
	}
	z, err := c.Store.ZoneByID(ctx, w.ZoneID)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && !k.Hears(reader, z):
		w.ZoneID, w.Revision = "", 0
		return nil
	}
	return err
}

// unnamed is the reason of an approval as it is kept: without the names of
// others, which worded adds for whoever may know them.
func (c *Control) unnamed(ctx context.Context, k auth.Known, actor skein.Actor, z skein.Zone, reason string) (string, error) {
	bare, _, err := c.inTheWay(ctx, k, skein.Actor{}, actor, z)
	if bare != nil {
		reason = bare.What
	}
	return reason, err
}
