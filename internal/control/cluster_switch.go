package control

import (
	"context"
	"time"

	"github.com/skein-dns/skein"
)

// SetClustering enables or disables clustering as a whole. While it is
// disabled changes are kept, no member is told of them, and this node's own
// nameserver stays at the newest revision of now.
func (c *Control) SetClustering(ctx context.Context, actor skein.Actor, enable bool) (row skein.ClusterSettings, err error) {
	action := clusterDisable
	if enable {
		action = clusterEnable
	}
	change := c.aside(actor, action, "")
	defer func() { err = c.recordedChange(ctx, change, err) }()
	if err := c.administer(ctx, actor); err != nil {
		return row, err
	}
	c.clustering.change.Lock()
	defer c.clustering.change.Unlock()
	row = c.settings()
	if row.Enabled == enable {
		return row, errSame
	}
	row.Enabled, row.ChangedBy, row.ChangedAt = enable, actor.Name, c.Now().UTC()
	row.Version++
	if enable {
		row.Released = 0
		return c.enableClustering(ctx, row)
	}
	return c.disableClustering(ctx, row)
}

func (c *Control) enableClustering(ctx context.Context, row skein.ClusterSettings) (skein.ClusterSettings, error) {
	// Where it is not certain that the store has it all stays as it is: after
	// a restart nothing may be older than it was before.
	if _, err := c.keepSettings(ctx, row); err != nil {
		return c.settings(), err
	}
	c.setSettings(row)
	if c.Nameserver != nil {
		c.Nameserver.Thaw()
	}
	c.Cluster.SetPaused(false)
	return row, nil
}

func (c *Control) disableClustering(ctx context.Context, row skein.ClusterSettings) (skein.ClusterSettings, error) {
	before := c.settings()
	var unclear error // it may be stored, and then it holds
	c.Cluster.SetPaused(true)
	err := c.freeze(func() (newest skein.Revision, err error) {
		if _, newest, err = c.Store.Totals(ctx); err != nil {
			return 0, err
		}
		row.Released = newest
		kept, err := c.keepSettings(ctx, row)
		if kept {
			unclear, err = err, nil
		}
		return newest, err
	})
	if err != nil {
		c.Cluster.SetPaused(false)
		return before, err
	}
	c.setSettings(row)
	return row, unclear
}

func (c *Control) freeze(at func() (skein.Revision, error)) error {
	if c.Nameserver == nil {
		_, err := at()
		return err
	}
	return c.Nameserver.Freeze(at)
}

// PurgeBefore returns the time before which history may go. While clustering is
// disabled none goes: what members may have is worked out from all that came
// since, and a clock that was wrong must not take a part of that away.
func (c *Control) PurgeBefore() time.Time {
	if !c.settings().Enabled {
		return time.Time{}
	}
	return c.Now().Add(-c.Keep)
}
