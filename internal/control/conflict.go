package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// zoneOvertake is the action by which a zone comes to be published with a
// later serial and the same contents.
const zoneOvertake = "zone.overtake"

// ruleOfConflicts is what becomes of a newer copy of another's zone.
func (c *Control) ruleOfConflicts() (action string) {
	if c.settings().Conflicts == skein.ConflictsHighest {
		return skein.SyncReplace
	}
	return skein.SyncConflict
}

// ahead proposes that a newer copy on a member waits for a person: with what
// it holds where that is known.
func ahead(change skein.Change, m skein.Member, z skein.Zone, theirs uint32, contents zone.Contents) proposal {
	e := &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("member %s serves zone %s with serial %d, beyond our %d: it was changed there", m.Name, z.Name, theirs, z.Serial),
		Mend: "an administrator says whose version counts: skein conflict resolve NUMBER --take theirs|ours"}
	if !Reads(roleIn(m, z.Pool)) {
		e.Mend = fmt.Sprintf("a %s member's contents are not taken in; put ours above them: skein conflict resolve NUMBER --take ours", m.Role)
	}
	if theirs == z.Serial {
		e.What = fmt.Sprintf("member %s serves zone %s with our serial %d and other contents: it was changed there", m.Name, z.Name, theirs)
	}
	p := waits(skein.WaitingConflict, change, z, contents, e)
	p.keep.Serial = theirs
	return p
}

// proposeAgreed proposes, where a member's newer copy holds just what we
// serve, that our serial goes beyond it: nobody needs to decide, unless about
// another's copy that would be passed as well.
func (c *Control) proposeAgreed(ctx context.Context, change *skein.Change, z skein.Zone, contents zone.Contents) (p proposal, agreed bool, err error) {
	soa, _ := contents.SOA()
	over, err := c.contentsOf(ctx, z)
	if err != nil || signed(over) || !over.WithSerial(soa.Serial).Equal(contents) {
		return proposal{}, false, err
	}
	if top, err := c.waitingAbove(ctx, z.Name, z.Serial); err != nil || top != z.Serial {
		return proposal{}, false, err
	}
	p, err = c.proposeOvertaking(ctx, change, z, soa.Serial)
	return p, true, err
}

// proposeOvertaking proposes that a zone is published with a serial beyond one
// that a member has, and the same contents. If others have newer copies too it
// goes beyond all: the same serial would stand for other contents there.
func (c *Control) proposeOvertaking(ctx context.Context, change *skein.Change, z skein.Zone, theirs uint32) (p proposal, err error) {
	p.result.Zone = z
	if newer(theirs, z.Serial) {
		if theirs, err = c.waitingAbove(ctx, z.Name, theirs); err != nil {
			return p, err
		}
	}
	next := publish.Serial(publish.Past{Last: theirs, Had: true}, 0, z.Policy, change.At)
	switch {
	case passes(z.Serial, theirs):
		p.drop, err = c.passed(ctx, z.Name, z.Serial)
		return p, err
	case !zone.SerialLess(z.Serial, next):
		return p, tooFar(z, theirs)
	}
	sets, at, err := c.Store.Nodes(ctx, z.ID, []zone.Name{z.Name})
	if errors.Is(err, store.ErrNotFound) || err == nil && at != z.Revision {
		return p, errMoved
	}
	if err != nil {
		return p, err
	}
	apex, err := zone.NewContents(z.Name, sets)
	if err != nil {
		return p, err
	}
	if signed(apex) { // what is signed cannot be renumbered
		return p, isSigned(z)
	}
	// The authored SOA stays as the origin sent it, which its next serial is
	// compared with.
	soa, _ := apex.Get(z.Name, zone.TypeSOA)
	same := []zone.RRset{soa}
	change.Action, change.ZoneID = zoneOvertake, z.ID
	p.result.Changed, p.result.Zone.Serial, p.result.Zone.Changed = true, next, change.At
	p.result.Delta = shown(zone.Delta{Del: same, Add: same}, z.Name, z.Serial, next)
	p.write = store.Write{Zone: skein.Zone{ID: z.ID, Name: z.Name}, Expect: z.Revision, Delta: zone.Delta{Del: same, Add: same}, Serial: next}
	p.drop, err = c.passed(ctx, z.Name, next)
	return p, err
}

func tooFar(z skein.Zone, theirs uint32) error {
	return &skein.Error{Kind: skein.KindConflict,
		What: fmt.Sprintf("serial %d of zone %s there is half the ring of serials away from our %d: no later one is beyond both (RFC 1982)", theirs, z.Name, z.Serial),
		Mend: "correct the serial on the member, or delete the zone there; it is given ours then"}
}

// passed returns the numbers of the members' versions of a zone that wait and
// that a serial has passed.
func (c *Control) passed(ctx context.Context, name zone.Name, serial uint32) (ids []int64, err error) {
	rows, err := c.Store.Waiting(ctx, store.WaitingQuery{Zone: name, Kinds: []string{skein.WaitingConflict}, Limit: maxLimit})
	for _, w := range rows {
		if _, is := memberOf(w.Source); is && passes(serial, w.Serial) {
			ids = append(ids, w.ID)
		}
	}
	return ids, err
}

// overtake puts our version of a zone above one that a member has.
func (c *Control) overtake(ctx context.Context, actor skein.Actor, name zone.Name, theirs uint32) (Result, error) {
	return c.mutate(ctx, mutation{change: skein.Change{Actor: actor, Action: zoneOvertake, Zone: name},
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			k, z, err := c.present(ctx, change)
			if err != nil {
				return proposal{}, err
			}
			if !k.Reads(actor, z) {
				return proposal{}, noZone(name)
			}
			return c.proposeOvertaking(ctx, change, z, theirs)
		},
	})
}

// proposeTheirs proposes that a member's version that waited becomes the zone,
// whoever's it is.
func (c *Control) proposeTheirs(ctx context.Context, change *skein.Change, member string, row store.WaitingRow) (proposal, error) {
	known, err := c.row(ctx, member)
	if err != nil {
		return proposal{}, err
	}
	if !Reads(known.Member.Role) {
		return proposal{}, notRead(known.Member)
	}
	if len(row.Sets) == 0 {
		return proposal{}, &skein.Error{Kind: skein.KindConflict,
			What: fmt.Sprintf("of what member %s has of zone %s no more than the serial %d is known here", member, row.Zone, row.Serial),
			Mend: fmt.Sprintf("have it read: skein sync %s --from %s; then decide", row.Zone, member)}
	}
	return c.proposePut(ctx, change, PutZone{Name: row.Zone, Sets: row.Sets, Tolerant: true, Exact: true, released: true, stays: true})
}

// dropConflict ends what waits of a member's copy of a zone, since that is not
// newer any more.
func (c *Control) dropConflict(ctx context.Context, member string, name zone.Name) error {
	done, err := c.turns.take(ctx, name.Key())
	if err != nil {
		return busy(name, err)
	}
	defer done()
	rows, err := c.Store.Waiting(ctx, store.WaitingQuery{Zone: name, Source: sourceOf(member), Kinds: []string{skein.WaitingConflict}, Limit: maxLimit})
	if err != nil {
		return err
	}
	ids := make([]int64, len(rows))
	for i, w := range rows {
		ids[i] = w.ID
	}
	return c.dropAll(ctx, ids)
}

// SettleConflicts ends the conflicts with a member whose reason is gone: our
// version has passed theirs, or the zone is gone.
func (c *Control) SettleConflicts(ctx context.Context, member string) error {
	return c.eachConflict(ctx, member, func(w skein.Waiting) (gone bool, err error) {
		z, err := c.Store.Zone(ctx, w.Zone)
		if errors.Is(err, store.ErrNotFound) {
			return true, nil
		}
		return err == nil && passes(z.Serial, w.Serial), err
	})
}

// forgetConflicts ends all conflicts with a member, which is removed.
func (c *Control) forgetConflicts(ctx context.Context, member string) error {
	return c.eachConflict(ctx, member, func(skein.Waiting) (bool, error) { return true, nil })
}

// eachConflict drops those of a member's conflicts that are gone.
func (c *Control) eachConflict(ctx context.Context, member string, gone func(skein.Waiting) (bool, error)) error {
	q := store.WaitingQuery{Kinds: []string{skein.WaitingConflict}, Source: sourceOf(member), Limit: maxLimit}
	for {
		rows, err := c.Store.Waiting(ctx, q)
		if err != nil || len(rows) == 0 {
			return err
		}
		q.After = rows[len(rows)-1].ID
		rows = slices.DeleteFunc(rows, func(w skein.Waiting) bool {
			is, failure := gone(w)
			err = errors.Join(err, failure)
			return !is
		})
		for _, w := range rows {
			err = errors.Join(err, c.dropAll(ctx, []int64{w.ID}))
		}
		if err != nil {
			return err
		}
	}
}
