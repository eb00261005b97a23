package control

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// maxSteps bounds the zones of one revert. Those that come after are reverted
// by calling again with a new id.
const maxSteps = 10_000

// RevertSource takes back what a source changed since a time, one change a
// zone, or says what that would be. A zone that others changed since is left
// alone. The ids of the changes follow from the plan's, so that called again
// with that it goes on where it was interrupted.
func (c *Control) RevertSource(ctx context.Context, actor skein.Actor, in RevertSource) (plan skein.Revert, err error) {
	if !in.DryRun {
		change := c.aside(actor, sourceRevert, in.Name)
		defer func() { err = c.recorded(ctx, change, err) }()
	}
	k, err := c.permit(ctx, actor, skein.PermitSources)
	if err != nil {
		return plan, err
	}
	switch {
	case in.Name == "":
		return plan, invalid("no source was named", "skein source list shows those that there are")
	case !k.Reaches(actor, k.OwnerOf(in.Name)):
		return plan, noSource(in.Name)
	case in.Since.IsZero() || in.Since.After(c.Now()):
		return plan, invalid("the time since when changes are to be taken back is missing, or to come", "give a time that has passed")
	case len(in.ID) > maxChangeID/2:
		return plan, invalid("the id of the revert is too long", "give the one that was returned")
	}
	if in.ID == "" {
		in.ID = rand.Text()
	}
	plan, last, err := c.planRevert(ctx, k, actor, in)
	if err != nil || in.DryRun {
		return plan, err
	}
	for i := range plan.Steps {
		step := &plan.Steps[i]
		if step.Done || step.Action == skein.RevertLeave {
			continue
		}
		err := c.carryOut(ctx, actor, in, *step, last[i])
		switch kind := skein.KindOf(err); {
		case err == nil:
			step.Done = true
		case kind == skein.KindInternal, kind == skein.KindUnavailable, kind == skein.KindTimeout, ctx.Err() != nil:
			return plan, err
		default:
			step.Reason = reason(err)
		}
	}
	return plan, nil
}

// carryOut takes the changes of one zone back, if nothing has happened to it
// since the plan was made.
func (c *Control) carryOut(ctx context.Context, actor skein.Actor, in RevertSource, step skein.RevertStep, h lately) error {
	id := stepID(in.ID, step.Zone)
	var err error
	switch step.Action {
	case skein.RevertDelete:
		_, err = c.DeleteZone(ctx, actor, DeleteZone{Name: step.Zone, Expect: &h.newest, ChangeID: id, released: true})
	case skein.RevertUndelete:
		_, err = c.UndeleteZone(ctx, actor, UndeleteZone{Name: step.Zone, ChangeID: id, to: h.before})
	case skein.RevertRestore:
		_, err = c.RestoreZone(ctx, actor, RestoreZone{Name: step.Zone, To: step.To, Expect: &h.newest, ChangeID: id, back: h.back})
	}
	return err
}

// stepID is the change id of a step, which follows from the revert and the zone.
func stepID(revert string, name zone.Name) string {
	return fmt.Sprintf("%s/%x", revert, sha256.Sum256([]byte(name.Key())))[:min(len(revert)+1+32, maxChangeID)]
}

// planRevert finds the first change of each zone since the time, and what
// takes it back.
func (c *Control) planRevert(ctx context.Context, k auth.Known, actor skein.Actor, in RevertSource) (plan skein.Revert, last []lately, err error) {
	plan = skein.Revert{ID: in.ID, Source: in.Name, Since: in.Since, DryRun: in.DryRun, Steps: []skein.RevertStep{}}
	seen := map[string]bool{}
	for q := (store.ChangesQuery{Source: in.Name, Since: in.Since, Limit: maxLimit}); ; {
		changes, err := c.Store.ChangesBy(ctx, q)
		if err != nil || len(changes) == 0 {
			return plan, last, err
		}
		for _, first := range changes {
			q.After = first.Seq
			key := first.Zone.Key()
			if seen[key] || first.Zone == "" {
				continue
			}
			if len(plan.Steps) == maxSteps {
				plan.More = true
				return plan, last, nil
			}
			seen[key] = true
			step, h, err := c.planStep(ctx, k, actor, in, first.Change)
			if err != nil {
				return plan, last, err
			}
			plan.Steps, last = append(plan.Steps, step), append(last, h)
		}
	}
}

// lately is what became of a zone since a source first changed it.
type lately struct {
	newest skein.Revision // its last change
	before *skein.Change  // the one before that source's first; nil: there was no zone
	back   string         // whose it was then, if it changed hands
}

// planStep says how to take back what a source did to one zone since its first change.
func (c *Control) planStep(ctx context.Context, k auth.Known, actor skein.Actor, in RevertSource, first skein.Change) (skein.RevertStep, lately, error) {
	step := skein.RevertStep{Zone: first.Zone, Action: skein.RevertLeave}
	var h lately
	history, err := c.Store.History(ctx, first.Zone, maxLimit)
	if err != nil || len(history) == 0 {
		step.Reason = "its history is not kept any more"
		return step, h, err
	}
	now := history[0]
	switch z, err := c.Store.ZoneByID(ctx, now.ZoneID); {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return step, h, err
	case !k.Whole(actor) && (err != nil || !k.Reaches(actor, z.Owner)):
		step.Reason = "it belongs to others by now"
		return step, h, nil
	}
	h.newest = now.Revision
	at := 0
	for ; at < len(history) && history[at].Revision >= first.Revision; at++ {
		switch change := history[at]; {
		case change.ID == stepID(in.ID, first.Zone):
			step.Action, step.Done = undoneBy(change.Action), true
			return step, h, nil
		case change.Action == poolApply: // nobody's in particular, and put on anew
		case change.Actor.Source != in.Name:
			step.Reason = fmt.Sprintf("it was changed since by %s (revision %d, %s)", change.Actor.Name, change.Revision, change.Action)
			return step, h, nil
		}
	}
	if at < len(history) && history[at].Action != zoneDelete {
		h.before = &history[at]
		step.To = h.before.Revision
	} else if at == maxLimit {
		step.Reason = fmt.Sprintf("it was changed more than %d times since", maxLimit)
		return step, h, nil
	}
	lives := now.Action != zoneDelete
	switch {
	case h.before == nil && !lives:
		step.Reason = "it was made and deleted since"
	case h.before == nil:
		step.Action = skein.RevertDelete
	case !lives:
		step.Action = skein.RevertUndelete
	default:
		step.Action = skein.RevertRestore
		z, err := c.Store.Zone(ctx, first.Zone)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return step, h, err
		}
		if err == nil && z.Origin == in.Name && z.ID == h.before.ZoneID && !z.OriginSince.Before(in.Since) {
			h.back = z.OriginBefore
		}
	}
	return step, h, nil
}

// undoneBy is what a recorded action was as a step.
func undoneBy(action string) string {
	switch action {
	case zoneDelete:
		return skein.RevertDelete
	case zoneUndelete:
		return skein.RevertUndelete
	}
	return skein.RevertRestore
}
