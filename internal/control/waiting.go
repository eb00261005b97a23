package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// waits proposes that a change waits for a person, for a reason: nothing is
// changed, and who asked is told so. Next is the version that it brings; the
// zero value for a deletion.
func waits(kind string, change skein.Change, z skein.Zone, next zone.Contents, reason *skein.Error) proposal {
	row := store.WaitingRow{Waiting: skein.Waiting{
		Kind: kind, Zone: change.Zone, ZoneID: z.ID, Source: originOf(change.Actor), Actor: change.Actor,
		Action: change.Action, Reason: reason.What, Mend: reason.Mend, Revision: z.Revision, At: change.At,
	}}
	if !next.IsZero() {
		soa, _ := next.SOA()
		row.Serial = soa.Serial
		_, row.Records = next.Len()
		for set := range next.All() {
			row.Sets = append(row.Sets, set)
		}
	}
	return proposal{keep: &row, reason: reason}
}

// keep keeps a change for a person and returns what whoever asked for it is told.
func (c *Control) keep(ctx context.Context, p proposal) error {
	id, err := c.Store.PutWaiting(ctx, *p.keep)
	if err != nil {
		return err
	}
	e := *p.reason
	e.Waiting = id
	e.What += fmt.Sprintf("; the change waits for a person as number %d, and the zone is as it was", id)
	command := "hold"
	if p.keep.Kind == skein.WaitingConflict {
		command = "conflict"
	}
	e.Mend = fmt.Sprintf("skein %s show %d has both versions; %s", command, id, numbered(e.Mend, id))
	return &e
}

// outdated returns the numbers of what waits of a source for a zone: a newer
// change of that source, which was taken, puts an end to it.
func (c *Control) outdated(ctx context.Context, name zone.Name, source string) ([]int64, error) {
	rows, err := c.Store.Waiting(ctx, store.WaitingQuery{Zone: name, Source: source})
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids, err
}

// dropAll ends what waits; who was faster is not minded.
func (c *Control) dropAll(ctx context.Context, ids []int64) error {
	for _, id := range ids {
		if err := c.Store.DropWaiting(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Waiting returns what waits for a person of the actor's sources, by number.
func (c *Control) Waiting(ctx context.Context, actor skein.Actor, q WaitingQuery) ([]skein.Waiting, error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return nil, err
	}
	asked := store.WaitingQuery{Kinds: q.Kinds, Zone: q.Zone, Source: q.Source, After: q.After, Limit: limited(q.Limit)}
	switch {
	case q.Source != "" && !hasSource(k, actor, q.Source):
		return nil, nil
	case q.Source == "" && !k.Whole(actor):
		asked.Sources = sourcesOf(k, actor)
	}
	rows, err := inScope(actor, asked.Limit, func(w skein.Waiting) zone.Name { return w.Zone }, func(last *skein.Waiting) ([]skein.Waiting, error) {
		if last != nil {
			asked.After = last.ID
		}
		return c.Store.Waiting(ctx, asked)
	})
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if err := c.worded(ctx, k, actor, &rows[i]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// numbered puts the number of a waiting change into what is to be done about
// it, which was written before it had one.
func numbered(mend string, id int64) string {
	return strings.ReplaceAll(mend, "NUMBER", fmt.Sprint(id))
}

// WaitingDetail returns a waiting change with both versions; what the zone
// holds now only to whom may read it.
func (c *Control) WaitingDetail(ctx context.Context, actor skein.Actor, id int64) (d skein.WaitingDetail, err error) {
	k, err := c.enter(ctx, actor)
	if err != nil {
		return d, err
	}
	row, err := c.Store.WaitingByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !seesWaiting(k, actor, row.Waiting) {
		return d, notWaiting(id)
	}
	if err != nil {
		return d, err
	}
	d.Waiting, d.Now = row.Waiting, []skein.RecordSet{}
	if err := c.worded(ctx, k, actor, &d.Waiting); err != nil {
		return d, err
	}
	z, now, err := c.Contents(ctx, actor, row.Zone)
	switch {
	case skein.KindOf(err) == skein.KindNotFound:
		now, err = zone.NewContents(row.Zone, nil)
	case err == nil:
		for set := range now.All() {
			d.Now = append(d.Now, skein.RecordSetOf(set))
		}
	}
	if err != nil {
		return d, err
	}
	pool := z.Pool
	fill(&pool, poolOf(k, k.OwnerOf(row.Source))) // that of a new one
	then, err := zone.NewContents(row.Zone, row.Sets)
	if err != nil {
		return d, err
	}
	if then, _, err = underPool(c.pool(pool), then); err != nil {
		return d, err
	}
	d.Then = skein.RecordSetsOf(slices.Collect(then.All()))
	d.Delta = skein.DeltaBodyOf(zone.Diff(now, then))
	return d, nil
}

// seesWaiting reports whether a change that waits is an actor's affair: its
// source is.
func seesWaiting(k auth.Known, actor skein.Actor, w skein.Waiting) bool {
	return hasSource(k, actor, w.Source) && auth.Covers(actor.Scope, w.Zone)
}

func notWaiting(id int64) error {
	return &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound,
		What: fmt.Sprintf("no change waits as number %d: it was released or discarded, or a newer one was taken", id),
		Mend: "skein hold list and skein conflict list show what waits"}
}

// conflict is the reason for which another's save or deletion waits.
func conflict(k auth.Known, actor skein.Actor, z skein.Zone) *skein.Error {
	var e *skein.Error
	if !errors.As(k.Change(actor, z), &e) {
		e = auth.Taken(z.Name)
	}
	e.Mend = "an administrator says whose version counts: skein conflict resolve NUMBER --take theirs|ours"
	return e
}
