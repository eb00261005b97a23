package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/skein-dns/skein"
	"github.com/skein-dns/skein/internal/store"
)

const (
	clusterEdit    = "cluster.edit"
	clusterEnable  = "cluster.enable"
	clusterDisable = "cluster.disable"

	clusterKey = "cluster" // of the settings in the store

	defaultThreshold = 10
	maxThreshold     = 1000
	maxTrusted       = 1000 // networks
)

// clustering is the settings of the cluster in memory.
type clustering struct {
	change sync.Mutex // one change of them at a time; taken before mu

	mu  sync.Mutex // owns row
	row skein.ClusterSettings
}

// settings returns those in force. What they hold is not to be written to.
func (c *Control) settings() skein.ClusterSettings {
	c.clustering.mu.Lock()
	defer c.clustering.mu.Unlock()
	return c.clustering.row
}

func (c *Control) setSettings(row skein.ClusterSettings) {
	c.clustering.mu.Lock()
	defer c.clustering.mu.Unlock()
	c.clustering.row = row
}

// startClustering takes up the settings that are stored: where clustering is
// disabled, it is so before anything is told or answered.
func (c *Control) startClustering(ctx context.Context) error {
	row := skein.ClusterSettings{
		Enabled: true, Threshold: defaultThreshold, Reenable: skein.ReenableAutomatic,
		Conflicts: skein.ConflictsPerson, Remote: skein.RemoteAllowed, Trusted: []netip.Prefix{}, FailureNotices: true,
	}
	kept, err := c.Store.Setting(ctx, clusterKey)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(kept, &row); err != nil {
			return fmt.Errorf("reading the settings of the cluster: %w", err)
		}
	}
	c.setSettings(row)
	c.tellThreshold(row)
	if row.Enabled {
		return nil
	}
	c.Cluster.SetPaused(true)
	if c.Nameserver == nil {
		return nil
	}
	return c.Nameserver.Freeze(func() (skein.Revision, error) { return row.Released, nil })
}

func (c *Control) tellThreshold(row skein.ClusterSettings) {
	threshold := row.Threshold
	if row.KeepOnline {
		threshold = 0
	}
	c.Cluster.SetThreshold(threshold, row.Reenable == skein.ReenableAutomatic)
}

// keepSettings stores settings. Kept says that they are, or may be: an error
// may come after the deed.
func (c *Control) keepSettings(ctx context.Context, row skein.ClusterSettings) (kept bool, err error) {
	value, err := json.Marshal(row)
	if err != nil {
		return false, fmt.Errorf("encoding the settings of the cluster: %w", err)
	}
	if err = c.Store.PutSetting(ctx, clusterKey, value); err == nil {
		return true, nil
	}
	now, unread := c.Store.Setting(context.WithoutCancel(ctx), clusterKey)
	switch {
	case errors.Is(unread, store.ErrNotFound):
		return false, err
	case unread != nil:
		return true, err
	case bytes.Equal(now, value):
		return true, nil
	}
	return false, err
}

// ClusterSettings returns what holds for all members, for administrators.
func (c *Control) ClusterSettings(ctx context.Context, actor skein.Actor) (skein.ClusterSettings, error) {
	if err := c.oversee(ctx, actor); err != nil {
		return skein.ClusterSettings{}, err
	}
	return c.settings(), nil
}

// recordedChange is recorded, where a change that changes nothing leaves no trace.
func (c *Control) recordedChange(ctx context.Context, change skein.Change, err error) error {
	if errors.Is(err, errSame) {
		return nil
	}
	return c.recorded(ctx, change, err)
}

// expectedVersion is the compare of compare and set. nil takes what is there.
func expectedVersion(what string, version int, expect *int) error {
	if expect == nil || *expect == version {
		return nil
	}
	return &skein.Error{Kind: skein.KindConflict, Cause: store.ErrChanged,
		What: fmt.Sprintf("%s changed meanwhile: the version is %d, not %d", what, version, *expect),
		Mend: "look at it as it is now and make the change again"}
}
