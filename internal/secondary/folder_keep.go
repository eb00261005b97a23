package secondary

import (
	"context"

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
	if err := f.disk.store(k.id, &k.stored, delta, c, t.State.Confirmed); err != nil {
		// It is served; only a restart would have to transfer it again.
		f.log.Error("a transferred zone cannot be stored", "zone", t.Name, "err", err)
	}
	return nil
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
	if err := f.disk.confirm(k.id, s.Confirmed); err != nil {
		f.log.Error("that a zone is current cannot be noted on disk", "zone", z.Name, "err", err)
	}
	return nil
}

// Expire implements Keeper.
func (f *Folder) Expire(z Ref) { f.into.Fail(z.Name) }
