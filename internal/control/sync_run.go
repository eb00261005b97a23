package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/zone"
)

const (
	// syncPage is how many of our zones are compared with a member at once.
	syncPage = 200
	// syncKeep is how often the place of a job is written down.
	syncKeep = 2 * time.Second
)

// RunSync carries out synchronisations until ctx ends. Those under way then are
// gone on with when it is called the next time.
func (c *Control) RunSync(ctx context.Context) error {
	var running sync.WaitGroup
	for ofAll, wake := range c.jobs.wake {
		running.Go(func() {
			for ctx.Err() == nil {
				if row := c.jobs.next(ofAll); row != nil {
					c.runJob(ctx, row)
					continue
				}
				select {
				case <-ctx.Done():
				case <-wake:
				}
			}
		})
	}
	running.Wait()
	return nil
}

func (s *syncJobs) next(ofAll bool) *syncRow {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range s.list {
		if row.State == skein.SyncRunning && row.ofAll() == ofAll {
			return row
		}
	}
	return nil
}

// syncing is a job that runs, or a plan that is made.
type syncing struct {
	c    *Control
	row  *syncRow
	plan bool
	kept time.Time // when its place was written down

	known auth.Known // what the one who began it may do

	shown map[string]int // steps of the plan, by action
}

// runJob carries out one job.
func (c *Control) runJob(node context.Context, row *syncRow) {
	ctx, cancel := context.WithCancel(node)
	defer cancel()
	c.jobs.mu.Lock()
	row.cancel = cancel
	c.jobs.mu.Unlock()
	s := &syncing{c: c, row: row, kept: c.Now()}
	err := s.run(ctx)

	c.jobs.mu.Lock()
	row.cancel = nil
	if row.State == skein.SyncRunning && node.Err() == nil {
		row.Ended, row.State = c.Now().UTC(), skein.SyncDone
		row.Total = row.Done
		if row.Failed > 0 || err != nil {
			row.State = skein.SyncFailed
		}
		if err != nil {
			row.Last = reason(err)
		}
	}
	c.jobs.mu.Unlock()
	if err := c.keepJobs(context.WithoutCancel(node)); err != nil {
		c.Log.Error("writing down how a synchronisation ended", "job", row.ID, "err", err)
	}
}

// planSync says what a job would do.
func (c *Control) planSync(ctx context.Context, row *syncRow) (skein.SyncJob, error) {
	s := &syncing{c: c, row: row, plan: true, shown: map[string]int{}}
	if err := s.run(ctx); err != nil {
		return skein.SyncJob{}, err
	}
	row.ID, row.State, row.Ended, row.Total = "", skein.SyncDone, c.Now().UTC(), row.Done
	return row.SyncJob, nil
}

// run goes through the legs. A member that cannot be read or told keeps none
// from the others.
func (s *syncing) run(ctx context.Context) error {
	for s.row.Leg < len(s.row.Legs) {
		leg := s.row.Legs[s.row.Leg]
		err := s.enter(ctx)
		if err != nil {
			return err
		}
		if leg.Pull != "" {
			s.c.jobs.anew(s.row)
			err = s.pull(ctx, leg.Pull)
		} else {
			err = s.push(ctx, leg.Push)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			s.note(skein.SyncStep{Zone: s.row.Request.Zone, Member: leg.Pull, Action: skein.SyncFail, Reason: reason(err)})
		}
		s.c.jobs.mu.Lock()
		s.row.Leg, s.row.At = s.row.Leg+1, ""
		s.row.Before = s.row.SyncJob
		s.c.jobs.mu.Unlock()
	}
	return nil
}

// anew has a leg count from its beginning.
func (s *syncJobs) anew(row *syncRow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := row.Before
	before.State, before.Ended = row.State, row.Ended
	row.SyncJob = before
}

// note counts what became of one zone; nothing came of one that is another's.
func (s *syncing) note(step skein.SyncStep) {
	if step.Action == "" {
		return
	}
	s.c.jobs.mu.Lock()
	defer s.c.jobs.mu.Unlock()
	row := s.row
	row.Done++
	if row.At = step.Zone; row.Total < row.Done {
		row.Total = row.Done
	}
	switch step.Action {
	case skein.SyncCreate:
		row.Created++
	case skein.SyncReplace:
		row.Replaced++
	case skein.SyncTell:
		row.Told++
	case skein.SyncConflict:
		row.Conflicts++
	case skein.SyncFail:
		row.Failed++
		row.Last = fmt.Sprintf("%s on %s: %s", step.Zone, step.Member, step.Reason)
	default:
		row.Same++
	}
	switch {
	case s.plan && step.Action != skein.SyncSame && s.shown[step.Action] < planSteps:
		s.shown[step.Action]++
		row.Steps = append(row.Steps, step)
	case !s.plan && step.Action == skein.SyncFail && len(row.Steps) < failedSteps:
		row.Steps = append(slices.Clip(row.Steps), step) // others read what it was
	}
}

// keep writes the place down, now and then.
func (s *syncing) keep(ctx context.Context) error {
	if s.plan {
		return nil
	}
	now := s.c.Now()
	s.c.jobs.mu.Lock()
	due := now.Sub(s.kept) >= syncKeep
	if due {
		s.kept = now
	}
	s.c.jobs.mu.Unlock()
	if !due {
		return nil
	}
	return s.c.keepJobs(ctx)
}

// pull takes in what a member has newer. A member's inventory has no order to
// go on in: interrupted, it is gone through again, and what was taken in is the
// same then.
func (s *syncing) pull(ctx context.Context, name string) error {
	c, in := s.c, s.row.Request
	if c.Inventory == nil {
		return &skein.Error{Kind: skein.KindConflict, What: "this node reads no members", Mend: "synchronise on one that does"}
	}
	m, err := c.fromMember(ctx, name)
	if err == nil && !c.ownsMember(s.known, s.row.Actor, m) {
		err = noMember(name)
	}
	if err != nil {
		return err
	}
	l := looking{hides: s.hides, deleted: in.Unconfigured || in.Zone != "", here: !in.Unconfigured && in.Zone == ""}
	take := func(ctx context.Context, of zone.Name, contents zone.Contents, err error) error {
		soa, _ := contents.SOA()
		held := skein.Held{Zone: of, Serial: soa.Serial}
		if ctx.Err() != nil { // the job was ended: the zone is not to blame
			return ctx.Err()
		}
		if err != nil {
			s.note(unread(name, held, err))
			return nil
		}
		step, err := s.takeIn(ctx, m, held, contents, l)
		if ctx.Err() != nil && err != nil {
			return ctx.Err()
		}
		s.note(step)
		return errors.Join(Trouble(err), s.keep(ctx))
	}
	if in.Zone != "" {
		return c.Inventory.Read(ctx, m.Name, []zone.Name{in.Zone}, take)
	}
	pick := func(ctx context.Context, page []skein.Held) (read []zone.Name, err error) {
		for _, held := range page {
			_, step, err := c.look(ctx, m, held, l)
			switch {
			case errors.Is(err, errMoved):
				step.Action = skein.SyncReplace // it is looked at again when it is read
			case err != nil:
				return nil, err
			}
			if isNewer(step) && (!s.plan || held.Serial == 0) {
				read = append(read, held.Zone)
			} else {
				s.note(step)
			}
		}
		return read, s.keep(ctx)
	}
	return c.Inventory.Walk(ctx, m.Name, pick, take)
}

// takeIn takes a copy in or, for a plan, says what would become of it.
func (s *syncing) takeIn(ctx context.Context, m skein.Member, held skein.Held, contents zone.Contents, l looking) (skein.SyncStep, error) {
	if !s.plan {
		return s.c.takeIn(ctx, m.Name, contents, l)
	}
	_, step, err := s.c.look(ctx, m, held, l)
	return step, err
}

// unread is the step of a zone that could not be read; one that the member
// does not have is nothing.
func unread(member string, held skein.Held, err error) skein.SyncStep {
	if skein.KindOf(err) == skein.KindNotFound {
		return skein.SyncStep{Zone: held.Zone, Member: member, Action: skein.SyncLeave, Reason: reason(err)}
	}
	return failedStep(member, held, err)
}
