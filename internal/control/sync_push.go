package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
	"github.com/skein-dns/skein/zone"
)

// push brings members in step: they are looked at, and told what they lack.
func (s *syncing) push(ctx context.Context, names []string) error {
	members := make([]skein.Member, len(names))
	for i, name := range names {
		row, err := s.c.row(ctx, name)
		if err == nil && !s.c.seesMember(s.known, s.row.Actor, row.Member) {
			err = noMember(name)
		}
		if err != nil {
			return err
		}
		members[i] = row.Member
	}
	if in := s.row.Request; in.Zone != "" {
		z, err := s.c.Zone(ctx, s.row.Actor, in.Zone)
		if err != nil {
			return err
		}
		_, err = s.pushPage(ctx, members, []skein.Zone{z})
		return err
	}
	q := store.ListQuery{After: s.row.At, Limit: syncPage}
	q.Origin, q.Owners = selection(s.known, s.row.Actor)
	for {
		list, err := s.c.Store.List(ctx, q)
		if err != nil || len(list) == 0 {
			return err
		}
		q.After = list[len(list)-1].Name
		if members, err = s.pushPage(ctx, members, list); err != nil {
			return err
		}
		if err := s.keep(ctx); err != nil {
			return err
		}
	}
}

// pushPage brings members in step with some zones. It returns those that can
// be: one that cannot is left out of what follows.
func (s *syncing) pushPage(ctx context.Context, members []skein.Member, list []skein.Zone) (fit []skein.Member, err error) {
	list = slices.DeleteFunc(list, func(z skein.Zone) bool { return !s.serves(z) })
	found := make([]map[string]skein.PlanStep, 0, len(members))
	for _, m := range members {
		steps, err := s.compare(ctx, m, list)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			s.note(skein.SyncStep{Zone: s.row.Request.Zone, Member: m.Name, Action: skein.SyncFail, Reason: reason(err)})
			continue
		}
		fit, found = append(fit, m), append(found, steps)
	}
	behind := make([][]zone.Name, len(fit))
	for _, z := range list {
		top := z.Serial
		if s.row.Request.Force {
			if top, err = s.above(ctx, z, found); err != nil {
				return nil, err
			}
		}
		if top != z.Serial { // what it is told of follows by the feed
			if err := s.overtake(ctx, z, top); err != nil {
				return nil, err
			}
			continue
		}
		for i, m := range fit {
			if !writes(roleIn(m, z.Pool)) {
				continue
			}
			step := skein.SyncStep{Zone: z.Name, Member: m.Name, Ours: z.Serial, Theirs: z.Serial, Action: skein.SyncSame}
			if differs, is := found[i][z.Name.Key()]; is {
				step = pushed(differs, m.Name)
			}
			switch step.Action {
			case skein.SyncTell, skein.SyncCreate:
				behind[i] = append(behind[i], z.Name)
			case skein.SyncConflict:
				if !s.plan {
					s.c.Ahead(m.Name, z.Name, step.Theirs, false)
				}
			}
			s.note(step)
		}
	}
	for i, m := range fit {
		if s.plan || len(behind[i]) == 0 {
			continue
		}
		if err := s.c.Cluster.Recheck(ctx, m.Name, behind[i]); err != nil {
			return nil, err
		}
	}
	return fit, nil
}

// compare says how a member differs from what is wanted of these zones.
func (s *syncing) compare(ctx context.Context, m skein.Member, list []skein.Zone) (map[string]skein.PlanStep, error) {
	var names []zone.Name
	for _, z := range list {
		if writes(roleIn(m, z.Pool)) {
			names = append(names, z.Name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	found, err := s.c.Cluster.Compare(ctx, m.Name, names)
	steps := make(map[string]skein.PlanStep, len(found))
	for _, step := range found {
		steps[step.Zone.Key()] = step
	}
	return steps, err
}

// pushed is what is done about one zone that is not in step on a member.
func pushed(found skein.PlanStep, member string) skein.SyncStep {
	step := skein.SyncStep{Zone: found.Zone, Member: member, Action: skein.SyncTell, Ours: found.Ours, Theirs: found.Theirs, Reason: found.Reason}
	switch {
	case found.Action == skein.PlanAdd:
		step.Action = skein.SyncCreate
	case isAhead(found):
		step.Action = skein.SyncConflict
	case found.Action == skein.PlanLeave:
		step.Action = skein.SyncLeave
	}
	return step
}

// isAhead reports whether a step leaves a zone for its later serial.
func isAhead(found skein.PlanStep) bool {
	return found.Action == skein.PlanLeave && found.Theirs != 0 && newer(found.Theirs, found.Ours)
}

// above returns the highest serial of a zone that a member has, or that waits
// of one; ours if none is newer.
func (s *syncing) above(ctx context.Context, z skein.Zone, found []map[string]skein.PlanStep) (top uint32, err error) {
	top = z.Serial
	for _, steps := range found {
		if step, is := steps[z.Name.Key()]; is && isAhead(step) && newer(step.Theirs, top) {
			top = step.Theirs
		}
	}
	return s.c.waitingAbove(ctx, z.Name, top)
}

// overtake puts ours above a newer copy.
func (s *syncing) overtake(ctx context.Context, z skein.Zone, theirs uint32) error {
	step := skein.SyncStep{Zone: z.Name, Action: skein.SyncTell, Ours: z.Serial, Theirs: theirs, Reason: fmt.Sprintf("ours is put above serial %d", theirs)}
	if s.plan {
		s.note(step)
		return nil
	}
	r, err := s.c.overtake(ctx, s.row.Actor, z.Name, theirs)
	if err != nil {
		step = failedStep("", skein.Held{Zone: z.Name, Serial: theirs}, err)
	} else {
		step.Ours = r.Zone.Serial
	}
	s.note(step)
	return Trouble(err)
}

// waitingAbove returns the highest of a serial and those of members' copies of
// a zone that wait.
func (c *Control) waitingAbove(ctx context.Context, name zone.Name, top uint32) (uint32, error) {
	rows, err := c.Store.Waiting(ctx, store.WaitingQuery{Zone: name, Kinds: []string{skein.WaitingConflict}, Limit: maxLimit})
	for _, w := range rows {
		if _, is := memberOf(w.Source); is && newer(w.Serial, top) {
			top = w.Serial
		}
	}
	return top, err
}
