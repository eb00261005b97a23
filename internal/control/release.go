package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

const (
	waitingRelease = "waiting.release"
	waitingDiscard = "waiting.discard"
)

// Release carries out a change that waits, as its own actor: a hold or an
// approval as if nothing had been suspicious, a conflict as if the zone were
// its source's, which it then is. Whose affair the zone is says so; what is
// between tenants only root.
func (c *Control) Release(ctx context.Context, actor skein.Actor, d Decision) (r Result, err error) {
	id := d.ID
	change := c.aside(actor, waitingRelease, fmt.Sprint(id))
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitSources)
	if err != nil {
		return r, err
	}
	row, err := c.waitingFor(ctx, k, actor, d)
	if err != nil {
		return r, err
	}
	if err := c.mayRelease(ctx, k, actor, row); err != nil {
		return r, err
	}
	change.Action += " " + row.Action + " " + string(row.Zone)
	// One change an id and version: a newer version waits under the old number.
	m := mutation{released: true, change: skein.Change{ID: fmt.Sprintf("release/%d/%d", id, row.At.UnixNano()),
		Actor: released(k, row), Action: row.Action, Zone: row.Zone}}
	m.propose = func(ctx context.Context, change *skein.Change) (proposal, error) {
		now, err := c.waitingRow(ctx, Decision{ID: id, Seen: row.At})
		if err != nil {
			return proposal{}, err
		}
		p, err := c.proposeReleased(ctx, change, now)
		if p.write.Waiting == 0 {
			p.write.Waiting = id
		} else if p.write.Waiting != id { // the version that takes the place of a deleted zone
			p.drop = append(p.drop, id)
		}
		p.drop = remove(p.drop, p.write.Waiting)
		if !p.result.Changed {
			p.drop = append(p.drop, id)
		}
		return p, err
	}
	return c.mutate(ctx, m)
}

// remove returns ids without one.
func remove(ids []int64, id int64) (rest []int64) {
	for _, i := range ids {
		if i != id {
			rest = append(rest, i)
		}
	}
	return rest
}

// proposeReleased is the very function that the change came by.
func (c *Control) proposeReleased(ctx context.Context, change *skein.Change, row store.WaitingRow) (proposal, error) {
	if member, is := memberOf(row.Source); is {
		return c.proposeTheirs(ctx, change, member, row)
	}
	resolved := row.Kind == skein.WaitingConflict
	if row.Action == zoneDelete {
		return c.proposeDeletion(ctx, change, DeleteZone{Name: row.Zone, released: true, resolved: resolved})
	}
	return c.proposePut(ctx, change, PutZone{Name: row.Zone, Sets: row.Sets, Tolerant: true,
		Exact: row.Action == zoneTransfer, released: true, resolved: resolved})
}

// released is the actor of a change that waited. Its role is not kept: people
// are known by their source.
func released(k auth.Known, row store.WaitingRow) skein.Actor {
	return k.Speaker(row.Actor.Name, row.Actor.Door, row.Source)
}

// waitingFor returns what waits under a number, if an actor may decide about it.
func (c *Control) waitingFor(ctx context.Context, k auth.Known, actor skein.Actor, d Decision) (store.WaitingRow, error) {
	row, err := c.waitingRow(ctx, d)
	if (err == nil || skein.KindOf(err) == skein.KindConflict) && !seesWaiting(k, actor, row.Waiting) {
		return store.WaitingRow{}, notWaiting(d.ID)
	}
	return row, err
}

// mayRelease says whether an actor may carry out what waits. A new name that
// needs approval, and a zone of others, are matters between tenants.
func (c *Control) mayRelease(ctx context.Context, k auth.Known, actor skein.Actor, row store.WaitingRow) error {
	if k.Whole(actor) {
		return nil
	}
	z, err := c.Store.Zone(ctx, row.Zone)
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err
	case row.Kind == skein.WaitingApproval, err == nil && !k.Reaches(actor, z.Owner):
		return &skein.Error{Kind: skein.KindForbidden,
			What: fmt.Sprintf("whether zone %s can be had is up to those who run Skein", row.Zone), Mend: "ask them, or discard the change"}
	}
	return nil
}

func (c *Control) waitingRow(ctx context.Context, d Decision) (store.WaitingRow, error) {
	row, err := c.Store.WaitingByID(ctx, d.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return row, notWaiting(d.ID)
	case err == nil && !d.Seen.IsZero() && !row.At.Equal(d.Seen):
		return row, &skein.Error{Kind: skein.KindConflict, Cause: store.ErrChanged,
			What: fmt.Sprintf("a newer change of %s waits as number %d by now", row.Source, d.ID), Mend: "look at it, and decide anew"}
	}
	return row, err
}

// Discard drops a change that waits; the zone stays as it is. A member's newer
// copy would be back at the next look: ours is put above it.
func (c *Control) Discard(ctx context.Context, actor skein.Actor, d Decision) (err error) {
	change := c.aside(actor, waitingDiscard, fmt.Sprint(d.ID))
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitSources)
	if err != nil {
		return err
	}
	row, err := c.waitingFor(ctx, k, actor, d)
	if err != nil {
		return err
	}
	change.Action = strings.TrimSpace(change.Action + " " + row.Action + " " + string(row.Zone))
	if _, is := memberOf(row.Source); is && row.Kind == skein.WaitingConflict {
		if err := c.mayRelease(ctx, k, actor, row); err != nil {
			return err
		}
		_, err := c.overtake(ctx, actor, row.Zone, row.Serial)
		return err
	}
	// Nothing comes to wait for a zone but in its turn.
	done, err := c.turns.take(ctx, row.Zone.Key())
	if err != nil {
		return &skein.Error{Kind: skein.KindUnavailable, Cause: err,
			What: fmt.Sprintf("changes of zone %s did not end in time; nothing was discarded", row.Zone), Mend: "try again"}
	}
	defer done()
	if _, err := c.waitingRow(ctx, Decision{ID: d.ID, Seen: row.At}); err != nil {
		return err
	}
	err = c.Store.DropWaiting(ctx, d.ID)
	if errors.Is(err, store.ErrNotFound) {
		return notWaiting(d.ID)
	}
	return err
}

// ReleaseAll releases everything that a query selects, in the order of numbers,
// and returns how many it were and which could not be; its limit is not looked at.
func (c *Control) ReleaseAll(ctx context.Context, actor skein.Actor, q WaitingQuery) (int, []NotReleased, error) {
	return c.eachWaiting(ctx, actor, q, func(id int64) error {
		_, err := c.Release(ctx, actor, Decision{ID: id})
		return err
	})
}

// DiscardAll discards everything that a query selects.
func (c *Control) DiscardAll(ctx context.Context, actor skein.Actor, q WaitingQuery) (int, []NotReleased, error) {
	return c.eachWaiting(ctx, actor, q, func(id int64) error { return c.Discard(ctx, actor, Decision{ID: id}) })
}

// eachWaiting does something with all that waits. It goes on after a refusal
// and stops at trouble of our own.
func (c *Control) eachWaiting(ctx context.Context, actor skein.Actor, q WaitingQuery, do func(id int64) error) (done int, left []NotReleased, err error) {
	if _, err := c.permit(ctx, actor, skein.PermitSources); err != nil {
		return 0, nil, err
	}
	q.Limit = maxLimit
	for {
		rows, err := c.Waiting(ctx, actor, q)
		if err != nil || len(rows) == 0 {
			return done, left, err
		}
		for _, row := range rows {
			q.After = row.ID
			switch err := do(row.ID); {
			case err == nil:
				done++
			case skein.KindOf(err) == skein.KindInternal, skein.KindOf(err) == skein.KindUnavailable, ctx.Err() != nil:
				return done, left, err
			case len(left) < maxLimit:
				left = append(left, NotReleased{ID: row.ID, Zone: row.Zone, Err: err})
			}
		}
	}
}
