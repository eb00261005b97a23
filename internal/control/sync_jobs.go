package control

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/auth"
	"github.com/skein-dns/skein/internal/store"
)

// SyncJobs returns the synchronisations of the actor's tenants, the newest first.
func (c *Control) SyncJobs(ctx context.Context, actor skein.Actor) ([]skein.SyncJob, error) {
	k, err := c.see(ctx, actor, skein.PermitClustering)
	if err != nil {
		return nil, err
	}
	c.jobs.mu.Lock()
	defer c.jobs.mu.Unlock()
	list := make([]skein.SyncJob, 0, len(c.jobs.list))
	for _, row := range slices.Backward(c.jobs.list) {
		if k.Reaches(actor, row.Tenant) {
			list = append(list, row.SyncJob)
		}
	}
	return list, nil
}

// SyncJob returns one synchronisation.
func (c *Control) SyncJob(ctx context.Context, actor skein.Actor, id string) (skein.SyncJob, error) {
	k, err := c.see(ctx, actor, skein.PermitClustering)
	if err != nil {
		return skein.SyncJob{}, err
	}
	c.jobs.mu.Lock()
	defer c.jobs.mu.Unlock()
	row, err := c.jobs.find(k, actor, id)
	if err != nil {
		return skein.SyncJob{}, err
	}
	return row.SyncJob, nil
}

// CancelSync ends a synchronisation. What it has done stays.
func (c *Control) CancelSync(ctx context.Context, actor skein.Actor, id string) (job skein.SyncJob, err error) {
	change := c.aside(actor, syncCancel, id)
	defer func() { err = c.recorded(ctx, change, err) }()
	k, err := c.permit(ctx, actor, skein.PermitClustering)
	if err != nil {
		return job, err
	}
	c.jobs.mu.Lock()
	row, err := c.jobs.find(k, actor, id)
	if err == nil {
		if row.State == skein.SyncRunning {
			row.State, row.Ended = skein.SyncCancelled, c.Now().UTC()
			if row.cancel != nil {
				row.cancel()
			}
		}
		job = row.SyncJob
	}
	c.jobs.mu.Unlock()
	if err != nil {
		return job, err
	}
	return job, c.keepJobs(ctx)
}

// find returns a job that is an actor's affair. s.mu is held.
func (s *syncJobs) find(k auth.Known, actor skein.Actor, id string) (*syncRow, error) {
	for _, row := range s.list {
		if row.ID == id && k.Reaches(actor, row.Tenant) {
			return row, nil
		}
	}
	return nil, &skein.Error{Kind: skein.KindNotFound, Cause: store.ErrNotFound, What: fmt.Sprintf("there is no synchronisation %.100q", id), Mend: "skein sync shows those that there are"}
}

// add takes a job on and returns it, or the one of the same request that is
// under way. Another of the same zones is refused. Those of other tenants make
// no difference but that they come first.
func (s *syncJobs) add(row *syncRow) (skein.SyncJob, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := 0
	for _, other := range s.list {
		if other.State != skein.SyncRunning || other.ofAll() != row.ofAll() || other.Tenant != row.Tenant {
			continue
		}
		waiting++
		switch {
		case reflect.DeepEqual(other.Request, row.Request):
			return other.SyncJob, nil
		case other.Request.Zone.Equal(row.Request.Zone):
			return skein.SyncJob{}, &skein.Error{Kind: skein.KindConflict, What: fmt.Sprintf("a synchronisation of %s is under way as %s", syncSubject(row.Request), other.ID),
				Mend: "wait for it, or end it: skein sync --cancel " + other.ID}
		}
	}
	if waiting >= maxWaitingJobs {
		return skein.SyncJob{}, &skein.Error{Kind: skein.KindUnavailable, What: fmt.Sprintf("%d synchronisations wait already", waiting), Mend: "try again later, or synchronise all zones at once"}
	}
	s.list = append(s.list, row)
	return row.SyncJob, nil
}

func (s *syncJobs) withdraw(row *syncRow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = slices.DeleteFunc(s.list, func(r *syncRow) bool { return r == row })
}
