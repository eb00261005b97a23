package secondary

import (
	"context"
	"time"

	"github.com/skein-dns/skein/zone"
)

// Recall implements Keeper; all that is kept was loaded.
func (f *Folder) Recall(context.Context, Ref) State { return State{} }

// Have implements Keeper: what is served, or was until it expired.
func (f *Folder) Have(_ context.Context, z Ref, serial uint32) zone.Contents {
	c, _ := f.into.Current(z.Name)
	if soa, ok := c.SOA(); !ok || soa.Serial != serial {
		return zone.Contents{}
	}
	return c
}

// Take implements Keeper: it serves contents and stores them.
func (f *Folder) Take(_ context.Context, t Taken) error {
	k, there := f.find(t.Name)
	if !there {
		return context.Canceled
	}
	k.writing.Lock()
	defer k.writing.Unlock()
	if k.gone {
		return context.Canceled
	}
	c := t.Contents
	// What stayed is shared with what was served before, and not written again.
	var delta *zone.Delta
	before, served := f.into.Current(t.Name)
	if !before.IsZero() {
		d := zone.Diff(before, c)
		if next, err := before.Apply(d); err == nil {
			c, delta = next, &d
		}
	}
	if delta == nil || !delta.IsZero() || !served {
		f.into.Put(c)
	}
	if k.waits || k.stored.base == 0 && f.Set.pressed() {
		f.writeLater(k, t.State.Confirmed)
		return nil
	}
	f.store(k, delta, c, t.State.Confirmed)
	return nil
}

// store writes contents that are served. The caller holds writing.
func (f *Folder) store(k *holding, delta *zone.Delta, c zone.Contents, confirmed time.Time) {
	if err := f.disk.store(k.id, &k.stored, delta, c, confirmed); err != nil {
		// Only a restart would have to transfer it again.
		f.log.Error("a transferred zone cannot be stored", "zone", k.name, "err", err)
	}
}

// mostWait is how long contents wait to be written where more are coming.
const mostWait = 5 * time.Second

// writeLater has the first contents of a zone written soon: where thousands of
// zones come at once, they are served first. The caller holds writing.
func (f *Folder) writeLater(k *holding, confirmed time.Time) {
	k.confirmed = confirmed
	if k.waits {
		return
	}
	k.waits = true
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fresh = append(f.fresh, k)
}

// writeFresh writes what waits.
func (f *Folder) writeFresh() {
	f.mu.Lock()
	fresh := f.fresh
	f.fresh = nil
	f.mu.Unlock()
	for _, k := range fresh {
		k.writing.Lock()
		k.waits = false
		if c, _ := f.into.Current(k.name); !k.gone && !c.IsZero() {
			f.store(k, nil, c, k.confirmed)
		}
		k.writing.Unlock()
	}
}

// writeUntil brings everything to disk, again and again until ctx ends.
func (f *Folder) writeUntil(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	wrote := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if now := time.Now(); !f.Set.pressed() || now.Sub(wrote) >= mostWait {
				wrote = now
				f.writeFresh()
			}
			if err := f.disk.flush(); err != nil {
				f.log.Error("zones that were transferred are not on disk yet", "err", err)
			}
		}
	}
}

// Settled implements Keeper; a folder takes everything.
func (f *Folder) Settled(context.Context, Ref, State) bool { return true }

// Confirm implements Keeper: it notes on disk that contents are current.
func (f *Folder) Confirm(_ context.Context, z Ref, s State) error {
	k, there := f.find(z.Name)
	if !there {
		return context.Canceled
	}
	k.writing.Lock()
	defer k.writing.Unlock()
	if k.gone {
		return context.Canceled
	}
	if c, served := f.into.Current(z.Name); !served && !c.IsZero() {
		f.into.Put(c)
	}
	if k.waits {
		k.confirmed = s.Confirmed
		return nil
	}
	if err := f.disk.confirm(k.id, s.Confirmed); err != nil {
		f.log.Error("that a zone is current cannot be noted on disk", "zone", z.Name, "err", err)
	}
	return nil
}

// Expire implements Keeper.
func (f *Folder) Expire(z Ref) { f.into.Fail(z.Name) }
