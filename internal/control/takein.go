package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/publish"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// newer reports whether a member's serial is one that we could not answer with
// ours: it is ahead, or so far away that RFC 1982 does not tell.
func newer(theirs, ours uint32) bool { return theirs != ours && !passes(ours, theirs) }

// passes reports whether our serial is beyond a member's. One as far as theirs
// is not: it may stand for other contents there.
func passes(ours, theirs uint32) bool { return zone.SerialLess(theirs, ours) }

// TakeIn takes what a member that is read has of a zone in, as far as that is
// newer and the rules say so; the step tells what became of it. A zone that is
// the member's own is replaced, one that nobody here knows becomes its own, and
// what is another's waits for a person, unless the highest serial counts.
func (c *Control) TakeIn(ctx context.Context, member string, contents zone.Contents) (skein.SyncStep, error) {
	return c.takeIn(ctx, member, contents, looking{})
}

func (c *Control) takeIn(ctx context.Context, member string, contents zone.Contents, l looking) (step skein.SyncStep, err error) {
	soa, _ := contents.SOA()
	held := skein.Held{Zone: contents.Origin(), Serial: soa.Serial}
	m, err := c.fromMember(ctx, member)
	if err != nil {
		return failedStep(member, held, err), err
	}
	_, err = c.mutate(ctx, mutation{change: skein.Change{Actor: memberActor(m.Name), Action: zoneTransfer, Zone: held.Zone},
		propose: func(ctx context.Context, change *skein.Change) (proposal, error) {
			var z skein.Zone
			if z, step, err = c.look(ctx, m, held, l); err != nil {
				return proposal{}, err
			}
			change.ZoneID = z.ID
			if step.Action == skein.SyncSame {
				if step.Action, err = c.another(ctx, m, z, contents); err != nil {
					return proposal{}, err
				}
			}
			if !isNewer(step) {
				return proposal{result: Result{Zone: z}}, nil
			}
			kept, err := c.keptOf(ctx, held.Zone, m.Name, held.Serial, true)
			if kept || err != nil {
				step.Action = skein.SyncConflict
				return proposal{result: Result{Zone: z}}, err
			}
			p, err := c.proposeTakeIn(ctx, change, m, z, contents, step)
			if err != nil || p.keep != nil || !p.result.Changed || !writes(roleIn(m, p.result.Zone.Pool)) {
				return p, err
			}
			return p, c.above(ctx, &p, contents, change.At)
		},
	})
	return became(step, held, m.Name, err)
}

// above gives a zone a serial above that of the copy which comes in, where
// overlays lie over it, or a pool's nameservers. The member has its serial for
// the copy alone, and is to get these as well.
func (c *Control) above(ctx context.Context, p *proposal, contents zone.Contents, now time.Time) error {
	z := &p.result.Zone
	if soa, _ := contents.SOA(); soa.Serial != z.Serial || signed(contents) {
		return nil
	}
	over := len(p.write.Stamps) > 0
	if !over && z.ID != "" {
		stamps, err := c.Store.Owners(ctx, z.ID, nil, 1)
		if err != nil {
			return err
		}
		over = len(stamps) > 0
	}
	if over {
		z.Serial = publish.Serial(publish.Past{Last: z.Serial, Had: true}, 0, z.Policy, now)
		p.write.Serial = z.Serial
		p.result.Delta = shown(p.result.Delta, z.Name, 0, z.Serial)
	}
	return nil
}

// another says what becomes of a copy with our serial on a member that is
// written: where it holds other contents none of the two is newer, and a
// person says which counts.
func (c *Control) another(ctx context.Context, m skein.Member, z skein.Zone, contents zone.Contents) (action string, err error) {
	soa, _ := contents.SOA()
	if !writes(roleIn(m, z.Pool)) || soa.Serial != z.Serial {
		return skein.SyncSame, nil
	}
	ours, err := c.contentsOf(ctx, z)
	if err != nil || publish.Contents(ours, z.Serial).Equal(contents) {
		return skein.SyncSame, err
	}
	return skein.SyncConflict, nil
}

// became completes a step with what came of it. That something waits is no
// failure of the step.
func became(step skein.SyncStep, held skein.Held, member string, err error) (skein.SyncStep, error) {
	var e *skein.Error
	switch {
	case errors.As(err, &e) && e.Waiting != 0:
		step.Action, step.Reason = skein.SyncConflict, e.What
		return step, nil
	case err != nil:
		return failedStep(member, held, err), err
	}
	return step, nil
}

func failedStep(member string, held skein.Held, err error) skein.SyncStep {
	return skein.SyncStep{Zone: held.Zone, Member: member, Action: skein.SyncFail, Theirs: held.Serial, Reason: reason(err)}
}

// proposeTakeIn proposes that a member's copy comes in, or waits.
func (c *Control) proposeTakeIn(ctx context.Context, change *skein.Change, m skein.Member, z skein.Zone, contents zone.Contents, step skein.SyncStep) (proposal, error) {
	in := putOf(contents)
	if step.Action != skein.SyncConflict {
		in.stays = z.ID != "" && z.Origin != change.Actor.Source
		return c.proposePut(ctx, change, in)
	}
	p, done, err := c.proposeAgreed(ctx, change, z, contents)
	if done || err != nil {
		return p, err
	}
	p, err = c.proposePut(ctx, change, in) // a standing rule may decide
	if p.keep != nil && p.keep.Kind == skein.WaitingConflict {
		return ahead(*change, m, z, step.Theirs, contents), nil
	}
	return p, err
}

// putOf is a put of what a member has.
func putOf(contents zone.Contents) PutZone {
	return PutZone{Name: contents.Origin(), Sets: slices.Collect(contents.All()), Tolerant: true, Exact: true}
}

// keptOf reports whether just this copy of a zone waits already. What is read
// takes the place of a copy of which no more than the serial was known.
func (c *Control) keptOf(ctx context.Context, name zone.Name, member string, serial uint32, read bool) (bool, error) {
	rows, err := c.Store.Waiting(ctx, store.WaitingQuery{Zone: name, Source: sourceOf(member), Limit: maxLimit})
	return slices.ContainsFunc(rows, func(w skein.Waiting) bool {
		return w.Serial == serial && (!read || w.Records > 0)
	}), err
}

// isNewer reports whether a step is about a copy that is newer than ours, or new.
func isNewer(step skein.SyncStep) bool {
	return step.Action == skein.SyncCreate || step.Action == skein.SyncReplace || step.Action == skein.SyncConflict
}

// looking says how copies are looked at.
type looking struct {
	deleted bool // also those are wanted whose zone was deleted here
	here    bool // only those whose zone is here

	hides func(skein.Zone) bool // those of which nothing is said; nil: none
}

// look says what a copy on a member is to us, and what is to be done about it.
// The zone is the zero value if there is none here, the step if it is hidden.
func (c *Control) look(ctx context.Context, m skein.Member, held skein.Held, l looking) (z skein.Zone, step skein.SyncStep, err error) {
	step = skein.SyncStep{Zone: held.Zone, Member: m.Name, Theirs: held.Serial}
	leave := func(why string, args ...any) { step.Action, step.Reason = skein.SyncLeave, fmt.Sprintf(why, args...) }
	z, err = c.Store.Zone(ctx, held.Zone)
	if errors.Is(err, store.ErrNotFound) {
		why, err := c.notWanted(ctx, m, held, l)
		if step.Action = skein.SyncCreate; why != "" {
			leave("%s", why)
		}
		return skein.Zone{}, step, err
	}
	if err != nil {
		return z, step, err
	}
	if l.hides != nil && l.hides(z) {
		return skein.Zone{}, skein.SyncStep{}, nil
	}
	step.Ours = z.Serial
	role, before := roleIn(m, z.Pool), z.Serial
	// What a standalone member has is all its own: it is compared with what that
	// sent last, above which overlays may have raised ours. One that is written
	// has ours as well, and the highest serial is the newest.
	if z.Origin == sourceOf(m.Name) && !writes(role) {
		if before, err = c.sent(ctx, z); err != nil {
			return z, step, err
		}
	}
	switch {
	case role == "":
		leave("it is a zone of the pool %s, which the member does not serve", z.Pool)
	case !Reads(role):
		leave("the member is %s in the pool of the zone: nothing is taken in from it", role)
	case held.Serial == before, held.Serial == z.Serial && writes(role):
		step.Action = skein.SyncSame
	case !newer(held.Serial, before) && writes(role):
		step.Action = skein.SyncTell
	case !newer(held.Serial, before):
		leave("it is older than ours, and a standalone member is not written")
	case z.Origin == sourceOf(m.Name):
		step.Action = skein.SyncReplace
	default:
		step.Action = c.ruleOfConflicts()
	}
	return z, step, err
}

// sent returns the serial with which the origin of a zone sent it last:
// overlays may have raised the published one.
func (c *Control) sent(ctx context.Context, z skein.Zone) (uint32, error) {
	l, err := c.overlaysOf(ctx, z, []zone.Name{z.Name})
	if err != nil {
		return 0, err
	}
	base, err := l.base()
	soa, _ := base.SOA()
	return soa.Serial, err
}

// notWanted says why a zone that is not here is not taken in; "" if it is.
func (c *Control) notWanted(ctx context.Context, m skein.Member, held skein.Held, l looking) (string, error) {
	if l.here {
		return "it is not configured here", nil
	}
	if l.deleted {
		return "", nil
	}
	floor, had, err := c.Store.SerialFloor(ctx, held.Zone)
	if err != nil || !had {
		return "", err
	}
	if !newer(held.Serial, floor) {
		return "it was deleted here, and has not changed on the member since", nil
	}
	gone, err := c.Store.Deleted(ctx, store.DeletedQuery{Name: held.Zone, Limit: 1})
	if err != nil || len(gone) == 0 || !writes(roleIn(m, gone[0].Zone.Pool)) {
		return "", err
	}
	for _, on := range c.Cluster.Receipt(gone[0].Zone).Members {
		if on.Member == m.Name && on.State != skein.StateAbsent {
			return "it was deleted here, and is to be deleted on the member", nil
		}
	}
	return "", nil
}

// Newer returns those zones of a page of a member's inventory whose contents
// are to be read and taken in. What waits for a person already is not.
func (c *Control) Newer(ctx context.Context, member string, page []skein.Held) (read []zone.Name, err error) {
	m, err := c.fromMember(ctx, member)
	if err != nil {
		return nil, err
	}
	for _, held := range page {
		_, step, err := c.look(ctx, m, held, looking{})
		if errors.Is(err, errMoved) { // it is looked at again in the next round
			continue
		}
		if err != nil {
			return nil, err
		}
		if !isNewer(step) {
			continue
		}
		kept, err := c.keptOf(ctx, held.Zone, m.Name, held.Serial, true)
		if err != nil {
			return nil, err
		}
		if !kept {
			read = append(read, held.Zone)
		}
	}
	return read, nil
}
