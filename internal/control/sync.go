package control

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

const (
	syncStart  = "sync.start"
	syncCancel = "sync.cancel"

	// syncKey is the name of the setting that the jobs are kept in.
	syncKey = "sync jobs"
	// maxEnded is how many jobs of a tenant are kept that have ended,
	// maxWaitingJobs how many of it may be waiting for their turn.
	maxEnded       = 50
	maxWaitingJobs = 100
	// planSteps is how many steps of each kind a plan shows; there are six kinds.
	planSteps = 150
	// failedSteps is how many of those that failed a job tells.
	failedSteps = 20
)

// syncJobs are the synchronisations, the oldest first. One of all zones runs at
// a time, and beside it one of a single zone.
type syncJobs struct {
	mu   sync.Mutex // owns the rest
	list []*syncRow
	wake map[bool]chan struct{} // by whether they are of all zones
}

// syncRow is a job with what is needed to go on with it.
type syncRow struct {
	skein.SyncJob
	Actor  skein.Actor `json:"actor"`
	Admin  bool        `json:"admin"`  // of the actor
	Tenant string      `json:"tenant"` // of the actor
	Legs   []syncLeg   `json:"legs"`
	Leg    int         `json:"leg"` // the one that is under way

	Before skein.SyncJob `json:"before"` // as it was when that began

	cancel context.CancelFunc // of the run; nil if it does not run
}

// syncLeg is a part of a job: what one member has newer is taken in, or members
// are brought in step. Where ours is put above theirs these are all at once,
// since it must be above all of them.
type syncLeg struct {
	Pull string   `json:"pull,omitempty"`
	Push []string `json:"push,omitempty"`
}

func (r *syncRow) ofAll() bool { return r.Request.Zone == "" }

func newSyncJobs() syncJobs {
	return syncJobs{wake: map[bool]chan struct{}{true: make(chan struct{}, 1), false: make(chan struct{}, 1)}}
}

// startSync takes up the jobs that are stored.
func (c *Control) startSync(ctx context.Context) error {
	kept, err := c.Store.Setting(ctx, syncKey)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.jobs.mu.Lock()
	defer c.jobs.mu.Unlock()
	if err := json.Unmarshal(kept, &c.jobs.list); err != nil {
		return fmt.Errorf("reading the synchronisations: %w", err)
	}
	for _, r := range c.jobs.list {
		r.Actor.Admin = r.Admin
	}
	c.jobs.poke()
	return nil
}

// poke wakes those who run jobs. s.mu is held.
func (s *syncJobs) poke() {
	for _, wake := range s.wake {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// keepJobs writes the jobs down, without those that ended long ago.
func (c *Control) keepJobs(ctx context.Context) error {
	s := &c.jobs
	s.mu.Lock()
	ended := map[string]int{}
	for i := len(s.list) - 1; i >= 0; i-- {
		of := s.list[i].Tenant
		if s.list[i].State == skein.SyncRunning {
			continue
		}
		if ended[of]++; ended[of] > maxEnded {
			s.list = slices.Delete(s.list, i, i+1)
		}
	}
	kept, err := json.Marshal(s.list)
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("encoding the synchronisations: %w", err)
	}
	return c.Store.PutSetting(ctx, syncKey, kept)
}

// Sync starts to synchronise zones with members or, for a dry run, returns
// what that would do: the first steps of each kind, and how many there are. The
// same request again returns the job that is under way.
func (c *Control) Sync(ctx context.Context, actor skein.Actor, in skein.SyncRequest) (job skein.SyncJob, err error) {
	row, err := c.syncRow(ctx, actor, in)
	if err == nil && in.DryRun {
		return c.planSync(ctx, row)
	}
	change := c.aside(actor, syncStart, syncSubject(in))
	defer func() { err = c.recorded(ctx, change, err) }()
	if err != nil {
		return job, err
	}
	if job, err = c.jobs.add(row); err != nil || job.ID != row.ID {
		return job, err
	}
	if err := c.keepJobs(ctx); err != nil {
		c.jobs.withdraw(row)
		return skein.SyncJob{}, err
	}
	c.jobs.mu.Lock()
	c.jobs.poke()
	c.jobs.mu.Unlock()
	return job, nil
}

func syncSubject(in skein.SyncRequest) string {
	if in.Zone != "" {
		return string(in.Zone)
	}
	return "all zones"
}

// syncRow makes a job of a request: which members, and in which order.
func (c *Control) syncRow(ctx context.Context, actor skein.Actor, in skein.SyncRequest) (*syncRow, error) {
	k, err := c.permit(ctx, actor, skein.PermitClustering)
	if err != nil {
		return nil, err
	}
	if in.Zone != "" {
		if err := checkZoneName(in.Zone); err != nil {
			return nil, err
		}
	}
	if !c.settings().Enabled {
		return nil, &skein.Error{Kind: skein.KindConflict, What: "clustering is disabled: nothing is synchronised", Mend: "enable it: skein cluster enable"}
	}
	own, all, err := c.partners(ctx, k, actor, in)
	if err != nil {
		return nil, err
	}
	row := &syncRow{Actor: actor, Admin: actor.Admin, Tenant: k.TenantOf(actor)}
	if row.Legs, err = legsOf(in, own, all); err != nil {
		return nil, err
	}
	if in.Zone != "" && row.Legs[0].Pull == "" { // none could bring it
		if _, err := c.Zone(ctx, actor, in.Zone); err != nil {
			return nil, err
		}
	}
	row.SyncJob = skein.SyncJob{ID: rand.Text(), Request: in, By: actor.Name, Began: c.Now().UTC(), State: skein.SyncRunning}
	zones := 1
	switch {
	case in.Zone != "":
	case k.Whole(actor):
		zones, _, err = c.Store.Totals(ctx)
	default:
		zones, err = c.countZones(ctx, k, actor)
	}
	row.Total = zones * len(row.Legs)
	row.Before = row.SyncJob
	return row, err
}
