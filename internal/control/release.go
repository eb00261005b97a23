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
// its source's, which it then is. For administrators.
func (c *Control) Release(ctx context.Context, actor skein.Actor, d Decision) (r Result, err error) {
	id := d.ID
	change := c.aside(actor, waitingRelease, fmt.Sprint(id))
	defer func() { err = c.recorded(ctx, change, err) }()
	if err := c.administer(ctx, actor); err != nil {
		return r, err
	}
	row, err := c.waitingRow(ctx, d)
	if err != nil {
		return r, err
	}
	change.Action += " " + row.Action + " " + string(row.Zone)
	// One change an id and version: a newer version waits under the old number.
	m := mutation{released: true, change: skein.Change{ID: fmt.Sprintf("release/%d/%d", id, row.At.UnixNano()),
		Actor: released(row), Action: row.Action, Zone: row.Zone}}
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
	resolved := row.Kind == skein.WaitingConflict
	if row.Action == zoneDelete {
		return c.proposeDeletion(ctx, change, DeleteZone{Name: row.Zone, released: true, resolved: resolved})
	}
	return c.proposePut(ctx, change, PutZone{Name: row.Zone, Sets: row.Sets, Tolerant: true,
		Exact: row.Action == zoneTransfer, released: true, resolved: resolved})
}

// released is the actor of a change that waited. What only people may do is
// known by their source, since that an actor is one is not kept.
func released(row store.WaitingRow) skein.Actor {
	a := row.Actor
	a.Admin = row.Source == auth.Administrators
	return a
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

// Discard drops a change that waits; the zone stays as it is. For administrators.
func (c *Control) Discard(ctx context.Context, actor skein.Actor, d Decision) (err error) {
	change := c.aside(actor, waitingDiscard, fmt.Sprint(d.ID))
	defer func() { err = c.recorded(ctx, change, err) }()
	if err := c.administer(ctx, actor); err != nil {
		return err
	}
	row, err := c.waitingRow(ctx, d)
	if err != nil {
		return err
	}
	change.Action = strings.TrimSpace(change.Action + " " + row.Action + " " + string(row.Zone))
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
	if err := c.administer(ctx, actor); err != nil {
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
