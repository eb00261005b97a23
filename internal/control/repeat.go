package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// repeated returns what became of a change that was committed before under
// the same id; found is false if none was. Refusals and changes that came to
// nothing are not remembered: they are tried anew.
func (c *Control) repeated(ctx context.Context, change skein.Change) (r Result, found bool, err error) {
	before, err := c.Store.ChangeByID(ctx, change.ID)
	if errors.Is(err, store.ErrNotFound) {
		return Result{}, false, nil
	}
	if err != nil {
		return Result{}, false, err
	}
	k, err := c.known(ctx)
	if err != nil {
		return Result{}, false, err
	}
	same := before.Zone.Equal(change.Zone) && sameCall(before.Action, change.Action) &&
		(k.Whole(change.Actor) || before.Actor.Source == change.Actor.Source)
	if !same {
		return Result{}, false, &skein.Error{Kind: skein.KindConflict,
			What: fmt.Sprintf("change id %q was used before, for another change", change.ID),
			Mend: "use a new change id for every change"}
	}
	r = Result{Created: begins(before.Action), Changed: true}
	if r.Zone, err = c.Store.ZoneByID(ctx, before.ZoneID); errors.Is(err, store.ErrNotFound) { // deleted since, and purged
		r.Zone, err = skein.Zone{ID: before.ZoneID, Name: before.Zone}, nil
	}
	if err != nil {
		return Result{}, false, err
	}
	if r.Delta, err = c.deltaOf(ctx, before); err != nil {
		return Result{}, false, err
	}
	if r.Zone.Revision != before.Revision { // changed again since: tell of that change, not of now
		r.Zone.Revision, r.Zone.Serial, r.Zone.Changed = before.Revision, before.Serial, before.At
		r.Zone.Published = min(r.Zone.Published, before.Revision)
	}
	r.Zone.Deleted = before.Action == zoneDelete
	return r, true, nil
}

// sameCall reports whether a change that was recorded as one action may be
// what the call of another came to: with every call the zone may have changed hands.
func sameCall(recorded, call string) bool {
	return kindOf(recorded) == kindOf(call) || recorded == zoneTakeover && call != zoneRestore && call != zoneUndelete
}

// kindOf says which call a change was made by: put, record, or the action itself.
func kindOf(action string) string {
	switch action {
	case zoneCreate, zoneReplace, zoneTransfer:
		return "put"
	case zoneDelete, zoneRestore, zoneUndelete, zoneTakeover, overlayDrop, overlayAdopt:
		return action
	}
	kind, _, _ := strings.Cut(action, ".")
	return kind
}

// begins reports whether an action begins a life of a zone.
func begins(action string) bool { return action == zoneCreate || action == zoneUndelete }

// deltaOf returns what a committed change did, as Result.Delta tells it;
// nothing where history does not reach back so far or the zone was deleted since.
func (c *Control) deltaOf(ctx context.Context, change skein.Change) (d zone.Delta, err error) {
	if begins(change.Action) {
		var contents zone.Contents
		contents, err = c.Store.ContentsAt(ctx, change.ZoneID, change.Revision)
		for set := range contents.All() {
			d.Add = append(d.Add, set)
		}
	} else if change.Action != zoneDelete {
		var v store.Versions
		v, err = c.Store.DeltaSince(ctx, change.ZoneID, change.Revision-1)
		if err == nil && len(v.Steps) > 0 && v.Steps[0].Revision == change.Revision {
			d = v.Steps[0].Delta
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return d, err
}
